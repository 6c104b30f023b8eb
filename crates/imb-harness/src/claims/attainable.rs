//! Claims that printed metrics can be those of runs on the test rows of a protocol: arithmetic decides.

use anyhow::Result;
use imb_data::Entry;
use imb_metrics::printed::{
    PrintedMetric, PrintedValue, Rounding, TestRows, TwoClassMetric, is_mean_attainable,
};

use super::{Answer, Finding, judged_entries};
use crate::experiment::place;
use crate::proof::printed_value;
use crate::results::{Source, test_rows_of};

/// Whether on every data set that was run some confusion matrix has a column's printed metrics, or, where one run
/// cannot give them, whether the mean of so many runs can.
pub(super) fn can_be_of_runs(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    metrics: &[TwoClassMetric],
    n_runs: u64,
) -> Result<Finding> {
    let printed_of = |entry: &Entry| printed_metrics(source, &entry.row, column, metrics);
    // A stand-in is not asked, and leaves the answer open.
    let asked = source.entries.iter().filter(|entry| printed_of(entry).is_some()).count();
    let (mut words, mut of_one, mut of_none, mut runs) = (Vec::new(), 0, 0, 0);
    for entry in judged_entries(source) {
        let Some(printed) = printed_of(entry) else { continue };
        let Some((rows, n)) = test_rows(source, entry, protocol, column)? else { continue };
        runs += n;
        let TestRows([first, second]) = rows;
        let can = if rows.matrices(&printed, Rounding::Either)?.count > 0 {
            of_one += 1;
            "one run can".to_owned()
        } else if n_runs > 1 && is_mean_attainable(rows, n_runs, &printed, Rounding::Either)? {
            format!("the mean of {n_runs} runs may, one run cannot")
        } else {
            of_none += 1;
            "no runs can".to_owned()
        };
        words.push(format!("{} ({first} and {second} test rows): {can}", entry.row));
    }
    let answer = match (of_none, of_one) {
        (1.., _) => Answer::DoesNotHold,
        (0, of_one) if of_one == asked && asked > 0 => Answer::Holds,
        _ => Answer::CannotTell,
    };
    Ok((answer, words.join("; "), runs))
}

/// The printed values of the metrics, from the table that has them all.
fn printed_metrics(
    source: &Source<'_>,
    row: &str,
    column: &str,
    metrics: &[TwoClassMetric],
) -> Option<Vec<PrintedMetric>> {
    source.paper.spec.tables.iter().find_map(|table| {
        let of = |metric: &TwoClassMetric| {
            let value: PrintedValue = printed_value(source.paper, table, row, &metric.to_string(), column)?;
            Some(PrintedMetric { metric: *metric, value, percent: table.percent })
        };
        metrics.iter().map(of).collect()
    })
}

/// The test rows of each class, and the runs that have them; none without a run, or where runs differ.
fn test_rows(
    source: &Source<'_>,
    entry: &Entry,
    protocol: &str,
    column: &str,
) -> Result<Option<(TestRows, usize)>> {
    let runs = source.runs(entry, &place(&source.paper.spec, entry, protocol, column))?;
    let Some(counts) = test_rows_of(runs.records.iter().copied()) else { return Ok(None) };
    let counts = <[u64; 2]>::try_from(counts.as_slice()).ok();
    // Of a class without test rows nothing can be said.
    let counts = counts.filter(|counts| !counts.contains(&0));
    Ok(counts.map(|counts| (TestRows(counts), runs.records.len())))
}
