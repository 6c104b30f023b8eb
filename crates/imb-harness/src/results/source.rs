//! What tables are made from: a paper, its data sets and its records.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use imb_core::Device;
use imb_data::{Catalog, Edition, Entry};

use crate::choices::Choices;
use crate::evidence::Done;
use crate::experiment::{n_folds_of, place, places_of, plan_for};
use crate::key::Key;
use crate::paper::Paper;
use crate::place::Place;
use crate::record::Record;
use crate::records::Records;
use crate::spec::{ChoosingRows, ProtocolSpec, RunPlan};

/// What tables, figures and claims are made from.
pub struct Source<'a> {
    /// The paper.
    pub paper: &'a Paper,
    /// The paper's data sets, in its order.
    pub entries: Vec<Entry>,
    /// The data sets that are not available, by their row in the paper, and what to do about it.
    pub absent: BTreeMap<String, String>,
    /// The fingerprints of the data that were read, by data set and protocol: records of other data are
    /// not shown.
    data: BTreeMap<(String, String), String>,
    /// The records of each family, in the order of runs.
    families: BTreeMap<Place, Vec<&'a Record>>,
    /// What the records choose, once it is asked for.
    choices: OnceCell<Choices>,
}

/// The runs of one family of cells, as many as the full profile asks for.
#[derive(Clone, Debug, Default)]
pub struct Runs<'a> {
    /// The records, in the order of runs.
    pub records: Vec<&'a Record>,
    /// How many runs were asked for, and in which units.
    pub plan: Option<RunPlan>,
}

impl<'a> Source<'a> {
    /// The source of a paper's tables from records alone.
    pub fn new(paper: &'a Paper, catalog: &Catalog, records: &'a Records) -> Self {
        let of_paper = catalog.entries.iter().filter(|entry| entry.paper == paper.spec.id);
        let mut families: BTreeMap<Place, Vec<&Record>> = BTreeMap::new();
        for record in records.iter() {
            families.entry(record.place.family()).or_default().push(record);
        }
        for family in families.values_mut() {
            family.sort_by_key(|record| (record.place.start, record.place.run, record.place.fold));
        }
        Self {
            paper,
            entries: of_paper.cloned().collect(),
            absent: BTreeMap::new(),
            data: BTreeMap::new(),
            families,
            choices: OnceCell::new(),
        }
    }

    /// The same, showing records of these data alone.
    #[must_use]
    pub fn of_data(
        mut self,
        data: BTreeMap<(String, String), String>,
        absent: BTreeMap<String, String>,
    ) -> Self {
        (self.data, self.absent) = (data, absent);
        self.choices = OnceCell::new();
        self
    }

    /// What the records choose.
    ///
    /// # Errors
    /// If the specification does not fit together.
    pub fn choices(&self) -> Result<&Choices> {
        if let Some(choices) = self.choices.get() {
            return Ok(choices);
        }
        let choices = Choices::of(self)?;
        Ok(self.choices.get_or_init(|| choices))
    }

    /// The family whose values the tables show of a column with a learner: with the parameter that was
    /// chosen, where one is. None before it is chosen, and where the paper has no such column.
    ///
    /// # Errors
    /// If the specification does not fit together.
    pub fn family(
        &self,
        entry: &Entry,
        protocol: &str,
        column: &str,
        learner: Option<&String>,
    ) -> Result<Option<Place>> {
        let spec = &self.paper.spec;
        let Some(of_column) = spec.columns.get(column) else { return Ok(None) };
        if !spec.runs_column(protocol, column) {
            return Ok(None);
        }
        let mut family = Place { learner: learner.cloned(), ..place(spec, entry, protocol, column) };
        if let Some(choice) = of_column.choice_on(ChoosingRows::Test, protocol) {
            let Some(value) = self.choices()?.get(&entry.name, protocol, column) else { return Ok(None) };
            family.setting.insert(choice.parameter.clone(), value.to_owned());
        }
        Ok(Some(family))
    }

    /// The data set of a row in the paper.
    pub fn entry(&self, row: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.row == row)
    }

    /// The protocols of a data set, the paper's own first.
    pub fn protocols(&self, entry: &Entry) -> Vec<(&'a str, &'a ProtocolSpec)> {
        let spec = &self.paper.spec;
        let protocols = spec.protocols.iter().filter(|(_, protocol)| protocol.is_for(&entry.row));
        let mut protocols: Vec<(&str, &ProtocolSpec)> =
            protocols.map(|(name, protocol)| (name.as_str(), protocol)).collect();
        let rank = |name: &str| {
            spec.printed.as_ref().map_or(1, |printed| {
                usize::from(name != printed.protocol) + usize::from(name == printed.main_protocol)
            })
        };
        protocols.sort_by_key(|(name, _)| rank(name));
        protocols
    }

    /// The names of the protocols that tables show, the paper's own first.
    pub fn protocol_names(&self) -> impl Iterator<Item = &'a str> {
        let mut names: Vec<&str> = Vec::new();
        for (name, rules) in self.entries.iter().flat_map(|entry| self.protocols(entry)) {
            if !rules.aside && !names.contains(&name) {
                names.push(name);
            }
        }
        names.into_iter()
    }

    /// The families of cells of a data set under a protocol.
    ///
    /// # Errors
    /// If a column's methods are unknown.
    pub fn places(&self, entry: &Entry, protocol: &str) -> Result<Vec<Place>> {
        let columns: Vec<&String> = self.paper.spec.columns.keys().collect();
        places_of(&self.paper.spec, entry, protocol, &columns, self.choices()?)
    }

    /// The runs of a family as the full profile has them.
    ///
    /// # Errors
    /// If the paper has no such column or protocol.
    pub fn runs(&self, entry: &Entry, family: &Place) -> Result<Runs<'a>> {
        let (key, _) = Key::new(&self.paper.spec, entry, family, Device::Cpu, None)?;
        let records = self.families.get(&family.family()).into_iter().flatten().copied();
        let current: Vec<&Record> =
            records.filter(|record| record.key.differences(&key).is_empty()).collect();
        let data = self.data_of(entry, &family.protocol, &current);
        let n_rows = data.as_deref().map_or_else(|| rows_in_catalog(entry), rows_of);
        let plan = plan_for(&self.paper.spec, entry, family, n_rows);
        let is_planned = |place: &Place| {
            plan.is_some_and(|plan| {
                place.run < plan.runs
                    && (plan.starts > 0) == place.start.is_some()
                    && place.start.is_none_or(|start| start < plan.starts)
            })
        };
        let is_shown =
            |record: &&Record| data.as_ref() == Some(&record.key.data) && is_planned(&record.place);
        Ok(Runs { records: current.into_iter().filter(is_shown).collect(), plan })
    }

    /// How many cells of the full profile are recorded, and how many there are, as far as records have chosen them.
    ///
    /// # Errors
    /// If the paper's specification does not fit together.
    pub fn progress(&self) -> Result<[usize; 2]> {
        let spec = &self.paper.spec;
        let (mut recorded, mut planned) = (0, 0);
        for entry in &self.entries {
            for (protocol, _) in self.protocols(entry) {
                for family in self.places(entry, protocol)? {
                    let runs = self.runs(entry, &family)?;
                    recorded += runs.records.len();
                    planned +=
                        runs.plan.map_or(0, |plan| plan.total()) * n_folds_of(spec, &family)?.unwrap_or(1);
                }
            }
        }
        Ok([recorded, planned])
    }

    /// The fingerprint of the data whose records are shown: of those that were read, else of the first
    /// edition in the catalog that has records.
    fn data_of(&self, entry: &Entry, protocol: &str, records: &[&Record]) -> Option<String> {
        if let Some(data) = self.data.get(&(entry.name.clone(), protocol.to_owned())) {
            return Some(data.clone());
        }
        let known = entry.editions.iter().flat_map(|edition| edition.fingerprints.values());
        let recorded: BTreeSet<&str> = records.iter().map(|record| record.key.data.as_str()).collect();
        let known = known.map(String::as_str).find(|data| recorded.contains(data));
        known.or_else(|| recorded.first().copied()).map(str::to_owned)
    }
}

/// The number of rows that the catalog states; 0 if it states none.
fn rows_in_catalog(entry: &Entry) -> usize {
    let mut data = entry.editions.iter().flat_map(|edition| edition.fingerprints.values());
    data.next().map_or(0, |data| rows_of(data))
}

/// The number of rows that a fingerprint states.
fn rows_of(data: &str) -> usize {
    data.split('x').next().and_then(|rows| rows.parse().ok()).unwrap_or(0)
}

impl Runs<'_> {
    /// What is known of the run at the same place as another.
    pub fn at(&self, place: &Place) -> Option<&Done> {
        let same = |record: &&&Record| {
            (record.place.start, record.place.run, record.place.fold) == (place.start, place.run, place.fold)
        };
        self.records.iter().find(same).and_then(|record| record.done())
    }
}

/// Whether data are those of an edition that has other rows than the paper used.
pub fn is_stand_in(entry: &Entry, data: &str) -> bool {
    let is_of = |edition: &&Edition| edition.fingerprints.values().any(|known| known == data);
    entry.editions.iter().find(is_of).is_some_and(has_other_rows)
}

/// Whether no edition with the rows that the paper used can be had.
pub(crate) fn has_only_stand_ins(entry: &Entry) -> bool {
    entry.editions.iter().all(|edition| has_other_rows(edition) || edition.fingerprints.is_empty())
}

/// Whether an edition has other rows than the paper used.
fn has_other_rows(edition: &Edition) -> bool {
    edition.lacks.as_ref().is_some_and(|lack| lack.columns.iter().any(|column| column == "n"))
}
