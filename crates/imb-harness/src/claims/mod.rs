//! Sentences of a paper, tested on measured values.

mod attainable;
mod gain;
mod lead;
mod ranks;
mod run_time;
mod run_variance;
mod spread;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, bail};
use imb_data::Entry;
use imb_metrics::interval::{Interval, student_interval};
use serde::Serialize;

use self::ranks::Ranks;
use crate::experiment::{n_folds_of, place};
use crate::measure::Measure;
use crate::place::Place;
use crate::results::{Runs, Source, has_only_stand_ins, test_rows_of};
use crate::spec::{ClaimTest, Evaluation, Spec};

/// A claim and what our runs say of it.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// What the paper says, in our words.
    pub says: String,
    /// Where it says so.
    pub place: String,
    /// Whether it is a question of ours, and not the paper's.
    pub ours: bool,
    /// The protocol whose runs were asked.
    pub protocol: String,
    /// Whether it is the claim above it once more, under another protocol.
    pub again: bool,
    /// Whether it holds.
    pub answer: Answer,
    /// The numbers behind the answer.
    pub evidence: String,
    /// Runs behind it.
    pub runs: usize,
}

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It does.
    Holds,
    /// It does not.
    DoesNotHold,
    /// The runs do not tell.
    CannotTell,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holds => "holds",
            Self::DoesNotHold => "does not hold",
            Self::CannotTell => "cannot tell",
        })
    }
}

/// Fewer units of a data set say nothing, as in the rule for printed values.
const ENOUGH: usize = 5;

/// An answer with its evidence and the number of runs behind it.
type Finding = (Answer, String, usize);

/// Tests every claim of a paper.
///
/// # Errors
/// If the specification does not fit together.
pub fn test_claims(source: &Source<'_>) -> Result<Vec<Claim>> {
    let (mut claims, mut ranks) = (Vec::new(), Ranks::default());
    for spec in &source.paper.spec.claims {
        let others = spec.also_under.iter().map(|protocol| (protocol, true));
        for (protocol, again) in [(&spec.protocol, false)].into_iter().chain(others) {
            let (answer, mut evidence, runs) = test(source, protocol, &spec.test, &mut ranks)?;
            if runs == 0 {
                // Sentences full of zeros say less.
                evidence = format!("too few runs that this test could compare under {protocol}");
            }
            let (says, place, protocol) = (spec.says.clone(), spec.place.clone(), protocol.clone());
            claims.push(Claim { says, place, ours: spec.ours, protocol, again, answer, evidence, runs });
        }
    }
    Ok(claims)
}

fn test(source: &Source<'_>, protocol: &str, test: &ClaimTest, ranks: &mut Ranks) -> Result<Finding> {
    match test {
        ClaimTest::Leads { column, metric, on, among, datasets } => {
            lead::leads(source, protocol, column, metric, among, datasets, *on)
        }
        ClaimTest::Outperforms { column, over, metric, except } => {
            lead::outperforms(source, protocol, [column, over], metric, except)
        }
        ClaimTest::MeanIn { column, metric, dataset, range } => {
            mean_in(source, protocol, column, metric, dataset, *range)
        }
        ClaimTest::RunVariance { column, metric, evaluation, range, runs } => {
            let measure = Measure::named(metric)?;
            run_variance::lies_in(source, protocol, column, &measure, *evaluation, *range, *runs)
        }
        ClaimTest::Improvement { column, over, metric, range } => {
            gain::spans(source, protocol, [column, over], metric, *range)
        }
        ClaimTest::RanksAhead { columns, of } => ranks.ahead(source, protocol, columns, of),
        ClaimTest::NoRankLosses { column } => ranks.no_losses(source, protocol, column),
        ClaimTest::LeadsBy { column, metric, range, on } => {
            lead::leads_by(source, protocol, column, metric, *range, *on)
        }
        ClaimTest::Reaches { column, at_least, on } => {
            spread::reaches(source, protocol, column, at_least, *on)
        }
        ClaimTest::RisesWith { measure, metric } => spread::rises_with(source, protocol, measure, metric),
        ClaimTest::BeatsControls { column, controls, metric, margin } => {
            lead::beats_controls(source, protocol, column, controls, metric, *margin)
        }
        ClaimTest::RunTime { column, runs, hours } => {
            run_time::takes(source, protocol, column, *runs, *hours)
        }
        ClaimTest::CanBeOfRuns { column, metrics, runs } => {
            attainable::can_be_of_runs(source, protocol, column, metrics, *runs)
        }
        ClaimTest::TestRows(rows) => test_rows(source, protocol, rows),
    }
}

/// Whether a column's mean lies in a range: yes if its 95 % interval does, no if that lies outside.
fn mean_in(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    metric: &str,
    dataset: &str,
    [least, greatest]: [f64; 2],
) -> Result<Finding> {
    let measure = Measure::named(metric)?;
    let Some(entry) = source.entry(dataset) else { bail!("no data set {dataset}") };
    let values = values_of(source, entry, protocol, column, &measure, Evaluation::Last)?;
    let (runs, values) = (values.len(), by_unit(values));
    if values.len() < ENOUGH {
        return Ok((Answer::CannotTell, "too few runs".to_owned(), runs));
    }
    let interval = student_interval(&values, 0.95)?;
    let scale = Scale::of(&source.paper.spec, metric);
    let answer = if least <= interval.lower && interval.upper <= greatest {
        Answer::Holds
    } else if interval.upper < least || interval.lower > greatest {
        Answer::DoesNotHold
    } else {
        Answer::CannotTell
    };
    let evidence = format!(
        "{dataset}, `{column}`: {} {} ({} to {}); the claim needs {} to {}",
        source.paper.spec.title_of(metric),
        scale.number(middle(interval)),
        scale.number(interval.lower),
        scale.number(interval.upper),
        scale.number(least),
        scale.number(greatest)
    );
    Ok((answer, evidence, runs))
}

/// Whether test sets have the printed rows of each class.
fn test_rows(source: &Source<'_>, protocol: &str, printed: &BTreeMap<String, Vec<u64>>) -> Result<Finding> {
    let (mut words, mut equal, mut compared, mut n_runs) = (Vec::new(), 0, 0, 0);
    for entry in &source.entries {
        let Some(printed) = printed.get(&entry.row) else { continue };
        let Some(column) = source.paper.spec.columns.keys().next() else { continue };
        let runs = source.runs(entry, &place(&source.paper.spec, entry, protocol, column))?;
        let Some(mut counts) = test_rows_of(runs.records.iter().copied()) else { continue };
        // The paper names the larger class first.
        counts.sort_unstable_by(|a, b| b.cmp(a));
        compared += 1;
        n_runs += runs.records.len();
        equal += usize::from(counts == *printed);
        words.push(format!("{} {counts:?}", entry.row));
    }
    let answer = if equal < compared {
        Answer::DoesNotHold
    } else if compared == printed.len() {
        Answer::Holds
    } else {
        Answer::CannotTell
    };
    Ok((answer, words.join(", "), n_runs))
}

/// The data sets that are no stand-ins; those of a user's own never are.
fn judged_entries<'a>(source: &'a Source<'_>) -> impl Iterator<Item = &'a Entry> {
    let is_own = source.paper.is_own;
    source.entries.iter().filter(move |entry| is_own || !has_only_stand_ins(entry))
}

/// Whether runs of a column are planned that are not made yet. A column that is run only once somewhere is shown there
/// and not compared. One whose runs are all made cannot be compared, where it cannot be applied.
fn is_awaited(source: &Source<'_>, entry: &Entry, planned: &[Place], column: &str) -> Result<bool> {
    let Some(place) = planned.iter().find(|place| place.column == column) else { return Ok(false) };
    let runs = source.runs(entry, place)?;
    let n_folds = n_folds_of(&source.paper.spec, place)?.unwrap_or(1);
    Ok(runs.plan.is_some_and(|plan| plan.total() > 1 && runs.records.len() < plan.total() * n_folds))
}

/// The data sets that a claim speaks of but that were not compared, with the reason.
fn not_compared(source: &Source<'_>, compared: &[&str], is_asked: impl Fn(&str) -> bool) -> String {
    let others = source.entries.iter().filter(|entry| is_asked(&entry.row));
    let others = others.filter(|entry| !compared.contains(&entry.row.as_str()));
    let reason = |entry: &Entry| {
        if has_only_stand_ins(entry) && !source.paper.is_own { "a stand-in" } else { "too few runs" }
    };
    let words: Vec<String> = others.map(|entry| format!("{} ({})", entry.row, reason(entry))).collect();
    if words.is_empty() { String::new() } else { format!(". Not compared: {}", words.join(", ")) }
}

/// Start, run and fold.
pub(crate) type Run = (Option<usize>, usize, Option<usize>);

/// The values of a metric, run by run.
pub(crate) fn values_of(
    source: &Source<'_>,
    entry: &Entry,
    protocol: &str,
    column: &str,
    measure: &Measure,
    evaluation: Evaluation,
) -> Result<BTreeMap<Run, f64>> {
    let place = place(&source.paper.spec, entry, protocol, column);
    values_at(source, entry, &place, measure, evaluation)
}

/// The values of a metric at a place, run by run.
pub(crate) fn values_at(
    source: &Source<'_>,
    entry: &Entry,
    place: &Place,
    measure: &Measure,
    evaluation: Evaluation,
) -> Result<BTreeMap<Run, f64>> {
    let spec = &source.paper.spec;
    if !spec.protocol(&place.protocol)?.is_for(&entry.row)
        || !spec.runs_column(&place.protocol, &place.column)
    {
        return Ok(BTreeMap::new());
    }
    Ok(run_by_run(&source.runs(entry, place)?, measure, evaluation))
}

/// The values of a metric of runs; one that failed has none.
pub(crate) fn run_by_run(runs: &Runs<'_>, measure: &Measure, evaluation: Evaluation) -> BTreeMap<Run, f64> {
    let of = |record: &&crate::record::Record| {
        let value = measure.of(record.done()?, None, evaluation).ok()?;
        Some(((record.place.start, record.place.run, record.place.fold), value))
    };
    runs.records.iter().filter_map(of).collect()
}

/// The values of a measure that compares a run with the same run without resampling, run by run.
fn values_against_baseline(
    source: &Source<'_>,
    entry: &Entry,
    protocol: &str,
    column: &str,
    measure: &Measure,
) -> Result<BTreeMap<Run, f64>> {
    let spec = &source.paper.spec;
    let Some(printed) = &spec.printed else { return Ok(BTreeMap::new()) };
    let runs_of = |column: &str| source.runs(entry, &place(spec, entry, protocol, column));
    let (ours, baseline) = (runs_of(column)?, runs_of(&printed.baseline)?);
    let of = |record: &&crate::record::Record| {
        let value = measure.of(record.done()?, baseline.at(&record.place), Evaluation::Last).ok()?;
        Some(((record.place.start, record.place.run, record.place.fold), value))
    };
    Ok(ours.records.iter().filter_map(of).collect())
}

/// How many data sets satisfy a claim. Those that were not compared, stand-ins among them, may or may not.
#[derive(Clone, Debug)]
struct Tally<'a> {
    /// Data sets that the claim speaks of.
    total: usize,
    /// Those that were compared, by their rows in the paper.
    compared: Vec<&'a str>,
    /// Those that satisfy it.
    clear: usize,
    /// Those that may, with the clear ones.
    possible: usize,
}

impl<'a> Tally<'a> {
    fn of(total: usize) -> Self {
        Self { total, compared: Vec::new(), clear: 0, possible: 0 }
    }

    fn add(&mut self, row: &'a str, is_clear: bool, is_possible: bool) {
        self.compared.push(row);
        self.clear += usize::from(is_clear);
        self.possible += usize::from(is_clear || is_possible);
    }

    /// Whether so many data sets satisfy it.
    fn answer(&self, on: usize) -> Answer {
        if self.clear >= on {
            Answer::Holds
        } else if self.possible + (self.total - self.compared.len()) < on {
            Answer::DoesNotHold
        } else {
            Answer::CannotTell
        }
    }
}

/// The 95 % interval of the mean difference between runs on the same rows; none with fewer than two, of which an
/// interval is very wide.
pub(crate) fn paired_difference(
    ours: &BTreeMap<Run, f64>,
    theirs: &BTreeMap<Run, f64>,
) -> Result<Option<Interval>> {
    paired_difference_at(ours, theirs, 0.95)
}

/// The same at a confidence.
fn paired_difference_at(
    ours: &BTreeMap<Run, f64>,
    theirs: &BTreeMap<Run, f64>,
    confidence: f64,
) -> Result<Option<Interval>> {
    let differences = paired_differences(ours, theirs);
    if differences.len() < 2 {
        return Ok(None);
    }
    Ok(Some(student_interval(&differences, confidence)?))
}

/// The differences between runs on the same rows; the mean of those that share a start.
pub(crate) fn paired_differences(ours: &BTreeMap<Run, f64>, theirs: &BTreeMap<Run, f64>) -> Vec<f64> {
    by_unit(ours.iter().filter_map(|(run, value)| Some((*run, value - theirs.get(run)?))))
}

/// The values of runs; the mean of those that share a start, which are not independent of each other.
fn by_unit(values: impl IntoIterator<Item = (Run, f64)>) -> Vec<f64> {
    let mut by_unit: BTreeMap<Run, Vec<f64>> = BTreeMap::new();
    for ((start, run, fold), value) in values {
        let unit = if start.is_some() { (start, 0, fold) } else { (start, run, fold) };
        by_unit.entry(unit).or_default().push(value);
    }
    by_unit.into_values().map(|values| values.iter().sum::<f64>() / values.len() as f64).collect()
}

fn middle(interval: Interval) -> f64 {
    f64::midpoint(interval.lower, interval.upper)
}

/// How differences of a metric are written: in percent where the paper's tables are.
#[derive(Clone, Copy, Debug)]
struct Scale {
    factor: f64,
    digits: usize,
}

impl Scale {
    fn of(spec: &Spec, metric: &str) -> Self {
        let mut tables = spec.tables.iter();
        let is_percent =
            tables.any(|table| table.percent && table.lines.iter().any(|line| line.metric == metric));
        if is_percent { Self { factor: 100.0, digits: 1 } } else { Self { factor: 1.0, digits: 3 } }
    }

    /// With a digit more than differences have.
    fn number(self, value: f64) -> String {
        format!("{:.*}", self.digits + 1, self.factor * value)
    }

    /// The middle of an interval, and its ends.
    fn text(self, interval: Interval) -> String {
        let text = |value: f64| format!("{:+.*}", self.digits, self.factor * value);
        format!("{} ({} to {})", text(middle(interval)), text(interval.lower), text(interval.upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of seven data sets five were compared: three satisfy the claim, one may, one does not.
    #[test]
    fn data_sets_that_were_not_compared_leave_an_answer_open() {
        let mut tally = Tally::of(7);
        for (row, is_clear, is_possible) in
            [("a", true, true), ("b", true, true), ("c", true, true), ("d", false, true), ("e", false, false)]
        {
            tally.add(row, is_clear, is_possible);
        }
        assert_eq!(tally.answer(3), Answer::Holds);
        assert_eq!(tally.answer(6), Answer::CannotTell, "three, one that may, and two that are not compared");
        assert_eq!(tally.answer(7), Answer::DoesNotHold);
        assert_eq!(Tally::of(6).answer(6), Answer::CannotTell, "nothing was compared");
    }

    #[test]
    fn differences_are_taken_run_by_run() {
        let of = |values: &[f64]| {
            let runs = values.iter().enumerate();
            runs.map(|(run, value)| ((None, run, None), *value)).collect::<BTreeMap<Run, f64>>()
        };
        let interval = paired_difference(&of(&[0.5, 0.7, 0.9]), &of(&[0.4, 0.6, 0.8])).expect("finite");
        let interval = interval.expect("three pairs");
        assert!((interval.lower - 0.1).abs() < 1e-12 && (interval.upper - 0.1).abs() < 1e-12);
        assert_eq!(paired_difference(&of(&[0.5]), &of(&[0.4])).expect("finite"), None);
    }

    /// Five equal runs of a start are one value, not five.
    #[test]
    fn runs_of_a_start_count_once() {
        let runs = (0..10).map(|run| ((Some(run / 5), run % 5, None), if run < 5 { 0.1 } else { 0.3 }));
        assert_eq!(by_unit(runs.clone()), [0.1, 0.3]);
        let theirs: BTreeMap<Run, f64> = runs.clone().map(|(run, _)| (run, 0.0)).collect();
        let interval = paired_difference(&runs.collect(), &theirs).expect("finite").expect("two starts");
        assert!(interval.lower < 0.0, "two starts say little: {interval:?}");
    }
}
