//! Why a printed value differs from ours, as far as the records tell.

use crate::comparison::Comparisons;
use crate::paper::Paper;
use crate::results::{Line, ResultTable, Setting};
use crate::spec::DifferenceSpec;
use crate::verdict::{Printed, Verdict};

/// The reason that the specification states; else runs of the authors' code that are like ours; else another
/// evaluation of the same runs, or another protocol, that the printed value fits; else that none is known, with the
/// one that closes most of the gap, if half.
pub(super) fn of(
    paper: &Paper,
    comparisons: Option<&Comparisons>,
    table: &ResultTable,
    line: &Line,
    setting: &Setting,
    place: usize,
) -> String {
    let column = &table.columns[place];
    let learner = line.learner.as_ref();
    let is_known = |known: &&DifferenceSpec| known.is_of(&line.row, column, learner, &line.metric);
    if let Some(known) = paper.spec.differences.iter().find(is_known) {
        return known.reason.clone();
    }
    let what = [line.row.as_str(), column, &line.metric];
    if let Some(alike) = comparisons.and_then(|all| all.like_the_authors(&setting.protocol, what)) {
        return format!("no difference found from {alike}");
    }
    let others = others(line, setting, place);
    let holds = |other: &&Other| matches!(other.verdict, Some(Verdict::Reproduced | Verdict::Compatible));
    if let Some(other) = others.iter().find(holds) {
        let what = if other.is_of_same_runs { "the same runs" } else { "runs" };
        return format!("agrees with {what} under \"{}\": {:.*}", other.label, line.decimals + 1, other.mean);
    }
    let mut reason = "not known".to_owned();
    if paper.spec.columns.get(column).is_some_and(|column| column.reconstructed) {
        reason += "; the method is reconstructed from its description";
    }
    let printed = line.printed[place].and_then(Printed::value);
    let ours = setting.values[place].judged.as_ref().and_then(|judged| judged.mean);
    if let (Some(printed), Some(ours)) = (printed, ours) {
        let distance = |mean: f64| (mean - printed).abs();
        let nearest = others.iter().min_by(|a, b| distance(a.mean).total_cmp(&distance(b.mean)));
        if let Some(other) = nearest.filter(|other| 2.0 * distance(other.mean) < distance(ours)) {
            reason += &format!(
                "; our value under \"{}\" is closer: {:.*}",
                other.label,
                line.decimals + 1,
                other.mean
            );
        }
    }
    reason
}

/// The mean by another evaluation or under another protocol.
struct Other {
    label: String,
    mean: f64,
    verdict: Option<Verdict>,
    is_of_same_runs: bool,
}

/// The other settings of a value, those of the same runs first.
fn others(line: &Line, setting: &Setting, place: usize) -> Vec<Other> {
    let n_values = |setting: &Setting| setting.values[place].sample.values.len();
    let is_other = |other: &&Setting| other.label() != setting.label();
    // Mean ranks over fewer data sets are other ranks.
    let is_whole = |other: &&Setting| line.learner.is_none() || n_values(other) >= n_values(setting);
    let others = line.settings.iter().filter(is_other).filter(is_whole).filter_map(|other| {
        let value = &other.values[place];
        Some(Other {
            label: other.label(),
            mean: value.judged.as_ref()?.mean?,
            verdict: value.verdict,
            is_of_same_runs: (&other.protocol, other.rows) == (&setting.protocol, setting.rows),
        })
    });
    let mut others: Vec<Other> = others.collect();
    others.sort_by_key(|other| !other.is_of_same_runs);
    others
}
