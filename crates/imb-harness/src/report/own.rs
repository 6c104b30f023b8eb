//! The answer of an experiment of the user's own, which prints nothing to compare with.

use anyhow::Result;
use imb_metrics::Direction;

use crate::plots::{Difference, Scope};
use crate::results::Source;

/// How each column fares against the one without resampling, run by run.
pub(super) fn answer(source: &Source<'_>) -> Result<String> {
    let Some(scope) = Scope::of(source)? else {
        let lacks_lines = source.paper.spec.tables.first().is_none_or(|table| table.lines.is_empty());
        return Ok(if lacks_lines {
            "There is no table with a line, whose metric would compare the columns.".to_owned()
        } else {
            "There is no column without stages to compare others with.".to_owned()
        });
    };
    let mut sentences = Vec::new();
    for learner in scope.learners() {
        let differences = scope.differences(learner.as_deref())?;
        let mut parts = Vec::new();
        for column in scope.columns() {
            let of_column: Vec<&Difference> =
                differences.iter().filter(|difference| difference.column == column).collect();
            parts.extend(part(&scope, column, &of_column));
        }
        if !parts.is_empty() {
            sentences.push(format!(
                "{}, {}, against {} run by run: {}.",
                scope.metric_title(),
                scope.under(learner.as_deref()),
                scope.baseline,
                parts.join("; ")
            ));
        }
    }
    if sentences.is_empty() {
        return Ok("No column has two runs beside those without resampling yet.".to_owned());
    }
    sentences.push("Intervals allow for the rows that runs share (Nadeau and Bengio, 2003).".to_owned());
    Ok(sentences.join(" "))
}

/// What is said of a column.
fn part(scope: &Scope<'_>, column: &str, differences: &[&Difference]) -> Option<String> {
    let is_better = |difference: &&&Difference| match scope.measure.direction() {
        Direction::HigherIsBetter => difference.interval.lower > 0.0,
        Direction::LowerIsBetter => difference.interval.upper < 0.0,
    };
    let is_open =
        |difference: &&&Difference| (difference.interval.lower..=difference.interval.upper).contains(&0.0);
    if let [one] = differences {
        let word = match (is_open(&one), is_better(&one)) {
            (true, _) => "no difference found",
            (_, true) => "better",
            _ => "worse",
        };
        let (interval, digits) = (one.interval, scope.digits());
        return Some(format!(
            "{column} {:+.digits$} ({:+.digits$} to {:+.digits$}, {word})",
            one.mean, interval.lower, interval.upper
        ));
    }
    let n = differences.len();
    let (better, open) =
        (differences.iter().filter(is_better).count(), differences.iter().filter(is_open).count());
    (n > 0).then(|| {
        format!(
            "{column} is better on {better}, worse on {} and open on {open} of {n} data sets",
            n - better - open
        )
    })
}
