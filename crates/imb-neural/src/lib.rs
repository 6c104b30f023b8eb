//! Neural classifiers and samplers: the dense network, [`MlpClassifier`], and the adversarial and
//! generative methods.
//!
//! A classifier is a plain value that describes the network, its training and its stopping rule. Fitting it
//! gives an [`MlpModel`], also a plain value: [`Weights`] and the names of the classes.
//!
//! ```
//! use imb_core::{Dataset, Fit, Labels, Run, Seed, Train};
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
//! - [`MlpClassifier::train`] also returns a [`TrainingReport`]: steps, epochs, last loss and the reason for
//!   stopping.
//! - An [`MlpLearner`] can be trained repeatedly on changing rows and keeps its optimiser's state.
//! - That state, with the weights, is a value too: a [`LearnerState`], which can be stored, restored and
//!   written as bytes.
//! - All random numbers (initial weights, order of the rows) come from the run's generator, so a seed gives
//!   the same bytes whatever else the process is doing. Bytes may differ between instruction sets, of which
//!   [`instruction_set`] names the one in use, and between operating systems and C libraries, whose exponentials,
//!   logarithms and powers are used.
//!
//! - [`adversarial`] has the methods in which several networks, or several losses, compete: AO, DO, GAMO and
//!   COT.
//! - [`generative`] has the samplers whose new rows a trained network makes: AEMLO for rows with rare labels, and
//!   SMOTified-GAN, SSG, GBO and a plain GAN.
//! - [`ClassWeighted`] and [`TunedThreshold`] are the plain answers to imbalance to compare them with.
//!
//! The arithmetic of a training step is behind one private trait with two implementations. The default,
//! [`Device::Cpu`](imb_core::Device), is our own code and runs on one core. All other devices use burn, with the
//! cargo feature `burn` (on by default).

mod activation;
pub mod adversarial;
mod batches;
#[cfg(feature = "burn")]
mod burn_matrix;
#[cfg(feature = "burn")]
mod burn_trainer;
mod class_weighted;
mod device;
pub mod generative;
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
mod written;

pub use activation::Activation;
pub use batches::require_single_precision;
pub use class_weighted::ClassWeighted;
pub use device::{feature_of, require_device};
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

/// The version of training. It is raised when the same training may give different numbers than before.
pub const VERSION: u32 = 1;
