//! A record: one cell that was run, kept as one file, guarded by a hash of its content.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Ran};
use crate::digest::digest;
use crate::evidence::{Done, Outcome};
use crate::key::Key;
use crate::owner::Owner;
use crate::place::Place;
use crate::recipe::CHOICE;

/// A cell that was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Where the cell stands.
    pub place: Place,
    /// What its numbers depend on.
    pub key: Key,
    /// Its outcome.
    pub outcome: Outcome,
    /// What it cost, and on what it ran.
    pub cost: Cost,
    /// A hash of all of the above, as it is written.
    pub hash: String,
}

/// What a cell cost, and on what it ran. No verdict depends on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// CPU seconds of each stage, in order.
    pub cpu_seconds: Vec<(String, f64)>,
    /// The processor's name.
    pub processor: String,
    /// The instructions that trained: bytes may differ between sets of them.
    pub instructions: String,
    /// The version of this program.
    pub version: String,
}

impl Cost {
    /// CPU seconds of all stages.
    pub fn seconds(&self) -> f64 {
        self.cpu_seconds.iter().map(|(_, seconds)| seconds).sum()
    }

    /// CPU seconds of all stages but the last, which fits the learner.
    pub fn before_learner(&self) -> f64 {
        self.cpu_seconds.split_last().map_or(0.0, |(_, before)| before.iter().map(|(_, s)| s).sum())
    }

    /// CPU seconds of resampling; none of a cell that did not resample, because its column does not or another
    /// learner's cell has done it.
    pub fn resampling(&self) -> Option<f64> {
        let (_, before) = self.cpu_seconds.split_last()?;
        let stages: Vec<f64> =
            before.iter().filter(|(stage, _)| stage != CHOICE).map(|(_, seconds)| *seconds).collect();
        (!stages.is_empty()).then(|| stages.iter().sum())
    }
}

impl Record {
    /// The record of a cell.
    pub fn new(cell: &Cell, ran: Ran, mut cost: Cost) -> Self {
        let seconds = ran.seconds.into_iter();
        cost.cpu_seconds = seconds.map(|(stage, s)| (stage.to_owned(), (s * 1e4).round() / 1e4)).collect();
        let (place, key) = (cell.place.clone(), cell.key.clone());
        let record = Self { place, key, outcome: ran.outcome, cost, hash: String::new() }.sealed();
        if record.can_be_read() {
            return record;
        }
        let why = "a number that is not finite, which a record cannot hold".to_owned();
        Self { outcome: Outcome::Failed(why), ..record }.sealed()
    }

    /// Whether what is written can be read again: JSON turns numbers that are not finite into nothing.
    fn can_be_read(&self) -> bool {
        let text = serde_json::to_string(self);
        text.is_ok_and(|text| serde_json::from_str::<Self>(&text).is_ok())
    }

    /// The same with the hash of its content.
    #[must_use]
    fn sealed(mut self) -> Self {
        self.hash = self.content_hash();
        self
    }

    fn content_hash(&self) -> String {
        let unsealed = Self { hash: String::new(), ..self.clone() };
        let text = serde_json::to_string(&unsealed).expect("texts and finite numbers");
        digest(content(&text).unwrap_or_default())
    }

    /// Checks that the numbers fit each other.
    fn check(&self) -> Result<()> {
        let place = &self.place;
        let Outcome::Done(done) = &self.outcome else { return Ok(()) };
        for rows in [&done.training_rows, &done.fitted_rows] {
            let sum: usize = rows.classes.iter().sum();
            ensure!(
                rows.classes.is_empty() || sum == rows.rows,
                "{place}: classes have {sum} of {} rows",
                rows.rows
            );
        }
        for evaluated in done.evaluations.values() {
            let classes = done.training_rows.classes.len();
            let confusion = evaluated.evidence.confusion();
            let fits = confusion.is_none_or(|confusion| confusion.truth_counts().len() == classes);
            ensure!(fits, "{place}: the confusion matrix is not of {classes} classes");
        }
        Ok(())
    }

    /// The name of its cell.
    pub fn id(&self) -> String {
        self.key.id(&self.place)
    }

    /// What is known of the cell if it ran.
    pub fn done(&self) -> Option<&Done> {
        if let Outcome::Done(done) = &self.outcome { Some(done) } else { None }
    }

    /// The record without its cost: equal for equal cells on one instruction set.
    pub fn is_twin_of(&self, other: &Self) -> bool {
        (&self.place, &self.key, &self.outcome) == (&other.place, &other.key, &other.outcome)
    }

    /// Why the cell failed, if it did.
    pub fn failure(&self) -> Option<&str> {
        if let Outcome::Failed(error) = &self.outcome { Some(error) } else { None }
    }

    /// Whether it is a result, and the other a failure.
    pub(crate) fn is_better_than(&self, other: &Self) -> bool {
        self.failure().is_none() && other.failure().is_some()
    }

    /// Whether it is a result that contradicts another result of the same cell.
    pub(crate) fn contradicts(&self, other: &Self) -> bool {
        [self, other].iter().all(|record| record.failure().is_none()) && !self.is_twin_of(other)
    }

    /// Where a folder has the record.
    pub(crate) fn path_in(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.json", self.id()))
    }

    /// Writes the record into a folder, whole or not at all: under a name that tells who writes, then
    /// renamed. The folder is synced too, so that the name survives a power cut.
    ///
    /// # Errors
    /// [`Write`](imb_core::Error::Write) with the path.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let path = self.path_in(folder);
        let draft = Owner::here().draft_in(folder, &self.id());
        let text = serde_json::to_string(self)?;
        let written = || -> std::io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = File::create(&draft)?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(folder)?.sync_all()
        };
        written().map_err(|source| {
            // A full disk is no reason to leave half a record.
            let _ = fs::remove_file(&draft);
            imb_core::Error::Write { path: path.clone(), source }.into()
        })
    }

    /// Reads a file of a results folder.
    ///
    /// # Errors
    /// If it cannot be read, is not a record, was changed, or stands under another cell's name.
    pub fn read(path: &Path, paper: &str) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let record = Self::parse(&text).with_context(|| path.display().to_string())?;
        require_name(path, &record.id(), &record.place, paper)?;
        Ok(record)
    }

    /// Reads a record as JSON and checks it.
    ///
    /// # Errors
    /// If it is not a record or was changed.
    pub fn parse(text: &str) -> Result<Self> {
        let record: Self = serde_json::from_str(text).context("not a record of this program")?;
        require_sealed(text, &record.hash, &record.place)?;
        record.check()?;
        Ok(record)
    }
}

/// The part of a record's text that its hash covers.
fn content(text: &str) -> Option<&str> {
    text.rfind(",\"hash\":\"").map(|end| &text[..end])
}

fn require_sealed(text: &str, hash: &str, place: &Place) -> Result<()> {
    let sealed = content(text).is_some_and(|content| digest(content) == hash);
    ensure!(sealed, "{place}: the content is not what was written");
    Ok(())
}

/// What plans need of a record, read without the rest.
#[derive(Deserialize)]
pub(crate) struct Head {
    /// Where the cell stands.
    pub(crate) place: Place,
    key: Key,
    outcome: HeadOutcome,
    /// What it cost.
    pub(crate) cost: Cost,
    hash: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum HeadOutcome {
    Done(serde::de::IgnoredAny),
    NotApplicable(serde::de::IgnoredAny),
    Failed(String),
}

impl Head {
    /// CPU seconds, where the cell did all of its work: without a failure, and not within a budget.
    pub(crate) fn seconds_of_a_whole_cell(&self) -> Option<f64> {
        let is_whole = self.key.budget.is_none() && !matches!(self.outcome, HeadOutcome::Failed(_));
        is_whole.then(|| self.cost.seconds())
    }

    /// Reads the head of a file of a results folder, guarded as the record itself.
    pub(crate) fn read(path: &Path, paper: &str) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let head: Self = serde_json::from_str(&text).with_context(|| not_a_record(path))?;
        require_sealed(&text, &head.hash, &head.place).with_context(|| path.display().to_string())?;
        require_name(path, &head.key.id(&head.place), &head.place, paper)?;
        Ok(head)
    }

    /// Reads the head of a record that is known to be good.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("not a record of this program")
    }

    /// The name of its cell.
    pub(crate) fn id(&self) -> String {
        self.key.id(&self.place)
    }

    /// Why it failed, if so.
    pub(crate) fn failure(self) -> Option<String> {
        if let HeadOutcome::Failed(error) = self.outcome { Some(error) } else { None }
    }
}

fn not_a_record(path: &Path) -> String {
    format!("{}: not a record of this program", path.display())
}

fn require_name(path: &Path, id: &str, place: &Place, paper: &str) -> Result<()> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    ensure!(name == id, "{}: holds {place}, whose name is {id}", path.display());
    ensure!(place.paper == paper, "{}: is of the paper {}", path.display(), place.paper);
    Ok(())
}
