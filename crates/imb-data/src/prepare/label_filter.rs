//! Drops labels: those that too few rows have, for which nothing can be learned, or those that are named.

use imb_core::{Error, Result, Table};
use serde::{Deserialize, Serialize};

use super::PrepareTarget;
use super::fit_rows::{FitRows, put_together};

/// Keeps the labels that at least so many training rows have, in their order.
///
/// The default is that of the released code of AEMLO, which drops labels with 30 positive rows or
/// fewer. Rows stay, also those that are left without any label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FrequentLabels {
    /// The fewest positive training rows of a label that is kept.
    pub at_least: usize,
}

/// Drops the labels of these names, such as one that the features give away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropLabels {
    /// The names.
    pub labels: Vec<String>,
}

/// The labels to keep.
#[derive(Clone, Debug)]
pub struct FittedLabelFilter {
    n_labels: usize,
    kept: Vec<usize>,
}

impl Default for FrequentLabels {
    fn default() -> Self {
        Self { at_least: 31 }
    }
}

impl FrequentLabels {
    /// Counts the positives of each label in these rows.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] if no label is frequent enough, and for data with one class a row;
    /// [`Error::LengthMismatch`] and [`Error::InvalidParameter`] for no rows and rows that are not
    /// there.
    pub fn fit<Y: PrepareTarget>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedLabelFilter> {
        let rows = FitRows::new(rows, table.n_rows())?;
        let positives = table.target().positives_in(rows.ascending(), NAME)?;
        let kept: Vec<usize> =
            (0..positives.len()).filter(|&label| positives[label] >= self.at_least).collect();
        if kept.is_empty() {
            let most = positives.iter().max().copied().unwrap_or(0);
            let reason = format!("no label has {} positive training rows; the most is {most}", self.at_least);
            return Err(Error::NotApplicable { method: NAME.into(), reason });
        }
        Ok(FittedLabelFilter { n_labels: positives.len(), kept })
    }
}

impl DropLabels {
    /// Finds the labels.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a label that is not there, [`Error::NotApplicable`] if no label is left, and for
    /// data with one class a row.
    pub fn fit<Y: PrepareTarget>(&self, table: &Table<Y>) -> Result<FittedLabelFilter> {
        const STEP: &str = "dropping labels";
        let names = table.target().label_names(STEP)?;
        if let Some(name) = self.labels.iter().find(|name| !names.contains(name)) {
            let (what, known) = ("label".into(), names.join(", "));
            return Err(Error::UnknownName { what, name: name.clone(), known });
        }
        let kept: Vec<usize> =
            (0..names.len()).filter(|&label| !self.labels.contains(&names[label])).collect();
        if kept.is_empty() {
            return Err(Error::NotApplicable { method: STEP.into(), reason: "no label is left".into() });
        }
        Ok(FittedLabelFilter { n_labels: names.len(), kept })
    }
}

impl FittedLabelFilter {
    /// The numbers of the labels that are kept, in order.
    pub fn kept(&self) -> &[usize] {
        &self.kept
    }

    /// Drops the other labels.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] for data with one class a row, [`Error::LengthMismatch`] for another
    /// number of labels.
    pub fn apply<Y: PrepareTarget>(&self, table: Table<Y>) -> Result<Table<Y>> {
        let n_rows = table.n_rows();
        let (columns, target) = table.into_parts();
        let found = target.positives_in(&[], NAME)?.len();
        if found != self.n_labels {
            return Err(Error::LengthMismatch { what: "labels".into(), expected: self.n_labels, found });
        }
        put_together(columns, n_rows, target.with_labels(&self.kept, NAME)?)
    }
}

const NAME: &str = "keeping the frequent labels";

#[cfg(test)]
mod tests {
    use super::super::test_tables::{numeric, table};
    use super::*;
    use imb_core::LabelMatrix;
    use ndarray::array;

    fn labelled() -> Table<LabelMatrix> {
        let on = array![[true, false, true], [true, false, false], [false, true, true], [false, true, true]];
        let labels = LabelMatrix::new(on, ["p", "q", "r"].map(String::from).into()).expect("valid");
        Table::new(vec![numeric("a", &[1.0, 2.0, 3.0, 4.0])], 4)
            .and_then(|table| table.with_target(labels))
            .expect("fits")
    }

    #[test]
    fn positives_are_counted_in_the_given_rows() {
        let table = labelled();
        let fitted = FrequentLabels { at_least: 2 }.fit(&table, &[0, 1, 2, 2]).expect("two labels");
        assert_eq!(fitted.kept(), [0, 2]);
        let filtered = fitted.apply(table).expect("the same labels");
        assert_eq!(filtered.target().names(), ["p", "r"]);
        assert_eq!(
            filtered.target().view(),
            array![[true, true], [true, false], [false, true], [false, true]]
        );
        assert!(fitted.apply(filtered).is_err(), "two labels are not three");
    }

    #[test]
    fn no_label_left_is_an_error() {
        let error = FrequentLabels { at_least: 4 }.fit(&labelled(), &[0, 1, 2, 3]).expect_err("at most 3");
        assert!(error.to_string().ends_with("the most is 3"), "{error}");
    }

    #[test]
    fn labels_are_dropped_by_name() {
        let drop =
            |labels: &[&str]| DropLabels { labels: labels.iter().map(|name| (*name).into()).collect() };
        let table = labelled();
        let fitted = drop(&["q"]).fit(&table).expect("there");
        assert_eq!(fitted.apply(table).expect("the same labels").target().names(), ["p", "r"]);
        assert!(matches!(drop(&["s"]).fit(&labelled()), Err(Error::UnknownName { .. })));
        assert!(matches!(drop(&["p", "q", "r"]).fit(&labelled()), Err(Error::NotApplicable { .. })));
    }

    #[test]
    fn classes_are_not_labels() {
        let table = table(vec![numeric("a", &[1.0])], &["x"]);
        assert!(DropLabels { labels: vec![] }.fit(&table).is_err());
        assert!(matches!(FrequentLabels::default().fit(&table, &[0]), Err(Error::NotApplicable { .. })));
    }
}
