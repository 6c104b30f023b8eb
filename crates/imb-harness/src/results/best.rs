//! The best value of a sweep, as a column of tables of our own.

use std::collections::BTreeMap;

use anyhow::Result;
use imb_data::Entry;
use imb_metrics::Direction;

use super::source::{Runs, Source};
use crate::experiment::place;
use crate::measure::Measure;
use crate::place::Place;
use crate::record::Record;
use crate::spec::{BestRows, Evaluation, SweepSpec};

/// A swept column with its best value.
pub(super) struct Best<'a> {
    /// The place of its first run, under the name that the sweep gives it.
    pub(super) place: Place,
    /// The runs with the best value.
    pub(super) runs: Runs<'a>,
    /// Which value was the best, and on which rows.
    pub(super) note: String,
}

/// The best of every sweep that is made of a data set under a protocol and of which every combination of values
/// was run.
///
/// # Errors
/// If the specification does not fit together.
pub(super) fn best_of_sweeps<'a>(
    source: &Source<'a>,
    entry: &Entry,
    protocol: &str,
) -> Result<Vec<Best<'a>>> {
    let spec = &source.paper.spec;
    let sweeps =
        spec.sweeps.iter().filter(|sweep| !sweep.best.is_empty() && sweep.is_for(protocol, &entry.row));
    let mut best = Vec::new();
    for sweep in sweeps {
        let measure = Measure::named(&sweep.choose_by)?;
        let learners = spec.learners_under(protocol).into_iter();
        for learner in learners.filter(|learner| sweep.is_for_learner(learner.as_ref())) {
            let first = Place { learner, ..place(spec, entry, protocol, &sweep.column) };
            let mut swept = Vec::new();
            for setting in sweep.candidates() {
                let place = Place { setting, ..first.clone() };
                swept.push(Swept { text: text_of(&place), runs: source.runs(entry, &place)? });
            }
            for (name, rows) in &sweep.best {
                if let Some((runs, how)) = chosen(&swept, &measure, *rows) {
                    let place = Place { column: name.clone(), ..first.clone() };
                    let note = note(sweep, entry, &place, &how);
                    best.push(Best { place, runs, note });
                }
            }
        }
    }
    Ok(best)
}

/// The runs of the best of a sweep, by the name that it is given.
///
/// # Errors
/// If the specification does not fit together.
pub(crate) fn best_runs<'a>(
    source: &Source<'a>,
    entry: &Entry,
    protocol: &str,
    name: &str,
    learner: Option<&String>,
) -> Result<Option<Runs<'a>>> {
    let mut best = best_of_sweeps(source, entry, protocol)?.into_iter();
    let is_asked = |best: &Best<'_>| best.place.column == name && best.place.learner.as_ref() == learner;
    Ok(best.find(is_asked).map(|best| best.runs))
}

/// The values that a sweep has set at a place.
fn text_of(place: &Place) -> String {
    place.setting.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(" and ")
}

/// A combination of values, as text, and its runs.
struct Swept<'a> {
    text: String,
    runs: Runs<'a>,
}

/// How the best value was chosen.
enum Chosen {
    /// Run by run, on validation rows: the value of each run.
    OnValidation(Vec<String>),
    /// One value for all runs, on test rows, and the number of runs that all values have.
    OnTest(String, usize),
}

fn chosen<'a>(swept: &[Swept<'a>], measure: &Measure, rows: BestRows) -> Option<(Runs<'a>, Chosen)> {
    let scores =
        |evaluation| -> Vec<Scores> { swept.iter().map(|value| value.scores(measure, evaluation)).collect() };
    let plan = swept.first()?.runs.plan;
    let validated = scores(Evaluation::Validation);
    // Where there are validation rows, nothing is chosen on test rows, even if runs are missing.
    if rows == BestRows::Test || validated.iter().all(Scores::is_empty) {
        let tested = scores(Evaluation::Last);
        let (best, n_runs) = best_mean(&tested)?;
        let best = &swept[best];
        return Some((best.runs.clone(), Chosen::OnTest(best.text.clone(), n_runs)));
    }
    let on_validation = best_run_by_run(&validated);
    let record = |(run, value): &(Fold, usize)| {
        swept[*value].runs.records.iter().find(|record| fold_of(record) == *run).copied()
    };
    let records: Vec<&Record> = on_validation.iter().filter_map(record).collect();
    let texts = on_validation.iter().map(|(_, value)| swept[*value].text.clone()).collect();
    (!records.is_empty()).then_some((Runs { records, plan }, Chosen::OnValidation(texts)))
}

/// A run, or a fold of one.
type Fold = (usize, Option<usize>);

fn fold_of(record: &Record) -> Fold {
    (record.place.run, record.place.fold)
}

/// What each run of a value scored, higher being better.
type Scores = BTreeMap<Fold, f64>;

impl Swept<'_> {
    fn scores(&self, measure: &Measure, evaluation: Evaluation) -> Scores {
        let sign = if measure.direction() == Direction::HigherIsBetter { 1.0 } else { -1.0 };
        let score = |record: &&Record| {
            let value = measure.of(record.done()?, None, evaluation).ok()?;
            Some((fold_of(record), sign * value))
        };
        self.runs.records.iter().filter_map(score).collect()
    }
}

/// For each run that all values have, the place of the best value; the first of equals.
fn best_run_by_run(scores: &[Scores]) -> Vec<(Fold, usize)> {
    let Some(first) = scores.first() else { return Vec::new() };
    let is_complete = |run: &&Fold| scores.iter().all(|scores| scores.contains_key(run));
    let best = |run: &Fold| (*run, first_highest(scores.iter().map(|scores| scores[run])));
    first.keys().filter(is_complete).map(best).collect()
}

/// The place of the value with the best mean over the runs that all values have, the first of equals, and the number
/// of these runs; none if there are none.
fn best_mean(scores: &[Scores]) -> Option<(usize, usize)> {
    let is_of_all = |run: &&Fold| scores.iter().all(|scores| scores.contains_key(run));
    let runs: Vec<&Fold> = scores.first()?.keys().filter(is_of_all).collect();
    let sum = |scores: &Scores| runs.iter().map(|run| scores[*run]).sum::<f64>();
    (!runs.is_empty()).then(|| (first_highest(scores.iter().map(sum)), runs.len()))
}

fn first_highest(numbers: impl Iterator<Item = f64>) -> usize {
    let (mut best, mut highest) = (0, f64::NEG_INFINITY);
    for (place, number) in numbers.enumerate() {
        if number > highest {
            (best, highest) = (place, number);
        }
    }
    best
}

fn note(sweep: &SweepSpec, entry: &Entry, best: &Place, how: &Chosen) -> String {
    let learner = best.learner.as_ref().map_or(String::new(), |learner| format!(" with {learner}"));
    let (what, n) =
        (format!("{}, {}{learner}, {}", entry.row, best.column, best.protocol), sweep.candidates().count());
    let choose_by = &sweep.choose_by;
    match how {
        Chosen::OnValidation(texts) => format!(
            "{what}: chosen on validation rows, the best of {n} by {choose_by}, run by run: {}",
            texts.join(", ")
        ),
        Chosen::OnTest(text, fewest) => format!(
            "{what}: {text}, the best of {n} by the mean {choose_by} of {fewest} runs or folds on test rows (peeking)"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(runs: &[(usize, f64)]) -> Scores {
        runs.iter().map(|(run, score)| ((*run, None), *score)).collect()
    }

    /// Run 1 lacks a value, and so has no best one; of equals the first counts.
    #[test]
    fn each_run_has_its_own_best_value() {
        let swept = [
            scores(&[(0, 0.5), (1, 0.9), (2, 0.7)]),
            scores(&[(0, 0.6), (2, 0.7)]),
            scores(&[(0, 0.4), (1, 0.1), (2, 0.2)]),
        ];
        assert_eq!(best_run_by_run(&swept), [((0, None), 1), ((2, None), 0)]);
        assert_eq!(best_run_by_run(&[scores(&[]), scores(&[(0, 1.0)])]), []);
    }

    #[test]
    fn one_value_is_best_on_the_mean() {
        let swept = [scores(&[(0, 0.5), (1, 0.9)]), scores(&[(0, 0.8), (1, 0.8)]), scores(&[(0, 0.8)])];
        assert_eq!(best_mean(&swept), Some((1, 1)), "only run 0 has all three values");
        assert_eq!(best_mean(&[scores(&[(0, 0.5)]), scores(&[])]), None, "a value that was not run");
    }
}
