//! Resamplers for imbalanced data.
//!
//! A method is a struct of its parameters, with public fields, the usual defaults and serde. It resamples
//! training rows ([`imb_core::Train`]) and reports from which rows each new row was made, and whether
//! each class got as many rows as were asked for.
//!
//! | targets | over-samplers | under-samplers |
//! | --- | --- | --- |
//! | one class per row ([`imb_core::Labels`]) | [`RandomOverSampler`], [`Smote`], [`BorderlineSmote`], [`SvmSmote`], [`Adasyn`] | [`RandomUnderSampler`] |
//! | any number of labels per row ([`imb_core::LabelMatrix`]) | [`MlRandomOverSampler`], [`MlRos`], [`Mlsmote`], [`Mlsol`], [`Mlbote`] | [`MlRus`], [`Mltl`] |
//!
//! Each method has a module of its own, such as [`single_label::smote`] or [`multi_label::mlsol`]. Its page has the
//! steps, the source, and where it departs from the paper.
//!
//! ```
//! use imb_core::{Dataset, Labels, Resample, Run, Seed, Train};
//! use imb_resample::Smote;
//! use ndarray::array;
//!
//! let x = array![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [5.0, 5.0], [6.0, 5.0], [5.0, 6.0], [6.0, 6.0], [7.0, 7.0]];
//! let y = Labels::from_texts(&["rare", "rare", "rare", "often", "often", "often", "often", "often"]);
//! let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
//! let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
//! let mut run = Run::new(&mut rng, &mut nobody);
//!
//! let resampled = Smote { k_neighbors: 2, ..Smote::default() }.resample(&train, &mut run)?;
//! assert_eq!(resampled.delivery[0].delivered, 2);
//! assert_eq!(resampled.into_dataset(&train.rows)?.y().counts(), [5, 5]);
//! # Ok::<(), imb_core::Error>(())
//! ```

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod grow;
mod interpolate;
mod memory;
pub mod multi_label;
pub mod single_label;
mod strategy;
mod strategy_form;
mod surroundings;

pub use multi_label::ml_random_over_sampler::{CopiedRows, MlRandomOverSampler};
pub use multi_label::ml_ros::MlRos;
pub use multi_label::ml_rus::MlRus;
pub use multi_label::mlbote::Mlbote;
pub use multi_label::mlsmote::{LabelRule, Mlsmote, Partners, Ranges, RareLabels};
pub use multi_label::mlsol::{Mlsol, RareRule};
pub use multi_label::mltl::{Mltl, Threshold};
pub use multi_label::turns::Retirement;
pub use single_label::adasyn::{Adasyn, Rounding};
pub use single_label::borderline_smote::{BorderlineKind, BorderlineSmote};
pub use single_label::random_over_sampler::RandomOverSampler;
pub use single_label::random_under_sampler::RandomUnderSampler;
pub use single_label::smote::Smote;
pub use single_label::svm_smote::{EmptyGroup, SvmSmote};
pub use strategy::{CountsOf, Custom, SamplingStrategy, SmallClasses};
pub use surroundings::Regions;
