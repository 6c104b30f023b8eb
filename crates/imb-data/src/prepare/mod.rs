//! From a table to data sets: impute, encode, filter, scale.
//!
//! Each step learns from the training rows that it is given, and from no other, and is then applied
//! to every row. Whatever stands in a validation or test row, values or targets, the prepared
//! training rows are the same to the last bit.
//!
//! A step is its parameters, so that a list of steps is plain data:
//!
//! ```
//! use imb_core::{Column, ColumnKind, Labels, Table, Values};
//! use imb_data::prepare::{Step, prepare};
//!
//! #[derive(serde::Deserialize)]
//! struct Protocol {
//!     steps: Vec<Step>,
//! }
//!
//! let protocol: Protocol = toml::from_str(
//!     r#"steps = [{ step = "knn_imputer", k = 1 }, { step = "min_max_scaler" }]"#,
//! )?;
//! let values = Values::Dense(vec![2.0, 4.0, f64::NAN, 6.0]);
//! let column = Column { name: "age".into(), kind: ColumnKind::Numeric, values };
//! let table = Table::new(vec![column], 4)?.with_target(Labels::from_texts(&["a", "a", "b", "b"]))?;
//!
//! let prepared = prepare(table, &[0, 1, 2], &protocol.steps)?;
//! let train = prepared.dataset(&[0, 1, 2])?;
//! let test = prepared.dataset(&[3])?;
//! assert_eq!(train.x(), ndarray::array![[0.0], [1.0], [0.5]], "the gap holds the training mean");
//! assert_eq!(test.x(), ndarray::array![[2.0]], "test values are not clipped");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod continuous;
mod donors;
mod feature_filter;
mod fit_rows;
mod knn_imputer;
mod label_filter;
mod mean_imputer;
mod one_hot;
mod prepared;
mod scaler;
mod step;
mod summary;
mod target;
#[cfg(test)]
mod test_tables;

pub use continuous::Continuous;
pub use feature_filter::{CorrelatedWithTarget, FittedFeatureFilter, LargestSums};
pub use knn_imputer::{EmptyColumns, FittedKnnImputer, KnnImputer};
pub use label_filter::{DropLabels, FittedLabelFilter, FrequentLabels};
pub use mean_imputer::{FittedMeanImputer, MeanImputer};
pub use one_hot::{FittedOneHot, OneHot};
pub use prepared::{Prepared, prepare, prepare_leaking_as_released};
pub use scaler::{FittedScaler, MinMaxScaler, StandardScaler};
pub use step::{FittedStep, Step};
pub use target::PrepareTarget;
