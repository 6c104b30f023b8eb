//! `--impute`: gaps are filled for the computation. Kept rows are written from their text, gaps included.

use anyhow::{Result, bail};
use clap::ValueEnum;
use imb_core::{Column, ColumnKind, Table, Target};
use imb_data::ColumnNotes;
use imb_data::prepare::{KnnImputer, MeanImputer};
use imb_harness::own::are_names;

use super::rows::{Place, Role, quoted};

/// How gaps are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Impute {
    /// With the mean, or most frequent category, of the five most similar rows.
    Knn,
    /// With the mean, or most frequent category, of all rows.
    Mean,
}

/// As scikit-learn's `KNNImputer` has by default.
const NEIGHBORS: usize = 5;

impl Impute {
    /// Fills the gaps of the columns that are computed with.
    pub(super) fn fill<Y: Target>(
        self,
        columns: &mut [Column],
        places: &[Place],
        notes: &mut [ColumnNotes],
        targets: &Y,
    ) -> Result<()> {
        let n_rows = targets.n_rows();
        let is_used = |number: &usize| {
            places[*number].role == Role::Feature && may_be_filled(&columns[*number], n_rows)
        };
        let used: Vec<usize> = (0..columns.len()).filter(is_used).collect();
        used.iter().try_for_each(|&number| require_values(&columns[number], &notes[number], n_rows))?;
        let features: Vec<Column> = used.iter().map(|&number| columns[number].clone()).collect();
        let table = Table::new(features, n_rows)?.with_target(targets.clone())?;
        let rows: Vec<usize> = (0..n_rows).collect();
        let filled = match self {
            Self::Knn => {
                KnnImputer { k: NEIGHBORS, ..KnnImputer::default() }.fit(&table, &rows)?.apply(table)?
            }
            Self::Mean => MeanImputer {}.fit(&table, &rows)?.apply(table)?,
        };
        for (number, column) in used.into_iter().zip(filled.into_parts().0) {
            columns[number] = column;
            (notes[number].n_gaps, notes[number].first_gap) = (0, None);
        }
        Ok(())
    }
}

/// Refuses a column that no imputer can fill.
fn require_values(column: &Column, notes: &ColumnNotes, n_rows: usize) -> Result<()> {
    let name = quoted(&column.name);
    let holds_numbers = !matches!(column.kind, ColumnKind::Categorical(_));
    if let Some(first) = notes.first_infinite.as_ref().filter(|_| holds_numbers) {
        bail!(
            "column \"{}\" is infinite in {} of its cells, first \"{}\" in line {}: --missing {} makes them gaps, which \
             --impute fills",
            column.name,
            notes.n_infinite,
            first.text,
            first.line,
            quoted(&first.text)
        );
    }
    if notes.n_gaps >= n_rows {
        bail!("column \"{}\" has no value: --ignore {name} leaves it out", column.name);
    }
    Ok(())
}

/// Whether a column holds numbers or categories.
fn may_be_filled(column: &Column, n_rows: usize) -> bool {
    match &column.kind {
        ColumnKind::Categorical(texts) => !are_names(texts.len(), n_rows),
        _ => true,
    }
}
