//! Columns: methods as lists of stages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A column of the tables of results.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What the method is, in a few words.
    pub title: String,
    /// The stages before the learner, first to last.
    #[serde(default)]
    pub stages: Vec<StageSpec>,
    /// Other stages under a protocol, by its name.
    #[serde(default)]
    pub under: BTreeMap<String, Vec<StageSpec>>,
    /// Other stages on a data set, by its row in the paper; under every protocol.
    #[serde(default)]
    pub on: BTreeMap<String, Vec<StageSpec>>,
    /// Parameters of the first stage that a data set has of its own, by its row in the paper.
    #[serde(default)]
    pub for_dataset: BTreeMap<String, toml::Table>,
    /// Protocols under which the column is not run, with the reason.
    #[serde(default)]
    pub not_under: BTreeMap<String, String>,
    /// The only protocols under which the column is run; all if none is named.
    #[serde(default)]
    pub only_under: Vec<String>,
    /// Whether the method is reconstructed from descriptions, which its verdicts then say.
    #[serde(default)]
    pub reconstructed: bool,
    /// A parameter that is chosen among candidates.
    pub choice: Option<Choice>,
}

/// A parameter of a column's last stage that is chosen among candidates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The parameter.
    pub parameter: String,
    /// Its candidates; of equally good ones the first is chosen.
    pub candidates: Vec<toml::Value>,
    /// On which rows it is chosen, by protocol. Under other protocols the stage keeps its own value.
    pub on: BTreeMap<String, ChoosingRows>,
}

/// The rows by which a parameter is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoosingRows {
    /// The validation rows, in each fold anew.
    Validation,
    /// The test rows of all folds together, once for a data set: peeking.
    Test,
}

/// By what a parameter is chosen.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceRule {
    /// The metric.
    pub metric: String,
    /// The learners whose mean counts. What they choose serves all learners.
    pub learners: Vec<String>,
}

/// A learner that every column is crossed with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learner {
    /// What the learner is, in a few words.
    pub title: String,
    /// The learner.
    pub stage: StageSpec,
    /// Another form of it under a protocol, by its name.
    #[serde(default)]
    pub under: BTreeMap<String, StageSpec>,
    /// The only protocols under which it learns; all if none is named.
    #[serde(default)]
    pub only_under: Vec<String>,
}

impl Learner {
    /// The learner under a protocol.
    pub fn stage_under(&self, protocol: &str) -> &StageSpec {
        self.under.get(protocol).unwrap_or(&self.stage)
    }
}

/// A stage: a method of the registry with parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageSpec {
    /// The method's name.
    pub method: String,
    /// A preset that the parameters start from.
    pub preset: Option<String>,
    /// The method trains the learner inside it: the learner becomes its parameter `classifier`.
    #[serde(default)]
    pub around_learner: bool,
    /// The method is a learner with a network of its own: that of the protocol takes no part.
    #[serde(default)]
    pub own_learner: bool,
    /// Parameters; they replace those of the preset, name by name.
    #[serde(flatten)]
    pub parameters: toml::Table,
}

impl Column {
    /// The stages under a protocol on a data set, by its row in the paper.
    pub fn stages_for(&self, protocol: &str, row: &str) -> Vec<StageSpec> {
        let mut stages = self.on.get(row).or(self.under.get(protocol)).unwrap_or(&self.stages).clone();
        if let (Some(first), Some(own)) = (stages.first_mut(), self.for_dataset.get(row)) {
            first.parameters.extend(own.clone());
        }
        stages
    }

    /// The parameter that is chosen on these rows under a protocol.
    pub fn choice_on(&self, rows: ChoosingRows, protocol: &str) -> Option<&Choice> {
        self.choice.as_ref().filter(|choice| choice.on.get(protocol) == Some(&rows))
    }
}
