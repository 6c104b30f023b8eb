//! Claims that a column is ahead of others. Columns are compared run by run.

use anyhow::Result;
use imb_data::Entry;
use imb_metrics::interval::{Interval, student_interval};

use super::{Answer, Finding, enough, judged_entries, middle, paired_difference, values_of};
use crate::measure::Measure;
use crate::results::Source;
use crate::spec::Evaluation;

/// The lead of a column over the best other column of the paper on one data set.
struct Lead<'a> {
    other: &'a str,
    difference: Interval,
    runs: usize,
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
    let (mut clear, mut open, mut sets, mut runs, mut words) = (0, 0, 0, 0, Vec::new());
    for entry in judged_entries(source) {
        let Some(lead) = lead_on(source, entry, protocol, column, &measure)? else { continue };
        let [lower, upper] = [lead.difference.lower, lead.difference.upper].map(|end| 100.0 * end);
        sets += 1;
        runs += lead.runs;
        if lower >= least && upper <= most {
            clear += 1;
        } else if upper >= least && lower <= most {
            open += 1;
        }
        words.push(format!("{} {lower:+.1} to {upper:+.1} against {}", entry.row, lead.other));
    }
    let evidence = format!("points ahead of the best other column: {}", words.join("; "));
    Ok((enough(clear, open, sets, on), evidence, runs))
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

/// The lead over the best other column; none where there is no other with runs on the same rows.
fn lead_on<'a>(
    source: &'a Source<'_>,
    entry: &Entry,
    protocol: &str,
    column: &'a str,
    measure: &Measure,
) -> Result<Option<Lead<'a>>> {
    let ours = values_of(source, entry, protocol, column, measure, Evaluation::Last)?;
    let mut least: Option<Lead<'_>> = None;
    for other in source.paper.spec.rivals(column) {
        let theirs = values_of(source, entry, protocol, other, measure, Evaluation::Last)?;
        let Some(difference) = paired_difference(&ours, &theirs)? else { continue };
        if least.as_ref().is_none_or(|lead| middle(difference) < middle(lead.difference)) {
            least = Some(Lead { other, difference, runs: ours.len() });
        }
    }
    Ok(least)
}
