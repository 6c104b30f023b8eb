//! Printed values that arithmetic forbids, whatever is measured.

use crate::paper::Paper;
use crate::spec::{LineSpec, TableSpec};
use crate::verdict::{Printed, unit};

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
    found.map(Impossible::Value).or_else(|| parts_against_the_whole(paper, table, row, line, column))
}

/// The value that a table prints of a metric.
fn value(paper: &Paper, table: &TableSpec, row: &str, metric: &str, column: &str) -> Option<f64> {
    let line = table.lines.iter().find(|line| line.metric == metric)?;
    paper.printed(table, row, line, column).and_then(Printed::value)
}

/// The geometric mean against the mean, and both against the counts that the test rows allow.
fn means_and_counts(
    paper: &Paper,
    table: &TableSpec,
    row: &str,
    line: &LineSpec,
    column: &str,
    test_rows: Option<&[u64]>,
) -> Option<String> {
    let acsa = value(paper, table, row, "acsa_score", column)?;
    let gm = value(paper, table, row, "geometric_mean_score", column)?;
    let unit = unit(table.decimals);
    if line.metric == "geometric_mean_score" && gm > acsa + unit {
        return Some(format!("the geometric mean {gm} cannot be above the mean {acsa}"));
    }
    let &[first, second] = test_rows? else { return None };
    if gm > acsa + unit || some_matrix_gives(acsa, gm, [first, second], unit) {
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
    let minority = value(paper, table, row, "minority_f1_score", column)?;
    let majority = value(paper, table, row, "majority_f1_score", column)?;
    let of_whole = |other: &TableSpec| value(paper, other, row, "macro_f1_score", column);
    let (other, whole) = paper.spec.tables.iter().find_map(|other| Some((other, of_whole(other)?)))?;
    let mean = f64::midpoint(minority, majority);
    // Each of the three is rounded, by half a digit at most.
    let rounding = (unit(table.decimals) + unit(other.decimals)) / 2.0 * (1.0 + f64::EPSILON.sqrt());
    if (mean - whole).abs() <= rounding {
        return None;
    }
    let proof = format!(
        "the mean of {minority} and {majority} is {mean:.3}, but table {} prints {whole}",
        other.number
    );
    // Where no minority row is predicted, its F1 is 0, which may settle which of them is wrong.
    let none_predicted = all_overlap(paper, row, column) && (majority / 2.0 - whole).abs() <= rounding;
    if !none_predicted {
        return Some(Impossible::Pair(proof));
    }
    let settled = format!(
        "{proof} = (0 + {majority}) / 2, and the overlap of 100 % that is printed says that no minority row \
         is predicted: its F1 is 0"
    );
    (line.metric == "minority_f1_score").then_some(Impossible::Value(settled))
}

/// Whether a table prints that all minority rows lie on the side of the majority.
fn all_overlap(paper: &Paper, row: &str, column: &str) -> bool {
    paper.spec.tables.iter().any(|table| value(paper, table, row, "overlap_percent", column) == Some(100.0))
}

/// Whether there are counts of right rows in two classes whose shares have this mean and geometric
/// mean, in percent, each to less than a unit (rounded or cut off). One row of either class may be
/// missing.
fn some_matrix_gives(mean: f64, geometric: f64, rows: [u64; 2], unit: f64) -> bool {
    let [first, second] = rows;
    let sizes = [[first, second], [first.saturating_sub(1), second], [first, second.saturating_sub(1)]];
    sizes.into_iter().filter(|[first, second]| *first > 0 && *second > 0).any(|[first, second]| {
        (0..=second).any(|right| {
            let share = 100.0 * right as f64 / second as f64;
            let other = (2.0 * mean - share) / 100.0 * first as f64;
            let slack = 2.0 * unit / 100.0 * first as f64 + 1.0;
            let least = (other - slack).ceil().max(0.0) as u64;
            let most = (other + slack).floor().clamp(0.0, first as f64) as u64;
            (least..=most).any(|count| {
                let other = 100.0 * count as f64 / first as f64;
                ((share + other) / 2.0 - mean).abs() < unit
                    && ((share * other).sqrt() - geometric).abs() < unit
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;

    #[test]
    fn counts_that_give_a_pair_are_found() {
        // 60 of 99 and 44 of 55 are right: 60.606 and 80 percent.
        assert!(some_matrix_gives(70.30, 69.63, [99, 55], 0.01));
        assert!(some_matrix_gives(70.30, 69.63, [100, 55], 0.01), "with one row fewer");
        assert!(!some_matrix_gives(70.30, 69.63, [102, 55], 0.01));
        assert!(!some_matrix_gives(70.30, 69.00, [99, 55], 0.01));
    }

    fn found(paper: &str, table: u32, row: &str, line: usize, column: &str) -> Option<Impossible> {
        let paper = papers(&[paper.to_owned()]).expect("well formed").remove(0);
        let table = paper.spec.table(table).expect("a table").clone();
        check(&paper, &table, row, &table.lines[line], column, None)
    }

    #[test]
    fn what_the_papers_cannot_have_measured() {
        let above = found("adversarial", 2, "Credit", 1, "ao").expect("62.19 above 61.65");
        assert!(matches!(&above, Impossible::Value(proof) if proof.contains("62.19")), "{above:?}");
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
