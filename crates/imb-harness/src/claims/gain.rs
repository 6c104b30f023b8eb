//! Claims on the relative gain of a column over another.

use anyhow::Result;
use imb_metrics::Direction;
use imb_metrics::interval::Interval;
use imb_metrics::printed::{PrintedValue, Rounding};

use super::lead::ahead_by;
use super::{Answer, Finding, middle, values_of};
use crate::measure::Measure;
use crate::results::Source;
use crate::spec::Evaluation;

/// Whether a column's gain over another, in percent of the other, is at least the least one stated on every data
/// set and reaches the greatest on one. Both are as rounded as they are printed.
pub(super) fn spans(
    source: &Source<'_>,
    protocol: &str,
    [column, over]: [&str; 2],
    metric: &str,
    [least, greatest]: [f64; 2],
) -> Result<Finding> {
    let measure = Measure::named(metric)?;
    let (mut gains, mut words, mut runs) = (Vec::new(), Vec::new(), 0);
    for entry in super::judged_entries(source) {
        let of = |column: &str| values_of(source, entry, protocol, column, &measure, Evaluation::Last);
        let (ours, mut theirs) = (of(column)?, of(over)?);
        let among = source.entries.len();
        let Some(difference) = ahead_by(&ours, &theirs, Direction::HigherIsBetter, among)? else { continue };
        theirs.retain(|run, _| ours.contains_key(run));
        let base = theirs.values().sum::<f64>() / theirs.len() as f64;
        let percent = |end: f64| 100.0 * end / base;
        let [lower, upper] = [difference.interval.lower, difference.interval.upper].map(percent);
        let gain = Gain { interval: Interval { lower, upper }, most: percent(difference.shared.upper) };
        words.push(format!("{} {:+.1} ({lower:+.1} to {upper:+.1})", entry.row, middle(gain.interval)));
        gains.push(gain);
        runs += theirs.len();
    }
    let [least, greatest] = [rounded_down(least)?, rounded_down(greatest)?];
    let answer = answer(&gains, source.entries.len(), [least, greatest]);
    Ok((answer, format!("gain of {column} over {over}, percent: {}", words.join("; ")), runs))
}

/// The least value that is printed as this one.
fn rounded_down(printed: f64) -> Result<f64> {
    let printed: PrintedValue = printed.to_string().parse()?;
    Ok(printed.range(Rounding::Rounded).lower)
}

/// The gain on a data set.
struct Gain {
    /// Its 95 % interval.
    interval: Interval,
    /// The end of the interval at a level that all data sets share: on one of many, a gain looks low by chance.
    most: f64,
}

/// The answer of the gains on some data sets, of so many.
fn answer(gains: &[Gain], datasets: usize, [least, greatest]: [f64; 2]) -> Answer {
    let is_whole = gains.len() == datasets;
    let reaches = |gain: &Gain| gain.interval.lower <= greatest && greatest <= gain.interval.upper;
    // A data set that is not run yet may have the largest gain.
    if gains.iter().any(|gain| gain.most < least)
        || (is_whole && gains.iter().all(|gain| gain.interval.upper < greatest))
    {
        Answer::DoesNotHold
    } else if is_whole && gains.iter().all(|gain| gain.interval.lower >= least) && gains.iter().any(reaches) {
        Answer::Holds
    } else {
        Answer::CannotTell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(gains: &[[f64; 2]]) -> Vec<Gain> {
        let gain = |&[lower, upper]: &[f64; 2]| Gain { interval: Interval { lower, upper }, most: upper };
        gains.iter().map(gain).collect()
    }

    #[test]
    fn a_gain_that_may_be_none_decides_nothing() {
        let ends = [0.65, 49.265];
        let answer = |gains: &[[f64; 2]], datasets| answer(&of(gains), datasets, ends);
        assert_eq!(answer(&[[1.0, 2.0], [48.0, 50.0]], 2), Answer::Holds);
        assert_eq!(answer(&[[1.0, 2.0], [48.0, 50.0]], 3), Answer::CannotTell, "one is not run yet");
        assert_eq!(answer(&[[-1.0, 2.0], [48.0, 50.0]], 2), Answer::CannotTell);
        assert_eq!(answer(&[[-1.0, 0.5]], 2), Answer::DoesNotHold, "below the least");
        assert_eq!(answer(&[[1.0, 2.0], [3.0, 9.0]], 2), Answer::DoesNotHold, "none reaches the greatest");
        assert_eq!(answer(&[[1.0, 2.0], [3.0, 9.0]], 3), Answer::CannotTell);
    }

    #[test]
    fn bounds_are_as_rounded_as_they_are_printed() {
        assert!((rounded_down(0.7).expect("a number") - 0.65).abs() < 1e-9);
        assert!((rounded_down(49.27).expect("a number") - 49.265).abs() < 1e-9);
    }
}
