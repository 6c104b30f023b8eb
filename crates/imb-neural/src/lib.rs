//! Classifiers and samplers trained by gradients: the dense network as [`MlpClassifier`], and what plays with
//! it.
//!
//! A classifier is a plain value that says what is to be trained, how, and when to stop; fitted, it
//! becomes an [`MlpModel`], a plain value too: [`Weights`] and the names of the classes.
//!
//! ```
//! use imb_core::{Dataset, Device, Fit, Labels, Run, Seed, Train};
//! use imb_neural::{MlpClassifier, Stop};
//! use ndarray::array;
//!
//! # fn main() -> imb_core::Result<()> {
//! let y = Labels::from_texts(&["no", "no", "yes", "yes"]);
//! let rows = Dataset::unnamed(array![[0.0], [0.1], [0.9], [1.0]], y)?;
//! let method = MlpClassifier { stop: Stop::Steps(200), ..MlpClassifier::moods_sound() };
//!
//! let (mut rng, mut nobody) = (Seed::new(7).child("mlp").rng(), ());
//! let mut run = Run::new(&mut rng, &mut nobody);
//! let model = method.fit(&Train { rows, validation: None }, &mut run)?;
//! assert_eq!(model.predict(array![[0.0], [1.0]].view())?.labels.codes(), [0, 1]);
//! # Ok(())
//! # }
//! ```
//!
//! - [`MlpClassifier::train`] gives a [`TrainingReport`] beside the model: steps, epochs, last loss
//!   and why it stopped.
//! - An [`MlpLearner`] can be trained again and again, with its optimiser's memory, on rows that
//!   change between the calls.
//! - What it has learnt, with that memory, is a value too: a [`LearnerState`], to keep, go back to, or
//!   write down as bytes.
//! - Every random number (initial weights, order of the rows) is drawn from the run's generator, so
//!   a seed gives the same bytes whatever else the process is doing. Bytes may differ between
//!   instruction sets, of which [`instruction_set`] names the one in use.
//!
//! - [`adversarial`] has the methods in which networks play against each other: AO, DO, GAMO, and COT.
//! - [`ClassWeighted`] and [`TunedThreshold`] are the plain answers to imbalance to compare them with.
//!
//! The arithmetic of a training step sits behind one private trait. The default,
//! [`Device::Cpu`](imb_core::Device), is code of our own that runs on one core. burn implements the
//! same trait behind the cargo feature `burn` (on by default), for every other device.

mod activation;
pub mod adversarial;
mod batches;
#[cfg(feature = "burn")]
mod burn_matrix;
#[cfg(feature = "burn")]
mod burn_trainer;
mod class_weighted;
mod device;
#[cfg(test)]
mod gradients;
mod host;
mod init;
mod learner;
mod loss;
mod matrix;
mod mlp;
mod model;
#[cfg(test)]
mod reference;
mod state;
mod stop;
mod trainer;
mod training;
mod tuned_threshold;
mod weights;

pub use activation::Activation;
pub use class_weighted::ClassWeighted;
pub use host::instruction_set;
pub use learner::{MlpLearner, Trained};
pub use loss::Loss;
pub use mlp::{Adam, HiddenLayer, MlpClassifier};
pub use model::MlpModel;
pub use state::LearnerState;
pub use stop::{Stop, StopReason};
pub use training::TrainingReport;
pub use tuned_threshold::TunedThreshold;
pub use weights::{LayerWeights, Weights};

/// Raised when trainings may give other numbers than before.
pub const VERSION: u32 = 1;
