//! What is said of a resampled table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use imb_core::{Delivery, Resampled};
use serde::Serialize;

use super::kind::Kind;

/// What is printed.
#[derive(Serialize)]
pub(super) struct Report<S> {
    method: String,
    seed: u64,
    rows_read: usize,
    /// Rows of the file that are written.
    rows_kept: usize,
    /// Copies of them beyond the first of each.
    rows_copied: usize,
    /// Rows that the method made.
    rows_made: usize,
    #[serde(flatten)]
    summary: S,
    delivery: Vec<Delivery>,
    notes: Vec<String>,
    out: PathBuf,
}

impl<S> Report<S> {
    pub(super) fn new<Y: Kind<Summary = S>>(
        method: &str,
        seed: u64,
        targets: &Y,
        resampled: &Resampled<Y>,
        notes: Vec<String>,
        out: &Path,
    ) -> Result<Self> {
        let kept: BTreeSet<usize> = resampled.kept.iter().copied().collect();
        Ok(Self {
            method: method.to_owned(),
            seed,
            rows_read: targets.n_rows(),
            rows_kept: kept.len(),
            rows_copied: resampled.kept.len() - kept.len(),
            rows_made: resampled.synthetic.nrows(),
            summary: targets.summary(resampled)?,
            delivery: resampled.delivery.clone(),
            notes,
            out: out.to_owned(),
        })
    }

    pub(super) fn to_text<Y: Kind<Summary = S>>(&self) -> String {
        let notes: String = self.notes.iter().map(|note| format!("note: {note}\n")).collect();
        format!("{}\n{notes}{}", Y::to_text(&self.summary, &self.delivery), self.out.display())
    }
}
