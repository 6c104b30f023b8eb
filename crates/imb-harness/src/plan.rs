//! What is done, what is missing, and how long that may take.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::cell::Cell;
use crate::digest::digest;
use crate::paper::Paper;
use crate::place::Place;
use crate::record::Head;
use crate::records::{folder_of, read_all, scan};

/// The little that a plan needs of a record.
#[derive(Clone, Debug)]
struct Brief {
    /// Why it failed, if so.
    failure: Option<String>,
    /// CPU seconds.
    seconds: f64,
}

/// What is known of recorded cells: whether they failed, and what they cost.
#[derive(Default)]
pub struct Briefs {
    by_id: BTreeMap<u64, Brief>,
    costs: Costs,
    /// Files that are no records, each with its name.
    pub problems: Vec<String>,
}

impl Briefs {
    /// The briefs of a results folder.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn read(results: &Path, paper: &str) -> Result<Self> {
        Ok(Self::from_read(scan(results, paper, brief_of)?))
    }

    /// The briefs of some cells in a results folder. Nothing else of the folder is read.
    pub fn read_of(results: &Path, paper: &str, cells: &[&Cell]) -> Self {
        let folder = folder_of(results, paper);
        let paths = cells.iter().map(|cell| folder.join(format!("{}.json", cell.id())));
        Self::from_read(read_all(paths.filter(|path| path.exists()).collect(), paper, brief_of))
    }

    /// Whether a cell has a record, be it of a failure.
    pub fn has(&self, cell: &Cell) -> bool {
        self.by_id.contains_key(&number(&cell.id()))
    }

    fn from_read(read: Vec<Result<KeyedBrief, String>>) -> Self {
        let mut briefs = Self::default();
        for brief in read {
            match brief {
                Ok((id, keys, brief)) => briefs.add(id, keys, brief),
                Err(problem) => briefs.problems.push(problem),
            }
        }
        briefs
    }

    /// The briefs of a paper's committed records, which are read one by one and not kept.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn committed(paper: &Paper) -> Result<Self> {
        let mut briefs = Self::default();
        for line in paper.committed_lines()? {
            let head = Head::parse(&line?)?;
            briefs.add(number(&head.id()), place_keys(&head.place), Brief::of(head));
        }
        Ok(briefs)
    }

    fn add(&mut self, id: u64, keys: [u64; 2], brief: Brief) {
        self.costs.add(keys, brief.seconds);
        self.by_id.insert(id, brief);
    }
}

/// A brief with the number of its cell and those of its place.
type KeyedBrief = (u64, [u64; 2], Brief);

fn brief_of(path: &Path, paper: &str) -> Result<KeyedBrief> {
    let head = Head::read(path, paper)?;
    // The file has the cell's name; that has been checked.
    let id = path.file_stem().and_then(|stem| stem.to_str()).map_or(0, number);
    Ok((id, place_keys(&head.place), Brief::of(head)))
}

impl Brief {
    fn of(head: Head) -> Self {
        Self { seconds: head.cost.seconds(), failure: head.failure() }
    }
}

/// A hash of 16 hexadecimal digits as a number: a hundred thousand of them are kept.
fn number(hash: &str) -> u64 {
    u64::from_str_radix(hash, 16).unwrap_or_default()
}

/// What cells of similar cost have in common: the family, or else the data set and column.
fn place_keys(place: &Place) -> [u64; 2] {
    let family = number(&digest(&place.family().to_string()));
    [family, number(&digest(&format!("{} {}", place.dataset, place.column)))]
}

/// The cells of a selection against the records there are.
pub struct Plan<'a> {
    /// Cells with a record that is not a failure.
    pub done: Vec<&'a Cell>,
    /// Cells that failed, and why.
    pub failed: Vec<(&'a Cell, &'a str)>,
    /// Cells without a record.
    pub missing: Vec<&'a Cell>,
    /// How long the missing cells may take.
    pub estimate: Estimate,
}

/// An estimate of time, in CPU seconds, from cells that were recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Seconds of the cells whose like has been recorded.
    pub seconds: f64,
    /// Cells of which nothing like has been recorded.
    pub unknown: usize,
}

impl<'a> Plan<'a> {
    /// Sorts cells by their records. `costs` are further records to estimate from, such as those that
    /// are committed.
    pub fn new(cells: impl IntoIterator<Item = &'a Cell>, briefs: &'a Briefs, costs: &Costs) -> Self {
        let (mut done, mut failed, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for cell in cells {
            match briefs.by_id.get(&number(&cell.id())) {
                Some(Brief { failure: Some(error), .. }) => failed.push((cell, error.as_str())),
                Some(_) => done.push(cell),
                None => missing.push(cell),
            }
        }
        let mut estimate = Estimate::default();
        for cell in &missing {
            match costs.of(&cell.place) {
                Some(seconds) => estimate.seconds += seconds,
                None => estimate.unknown += 1,
            }
        }
        Self { done, failed, missing, estimate }
    }
}

/// Mean CPU seconds of recorded cells, by what cells of similar cost have in common.
#[derive(Default)]
pub struct Costs(BTreeMap<u64, Mean>);

#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Costs {
    /// The costs of several sets of records.
    pub fn new<'r>(briefs: impl IntoIterator<Item = &'r Briefs>) -> Self {
        let mut costs = Self::default();
        for (key, mean) in briefs.into_iter().flat_map(|briefs| &briefs.costs.0) {
            let all = costs.0.entry(*key).or_default();
            all.sum += mean.sum;
            all.count += mean.count;
        }
        costs
    }

    fn add(&mut self, keys: [u64; 2], seconds: f64) {
        for key in keys {
            let mean = self.0.entry(key).or_default();
            mean.sum += seconds;
            mean.count += 1.0;
        }
    }

    /// The CPU seconds that a cell at a place may take.
    pub fn of(&self, place: &Place) -> Option<f64> {
        let mean = place_keys(place).into_iter().find_map(|key| self.0.get(&key));
        mean.map(|mean| mean.sum / mean.count)
    }
}
