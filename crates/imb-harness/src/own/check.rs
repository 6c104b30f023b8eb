//! Whether the parts of an experiment fit together, before anything is run.

use std::collections::BTreeSet;
use std::path::Path;

use imb_data::{Catalog, DataDirs, Edition, Entry, TargetColumns};
use imb_methods::{Role, method};
use imb_metrics::{Metric, Task};

use super::error::{SourceText, SpecError};
use super::stages;
use crate::measure::Measure;
use crate::spec::{ProtocolSpec, Spec};

pub(super) type Checked = Result<(), SpecError>;

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
    stages::check(text, spec)?;
    let lacks_learner = |(_, protocol): &(&String, &ProtocolSpec)| protocol.learner.is_none();
    if let Some((name, _)) = spec.protocols.iter().find(lacks_learner).filter(|_| spec.learners.is_empty()) {
        let problem = format!("protocol \"{name}\" names no learner");
        return Err(text.at(name, problem, "add learner = { method = \"cart\" }, or [learners.NAME]"));
    }
    tables(text, spec)
}

/// Methods and metrics are for what the data sets have: classes or labels.
pub(super) fn kinds(text: &SourceText, spec: &Spec, catalog: &Catalog) -> Checked {
    let editions = || catalog.entries.iter().flat_map(|entry| &entry.editions);
    let has_classes = editions().any(|edition| matches!(edition.targets, TargetColumns::Class(_)));
    let has_labels = editions().any(|edition| !matches!(edition.targets, TargetColumns::Class(_)));
    let what = if has_classes { "classes" } else { "labels" };
    for (owner, stage, _) in stages::written(spec) {
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
    let best = spec.sweeps.iter().flat_map(|sweep| sweep.best.keys());
    let columns = spec.columns.keys().chain(best);
    for table in &spec.tables {
        for column in &table.columns {
            match &table.of_column {
                Some(_) => known(text, "learner", column, spec.learners.keys())?,
                None => known(text, "column", column, columns.clone())?,
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

/// Data sets have names and rows of their own, and their files are there.
pub(super) fn catalog(text: &SourceText, catalog: &Catalog, spec: &Spec, folder: &Path) -> Checked {
    let dirs = DataDirs::find(None).unwrap_or_else(|_| DataDirs::only(Vec::new()));
    let dirs = dirs.starting_with(folder.to_owned());
    for (number, entry) in catalog.entries.iter().enumerate() {
        let (name, earlier) = (&entry.name, &catalog.entries[..number]);
        if name.trim().is_empty() {
            let problem = format!("data set number {} has an empty name", number + 1);
            return Err(text.at("name", problem, "give each a name of its own"));
        }
        if earlier.iter().any(|other| other.name == *name) || spec.datasets.contains(name) {
            let problem = format!("two data sets are called \"{name}\"");
            return Err(text.at(name, problem, "give each a name of its own"));
        }
        new_row(text, entry, earlier)?;
        entry.editions.iter().try_for_each(|edition| different_files(text, name, edition))?;
        let is_whole = |edition: &Edition| edition.all_files().all(|file| dirs.locate(file).is_some());
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

/// The row of a data set, by which the specification names it, is none of the others'.
pub(super) fn new_row(text: &SourceText, entry: &Entry, others: &[Entry]) -> Checked {
    let Some(other) = others.iter().find(|other| other.row == entry.row) else { return Ok(()) };
    let Entry { name, row, .. } = entry;
    if other.name == *name {
        return Err(text.at(name, format!("the data set \"{name}\" is listed twice"), "leave one out"));
    }
    let problem = format!("the data sets \"{}\" and \"{name}\" have the same row, \"{row}\"", other.name);
    Err(text.within(name, name, problem, "the row is what the specification and tables call a data set"))
}

/// A file that is listed twice would have each of its rows twice.
fn different_files(text: &SourceText, name: &str, edition: &Edition) -> Checked {
    let files: Vec<&String> = edition.all_files().map(|file| &file.path).collect();
    let again = files.iter().enumerate().find(|(number, path)| files[..*number].contains(path));
    again.map_or(Ok(()), |(_, path)| {
        let problem = format!("data set \"{name}\" lists the file {path} twice");
        Err(text.at(path, problem, "leave one of them out"))
    })
}

/// What the specification says of data sets is of those that there are, and so are the variants that protocols read.
pub(super) fn rows(text: &SourceText, spec: &Spec, catalog: &Catalog) -> Checked {
    let rows: Vec<String> = catalog.entries.iter().map(|entry| entry.row.clone()).collect();
    if rows.is_empty() {
        return Err(text.at("id", "there is no data set", "add a [[dataset]] to the catalog"));
    }
    spec.row_names().try_for_each(|name| known(text, "data set", name, rows.iter()))?;
    let variants: BTreeSet<String> =
        catalog.entries.iter().flat_map(|entry| entry.variants.keys().cloned()).collect();
    for (name, protocol) in &spec.protocols {
        let Some(variant) = protocol.variant.as_ref().filter(|variant| !variants.contains(*variant)) else {
            continue;
        };
        let known: Vec<&str> = variants.iter().map(String::as_str).collect();
        let remedy = match known.as_slice() {
            [] => "leave `variant` out: the data sets are read as they are".to_owned(),
            known => format!("known: {}", known.join(", ")),
        };
        let problem = format!("protocol \"{name}\": no data set has a variant \"{variant}\"");
        return Err(text.within(name, variant, problem, remedy));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;

    /// The papers say nothing that an experiment of a user's own is refused for.
    #[test]
    fn the_papers_pass() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments"));
        for paper in papers(&[]).expect("well formed") {
            let text = SourceText::read(&folder.join(&paper.spec.id).join("spec.toml"), "").expect("a file");
            let mut catalog = Catalog::built_in();
            catalog.entries.retain(|entry| entry.paper == paper.spec.id);
            let checks = [
                spec(&text, &paper.spec),
                rows(&text, &paper.spec, &catalog),
                kinds(&text, &paper.spec, &catalog),
            ];
            assert_eq!(checks, [Ok(()), Ok(()), Ok(())], "{}", paper.spec.id);
        }
    }
}
