//! Claims that a column is ahead of others. Columns are compared run by run.

use anyhow::Result;
use imb_data::Entry;
use imb_metrics::interval::{Interval, student_interval};

use super::{Answer, Finding, Tally, judged_entries, middle, paired_difference, values_of};
use crate::measure::Measure;
use crate::results::Source;
use crate::spec::Evaluation;

/// The lead of a column over the best of its rivals on one data set.
struct Lead<'a> {
    other: &'a str,
    difference: Interval,
    runs: usize,
    /// Rivals that are to be run there and are not yet: the lead may become smaller.
    missing: Vec<&'a str>,
}

/// Whether a column has the highest mean on at least so many data sets, run by run: of the columns that are named, or
/// of all that the paper has.
pub(super) fn leads(
    source: &Source<'_>,
    protocol: &str,
    column: &str,
    metric: &str,
    among: &[String],
    on: usize,
) -> Result<Finding> {
    let measure = Measure::named(metric)?;
    let mut tally = Tally::of(source.entries.len());
    let (mut lost, mut runs, mut words) = (0, 0, Vec::new());
    for entry in judged_entries(source) {
        let Some(lead) = lead_on(source, entry, protocol, column, among, &measure)? else { continue };
        let Interval { lower, upper } = lead.difference;
        runs += lead.runs;
        lost += usize::from(upper < 0.0);
        tally.add(lower > 0.0 && lead.missing.is_empty(), upper >= 0.0);
        words.push(format!("{} {:+.3} {}", entry.row, middle(lead.difference), lead.against()));
    }
    let Tally { clear, possible, compared, .. } = tally;
    let whom = if among.is_empty() { "every other column".to_owned() } else { among.join(", ") };
    let evidence = format!(
        "ahead of {whom} on {clear} of {compared} sets, behind one on {lost}, open on {} ({})",
        possible - clear,
        words.join("; ")
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
    let asked = source.entries.iter().filter(|entry| !except.contains(&entry.row)).count();
    let (mut tally, mut runs, mut words) = (Tally::of(asked), 0, Vec::new());
    for entry in judged_entries(source) {
        let ours = values_of(source, entry, protocol, column, &measure, Evaluation::Last)?;
        let theirs = values_of(source, entry, protocol, over, &measure, Evaluation::Last)?;
        let Some(difference) = paired_difference(&ours, &theirs)? else { continue };
        let Interval { lower, upper } = difference;
        runs += ours.len();
        words.push(format!("{} {:+.3} ({lower:+.3} to {upper:+.3})", entry.row, middle(difference)));
        if !except.contains(&entry.row) {
            tally.add(lower > 0.0, upper >= 0.0);
        }
    }
    Ok((tally.answer(asked), format!("{metric}, {column} minus {over}: {}", words.join("; ")), runs))
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
    for entry in judged_entries(source) {
        let Some(lead) = lead_on(source, entry, protocol, column, &[], &measure)? else { continue };
        let [lower, upper] = [lead.difference.lower, lead.difference.upper].map(|end| 100.0 * end);
        let is_complete = lead.missing.is_empty();
        runs += lead.runs;
        tally.add(
            is_complete && lower >= least && upper <= most,
            upper >= least && (lower <= most || !is_complete),
        );
        words.push(format!("{} {lower:+.1} to {upper:+.1} {}", entry.row, lead.against()));
    }
    let evidence = format!("points ahead of the best other column: {}", words.join("; "));
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
    let (mut beaten, mut as_good, mut runs, mut words) = (0, 0, 0, Vec::new());
    for control in controls {
        let mut leads = Vec::new();
        for entry in judged_entries(source) {
            let of = |column: &str| values_of(source, entry, protocol, column, &measure, Evaluation::Last);
            let (ours, theirs) = (of(column)?, of(control)?);
            if let Some(difference) = paired_difference(&ours, &theirs)? {
                leads.push(middle(difference));
                runs += ours.len();
            }
        }
        if leads.len() < 2 {
            continue;
        }
        let lead = student_interval(&leads, 0.95)?;
        beaten += usize::from(lead.lower > margin);
        as_good += usize::from(lead.upper < margin);
        let (lower, upper, sets) = (lead.lower, lead.upper, leads.len());
        words.push(format!(
            "{:+.3} [{lower:+.3}, {upper:+.3}] against {control} on {sets} sets",
            middle(lead)
        ));
    }
    let answer = match (beaten, as_good) {
        (beaten, _) if beaten == controls.len() => Answer::Holds,
        (_, 1..) => Answer::DoesNotHold,
        _ => Answer::CannotTell,
    };
    let evidence = if words.is_empty() { "no control has run yet".to_owned() } else { words.join("; ") };
    Ok((answer, evidence, runs))
}

impl Lead<'_> {
    /// The best rival, and those that are missing.
    fn against(&self) -> String {
        match self.missing.as_slice() {
            [] => format!("against {}", self.other),
            missing => format!("against {}, without {}", self.other, missing.join(", ")),
        }
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
    measure: &Measure,
) -> Result<Option<Lead<'a>>> {
    let rivals: Vec<&str> = match among {
        [] => source.paper.spec.rivals(column).collect(),
        named => named.iter().map(String::as_str).collect(),
    };
    let planned = source.places(entry, protocol)?;
    // A column that is run only once somewhere is shown there and not compared.
    let is_awaited = |other: &str| -> Result<bool> {
        let Some(place) = planned.iter().find(|place| place.column == other) else { return Ok(false) };
        Ok(source.runs(entry, place)?.plan.is_none_or(|plan| plan.total() > 1))
    };
    let ours = values_of(source, entry, protocol, column, measure, Evaluation::Last)?;
    let (mut best, mut missing): (Option<(&str, Interval)>, Vec<&str>) = (None, Vec::new());
    for other in rivals {
        let theirs = values_of(source, entry, protocol, other, measure, Evaluation::Last)?;
        match paired_difference(&ours, &theirs)? {
            Some(difference) if best.is_none_or(|(_, least)| middle(difference) < middle(least)) => {
                best = Some((other, difference));
            }
            Some(_) => {}
            None if is_awaited(other)? => missing.push(other),
            None => {}
        }
    }
    Ok(best.map(|(other, difference)| Lead { other, difference, runs: ours.len(), missing }))
}
