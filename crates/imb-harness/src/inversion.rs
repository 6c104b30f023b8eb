//! Printed values turned back into the confusion matrix that they were computed from.
//!
//! On small test sets a mean of recalls and a geometric mean leave hardly ever more than one choice of how many
//! rows of each class were right ([`imb_metrics::printed`]). Such values are of a single run, and their own
//! uncertainty follows from those counts.

use anyhow::Result;
use imb_metrics::Predictive;
use imb_metrics::interval::Interval;
use imb_metrics::printed::{PrintedMetric, PrintedValue, Rounding, TestRows, TwoClassCounts, TwoClassMetric};
use serde::Serialize;

use crate::paper::Paper;
use crate::record::Record;
use crate::spec::{Evaluation, TableSpec};
use crate::verdict::Printed;

/// A printed pair of values that only one confusion matrix gives.
#[derive(Clone, Debug, Serialize)]
pub struct Inverted {
    /// The data set's row in the paper.
    pub row: String,
    /// The column.
    pub column: String,
    /// The matrix.
    pub counts: TwoClassCounts,
    /// The exact 95 % interval of each class's recall, from the printed counts.
    pub printed: [Interval; 2],
    /// The mean recall of each class over our runs, and the 95 % interval of one run.
    pub ours: Option<[(f64, Interval); 2]>,
}

const CONFIDENCE: f64 = 0.95;

/// The columns of a data set whose printed values only one matrix gives. A class may have one row fewer than
/// `rows` says, as where a reader takes the first row for a header: the test set that most columns fit is taken,
/// and another only for a column that does not fit there.
///
/// # Errors
/// If a class has no rows.
pub(crate) fn invert(
    paper: &Paper,
    table: &TableSpec,
    row: &str,
    [first, second]: [u64; 2],
) -> Result<Vec<(String, TwoClassCounts)>> {
    let pairs: Vec<(&String, [PrintedMetric; 2])> = table
        .columns
        .iter()
        .filter_map(|column| Some((column, printed_pair(paper, table, row, column)?)))
        .collect();
    let mut sizes = Vec::new();
    for rows in [[first, second], [first - first.min(1), second], [first, second - second.min(1)]] {
        if rows.contains(&0) {
            continue;
        }
        let mut matrices = Vec::new();
        for (_, pair) in &pairs {
            matrices.push(TestRows(rows).matrices(pair, Rounding::Either)?);
        }
        sizes.push(matrices);
    }
    // Stable: of sizes that as many columns fit, the printed one comes first.
    sizes.sort_by_key(|matrices| std::cmp::Reverse(matrices.iter().filter(|found| found.count > 0).count()));
    let of_column = |(place, (column, _)): (usize, &(&String, _))| {
        let fitting = sizes.iter().map(|matrices| matrices[place]).find(|found| found.count > 0);
        Some(((*column).clone(), fitting?.only()?))
    };
    Ok(pairs.iter().enumerate().filter_map(of_column).collect())
}

/// The mean of recalls and the geometric mean that a table prints.
fn printed_pair(paper: &Paper, table: &TableSpec, row: &str, column: &str) -> Option<[PrintedMetric; 2]> {
    let value = |name: &str, metric| {
        let line = table.lines.iter().find(|line| line.metric == name)?;
        let value = paper.printed(table, row, line, column).and_then(Printed::value)?;
        let value = PrintedValue { value, decimals: line.decimals.unwrap_or(table.decimals) };
        Some(PrintedMetric { metric, value, percent: table.percent })
    };
    Some([
        value("acsa_score", TwoClassMetric::Acsa)?,
        value("geometric_mean_score", TwoClassMetric::GeometricMean)?,
    ])
}

impl Inverted {
    /// A matrix beside the recalls of our runs by an evaluation.
    ///
    /// # Errors
    /// If a recall is no number.
    pub(crate) fn new(
        row: &str,
        column: String,
        counts: TwoClassCounts,
        records: &[&Record],
        evaluation: Evaluation,
    ) -> Result<Self> {
        let mut ours = Vec::new();
        for class in [0, 1] {
            let recalls: Vec<f64> =
                records.iter().filter_map(|record| recall(record, evaluation, class)).collect();
            if recalls.len() >= 2 {
                let interval = Predictive::of(&recalls)?.interval(CONFIDENCE)?;
                let within = Interval { lower: interval.lower.max(0.0), upper: interval.upper.min(1.0) };
                ours.push((recalls.iter().sum::<f64>() / recalls.len() as f64, within));
            }
        }
        let printed = counts.recall_intervals(CONFIDENCE)?;
        Ok(Self { row: row.to_owned(), column, counts, printed, ours: ours.try_into().ok() })
    }

    /// Whether one of our runs could have given the printed recalls of both classes; none without runs.
    pub(crate) fn could_be_ours(&self) -> Option<bool> {
        let ours = self.ours?;
        let fits = |class: usize| {
            let printed = self.counts.right[class] as f64 / self.counts.rows[class] as f64;
            let Interval { lower, upper } = ours[class].1;
            (lower..=upper).contains(&printed)
        };
        Some(fits(0) && fits(1))
    }
}

/// The share of a class's test rows that the last weights of a run predict right.
fn recall(record: &Record, evaluation: Evaluation, class: usize) -> Option<f64> {
    let confusion = record.done()?.evaluations.get(&evaluation)?.evidence.confusion()?;
    imb_metrics::single_label::per_class_recall_score(confusion).get(class).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;

    /// Three data sets of nine columns. All but GAMO's were computed on one majority row fewer.
    #[test]
    fn twenty_seven_printed_cells_have_one_matrix_each() {
        let paper = papers(&["adversarial".to_owned()]).expect("well formed").remove(0);
        let table = paper.spec.table(2).expect("a table").clone();
        let invert = |row, rows| invert(&paper, &table, row, rows).expect("rows of both classes");
        for (row, rows) in [("Secom", [440, 31]), ("Pima", [99, 55]), ("Haberman", [66, 26])] {
            let found = invert(row, rows);
            assert_eq!(found.len(), 9, "{row}");
            for (column, counts) in &found {
                let missing = u64::from(column != "gamo");
                assert_eq!(counts.rows, [rows[0] - missing, rows[1]], "{row} {column}");
            }
        }
        let secom = invert("Secom", [440, 31]);
        let of = |name: &str| secom.iter().find(|(column, _)| column == name).map(|(_, counts)| counts.right);
        assert_eq!([of("mlp"), of("do")], [Some([416, 6]), Some([392, 15])]);
        assert!(invert("Wafer", [5499, 665]).is_empty(), "large test sets leave several");
    }
}
