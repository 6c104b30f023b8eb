//! What is done, what is missing, and how long that may take.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

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
    /// CPU seconds; none where they say nothing of a whole cell, after a failure or with a budget.
    seconds: Option<f64>,
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
            let head = Head::parse(&line?).with_context(|| paper.committed_in().display().to_string())?;
            briefs.add(number(&head.id()), place_keys(&head.place), Brief::of(head));
        }
        Ok(briefs)
    }

    fn add(&mut self, id: u64, keys: PlaceKeys, brief: Brief) {
        if let Some(seconds) = brief.seconds {
            self.costs.add(keys, seconds);
        }
        self.by_id.insert(id, brief);
    }
}

/// A brief with the number of its cell and those of its place.
type KeyedBrief = (u64, PlaceKeys, Brief);

fn brief_of(path: &Path, paper: &str) -> Result<KeyedBrief> {
    let head = Head::read(path, paper)?;
    // The file has the cell's name; that has been checked.
    let id = path.file_stem().and_then(|stem| stem.to_str()).map_or(0, number);
    Ok((id, place_keys(&head.place), Brief::of(head)))
}

impl Brief {
    fn of(head: Head) -> Self {
        Self { seconds: head.seconds_of_a_whole_cell(), failure: head.failure() }
    }
}

/// A hash of 16 hexadecimal digits as a number: a hundred thousand of them are kept.
fn number(hash: &str) -> u64 {
    u64::from_str_radix(hash, 16).unwrap_or_default()
}

/// What cells of similar cost have in common, as numbers: the family, or else the data set and the column.
#[derive(Clone, Copy)]
struct PlaceKeys {
    family: u64,
    dataset: u64,
    column: u64,
}

fn place_keys(place: &Place) -> PlaceKeys {
    let key = |text: &str| number(&digest(text));
    let family = key(&place.family().to_string());
    PlaceKeys { family, dataset: key(&place.dataset), column: key(&place.column) }
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
    /// Sorts cells by their records. `costs` are what the estimate is made from.
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

/// What recorded cells cost in CPU seconds, by what cells of similar cost have in common.
#[derive(Default)]
pub struct Costs {
    of_families: BTreeMap<u64, Mean>,
    /// By data set and column.
    of_columns: BTreeMap<(u64, u64), Mean>,
    factors: Factors,
}

/// A mean that is added up.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    fn value(self) -> f64 {
        self.sum / self.count
    }
}

impl Costs {
    /// The costs of several sets of records.
    pub fn new<'r>(briefs: impl IntoIterator<Item = &'r Briefs>) -> Self {
        let mut costs = Self::default();
        for Costs { of_families, of_columns, .. } in briefs.into_iter().map(|briefs| &briefs.costs) {
            for (key, mean) in of_families {
                costs.of_families.entry(*key).or_default().add(*mean);
            }
            for (key, mean) in of_columns {
                costs.of_columns.entry(*key).or_default().add(*mean);
            }
        }
        costs.factors = Factors::fitted(&costs.of_columns);
        costs
    }

    fn add(&mut self, keys: PlaceKeys, seconds: f64) {
        let mean = Mean { sum: seconds, count: 1.0 };
        self.of_families.entry(keys.family).or_default().add(mean);
        self.of_columns.entry((keys.dataset, keys.column)).or_default().add(mean);
    }

    /// The CPU seconds that a cell at a place may take: those of its family, or else of its column on the data set,
    /// or else what the column takes on other data sets, by how much more or less this one costs than those.
    pub fn of(&self, place: &Place) -> Option<f64> {
        let PlaceKeys { family, dataset, column } = place_keys(place);
        let of_column = || self.of_columns.get(&(dataset, column));
        let mean = self.of_families.get(&family).or_else(of_column);
        mean.map(|mean| mean.value()).or_else(|| self.factors.product(dataset, column))
    }
}

/// Costs in CPU seconds as a factor of the data set times one of the column; logarithms of both.
#[derive(Default)]
struct Factors {
    datasets: BTreeMap<u64, f64>,
    columns: BTreeMap<u64, f64>,
}

/// Rounds of [`Factors::fitted`], each of which comes closer. The estimates are rough anyway.
const ROUNDS: usize = 20;

/// Shorter cells count as this many seconds: 0 has no logarithm.
const SHORTEST: f64 = 1e-3;

impl Factors {
    /// The factors whose products are closest to the means by data set and column, in least squares of logarithms:
    /// the columns' given the data sets', and the other way round, in turns.
    fn fitted(means: &BTreeMap<(u64, u64), Mean>) -> Self {
        let logarithm = |mean: &Mean| mean.value().max(SHORTEST).ln();
        let cells: Vec<(u64, u64, f64)> =
            means.iter().map(|(&(dataset, column), mean)| (dataset, column, logarithm(mean))).collect();
        let mut datasets: BTreeMap<u64, f64> = cells.iter().map(|&(dataset, ..)| (dataset, 0.0)).collect();
        let mut columns = BTreeMap::new();
        for _ in 0..ROUNDS {
            columns =
                mean_by_key(cells.iter().map(|(dataset, column, log)| (*column, log - datasets[dataset])));
            datasets =
                mean_by_key(cells.iter().map(|(dataset, column, log)| (*dataset, log - columns[column])));
        }
        Self { datasets, columns }
    }

    fn product(&self, dataset: u64, column: u64) -> Option<f64> {
        Some((self.datasets.get(&dataset)? + self.columns.get(&column)?).exp())
    }
}

/// The mean of the numbers of each key.
fn mean_by_key(numbers: impl Iterator<Item = (u64, f64)>) -> BTreeMap<u64, f64> {
    let mut means: BTreeMap<u64, Mean> = BTreeMap::new();
    for (key, number) in numbers {
        means.entry(key).or_default().add(Mean { sum: number, count: 1.0 });
    }
    means.into_iter().map(|(key, mean)| (key, mean.value())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::place;
    use crate::paper::papers;
    use imb_data::Catalog;

    /// SMOTE takes four times as long as no sampling where both are recorded, and Abalone ten times as long as Ecoli.
    #[test]
    fn an_unrecorded_column_is_estimated_from_other_data_sets() {
        let paper = papers(&["moods".to_owned()]).expect("well formed").remove(0);
        let catalog = Catalog::built_in();
        let at = |dataset: &str, column: &str| {
            place(&paper.spec, catalog.entry(dataset).expect("known"), "sound", column)
        };
        let mut briefs = Briefs::default();
        let recorded = [("ecoli4", "none", 2.0), ("ecoli4", "smote", 8.0), ("abalone", "none", 20.0)];
        for (number, (dataset, column, seconds)) in (0..).zip(recorded) {
            briefs.add(
                number,
                place_keys(&at(dataset, column)),
                Brief { failure: None, seconds: Some(seconds) },
            );
        }
        let costs = Costs::new([&briefs]);
        assert_eq!(costs.of(&at("ecoli4", "smote")), Some(8.0));
        let guessed = costs.of(&at("abalone", "smote")).expect("both are known elsewhere");
        assert!((guessed - 80.0).abs() < 0.1, "{guessed}");
        assert_eq!(costs.of(&at("spambase", "smote")), None);
    }
}
