//! Printed values that arithmetic forbids, whatever is measured.

use imb_metrics::printed::{
    PrintedMetric, PrintedValue, Rounding, TestRows, TwoClassMetric, is_geometric_above_mean,
    parts_against_whole,
};

use crate::paper::Paper;
use crate::spec::{LineSpec, TableSpec};
use crate::verdict::Printed;

/// What arithmetic says against a printed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Impossible {
    /// The value cannot be right.
    Value(String),
    /// It contradicts another, and nothing says which of the two is wrong.
    Pair(String),
}

impl Impossible {
    /// The proof.
    pub(crate) fn proof(&self) -> &str {
        let (Self::Value(proof) | Self::Pair(proof)) = self;
        proof
    }
}

/// What arithmetic says against a printed value, if anything. `test_rows` are the test rows of each
/// class on which the paper says that it measured, where they are known and its values are of single
/// runs.
pub(crate) fn check(
    paper: &Paper,
    table: &TableSpec,
    row: &str,
    line: &LineSpec,
    column: &str,
    test_rows: Option<&[u64]>,
) -> Option<Impossible> {
    let found = means_and_counts(paper, table, row, line, column, test_rows);
    found.map(Impossible::Pair).or_else(|| parts_against_the_whole(paper, table, row, line, column))
}

/// The value that a table prints of a metric.
pub(crate) fn printed_value(
    paper: &Paper,
    table: &TableSpec,
    row: &str,
    metric: &str,
    column: &str,
) -> Option<PrintedValue> {
    let line = table.lines.iter().find(|line| line.metric == metric)?;
    let value = paper.printed(table, row, line, column).and_then(Printed::value)?;
    Some(PrintedValue { value, decimals: line.decimals.unwrap_or(table.decimals) })
}

/// The geometric mean against the mean, and both against the counts that the test rows allow. Nothing says which of
/// the two is wrong.
fn means_and_counts(
    paper: &Paper,
    table: &TableSpec,
    row: &str,
    line: &LineSpec,
    column: &str,
    test_rows: Option<&[u64]>,
) -> Option<String> {
    let acsa = printed_value(paper, table, row, "acsa_score", column)?;
    let gm = printed_value(paper, table, row, "geometric_mean_score", column)?;
    if is_geometric_above_mean(acsa, gm, Rounding::Either) {
        let is_gm = line.metric == "geometric_mean_score";
        return is_gm.then(|| {
            format!("the geometric mean {gm} cannot be above the mean {acsa}; one of them is wrong")
        });
    }
    let &[first, second] = test_rows? else { return None };
    let printed = [(TwoClassMetric::Acsa, acsa), (TwoClassMetric::GeometricMean, gm)];
    let printed = printed.map(|(metric, value)| PrintedMetric { metric, value, percent: table.percent });
    if some_matrix_gives(&printed, [first, second]) {
        return None;
    }
    Some(format!(
        "on {first} and {second} test rows no confusion matrix gives a mean of {acsa} and a geometric mean \
         of {gm}, nor with one row fewer"
    ))
}

/// The F1 of minority and majority against their mean in another table. Means over runs obey it too.
fn parts_against_the_whole(
    paper: &Paper,
    table: &TableSpec,
    row: &str,
    line: &LineSpec,
    column: &str,
) -> Option<Impossible> {
    let minority = printed_value(paper, table, row, "minority_f1_score", column)?;
    let majority = printed_value(paper, table, row, "majority_f1_score", column)?;
    let of_whole = |other: &TableSpec| printed_value(paper, other, row, "macro_f1_score", column);
    let (other, whole) = paper.spec.tables.iter().find_map(|other| Some((other, of_whole(other)?)))?;
    let none_predicted = all_overlap(paper, row, column);
    let whole = (&*format!("table {}", other.number), whole);
    let (proof, settled) =
        parts_against_whole([minority, majority], whole, none_predicted, Rounding::Either)?;
    if !settled {
        return Some(Impossible::Pair(proof));
    }
    (line.metric == "minority_f1_score").then_some(Impossible::Value(proof))
}

/// Whether a table prints that all minority rows lie on the side of the majority.
fn all_overlap(paper: &Paper, row: &str, column: &str) -> bool {
    let overlap = |table: &TableSpec| printed_value(paper, table, row, "overlap_percent", column);
    paper.spec.tables.iter().any(|table| overlap(table).is_some_and(|overlap| overlap.value == 100.0))
}

/// Whether some confusion matrix gives the values, on these test rows or with one row of a class missing.
fn some_matrix_gives(printed: &[PrintedMetric], rows: [u64; 2]) -> bool {
    let [first, second] = rows;
    let sizes = [[first, second], [first.saturating_sub(1), second], [first, second.saturating_sub(1)]];
    let count = |rows| TestRows(rows).matrices(printed, Rounding::Either).map_or(0, |found| found.count);
    sizes.into_iter().any(|rows| count(rows) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;

    #[test]
    fn counts_that_give_a_pair_are_found() {
        // 60 of 99 and 44 of 55 are right: 60.606 and 80 percent.
        let pair = |gm: &str| {
            [(TwoClassMetric::Acsa, "70.30"), (TwoClassMetric::GeometricMean, gm)].map(|(metric, text)| {
                PrintedMetric { metric, value: text.parse().expect("a number"), percent: true }
            })
        };
        assert!(some_matrix_gives(&pair("69.63"), [99, 55]));
        assert!(some_matrix_gives(&pair("69.63"), [100, 55]), "with one row fewer");
        assert!(!some_matrix_gives(&pair("69.63"), [102, 55]));
        assert!(!some_matrix_gives(&pair("69.00"), [99, 55]));
    }

    fn found(paper: &str, table: u32, row: &str, line: usize, column: &str) -> Option<Impossible> {
        let paper = papers(&[paper.to_owned()]).expect("well formed").remove(0);
        let table = paper.spec.table(table).expect("a table").clone();
        check(&paper, &table, row, &table.lines[line], column, None)
    }

    #[test]
    fn what_the_papers_cannot_have_measured() {
        let above = found("adversarial", 2, "Credit", 1, "ao").expect("62.19 above 61.65");
        assert!(matches!(&above, Impossible::Pair(proof) if proof.contains("62.19")), "{above:?}");
        assert_eq!(found("adversarial", 2, "Credit", 0, "ao"), None);
        assert_eq!(found("moods", 3, "Ecoli", 0, "moods"), None, "0.925 is printed as 0.92");
        assert_eq!(found("moods", 2, "Yeast", 0, "none"), None);
    }

    /// 0.47 = (0 + 0.95) / 2 and an overlap of 100 % single out the 0.75; the 0.95 may be right.
    #[test]
    fn of_three_values_the_wrong_one_is_singled_out() {
        let minority = found("moods", 3, "Yeast", 0, "none").expect("0.75 and 0.95 against 0.47");
        assert!(matches!(&minority, Impossible::Value(proof) if proof.contains("0.850")), "{minority:?}");
        assert_eq!(found("moods", 3, "Yeast", 1, "none"), None);
    }
}
