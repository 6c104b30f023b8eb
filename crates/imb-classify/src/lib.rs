//! Classical classifiers; those of rows with any number of labels are in [`multi_label`].
//!
//! - [`Svc`], support vector machines with kernels; [`LinearSvm`], linear ones for large data.
//! - [`C45`] and [`Cart`], decision trees.
//! - [`LinearSvm`], [`C45`] and [`Cart`] are [`BaseLearner`]s, which learn many targets on the same [`SharedRows`].
//!
//! The page of each method's module has its source and its departures from it.
//!
//! ```
//! use imb_classify::Svc;
//! use imb_core::{Dataset, Labels, Predict};
//! use ndarray::array;
//!
//! let x = array![[0.0], [1.0], [2.0], [6.0], [7.0], [8.0]];
//! let rows = Dataset::unnamed(x, Labels::from_texts(&["low", "low", "low", "high", "high", "high"]))?;
//! let model = Svc::default().fit_rows(&rows)?;
//! assert_eq!(rows.y().classes(), ["high", "low"]);
//! assert_eq!(model.predict(array![[1.5], [6.5]].view())?.labels.codes(), [1, 0]);
//! # Ok::<(), imb_core::Error>(())
//! ```

mod base;
pub mod c45;
pub mod cart;
mod class_weight;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod linear_svm;
pub mod multi_label;
mod progress;
mod sorted_columns;
mod sparse_rows;
pub mod svm;
mod tree;

pub use base::{BaseLearner, BaseModel, Problem, SharedRows};
pub use c45::C45;
pub use cart::Cart;
pub use class_weight::ClassWeight;
pub use linear_svm::{LinearSvm, LinearSvmModel, Loss};
pub use svm::{Gamma, Kernel, Svc, SvcModel};
pub use tree::{DecisionTree, TreeText};
