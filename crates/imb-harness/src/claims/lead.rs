//! Claims that a column is ahead of others. Columns are compared run by run.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use imb_data::Entry;
use imb_metrics::Direction;
use imb_metrics::interval::{Interval, student_interval};

use super::{
    Answer, ENOUGH, Finding, Run, Scale, Tally, by_unit, is_awaited, judged_entries, middle, not_compared,
    paired_difference_at, values_of,
};
use crate::measure::Measure;
use crate::results::Source;
use crate::spec::Evaluation;

/// The lead of a column over the best of its rivals on one data set.
struct Lead<'a> {
    other: &'a str,
    /// The 95 % interval of the lead; above 0 is ahead.
    difference: Interval,
    /// Whether it is ahead of every rival that was run.
    is_ahead: bool,
    /// Whether a rival is ahead of it, at a level that all rivals on all data sets share: of many, the best looks
    /// better than it is.
    is_behind: bool,
    runs: usize,
    /// Rivals that are to be run there and are not yet: the lead may become smaller.
    missing: Vec<&'a str>,
}

/// Whether a column has the highest mean on at least so many of some data sets, or of all if none is named, run by
/// run: of the columns that are named, or of all that the paper has.
pub(super) fn leads(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    metric: &str,
    among: &[String],
    datasets: &[String],
    on: usize,
) -> Result<Finding> {
    let measure = Measure::named(metric)?;
    let scale = Scale::of(&source.paper.spec, metric);
    let is_asked = |entry: &&Entry| datasets.is_empty() || datasets.contains(&entry.row);
    let asked = source.entries.iter().filter(is_asked).count();
    let mut tally = Tally::of(asked);
    let (mut lost, mut runs, mut words, mut missing) = (0, 0, Vec::new(), Missing::default());
    let mut rows = Vec::new();
    for entry in judged_entries(source).filter(is_asked) {
        let Some(lead) = lead_on(source, entry, protocol, column, among, asked, &measure)? else { continue };
        runs += lead.runs;
        lost += usize::from(lead.is_behind);
        tally.add(lead.is_ahead && lead.missing.is_empty(), !lead.is_behind);
        rows.push(entry.row.as_str());
        missing.add(&entry.row, &lead.missing);
        words.push(format!("{} {}, `{}`", entry.row, scale.text(lead.difference), lead.other));
    }
    let Tally { clear, possible, compared, total } = tally;
    let evidence = format!(
        "{compared} of {total} data sets were compared: best on {clear}, behind another column on {lost}, undecided on \
         {}. Lead over the best other column: {}{missing}{}",
        possible - clear,
        words.join("; "),
        not_compared(source, &rows, |row| datasets.is_empty() || datasets.contains(row))
    );
    Ok((tally.answer(on), evidence, runs))
}

/// Whether a column is ahead of another, run by run, on every data set but some.
pub(super) fn outperforms(
    source: &Source<'_>,
    protocol: &str,
    [column, over]: [&str; 2],
    metric: &str,
    except: &[String],
) -> Result<Finding> {
    let measure = Measure::named(metric)?;
    let scale = Scale::of(&source.paper.spec, metric);
    let asked = source.entries.iter().filter(|entry| !except.contains(&entry.row)).count();
    let (mut tally, mut runs, mut words, mut rows) = (Tally::of(asked), 0, Vec::new(), Vec::new());
    let shared = shared_level(asked);
    for entry in judged_entries(source) {
        let ours = values_of(source, entry, protocol, column, &measure, Evaluation::Last)?;
        let theirs = values_of(source, entry, protocol, over, &measure, Evaluation::Last)?;
        let by = |confidence| ahead_by(&ours, &theirs, measure.direction(), confidence);
        let (Some(difference), Some(wider)) = (by(0.95)?, by(shared)?) else { continue };
        runs += ours.len();
        rows.push(entry.row.as_str());
        words.push(format!("{} {}", entry.row, scale.text(difference)));
        if !except.contains(&entry.row) {
            tally.add(difference.lower > 0.0, wider.upper >= 0.0);
        }
    }
    let left_out = not_compared(source, &rows, |row| !except.contains(row));
    Ok((tally.answer(asked), format!("{column} minus {over}: {}{left_out}", words.join("; ")), runs))
}

/// Whether a column's lead lies in a range on at least so many data sets. The range is in points of a hundred and
/// widened by half a point on either side, as it is printed.
pub(super) fn leads_by(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    metric: &str,
    [least, most]: [f64; 2],
    on: usize,
) -> Result<Finding> {
    let measure = Measure::named(metric)?;
    let [least, most] = [least - 0.5, most + 0.5];
    let (mut tally, mut runs, mut words) = (Tally::of(source.entries.len()), 0, Vec::new());
    let (mut not_run, mut rows) = (Missing::default(), Vec::new());
    for entry in judged_entries(source) {
        let n_sets = source.entries.len();
        let Some(lead) = lead_on(source, entry, protocol, column, &[], n_sets, &measure)? else { continue };
        let [lower, upper] = [lead.difference.lower, lead.difference.upper].map(|end| 100.0 * end);
        let is_complete = lead.missing.is_empty();
        runs += lead.runs;
        tally.add(
            is_complete && lower >= least && upper <= most,
            upper >= least && (lower <= most || !is_complete),
        );
        let middle = f64::midpoint(lower, upper);
        rows.push(entry.row.as_str());
        not_run.add(&entry.row, &lead.missing);
        words.push(format!("{} {middle:+.1} ({lower:+.1} to {upper:+.1}), `{}`", entry.row, lead.other));
    }
    let left_out = not_compared(source, &rows, |_| true);
    let evidence = format!("points ahead of the best other column: {}{not_run}{left_out}", words.join("; "));
    Ok((tally.answer(on), evidence, runs))
}

/// Whether a column is ahead of each control by a margin, over the data sets. A control is as good as the column if
/// the whole interval of the lead is below the margin.
pub(super) fn beats_controls(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    controls: &[String],
    metric: &str,
    margin: f64,
) -> Result<Finding> {
    let measure = Measure::named(metric)?;
    let scale = Scale::of(&source.paper.spec, metric);
    let (mut beaten, mut as_good, mut runs, mut words) = (0, 0, BTreeMap::new(), Vec::new());
    let mut is_whole = true;
    // The whole gain, over no sampling, comes first; it is no control.
    let baseline = source.paper.spec.printed.as_ref().map(|printed| &printed.baseline);
    for (control, is_control) in baseline
        .into_iter()
        .map(|baseline| (baseline, false))
        .chain(controls.iter().map(|control| (control, true)))
    {
        let mut leads = Vec::new();
        for entry in judged_entries(source) {
            let of = |column: &str| values_of(source, entry, protocol, column, &measure, Evaluation::Last);
            let (ours, theirs) = (of(column)?, of(control)?);
            match ahead_by(&ours, &theirs, measure.direction(), 0.95)? {
                Some(difference) => {
                    leads.push(middle(difference));
                    runs.insert(&entry.row, ours.len());
                }
                None => is_whole &= !is_control,
            }
        }
        if leads.len() < 2 {
            continue;
        }
        let lead = student_interval(&leads, 0.95)?;
        beaten += usize::from(is_control && lead.lower > margin);
        as_good += usize::from(is_control && lead.upper < margin);
        words.push(format!("`{control}`: {} on {} data sets", scale.text(lead), leads.len()));
    }
    let answer = match (beaten, as_good) {
        _ if !is_whole => Answer::CannotTell,
        (beaten, _) if beaten == controls.len() => Answer::Holds,
        (_, 1..) => Answer::DoesNotHold,
        _ => Answer::CannotTell,
    };
    let evidence = if words.is_empty() {
        "fewer than two data sets have been run with both".to_owned()
    } else {
        format!("lead of `{column}` over {}", words.join("; over "))
    };
    // The same runs are compared with every control.
    Ok((answer, evidence, runs.values().sum()))
}

/// Rivals that are not run yet, with the data sets that lack them.
#[derive(Default)]
struct Missing<'a>(BTreeMap<Vec<&'a str>, Vec<String>>);

impl<'a> Missing<'a> {
    fn add(&mut self, row: &str, rivals: &[&'a str]) {
        self.0.entry(rivals.to_vec()).or_default().push(row.to_owned());
    }
}

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists: Vec<String> = (self.0.iter())
            .filter(|(rivals, _)| !rivals.is_empty())
            .map(|(rivals, rows)| match self.0.len() {
                1 => rivals.join(", "),
                _ => format!("{} on {}", rivals.join(", "), rows.join(", ")),
            })
            .collect();
        if lists.is_empty() { Ok(()) } else { write!(f, ". Not run yet: {}", lists.join("; ")) }
    }
}

/// The lead over the best rival: of those that are named, else of the paper's other columns. None where no rival has
/// runs on the same rows.
fn lead_on<'a>(
    source: &'a Source<'_>,
    entry: &Entry,
    protocol: &str,
    column: &'a str,
    among: &'a [String],
    n_sets: usize,
    measure: &Measure,
) -> Result<Option<Lead<'a>>> {
    let rivals: Vec<&str> = match among {
        [] => source.paper.spec.rivals(column).collect(),
        named => named.iter().map(String::as_str).collect(),
    };
    let planned = source.places(entry, protocol)?;
    let ours = values_of(source, entry, protocol, column, measure, Evaluation::Last)?;
    let shared = shared_level(rivals.len() * n_sets);
    let (mut best, mut missing): (Option<(&str, Interval)>, Vec<&str>) = (None, Vec::new());
    let (mut is_ahead, mut is_behind) = (true, false);
    for other in rivals {
        let theirs = values_of(source, entry, protocol, other, measure, Evaluation::Last)?;
        let by = |confidence| ahead_by(&ours, &theirs, measure.direction(), confidence);
        let (Some(difference), Some(wider)) = (by(0.95)?, by(shared)?) else {
            if is_awaited(source, entry, &planned, other)? {
                missing.push(other);
            }
            continue;
        };
        is_ahead &= difference.lower > 0.0;
        is_behind |= wider.upper < 0.0;
        if best.is_none_or(|(_, least)| middle(difference) < middle(least)) {
            best = Some((other, difference));
        }
    }
    let lead =
        |(other, difference)| Lead { other, difference, is_ahead, is_behind, runs: ours.len(), missing };
    Ok(best.map(lead))
}

/// The confidence of each of so many intervals, of which one that is wrong by chance would refute a claim: together
/// they are wrong in at most 5 %.
pub(super) fn shared_level(n_intervals: usize) -> f64 {
    1.0 - 0.05 / n_intervals.max(1) as f64
}

/// The interval of how much better the runs of a column are than those of another on the same rows; none with fewer
/// units than a claim needs.
pub(super) fn ahead_by(
    ours: &BTreeMap<Run, f64>,
    theirs: &BTreeMap<Run, f64>,
    direction: Direction,
    confidence: f64,
) -> Result<Option<Interval>> {
    let shared = ours.iter().filter(|(run, _)| theirs.contains_key(run)).map(|(run, value)| (*run, *value));
    if by_unit(shared).len() < ENOUGH {
        return Ok(None);
    }
    let difference = paired_difference_at(ours, theirs, confidence)?;
    Ok(difference.map(|interval| match direction {
        Direction::HigherIsBetter => interval,
        Direction::LowerIsBetter => Interval { lower: -interval.upper, upper: -interval.lower },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[f64]) -> BTreeMap<Run, f64> {
        values.iter().enumerate().map(|(run, value)| ((None, run, None), *value)).collect()
    }

    #[test]
    fn a_lower_loss_is_ahead() {
        let (ours, theirs) = (runs(&[0.1, 0.2, 0.3, 0.2, 0.1]), runs(&[0.4, 0.5, 0.7, 0.5, 0.3]));
        let by = |direction| ahead_by(&ours, &theirs, direction, 0.95).expect("finite").expect("five runs");
        assert!(by(Direction::LowerIsBetter).lower > 0.0);
        assert!(by(Direction::HigherIsBetter).upper < 0.0);
        let few = ahead_by(&runs(&[0.1; 4]), &theirs, Direction::LowerIsBetter, 0.95).expect("finite");
        assert_eq!(few, None, "four runs are too few");
    }
}
