//! Adam, applied to each line of weights as soon as its gradient is computed.
//!
//! Running means that fall below the smallest normal number become 0. Without a gradient they would stay denormal for
//! ever, since 0.9 of four times the smallest number rounds to the same; and a step by them changes no weight.

use pulp::Simd;

use super::kernel::vectors_mut;
use super::panels::{Line, Panels};
use super::real::Real;
use crate::Adam;

/// A trained matrix, with Adam's running means of its gradient and of the squared gradient.
#[derive(Clone)]
pub(crate) struct Parameter<T> {
    pub(crate) value: Panels<T>,
    pub(crate) mean: Panels<T>,
    pub(crate) square: Panels<T>,
}

impl<T: Real> Parameter<T> {
    pub(crate) fn zeros(n_rows: usize, n_columns: usize) -> Self {
        let [value, mean, square] = std::array::from_fn(|_| Panels::zeros(n_rows, n_columns));
        Self { value, mean, square }
    }

    /// `R` lines of a panel: values, means and squares.
    #[inline(always)]
    pub(crate) fn lines<const R: usize>(&mut self, panel: usize, first: usize) -> [&mut [Line<T>; R]; 3] {
        [&mut self.value, &mut self.mean, &mut self.square]
            .map(|part| part.panel_mut(panel)[first..].first_chunk_mut().expect("R lines"))
    }
}

/// The constants of one step of Adam, each in every lane of a vector.
pub(crate) struct Factors<V> {
    keep_mean: V,
    add_mean: V,
    keep_square: V,
    add_square: V,
    root: V,
    epsilon: V,
    step: V,
}

impl<V: Copy> Factors<V> {
    /// The constants of the next step after `steps` steps.
    #[inline(always)]
    pub(crate) fn new<S: Simd, T: Real<Vector<S> = V>>(simd: S, adam: &Adam, steps: u64) -> Self {
        let number = (steps + 1) as f64;
        let splat = |number| T::splat(simd, T::from_f64(number));
        Self {
            keep_mean: splat(adam.beta1),
            add_mean: splat(1.0 - adam.beta1),
            keep_square: splat(adam.beta2),
            add_square: splat(1.0 - adam.beta2),
            root: splat(1.0 / (1.0 - adam.beta2.powf(number)).sqrt()),
            epsilon: splat(adam.epsilon),
            step: splat(-adam.learning_rate / (1.0 - adam.beta1.powf(number))),
        }
    }

    /// Updates a line with its gradient.
    #[inline(always)]
    pub(crate) fn update<S: Simd, T: Real<Vector<S> = V>, const N: usize>(
        &self,
        simd: S,
        [value, mean, square]: [&mut Line<T>; 3],
        gradient: &[V; N],
    ) {
        let value = vectors_mut::<S, T, N>(value).iter_mut();
        let moments = vectors_mut::<S, T, N>(mean).iter_mut().zip(vectors_mut::<S, T, N>(square));
        for ((value, (mean, square)), gradient) in value.zip(moments).zip(gradient) {
            let kept = T::mul(simd, self.keep_mean, *mean);
            *mean = T::flushed(simd, T::mul_add(simd, self.add_mean, *gradient, kept));
            let kept = T::mul(simd, self.keep_square, *square);
            let added = T::mul(simd, self.add_square, *gradient);
            *square = T::flushed(simd, T::mul_add(simd, added, *gradient, kept));
            let size = T::mul_add(simd, T::sqrt(simd, *square), self.root, self.epsilon);
            let step = T::div(simd, T::mul(simd, self.step, *mean), size);
            *value = T::add(simd, *value, step);
        }
    }
}
