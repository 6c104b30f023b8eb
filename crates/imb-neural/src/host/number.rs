//! What the graph of matrices computes with.

use std::iter::Sum;

use ndarray::NdFloat;

use super::real::Real;
use super::scratch::Scratched;

/// f32 to train, f64 to check gradients and reference values.
pub(crate) trait Number: Real + Scratched + NdFloat + Sum {}

impl Number for f32 {}
impl Number for f64 {}
