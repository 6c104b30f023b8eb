//! Matrices on the processor that remember how they were made: reverse differentiation for small networks.
//!
//! A matrix that depends on a parameter holds a node: where its gradient gathers, and a closure that
//! hands the gradient on to what it was made of. Matrices that depend on none hold numbers only, so work
//! without gradients costs nothing more. Products, activations and Adam run on the processor's vectors.

use std::borrow::Cow;
use std::rc::Rc;

use ndarray::{Array2, ArrayView2};

use super::arch;
use super::node::Node;
use super::number::Number;
use super::product::{View, add_product};
use super::real::Real;
use super::rows::{add_all, log_sum_exp, rows_of, sigmoid, softmax_row};
use crate::matrix::{AdamStep, DescentStep, Matrix};

/// A matrix, `(n_rows, n_columns)`, row after row.
#[derive(Clone)]
pub(crate) struct HostMatrix<T> {
    shape: [usize; 2],
    numbers: Rc<Vec<T>>,
    node: Option<Rc<Node<T>>>,
}

impl<T: Number> HostMatrix<T> {
    fn plain(shape: [usize; 2], numbers: Vec<T>) -> Self {
        debug_assert_eq!(numbers.len(), shape[0] * shape[1]);
        Self { shape, numbers: Rc::new(numbers), node: None }
    }

    /// The result of an operation. `backward` gets the result's gradient and numbers.
    fn made_of(
        shape: [usize; 2],
        numbers: Vec<T>,
        parents: &[&Self],
        backward: impl Fn(&[T], &[T]) + 'static,
    ) -> Self {
        let mut made = Self::plain(shape, numbers);
        let parents: Vec<_> = parents.iter().filter_map(|parent| parent.node.clone()).collect();
        if !parents.is_empty() {
            let numbers = made.numbers.clone();
            let backward = Box::new(move |gradient: &[T]| backward(gradient, &numbers));
            made.node = Some(Rc::new(Node::new(parents, Some(backward))));
        }
        made
    }

    /// Adds a part to the gradient of this matrix, if anyone wants it.
    fn receive(&self, add: impl FnOnce(&mut [T])) {
        if let Some(node) = &self.node {
            node.receive(self.numbers.len(), add);
        }
    }

    /// Adds left · right to the gradient of this matrix, if anyone wants it.
    fn receive_product(&self, left: View<'_, T>, right: View<'_, T>) {
        if let Some(node) = &self.node {
            node.receive_product(self.numbers.len(), left, right);
        }
    }

    /// Adds a part with one number a place, if anyone wants it.
    fn receive_each(&self, part: impl ExactSizeIterator<Item = T>) {
        if let Some(node) = &self.node {
            node.receive_each(part);
        }
    }

    /// A function of each number, with its derivative from the number and the function's value.
    fn map(&self, of: impl Fn(T) -> T, derivative: impl Fn(T, T) -> T + 'static) -> Self {
        let numbers = self.numbers.iter().map(|x| of(*x)).collect();
        let x = self.clone();
        Self::made_of(self.shape, numbers, &[self], move |gradient, made| {
            let places = gradient.iter().zip(x.numbers.iter().zip(made));
            x.receive_each(places.map(|(gradient, (x, made))| *gradient * derivative(*x, *made)));
        })
    }

    fn view(&self) -> View<'_, T> {
        View::new(&self.numbers, self.shape)
    }

    /// What this row, column or single number adds to each place of a matrix: the steps by row and column.
    fn steps(&self) -> [usize; 2] {
        let [rows, columns] = self.shape;
        [if rows == 1 { 0 } else { columns }, usize::from(columns > 1)]
    }

    /// Each number with that of another matrix which counts there.
    fn with_each(&self, other: &Self, of: impl Fn(T, T) -> T) -> Vec<T> {
        if self.shape == other.shape {
            return self.numbers.iter().zip(other.numbers.iter()).map(|(a, b)| of(*a, *b)).collect();
        }
        let mut numbers = self.numbers.to_vec();
        other.broadcast(self.shape, |place, at| numbers[place] = of(numbers[place], other.numbers[at]));
        numbers
    }

    /// Goes through all places of `shape` with the place of this matrix that counts there.
    fn broadcast(&self, shape: [usize; 2], mut at: impl FnMut(usize, usize)) {
        let [by_row, by_column] = self.steps();
        for row in 0..shape[0] {
            for column in 0..shape[1] {
                at(row * shape[1] + column, row * by_row + column * by_column);
            }
        }
    }
}

impl<T: Number> Matrix for HostMatrix<T> {
    type Place = ();

    fn constant(values: ArrayView2<'_, f64>, (): &()) -> Self {
        Self::plain([values.nrows(), values.ncols()], values.iter().map(|x| T::from_f64(*x)).collect())
    }

    fn parameter(values: ArrayView2<'_, f64>, (): &()) -> Self {
        let node = Some(Rc::new(Node::new(vec![], None)));
        Self { node, ..Self::constant(values, &()) }
    }

    fn values(&self) -> Array2<f64> {
        let numbers: Vec<f64> = self.numbers.iter().map(|x| Real::to_f64(*x)).collect();
        Array2::from_shape_vec(self.shape, numbers).expect("as many numbers as the shape says")
    }

    fn shape(&self) -> [usize; 2] {
        self.shape
    }

    fn detached(&self) -> Self {
        Self { node: None, ..self.clone() }
    }

    fn dense(&self, weight: &Self, bias: &Self, slope: f64) -> Self {
        let shape = [self.shape[0], weight.shape[1]];
        let slope = T::from_f64(slope);
        let mut sums = Vec::with_capacity(shape[0] * shape[1]);
        (0..shape[0]).for_each(|_| sums.extend_from_slice(&bias.numbers));
        add_product(&mut sums, self.view(), weight.view());
        if slope != T::one() {
            arch().dispatch(|| {
                for sum in &mut sums {
                    *sum = if *sum > T::zero() { *sum } else { slope * *sum };
                }
            });
        }
        let [x, w, b] = [self, weight, bias].map(Clone::clone);
        Self::made_of(shape, sums, &[self, weight, bias], move |gradient, made| {
            // The sign of the output is that of the sum, or the output is 0 and so is its derivative.
            let slope_of = |out: &T| if *out > T::zero() { T::one() } else { slope };
            let gradient: Cow<'_, [T]> = if slope == T::one() {
                gradient.into()
            } else {
                gradient.iter().zip(made).map(|(gradient, out)| *gradient * slope_of(out)).collect()
            };
            let gradient_view = View::new(&gradient, shape);
            x.receive_product(gradient_view, w.view().transposed());
            w.receive_product(x.view().transposed(), gradient_view);
            b.receive(|into| {
                // Summed apart from what is there already, so that two parts that cancel leave 0: of a
                // remainder in the last bit Adam would make a step of full size.
                let mut sums = vec![T::zero(); shape[1]];
                gradient.chunks_exact(shape[1]).for_each(|row| add_all(&mut sums, row));
                add_all(into, &sums);
            });
        })
    }

    fn slopes(&self, slope: f64) -> Self {
        let slope = T::from_f64(slope);
        let of = |x: &T| if *x > T::zero() { T::one() } else { slope };
        Self::plain(self.shape, self.numbers.iter().map(of).collect())
    }

    fn matmul(&self, right: &Self) -> Self {
        let shape = [self.shape[0], right.shape[1]];
        let mut numbers = vec![T::zero(); shape[0] * shape[1]];
        add_product(&mut numbers, self.view(), right.view());
        let (a, b) = (self.clone(), right.clone());
        Self::made_of(shape, numbers, &[self, right], move |gradient, _| {
            let gradient = View::new(gradient, shape);
            a.receive_product(gradient, b.view().transposed());
            b.receive_product(a.view().transposed(), gradient);
        })
    }

    fn matmul_transposed(&self, right: &Self) -> Self {
        let shape = [self.shape[0], right.shape[0]];
        let mut numbers = vec![T::zero(); shape[0] * shape[1]];
        add_product(&mut numbers, self.view(), right.view().transposed());
        let (a, b) = (self.clone(), right.clone());
        Self::made_of(shape, numbers, &[self, right], move |gradient, _| {
            let gradient = View::new(gradient, shape);
            a.receive_product(gradient, b.view());
            b.receive_product(gradient.transposed(), a.view());
        })
    }

    fn gram(&self) -> Self {
        let [n, columns] = self.shape;
        let mut numbers = vec![T::zero(); n * n];
        add_product(&mut numbers, self.view(), self.view().transposed());
        let x = self.clone();
        Self::made_of([n, n], numbers, &[self], move |gradient, _| {
            // Each number is made of two rows of x, so its gradient goes to both: one product of the sum of
            // the gradient and its transpose.
            let both = |at: usize| gradient[at] + gradient[at % n * n + at / n];
            let both: Vec<T> = (0..n * n).map(both).collect();
            let right = View::new(&x.numbers, [n, columns]);
            x.receive_product(View::new(&both, [n, n]), right);
        })
    }

    fn add(&self, other: &Self) -> Self {
        let numbers = self.with_each(other, |a, b| a + b);
        let (shape, a, b) = (self.shape, self.clone(), other.clone());
        Self::made_of(shape, numbers, &[self, other], move |gradient, _| {
            a.receive_each(gradient.iter().copied());
            if b.shape == shape {
                return b.receive_each(gradient.iter().copied());
            }
            b.receive(|into| b.broadcast(shape, |place, at| into[at] += gradient[place]));
        })
    }

    /// In one pass where no number counts twice.
    fn sub(&self, other: &Self) -> Self {
        if self.shape != other.shape {
            return self.add(&other.scale(-1.0));
        }
        let numbers = self.with_each(other, |a, b| a - b);
        let (a, b) = (self.clone(), other.clone());
        Self::made_of(self.shape, numbers, &[self, other], move |gradient, _| {
            a.receive_each(gradient.iter().copied());
            b.receive_each(gradient.iter().map(|gradient| -*gradient));
        })
    }

    fn mul(&self, other: &Self) -> Self {
        let numbers = self.with_each(other, |a, b| a * b);
        let (shape, a, b) = (self.shape, self.clone(), other.clone());
        Self::made_of(shape, numbers, &[self, other], move |gradient, _| {
            if b.shape == shape {
                for (one, other) in [(&a, &b), (&b, &a)] {
                    let places = gradient.iter().zip(other.numbers.iter());
                    one.receive_each(places.map(|(gradient, x)| *gradient * *x));
                }
                return;
            }
            a.receive(|into| b.broadcast(shape, |place, at| into[place] += gradient[place] * b.numbers[at]));
            b.receive(|into| b.broadcast(shape, |place, at| into[at] += gradient[place] * a.numbers[place]));
        })
    }

    fn scale(&self, factor: f64) -> Self {
        let factor = T::from_f64(factor);
        self.map(|x| factor * x, move |_, _| factor)
    }

    fn shift(&self, by: f64) -> Self {
        let by = T::from_f64(by);
        self.map(|x| x + by, |_, _| T::one())
    }

    fn power(&self, exponent: f64) -> Self {
        let exponent = T::from_f64(exponent);
        self.map(|x| x.powf(exponent), move |x, _| exponent * x.powf(exponent - T::one()))
    }

    fn exp(&self) -> Self {
        self.map(|x| x.exp(), |_, made| made)
    }

    fn ln(&self) -> Self {
        self.map(|x| x.ln(), |x, _| x.recip())
    }

    fn sigmoid(&self) -> Self {
        let x = self.clone();
        let numbers = self.numbers.iter().map(|x| sigmoid(*x)).collect();
        Self::made_of(self.shape, numbers, &[self], move |gradient, made| {
            let places = gradient.iter().zip(made);
            x.receive_each(places.map(|(gradient, made)| *made * (*gradient - *gradient * *made)));
        })
    }

    fn log_softmax(&self) -> Self {
        let columns = self.shape[1];
        let mut numbers = self.numbers.to_vec();
        for row in numbers.chunks_exact_mut(columns) {
            let total = log_sum_exp(row);
            row.iter_mut().for_each(|x| *x -= total);
        }
        let x = self.clone();
        Self::made_of(self.shape, numbers, &[self], move |gradient, made| {
            x.receive(|into| {
                for (into, (gradient, made)) in rows_of(into, gradient, made, columns) {
                    let total: T = gradient.iter().copied().sum();
                    for (into, (gradient, log_p)) in into.iter_mut().zip(gradient.iter().zip(made)) {
                        *into += *gradient - total * log_p.exp();
                    }
                }
            });
        })
    }

    fn softmax(&self) -> Self {
        let columns = self.shape[1];
        let mut numbers = self.numbers.to_vec();
        numbers.chunks_exact_mut(columns).for_each(softmax_row);
        let x = self.clone();
        Self::made_of(self.shape, numbers, &[self], move |gradient, made| {
            x.receive(|into| {
                for (into, (gradient, made)) in rows_of(into, gradient, made, columns) {
                    let mean: T = gradient.iter().zip(made).map(|(gradient, p)| *gradient * *p).sum();
                    for (into, (gradient, p)) in into.iter_mut().zip(gradient.iter().zip(made)) {
                        *into += *p * (*gradient - mean);
                    }
                }
            });
        })
    }

    fn log_sum_exp(&self) -> Self {
        let columns = self.shape[1];
        let numbers = self.numbers.chunks_exact(columns).map(log_sum_exp).collect();
        let x = self.clone();
        Self::made_of([self.shape[0], 1], numbers, &[self], move |gradient, made| {
            x.receive(|into| {
                let rows = into.chunks_exact_mut(columns).zip(x.numbers.chunks_exact(columns));
                for ((into, row), (gradient, total)) in rows.zip(gradient.iter().zip(made)) {
                    for (into, x) in into.iter_mut().zip(row) {
                        *into += *gradient * (*x - *total).exp();
                    }
                }
            });
        })
    }

    fn row_sums(&self) -> Self {
        let columns = self.shape[1];
        let numbers =
            self.numbers.chunks_exact(columns).map(|row| row.iter().copied().sum()).collect::<Vec<T>>();
        let x = self.clone();
        Self::made_of([self.shape[0], 1], numbers, &[self], move |gradient, _| {
            x.receive(|into| {
                for (into, gradient) in into.chunks_exact_mut(columns).zip(gradient) {
                    into.iter_mut().for_each(|into| *into += *gradient);
                }
            });
        })
    }

    fn column_means(&self) -> Self {
        let [rows, columns] = self.shape;
        let mut means = vec![T::zero(); columns];
        self.numbers.chunks_exact(columns).for_each(|row| add_all(&mut means, row));
        let share = T::from_f64(1.0 / rows as f64);
        means.iter_mut().for_each(|mean| *mean *= share);
        let x = self.clone();
        Self::made_of([1, columns], means, &[self], move |gradient, _| {
            x.receive(|into| {
                for into in into.chunks_exact_mut(columns) {
                    into.iter_mut().zip(gradient).for_each(|(into, gradient)| *into += share * *gradient);
                }
            });
        })
    }

    fn sum(&self) -> Self {
        let total = self.numbers.iter().copied().sum();
        let x = self.clone();
        Self::made_of([1, 1], vec![total], &[self], move |gradient, _| {
            x.receive_each(std::iter::repeat_n(gradient[0], x.numbers.len()));
        })
    }

    fn beside(&self, other: &Self) -> Self {
        let widths = [self.shape[1], other.shape[1]];
        let rows = self.numbers.chunks_exact(widths[0]).zip(other.numbers.chunks_exact(widths[1]));
        let numbers = rows.flat_map(|(left, right)| left.iter().chain(right)).copied().collect();
        let (left, right) = (self.clone(), other.clone());
        let shape = [self.shape[0], widths[0] + widths[1]];
        Self::made_of(shape, numbers, &[self, other], move |gradient, _| {
            let rows = || gradient.chunks_exact(shape[1]).map(|row| row.split_at(widths[0]));
            left.receive(|into| {
                into.chunks_exact_mut(widths[0]).zip(rows()).for_each(|(into, row)| add_all(into, row.0));
            });
            right.receive(|into| {
                into.chunks_exact_mut(widths[1]).zip(rows()).for_each(|(into, row)| add_all(into, row.1));
            });
        })
    }

    fn stacked(parts: &[Self]) -> Self {
        let columns = parts.first().map_or(0, |part| part.shape[1]);
        let numbers: Vec<T> = parts.iter().flat_map(|part| part.numbers.iter()).copied().collect();
        let shape = [numbers.len() / columns.max(1), columns];
        let kept: Vec<Self> = parts.to_vec();
        Self::made_of(shape, numbers, &parts.iter().collect::<Vec<_>>(), move |gradient, _| {
            let mut rest = gradient;
            for part in &kept {
                let (own, others) = rest.split_at(part.numbers.len());
                part.receive(|into| add_all(into, own));
                rest = others;
            }
        })
    }

    fn rows(&self, first: usize, n: usize) -> Self {
        let columns = self.shape[1];
        let range = first * columns..(first + n) * columns;
        let (x, numbers) = (self.clone(), self.numbers[range.clone()].to_vec());
        Self::made_of([n, columns], numbers, &[self], move |gradient, _| {
            x.receive(|into| add_all(&mut into[range.clone()], gradient));
        })
    }

    fn first_columns(&self, n: usize) -> Self {
        let columns = self.shape[1];
        let numbers = self.numbers.chunks_exact(columns).flat_map(|row| &row[..n]).copied().collect();
        let x = self.clone();
        Self::made_of([self.shape[0], n], numbers, &[self], move |gradient, _| {
            x.receive(|into| {
                let rows = into.chunks_exact_mut(columns).zip(gradient.chunks_exact(n));
                rows.for_each(|(into, row)| add_all(&mut into[..n], row));
            });
        })
    }

    fn gradients(self, parameters: &[&Self]) -> Vec<Option<Self>> {
        self.receive(|into| into.fill(T::one()));
        let mut nodes = vec![];
        if let Some(node) = &self.node {
            node.ancestors(&mut nodes);
        }
        for node in nodes.iter().rev() {
            node.seen.set(false);
            if let Some(backward) = &node.backward {
                let gradient = node.gradient.take();
                // What reached no gradient, behind a detour that is constant, has none to hand on.
                if !gradient.is_empty() {
                    backward(&gradient);
                }
            }
        }
        let of = |parameter: &&Self| {
            let gradient = parameter.node.as_ref()?.gradient.take();
            (!gradient.is_empty()).then(|| Self::plain(parameter.shape, gradient))
        };
        parameters.iter().map(of).collect()
    }

    fn adam(&mut self, [mean, square]: &mut [Self; 2], gradient: Self, step: &AdamStep) {
        let [keep_mean, keep_square] = [step.beta1, step.beta2].map(T::from_f64);
        let [add_mean, add_square] = [1.0 - step.beta1, 1.0 - step.beta2].map(T::from_f64);
        let [size, root, epsilon] = [step.size, 1.0 / step.root, step.epsilon].map(T::from_f64);
        let values = Rc::make_mut(&mut self.numbers).iter_mut().zip(gradient.numbers.iter());
        let moments = Rc::make_mut(&mut mean.numbers).iter_mut().zip(Rc::make_mut(&mut square.numbers));
        arch().dispatch(|| {
            for ((value, gradient), (mean, square)) in values.zip(moments) {
                *mean = keep_mean * *mean + add_mean * *gradient;
                *square = keep_square * *square + add_square * *gradient * *gradient;
                *value -= size * *mean / (square.sqrt() * root + epsilon);
            }
        });
        if let (Some(node), Ok(memory)) = (&self.node, Rc::try_unwrap(gradient.numbers)) {
            node.spare.set(memory);
        }
    }

    fn descend(&mut self, velocity: &mut Self, gradient: Self, step: &DescentStep) {
        let [size, momentum, decay] = [step.size, step.momentum, step.decay].map(T::from_f64);
        let values = Rc::make_mut(&mut self.numbers).iter_mut().zip(gradient.numbers.iter());
        for ((value, gradient), velocity) in values.zip(Rc::make_mut(&mut velocity.numbers)) {
            *velocity = momentum * *velocity + *gradient + decay * *value;
            *value -= size * *velocity;
        }
    }
}
