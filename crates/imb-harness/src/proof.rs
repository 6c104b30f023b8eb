//! Printed figures that arithmetic forbids, whatever is measured.

use crate::paper::{LineSpec, Paper, TableSpec};

/// Why a printed figure cannot be right, if so. `test_rows` are the test rows of each class on which
/// the paper says that it measured, where they are known and its figures are of single runs.
pub(crate) fn cannot_be_right(
    paper: &Paper,
    table: &TableSpec,
    row: &str,
    line: &LineSpec,
    column: &str,
    test_rows: Option<&[u64]>,
) -> Option<String> {
    let figure = |metric: &str| {
        let line = table.lines.iter().find(|line| line.metric == metric)?;
        paper.printed(table, row, line, column)
    };
    if let (Some(acsa), Some(gm)) = (figure("acsa_score"), figure("geometric_mean_score")) {
        if line.metric == "geometric_mean_score" && gm > acsa + unit(table) {
            return Some(format!("the geometric mean {gm} cannot be above the mean {acsa}"));
        }
        if let Some(&[first, second]) = test_rows
            && gm <= acsa + unit(table)
            && !some_matrix_gives(acsa, gm, [first, second], unit(table))
        {
            return Some(format!(
                "on {first} and {second} test rows no confusion matrix gives a mean of {acsa} and a geometric \
                 mean of {gm}, nor with one row fewer"
            ));
        }
    }
    parts_against_the_whole(paper, table, row, column)
}

/// The F1 of minority and majority against their mean in another table. Means over runs obey it too.
fn parts_against_the_whole(paper: &Paper, table: &TableSpec, row: &str, column: &str) -> Option<String> {
    let part = |metric: &str| {
        let line = table.lines.iter().find(|line| line.metric == metric)?;
        paper.printed(table, row, line, column)
    };
    let parts = [part("minority_f1_score")?, part("majority_f1_score")?];
    let is_whole = |line: &&LineSpec| line.metric == "macro_f1_score";
    let (other, line) =
        paper.spec.tables.iter().find_map(|other| Some((other, other.lines.iter().find(is_whole)?)))?;
    let whole = paper.printed(other, row, line, column)?;
    let mean = (parts[0] + parts[1]) / 2.0;
    // Each of the three is rounded, by half a digit at most.
    let rounding = (unit(table) + unit(other)) / 2.0 * (1.0 + f64::EPSILON.sqrt());
    let [minority, majority] = parts;
    ((mean - whole).abs() > rounding).then(|| {
        format!(
            "the mean of {minority} and {majority} is {mean:.3}, but table {} prints {whole}",
            other.number
        )
    })
}

/// One unit of the last printed digit.
fn unit(table: &TableSpec) -> f64 {
    10f64.powi(-i32::try_from(table.decimals).unwrap_or(i32::MAX))
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

    fn proof(paper: &str, table: u32, row: &str, line: usize, column: &str) -> Option<String> {
        let paper = papers(&[paper.to_owned()]).expect("well formed").remove(0);
        let table = paper.spec.tables.iter().find(|spec| spec.number == table).expect("a table").clone();
        cannot_be_right(&paper, &table, row, &table.lines[line], column, None)
    }

    #[test]
    fn what_the_papers_cannot_have_measured() {
        let above = proof("adversarial", 2, "Credit", 1, "ao").expect("62.19 above 61.65");
        assert!(above.contains("62.19"), "{above}");
        assert_eq!(proof("adversarial", 2, "Credit", 0, "ao"), None);
        let parts = proof("moods", 3, "Yeast", 0, "none").expect("0.75 and 0.95 against 0.47");
        assert!(parts.contains("0.850"), "{parts}");
        assert_eq!(proof("moods", 3, "Ecoli", 0, "moods"), None, "0.925 is printed as 0.92");
        assert_eq!(proof("moods", 2, "Yeast", 0, "none"), None);
    }
}
