//! Whether confusion matrices give the metrics of each method, and which they are.

use imb_core::{Error, Result};
use serde::Serialize;

use super::{FindingKind, LintReport, PrintedTables, TableCell, TableFacts};
use crate::printed::{PrintedMetric, RowsFit, TestRows, TwoClassCounts, is_mean_attainable};

/// A confusion matrix that printed values reveal, because no other gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revealed {
    /// The table.
    pub table: String,
    /// The row.
    pub row: String,
    /// The column.
    pub column: String,
    /// How many rows of each class are right.
    pub counts: TwoClassCounts,
    /// Whether the test rows are those that the paper states.
    pub are_stated_rows: bool,
}

/// So many runs that their mean may be any share of rows.
const MANY_RUNS: u64 = 1_000_000;

impl PrintedTables {
    pub(super) fn check_matrices(&self, report: &mut LintReport) -> Result<()> {
        let rows = self.grouped(|cell| cell.metric().map(|_| (cell.table.clone(), cell.row.clone())));
        for ((table, row), cells) in rows {
            let facts = self.facts(&table);
            let Some(&stated) = facts.test_rows.get(&row) else { continue };
            let mut columns: Vec<Column> = Vec::new();
            for cell in cells {
                let Some(printed) = printed(cell, &facts) else { continue };
                match columns.iter_mut().find(|column| column.name == cell.column) {
                    Some(column) => column.metrics.push(printed),
                    None => columns.push(Column { name: cell.column.clone(), metrics: vec![printed] }),
                }
            }
            let row = Row { tables: self, facts: &facts, table: &table, row: &row, stated: TestRows(stated) };
            if facts.runs.is_none_or(|runs| runs == 1) {
                row.check_single_runs(&columns, report)?;
            } else {
                row.check_means(&columns, report)?;
            }
        }
        Ok(())
    }
}

/// What is printed of a method in a row.
#[derive(Clone)]
struct Column {
    name: String,
    metrics: Vec<PrintedMetric>,
}

/// A row of a table with stated test rows.
struct Row<'a> {
    tables: &'a PrintedTables,
    facts: &'a TableFacts,
    table: &'a str,
    row: &'a str,
    stated: TestRows,
}

impl Row<'_> {
    fn check_single_runs(&self, columns: &[Column], report: &mut LintReport) -> Result<()> {
        let mut unexplained = Vec::new();
        let mut at_stated = Vec::new();
        for column in columns {
            let found = self.stated.matrices(&column.metrics, self.tables.rounding)?;
            at_stated.push(found.only());
            if found.count == 0 {
                unexplained.push(column.clone());
            }
        }
        if !unexplained.is_empty() && self.facts.runs.is_none() {
            // The paper does not say that values are of single runs: they may be means.
            return self.check_means(&unexplained, report);
        }
        let better =
            if unexplained.is_empty() { None } else { self.better_rows(columns, unexplained.len())? };
        for (number, column) in columns.iter().enumerate() {
            let other = better.as_ref().filter(|fit| fit.fits.contains(&number));
            let counts = match other {
                Some(fit) => fit.rows.matrices(&column.metrics, self.tables.rounding)?.only(),
                None => at_stated[number],
            };
            report.revealed.extend(counts.map(|counts| self.revealed(&column.name, counts)));
        }
        if !unexplained.is_empty() {
            let proof = self.unexplained(&unexplained, better.as_ref(), columns.len());
            report.add(FindingKind::Contradiction, &[self.table, self.row], proof);
        }
        Ok(())
    }

    /// Other test rows that explain more columns than the stated ones; none if no number of rows, or more
    /// than one, is best.
    fn better_rows(&self, columns: &[Column], n_unexplained: usize) -> Result<Option<RowsFit>> {
        let reach = self.facts.search;
        if reach == 0 {
            return Ok(None);
        }
        self.require_short_search(columns.len())?;
        let around = self.stated.0.map(|rows| rows.saturating_sub(reach).max(1)..=rows + reach);
        let methods: Vec<Vec<PrintedMetric>> = columns.iter().map(|column| column.metrics.clone()).collect();
        let mut best = TestRows::search(around, &methods, self.tables.rounding)?;
        let explains_more = |fit: &RowsFit| fit.fits.len() > columns.len() - n_unexplained;
        Ok(if best.len() == 1 { best.pop().filter(explains_more) } else { None })
    }

    /// Refuses a search that takes longer than about a minute.
    fn require_short_search(&self, n_columns: usize) -> Result<()> {
        const MOST: f64 = 2e7;
        let effort = |reach: u64| {
            let fewer = self.stated.0.into_iter().min().unwrap_or(0);
            let pairs = (2.0 * reach as f64 + 1.0).powi(2);
            pairs * fewer.saturating_add(reach) as f64 * n_columns as f64
        };
        let reach = self.facts.search;
        if effort(reach) <= MOST {
            return Ok(());
        }
        // Beyond 200 even a single row takes too long.
        let works = (1..reach.min(200)).rev().find(|reach| effort(*reach) <= MOST);
        let needed = match works {
            Some(works) => {
                format!("at most {works} with the test rows of {}, or the search takes too long", self.row)
            }
            None => format!("0: {} has too many test rows to search others", self.row),
        };
        Err(Error::invalid_parameter("search", needed, reach))
    }

    fn unexplained(&self, columns: &[Column], better: Option<&RowsFit>, n_columns: usize) -> String {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let [first, second] = self.stated.0;
        let values = names.join(", ");
        let other = better.map_or_else(String::new, |fit| {
            let ([first, second], n) = (fit.rows.0, fit.fits.len());
            format!("; {first} and {second} rows explain {n} of {n_columns} columns, and no others as many")
        });
        format!("on {first} and {second} test rows no confusion matrix gives the values of {values}{other}")
    }

    fn check_means(&self, columns: &[Column], report: &mut LintReport) -> Result<()> {
        let n_runs = self.facts.runs.unwrap_or(MANY_RUNS);
        for Column { name, metrics } in columns {
            if is_mean_attainable(self.stated, n_runs, metrics, self.tables.rounding)? {
                continue;
            }
            let [first, second] = self.stated.0;
            let runs = self.facts.runs.map_or_else(|| "any number of".to_owned(), |runs| runs.to_string());
            let proof = format!(
                "on {first} and {second} test rows no mean of {runs} runs gives these values together"
            );
            report.add(FindingKind::Contradiction, &[self.table, self.row, name], proof);
        }
        Ok(())
    }

    fn revealed(&self, column: &str, counts: TwoClassCounts) -> Revealed {
        Revealed {
            table: self.table.to_owned(),
            row: self.row.to_owned(),
            column: column.to_owned(),
            counts,
            are_stated_rows: counts.rows == self.stated.0,
        }
    }
}

fn printed(cell: &TableCell, facts: &TableFacts) -> Option<PrintedMetric> {
    cell.metric().map(|metric| PrintedMetric { metric, value: cell.value, percent: facts.percent })
}
