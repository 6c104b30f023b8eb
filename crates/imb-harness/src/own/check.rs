//! Whether the parts of an experiment fit together, before anything is run.

use std::path::Path;

use imb_core::{LabelMatrix, Labels};
use imb_data::{Catalog, DataDirs, TargetColumns};
use imb_methods::{Method, Role, method};
use imb_metrics::{Metric, Task};

use super::error::{SourceText, SpecError};
use crate::measure::Measure;
use crate::spec::{ProtocolSpec, Spec, StageSpec};

type Checked = Result<(), SpecError>;

/// The name of an experiment is that of a folder, and no paper's.
pub(super) fn name(text: &SourceText, id: &str, papers: &[&str]) -> Checked {
    if papers.contains(&id) {
        let problem = format!("\"{id}\" is the name of a paper");
        return Err(text.at(id, problem, "choose another id; without --spec, `imb run` runs the paper"));
    }
    if !is_plain_id(id) {
        let problem = format!("the id \"{id}\" is no name of a folder");
        return Err(text.at("id", problem, "use letters, digits, _ and -"));
    }
    Ok(())
}

/// Whether an id can be that of an experiment.
pub fn is_plain_id(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !id.is_empty() && id.chars().all(is_plain)
}

/// Columns, learners, methods, their parameters and measures are known.
pub(super) fn spec(text: &SourceText, spec: &Spec) -> Checked {
    if spec.columns.is_empty() {
        return Err(text.at("columns", "there is no column to run", "add [columns.none] with a title"));
    }
    for column in spec.columns.values() {
        for protocol in column.not_under.keys() {
            known(text, "protocol", protocol, spec.protocols.keys())?;
        }
    }
    for (owner, stage, is_learner) in stages(spec) {
        stage_fits(text, owner, stage, is_learner)?;
    }
    let lacks_learner = |(_, protocol): &(&String, &ProtocolSpec)| protocol.learner.is_none();
    if let Some((name, _)) = spec.protocols.iter().find(lacks_learner).filter(|_| spec.learners.is_empty()) {
        let problem = format!("protocol \"{name}\" names no learner");
        return Err(text.at(name, problem, "add learner = { method = \"cart\" }, or [learners.NAME]"));
    }
    tables(text, spec)
}

/// Every stage, with the column, learner or protocol that it stands in, and whether it is a learner.
fn stages(spec: &Spec) -> impl Iterator<Item = (&String, &StageSpec, bool)> {
    let of_columns = spec.columns.iter().flat_map(|(name, column)| {
        let others = column.under.values().chain(column.on.values()).flatten();
        let all = column.stages.iter().chain(others);
        all.map(move |stage| (name, stage, stage.around_learner || stage.own_learner))
    });
    let of_learners = spec.learners.iter().flat_map(|(name, learner)| {
        let all = [&learner.stage].into_iter().chain(learner.under.values());
        all.map(move |stage| (name, stage, true))
    });
    let of_protocols =
        spec.protocols.iter().filter_map(|(name, protocol)| Some((name, protocol.learner.as_ref()?, true)));
    of_columns.chain(of_learners).chain(of_protocols)
}

/// Methods and metrics are for what the data sets have: classes or labels.
pub(super) fn kinds(text: &SourceText, spec: &Spec, catalog: &Catalog) -> Checked {
    let editions = || catalog.entries.iter().flat_map(|entry| &entry.editions);
    let has_classes = editions().any(|edition| matches!(edition.targets, TargetColumns::Class(_)));
    let has_labels = editions().any(|edition| !matches!(edition.targets, TargetColumns::Class(_)));
    let what = if has_classes { "classes" } else { "labels" };
    for (owner, stage, _) in stages(spec) {
        let Ok(found) = method(&stage.method) else { continue };
        let fits = found.roles.iter().any(|role| match role {
            Role::ResampleClasses(_) | Role::FitClasses(_) => has_classes,
            Role::ResampleLabels(_) | Role::FitLabels(_) => has_labels,
        });
        if !fits {
            let problem = format!("\"{owner}\": {} does not fit data sets with {what}", stage.method);
            return Err(text.within(owner, &stage.method, problem, "`imb list methods` shows what they do"));
        }
    }
    for line in spec.tables.iter().flat_map(|table| &table.lines) {
        let is_of_rows = Measure::named(&line.metric).is_ok_and(|measure| measure.is_of_test_rows());
        // Metrics of classes and of labels share some names.
        let fits = |task, has: bool| has && Metric::named(task, &line.metric).is_ok();
        if is_of_rows && !fits(Task::SingleLabel, has_classes) && !fits(Task::MultiLabel, has_labels) {
            let problem = format!("{} does not fit data sets with {what}", line.metric);
            return Err(text.at(&line.metric, problem, "leave the line out"));
        }
    }
    Ok(())
}

fn tables(text: &SourceText, spec: &Spec) -> Checked {
    for table in &spec.tables {
        for column in &table.columns {
            match &table.of_column {
                Some(_) => known(text, "learner", column, spec.learners.keys())?,
                None => known(text, "column", column, spec.columns.keys())?,
            }
        }
        for line in &table.lines {
            let measure = Measure::named(&line.metric);
            measure.map_err(|error| text.at(&line.metric, format!("{error:#}"), ""))?;
        }
    }
    for rule in &spec.runs {
        rule.columns.iter().try_for_each(|name| known(text, "column", name, spec.columns.keys()))?;
        rule.protocols.iter().try_for_each(|name| known(text, "protocol", name, spec.protocols.keys()))?;
    }
    Ok(())
}

fn known<'a>(
    text: &SourceText,
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'a String> + Clone,
) -> Checked {
    if names.clone().any(|known| known == name) {
        return Ok(());
    }
    let known = names.map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(text.at(name, format!("unknown {what} \"{name}\""), format!("known: {known}")))
}

/// A stage is a method of the registry, of the right role and with parameters that it takes.
fn stage_fits(text: &SourceText, owner: &str, stage: &StageSpec, is_learner: bool) -> Checked {
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
        text.within(owner, name, problem, format!("`imb list methods {name}` helps"))
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

/// Data sets have names of their own, and their files are there.
pub(super) fn catalog(text: &SourceText, catalog: &Catalog, spec: &Spec, folder: &Path) -> Checked {
    let dirs = DataDirs::find(None).unwrap_or_else(|_| DataDirs::only(Vec::new()));
    let dirs = dirs.starting_with(folder.to_owned());
    for (number, entry) in catalog.entries.iter().enumerate() {
        let name = &entry.name;
        let is_taken = catalog.entries[..number].iter().any(|other| other.name == *name);
        if is_taken || spec.datasets.contains(name) {
            let problem = format!("two data sets are called \"{name}\"");
            return Err(text.at(name, problem, "give each a name of its own"));
        }
        let is_whole =
            |edition: &imb_data::Edition| edition.all_files().all(|file| dirs.locate(file).is_some());
        if let (Some(first), false) = (entry.editions.first(), entry.editions.iter().any(is_whole)) {
            let missing = first.all_files().find(|file| dirs.locate(file).is_none());
            let path = missing.map_or("", |file| file.path.as_str());
            let places: Vec<String> =
                dirs.folders().iter().map(|folder| folder.display().to_string()).collect();
            let remedy = format!("a path is relative to the catalog; searched: {}", places.join(", "));
            return Err(text.at(path, format!("data set \"{name}\": there is no file {path}"), remedy));
        }
    }
    Ok(())
}

/// What the specification says of data sets is of those that there are.
pub(super) fn rows(text: &SourceText, spec: &Spec, catalog: &Catalog) -> Checked {
    let rows: Vec<String> = catalog.entries.iter().map(|entry| entry.row.clone()).collect();
    if rows.is_empty() {
        return Err(text.at("id", "there is no data set", "add a [[dataset]] to the catalog"));
    }
    let of_runs = spec.runs.iter().flat_map(|rule| &rule.datasets);
    let of_protocols = spec.protocols.values().flat_map(|protocol| &protocol.only);
    for name in of_runs.chain(of_protocols) {
        known(text, "data set", name, rows.iter())?;
    }
    Ok(())
}
