//! A paper with its data: what there is to run.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use imb_core::{Device, Error};
use imb_data::{Catalog, DataDirs, Entry, Loaded};
use rayon::prelude::*;

use crate::cell::{Cell, Place};
use crate::paper::Paper;
use crate::profile::{Budget, Profile};
use crate::protocol::{Protocol, TrainingRows};
use crate::rows::RunRows;

/// A paper with the data sets that are at hand.
pub struct Experiment {
    /// The paper.
    pub paper: Paper,
    /// The data sets, as each protocol reads them, small ones first.
    pub readings: Vec<Reading>,
    /// The data sets that cannot be read, by their row in the paper, and what to do about it.
    pub absent: BTreeMap<String, String>,
    /// Those among them whose files are there and are not what they should be.
    pub damaged: BTreeSet<String>,
}

/// A data set as a protocol reads it.
pub struct Reading {
    /// The data set.
    pub entry: Entry,
    /// The protocol's name.
    pub protocol: String,
    /// What was read.
    pub loaded: Loaded,
}

/// Which cells are meant.
#[derive(Clone, Debug)]
pub struct Selection {
    /// How much is run.
    pub profile: Profile,
    /// The data sets, by name in the catalog; all if none is named.
    pub datasets: Vec<String>,
    /// The columns; all if none is named.
    pub columns: Vec<String>,
    /// What trains.
    pub device: Device,
}

impl Experiment {
    /// Reads the data of a paper.
    ///
    /// # Errors
    /// If the paper has no columns to run.
    pub fn read(paper: Paper, catalog: &Catalog, dirs: &DataDirs) -> Result<Self> {
        if paper.spec.columns.is_empty() {
            bail!("{}: no column can be run yet", paper.spec.id);
        }
        let entries = catalog.entries.iter().filter(|entry| entry.paper == paper.spec.id);
        let wanted: Vec<(&Entry, &str)> = entries
            .flat_map(|entry| paper.spec.protocols.names().map(move |protocol| (entry, protocol)))
            .filter(|(entry, name)| {
                paper.spec.protocols.get(name).is_ok_and(|protocol| protocol.is_for(&entry.row))
            })
            .collect();
        let read = |(entry, name): &(&Entry, &str)| {
            let protocol = paper.spec.protocols.get(name)?;
            let loaded = protocol.load(catalog, entry, dirs)?;
            Ok(Reading { entry: (*entry).clone(), protocol: (*name).to_owned(), loaded })
        };
        let results: Vec<Result<Reading>> = wanted.par_iter().map(read).collect();
        let (mut readings, mut absent, mut damaged) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        for ((entry, _), result) in wanted.into_iter().zip(results) {
            match result {
                Ok(reading) => readings.push(reading),
                Err(error) => {
                    if !matches!(error.downcast_ref(), Some(Error::MissingData { .. })) {
                        damaged.insert(entry.row.clone());
                    }
                    absent.insert(entry.row.clone(), error.to_string());
                }
            }
        }
        readings.sort_by_key(|reading| (reading.loaded.table.n_rows(), reading.entry.name.clone()));
        Ok(Self { paper, readings, absent, damaged })
    }

    /// The cells of a selection, those of one run of a data set side by side.
    ///
    /// # Errors
    /// If a name is unknown or a column's parameters are refused.
    pub fn cells(&self, selection: &Selection) -> Result<Vec<Cell>> {
        self.require_known(selection)?;
        let mut cells = Vec::new();
        for reading in &self.readings {
            let entry = &reading.entry;
            if !selection.datasets.is_empty() && !selection.datasets.contains(&entry.name) {
                continue;
            }
            let wanted = |name: &&String| selection.columns.is_empty() || selection.columns.contains(name);
            let columns: Vec<&String> = self.paper.spec.columns.keys().filter(wanted).collect();
            let budget = selection.profile.budget();
            for run in 0..selection.profile.runs(reading.loaded.table.n_rows()) {
                for rows in self.protocol(reading)?.training_rows() {
                    for column in &columns {
                        cells.push(self.cell(reading, rows, column, run, budget, selection.device)?);
                    }
                }
            }
        }
        Ok(cells)
    }

    /// The cells of comparisons that are run on a device, trained as long as the authors trained.
    ///
    /// # Errors
    /// As [`cells`](Self::cells).
    pub fn comparison_cells(&self, device: Device) -> Result<Vec<Cell>> {
        let (mut cells, mut known) = (Vec::new(), BTreeSet::new());
        for comparison in &self.paper.spec.comparisons {
            let is_of = |reading: &&Reading| {
                reading.protocol == comparison.protocol && comparison.datasets.contains(&reading.entry.row)
            };
            for reading in self.readings.iter().filter(is_of) {
                for run in comparison.runs_on(device) {
                    for column in &comparison.columns {
                        let cell = self.cell(reading, TrainingRows::Train, column, run, None, device)?;
                        if known.insert(cell.id()) {
                            cells.push(cell);
                        }
                    }
                }
            }
        }
        Ok(cells)
    }

    /// The rows of a cell.
    ///
    /// # Errors
    /// As [`RunRows::prepare`].
    pub fn rows(&self, place: &Place) -> Result<RunRows> {
        let reading = self
            .readings
            .iter()
            .find(|reading| reading.entry.name == place.dataset && reading.protocol == place.protocol)
            .with_context(|| format!("{place}: no such data set"))?;
        let (protocol, seed) = (self.protocol(reading)?, self.seed());
        RunRows::prepare(protocol, seed, &reading.entry, &reading.loaded, place.run, place.rows)
    }

    /// The fingerprints of the data at hand, by data set and protocol.
    pub fn fingerprints(&self) -> BTreeMap<(String, String), String> {
        let of = |reading: &Reading| {
            let key = (reading.entry.name.clone(), reading.protocol.clone());
            (key, reading.loaded.fingerprint.to_string())
        };
        self.readings.iter().map(of).collect()
    }

    /// The root of all seeds.
    pub fn seed(&self) -> u64 {
        self.paper.spec.protocols.seed
    }

    fn protocol(&self, reading: &Reading) -> Result<&Protocol> {
        self.paper.spec.protocols.get(&reading.protocol)
    }

    fn cell(
        &self,
        reading: &Reading,
        rows: TrainingRows,
        column: &str,
        run: usize,
        budget: Option<Budget>,
        device: Device,
    ) -> Result<Cell> {
        let place = Place {
            paper: self.paper.spec.id.clone(),
            dataset: reading.entry.name.clone(),
            protocol: reading.protocol.clone(),
            rows,
            column: column.to_owned(),
            run,
        };
        Cell::new(&self.paper, &reading.entry.row, place, budget, device).map(|cell| Cell {
            data: reading.loaded.fingerprint.to_string(),
            n_rows: reading.loaded.table.n_rows(),
            ..cell
        })
    }

    fn require_known(&self, selection: &Selection) -> Result<()> {
        let sets: Vec<&str> = self.readings.iter().map(|reading| reading.entry.name.as_str()).collect();
        let columns: Vec<&str> = self.paper.spec.columns.keys().map(String::as_str).collect();
        for (what, asked, known) in
            [("data set", &selection.datasets, sets), ("column", &selection.columns, columns)]
        {
            if let Some(unknown) = asked.iter().find(|name| !known.contains(&name.as_str())) {
                let (paper, known) = (&self.paper.spec.id, known.join(", "));
                bail!("{paper}: no {what} at hand is called \"{unknown}\"; there is: {known}");
            }
        }
        Ok(())
    }
}
