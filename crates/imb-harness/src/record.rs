//! Records: one file a cell, so that a run that is killed at any moment has lost only the cells it
//! was at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use imb_data::write_whole;
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Outcome, Place};

/// A cell that was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Where the cell stands.
    pub place: Place,
    /// The hash of its parameters.
    pub parameters: String,
    /// The hash of its parameters but for the run.
    pub family: String,
    /// The fingerprint of its data.
    pub data: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What it cost, and on what.
    pub cost: Cost,
}

/// What a cell cost, and on what it was run. No table depends on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Wall-clock time, in seconds.
    pub seconds: f64,
    /// The processor's name.
    pub processor: String,
    /// The instructions that trained: bytes may differ between sets of them.
    pub instructions: String,
    /// The device.
    pub device: String,
    /// The version of this program.
    pub version: String,
}

impl Record {
    /// The record of a cell.
    pub fn new(cell: &Cell, outcome: Outcome, cost: Cost) -> Self {
        let Cell { place, parameters, family, data, .. } = cell.clone();
        Self { place, parameters, family, data, outcome, cost }
    }

    /// The same without histograms, and with no other figures than those of these names.
    #[must_use]
    pub fn compact(&self, figures: &[&str]) -> Self {
        let mut record = self.clone();
        if let Outcome::Done(done) = &mut record.outcome {
            done.outputs = None;
            done.figures.retain(|name, _| figures.contains(&name.as_str()));
        }
        record
    }

    /// The name of its cell.
    pub fn id(&self) -> String {
        Cell::id_of(&self.parameters, &self.data)
    }
}

/// Records, by the name of their cell.
#[derive(Clone, Debug, Default)]
pub struct Records(BTreeMap<String, Record>);

impl Records {
    /// Reads the records of a paper from a results folder. A folder that does not exist has none.
    ///
    /// # Errors
    /// If a file cannot be read, is not a record, or stands under another cell's name.
    pub fn read(results: &Path, paper: &str) -> Result<Self> {
        let folder = results.join(paper).join("records");
        let mut records = Self::default();
        if !folder.exists() {
            return Ok(records);
        }
        for file in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = file.with_context(|| folder.display().to_string())?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let record = Self::read_file(&path)?;
                records.0.insert(record.id(), record);
            }
        }
        Ok(records)
    }

    fn read_file(path: &Path) -> Result<Record> {
        let remedy = || format!("{}: not a record of this program; move it away", path.display());
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let record: Record = serde_json::from_str(&text).with_context(remedy)?;
        if path.file_stem().is_none_or(|stem| stem != record.id().as_str()) {
            bail!("{}: holds {}, whose name is {}", path.display(), record.place, record.id());
        }
        Ok(record)
    }

    /// Reads the compact form: a line a record.
    ///
    /// # Errors
    /// With the line that is not a record.
    pub fn from_lines(text: &str) -> Result<Self> {
        let mut records = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let record: Record = serde_json::from_str(line).with_context(|| format!("line {number}"))?;
            records.insert(record);
        }
        Ok(records)
    }

    /// The compact form: a line a record, in the order of their places.
    ///
    /// # Errors
    /// If a record cannot be written as JSON.
    pub fn to_lines(&self) -> Result<String> {
        let mut records: Vec<&Record> = self.iter().collect();
        records.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.parameters.cmp(&b.parameters)));
        let lines: Result<Vec<String>, _> = records.into_iter().map(serde_json::to_string).collect();
        Ok(lines?.iter().map(|line| format!("{line}\n")).collect())
    }

    /// Writes a record into a results folder, whole or not at all.
    ///
    /// # Errors
    /// [`Write`](imb_core::Error::Write) with the path.
    pub fn write(results: &Path, record: &Record) -> Result<()> {
        let mut text = serde_json::to_string_pretty(record)?;
        text.push('\n');
        Ok(write_whole(&Self::path(results, record), text.as_bytes())?)
    }

    fn path(results: &Path, record: &Record) -> PathBuf {
        results.join(&record.place.paper).join("records").join(format!("{}.json", record.id()))
    }

    /// The record of a cell.
    pub fn of(&self, cell: &Cell) -> Option<&Record> {
        self.0.get(&cell.id())
    }

    /// The records of a cell in all its runs, in the order of runs.
    pub fn family(&self, family: &str) -> Vec<&Record> {
        let mut records: Vec<&Record> = self.iter().filter(|record| record.family == family).collect();
        records.sort_by_key(|record| record.place.run);
        records
    }

    /// Adds a record, in the place of an older one of its cell.
    pub fn insert(&mut self, record: Record) {
        self.0.insert(record.id(), record);
    }

    /// Adds all of others, in the place of older ones of their cells.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// All records, by the names of their cells.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.0.values()
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Joins the records of several folders, where each holds a part of the cells.
///
/// # Errors
/// With the names of cells that are in two folders, that no cell of the plan has (made by another
/// version, for other data or another profile), or that are in none.
pub fn merge(cells: &[Cell], paper: &str, folders: &[PathBuf]) -> Result<Records> {
    let mut merged = Records::default();
    let planned: BTreeMap<String, &Cell> = cells.iter().map(|cell| (cell.id(), cell)).collect();
    let (mut twice, mut foreign) = (Vec::new(), Vec::new());
    for folder in folders {
        for (id, record) in Records::read(folder, paper)?.0 {
            let named = format!("{} ({id}, in {})", record.place, folder.display());
            if !planned.contains_key(&id) {
                foreign.push(named);
            } else if merged.0.insert(id, record).is_some() {
                twice.push(named);
            }
        }
    }
    let missing = planned.iter().filter(|(id, _)| !merged.0.contains_key(*id));
    let missing: Vec<String> = missing.map(|(id, cell)| format!("{} ({id})", cell.place)).collect();
    let faults = [
        ("in two folders", twice),
        ("not in this plan: of another version, other data or another profile", foreign),
        ("missing", missing),
    ];
    let faults: Vec<String> = faults
        .into_iter()
        .filter(|(_, cells)| !cells.is_empty())
        .map(|(what, cells)| format!("{} cells {what}:\n  {}", cells.len(), cells.join("\n  ")))
        .collect();
    if faults.is_empty() { Ok(merged) } else { bail!("{}", faults.join("\n")) }
}
