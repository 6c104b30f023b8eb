//! Many records: a results folder, a committed file, or several of them joined.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

use crate::cell::Cell;
use crate::owner::sweep;
use crate::place::Place;
use crate::record::Record;

/// Records by the name of their cell, and what was set aside.
#[derive(Clone, Debug, Default)]
pub struct Records {
    by_id: BTreeMap<String, Record>,
    /// What is no record or does not agree with another, each with its name.
    pub problems: Vec<String>,
}

/// What became of a record that was offered.
enum Taken {
    Yes,
    No,
    Contradicts,
}

/// Level of compression of committed files: they are written rarely and read often.
const LEVEL: i32 = 19;

impl Records {
    /// Reads the records of a paper from a results folder. A folder that does not exist has none. What
    /// is no record is set aside, by name, in [`problems`](Self::problems).
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn read(results: &Path, paper: &str) -> Result<Self> {
        let mut records = Self::default();
        for record in scan(results, paper, Record::read)? {
            records.add(record);
        }
        Ok(records)
    }

    /// Reads a committed file: compressed, a line a record.
    ///
    /// # Errors
    /// If the file is cut off or not compressed. A line that is no record is set aside.
    pub fn from_committed(bytes: &[u8]) -> Result<Self> {
        let mut records = Self::default();
        for (number, line) in (1..).zip(committed_lines(bytes)?) {
            let record = Record::parse(&line?);
            records.add(record.map_err(|error| format!("line {number}: {error:#}")));
        }
        Ok(records)
    }

    /// Reads the records of a paper from a results folder or a committed file.
    ///
    /// # Errors
    /// If there is no such file or folder, or it cannot be read.
    pub fn of_source(source: &Path, paper: &str) -> Result<Self> {
        let from = source.display();
        if source.is_file() {
            let bytes = std::fs::read(source).with_context(|| from.to_string())?;
            return Self::from_committed(&bytes).with_context(|| from.to_string());
        }
        if source.is_dir() {
            return Self::read(source, paper);
        }
        bail!("{from}: no such file or folder");
    }

    /// The form that is committed: a line a record in the order of their places, compressed.
    ///
    /// # Errors
    /// If a record cannot be written as JSON.
    pub fn to_committed(&self) -> Result<Vec<u8>> {
        let mut records: Vec<&Record> = self.iter().collect();
        records.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.id().cmp(&b.id())));
        let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
        encoder.long_distance_matching(true)?;
        for record in records {
            serde_json::to_writer(&mut encoder, record)?;
            encoder.write_all(b"\n")?;
        }
        Ok(encoder.finish()?)
    }

    /// Adds a record, or why there is none. A second result with other values is a problem.
    fn add(&mut self, record: Result<Record, String>) {
        let problem = match record {
            Err(problem) => problem,
            Ok(record) => {
                let place = record.place.clone();
                let Taken::Contradicts = self.take(record) else { return };
                format!("{place}: two records with different values")
            }
        };
        self.problems.push(problem);
    }

    /// Takes a record where it says more than the one that is known of its cell: a result takes the place of a
    /// failure. Of two results with different values the first stays.
    fn take(&mut self, record: Record) -> Taken {
        let id = record.id();
        match self.by_id.get(&id) {
            Some(known) if known.contradicts(&record) => Taken::Contradicts,
            Some(known) if !record.is_better_than(known) => Taken::No,
            _ => {
                self.by_id.insert(id, record);
                Taken::Yes
            }
        }
    }

    /// The record of a cell.
    pub fn of(&self, cell: &Cell) -> Option<&Record> {
        self.get(&cell.id())
    }

    /// The record of a cell of this name.
    pub fn get(&self, id: &str) -> Option<&Record> {
        self.by_id.get(id)
    }

    /// Adds a record, in the place of an older one of its cell.
    pub fn insert(&mut self, record: Record) {
        self.by_id.insert(record.id(), record);
    }

    /// Adds all of others, in the place of older ones of their cells. A failure takes the place of no result.
    pub fn extend(&mut self, others: Self) {
        for (id, record) in others.by_id {
            if !self.by_id.get(&id).is_some_and(|known| known.is_better_than(&record)) {
                self.by_id.insert(id, record);
            }
        }
        self.problems.extend(others.problems);
    }

    /// Keeps the records that satisfy a condition.
    pub fn retain(&mut self, keep: impl Fn(&Record) -> bool) {
        self.by_id.retain(|_, record| keep(record));
    }

    /// Writes those records into a folder that it does not have yet, or has of a failure.
    ///
    /// # Errors
    /// As [`Record::write`]; if the folder has a record with other values, which is kept.
    pub fn write_missing(&self, folder: &Path) -> Result<()> {
        let records: Vec<&Record> = self.iter().collect();
        records.into_par_iter().try_for_each(|record| {
            let known = std::fs::read_to_string(record.path_in(folder)).ok();
            match known.and_then(|text| Record::parse(&text).ok()) {
                Some(known) if known.contradicts(record) => bail!(
                    "{}: {} has other values than the records that are merged; delete it to take theirs",
                    record.place,
                    record.path_in(folder).display()
                ),
                Some(known) if !record.is_better_than(&known) => Ok(()),
                _ => record.write(folder),
            }
        })
    }

    /// All records, by the names of their cells.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.by_id.values()
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

/// The lines of a committed file, each a record.
///
/// # Errors
/// If the file is cut off or not compressed, in a line at the latest.
pub(crate) fn committed_lines(bytes: &[u8]) -> Result<impl Iterator<Item = Result<String>>> {
    // A paper without records has an empty file.
    let decoder = if bytes.is_empty() { None } else { Some(zstd::Decoder::new(bytes)?) };
    let lines = decoder.into_iter().flat_map(|decoder| BufReader::new(decoder).lines());
    Ok(lines.map(|line| line.context("cut off or not compressed")))
}

/// Reads every record of a paper in a results folder; of a file that is no record, why.
///
/// # Errors
/// If the folder cannot be listed.
pub fn scan<T: Send>(
    results: &Path,
    paper: &str,
    read: impl Fn(&Path, &str) -> Result<T> + Sync,
) -> Result<Vec<Result<T, String>>> {
    let folder = folder_of(results, paper);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    Ok(read_all(paths(&folder).with_context(|| folder.display().to_string())?, paper, read))
}

/// Reads these records of a paper; of a file that is no record, why.
pub fn read_all<T: Send>(
    paths: Vec<PathBuf>,
    paper: &str,
    read: impl Fn(&Path, &str) -> Result<T> + Sync,
) -> Vec<Result<T, String>> {
    paths.into_par_iter().map(|path| read(&path, paper).map_err(|error| format!("{error:#}"))).collect()
}

/// The paths of all records of a folder, in order. What dead processes left there is removed.
fn paths(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        sweep(&file);
        let path = file.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Where a results folder has the records of a paper.
pub fn folder_of(results: &Path, paper: &str) -> PathBuf {
    results.join(paper).join("records")
}

/// Problems that are listed by name.
const LISTED: usize = 10;

/// A list of problems that a reader can take in.
pub fn listed(problems: &[String]) -> String {
    let mut text: String = problems.iter().take(LISTED).map(|problem| format!("  {problem}\n")).collect();
    if problems.len() > LISTED {
        text += &format!("  and {} more\n", problems.len() - LISTED);
    }
    text
}

/// Joins the records that are asked for from sources, each a results folder or a committed file. Equal twins are
/// welcome, and so are parts of the cells. In `target`, the results folder that they are joined in, records of other
/// cells may lie: of earlier versions, or of another device.
///
/// # Errors
/// With the records that were changed, have a twin with other values, or belong to no cell of `cells`:
/// of another version, other data or another paper.
pub fn merge(
    cells: &[Cell],
    is_asked: impl Fn(&Place) -> bool,
    paper: &str,
    sources: &[PathBuf],
    target: &Path,
) -> Result<Records> {
    let planned: BTreeMap<String, &Cell> = cells.iter().map(|cell| (cell.id(), cell)).collect();
    let mut merged = Records::default();
    let mut from: BTreeMap<String, &Path> = BTreeMap::new();
    for source in sources {
        let is_target = is_same(source, target);
        let records = Records::of_source(source, paper)?;
        merged.problems.extend(records.problems);
        for (id, record) in records.by_id {
            if !is_asked(&record.place) {
                continue;
            }
            let (place, file) = (record.place.clone(), origin(source, paper, &id));
            if !planned.contains_key(&id) {
                if !is_target {
                    let remedy = if source.is_dir() { " (move it elsewhere)" } else { "" };
                    let why = why_foreign(&record, cells);
                    merged.problems.push(format!("{place} was {why}: {file}{remedy}"));
                }
                continue;
            }
            match merged.take(record) {
                Taken::Yes => drop(from.insert(id, source)),
                Taken::No => {}
                Taken::Contradicts => {
                    let earlier = origin(from[&id], paper, &id);
                    let problem = format!("{place}: two records with different values, {earlier} and {file}");
                    merged.problems.push(problem);
                }
            }
        }
    }
    if merged.problems.is_empty() {
        return Ok(merged);
    }
    bail!("{} records do not fit:\n{}", merged.problems.len(), listed(&merged.problems))
}

/// The file that the record of a cell is from: its own in a folder, or the one that holds all.
fn origin(source: &Path, paper: &str, id: &str) -> String {
    let own = || folder_of(source, paper).join(format!("{id}.json"));
    let file = if source.is_dir() { own() } else { source.to_owned() };
    file.display().to_string()
}

/// Whether two paths are of the same folder, which is there.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Why a record belongs to none of the cells: how it differs from the one that it is closest to. Several may be planned
/// at a place, such as one with a budget and one without.
pub fn why_foreign(record: &Record, cells: &[Cell]) -> String {
    let at_place = cells.iter().filter(|cell| cell.place == record.place);
    let differences = at_place.map(|cell| cell.key.differences(&record.key));
    match differences.min_by_key(Vec::len) {
        None => "made for no cell that is planned".to_owned(),
        Some(parts) => format!("recorded with another {}", parts.join(" and ")),
    }
}
