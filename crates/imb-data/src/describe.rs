//! What a table is like: its size, its gaps, and how imbalanced its targets are.

use imb_core::{ColumnKind, LabelImbalance, LabelMatrix, Labels, Table, Target};
use serde::Serialize;

/// A table with either kind of target.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyTable {
    /// One class a row.
    SingleLabel(Table<Labels>),
    /// Any number of labels a row.
    MultiLabel(Table<LabelMatrix>),
}

impl AnyTable {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        match self {
            Self::SingleLabel(table) => table.n_rows(),
            Self::MultiLabel(table) => table.n_rows(),
        }
    }

    /// Number of feature columns.
    pub fn n_features(&self) -> usize {
        match self {
            Self::SingleLabel(table) => table.n_columns(),
            Self::MultiLabel(table) => table.n_columns(),
        }
    }

    /// Bytes that the numbers of the feature columns take.
    pub fn n_bytes(&self) -> usize {
        let columns = match self {
            Self::SingleLabel(table) => table.columns(),
            Self::MultiLabel(table) => table.columns(),
        };
        columns.iter().map(|column| column.values.n_bytes()).sum()
    }

    /// Number of classes or labels.
    pub fn n_classes(&self) -> usize {
        match self {
            Self::SingleLabel(table) => table.target().classes().len(),
            Self::MultiLabel(table) => table.target().n_labels(),
        }
    }

    /// Measures the table.
    pub fn describe(&self) -> Description {
        match self {
            Self::SingleLabel(table) => describe(table, Targets::SingleLabel(of_classes(table.target()))),
            Self::MultiLabel(table) => describe(table, Targets::MultiLabel(of_labels(table.target()))),
        }
    }
}

/// The measures of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// Number of rows.
    pub n_rows: usize,
    /// Number of feature columns.
    pub n_features: usize,
    /// How many of them are categorical.
    pub n_categorical: usize,
    /// Cells that are missing.
    pub n_missing: usize,
    /// Their share of all cells.
    pub missing_share: f64,
    /// The measures of the targets.
    #[serde(flatten)]
    pub targets: Targets,
}

/// The measures of the targets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Targets {
    /// Of one class a row.
    SingleLabel(ClassMeasures),
    /// Of any number of labels a row.
    MultiLabel(LabelMeasures),
}

/// Measures of one class a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassMeasures {
    /// Rows of each class, by class number.
    pub class_counts: Vec<(String, usize)>,
    /// Rows of the largest class over rows of the smallest.
    pub imbalance_ratio: f64,
    /// Rows of the smallest class in percent of all.
    pub minority_percent: f64,
}

/// Measures of any number of labels a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelMeasures {
    /// Number of labels, q.
    pub n_labels: usize,
    /// Mean number of labels a row, Card.
    pub cardinality: f64,
    /// Cardinality over the number of labels, Den.
    pub density: f64,
    /// Mean over the labels of the largest label count over theirs, MeanIR.
    pub mean_ir: f64,
    /// Sample standard deviation of those ratios over their mean, CVIR.
    pub cvir: f64,
    /// Mean over the labels of the larger of positives and negatives over the smaller, ImR.
    pub mean_im_r: f64,
    /// Mean SCUMBLE of the rows.
    pub scumble: f64,
    /// Rows without a label.
    pub n_unlabelled: usize,
    /// Rows of each label and its ratios.
    pub labels: Vec<LabelMeasure>,
}

/// One label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelMeasure {
    /// Its name.
    pub name: String,
    /// Rows that have it.
    pub count: usize,
    /// IRLbl; none for a label without a row.
    pub ir_lbl: Option<f64>,
    /// ImR; none for a label that all rows or no row has.
    pub im_r: Option<f64>,
}

fn describe<Y: Target>(table: &Table<Y>, targets: Targets) -> Description {
    let categorical = |column: &&imb_core::Column| matches!(column.kind, ColumnKind::Categorical(_));
    let n_missing = table.n_missing();
    Description {
        n_rows: table.n_rows(),
        n_features: table.n_columns(),
        n_categorical: table.columns().iter().filter(categorical).count(),
        n_missing,
        missing_share: n_missing as f64 / (table.n_rows() * table.n_columns()).max(1) as f64,
        targets,
    }
}

fn of_classes(labels: &Labels) -> ClassMeasures {
    let counts = labels.counts();
    let present = || counts.iter().copied().filter(|count| *count > 0);
    let (largest, smallest) = (present().max().unwrap_or(0), present().min().unwrap_or(0));
    ClassMeasures {
        imbalance_ratio: largest as f64 / smallest as f64,
        minority_percent: 100.0 * smallest as f64 / labels.n_rows() as f64,
        class_counts: labels.classes().iter().cloned().zip(counts).collect(),
    }
}

fn of_labels(labels: &LabelMatrix) -> LabelMeasures {
    let imbalance = LabelImbalance::of(labels);
    let positives = labels.positives();
    let rows = labels.view();
    let cardinality = positives.iter().sum::<usize>() as f64 / rows.nrows() as f64;
    let finite = |ratio: f64| Some(ratio).filter(|ratio| ratio.is_finite());
    let im_r: Vec<f64> = imbalance.im_r.iter().copied().filter_map(finite).collect();
    let measured = labels.names().iter().zip(&positives).zip(imbalance.ir_lbl.iter().zip(&imbalance.im_r));
    LabelMeasures {
        n_labels: labels.n_labels(),
        cardinality,
        density: cardinality / labels.n_labels() as f64,
        mean_ir: imbalance.mean_ir,
        cvir: imbalance.cvir,
        mean_im_r: im_r.iter().sum::<f64>() / im_r.len() as f64,
        scumble: imbalance.scumble(labels),
        n_unlabelled: rows.rows().into_iter().filter(|row| !row.iter().any(|on| *on)).count(),
        labels: measured
            .map(|((name, count), (ir_lbl, im_r))| LabelMeasure {
                name: name.clone(),
                count: *count,
                ir_lbl: finite(*ir_lbl),
                im_r: finite(*im_r),
            })
            .collect(),
    }
}
