//! What the metrics of one method on one data set say about each other.

use super::{FindingKind, LintReport, PrintedTables, TableCell};
use crate::printed::{Combination, PrintedValue, Rounding, TwoClassMetric, is_geometric_above_mean};

/// Wholes that are the mean of two parts.
const MEANS: [(TwoClassMetric, [TwoClassMetric; 2]); 2] = [
    (TwoClassMetric::MacroF1, [TwoClassMetric::MinorityF1, TwoClassMetric::MajorityF1]),
    (TwoClassMetric::Acsa, [TwoClassMetric::MinorityRecall, TwoClassMetric::MajorityRecall]),
];

/// What a contradiction between the F1 of two classes and their mean says, and whether it settles that the
/// minority's is the wrong one: if no row is predicted as the minority (`none_predicted`), its F1 is 0, and
/// the mean is half the majority's. None if there is no contradiction. The whole comes with its place.
///
/// ```
/// use imb_metrics::printed::{Rounding, parts_against_whole};
///
/// let [minority, majority, whole] = ["0.75", "0.95", "0.47"].map(|text| text.parse().expect("a number"));
/// let parts = [minority, majority];
/// let found = parts_against_whole(parts, ("table 2", whole), true, Rounding::Either);
/// let (proof, settled) = found.expect("0.85, not 0.47");
/// assert!(settled && proof.contains("(0 + 0.95) / 2"), "{proof}");
/// ```
pub fn parts_against_whole(
    parts: [PrintedValue; 2],
    (place, whole): (&str, PrintedValue),
    none_predicted: bool,
    rounding: Rounding,
) -> Option<(String, bool)> {
    let [minority, majority] = parts;
    let made = Combination::Mean.contradicts(&parts, whole, rounding)?;
    let proof = format!("the mean of {minority} and {majority} is {made:.3}, but {place} prints {whole}");
    let nothing = PrintedValue { value: 0.0, decimals: 15 };
    let is_half = Combination::Mean.contradicts(&[nothing, majority], whole, rounding).is_none();
    if !(none_predicted && is_half) {
        return Some((proof, false));
    }
    let settled = format!(
        "{proof} = (0 + {majority}) / 2, and the overlap of 100 % that is printed says that no minority row is \
         predicted: its F1 is 0"
    );
    Some((settled, true))
}

impl PrintedTables {
    pub(super) fn check_metrics(&self, report: &mut LintReport) {
        self.check_limits(report);
        let methods = self.grouped(|cell| Some((cell.row.clone(), cell.column.clone())));
        for (_, cells) in methods {
            self.check_geometric_mean(&cells, report);
            self.check_means(&cells, report);
            self.check_repeated(&cells, report);
        }
    }

    /// A metric lies between its limits.
    fn check_limits(&self, report: &mut LintReport) {
        for cell in &self.cells {
            let (limits, is_percent) = match (cell.metric(), &*cell.line) {
                (Some(metric), _) => (metric.limits(), self.facts(&cell.table).percent),
                (None, "overlap_percent") => ([0.0, 1.0], true),
                _ => continue,
            };
            let [least, most] = limits.map(|limit| if is_percent { 100.0 * limit } else { limit });
            let range = cell.value.range(self.rounding);
            if range.upper >= least && range.lower <= most {
                continue;
            }
            let may_be_percent = !is_percent && (0.0..=100.0).contains(&cell.value.value);
            let remedy = if may_be_percent { "; percent = true if the table prints percent" } else { "" };
            let proof =
                format!("{} {} does not lie between {least} and {most}{remedy}", cell.line, cell.value);
            report.add(FindingKind::Value, &[&cell.table, &cell.row, &cell.column], proof);
        }
    }

    fn check_geometric_mean(&self, cells: &[&TableCell], report: &mut LintReport) {
        for mean in of(cells, TwoClassMetric::Acsa) {
            for geometric in of(cells, TwoClassMetric::GeometricMean).filter(|cell| cell.table == mean.table)
            {
                if is_geometric_above_mean(mean.value, geometric.value, self.rounding) {
                    let proof = format!(
                        "the geometric mean {} cannot be above the mean {}",
                        geometric.value, mean.value
                    );
                    report.add(FindingKind::Value, &[&mean.table, &mean.row, &mean.column], proof);
                }
            }
        }
    }

    fn check_means(&self, cells: &[&TableCell], report: &mut LintReport) {
        let all_overlap =
            cells.iter().any(|cell| cell.line == "overlap_percent" && cell.value.value == 100.0);
        for (whole, [first, second]) in MEANS {
            let Some([first, second, whole]) = together(cells, [first, second, whole]) else { continue };
            // Shares in one table and percent in another are not compared.
            if self.facts(&first.table).percent != self.facts(&whole.table).percent {
                continue;
            }
            let is_f1 = first.metric() == Some(TwoClassMetric::MinorityF1);
            let parts = [first.value, second.value];
            let found =
                parts_against_whole(parts, (&whole.table, whole.value), is_f1 && all_overlap, self.rounding);
            if let Some((proof, settled)) = found {
                let kind = if settled { FindingKind::Value } else { FindingKind::Contradiction };
                report.add(kind, &[&first.table, &first.row, &first.column], proof);
            }
        }
    }

    /// The same value in two tables.
    fn check_repeated(&self, cells: &[&TableCell], report: &mut LintReport) {
        for (place, second) in cells.iter().enumerate() {
            for first in &cells[..place] {
                let is_same = first.line == second.line && first.table != second.table;
                let percent = |cell: &TableCell| self.facts(&cell.table).percent;
                if !is_same || percent(first) != percent(second) {
                    continue;
                }
                let parts = [first.value];
                if Combination::Difference.contradicts(&parts, second.value, self.rounding).is_some() {
                    let proof =
                        format!("{} is printed as {} and as {}", first.line, first.value, second.value);
                    let tables = both(&first.table, &second.table);
                    report.add(FindingKind::Contradiction, &[&tables, &first.row, &first.column], proof);
                }
            }
        }
    }
}

/// Cells of three metrics: of one table if it has all of them, else of several.
fn together<'a>(cells: &'a [&TableCell], metrics: [TwoClassMetric; 3]) -> Option<[&'a TableCell; 3]> {
    let [firsts, seconds, wholes] = metrics.map(|metric| of(cells, metric).collect::<Vec<_>>());
    let in_table =
        |cells: &[&'a TableCell], table: &str| cells.iter().copied().find(|cell| cell.table == table);
    let of_one = |whole: &&'a TableCell| {
        Some([in_table(&firsts, &whole.table)?, in_table(&seconds, &whole.table)?, *whole])
    };
    wholes.iter().find_map(of_one).or_else(|| Some([*firsts.first()?, *seconds.first()?, *wholes.first()?]))
}

fn of<'a>(cells: &'a [&TableCell], metric: TwoClassMetric) -> impl Iterator<Item = &'a TableCell> {
    cells.iter().copied().filter(move |cell| cell.metric() == Some(metric))
}

fn both(first: &str, second: &str) -> String {
    if first == second { first.to_owned() } else { format!("{first} and {second}") }
}
