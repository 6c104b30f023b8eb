//! Claims on what the network makes of the set that it was fitted to: overlap and variance.

use std::collections::BTreeMap;

use anyhow::Result;
use imb_core::Seed;
use imb_metrics::interval::student_interval;
use imb_metrics::rank::spearman;
use rand::RngExt;

use super::{
    Answer, ENOUGH, Finding, Tally, by_unit, is_awaited, judged_entries, not_compared,
    values_against_baseline, values_of,
};
use crate::measure::Measure;
use crate::results::Source;
use crate::spec::Evaluation;

/// Whether every measure is as large as stated on at least so many data sets.
pub(super) fn reaches(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    at_least: &BTreeMap<String, f64>,
    on: usize,
) -> Result<Finding> {
    let (mut tally, mut runs, mut words) = (Tally::of(source.entries.len()), 0, Vec::new());
    for entry in judged_entries(source) {
        let (mut reached, mut possible, mut means, mut n) = (true, true, Vec::new(), 0);
        for (name, least) in at_least {
            let values = values_against_baseline(source, entry, protocol, column, &Measure::named(name)?)?;
            n = values.len();
            let values = by_unit(values);
            if values.len() < ENOUGH {
                continue;
            }
            let interval = student_interval(&values, 0.95)?;
            reached &= interval.lower >= *least;
            possible &= interval.upper >= *least;
            means.push(format!("{:.1}", mean(&values)));
        }
        if means.len() < at_least.len() {
            continue;
        }
        runs += n;
        tally.add(&entry.row, reached, possible);
        words.push(format!("{} {}", entry.row, means.join(" / ")));
    }
    let Tally { clear, possible, compared, .. } = &tally;
    let evidence = format!(
        "{clear} of the {} data sets that were compared reach every value, {} of the others may, and {on} of all are \
         needed; means of {}: {}{}",
        compared.len(),
        possible - clear,
        at_least.keys().map(|name| source.paper.spec.title_of(name)).collect::<Vec<_>>().join(" / "),
        words.join(", "),
        not_compared(source, compared, |_| true)
    );
    Ok((tally.answer(on), evidence, runs))
}

/// Whether the mean of a measure rises with the mean of a metric, over the paper's columns and data sets.
pub(super) fn rises_with(
    source: &Source<'_>,
    protocol: &str,
    measure: &str,
    metric: &str,
) -> Result<Finding> {
    let (measure, metric) = (Measure::named(measure)?, Measure::named(metric)?);
    let spec = &source.paper.spec;
    let baseline = spec.printed.as_ref().map_or("", |printed| printed.baseline.as_str());
    let (mut by_set, mut runs, mut awaited) = (Vec::new(), 0, 0);
    for entry in judged_entries(source) {
        let (mut points, planned) = (Vec::new(), source.places(entry, protocol)?);
        for column in spec.rivals(baseline) {
            let spread = values_against_baseline(source, entry, protocol, column, &measure)?;
            let scores = values_of(source, entry, protocol, column, &metric, Evaluation::Last)?;
            let n = scores.len();
            let (spread, scores) = (by_unit(spread), by_unit(scores));
            if spread.len().min(scores.len()) >= ENOUGH {
                runs += n;
                points.push((mean(&spread), mean(&scores)));
            } else {
                awaited += usize::from(is_awaited(source, entry, &planned, column)?);
            }
        }
        if !points.is_empty() {
            by_set.push(points);
        }
    }
    let Some((rank_correlation, [lower, upper])) = correlation(&by_set) else {
        return Ok((Answer::CannotTell, "too few columns and data sets".to_owned(), runs));
    };
    let answer = match (lower > 0.0, upper < 0.0) {
        _ if awaited > 0 => Answer::CannotTell,
        (true, _) => Answer::Holds,
        (_, true) => Answer::DoesNotHold,
        _ => Answer::CannotTell,
    };
    let evidence = format!(
        "Spearman's rank correlation {rank_correlation:.2} ({lower:.2} to {upper:.2}) over {} pairs of column and data \
         set{}; the interval is a bootstrap of data sets",
        by_set.concat().len(),
        if awaited > 0 { format!(", {awaited} are not run yet") } else { String::new() }
    );
    Ok((answer, evidence, runs))
}

/// The rank correlation of all points, and its 95 % interval by a bootstrap of data sets: the points of one are not
/// independent of each other. None with fewer than three data sets.
fn correlation(by_set: &[Vec<(f64, f64)>]) -> Option<(f64, [f64; 2])> {
    const SAMPLES: usize = 2_000;
    let of = |points: &[(f64, f64)]| {
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        spearman(&x, &y).ok()
    };
    if by_set.len() < 3 {
        return None;
    }
    let mut rng = Seed::new(1).child("rank correlation").rng();
    let mut sampled: Vec<f64> = Vec::new();
    for _ in 0..SAMPLES {
        let sets = (0..by_set.len()).map(|_| by_set[rng.random_range(0..by_set.len())].as_slice());
        sampled.extend(of(&sets.collect::<Vec<_>>().concat()));
    }
    sampled.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = sampled.len().checked_sub(1)?;
        sampled.get((share * last as f64).round() as usize).copied()
    };
    Some((of(&by_set.concat())?, [at(0.025)?, at(0.975)?]))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_one_of_data_sets() {
        let rising: Vec<Vec<(f64, f64)>> =
            (0..6).map(|set| (0..5).map(|at| (f64::from(at), f64::from(at + set))).collect()).collect();
        let (rho, [lower, upper]) = correlation(&rising).expect("six sets");
        assert!(0.0 < lower && lower <= rho && rho <= upper && upper <= 1.0, "{rho} {lower} {upper}");
        assert_eq!(correlation(&rising[..2]), None, "two data sets");
    }
}
