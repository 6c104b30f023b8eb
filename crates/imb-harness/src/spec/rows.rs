//! The data sets that a specification speaks of.

use super::{Column, ProtocolSpec, Spec, SplitRule};

impl Spec {
    /// Every name of a data set, by its row in the paper, that stands anywhere in the specification. One that no data
    /// set has decides nothing, in silence.
    pub fn row_names(&self) -> impl Iterator<Item = &String> {
        let of_runs = self.runs.iter().flat_map(|rule| &rule.datasets);
        let of_figures = self.figures.iter().map(|figure| &figure.dataset).filter(|row| !row.is_empty());
        of_runs
            .chain(self.protocols.values().flat_map(ProtocolSpec::row_names))
            .chain(self.columns.values().flat_map(Column::row_names))
            .chain(self.sweeps.iter().flat_map(|sweep| &sweep.datasets))
            .chain(self.claims.iter().flat_map(|claim| claim.test.rows()))
            .chain(self.comparisons.iter().flat_map(|comparison| &comparison.datasets))
            .chain(self.sensitivities.iter().flat_map(|sensitivity| &sensitivity.datasets))
            .chain(self.differences.iter().flat_map(|difference| &difference.datasets))
            .chain(of_figures)
    }
}

impl ProtocolSpec {
    fn row_names(&self) -> impl Iterator<Item = &String> {
        let of_split: Vec<&String> = match &self.split {
            SplitRule::Unstratified { test, .. } => test.keys().collect(),
            SplitRule::MoodsReleased(splits) => splits.keys().collect(),
            SplitRule::MuboReleased { splits, .. } => splits.keys().collect(),
            SplitRule::Stratified(_) | SplitRule::StratifiedOrGiven { .. } | SplitRule::Folds(_) => {
                Vec::new()
            }
        };
        self.only.iter().chain(self.prepare_first.keys()).chain(self.learner_for.keys()).chain(of_split)
    }
}

impl Column {
    fn row_names(&self) -> impl Iterator<Item = &String> {
        self.on.keys().chain(self.for_dataset.keys())
    }
}
