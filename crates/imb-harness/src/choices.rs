//! Parameters that are chosen on test rows, as some papers do: peeking, and labelled so.
//!
//! The learners that choose are run with every candidate. Once all of those cells are recorded, the candidate
//! with the highest mean of the metric over folds and learners is chosen for the data set, and the other
//! learners are run with it. No method sees a test row: the choice is made from records.

use std::collections::BTreeMap;

use anyhow::Result;
use imb_data::Entry;

use crate::experiment::place;
use crate::measure::Measure;
use crate::place::Place;
use crate::results::Source;
use crate::spec::{Choice, ChoosingRows, Evaluation, Spec};

/// What was chosen, by data set, protocol and column: the value as a [`Place`] has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(BTreeMap<[String; 3], String>);

impl Choices {
    /// What the records of a source choose, as far as the cells that choose are complete.
    ///
    /// # Errors
    /// If the specification does not fit together.
    pub fn of(source: &Source<'_>) -> Result<Self> {
        let spec = &source.paper.spec;
        let mut choices = BTreeMap::new();
        for entry in &source.entries {
            for (protocol, _) in source.protocols(entry) {
                for (name, column) in &spec.columns {
                    let Some(choice) = column.choice_on(ChoosingRows::Test, protocol) else { continue };
                    if let Some(value) = best(source, entry, &place(spec, entry, protocol, name), choice)? {
                        choices.insert([entry.name.clone(), protocol.to_owned(), name.clone()], value);
                    }
                }
            }
        }
        Ok(Self(choices))
    }

    /// What was chosen for a column of a data set under a protocol.
    pub fn get(&self, dataset: &str, protocol: &str, column: &str) -> Option<&str> {
        self.0.get(&[dataset.to_owned(), protocol.to_owned(), column.to_owned()]).map(String::as_str)
    }

    /// The settings with which a column is run with a learner: one without values where nothing is chosen
    /// on test rows, every candidate for a learner that chooses, else what was chosen, if anything was.
    ///
    /// # Errors
    /// If the specification does not say by what to choose.
    pub fn settings(
        &self,
        spec: &Spec,
        dataset: &str,
        protocol: &str,
        column: &str,
        learner: Option<&String>,
    ) -> Result<Vec<BTreeMap<String, String>>> {
        let Some(choice) = spec.column(column)?.choice_on(ChoosingRows::Test, protocol) else {
            return Ok(vec![BTreeMap::new()]);
        };
        let rule = spec.choice_rule(ChoosingRows::Test)?;
        let chooses = learner.is_some_and(|learner| rule.learners.contains(learner));
        let chosen = self.get(dataset, protocol, column);
        let candidates = choice.candidates.iter().map(toml::Value::to_string);
        let asked = candidates.filter(|value| chooses || chosen == Some(value));
        Ok(asked.map(|value| [(choice.parameter.clone(), value)].into()).collect())
    }
}

/// The best candidate, the first of equally good ones. None before every cell that chooses is recorded, and a
/// candidate with a cell that did not run is out.
fn best(source: &Source<'_>, entry: &Entry, first: &Place, choice: &Choice) -> Result<Option<String>> {
    let rule = source.paper.spec.choice_rule(ChoosingRows::Test)?;
    let measure = Measure::named(&rule.metric)?;
    let n_folds = source.paper.spec.protocol(&first.protocol)?.n_folds().unwrap_or(1);
    let mut best: Option<(f64, String)> = None;
    for candidate in &choice.candidates {
        let setting: BTreeMap<String, String> = [(choice.parameter.clone(), candidate.to_string())].into();
        let mut means = Vec::new();
        for learner in &rule.learners {
            let place = Place { learner: Some(learner.clone()), setting: setting.clone(), ..first.clone() };
            let runs = source.runs(entry, &place)?;
            let asked = runs.plan.map_or(0, |plan| plan.total() * n_folds);
            if runs.records.len() < asked.max(1) {
                return Ok(None);
            }
            let value =
                |record: &&crate::record::Record| measure.of(record.done()?, None, Evaluation::Last).ok();
            let values: Option<Vec<f64>> = runs.records.iter().map(value).collect();
            means.push(values.map(|values| values.iter().sum::<f64>() / values.len() as f64));
        }
        let Some(means) = means.into_iter().collect::<Option<Vec<f64>>>() else { continue };
        let mean = means.iter().sum::<f64>() / means.len() as f64;
        if best.as_ref().is_none_or(|(value, _)| measure.direction().compare(mean, *value).is_gt()) {
            best = Some((mean, candidate.to_string()));
        }
    }
    Ok(best.map(|(_, value)| value))
}
