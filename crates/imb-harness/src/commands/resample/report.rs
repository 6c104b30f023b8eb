//! What is said of a resampled table.

use std::path::PathBuf;

use anyhow::Result;
use imb_core::{Delivery, Labels, Resampled, Target};
use imb_harness::grid::Grid;
use serde::Serialize;

/// What is printed.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) method: String,
    pub(super) seed: u64,
    pub(super) rows_read: usize,
    pub(super) rows_kept: usize,
    pub(super) rows_made: usize,
    pub(super) classes: Vec<(String, usize)>,
    pub(super) delivery: Vec<Delivery>,
    pub(super) notes: Vec<String>,
    pub(super) out: PathBuf,
}

impl Report {
    pub(super) fn new(
        method: &str,
        seed: u64,
        labels: &Labels,
        resampled: &Resampled<Labels>,
        notes: Vec<String>,
        out: PathBuf,
    ) -> Result<Self> {
        let mut counts = resampled.kept_targets.counts();
        for (count, added) in counts.iter_mut().zip(resampled.synthetic_targets.counts()) {
            *count += added;
        }
        Ok(Self {
            method: method.to_owned(),
            seed,
            rows_read: labels.n_rows(),
            rows_kept: resampled.kept.len(),
            rows_made: resampled.synthetic.nrows(),
            classes: labels.classes().iter().cloned().zip(counts).collect(),
            delivery: resampled.delivery.clone(),
            notes,
            out,
        })
    }

    pub(super) fn to_text(&self, labels: &Labels) -> String {
        let rows = self.classes.iter().zip(labels.counts()).map(|((class, after), before)| {
            let delivery = self.delivery.iter().find(|delivery| delivery.name == *class);
            let shortfall = delivery.filter(|delivery| delivery.asked != delivery.delivered);
            let mut remarks: Vec<String> = shortfall
                .map(|delivery| format!("{} of {} delivered", delivery.delivered, delivery.asked))
                .into_iter()
                .collect();
            remarks.extend(delivery.and_then(|delivery| delivery.remark.clone()));
            vec![class.clone(), remarks.join("; "), before.to_string(), after.to_string()]
        });
        let header = ["class", "remark", "rows before", "rows after"].map(String::from).to_vec();
        let grid = Grid { header, rows: rows.collect(), text_columns: 2 };
        let notes: String = self.notes.iter().map(|note| format!("note: {note}\n")).collect();
        format!("{}\n{notes}{}", grid.to_text(), self.out.display())
    }
}
