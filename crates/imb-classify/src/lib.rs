//! Classical classifiers; those of rows with any number of labels are in [`multi_label`].
//!
//! - [`Svc`], support vector machines with kernels; [`LinearSvm`], linear ones for large data.
//! - [`C45`] and [`Cart`], decision trees.
//! - [`BaseLearner`], which the last three are: one learner on many targets over the same [`SharedRows`].
//!
//! ```
//! use imb_classify::Svc;
//! use imb_core::{Dataset, Labels};
//! use ndarray::array;
//!
//! let x = array![[0.0], [1.0], [2.0], [6.0], [7.0], [8.0]];
//! let rows = Dataset::unnamed(x, Labels::from_texts(&["low", "low", "low", "high", "high", "high"]))?;
//! let model = Svc::default().fit_rows(&rows)?;
//! // For each pair of classes: above 0 is in favour of the first, here "high".
//! let values = model.decision_values(array![[1.5], [6.5]].view())?;
//! assert!(values[[0, 0]] < 0.0 && values[[1, 0]] > 0.0);
//! # Ok::<(), imb_core::Error>(())
//! ```

mod base;
mod c45;
mod cart;
mod class_weight;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod linear_svm;
pub mod multi_label;
mod progress;
mod sorted_columns;
mod sparse_rows;
mod svm;
mod tree;

pub use base::{BaseLearner, BaseModel, Problem, SharedRows};
pub use c45::C45;
pub use cart::Cart;
pub use class_weight::ClassWeight;
pub use linear_svm::{LinearSvm, LinearSvmModel, Loss};
pub use svm::{Gamma, Kernel, Svc, SvcModel};
pub use tree::{DecisionTree, TreeText};
