//! The seam of the adversarial methods on burn.

use burn::tensor::activation::{leaky_relu, log_softmax, sigmoid, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use ndarray::{Array2, ArrayView2};

use crate::matrix::{AdamStep, DescentStep, Matrix};

/// A tensor of two dimensions.
#[derive(Clone)]
pub(crate) struct BurnMatrix(Tensor<2>);

impl BurnMatrix {
    fn inner(&self) -> Tensor<2> {
        self.0.clone().inner()
    }
}

impl Matrix for BurnMatrix {
    /// A device with automatic gradients.
    type Place = Device;

    fn constant(values: ArrayView2<'_, f64>, place: &Device) -> Self {
        let shape = [values.nrows(), values.ncols()];
        let values: Vec<f32> = values.iter().map(|value| *value as f32).collect();
        Self(Tensor::from_data(TensorData::new(values, shape), place))
    }

    fn parameter(values: ArrayView2<'_, f64>, place: &Device) -> Self {
        Self(Self::constant(values, place).0.require_grad())
    }

    fn values(&self) -> Array2<f64> {
        let values: Vec<f32> = self.inner().try_into_vec_as().expect("read as f32");
        let values = values.into_iter().map(f64::from).collect();
        Array2::from_shape_vec(self.0.dims(), values).expect("as many numbers as the shape says")
    }

    fn shape(&self) -> [usize; 2] {
        self.0.dims()
    }

    fn detached(&self) -> Self {
        Self(self.0.clone().detach())
    }

    fn dense(&self, weight: &Self, bias: &Self, slope: f64) -> Self {
        let sums = self.0.clone().matmul(weight.0.clone()) + bias.0.clone();
        Self(if slope == 1.0 { sums } else { leaky_relu(sums, slope) })
    }

    fn slopes(&self, slope: f64) -> Self {
        let above = self.inner().greater_elem(0.0).float();
        Self(above.mul_scalar(1.0 - slope).add_scalar(slope).autodiff())
    }

    fn matmul(&self, right: &Self) -> Self {
        Self(self.0.clone().matmul(right.0.clone()))
    }

    fn matmul_transposed(&self, right: &Self) -> Self {
        Self(self.0.clone().matmul(right.0.clone().transpose()))
    }

    fn gram(&self) -> Self {
        self.matmul_transposed(self)
    }

    fn add(&self, other: &Self) -> Self {
        Self(self.0.clone() + other.0.clone())
    }

    fn mul(&self, other: &Self) -> Self {
        Self(self.0.clone() * other.0.clone())
    }

    fn scale(&self, factor: f64) -> Self {
        Self(self.0.clone().mul_scalar(factor))
    }

    fn shift(&self, by: f64) -> Self {
        Self(self.0.clone().add_scalar(by))
    }

    fn power(&self, exponent: f64) -> Self {
        Self(self.0.clone().powf_scalar(exponent))
    }

    fn exp(&self) -> Self {
        Self(self.0.clone().exp())
    }

    fn ln(&self) -> Self {
        Self(self.0.clone().log())
    }

    fn sigmoid(&self) -> Self {
        Self(sigmoid(self.0.clone()))
    }

    fn log_softmax(&self) -> Self {
        Self(log_softmax(self.0.clone(), 1))
    }

    fn softmax(&self) -> Self {
        Self(softmax(self.0.clone(), 1))
    }

    /// The largest number of a row is taken out as a constant: its derivative cancels.
    fn log_sum_exp(&self) -> Self {
        let largest = self.0.clone().detach().max_dim(1);
        Self((self.0.clone() - largest.clone()).exp().sum_dim(1).log() + largest)
    }

    fn row_sums(&self) -> Self {
        Self(self.0.clone().sum_dim(1))
    }

    fn column_means(&self) -> Self {
        Self(self.0.clone().mean_dim(0))
    }

    fn sum(&self) -> Self {
        Self(self.0.clone().sum().reshape([1, 1]))
    }

    fn beside(&self, other: &Self) -> Self {
        Self(Tensor::cat(vec![self.0.clone(), other.0.clone()], 1))
    }

    fn stacked(parts: &[Self]) -> Self {
        Self(Tensor::cat(parts.iter().map(|part| part.0.clone()).collect(), 0))
    }

    fn rows(&self, first: usize, n: usize) -> Self {
        Self(self.0.clone().narrow(0, first, n))
    }

    fn first_columns(&self, n: usize) -> Self {
        Self(self.0.clone().narrow(1, 0, n))
    }

    fn gradients(self, parameters: &[&Self]) -> Vec<Option<Self>> {
        let mut gradients = self.0.backward();
        parameters.iter().map(|parameter| parameter.0.grad_remove(&mut gradients).map(Self)).collect()
    }

    fn adam(&mut self, [mean, square]: &mut [Self; 2], gradient: Self, step: &AdamStep) {
        let squared = gradient.0.clone().square().mul_scalar(1.0 - step.beta2);
        let new_mean = mean.inner().mul_scalar(step.beta1) + gradient.0.mul_scalar(1.0 - step.beta1);
        let new_square = square.inner().mul_scalar(step.beta2) + squared;
        let size = new_square.clone().sqrt().div_scalar(step.root).add_scalar(step.epsilon);
        let value = self.inner() - new_mean.clone().mul_scalar(step.size) / size;
        self.0 = value.autodiff().require_grad();
        (mean.0, square.0) = (new_mean.autodiff(), new_square.autodiff());
    }

    fn descend(&mut self, velocity: &mut Self, gradient: Self, step: &DescentStep) {
        let decayed = gradient.0 + self.inner().mul_scalar(step.decay);
        let new = velocity.inner().mul_scalar(step.momentum) + decayed;
        let value = self.inner() - new.clone().mul_scalar(step.size);
        self.0 = value.autodiff().require_grad();
        velocity.0 = new.autodiff();
    }
}
