//! One list of all steps, from which an experiment names those it wants.

use imb_core::{Result, Table};
use serde::{Deserialize, Serialize};

use super::{
    Continuous, CorrelatedWithTarget, DropLabels, FittedFeatureFilter, FittedKnnImputer, FittedLabelFilter,
    FittedMeanImputer, FittedOneHot, FittedScaler, FrequentLabels, KnnImputer, LargestSums, MeanImputer,
    MinMaxScaler, OneHot, PrepareTarget, StandardScaler,
};

/// A step of preparation with its parameters, such as `{ step = "knn_imputer", k = 2 }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Takes whole numbers for measurements.
    Continuous(Continuous),
    /// Fills gaps from the nearest training rows.
    KnnImputer(KnnImputer),
    /// Fills gaps with the mean or the most frequent category of the training rows.
    MeanImputer(MeanImputer),
    /// Subtracts the training mean and divides by the training standard deviation.
    StandardScaler(StandardScaler),
    /// Maps the training range to [0, 1].
    MinMaxScaler(MinMaxScaler),
    /// Makes a 0/1 column of each category.
    OneHot(OneHot),
    /// Keeps the columns with the largest sums.
    LargestSums(LargestSums),
    /// Keeps the columns that are correlated with the class.
    CorrelatedWithTarget(CorrelatedWithTarget),
    /// Keeps the labels that enough rows have.
    FrequentLabels(FrequentLabels),
    /// Drops the labels that are named.
    DropLabels(DropLabels),
}

/// A step with what it has learned from the training rows.
#[derive(Clone, Debug)]
pub enum FittedStep {
    /// Changes kinds.
    Continuous(Continuous),
    /// Fills gaps from the nearest training rows.
    KnnImputer(FittedKnnImputer),
    /// Fills gaps with what is typical of the training rows.
    MeanImputer(FittedMeanImputer),
    /// Shifts and scales.
    Scaler(FittedScaler),
    /// Encodes categories.
    OneHot(FittedOneHot),
    /// Keeps certain columns.
    FeatureFilter(FittedFeatureFilter),
    /// Keeps certain labels.
    LabelFilter(FittedLabelFilter),
}

impl Step {
    /// Learns what the step needs from these rows of the table, and from no other.
    ///
    /// # Errors
    /// As the step says.
    pub fn fit<Y: PrepareTarget>(&self, table: &Table<Y>, rows: &[usize]) -> Result<FittedStep> {
        Ok(match self {
            Self::Continuous(step) => FittedStep::Continuous(*step),
            Self::KnnImputer(step) => FittedStep::KnnImputer(step.fit(table, rows)?),
            Self::MeanImputer(step) => FittedStep::MeanImputer(step.fit(table, rows)?),
            Self::StandardScaler(step) => FittedStep::Scaler(step.fit(table, rows)?),
            Self::MinMaxScaler(step) => FittedStep::Scaler(step.fit(table, rows)?),
            Self::OneHot(step) => FittedStep::OneHot(step.fit(table, rows)?),
            Self::LargestSums(step) => FittedStep::FeatureFilter(step.fit(table, rows)?),
            Self::CorrelatedWithTarget(step) => FittedStep::FeatureFilter(step.fit(table, rows)?),
            Self::FrequentLabels(step) => FittedStep::LabelFilter(step.fit(table, rows)?),
            Self::DropLabels(step) => FittedStep::LabelFilter(step.fit(table)?),
        })
    }
}

impl FittedStep {
    /// Applies the step to every row of a table with the columns that it was fitted on.
    ///
    /// # Errors
    /// As the step says.
    pub fn apply<Y: PrepareTarget>(&self, table: Table<Y>) -> Result<Table<Y>> {
        match self {
            Self::Continuous(step) => step.apply(table),
            Self::KnnImputer(step) => step.apply(table),
            Self::MeanImputer(step) => step.apply(table),
            Self::Scaler(step) => step.apply(table),
            Self::OneHot(step) => step.apply(table),
            Self::FeatureFilter(step) => step.apply(table),
            Self::LabelFilter(step) => step.apply(table),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Step, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn a_step_is_named_and_its_parameters_have_defaults() {
        let imputer = read(r#"{"step": "knn_imputer"}"#).expect("a step");
        assert_eq!(imputer, Step::KnnImputer(KnnImputer::default()));
        assert_eq!(
            read(r#"{"step": "frequent_labels", "at_least": 5}"#).expect("a step"),
            Step::FrequentLabels(FrequentLabels { at_least: 5 })
        );
    }

    #[test]
    fn every_step_survives_being_written_and_read() {
        let steps = [
            Step::Continuous(Continuous {}),
            Step::KnnImputer(KnnImputer::default()),
            Step::MeanImputer(MeanImputer {}),
            Step::StandardScaler(StandardScaler {}),
            Step::MinMaxScaler(MinMaxScaler {}),
            Step::OneHot(OneHot::default()),
            Step::LargestSums(LargestSums::default()),
            Step::CorrelatedWithTarget(CorrelatedWithTarget::default()),
            Step::FrequentLabels(FrequentLabels::default()),
            Step::DropLabels(DropLabels { labels: vec!["spam".into()] }),
        ];
        for step in steps {
            let text = serde_json::to_string(&step).expect("plain data");
            assert_eq!(read(&text).expect(&text), step);
        }
    }

    #[test]
    fn unknown_steps_and_parameters_are_refused() {
        assert!(read(r#"{"step": "knn"}"#).is_err());
        assert!(read(r#"{"step": "knn_imputer", "neighbours": 2}"#).is_err());
        assert!(read(r#"{"step": "standard_scaler", "ddof": 1}"#).is_err());
    }
}
