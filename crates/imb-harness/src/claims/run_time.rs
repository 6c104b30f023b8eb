//! Claims on how long runs take.

use anyhow::Result;

use super::{Answer, Finding};
use crate::experiment::place;
use crate::results::Source;

const SECONDS_OF_AN_HOUR: f64 = 3600.0;

/// Whether so many runs of a column take at most so many CPU hours on the smallest data set, and on every other at
/// most so many more.
pub(super) fn takes(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    n: usize,
    [smallest, any]: [f64; 2],
) -> Result<Finding> {
    let mut of_sets = Vec::new();
    let mut runs = 0;
    for entry in &source.entries {
        let recorded = source.runs(entry, &place(&source.paper.spec, entry, protocol, column))?.records;
        let Some(first) = recorded.first().and_then(|record| record.done()) else { continue };
        let seconds: f64 = recorded.iter().map(|record| record.cost.seconds()).sum();
        let hours = seconds / recorded.len() as f64 * n as f64 / SECONDS_OF_AN_HOUR;
        runs += recorded.len();
        of_sets.push((first.training_rows.rows, &entry.row, hours));
    }
    of_sets.sort_by_key(|(rows, ..)| *rows);
    let within = of_sets.iter().enumerate().all(|(place, (.., hours))| {
        let limit = if place == 0 { smallest } else { any };
        *hours <= limit
    });
    let answer = match (within, of_sets.len() == source.entries.len()) {
        (false, _) => Answer::DoesNotHold,
        (true, true) => Answer::Holds,
        // The largest may not have been run yet.
        (true, false) => Answer::CannotTell,
    };
    let words: Vec<String> = of_sets.iter().map(|(_, row, hours)| format!("{row} {hours:.2}")).collect();
    Ok((answer, format!("CPU hours of {n} runs, smallest data set first: {}", words.join(", ")), runs))
}
