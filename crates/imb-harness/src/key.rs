//! What a cell's numbers depend on, part by part, so that a stale record can say what changed.

use anyhow::{Context, Result};
use imb_core::{Budget, Device};
use imb_data::Entry;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::digest::digest;
use crate::place::Place;
use crate::protocol;
use crate::recipe::Recipe;
use crate::spec::{ChoosingRows, Evaluation, ProtocolSpec, Spec, SplitRule, StageSpec, SweepSpec};

/// Hashes of everything that a cell's numbers depend on besides its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The stages: methods, versions and parameters.
    pub recipe: String,
    /// Split, preparation and evaluations.
    pub protocol: String,
    /// What the variant does to the files' rows and columns, and steps on all rows.
    pub variant: String,
    /// The fingerprint of the data as the files hold them.
    pub data: String,
    /// The device.
    pub device: Device,
    /// The budget, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

impl Key {
    /// The key of a cell of a data set whose files have not been read: the fingerprint of its data is
    /// empty.
    ///
    /// # Errors
    /// If the paper has no such protocol, column or learner.
    pub fn new(
        spec: &Spec,
        entry: &Entry,
        place: &Place,
        device: Device,
        budget: Option<Budget>,
    ) -> Result<(Self, Recipe)> {
        let protocol = spec.protocol(&place.protocol)?;
        let recipe = recipe_of(spec, entry, place)?;
        let key = Self {
            recipe: digest(&json!(recipe).to_string()),
            protocol: protocol_digest(spec, protocol, entry, place),
            variant: variant_digest(protocol, entry),
            data: String::new(),
            device,
            budget,
        };
        Ok((key, recipe))
    }

    /// The parts in which two keys of a place differ, but for the data where one of them has none.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let data = |key: &Self| !key.data.is_empty();
        let parts = [
            ("method or parameters", self.recipe != other.recipe),
            ("protocol", self.protocol != other.protocol),
            ("variant of the data set", self.variant != other.variant),
            ("data", data(self) && data(other) && self.data != other.data),
            ("device", self.device != other.device),
            ("budget", self.budget != other.budget),
        ];
        parts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }

    /// The name of the cell at a place with this key.
    pub fn id(&self, place: &Place) -> String {
        digest(&json!([place, self]).to_string())
    }
}

/// The method at a place: the column's stages and the learner.
fn recipe_of(spec: &Spec, entry: &Entry, place: &Place) -> Result<Recipe> {
    let protocol = spec.protocol(&place.protocol)?;
    let column = spec.column(&place.column)?;
    let learner = match &place.learner {
        Some(name) => Some(spec.learner(name)?.stage_under(&place.protocol)),
        None => protocol.learner.as_ref(),
    };
    let mut stages = column.stages_for(&place.protocol, &entry.row);
    for (parameter, value) in &place.setting {
        let stage = stages.last_mut().context("there is no stage whose parameter could be set")?;
        stage.parameters.insert(parameter.clone(), value_of(value)?);
    }
    let recipe = Recipe::new(&stages, learner, protocol.learner_for.get(&entry.row))?
        .with_epochs_of_given_rows(protocol.epochs_of_given_rows);
    // What a sweep has set is not chosen.
    let choice = column.choice_on(ChoosingRows::Validation, &place.protocol);
    let Some(choice) = choice.filter(|choice| !place.setting.contains_key(&choice.parameter)) else {
        return Ok(recipe);
    };
    let rule = spec.choice_rule(ChoosingRows::Validation)?;
    let learners: Vec<&StageSpec> = rule
        .learners
        .iter()
        .map(|name| Ok(spec.learner(name)?.stage_under(&place.protocol)))
        .collect::<Result<_>>()?;
    recipe.with_choice(choice, &rule.metric, &learners)
}

/// A value of a setting, which is written as TOML.
pub(crate) fn value_of(text: &str) -> Result<toml::Value> {
    let table: toml::Table = format!("value = {text}").parse().with_context(|| text.to_owned())?;
    Ok(table["value"].clone())
}

/// The sweep that sets parameters at a place, if one does.
pub(crate) fn sweep_of<'a>(spec: &'a Spec, place: &Place) -> Option<&'a SweepSpec> {
    spec.sweeps.iter().find(|sweep| sweep.sets(place))
}

/// The evaluations of a cell: those of its protocol, and on the validation rows where a sweep may choose.
pub(crate) fn evaluations_of(spec: &Spec, protocol: &ProtocolSpec, place: &Place) -> Vec<Evaluation> {
    let mut evaluations = protocol.evaluations_for(place.rows);
    if sweep_of(spec, place).is_some() {
        evaluations.push(Evaluation::Validation);
    }
    evaluations
}

/// What of a protocol decides the rows and evaluations of one data set.
fn protocol_digest(spec: &Spec, protocol: &ProtocolSpec, entry: &Entry, place: &Place) -> String {
    // Of what is listed by data set, the entry of this one.
    let split = match &protocol.split {
        SplitRule::Unstratified { random_state, test } => {
            json!({ "unstratified": [random_state, test.get(&entry.row)] })
        }
        SplitRule::MoodsReleased(splits) => json!({ "moods_released": splits.get(&entry.row) }),
        SplitRule::MuboReleased { test, splits } => {
            json!({ "mubo_released": [test, splits.get(&entry.row)] })
        }
        other => json!(other),
    };
    let parts = json!({
        "version": protocol::VERSION,
        "seed": spec.seed,
        "split": split,
        "prepare": protocol.steps_for(&entry.row),
        "evaluations": evaluations_of(spec, protocol, place),
        "choose_epoch_by": protocol.choose_epoch_by,
    });
    if !protocol.labels_in_every_fold {
        return digest(&parts.to_string());
    }
    digest(&json!([parts, "labels_in_every_fold"]).to_string())
}

/// The content of the variant that a protocol reads, not its name.
fn variant_digest(protocol: &ProtocolSpec, entry: &Entry) -> String {
    let variant = protocol.variant_of(entry).map(|name| {
        let variant = entry.variants[name].clone();
        imb_data::Variant { title: String::new(), ..variant }
    });
    digest(&json!([variant, protocol.prepare_on_all_rows]).to_string())
}
