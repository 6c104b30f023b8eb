//! Whether the stages of an experiment can be built, with every value that some cell gives to a parameter.

use imb_core::{LabelMatrix, Labels};
use imb_methods::{Method, Role, method};

use super::check::Checked;
use super::error::SourceText;
use crate::key::value_of;
use crate::spec::{ProtocolSpec, Spec, StageSpec, SweepSpec, is_among};

/// Every stage, as it is written and as data sets and sweeps change it.
pub(super) fn check(text: &SourceText, spec: &Spec) -> Checked {
    for (owner, stage, is_learner) in written(spec) {
        fits(text, owner, stage, is_learner, None)?;
    }
    of_data_sets(text, spec)?;
    for (name, protocol) in &spec.protocols {
        learners_of_data_sets(text, spec, name, protocol)?;
    }
    spec.sweeps.iter().try_for_each(|sweep| swept(text, spec, sweep))?;
    chosen(text, spec)
}

/// Every stage, with the column, learner or protocol that it stands in, and whether it is a learner.
pub(super) fn written(spec: &Spec) -> impl Iterator<Item = (&String, &StageSpec, bool)> {
    let of_columns = spec.columns.iter().flat_map(|(name, column)| {
        let others = column.under.values().chain(column.on.values()).flatten();
        let all = column.stages.iter().chain(others);
        all.map(move |stage| (name, stage, is_learner(stage)))
    });
    let of_learners = spec.learners.iter().flat_map(|(name, learner)| {
        let all = [&learner.stage].into_iter().chain(learner.under.values());
        all.map(move |stage| (name, stage, true))
    });
    let of_protocols =
        spec.protocols.iter().filter_map(|(name, protocol)| Some((name, protocol.learner.as_ref()?, true)));
    of_columns.chain(of_learners).chain(of_protocols)
}

/// First stages with the parameters that a data set has of its own.
fn of_data_sets(text: &SourceText, spec: &Spec) -> Checked {
    for (name, column) in &spec.columns {
        for row in column.for_dataset.keys() {
            let lists = spec.protocols.keys().map(|protocol| column.stages_for(protocol, row));
            let firsts: Vec<StageSpec> = lists.filter_map(|stages| stages.into_iter().next()).collect();
            if firsts.is_empty() {
                let problem = format!("\"{name}\" has no stage whose parameters could be set for {row}");
                return Err(text.within(name, row, problem, "leave for_dataset out"));
            }
            firsts.iter().try_for_each(|stage| fits(text, name, stage, is_learner(stage), Some(row)))?;
        }
    }
    Ok(())
}

/// The learners of a protocol with the parameters that a data set has of its own.
fn learners_of_data_sets(text: &SourceText, spec: &Spec, name: &str, protocol: &ProtocolSpec) -> Checked {
    let crossed = spec.learners_under(name).into_iter().flatten();
    let crossed = crossed.map(|learner| spec.learners[&learner].stage_under(name));
    let learners: Vec<&StageSpec> = protocol.learner.iter().chain(crossed).collect();
    for (row, own) in &protocol.learner_for {
        for learner in &learners {
            let mut learner = (*learner).clone();
            learner.parameters.extend(own.clone());
            fits(text, name, &learner, true, Some(row))?;
        }
    }
    Ok(())
}

/// Last stages with every combination of the values of a sweep.
fn swept(text: &SourceText, spec: &Spec, sweep: &SweepSpec) -> Checked {
    let column = &spec.columns[&sweep.column];
    let parameter = sweep.values.keys().next().map(String::as_str);
    // Where no data set is named, the sweep is made of all: of those with values of their own, and of any other.
    let any_other = String::new();
    let all = column.on.keys().chain(column.for_dataset.keys()).chain([&any_other]);
    let rows: Vec<&String> =
        if sweep.datasets.is_empty() { all.collect() } else { sweep.datasets.iter().collect() };
    let is_made = |protocol: &&String| {
        is_among(&sweep.protocols, protocol) && spec.runs_column(protocol, &sweep.column)
    };
    for protocol in spec.protocols.keys().filter(is_made) {
        for row in &rows {
            let Some(last) = column.stages_for(protocol, row).pop() else {
                let problem = format!("\"{}\" has no stage that a sweep could turn", sweep.column);
                return Err(text.at(&sweep.column, problem, "leave the sweep out"));
            };
            for setting in sweep.settings() {
                let mut stage = last.clone();
                for (name, value) in &setting {
                    let value = value_of(value).map_err(|error| text.at(name, error, ""))?;
                    stage.parameters.insert(name.clone(), value);
                }
                fits(text, &sweep.column, &stage, is_learner(&stage), parameter)?;
            }
        }
    }
    Ok(())
}

/// Last stages with every candidate of a parameter that is chosen.
fn chosen(text: &SourceText, spec: &Spec) -> Checked {
    for (name, column) in &spec.columns {
        let Some(choice) = &column.choice else { continue };
        for protocol in choice.on.keys() {
            let Some(last) = column.stages_for(protocol, "").pop() else {
                let problem = format!("\"{name}\" has no stage whose parameter could be chosen");
                return Err(text.within(name, "choice", problem, "leave the choice out"));
            };
            for candidate in &choice.candidates {
                let mut stage = last.clone();
                stage.parameters.insert(choice.parameter.clone(), candidate.clone());
                fits(text, name, &stage, is_learner(&stage), Some("choice"))?;
            }
        }
    }
    Ok(())
}

/// Whether a stage of a column is a learner, or trains one inside it.
fn is_learner(stage: &StageSpec) -> bool {
    stage.around_learner || stage.own_learner
}

/// A stage is a method of the registry, of the right role and with parameters that it takes. A value that it does not take
/// stands where `set_at` says, if that is not the stage itself.
fn fits(
    text: &SourceText,
    owner: &str,
    stage: &StageSpec,
    is_learner: bool,
    set_at: Option<&str>,
) -> Checked {
    let name = &stage.method;
    let found = method(name)
        .map_err(|error| text.within(owner, name, error, "`imb list methods` shows what they do"))?;
    if let Some(preset) = &stage.preset {
        found.preset(preset).map_err(|error| text.within(owner, preset, error, ""))?;
    }
    let unknown =
        stage.parameters.keys().find(|key| found.parameters.iter().all(|known| known.name != **key));
    if let Some(key) = unknown {
        let names: Vec<&str> = found.parameters.iter().map(|known| known.name).collect();
        let problem = format!("\"{owner}\": {name} has no parameter \"{key}\"");
        return Err(text.within(owner, key, problem, format!("it has: {}", names.join(", "))));
    }
    can_be_built(stage, is_learner).map_err(|error| {
        let problem = format!("\"{owner}\": {error}");
        text.within(owner, set_at.unwrap_or(name), problem, format!("`imb list methods {name}` helps"))
    })
}

/// Whether the method takes the values of a stage's parameters.
pub(super) fn can_be_built(stage: &StageSpec, is_learner: bool) -> imb_core::Result<()> {
    let method = method(&stage.method)?;
    let mut parameters = match &stage.preset {
        Some(preset) => method.preset(preset)?,
        None => toml::Table::new(),
    };
    parameters.extend(stage.parameters.clone());
    build(method, &parameters, is_learner)
}

/// Builds a method for one kind of target that it is for; the error of the first that refuses.
fn build(method: &Method, parameters: &toml::Table, is_learner: bool) -> imb_core::Result<()> {
    let of_labels =
        method.roles.iter().all(|role| matches!(role, Role::ResampleLabels(_) | Role::FitLabels(_)));
    let parameters = parameters.clone();
    match (is_learner, of_labels) {
        (true, false) => method.learner::<Labels>(parameters).map(drop),
        (true, true) => method.learner::<LabelMatrix>(parameters).map(drop),
        (false, false) => method.resampler::<Labels>(parameters).map(drop),
        (false, true) => method.resampler::<LabelMatrix>(parameters).map(drop),
    }
}
