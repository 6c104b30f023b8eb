//! The papers: what they print, and by which rule it is judged.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use imb_core::Device;
use serde::{Deserialize, Serialize};

use crate::column::Column;
use crate::comparison::ReferenceRuns;
use crate::figures::FigureSpec;
use crate::measure::Measure;
use crate::protocol::Protocols;
use crate::record::Records;
use crate::verdict::Tolerance;

/// A paper and the figures that it prints.
#[derive(Clone, Debug)]
pub struct Paper {
    /// What is run and how it is judged.
    pub spec: Spec,
    /// What the paper prints.
    pub published: Published,
    /// Runs of the authors' code, where there are any.
    pub reference_runs: Option<ReferenceRuns>,
    protocol_sources: toml::Table,
    records: [&'static str; 3],
}

/// A paper's `spec.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The name of the paper's folder.
    pub id: String,
    /// The paper's title.
    pub title: String,
    /// Authors, place and year.
    pub citation: String,
    /// The table of data sets.
    pub table1: Table1Spec,
    /// How data sets are split and prepared.
    pub protocols: Protocols,
    /// The methods that are run, by the name of their column.
    #[serde(default)]
    pub columns: BTreeMap<String, Column>,
    /// Where the runs depart from the paper.
    #[serde(default)]
    pub deviations: Vec<String>,
    /// The tables of results.
    #[serde(default, rename = "table")]
    pub tables: Vec<TableSpec>,
    /// The figures.
    #[serde(default, rename = "figure")]
    pub figures: Vec<FigureSpec>,
    /// Which distributions are compared.
    #[serde(default, rename = "comparison")]
    pub comparisons: Vec<ComparisonSpec>,
}

/// A table of results: what is measured and how it is judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// Its number in the paper.
    pub number: u32,
    /// What it shows.
    pub caption: String,
    /// Its columns: methods, also those that cannot be run yet.
    pub columns: Vec<String>,
    /// What is measured of each data set.
    pub lines: Vec<LineSpec>,
    /// How far a measured mean may lie from the printed figure, in the unit of the table.
    pub tolerance: f64,
    /// Digits printed after the point.
    pub decimals: usize,
    /// Whether shares are printed in percent.
    #[serde(default)]
    pub percent: bool,
}

/// A line of a data set in a table of results.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSpec {
    /// The key of its figures in `published.toml` below the data set; none if they stand there
    /// themselves.
    pub key: Option<String>,
    /// Where the paper gives a figure of a method a column of its own: that column, by the method's. The
    /// figures of other methods are not printed.
    #[serde(default)]
    pub printed_as: BTreeMap<String, String>,
    /// What it is called.
    pub title: String,
    /// What is measured: see [`Measure::named`].
    pub metric: String,
    /// The tolerance, where it is not the table's.
    pub tolerance: Option<f64>,
    /// Digits printed after the point, where they are not the table's.
    pub decimals: Option<usize>,
}

/// Cells that are run as long as the authors ran theirs, and compared with those or with others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonSpec {
    /// What is compared.
    pub title: String,
    /// The protocol.
    pub protocol: String,
    /// The data sets, by their row in the paper.
    pub datasets: Vec<String>,
    /// The columns.
    pub columns: Vec<String>,
    /// What is compared of each run: metrics of predicted classes, and what [`crate::comparison`]
    /// names.
    pub measures: Vec<String>,
    /// Runs of each.
    pub runs: usize,
    /// What they are compared with, where it is not runs of the authors' code.
    pub against: Option<OtherRuns>,
    /// A difference is one if the chance of it, corrected for the number of tests, is below this.
    pub significance: f64,
}

/// As many runs of the same columns on another device, with seeds of their own.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherRuns {
    /// The device.
    pub device: Device,
    /// The number of the first of them.
    pub first_run: usize,
}

impl ComparisonSpec {
    /// The runs on a device; none on one that plays no part.
    pub fn runs_on(&self, device: Device) -> Range<usize> {
        match self.against {
            _ if device == Device::Cpu => 0..self.runs,
            Some(other) if device == other.device => other.first_run..other.first_run + self.runs,
            _ => 0..0,
        }
    }
}

/// How the table of data sets is judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table1Spec {
    /// The tolerance of each column.
    pub tolerance: BTreeMap<String, Tolerance>,
}

/// A paper's `published.toml`, as far as tables are reproduced yet.
#[derive(Clone, Debug, Deserialize)]
pub struct Published {
    /// The table of data sets.
    pub table1: PublishedTable,
    /// Where the paper says two things.
    #[serde(default, rename = "contradiction")]
    pub contradictions: Vec<Contradiction>,
    #[serde(flatten)]
    others: toml::Table,
}

/// A printed table of numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedTable {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Digits printed after the point, by column.
    pub decimals: Vec<usize>,
    /// Its rows, by name, with one figure a column.
    pub rows: BTreeMap<String, Vec<f64>>,
}

/// Two statements of a paper that cannot both hold, or one that cannot hold at all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// Where it stands.
    #[serde(rename = "where")]
    pub place: String,
    /// The tables that it is printed under.
    #[serde(default)]
    pub tables: Vec<u32>,
    /// What contradicts what.
    pub what: String,
}

/// The folders of `experiments/`, in the order in which papers are reported.
const FOLDERS: [Folder; 3] = [
    Folder {
        id: "moods",
        spec: include_str!("../experiments/moods/spec.toml"),
        published: include_str!("../experiments/moods/published.toml"),
        reference_runs: Some(include_str!("../experiments/moods/reference-runs.json")),
        records: [
            include_str!("../experiments/moods/records.jsonl"),
            include_str!("../experiments/moods/comparison.jsonl"),
            include_str!("../experiments/moods/comparison-flex.jsonl"),
        ],
    },
    Folder {
        id: "adversarial",
        spec: include_str!("../experiments/adversarial/spec.toml"),
        published: include_str!("../experiments/adversarial/published.toml"),
        reference_runs: None,
        records: [
            include_str!("../experiments/adversarial/records.jsonl"),
            include_str!("../experiments/adversarial/comparison.jsonl"),
            include_str!("../experiments/adversarial/comparison-flex.jsonl"),
        ],
    },
    Folder {
        id: "aemlo",
        spec: include_str!("../experiments/aemlo/spec.toml"),
        published: include_str!("../experiments/aemlo/published.toml"),
        reference_runs: None,
        records: [""; 3],
    },
];

struct Folder {
    id: &'static str,
    spec: &'static str,
    published: &'static str,
    reference_runs: Option<&'static str>,
    /// The records from which the committed tables are made, and then the comparisons, a file a device.
    records: [&'static str; 3],
}

/// The papers of these names; all if none is named.
///
/// # Errors
/// If a name is unknown, with the names there are, or a paper's files do not fit together.
pub fn papers(names: &[String]) -> Result<Vec<Paper>> {
    if let Some(unknown) = names.iter().find(|name| FOLDERS.iter().all(|folder| folder.id != *name)) {
        bail!("no paper is called \"{unknown}\"; there is: {}", FOLDERS.map(|folder| folder.id).join(", "));
    }
    let wanted = |id: &str| names.is_empty() || names.iter().any(|name| name == id);
    FOLDERS
        .into_iter()
        .filter(|folder| wanted(folder.id))
        .map(|folder| Paper::parse(&folder).with_context(|| format!("experiments/{}", folder.id)))
        .collect()
}

impl Paper {
    fn parse(folder: &Folder) -> Result<Self> {
        let spec: Spec = toml::from_str(folder.spec).context("spec.toml")?;
        let sources: toml::Table = toml::from_str(folder.spec).context("spec.toml")?;
        let published: Published = toml::from_str(folder.published).context("published.toml")?;
        let table = &published.table1;
        for column in &table.columns {
            if !spec.table1.tolerance.contains_key(column) {
                bail!("spec.toml states no tolerance for column {column} of table 1");
            }
        }
        let lengths = table.rows.values().map(Vec::len).chain([table.decimals.len()]);
        if lengths.into_iter().any(|length| length != table.columns.len()) {
            bail!("published.toml: table 1 needs one figure and one count of decimals a column");
        }
        let protocol_sources = sources.get("protocols").and_then(toml::Value::as_table).cloned();
        let reference_runs = folder.reference_runs.map(serde_json::from_str).transpose();
        let paper = Self {
            spec,
            published,
            reference_runs: reference_runs.context("reference-runs.json")?,
            protocol_sources: protocol_sources.unwrap_or_default(),
            records: folder.records,
        };
        paper.check_tables()?;
        Ok(paper)
    }

    fn check_tables(&self) -> Result<()> {
        for table in &self.spec.tables {
            for line in &table.lines {
                Measure::named(&line.metric).with_context(|| format!("table {}", table.number))?;
            }
        }
        Ok(())
    }

    /// The records from which the committed tables of results are made.
    ///
    /// # Errors
    /// If one of the files is damaged.
    pub fn committed_records(&self) -> Result<Records> {
        Records::from_lines(&self.records.concat())
            .with_context(|| format!("experiments/{}: records", self.spec.id))
    }

    /// The files that hold the records of comparisons, with the device of each.
    pub fn comparison_files(&self) -> Vec<(&'static str, Device)> {
        let files = [("comparison.jsonl", Device::Cpu), ("comparison-flex.jsonl", Device::Flex)];
        let used = |device| self.spec.comparisons.iter().any(|entry| !entry.runs_on(device).is_empty());
        files.into_iter().filter(|(_, device)| used(*device)).collect()
    }

    /// A protocol as `spec.toml` has it.
    pub fn protocol_source(&self, name: &str) -> Option<&toml::Value> {
        self.protocol_sources.get(name)
    }

    /// The figure that a table prints; none if it prints none there.
    pub fn printed(&self, table: &TableSpec, row: &str, line: &LineSpec, column: &str) -> Option<f64> {
        let (name, key) = match line.printed_as.is_empty() {
            true => (column, line.key.as_ref()),
            false => (line.printed_as.get(column)?.as_str(), None),
        };
        let printed = self.published.others.get(&format!("table{}", table.number))?;
        let place =
            printed.get("columns")?.as_array()?.iter().position(|other| other.as_str() == Some(name))?;
        let row = printed.get(row)?;
        let figures = key.map_or(Some(row), |key| row.get(key))?;
        let figure = figures.as_array()?.get(place)?;
        let figure = figure.as_float().or(figure.as_integer().map(|whole| whole as f64));
        figure.filter(|figure| figure.is_finite())
    }

    /// The contradictions to print under a table.
    pub fn contradictions(&self, table: u32) -> impl Iterator<Item = &Contradiction> {
        self.published.contradictions.iter().filter(move |entry| entry.tables.contains(&table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_are_whole_and_the_catalog_has_their_rows() {
        let catalog = imb_data::Catalog::built_in();
        for paper in papers(&[]).expect("well formed") {
            let entries: Vec<_> =
                catalog.entries.iter().filter(|entry| entry.paper == paper.spec.id).collect();
            let rows = &paper.published.table1.rows;
            assert_eq!(entries.len(), rows.len(), "{}", paper.spec.id);
            for entry in entries {
                assert!(rows.contains_key(&entry.row), "{}", entry.row);
                for lack in entry.editions.iter().filter_map(|edition| edition.lacks.as_ref()) {
                    for column in &lack.columns {
                        assert!(paper.published.table1.columns.contains(column), "{column}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_unknown_paper_is_refused_with_the_names_there_are() {
        let error = papers(&["modos".to_owned()]).expect_err("unknown").to_string();
        assert!(error.contains("moods, adversarial, aemlo"), "{error}");
    }
}
