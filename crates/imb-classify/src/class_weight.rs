//! How much more a misplaced row of one class costs than that of another.

use std::collections::BTreeMap;

use imb_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// The factors by which the penalty of misplaced rows is multiplied, class by class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// 1 for every class.
    #[default]
    Equal,
    /// `n_rows / (n_classes · rows of the class)`, over the classes that have rows.
    Balanced,
    /// A factor above 0 for each class by name; 1 for classes that are not listed.
    Of(BTreeMap<String, f64>),
}

impl ClassWeight {
    /// The weight of each class, of which `counts` rows are there.
    ///
    /// # Errors
    /// [`Error::UnknownName`] if a class is named that does not exist; [`Error::InvalidParameter`] for a
    /// weight that is not above 0.
    pub(crate) fn weights(&self, names: &[String], counts: &[usize]) -> Result<Vec<f64>> {
        match self {
            Self::Equal => Ok(vec![1.0; names.len()]),
            Self::Balanced => {
                let n_present = counts.iter().filter(|count| **count > 0).count();
                let even = counts.iter().sum::<usize>() as f64 / n_present as f64;
                Ok(counts.iter().map(|&count| even / count.max(1) as f64).collect())
            }
            Self::Of(weights) => {
                if let Some(unknown) = weights.keys().find(|name| !names.contains(name)) {
                    let known = names.join(", ");
                    return Err(Error::UnknownName { what: "class".into(), name: unknown.clone(), known });
                }
                let is_weight = |weight: f64| weight.is_finite() && weight > 0.0;
                if let Some((name, weight)) = weights.iter().find(|(_, weight)| !is_weight(**weight)) {
                    return Err(Error::invalid_parameter(
                        format!("class_weight of {name}"),
                        "a number above 0",
                        weight,
                    ));
                }
                Ok(names.iter().map(|name| weights.get(name).copied().unwrap_or(1.0)).collect())
            }
        }
    }
}
