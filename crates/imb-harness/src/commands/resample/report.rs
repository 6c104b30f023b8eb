//! What is said of a resampled table.

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
    rows_kept: usize,
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
        Ok(Self {
            method: method.to_owned(),
            seed,
            rows_read: targets.n_rows(),
            rows_kept: resampled.kept.len(),
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
