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
use crate::spec::{Evaluation, is_among};

/// How much better the runs of a column are than those of another on the same rows.
#[derive(Clone, Copy)]
pub(super) struct Difference {
    /// The 95 % interval; above 0 is ahead.
    pub(super) interval: Interval,
    /// The interval that may refute a claim: at a level shared among all intervals of which one suffices.
    pub(super) shared: Interval,
}

impl Difference {
    /// The lesser of each end.
    fn least(self, other: Self) -> Self {
        let least = |one: Interval, other: Interval| Interval {
            lower: one.lower.min(other.lower),
            upper: one.upper.min(other.upper),
        };
        Self { interval: least(self.interval, other.interval), shared: least(self.shared, other.shared) }
    }
}

/// The lead of a column over the best of its rivals on one data set.
struct Lead<'a> {
    other: &'a str,
    difference: Difference,
    /// The lead over the best rival, whichever that is: the least of each end over all rivals that were run. Of many,
    /// the best looks better than it is, so the shared interval is at a level that all rivals on all data sets share.
    over_all: Difference,
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
    let scale = Scale::of(&source.paper.spec, metric);
    let is_asked = |row: &str| is_among(datasets, row);
    let asked = source.entries.iter().filter(|entry| is_asked(&entry.row)).count();
    let race = Race::new(source, protocol, column, metric, among, asked)?;
    let mut tally = Tally::of(asked);
    let (mut lost, mut runs, mut words, mut missing) = (0, 0, Vec::new(), Missing::default());
    for entry in judged_entries(source).filter(|entry| is_asked(&entry.row)) {
        let Some(lead) = race.on(entry)? else { continue };
        runs += lead.runs;
        let is_behind = lead.over_all.shared.upper < 0.0;
        lost += usize::from(is_behind);
        tally.add(&entry.row, lead.over_all.interval.lower > 0.0 && lead.missing.is_empty(), !is_behind);
        missing.add(&entry.row, &lead.missing);
        words.push(format!("{} {}, `{}`", entry.row, scale.text(lead.difference.interval), lead.other));
    }
    let Tally { clear, possible, compared, total } = &tally;
    let evidence = format!(
        "{} of {total} data sets were compared: best on {clear}, behind another column on {lost}, undecided on {}. Lead \
         over the best other column: {}{missing}{}",
        compared.len(),
        possible - clear,
        words.join("; "),
        not_compared(source, compared, is_asked)
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
    let is_asked = |row: &str| except.iter().all(|other| other != row);
    let asked = source.entries.iter().filter(|entry| is_asked(&entry.row)).count();
    let (mut tally, mut runs, mut words, mut others) = (Tally::of(asked), 0, Vec::new(), Vec::new());
    for entry in judged_entries(source) {
        let ours = values_of(source, entry, protocol, column, &measure, Evaluation::Last)?;
        let theirs = values_of(source, entry, protocol, over, &measure, Evaluation::Last)?;
        let Some(difference) = ahead_by(&ours, &theirs, measure.direction(), asked)? else { continue };
        let text = format!("{} {}", entry.row, scale.text(difference.interval));
        if !is_asked(&entry.row) {
            others.push(text);
            continue;
        }
        runs += ours.len();
        words.push(text);
        tally.add(&entry.row, difference.interval.lower > 0.0, difference.shared.upper >= 0.0);
    }
    let others =
        if others.is_empty() { String::new() } else { format!(" (not claimed: {})", others.join("; ")) };
    let left_out = not_compared(source, &tally.compared, is_asked);
    let evidence = format!("{column} minus {over}: {}{others}{left_out}", words.join("; "));
    Ok((tally.answer(asked), evidence, runs))
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
    let race = Race::new(source, protocol, column, metric, &[], source.entries.len())?;
    let [least, most] = [least - 0.5, most + 0.5];
    let (mut tally, mut runs, mut words) = (Tally::of(source.entries.len()), 0, Vec::new());
    let mut not_run = Missing::default();
    for entry in judged_entries(source) {
        let Some(lead) = race.on(entry)? else { continue };
        let points = |interval: Interval| [interval.lower, interval.upper].map(|end| 100.0 * end);
        let [lower, upper] = points(lead.difference.interval);
        let [clear_lower, clear_upper] = points(lead.over_all.interval);
        let [shared_lower, shared_upper] = points(lead.over_all.shared);
        let is_complete = lead.missing.is_empty();
        runs += lead.runs;
        tally.add(
            &entry.row,
            is_complete && clear_lower >= least && clear_upper <= most,
            shared_upper >= least && (shared_lower <= most || !is_complete),
        );
        let middle = f64::midpoint(lower, upper);
        not_run.add(&entry.row, &lead.missing);
        words.push(format!("{} {middle:+.1} ({lower:+.1} to {upper:+.1}), `{}`", entry.row, lead.other));
    }
    let left_out = not_compared(source, &tally.compared, |_| true);
    let evidence = format!("points ahead of the best other column: {}{not_run}{left_out}", words.join("; "));
    Ok((tally.answer(on), evidence, runs))
}

/// Whether a column is ahead of each control by a margin, over the data sets. A control is as good as the column if
/// the whole interval of the lead is below the margin. A column that is behind no sampling has no gain that could
/// have a reason.
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
    let (mut is_whole, mut has_no_gain) = (true, false);
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
            match ahead_by(&ours, &theirs, measure.direction(), 1)? {
                Some(difference) => {
                    leads.push(middle(difference.interval));
                    runs.insert(&entry.row, ours.len());
                }
                None => is_whole = false,
            }
        }
        if leads.len() < 2 {
            continue;
        }
        let lead = student_interval(&leads, 0.95)?;
        beaten += usize::from(is_control && lead.lower > margin);
        as_good += usize::from(is_control && lead.upper < margin);
        has_no_gain |= !is_control && lead.upper < 0.0;
        words.push(format!("`{control}`: {} on {} data sets", scale.text(lead), leads.len()));
    }
    let answer = match (beaten, as_good) {
        _ if !is_whole => Answer::CannotTell,
        _ if has_no_gain => Answer::DoesNotHold,
        (beaten, _) if beaten == controls.len() => Answer::Holds,
        (_, 1..) => Answer::DoesNotHold,
        _ => Answer::CannotTell,
    };
    let evidence = if words.is_empty() {
        "fewer than two data sets have been run with both".to_owned()
    } else {
        let gain = if has_no_gain { "there is no gain: " } else { "" };
        format!("{gain}lead of `{column}` over {}", words.join("; over "))
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

/// A column against its rivals.
struct Race<'a> {
    source: &'a Source<'a>,
    protocol: &'a str,
    column: &'a str,
    rivals: Vec<&'a str>,
    measure: Measure,
    /// Data sets on which they are compared.
    n_sets: usize,
}

impl<'a> Race<'a> {
    /// Against the columns that are named, else the paper's other columns.
    fn new(
        source: &'a Source<'a>,
        protocol: &'a str,
        column: &'a str,
        metric: &str,
        among: &'a [String],
        n_sets: usize,
    ) -> Result<Self> {
        let rivals = match among {
            [] => source.paper.spec.rivals(column).collect(),
            named => named.iter().map(String::as_str).collect(),
        };
        Ok(Self { source, protocol, column, rivals, measure: Measure::named(metric)?, n_sets })
    }

    /// The lead over the best rival; none where no rival has runs on the same rows.
    fn on(&self, entry: &Entry) -> Result<Option<Lead<'a>>> {
        let Self { source, protocol, measure, .. } = self;
        let planned = source.places(entry, protocol)?;
        let values = |column: &str| values_of(source, entry, protocol, column, measure, Evaluation::Last);
        let ours = values(self.column)?;
        let (mut best, mut missing): (Option<(&str, Difference)>, Vec<&str>) = (None, Vec::new());
        let mut over_all: Option<Difference> = None;
        for other in self.rivals.iter().copied() {
            let among = self.rivals.len() * self.n_sets;
            let Some(difference) = ahead_by(&ours, &values(other)?, measure.direction(), among)? else {
                if is_awaited(source, entry, &planned, other)? {
                    missing.push(other);
                }
                continue;
            };
            over_all = Some(over_all.map_or(difference, |all| all.least(difference)));
            if best.is_none_or(|(_, least)| middle(difference.interval) < middle(least.interval)) {
                best = Some((other, difference));
            }
        }
        let lead =
            |((other, difference), over_all)| Lead { other, difference, over_all, runs: ours.len(), missing };
        Ok(best.zip(over_all).map(lead))
    }
}

/// How much better the runs of a column are than those of another on the same rows, as one of `among` intervals that may
/// each refute a claim: together those are wrong in at most 5 %. None with fewer units than a claim needs.
pub(super) fn ahead_by(
    ours: &BTreeMap<Run, f64>,
    theirs: &BTreeMap<Run, f64>,
    direction: Direction,
    among: usize,
) -> Result<Option<Difference>> {
    let shared = ours.iter().filter(|(run, _)| theirs.contains_key(run)).map(|(run, value)| (*run, *value));
    if by_unit(shared).len() < ENOUGH {
        return Ok(None);
    }
    let at = |confidence| -> Result<Option<Interval>> {
        let difference = paired_difference_at(ours, theirs, confidence)?;
        Ok(difference.map(|interval| match direction {
            Direction::HigherIsBetter => interval,
            Direction::LowerIsBetter => Interval { lower: -interval.upper, upper: -interval.lower },
        }))
    };
    let (interval, shared) = (at(0.95)?, at(1.0 - 0.05 / among.max(1) as f64)?);
    Ok(interval.zip(shared).map(|(interval, shared)| Difference { interval, shared }))
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
        let by = |direction| ahead_by(&ours, &theirs, direction, 6).expect("finite").expect("five runs");
        let lower = by(Direction::LowerIsBetter);
        assert!(lower.interval.lower > 0.0);
        assert!(lower.shared.lower < lower.interval.lower && lower.shared.upper > lower.interval.upper);
        assert!(by(Direction::HigherIsBetter).interval.upper < 0.0);
        let few = ahead_by(&runs(&[0.1; 4]), &theirs, Direction::LowerIsBetter, 1).expect("finite");
        assert!(few.is_none(), "four runs are too few");
    }
}
