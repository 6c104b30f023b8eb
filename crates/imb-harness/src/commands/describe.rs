//! `imb describe`: measures of a data set or a file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use imb_data::{AnyTable, Catalog, Description, Input, Loaded, Parsed, Targets};
use imb_harness::grid::Grid;
use serde::Serialize;

use super::file::FileArguments;
use super::targets::{Asked, TargetArguments, how_to_say};
use crate::DataFolder;

mod reading;

use reading::Reading;

#[derive(Args)]
pub(crate) struct Arguments {
    /// A name from `imb list datasets`, or a file: CSV, KEEL .dat or ARFF, packed with gzip or not; `-` is
    /// standard input.
    what: String,
    /// A variant of the data set, as `imb list datasets` shows it.
    #[arg(long, conflicts_with_all = ["target", "labels", "xml"])]
    variant: Option<String>,
    #[command(flatten)]
    targets: TargetArguments,
    #[command(flatten)]
    reading: FileArguments,
    #[command(flatten)]
    folder: DataFolder,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is printed.
#[derive(Serialize)]
struct Report {
    name: String,
    files: Vec<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_catalog: Option<FromCatalog>,
    /// None of a file of which nobody has said what is to be predicted.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    /// How to say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// What was found on reading a user's file.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    reading: Option<Reading>,
}

/// What the catalog says of it.
#[derive(Serialize)]
struct FromCatalog {
    title: String,
    edition: String,
    variant: Option<String>,
    fingerprint: String,
    verified_as: Option<String>,
    remarks: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let report = report(arguments)?;
    if arguments.json {
        super::print_json(&report)?;
    } else {
        super::print(&to_text(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn report(arguments: &Arguments) -> Result<Report> {
    let catalog = Catalog::built_in();
    let path = Path::new(&arguments.what);
    let is_name = catalog.entries.iter().any(|entry| entry.name == arguments.what);
    if is_name && !arguments.targets.are_given() {
        let loaded =
            catalog.load(&arguments.what, arguments.variant.as_deref(), &arguments.folder.dirs()?)?;
        return Ok(of_catalog(&catalog, arguments, &loaded));
    }
    if path != Path::new("-") && !path.exists() {
        bail!(
            "{} is neither a file nor a data set of the catalog (`imb list datasets` shows them)",
            arguments.what
        );
    }
    if arguments.variant.is_some() {
        bail!("--variant is for data sets of the catalog, and {} is a file", arguments.what);
    }
    let input = Input::open(path)?;
    let file = input.name();
    let parsed = input.parse(&arguments.reading.options(arguments.targets.target.as_deref()))?;
    let reading = Reading::of(&parsed);
    let name =
        file.file_name().map_or_else(|| arguments.what.clone(), |name| name.to_string_lossy().into_owned());
    let (files, from_catalog, reading) = (vec![file.to_owned()], None, Some(reading));
    if arguments.targets.are_open(&parsed) {
        let hint = Some(how_to_say(&parsed, file));
        return Ok(Report { name, files, from_catalog, description: None, hint, reading });
    }
    let description = Some(with_targets(parsed, file, &arguments.targets)?.describe());
    Ok(Report { name, files, from_catalog, description, hint: None, reading })
}

fn of_catalog(catalog: &Catalog, arguments: &Arguments, loaded: &Loaded) -> Report {
    let title = catalog.entry(&arguments.what).map_or_else(|_| String::new(), |entry| entry.title.clone());
    let lacks = loaded.edition.lacks.as_ref().map(|lack| lack.reason.clone());
    Report {
        name: arguments.what.clone(),
        files: loaded.files.clone(),
        from_catalog: Some(FromCatalog {
            title,
            edition: loaded.edition.name.clone(),
            variant: arguments.variant.clone(),
            fingerprint: loaded.fingerprint.to_string(),
            verified_as: loaded.verified_as.clone(),
            remarks: lacks.into_iter().chain(loaded.edition.remark.clone()).collect(),
        }),
        description: Some(loaded.table.describe()),
        hint: None,
        reading: None,
    }
}

/// Takes the targets out.
fn with_targets(parsed: Parsed, path: &Path, arguments: &TargetArguments) -> Result<AnyTable> {
    match arguments.asked(&parsed, path)? {
        Asked::Classes(column) => {
            parsed.require_whole_target(&column, path)?;
            Ok(AnyTable::SingleLabel(arguments.rule(&column).apply(parsed.table, path)?))
        }
        Asked::Labels(set) => {
            parsed.labels(&set, path)?;
            Ok(AnyTable::MultiLabel(set.apply(parsed.table, path)?))
        }
    }
}

fn to_text(report: &Report) -> String {
    let reading = report.reading.as_ref().map(Reading::to_text);
    let description = report.description.as_ref().map(|description| measures(report, description));
    let hint = report.hint.as_ref().map(|hint| format!("For measures of imbalance, {hint}."));
    [description, reading, hint].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// The measures of a table whose targets are known.
fn measures(report: &Report, of: &Description) -> String {
    let mut rows = vec![
        pair("rows", of.n_rows),
        pair("features", format!("{} ({} categorical)", of.n_features, of.n_categorical)),
        pair("missing cells", format!("{} ({:.2} %)", of.n_missing, 100.0 * of.missing_share)),
    ];
    match &of.targets {
        Targets::SingleLabel(classes) => {
            rows.extend(
                classes.class_counts.iter().map(|(class, count)| pair(&format!("class {class}"), count)),
            );
            rows.push(pair("imbalance ratio", format!("{:.2}", classes.imbalance_ratio)));
            rows.push(pair("minority", format!("{:.3} %", classes.minority_percent)));
        }
        Targets::MultiLabel(labels) => {
            rows.push(pair("labels", labels.n_labels));
            rows.push(pair("cardinality", format!("{:.4}", labels.cardinality)));
            rows.push(pair("density", format!("{:.4}", labels.density)));
            rows.push(pair("MeanIR", format!("{:.4}", labels.mean_ir)));
            rows.push(pair("CVIR", format!("{:.4}", labels.cvir)));
            rows.push(pair("mean ImR", format!("{:.4}", labels.mean_im_r)));
            rows.push(pair("SCUMBLE", format!("{:.4}", labels.scumble)));
            rows.push(pair("rows without a label", labels.n_unlabelled));
            let counts = || labels.labels.iter().map(|label| (label.count, label.name.as_str()));
            for (title, label) in [("rarest label", counts().min()), ("most frequent label", counts().max())]
            {
                rows.extend(label.map(|(count, name)| pair(title, format!("{name} ({count})"))));
            }
        }
    }
    if let Some(catalog) = &report.from_catalog {
        rows.insert(0, pair("edition", &catalog.edition));
        rows.insert(0, pair("what it is", &catalog.title));
        let verified = catalog.verified_as.clone().unwrap_or_else(|| "unverified".to_owned());
        rows.push(pair("fingerprint", &catalog.fingerprint));
        rows.push(pair("known as", verified));
        rows.extend(catalog.remarks.iter().map(|remark| pair("remark", remark)));
    }
    let header = vec![report.name.clone(), String::new()];
    Grid { header, rows, text_columns: 2 }.to_text()
}

fn pair(name: &str, value: impl std::fmt::Display) -> Vec<String> {
    vec![name.to_owned(), value.to_string()]
}
