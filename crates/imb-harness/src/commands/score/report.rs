//! What is printed of scores.

use std::collections::BTreeMap;

use anyhow::Result;
use imb_core::Error;
use imb_harness::grid::Grid;
use imb_metrics::ConfusionMatrix;
use serde::Serialize;

/// What is printed.
#[derive(Serialize)]
pub(super) struct Report {
    n_rows: usize,
    /// By name; none where the metric has no answer for these data.
    metrics: BTreeMap<&'static str, Option<f64>>,
    /// Why a metric has no answer.
    not_applicable: BTreeMap<&'static str, String>,
    /// By name and class.
    pub(super) per_class: BTreeMap<&'static str, BTreeMap<String, f64>>,
    /// Rows by true class and predicted class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) confusion: Option<ConfusionMatrix>,
    pub(super) notes: Vec<String>,
}

impl Report {
    pub(super) fn new(n_rows: usize) -> Self {
        Self {
            n_rows,
            metrics: BTreeMap::new(),
            not_applicable: BTreeMap::new(),
            per_class: BTreeMap::new(),
            confusion: None,
            notes: Vec::new(),
        }
    }

    /// Adds a metric; one that does not apply has a reason instead of a value.
    pub(super) fn add(&mut self, name: &'static str, value: imb_core::Result<f64>) -> Result<()> {
        match value {
            Ok(value) => drop(self.metrics.insert(name, Some(value))),
            Err(Error::NotApplicable { reason, .. }) => self.add_reason(name, reason),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Adds a metric that has no answer.
    pub(super) fn add_reason(&mut self, name: &'static str, reason: String) {
        self.metrics.insert(name, None);
        self.not_applicable.insert(name, reason);
    }

    pub(super) fn to_text(&self) -> String {
        let single = self.metrics.iter().map(|(name, value)| {
            let reason = self.not_applicable.get(name).cloned().unwrap_or_default();
            let value = value.map_or("NA".to_owned(), |value| format!("{value:.6}"));
            vec![(*name).to_owned(), reason, value]
        });
        let per_class = self.per_class.iter().flat_map(|(name, values)| {
            values.iter().map(|(class, value)| vec![(*name).to_owned(), class.clone(), format!("{value:.6}")])
        });
        let header = ["metric", "class, or reason for NA", "value"].map(String::from).to_vec();
        let grid = Grid { header, rows: single.chain(per_class).collect(), text_columns: 2 };
        let notes: Vec<String> = self.notes.iter().map(|note| format!("  {note}")).collect();
        format!("{} rows\n{}\n{}", self.n_rows, grid.to_text(), notes.join("\n"))
    }
}
