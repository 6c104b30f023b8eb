//! One layer of weights, in the forward and the backward pass.
//!
//! Let A be the values below the layer, `(n_rows, n_inputs)`, W its weights, `(n_outputs, n_inputs)`, and D the
//! derivative of the loss with respect to its sums, `(n_rows, n_outputs)`. The products are W · Aᵀ in the
//! forward pass, and D · W (for the layer below) and Dᵀ · A (for the weights) in the backward pass. With these
//! layouts no product needs W transposed, only A.

use pulp::Simd;

use super::adam::{Factors, Parameter};
use super::kernel::{Tile, Tiles, add_rows, columns, each_tile, vectors, vectors_mut};
use super::panels::{Line, Panels, WIDTH, transpose};
use super::real::Real;

/// The weights between two levels.
#[derive(Clone)]
pub(crate) struct Layer<T> {
    /// `(n_outputs, n_inputs)`.
    pub(crate) weight: Parameter<T>,
    /// `(1, n_outputs)`.
    pub(crate) bias: Parameter<T>,
    pub(crate) n_inputs: usize,
    pub(crate) n_outputs: usize,
}

/// The values between two layers for a mini-batch: features, hidden units or logits.
pub(crate) struct Level<T> {
    /// The slope, below zero, of the activation that gave these values.
    slope: T,
    /// `(n_rows, n_units)`.
    pub(crate) by_row: Panels<T>,
    /// The transpose, `(n_units, n_rows)`, padded with rows of zeros to a whole block.
    pub(crate) by_unit: Panels<T>,
    /// The derivative of the loss with respect to the sums before the activation, `(n_rows, n_units)`.
    pub(crate) delta: Panels<T>,
}

impl<T: Real> Level<T> {
    pub(crate) fn new(max_rows: usize, n_units: usize, slope: T) -> Self {
        let max_rows = max_rows.next_multiple_of(WIDTH);
        Self {
            slope,
            by_row: Panels::zeros(max_rows, n_units),
            by_unit: Panels::zeros(n_units.next_multiple_of(WIDTH), max_rows),
            delta: Panels::zeros(max_rows, n_units),
        }
    }

    #[inline(always)]
    pub(crate) fn fill_by_unit(&mut self, n_rows: usize) {
        let n_blocks = [n_rows.div_ceil(WIDTH), self.by_row.n_panels()];
        transpose(&self.by_row, n_blocks, &mut self.by_unit);
    }

    #[inline(always)]
    fn fill_by_row(&mut self, n_rows: usize) {
        let n_blocks = [self.by_row.n_panels(), n_rows.div_ceil(WIDTH)];
        transpose(&self.by_unit, n_blocks, &mut self.by_row);
    }
}

impl<T: Real> Layer<T> {
    pub(crate) fn zeros(n_inputs: usize, n_outputs: usize) -> Self {
        let (weight, bias) = (Parameter::zeros(n_outputs, n_inputs), Parameter::zeros(1, n_outputs));
        Self { weight, bias, n_inputs, n_outputs }
    }

    /// The forward pass: computes the values above from those below.
    #[inline(always)]
    pub(crate) fn forward<S: Simd, const V: usize>(
        &self,
        simd: S,
        n_rows: usize,
        below: &Level<T>,
        above: &mut Level<T>,
    ) {
        let slope = T::splat(simd, above.slope);
        for block in 0..n_rows.div_ceil(WIDTH) {
            let values = &below.by_unit.panel(block)[..self.n_inputs];
            let out = above.by_unit.panel_mut(block);
            each_tile::<V>(self.n_outputs, &mut Forward::<S, T, V> { simd, layer: self, slope, values, out });
        }
        above.fill_by_row(n_rows);
    }

    /// The backward pass: computes the derivatives below from those above, if `with_delta`, and updates the
    /// weights. Returns the sum of the squares of the weights' gradient.
    #[inline(always)]
    pub(crate) fn backward<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        factors: &Factors<T::Vector<S>>,
        n_rows: usize,
        below: &mut Level<T>,
        above: &Level<T>,
        with_delta: bool,
    ) -> f64 {
        let mut squares = self.update_bias::<S, V>(simd, factors, n_rows, &above.delta);
        let slope = T::splat(simd, below.slope);
        for panel in 0..self.weight.value.n_panels() {
            let values = &below.by_row.panel(panel)[..n_rows];
            if with_delta {
                let (weight, above) = (self.weight.value.panel(panel), &above.delta);
                let out = below.delta.panel_mut(panel);
                each_tile::<V>(n_rows, &mut Backward::<S, T, V> { simd, weight, above, slope, values, out });
            }
            let zero = T::splat(simd, T::default());
            let (weight, delta) = (&mut self.weight, &above.delta);
            let mut update =
                Update::<S, T, V> { simd, factors, weight, delta, values, panel, block: 0, squares: zero };
            for block in 0..self.n_outputs.div_ceil(WIDTH) {
                update.block = block;
                each_tile::<V>(WIDTH.min(self.n_outputs - block * WIDTH), &mut update);
            }
            squares += T::sum(simd, update.squares).to_f64();
        }
        squares
    }

    #[inline(always)]
    fn update_bias<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        factors: &Factors<T::Vector<S>>,
        n_rows: usize,
        delta: &Panels<T>,
    ) -> f64 {
        let mut squares = T::splat(simd, T::default());
        for panel in 0..self.bias.value.n_panels() {
            let mut gradient = [T::splat(simd, T::default()); V];
            for line in &delta.panel(panel)[..n_rows] {
                for (sum, delta) in gradient.iter_mut().zip(vectors::<S, T, V>(line)) {
                    *sum = T::add(simd, *sum, *delta);
                }
            }
            let [[value], [mean], [square]] = self.bias.lines::<1>(panel, 0);
            factors.update::<S, T, V>(simd, [value, mean, square], &gradient);
            squares = add_squares::<S, T, V>(simd, squares, &gradient);
        }
        T::sum(simd, squares).to_f64()
    }
}

#[inline(always)]
fn add_squares<S: Simd, T: Real, const V: usize>(
    simd: S,
    mut squares: T::Vector<S>,
    numbers: &[T::Vector<S>; V],
) -> T::Vector<S> {
    for number in numbers {
        squares = T::mul_add(simd, *number, *number, squares);
    }
    squares
}

/// W · Aᵀ plus biases, followed by the activation.
struct Forward<'a, S: Simd, T: Real, const V: usize> {
    simd: S,
    layer: &'a Layer<T>,
    slope: T::Vector<S>,
    values: &'a [Line<T>],
    out: &'a mut [Line<T>],
}

impl<S: Simd, T: Real, const V: usize> Tiles for Forward<'_, S, T, V> {
    #[inline(always)]
    fn tile<const R: usize>(&mut self, first: usize) {
        let simd = self.simd;
        let mut sums: Tile<S, T, R, V> = [[self.slope; V]; R];
        for (unit, sums) in (first..).zip(&mut sums) {
            *sums = [T::splat(simd, self.layer.bias.value.at(0, unit)); V];
        }
        let sums = add_rows::<S, T, R, V>(simd, sums, &self.layer.weight.value, first, self.values);
        for (out, sums) in self.out[first..].iter_mut().zip(&sums) {
            for (out, sum) in vectors_mut::<S, T, V>(out).iter_mut().zip(sums) {
                *out = T::by_sign(simd, *sum, *sum, T::mul(simd, self.slope, *sum));
            }
        }
    }
}

/// D · W, times the derivative of the activation below.
struct Backward<'a, S: Simd, T: Real, const V: usize> {
    simd: S,
    weight: &'a [Line<T>],
    above: &'a Panels<T>,
    slope: T::Vector<S>,
    values: &'a [Line<T>],
    out: &'a mut [Line<T>],
}

impl<S: Simd, T: Real, const V: usize> Tiles for Backward<'_, S, T, V> {
    #[inline(always)]
    fn tile<const R: usize>(&mut self, first: usize) {
        let simd = self.simd;
        let zero = [[T::splat(simd, T::default()); V]; R];
        let sums = add_rows::<S, T, R, V>(simd, zero, self.above, first, self.weight);
        let lines = self.out[first..].iter_mut().zip(&self.values[first..]);
        for ((out, values), sums) in lines.zip(&sums) {
            let out = vectors_mut::<S, T, V>(out).iter_mut();
            for ((out, value), sum) in out.zip(vectors::<S, T, V>(values)).zip(sums) {
                *out = T::by_sign(simd, *value, *sum, T::mul(simd, self.slope, *sum));
            }
        }
    }
}

/// Dᵀ · A, the gradient of the weights, which goes into Adam tile by tile and is never stored.
struct Update<'a, S: Simd, T: Real, const V: usize> {
    simd: S,
    factors: &'a Factors<T::Vector<S>>,
    weight: &'a mut Parameter<T>,
    delta: &'a Panels<T>,
    values: &'a [Line<T>],
    /// The panel of inputs.
    panel: usize,
    /// The block of `WIDTH` outputs.
    block: usize,
    squares: T::Vector<S>,
}

impl<S: Simd, T: Real, const V: usize> Tiles for Update<'_, S, T, V> {
    #[inline(always)]
    fn tile<const R: usize>(&mut self, first: usize) {
        let simd = self.simd;
        let delta = self.delta.panel(self.block);
        let gradient = columns::<S, T, R, V>(simd, delta, first, self.values);
        let [value, mean, square] = self.weight.lines::<R>(self.panel, self.block * WIDTH + first);
        let lines = value.iter_mut().zip(mean).zip(square);
        for (((value, mean), square), gradient) in lines.zip(&gradient) {
            self.factors.update::<S, T, V>(simd, [value, mean, square], gradient);
            self.squares = add_squares::<S, T, V>(simd, self.squares, gradient);
        }
    }
}
