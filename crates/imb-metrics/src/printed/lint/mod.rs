//! Checks whole printed tables, value by value, and says which of them cannot be right.

mod matrices;
mod metrics;
mod ranks;
mod relations;

use std::collections::BTreeMap;
use std::fmt;

use imb_core::Result;
use serde::{Deserialize, Serialize};

pub use matrices::Revealed;
pub use metrics::parts_against_whole;
pub use relations::{Relation, Selector};

use super::{PrintedValue, Rounding, TwoClassMetric};

/// The printed tables of a paper, and what the paper says about them.
///
/// ```
/// use imb_metrics::printed::{PrintedTables, TableCell, TableFacts};
///
/// let cell = |line: &str, value: &str| -> imb_core::Result<TableCell> {
///     let [table, row, column] = ["table 2", "Credit", "AO"].map(str::to_owned);
///     Ok(TableCell { table, row, line: line.into(), column, value: value.parse()? })
/// };
/// let cells = vec![cell("acsa", "61.65")?, cell("geometric_mean", "62.19")?];
/// let percent = TableFacts { percent: true, ..TableFacts::default() };
/// let facts = [("table 2".to_owned(), percent)].into();
/// let report = PrintedTables { cells, facts, ..PrintedTables::default() }.lint()?;
/// assert_eq!(
///     report.findings[0].to_string(),
///     "table 2, Credit, AO: the geometric mean 62.19 cannot be above the mean 61.65"
/// );
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PrintedTables {
    /// How digits were dropped for print.
    pub rounding: Rounding,
    /// Every printed value.
    pub cells: Vec<TableCell>,
    /// What is known of the tables, by name.
    pub facts: BTreeMap<String, TableFacts>,
    /// Values that follow from others.
    pub relations: Vec<Relation>,
}

/// A printed value and its place. Cells of one row and column mean the same experiment, in whichever tables they
/// stand: where two tables show different experiments, such as two classifiers, give their rows different names.
#[derive(Clone, Debug, PartialEq)]
pub struct TableCell {
    /// The table.
    pub table: String,
    /// The row, for example a data set.
    pub row: String,
    /// What the value is: a name of a [`TwoClassMetric`], `rank`, `wins`, `losses`, `overlap_percent`, or
    /// any other name, which only relations then use.
    pub line: String,
    /// The column, for example a method.
    pub column: String,
    /// The value.
    pub value: PrintedValue,
}

/// What a paper says about a table, and what to search for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TableFacts {
    /// Columns of the table, if there may be more than those with values.
    #[serde(skip)]
    pub n_columns: usize,
    /// Whether metrics are printed in percent.
    pub percent: bool,
    /// Runs that each value is the mean of; none if the paper does not say.
    pub runs: Option<u64>,
    /// Test rows of the two classes, by row of the table.
    pub test_rows: BTreeMap<String, [u64; 2]>,
    /// How many test rows more or fewer of either class are tried where the stated ones do not fit.
    pub search: u64,
    /// Data sets that ranks are averaged over.
    pub data_sets: Option<u64>,
    /// Whether no two methods share a rank on a data set.
    pub no_ties: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LintReport {
    /// What cannot be right.
    pub findings: Vec<Finding>,
    /// Confusion matrices that printed values reveal.
    pub revealed: Vec<Revealed>,
    /// How many values were looked at.
    pub values: usize,
}

/// Something that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether it is one value or several together.
    pub kind: FindingKind,
    /// Where it stands.
    pub place: String,
    /// The proof.
    pub proof: String,
}

/// Whether one value cannot be right or several cannot all be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The value at the place cannot be right.
    Value,
    /// At least one of the values that the proof names is wrong.
    Contradiction,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.proof)
    }
}

impl PrintedTables {
    /// Runs all checks.
    ///
    /// # Errors
    /// [`InvalidParameter`](imb_core::Error::InvalidParameter) if test rows are stated as 0, runs as 0, if a
    /// selector has more than one `*` or a relation fits no value, or if a search
    /// would take too long.
    pub fn lint(&self) -> Result<LintReport> {
        let mut report = LintReport { values: self.cells.len(), ..LintReport::default() };
        self.check_metrics(&mut report);
        self.check_relations(&mut report)?;
        self.check_ranks(&mut report)?;
        self.check_wins(&mut report)?;
        self.check_matrices(&mut report)?;
        Ok(report)
    }

    fn facts(&self, table: &str) -> TableFacts {
        self.facts.get(table).cloned().unwrap_or_default()
    }

    /// Cells that agree in a key, in the order in which the key was first seen.
    fn grouped<K: PartialEq>(&self, key: impl Fn(&TableCell) -> Option<K>) -> Vec<(K, Vec<&TableCell>)> {
        let mut groups: Vec<(K, Vec<&TableCell>)> = Vec::new();
        for cell in &self.cells {
            let Some(key) = key(cell) else { continue };
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, cells)) => cells.push(cell),
                None => groups.push((key, vec![cell])),
            }
        }
        groups
    }
}

impl TableCell {
    /// The metric that the line is called after.
    pub fn metric(&self) -> Option<TwoClassMetric> {
        TwoClassMetric::named(&self.line)
    }
}

impl LintReport {
    fn add(&mut self, kind: FindingKind, place: &[&str], proof: String) {
        let place: Vec<&str> = place.iter().copied().filter(|part| !part.is_empty()).collect();
        self.findings.push(Finding { kind, place: place.join(", "), proof });
    }
}
