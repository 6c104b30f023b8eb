//! A paper with its data: the cells to run.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use anyhow::{Context, Result, bail};
use imb_core::{Budget, Device, Error};
use imb_data::{AnyTable, Catalog, DataDirs, Entry, Loaded};
use rayon::prelude::*;

use crate::cell::Cell;
use crate::choices::Choices;
use crate::key::{Key, evaluations_of, sweep_of};
use crate::paper::Paper;
use crate::place::Place;
use crate::profile::Profile;
use crate::records::Records;
use crate::results::Source;
use crate::rows::AnyRows;
use crate::spec::{Evaluation, ProtocolSpec, RunPlan, RunRule, Spec, SweepSpec, TrainingRows, is_among};

/// A paper with the data sets that are available.
pub struct Experiment {
    /// The paper.
    pub paper: Paper,
    /// The data sets, as each protocol reads them, small ones first.
    pub tables: Vec<ProtocolTable>,
    /// The data sets that cannot be read, by their row in the paper, and what to do about it.
    pub absent: BTreeMap<String, String>,
    /// Those among them whose files are there and are not what they should be.
    pub damaged: BTreeSet<String>,
    /// The protocols that do not fit a data set of one's own: row, protocol and reason.
    pub skipped: Vec<[String; 3]>,
    /// The names of the paper's data sets, read or not.
    datasets: Vec<String>,
    /// The catalog that they are from.
    catalog: Catalog,
}

/// A data set as a protocol reads it.
pub struct ProtocolTable {
    /// The data set.
    pub entry: Entry,
    /// The protocol's name.
    pub protocol: String,
    /// What was read.
    pub loaded: Loaded,
}

/// What a process takes without data.
const BASE_BYTES: u64 = 256 << 20;
/// What a generator takes for each row of the data: some matrices of its widest layer, which has 1,024 units.
const GENERATED_ROW: usize = 20 << 10;

/// Which cells are asked for.
#[derive(Clone, Debug)]
pub struct Selection {
    /// How much is run.
    pub profile: Profile,
    /// The data sets, by name in the catalog; all if none is named.
    pub datasets: Vec<String>,
    /// The columns; all if none is named.
    pub columns: Vec<String>,
    /// The protocols; all if none is named.
    pub protocols: Vec<String>,
    /// The most runs of a cell, or starts where runs come in starts.
    pub most_runs: Option<NonZeroUsize>,
    /// What trains.
    pub device: Device,
    /// What records have chosen.
    pub choices: Choices,
}

impl Selection {
    /// Whether a place is of a data set, column, protocol and run that are asked for.
    pub fn covers(&self, place: &Place) -> bool {
        is_among(&self.datasets, &place.dataset)
            && is_among(&self.columns, &place.column)
            && is_among(&self.protocols, &place.protocol)
            && self.most_runs.is_none_or(|most| place.start.unwrap_or(place.run) < most.get())
    }
}

impl Experiment {
    /// Reads the data of a paper.
    ///
    /// # Errors
    /// If the paper has no columns to run.
    pub fn read(paper: Paper, catalog: &Catalog, dirs: &DataDirs) -> Result<Self> {
        Self::read_only(paper, catalog, dirs, &[])
    }

    /// Reads some of a paper's data sets, by name in the catalog; all if none is named.
    ///
    /// # Errors
    /// If the paper has no columns to run, or no data set of such a name.
    pub fn read_only(paper: Paper, catalog: &Catalog, dirs: &DataDirs, names: &[String]) -> Result<Self> {
        if paper.spec.columns.is_empty() {
            bail!("{}: no column can be run yet", paper.spec.id);
        }
        let entries = catalog.entries.iter().filter(|entry| entry.paper == paper.spec.id);
        let datasets: Vec<String> = entries.clone().map(|entry| entry.name.clone()).collect();
        require_known(&paper, "data set", names, &datasets)?;
        let entries = entries.filter(|entry| names.is_empty() || names.contains(&entry.name));
        let wanted: Vec<(&Entry, &str, &ProtocolSpec)> = entries
            .flat_map(|entry| {
                let protocols = paper.spec.protocols.iter();
                protocols.map(move |(name, protocol)| (entry, name.as_str(), protocol))
            })
            .filter(|(entry, _, protocol)| protocol.is_for(&entry.row))
            .collect();
        let read = |(entry, _, protocol): &(&Entry, &str, &ProtocolSpec)| -> Result<Result<Loaded>> {
            Ok(protocol.prepared(protocol.read(catalog, entry, dirs)?))
        };
        let results: Vec<Result<Result<Loaded>>> = wanted.par_iter().map(read).collect();
        let (mut tables, mut skipped) = (Vec::new(), Vec::new());
        let (mut absent, mut damaged) = (BTreeMap::new(), BTreeSet::new());
        for ((entry, protocol, _), result) in wanted.into_iter().zip(results) {
            match result {
                // A protocol that does not fit data of a user's own is left out; those of papers are known to fit.
                Ok(Err(error)) if paper.is_own => {
                    skipped.push([entry.row.clone(), protocol.to_owned(), format!("{error:#}")]);
                }
                Ok(Ok(loaded)) => {
                    tables.push(ProtocolTable {
                        entry: entry.clone(),
                        protocol: protocol.to_owned(),
                        loaded,
                    });
                }
                Err(error) | Ok(Err(error)) => {
                    if !matches!(error.downcast_ref(), Some(Error::MissingData { .. })) {
                        damaged.insert(entry.row.clone());
                    }
                    absent.insert(entry.row.clone(), error.to_string());
                }
            }
        }
        tables.sort_by_key(|table| (table.loaded.table.n_rows(), table.entry.name.clone()));
        let catalog = catalog.clone();
        let mut experiment = Self { paper, tables, absent, damaged, skipped, datasets, catalog };
        if experiment.paper.is_own {
            experiment.skip_what_does_not_fit();
        }
        Ok(experiment)
    }

    /// Leaves out the tables that cannot be split and prepared as their protocol says. Those of papers are
    /// known to fit.
    fn skip_what_does_not_fit(&mut self) {
        let spec = &self.paper.spec;
        let why = |table: &ProtocolTable| {
            let protocol = spec.protocol(&table.protocol).ok()?;
            let start = spec.runs.iter().any(|rule| rule.starts > 0).then_some(0);
            let fold = protocol.n_folds().map(|_| 0);
            let first = Place { start, fold, ..place(spec, &table.entry, &table.protocol, "") };
            AnyRows::prepare(protocol, spec.seed, &table.entry, &table.loaded, &first).err()
        };
        let errors: Vec<Option<anyhow::Error>> = self.tables.par_iter().map(why).collect();
        let mut errors = errors.into_iter();
        let skipped = &mut self.skipped;
        self.tables.retain(|table| match errors.next().flatten() {
            Some(error) => {
                let ProtocolTable { entry, protocol, .. } = table;
                skipped.push([entry.row.clone(), protocol.clone(), format!("{error:#}")]);
                false
            }
            None => true,
        });
    }

    /// The cells of a selection, those that share their rows side by side.
    ///
    /// # Errors
    /// If a name is unknown or a column's parameters are refused.
    pub fn cells(&self, selection: &Selection) -> Result<Vec<Cell>> {
        self.require_known(selection)?;
        let mut cells = Vec::new();
        for table in &self.tables {
            if is_among(&selection.datasets, &table.entry.name)
                && is_among(&selection.protocols, &table.protocol)
            {
                let columns = self.paper.spec.columns.keys();
                let columns: Vec<&String> =
                    columns.filter(|name| is_among(&selection.columns, name)).collect();
                cells.extend(self.cells_of(table, &columns, selection)?);
            }
        }
        Ok(cells)
    }

    fn cells_of(
        &self,
        table: &ProtocolTable,
        columns: &[&String],
        selection: &Selection,
    ) -> Result<Vec<Cell>> {
        let (profile, n_rows) = (selection.profile, table.loaded.table.n_rows());
        let mut places = Vec::new();
        let spec = &self.paper.spec;
        for place in places_of(spec, &table.entry, &table.protocol, columns, &selection.choices)? {
            if profile == Profile::Smoke && !is_for_smoke(spec, &place)? {
                continue;
            }
            let plan = plan_for(spec, &table.entry, &place, n_rows);
            let n_folds = n_folds_of(spec, &place)?.map(|n_folds| profile.n_folds(n_folds));
            let plan = profile.plan(plan, n_rows);
            let plan = selection.most_runs.map_or(plan, |most| plan.at_most(most));
            places.extend(runs_of(&place, plan, n_folds));
        }
        // Cells that share their rows stand side by side, and among them those with the same resampling.
        places.sort_by_key(|place| {
            let resampling = (place.column.clone(), place.setting.clone());
            (place.start, place.run, place.fold, place.rows, resampling)
        });
        let budget = profile.budget();
        places.into_iter().map(|place| self.cell(table, place, budget, selection.device)).collect()
    }

    /// The cells of comparisons on a device.
    ///
    /// # Errors
    /// As [`cells`](Self::cells).
    pub fn comparison_cells(&self, selection: &Selection) -> Result<Vec<Cell>> {
        self.require_known(selection)?;
        let (mut cells, mut known) = (Vec::new(), BTreeSet::new());
        for comparison in &self.paper.spec.comparisons {
            let is_of = |table: &&ProtocolTable| {
                table.protocol == comparison.protocol
                    && comparison.datasets.contains(&table.entry.row)
                    && is_among(&selection.datasets, &table.entry.name)
            };
            for table in self.tables.iter().filter(is_of) {
                for run in comparison.runs_on(selection.device) {
                    for column in &comparison.columns {
                        if !is_among(&selection.columns, column) {
                            continue;
                        }
                        let place = place(&self.paper.spec, &table.entry, &table.protocol, column);
                        let cell = self.cell(table, Place { run, ..place }, None, selection.device)?;
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
    /// As [`AnyRows::prepare`].
    pub fn rows(&self, place: &Place) -> Result<AnyRows> {
        let table = self.table_of(place)?;
        let protocol = self.paper.spec.protocol(&table.protocol)?;
        AnyRows::prepare(protocol, self.seed(), &table.entry, &table.loaded, place)
    }

    /// What records of these data choose.
    ///
    /// # Errors
    /// If the specification does not fit together.
    pub fn choices(&self, records: &Records) -> Result<Choices> {
        let source = Source::new(&self.paper, &self.catalog, records);
        Choices::of(&source.of_data(self.fingerprints(), self.absent.clone()))
    }

    /// The numbers, from 0, of the rows that an evaluation of a cell predicts.
    ///
    /// # Errors
    /// As [`AnyRows::prepare`].
    pub fn predicted_rows(&self, place: &Place, evaluation: Evaluation) -> Result<Vec<usize>> {
        let ProtocolTable { entry, protocol, loaded } = self.table_of(place)?;
        let protocol = self.paper.spec.protocol(protocol)?;
        if evaluation == Evaluation::NaturalTest {
            return Ok(protocol.natural_test(entry, loaded)?.unwrap_or_default());
        }
        let fold = protocol.fold(self.seed(), entry, loaded, place)?;
        Ok(match evaluation {
            Evaluation::Validation => fold.validation().to_vec(),
            Evaluation::WithoutFirstTestRow => fold.test()[1..].to_vec(),
            _ => fold.test().to_vec(),
        })
    }

    fn table_of(&self, place: &Place) -> Result<&ProtocolTable> {
        let is_of =
            |table: &&ProtocolTable| table.entry.name == place.dataset && table.protocol == place.protocol;
        self.tables.iter().find(is_of).with_context(|| format!("{place}: no such data set"))
    }

    /// The fingerprints of the data that were read, by data set and protocol.
    pub fn fingerprints(&self) -> BTreeMap<(String, String), String> {
        let of = |table: &ProtocolTable| {
            let key = (table.entry.name.clone(), table.protocol.clone());
            (key, table.loaded.fingerprint.to_string())
        };
        self.tables.iter().map(of).collect()
    }

    /// The memory in MiB that a process with one worker may take for these cells, from what was measured: 240 MB on
    /// Credit, 43 times the prepared table where each label of bibtex has a learner of its own, and 12 kB
    /// a row where a generator makes as many rows of Shuttle as its large class has.
    ///
    /// # Errors
    /// If a protocol is unknown.
    pub fn mebibytes(&self, cells: &[Cell]) -> Result<u64> {
        let (mut all, mut largest) = (0, 0);
        for ProtocolTable { entry, protocol, loaded: Loaded { table, .. } } in &self.tables {
            all += table.n_bytes();
            let kept = self.paper.spec.protocol(protocol)?.n_kept(&entry.row, table.n_features());
            let copies = if matches!(table, AnyTable::MultiLabel(_)) { 48 } else { 8 };
            let is_of = |cell: &&Cell| cell.place.dataset == entry.name && cell.place.protocol == *protocol;
            let generates = cells.iter().filter(is_of).any(|cell| cell.recipe.generates());
            let of_row = copies * kept * size_of::<f64>() + if generates { GENERATED_ROW } else { 0 };
            largest = largest.max(table.n_rows() * of_row);
        }
        Ok((BASE_BYTES + 2 * all as u64 + largest as u64).div_ceil(1 << 20))
    }

    /// The root of all seeds.
    pub fn seed(&self) -> u64 {
        self.paper.spec.seed
    }

    fn cell(
        &self,
        table: &ProtocolTable,
        place: Place,
        budget: Option<Budget>,
        device: Device,
    ) -> Result<Cell> {
        let (key, recipe) = Key::new(&self.paper.spec, &table.entry, &place, device, budget)?;
        let protocol = self.paper.spec.protocol(&place.protocol)?;
        Ok(Cell {
            key: Key { data: table.loaded.fingerprint.to_string(), ..key },
            recipe,
            evaluations: evaluations_of(&self.paper.spec, protocol, &place),
            choose_epoch_by: protocol.choose_epoch_by.clone(),
            keeps_predictions: false,
            place,
        })
    }

    fn require_known(&self, selection: &Selection) -> Result<()> {
        let spec = &self.paper.spec;
        let columns: Vec<String> = spec.columns.keys().cloned().collect();
        let protocols: Vec<String> = spec.protocols.keys().cloned().collect();
        require_known(&self.paper, "data set", &selection.datasets, &self.datasets)?;
        require_known(&self.paper, "column", &selection.columns, &columns)?;
        require_known(&self.paper, "protocol", &selection.protocols, &protocols)
    }
}

fn require_known(paper: &Paper, what: &str, asked: &[String], known: &[String]) -> Result<()> {
    match asked.iter().find(|name| !known.contains(name)) {
        Some(unknown) => {
            bail!("{}: unknown {what} \"{unknown}\"; known: {}", paper.spec.id, known.join(", "))
        }
        None => Ok(()),
    }
}

/// The first run of a column of a data set under a protocol.
pub fn place(spec: &Spec, entry: &Entry, protocol: &str, column: &str) -> Place {
    Place {
        paper: spec.id.clone(),
        dataset: entry.name.clone(),
        protocol: protocol.to_owned(),
        rows: TrainingRows::Train,
        column: column.to_owned(),
        learner: None,
        setting: BTreeMap::new(),
        start: None,
        run: 0,
        fold: None,
    }
}

/// The families of cells of a data set under a protocol: columns crossed with learners, with the candidates
/// of what is chosen on test rows, with the rows that they are given, and with the values that a sweep sets.
///
/// # Errors
/// If a column's methods are unknown.
pub fn places_of(
    spec: &Spec,
    entry: &Entry,
    protocol: &str,
    columns: &[&String],
    choices: &Choices,
) -> Result<Vec<Place>> {
    let rules = spec.protocol(protocol)?;
    let mut places = Vec::new();
    for column in columns.iter().filter(|column| spec.runs_column(protocol, column)) {
        for learner in &spec.learners_under(protocol) {
            for setting in choices.settings(spec, &entry.name, protocol, column, learner.as_ref())? {
                let first = place(spec, entry, protocol, column);
                let first = Place { learner: learner.clone(), setting, ..first };
                let (_, recipe) = Key::new(spec, entry, &first, Device::Cpu, None)
                    .with_context(|| format!("column \"{column}\""))?;
                let rows = rules.training_rows(recipe.uses_validation());
                places.extend(rows.into_iter().map(|rows| Place { rows, ..first.clone() }));
            }
            let first = Place { learner: learner.clone(), ..place(spec, entry, protocol, column) };
            places.extend(swept_places(spec, entry, &first));
        }
    }
    Ok(places)
}

/// The places of a column at each combination of the values of its sweeps.
pub fn swept_places<'a>(
    spec: &'a Spec,
    entry: &'a Entry,
    first: &'a Place,
) -> impl Iterator<Item = Place> + 'a {
    let is_for = |sweep: &&SweepSpec| {
        sweep.column == first.column
            && sweep.is_for(&first.protocol, &entry.row)
            && sweep.is_for_learner(first.learner.as_ref())
    };
    let settings = spec.sweeps.iter().filter(is_for).flat_map(SweepSpec::settings);
    settings.map(|setting| Place { setting, ..first.clone() })
}

/// Whether the smoke profile runs a family: not what serves sweeps and sensitivities, nor every learner.
fn is_for_smoke(spec: &Spec, family: &Place) -> Result<bool> {
    let is_aside = spec.protocol(&family.protocol)?.aside || sweep_of(spec, family).is_some();
    Ok(!is_aside && spec.is_for_smoke(family.learner.as_ref()))
}

/// The folds of a repeat that are run of a family; none if a run has a split of its own.
pub(crate) fn n_folds_of(spec: &Spec, family: &Place) -> Result<Option<usize>> {
    let all = spec.protocol(&family.protocol)?.n_folds();
    let some = sweep_of(spec, family).and_then(|sweep| sweep.folds);
    Ok(all.map(|all| some.map_or(all, |some| some.min(all))))
}

/// How many runs the full profile makes of a family of cells.
pub fn plan_for(spec: &Spec, entry: &Entry, place: &Place, n_rows: usize) -> Option<RunPlan> {
    if let Some(sweep) = sweep_of(spec, place) {
        return Some(RunPlan { starts: 0, runs: sweep.runs });
    }
    let Place { protocol, column, rows, .. } = place;
    let is_for = |rule: &&RunRule| rule.is_for(protocol, &entry.row, column, *rows, n_rows);
    spec.runs.iter().find(is_for).map(RunRule::plan)
}

/// The places of all runs of a family.
fn runs_of(family: &Place, plan: RunPlan, n_folds: Option<usize>) -> Vec<Place> {
    let folds: Vec<Option<usize>> = match n_folds {
        Some(n_folds) => (0..n_folds).map(Some).collect(),
        None => vec![None],
    };
    let mut places = Vec::new();
    for run in 0..plan.total() {
        let start = plan.start_of(run);
        let run = if start.is_some() { run % plan.runs } else { run };
        places.extend(folds.iter().map(|&fold| Place { start, run, fold, ..family.clone() }));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;
    use crate::spec::Evaluation;

    /// DO is run with each value of its sampling fraction, as often as the sweep says, and each leaves what the
    /// best is chosen by.
    #[test]
    fn a_sweep_makes_cells_of_its_own() {
        let paper = papers(&["adversarial".to_owned()]).expect("well formed").remove(0);
        let catalog = Catalog::built_in();
        let of = |name: &str, protocol: &str| {
            let entry = catalog.entry(name).expect("known");
            let places = places_of(&paper.spec, entry, protocol, &[&"do".to_owned()], &Choices::default())
                .expect("known methods");
            let swept = places.iter().filter(|place| !place.setting.is_empty()).cloned();
            (entry, swept.collect::<Vec<Place>>())
        };
        assert!(of("yeast-uci", "sound").1.is_empty() && of("credit", "as_printed").1.is_empty());
        let (entry, swept) = of("secom", "sound");
        assert_eq!(swept.len(), 11);
        let key = |place: &Place| Key::new(&paper.spec, entry, place, Device::Cpu, None);
        let recipes: BTreeSet<String> =
            swept.iter().map(|place| key(place).expect("known").0.recipe).collect();
        assert_eq!(recipes.len(), 11, "each value is another method");
        for place in &swept {
            assert_eq!(plan_for(&paper.spec, entry, place, 1_567), Some(RunPlan { starts: 0, runs: 5 }));
            let protocol = paper.spec.protocol("sound").expect("known");
            assert!(evaluations_of(&paper.spec, protocol, place).contains(&Evaluation::Validation));
        }
    }
}
