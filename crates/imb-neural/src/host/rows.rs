//! Loops over rows of numbers, for the graph of the adversarial and generative methods.

use std::ops::AddAssign;

use super::number::Number;

pub(super) fn add_all<T: Copy + AddAssign>(into: &mut [T], numbers: &[T]) {
    into.iter_mut().zip(numbers).for_each(|(into, number)| *into += *number);
}

/// Row by row: where a gradient goes, the gradient that comes, and the numbers made.
pub(super) fn rows_of<'a, T>(
    into: &'a mut [T],
    gradient: &'a [T],
    made: &'a [T],
    columns: usize,
) -> impl Iterator<Item = (&'a mut [T], (&'a [T], &'a [T]))> {
    into.chunks_exact_mut(columns).zip(gradient.chunks_exact(columns).zip(made.chunks_exact(columns)))
}

fn largest<T: Number>(row: &[T]) -> T {
    row.iter().copied().fold(T::neg_infinity(), T::max)
}

pub(super) fn log_sum_exp<T: Number>(row: &[T]) -> T {
    let largest = largest(row);
    largest + row.iter().map(|x| (*x - largest).exp()).sum::<T>().ln()
}

pub(super) fn softmax_row<T: Number>(row: &mut [T]) {
    let largest = largest(row);
    let mut total = T::zero();
    for x in row.iter_mut() {
        *x = (*x - largest).exp();
        total += *x;
    }
    let share = total.recip();
    row.iter_mut().for_each(|x| *x *= share);
}

/// The exponential is always of a number that is not above 0.
pub(super) fn sigmoid<T: Number>(x: T) -> T {
    let exponential = (-x.abs()).exp();
    let share = (T::one() + exponential).recip();
    if x > T::zero() { share } else { exponential * share }
}
