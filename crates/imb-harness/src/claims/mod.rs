//! Sentences of a paper, tested on measured values.

mod lead;
mod ranks;
mod spread;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, bail};
use imb_core::Seed;
use imb_data::Entry;
use imb_metrics::interval::{Interval, student_interval};
use rand::seq::SliceRandom;
use serde::Serialize;

use self::ranks::Ranks;
use crate::experiment::place;
use crate::measure::Measure;
use crate::place::Place;
use crate::results::{Runs, Source};
use crate::spec::{ClaimSpec, ClaimTest, Evaluation};

/// A claim and what our runs say of it.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// What the paper says, in our words.
    pub says: String,
    /// Where it says so.
    pub place: String,
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

/// Fewer runs of a data set say nothing, as in the rule for printed values.
const ENOUGH_RUNS: usize = 5;

/// An answer with its evidence and the number of runs behind it.
type Finding = (Answer, String, usize);

/// Tests every claim of a paper.
///
/// # Errors
/// If the specification does not fit together.
pub fn test_claims(source: &Source<'_>) -> Result<Vec<Claim>> {
    let (mut claims, mut ranks) = (Vec::new(), Ranks::default());
    for spec in &source.paper.spec.claims {
        let (answer, mut evidence, runs) = test(source, spec, &mut ranks)?;
        if runs == 0 {
            // Sentences full of zeros say less.
            evidence = format!("nothing that it needs has been run under {} yet", spec.protocol);
        }
        claims.push(Claim { says: spec.says.clone(), place: spec.place.clone(), answer, evidence, runs });
    }
    Ok(claims)
}

fn test(source: &Source<'_>, spec: &ClaimSpec, ranks: &mut Ranks) -> Result<Finding> {
    match &spec.test {
        ClaimTest::Leads { column, metric, on, among } => {
            lead::leads(source, &spec.protocol, column, metric, among, *on)
        }
        ClaimTest::Outperforms { column, over, metric, except } => {
            lead::outperforms(source, &spec.protocol, [column, over], metric, except)
        }
        ClaimTest::MeanIn { column, metric, dataset, range } => {
            mean_in(source, &spec.protocol, column, metric, dataset, *range)
        }
        ClaimTest::RunVariance { column, metric, evaluation, datasets, range, runs } => {
            let measure = Measure::named(metric)?;
            run_variance(source, &spec.protocol, column, &measure, *evaluation, datasets, *range, *runs)
        }
        ClaimTest::Improvement { column, over, metric, range } => {
            improvement(source, &spec.protocol, [column, over], metric, *range)
        }
        ClaimTest::RanksAhead { columns, of } => ranks.ahead(source, &spec.protocol, columns, of),
        ClaimTest::NoRankLosses { column } => ranks.no_losses(source, &spec.protocol, column),
        ClaimTest::LeadsBy { column, metric, range, on } => {
            lead::leads_by(source, &spec.protocol, column, metric, *range, *on)
        }
        ClaimTest::Reaches { column, at_least, on } => {
            spread::reaches(source, &spec.protocol, column, at_least, *on)
        }
        ClaimTest::RisesWith { measure, metric } => {
            spread::rises_with(source, &spec.protocol, measure, metric)
        }
        ClaimTest::BeatsControls { column, controls, metric, margin } => {
            lead::beats_controls(source, &spec.protocol, column, controls, metric, *margin)
        }
        ClaimTest::TestRows(rows) => test_rows(source, &spec.protocol, rows),
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
    let values: Vec<f64> = values.into_values().collect();
    if values.len() < ENOUGH_RUNS {
        return Ok((Answer::CannotTell, "too few runs".to_owned(), values.len()));
    }
    let interval = student_interval(&values, 0.95)?;
    let answer = if least <= interval.lower && interval.upper <= greatest {
        Answer::Holds
    } else if interval.upper < least || interval.lower > greatest {
        Answer::DoesNotHold
    } else {
        Answer::CannotTell
    };
    let evidence = format!(
        "{dataset}, {column}: {metric} {:.4} ({:.4} to {:.4}), asked from {least} to {greatest}",
        middle(interval),
        interval.lower,
        interval.upper
    );
    Ok((answer, evidence, values.len()))
}

/// How often so many of our runs vary as little as the paper says.
#[allow(clippy::too_many_arguments, reason = "one claim has this many parts")]
fn run_variance(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    measure: &Measure,
    evaluation: Evaluation,
    datasets: &[String],
    range: [f64; 2],
    n: usize,
) -> Result<Finding> {
    let (mut chances, mut words, mut runs) = (Vec::new(), Vec::new(), 0);
    for entry in source.entries.iter().filter(|entry| datasets.contains(&entry.row)) {
        let values = values_of(source, entry, protocol, column, measure, evaluation)?;
        let values: Vec<f64> = values.into_values().collect();
        if values.len() <= n {
            continue;
        }
        runs += values.len();
        let chance = chance_of_variance(&values, n, range[1]);
        words.push(format!("{} {chance:.2}", entry.row));
        chances.push(chance);
    }
    let Some(least) = chances.iter().copied().reduce(f64::min) else {
        return Ok((Answer::CannotTell, "too few runs".to_owned(), runs));
    };
    let answer = if least < 0.05 { Answer::DoesNotHold } else { Answer::Holds };
    let evidence =
        format!("chance that {n} of our runs vary by at most {:.2e}: {}", range[1], words.join(", "));
    Ok((answer, evidence, runs))
}

/// The share of samples of `n` values whose variance is at most a bound.
fn chance_of_variance(values: &[f64], n: usize, bound: f64) -> f64 {
    const SAMPLES: usize = 4_000;
    let mut rng = Seed::new(1).child("run variance").rng();
    let mut values = values.to_vec();
    let within = (0..SAMPLES).filter(|_| {
        let (sample, _) = values.partial_shuffle(&mut rng, n);
        variance(sample) <= bound
    });
    within.count() as f64 / SAMPLES as f64
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)
}

/// The range over data sets of a column's relative gain over another, in percent.
fn improvement(
    source: &Source<'_>,
    protocol: &str,
    [column, over]: [&str; 2],
    metric: &str,
    range: [f64; 2],
) -> Result<Finding> {
    let measure = Measure::named(metric)?;
    if !source.paper.spec.columns.contains_key(column) {
        return Ok((Answer::CannotTell, format!("{column} is not run yet"), 0));
    }
    let (mut gains, mut runs) = (Vec::new(), 0);
    for entry in judged_entries(source) {
        let ours = values_of(source, entry, protocol, column, &measure, Evaluation::Last)?;
        let theirs = values_of(source, entry, protocol, over, &measure, Evaluation::Last)?;
        if ours.len().min(theirs.len()) < ENOUGH_RUNS {
            continue;
        }
        let mean = |values: &BTreeMap<Run, f64>| values.values().sum::<f64>() / values.len() as f64;
        gains.push((entry.row.clone(), 100.0 * (mean(&ours) / mean(&theirs) - 1.0)));
        runs += ours.len();
    }
    let words: Vec<String> = gains.iter().map(|(row, gain)| format!("{row} {gain:+.1} %")).collect();
    let least = gains.iter().map(|(_, gain)| *gain).fold(f64::INFINITY, f64::min);
    let reaches = gains.iter().any(|(_, gain)| *gain >= range[1]);
    // A data set that is not run yet may have the largest gain, or a loss.
    let answer = match gains.len() == judged_entries(source).count() {
        _ if least <= 0.0 => Answer::DoesNotHold,
        true if reaches => Answer::Holds,
        true => Answer::DoesNotHold,
        false => Answer::CannotTell,
    };
    Ok((answer, words.join(", "), runs))
}

/// Whether test sets have the printed rows of each class.
fn test_rows(source: &Source<'_>, protocol: &str, printed: &BTreeMap<String, Vec<u64>>) -> Result<Finding> {
    let (mut words, mut equal, mut compared) = (Vec::new(), 0, 0);
    for entry in &source.entries {
        let Some(printed) = printed.get(&entry.row) else { continue };
        let Some(column) = source.paper.spec.columns.keys().next() else { continue };
        let runs = source.runs(entry, &place(&source.paper.spec, entry, protocol, column))?;
        let done = runs.records.iter().find_map(|record| record.done());
        let counts = done.and_then(|done| done.evaluations.get(&Evaluation::Last)?.evidence.confusion());
        let Some(mut counts) = counts.map(imb_metrics::ConfusionMatrix::truth_counts) else { continue };
        // The paper names the larger class first.
        counts.sort_unstable_by(|a, b| b.cmp(a));
        compared += 1;
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
    Ok((answer, words.join(", "), compared))
}

/// The data sets that are no stand-ins.
fn judged_entries<'a>(source: &'a Source<'_>) -> impl Iterator<Item = &'a Entry> {
    let is_stand_in = |entry: &&Entry| {
        entry.editions.iter().all(|edition| {
            edition.lacks.as_ref().is_some_and(|lack| lack.columns.iter().any(|column| column == "n"))
                || edition.fingerprints.is_empty()
        })
    };
    source.entries.iter().filter(move |entry| !is_stand_in(entry))
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

/// The values of a measure that compares a run with the same run without resampling.
fn values_against_baseline(
    source: &Source<'_>,
    entry: &Entry,
    protocol: &str,
    column: &str,
    measure: &Measure,
) -> Result<Vec<f64>> {
    let spec = &source.paper.spec;
    let Some(printed) = &spec.printed else { return Ok(Vec::new()) };
    let runs_of = |column: &str| source.runs(entry, &place(spec, entry, protocol, column));
    let (ours, baseline) = (runs_of(column)?, runs_of(&printed.baseline)?);
    let of = |record: &&crate::record::Record| {
        measure.of(record.done()?, baseline.at(&record.place), Evaluation::Last).ok()
    };
    Ok(ours.records.iter().filter_map(of).collect())
}

/// How many data sets satisfy a claim. Those that were not compared, stand-ins among them, may or may not.
#[derive(Clone, Copy, Debug)]
struct Tally {
    /// Data sets that the claim speaks of.
    total: usize,
    compared: usize,
    /// Those that satisfy it.
    clear: usize,
    /// Those that may, with the clear ones.
    possible: usize,
}

impl Tally {
    fn of(total: usize) -> Self {
        Self { total, compared: 0, clear: 0, possible: 0 }
    }

    fn add(&mut self, is_clear: bool, is_possible: bool) {
        self.compared += 1;
        self.clear += usize::from(is_clear);
        self.possible += usize::from(is_clear || is_possible);
    }

    /// Whether so many data sets satisfy it.
    fn answer(&self, on: usize) -> Answer {
        if self.clear >= on {
            Answer::Holds
        } else if self.possible + (self.total - self.compared) < on {
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
    let differences: Vec<f64> =
        ours.iter().filter_map(|(run, value)| Some(value - theirs.get(run)?)).collect();
    if differences.len() < 2 {
        return Ok(None);
    }
    Ok(Some(student_interval(&differences, 0.95)?))
}

fn middle(interval: Interval) -> f64 {
    f64::midpoint(interval.lower, interval.upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_runs_rarely_vary_less_than_many() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(chance_of_variance(&values, 5, 0.5), 0.0);
        assert_eq!(chance_of_variance(&values, 5, 1e9), 1.0);
        let middle = chance_of_variance(&values, 5, variance(&values));
        assert!((0.4..0.8).contains(&middle), "{middle}");
    }

    /// Of seven data sets five were compared: three satisfy the claim, one may, one does not.
    #[test]
    fn data_sets_that_were_not_compared_leave_an_answer_open() {
        let mut tally = Tally::of(7);
        for (is_clear, is_possible) in
            [(true, true), (true, true), (true, true), (false, true), (false, false)]
        {
            tally.add(is_clear, is_possible);
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
}
