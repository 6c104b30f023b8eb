//! The metrics of two classes that a table may print.

use std::fmt;

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};

use super::PrintedValue;
use crate::ConfusionMatrix;
use crate::single_label::{
    accuracy_score, acsa_score, cohen_kappa_score, geometric_mean_score, macro_f1_score, majority_f1_score,
    mcc_score, minority_f1_score, per_class_precision_score, per_class_recall_score,
};

/// A metric of a confusion matrix of two classes. Minority is the class with fewer test rows, of equal
/// ones the first.
///
/// With the test rows of each class fixed, none of them falls when one more row of either class is right;
/// the search for matrices depends on that. A file names them in snake case; aliases are other usual names.
///
/// # See also
/// [`single_label`](crate::single_label), where they are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwoClassMetric {
    /// Mean of the two recalls.
    #[serde(rename = "acsa_score", alias = "acsa", alias = "balanced_accuracy")]
    Acsa,
    /// Geometric mean of the two recalls.
    #[serde(rename = "geometric_mean_score", alias = "geometric_mean", alias = "g_mean")]
    GeometricMean,
    /// Share of rows that are right.
    #[serde(rename = "accuracy_score", alias = "accuracy")]
    Accuracy,
    /// Mean of the two F1.
    #[serde(rename = "macro_f1_score", alias = "macro_f1")]
    MacroF1,
    /// F1 of the minority.
    #[serde(rename = "minority_f1_score", alias = "minority_f1", alias = "f1")]
    MinorityF1,
    /// F1 of the majority.
    #[serde(rename = "majority_f1_score", alias = "majority_f1")]
    MajorityF1,
    /// Recall of the minority.
    #[serde(
        rename = "minority_recall_score",
        alias = "minority_recall",
        alias = "recall",
        alias = "sensitivity"
    )]
    MinorityRecall,
    /// Recall of the majority.
    #[serde(rename = "majority_recall_score", alias = "majority_recall", alias = "specificity")]
    MajorityRecall,
    /// Precision of the minority; 0 if it is never predicted.
    #[serde(rename = "minority_precision_score", alias = "minority_precision", alias = "precision")]
    MinorityPrecision,
    /// Precision of the majority; 0 if it is never predicted.
    #[serde(rename = "majority_precision_score", alias = "majority_precision")]
    MajorityPrecision,
    /// Matthews' correlation coefficient; 0 if one class is never predicted.
    #[serde(rename = "mcc_score", alias = "mcc")]
    Mcc,
    /// Cohen's kappa; 0 if all rows are of one class and predicted as that.
    #[serde(rename = "cohen_kappa_score", alias = "cohen_kappa", alias = "kappa")]
    CohenKappa,
}

/// What a table prints of one metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrintedMetric {
    /// The metric.
    pub metric: TwoClassMetric,
    /// Its printed value.
    pub value: PrintedValue,
    /// Whether it is printed in percent.
    #[serde(default)]
    pub percent: bool,
}

impl TwoClassMetric {
    /// Every metric.
    pub const ALL: [Self; 12] = [
        Self::Acsa,
        Self::GeometricMean,
        Self::Accuracy,
        Self::MacroF1,
        Self::MinorityF1,
        Self::MajorityF1,
        Self::MinorityRecall,
        Self::MajorityRecall,
        Self::MinorityPrecision,
        Self::MajorityPrecision,
        Self::Mcc,
        Self::CohenKappa,
    ];

    /// The metric of a name or an alias; none if there is none.
    ///
    /// ```
    /// use imb_metrics::printed::TwoClassMetric;
    ///
    /// assert_eq!(TwoClassMetric::named("balanced_accuracy"), Some(TwoClassMetric::Acsa));
    /// assert_eq!(TwoClassMetric::named("acsa_score"), Some(TwoClassMetric::Acsa));
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }

    /// The least and the greatest value, as shares.
    pub fn limits(self) -> [f64; 2] {
        match self {
            Self::Mcc | Self::CohenKappa => [-1.0, 1.0],
            _ => [0.0, 1.0],
        }
    }

    /// The value of a confusion matrix of two classes.
    ///
    /// # Panics
    /// If the matrix does not have two classes.
    pub fn of(self, matrix: &ConfusionMatrix) -> f64 {
        assert_eq!(matrix.n_classes(), 2, "a metric of two classes");
        let counts = matrix.truth_counts();
        let minority = usize::from(counts[1] < counts[0]);
        match self {
            Self::Acsa => acsa_score(matrix),
            Self::GeometricMean => geometric_mean_score(matrix),
            Self::Accuracy => accuracy_score(matrix),
            Self::MacroF1 => macro_f1_score(matrix),
            Self::MinorityF1 => minority_f1_score(matrix),
            Self::MajorityF1 => majority_f1_score(matrix),
            Self::MinorityRecall => per_class_recall_score(matrix)[minority],
            Self::MajorityRecall => per_class_recall_score(matrix)[1 - minority],
            Self::MinorityPrecision => per_class_precision_score(matrix)[minority],
            Self::MajorityPrecision => per_class_precision_score(matrix)[1 - minority],
            Self::Mcc => mcc_score(matrix).unwrap_or(0.0),
            Self::CohenKappa => cohen_kappa_score(matrix).unwrap_or(0.0),
        }
    }
}

/// Its name in files.
impl fmt::Display for TwoClassMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed::TwoClassCounts;

    /// The search for matrices bisects, so this must hold for every metric.
    #[test]
    fn one_more_right_row_never_lowers_a_metric() {
        for (first, second) in (1..9).flat_map(|first| (1..9).map(move |second| (first, second))) {
            for right in (0..=first).flat_map(|a| (0..=second).map(move |b| [a, b])) {
                let of = |right| TwoClassCounts { rows: [first, second], right }.matrix().expect("rows");
                for metric in TwoClassMetric::ALL {
                    let value = metric.of(&of(right));
                    for more in [[right[0] + 1, right[1]], [right[0], right[1] + 1]] {
                        if more[0] <= first && more[1] <= second {
                            let higher = metric.of(&of(more));
                            assert!(
                                higher >= value - 1e-12,
                                "{metric:?} {first} {second} {right:?} {more:?}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_minority_is_the_smaller_class_wherever_it_stands() {
        let of = |metric: TwoClassMetric, rows, right| {
            metric.of(&TwoClassCounts { rows, right }.matrix().expect("rows"))
        };
        for (rows, right) in [([10, 4], [9, 1]), ([4, 10], [1, 9])] {
            assert_eq!(of(TwoClassMetric::MinorityRecall, rows, right), 0.25);
            assert_eq!(of(TwoClassMetric::MajorityRecall, rows, right), 0.9);
            assert_eq!(of(TwoClassMetric::MinorityPrecision, rows, right), 0.5);
        }
        assert_eq!(of(TwoClassMetric::Mcc, [3, 2], [3, 0]), 0.0, "one class is never predicted");
    }

    #[test]
    fn usual_names_are_known() {
        let named = |name: &str| serde_json::from_str::<TwoClassMetric>(&format!("\"{name}\""));
        assert_eq!(named("acsa_score").expect("known"), TwoClassMetric::Acsa);
        assert_eq!(named("sensitivity").expect("known"), TwoClassMetric::MinorityRecall);
        assert!(named("goodness").is_err());
    }
}
