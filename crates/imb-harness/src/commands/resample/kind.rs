//! What differs between classes and labels when a table is resampled.

use std::path::Path;

use anyhow::Result;
use imb_core::{ColumnKind, Delivery, Resampled};
use imb_data::{ChangedCell, Destination, NewCells, Parsed};
use imb_methods::Builds;
use serde::Serialize;

use crate::commands::targets::TargetArguments;

/// A kind of target: how a table holds it, and what is reported of it.
pub(super) trait Kind: Builds {
    /// Whether these are labels, whose resamplers compute with categories too.
    const ARE_LABELS: bool;

    /// What is reported of the targets before and after.
    type Summary: Serialize;

    /// The targets of the rows, and the numbers of the columns that hold them, ascending.
    fn read(arguments: &TargetArguments, parsed: &Parsed, file: &Path) -> Result<(Self, Vec<usize>)>;

    /// The cells of the new rows in one of the columns that hold targets, by its number among these.
    fn new_cells<'a>(&self, resampled: &'a Resampled<Self>, number: usize, kind: &ColumnKind)
    -> NewCells<'a>;

    /// The cells of kept rows whose targets the method changed, given the columns that hold targets.
    fn changed(&self, resampled: &Resampled<Self>, columns: &[(usize, &ColumnKind)]) -> Vec<ChangedCell>;

    /// The name of the relation in ARFF, given the columns that hold targets and how many there are of all.
    fn relation(columns: &[usize], n_columns: usize) -> String;

    /// Refuses to replace what stands where a file beside the table is to be written.
    fn prepare_beside(&self, to: &Destination, force: bool) -> Result<()>;

    /// Writes the file beside the table, if the form of the table has one.
    fn write_beside(&self, to: &Destination) -> Result<()>;

    /// What is reported.
    fn summary(&self, resampled: &Resampled<Self>) -> Result<Self::Summary>;

    /// The report for a reader, with what the method says of its delivery.
    fn to_text(summary: &Self::Summary, delivery: &[Delivery]) -> String;
}
