//! Claims on how much a metric varies from run to run.

use std::collections::BTreeMap;

use anyhow::Result;
use imb_core::Seed;
use rand::seq::SliceRandom;

use super::{Answer, Finding, judged_entries, not_compared, values_of};
use crate::measure::Measure;
use crate::results::Source;
use crate::spec::Evaluation;

/// Whether `n` of our runs vary as the paper says, on every data set: no, if they do by a chance below 5 % on one, which
/// all data sets share; yes, if they do on all together by a chance of 5 % or more.
pub(super) fn lies_in(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    measure: &Measure,
    evaluation: Evaluation,
    range: [f64; 2],
    n: usize,
) -> Result<Finding> {
    let (mut chances, mut words, mut compared, mut runs) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for entry in judged_entries(source) {
        let values = values_of(source, entry, protocol, column, measure, evaluation)?;
        // Runs that share a start are samples of their own: the paper's runs share one.
        let mut samples: BTreeMap<Option<usize>, Vec<f64>> = BTreeMap::new();
        for ((start, ..), value) in values {
            samples.entry(start).or_default().push(value);
        }
        samples.retain(|start, values| values.len() >= if start.is_some() { n } else { n + 1 });
        if samples.is_empty() {
            continue;
        }
        runs += samples.values().map(Vec::len).sum::<usize>();
        let chances_of_starts = samples.values().map(|values| chance_of_variance(values, n, range));
        let chance = chances_of_starts.sum::<f64>() / samples.len() as f64;
        words.push(format!("{} {chance:.2}", entry.row));
        chances.push(chance);
        compared.push(entry.row.as_str());
    }
    let level = 0.05 / chances.len().max(1) as f64;
    let answer = if chances.iter().any(|chance| *chance < level) {
        Answer::DoesNotHold
    } else if chances.len() == source.entries.len() && chances.iter().product::<f64>() >= 0.05 {
        Answer::Holds
    } else {
        Answer::CannotTell
    };
    let [least, greatest] = range;
    let rows = if evaluation == Evaluation::Last { String::new() } else { format!(" ({evaluation})") };
    let evidence = format!(
        "chance that the variance of {n} of our runs{rows} lies between {least:.2e} and {greatest:.2e}: {}{}",
        words.join(", "),
        not_compared(source, &compared, |_| true)
    );
    Ok((answer, evidence, runs))
}

/// The share of samples of `n` values whose variance lies in a range.
fn chance_of_variance(values: &[f64], n: usize, [least, greatest]: [f64; 2]) -> f64 {
    const SAMPLES: usize = 4_000;
    let mut rng = Seed::new(1).child("run variance").rng();
    let mut values = values.to_vec();
    let within = (0..SAMPLES).filter(|_| {
        let (sample, _) = values.partial_shuffle(&mut rng, n);
        (least..=greatest).contains(&variance(sample))
    });
    within.count() as f64 / SAMPLES as f64
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_count_the_samples_within_both_ends() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let all = variance(&values);
        assert_eq!(chance_of_variance(&values, 5, [0.0, 0.5]), 0.0, "five distinct values vary more");
        assert_eq!(chance_of_variance(&values, 5, [0.0, 1e9]), 1.0);
        assert_eq!(chance_of_variance(&values, 5, [1e8, 1e9]), 0.0, "no five values vary so much");
        let below = chance_of_variance(&values, 5, [0.0, all]);
        let above = chance_of_variance(&values, 5, [all, 1e9]);
        assert!((0.4..0.8).contains(&below) && (below + above - 1.0).abs() < 1e-12, "{below} {above}");
    }
}
