//! Sweeps: parameters of a column's method are turned like dials.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::is_among;
use crate::place::Place;

/// A column that is run with every combination of some parameters' values: for a figure, and for the best of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepSpec {
    /// The column.
    pub column: String,
    /// The values of parameters of the column's last stage.
    pub values: BTreeMap<String, Vec<toml::Value>>,
    /// The data sets, by their row in the paper.
    pub datasets: Vec<String>,
    /// The protocols.
    pub protocols: Vec<String>,
    /// The learners; all of the protocol if none is named.
    #[serde(default)]
    pub learners: Vec<String>,
    /// Runs of each combination.
    pub runs: usize,
    /// How many folds of a repeat are run; all if nothing is said.
    pub folds: Option<usize>,
    /// The names under which tables of our own have the column with its best values.
    #[serde(default)]
    pub best: BTreeMap<String, BestRows>,
    /// The metric by which the best values are chosen.
    pub choose_by: String,
    /// Values that figures show and that are never chosen, such as one that turns the method off.
    #[serde(default)]
    pub never_best: BTreeMap<String, Vec<toml::Value>>,
}

/// The rows by which the best of a sweep is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BestRows {
    /// Validation rows, run by run, where there are any; else test rows.
    ValidationOrTest,
    /// Test rows, one combination for all runs, which is peeking.
    Test,
}

impl SweepSpec {
    /// Whether the sweep is made of a data set, by its row in the paper, under a protocol.
    pub fn is_for(&self, protocol: &str, row: &str) -> bool {
        is_among(&self.protocols, protocol) && is_among(&self.datasets, row)
    }

    /// Whether the sweep is made with a learner.
    pub fn is_for_learner(&self, learner: Option<&String>) -> bool {
        self.learners.is_empty() || learner.is_some_and(|learner| self.learners.contains(learner))
    }

    /// Whether another sweep sets the same parameters of the same column with a learner of this one: a place does not
    /// say which of them set it.
    pub fn is_confused_with(&self, other: &Self) -> bool {
        let shares_learner = self.learners.is_empty()
            || other.learners.is_empty()
            || self.learners.iter().any(|learner| other.learners.contains(learner));
        self.column == other.column && self.values.keys().eq(other.values.keys()) && shares_learner
    }

    /// Whether the sweep has set the parameters at a place.
    pub fn sets(&self, place: &Place) -> bool {
        self.column == place.column
            && self.values.keys().eq(place.setting.keys())
            && self.is_for_learner(place.learner.as_ref())
    }

    /// The combinations among which the best is chosen.
    pub fn candidates(&self) -> impl Iterator<Item = BTreeMap<String, String>> {
        let never = |(name, value): (&String, &String)| {
            let values = self.never_best.get(name);
            values.is_some_and(|values| values.iter().any(|never| never.to_string() == *value))
        };
        self.settings().into_iter().filter(move |setting| !setting.iter().any(never))
    }

    /// Every combination of the values, as a place has them; the first parameter changes slowest.
    pub fn settings(&self) -> Vec<BTreeMap<String, String>> {
        let mut settings = vec![BTreeMap::new()];
        for (name, values) in &self.values {
            let with = |setting: &BTreeMap<String, String>, value: &toml::Value| {
                let mut setting = setting.clone();
                setting.insert(name.clone(), value.to_string());
                setting
            };
            settings =
                settings.iter().flat_map(|all| values.iter().map(move |value| with(all, value))).collect();
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_combinations_are_made_once() {
        let sweep: SweepSpec = toml::from_str(
            "column = \"a\"\nvalues = { y = [1, 2], x = [0.5, 1.0] }\ndatasets = []\nprotocols = []\nruns = 1\n\
             choose_by = \"f1_score\"",
        )
        .expect("a sweep");
        let texts: Vec<String> =
            sweep.settings().iter().map(|setting| format!("{} {}", setting["x"], setting["y"])).collect();
        assert_eq!(texts, ["0.5 1", "0.5 2", "1.0 1", "1.0 2"]);
        let without = SweepSpec { never_best: [("x".to_owned(), vec![0.5.into()])].into(), ..sweep };
        let candidates: Vec<String> = without.candidates().map(|setting| setting["x"].clone()).collect();
        assert_eq!(candidates, ["1.0", "1.0"]);
    }
}
