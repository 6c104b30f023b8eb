//! Claims on how long runs take.

use anyhow::Result;

use super::{Answer, ENOUGH, Finding, judged_entries, not_compared};
use crate::experiment::place;
use crate::results::Source;

const MINUTES_OF_AN_HOUR: f64 = 60.0;
const SECONDS_OF_A_MINUTE: f64 = 60.0;

/// Whether so many runs of a column take at most so many CPU hours on the smallest data set, and on every other at
/// most so many more. A stand-in is another data set.
pub(super) fn takes(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    n: usize,
    [smallest, any]: [f64; 2],
) -> Result<Finding> {
    let mut of_sets = Vec::new();
    let mut runs = 0;
    for entry in judged_entries(source) {
        let recorded = source.runs(entry, &place(&source.paper.spec, entry, protocol, column))?.records;
        let Some(first) = recorded.first().and_then(|record| record.done()) else { continue };
        if recorded.len() < ENOUGH {
            continue;
        }
        let seconds: f64 = recorded.iter().map(|record| record.cost.seconds()).sum();
        let minutes = seconds / recorded.len() as f64 * n as f64 / SECONDS_OF_A_MINUTE;
        runs += recorded.len();
        of_sets.push((first.training_rows.rows, entry.row.as_str(), minutes));
    }
    of_sets.sort_by_key(|(rows, ..)| *rows);
    let is_whole = of_sets.len() == source.entries.len();
    let within = of_sets.iter().enumerate().all(|(place, (.., minutes))| {
        // Of some of the data sets, the smallest may not be the smallest of all.
        let limit = if place == 0 && is_whole { smallest } else { any };
        *minutes <= limit * MINUTES_OF_AN_HOUR
    });
    let answer = match (within, is_whole) {
        (false, _) => Answer::DoesNotHold,
        (true, true) => Answer::Holds,
        // The largest may not have been run yet.
        (true, false) => Answer::CannotTell,
    };
    let words: Vec<String> = of_sets.iter().map(|(_, row, minutes)| format!("{row} {minutes:.1}")).collect();
    let rows: Vec<&str> = of_sets.iter().map(|(_, row, _)| *row).collect();
    let evidence = format!(
        "CPU minutes of {n} runs, by number of training rows: {}{}",
        words.join(", "),
        not_compared(source, &rows, |_| true)
    );
    Ok((answer, evidence, runs))
}
