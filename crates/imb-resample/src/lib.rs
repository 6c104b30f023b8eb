//! Resamplers for imbalanced data.
//!
//! A method is its parameters: public fields, the usual defaults, serde. It resamples training rows
//! ([`imb_core::Train`]) and says of each new row which rows it was made from, and of each class
//! whether what was asked for was delivered.
//!
//! ```
//! use imb_core::{Dataset, Device, Labels, Resample, Run, Seed, Train};
//! use imb_resample::Smote;
//! use ndarray::array;
//!
//! let x = array![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [5.0, 5.0], [6.0, 5.0], [5.0, 6.0], [6.0, 6.0], [7.0, 7.0]];
//! let y = Labels::from_texts(&["rare", "rare", "rare", "often", "often", "often", "often", "often"]);
//! let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
//! let mut run = Run { rng: &mut Seed::new(7).rng(), observer: &mut (), device: Device::Cpu, budget: None };
//!
//! let resampled = Smote { k_neighbors: 2, ..Smote::default() }.resample(&train, &mut run)?;
//! assert_eq!(resampled.delivery[0].delivered, 2);
//! assert_eq!(resampled.into_dataset(&train.rows)?.y().counts(), [5, 5]);
//! # Ok::<(), imb_core::Error>(())
//! ```

mod grow;
mod interpolate;
mod single_label;
mod strategy;
mod strategy_form;
mod surroundings;

pub use single_label::adasyn::{Adasyn, Rounding};
pub use single_label::borderline_smote::{BorderlineKind, BorderlineSmote};
pub use single_label::random_over_sampler::RandomOverSampler;
pub use single_label::random_under_sampler::RandomUnderSampler;
pub use single_label::smote::Smote;
pub use single_label::svm_smote::{Split, SvmSmote};
pub use strategy::{CountsOf, Custom, SamplingStrategy, SmallClasses};
pub use surroundings::Regions;
