//! Any number of labels a row.

use std::path::Path;

use anyhow::{Result, bail};
use imb_core::{ColumnKind, Delivery, LabelImbalance, LabelMatrix, Resampled, Target};
use imb_data::{
    ChangedCell, Destination, NewCells, Parsed, read_label_names, require_writable, write_label_names,
};
use imb_harness::grid::Grid;
use ndarray::Array1;
use serde::Serialize;

use super::kind::Kind;
use crate::commands::targets::{Asked, TargetArguments};

/// Labels that are shown; JSON has all.
const SHOWN: usize = 20;

/// The imbalance of the labels before and after.
#[derive(Serialize)]
pub(super) struct Summary {
    before: Imbalance,
    after: Imbalance,
    labels: Vec<Label>,
}

/// Of all labels.
#[derive(Serialize)]
struct Imbalance {
    rows: usize,
    cardinality: f64,
    mean_ir: f64,
    cvir: f64,
    scumble: f64,
}

/// Of one label. A label without a row has no ratio.
#[derive(Serialize)]
struct Label {
    name: String,
    rows_before: usize,
    rows_after: usize,
    ir_lbl_before: Option<f64>,
    ir_lbl_after: Option<f64>,
}

impl Kind for LabelMatrix {
    const ARE_LABELS: bool = true;

    type Summary = Summary;

    fn read(arguments: &TargetArguments, parsed: &Parsed, file: &Path) -> Result<(Self, Vec<usize>)> {
        match arguments.asked(parsed, file)? {
            Asked::Labels(set) => Ok(parsed.labels(&set, file)?),
            Asked::Classes(column) => bail!(
                "{} says that column \"{column}\" holds classes: --labels N or --xml FILE names label columns, or \
                 choose a method for classes (`imb list methods`)",
                file.display()
            ),
        }
    }

    fn new_cells<'a>(&self, resampled: &'a Resampled<Self>, label: usize, kind: &ColumnKind) -> NewCells<'a> {
        let on = resampled.synthetic_targets.view();
        let numbers: Array1<f64> = on.column(label).iter().map(|on| number_of(*on, kind)).collect();
        NewCells::Numbers(numbers.into())
    }

    fn changed(&self, resampled: &Resampled<Self>, columns: &[(usize, &ColumnKind)]) -> Vec<ChangedCell> {
        let (before, after) = (self.view(), resampled.kept_targets.view());
        let mut changed = Vec::new();
        for (place, &row) in resampled.kept.iter().enumerate() {
            for (label, (column, kind)) in columns.iter().enumerate() {
                let on = after[[place, label]];
                if on != before[[row, label]] {
                    changed.push(ChangedCell { place, column: *column, value: number_of(on, kind) });
                }
            }
        }
        changed
    }

    /// With MEKA's count of labels, if they stand at either end.
    fn relation(columns: &[usize], n_columns: usize) -> String {
        let n_labels = columns.len();
        if columns.iter().copied().eq(0..n_labels) {
            format!("table: -C {n_labels}")
        } else if columns.iter().copied().eq(n_columns - n_labels..n_columns) {
            format!("table: -C -{n_labels}")
        } else {
            "table".to_owned()
        }
    }

    fn prepare_beside(&self, to: &Destination, force: bool) -> Result<()> {
        let Some(xml) = to.label_file().filter(|xml| xml.exists()) else { return Ok(()) };
        if read_label_names(&xml).is_ok_and(|names| same_names(&names, self.names())) {
            return Ok(());
        }
        require_writable(&xml)?;
        if force {
            return Ok(());
        }
        bail!(
            "{} already exists and names other labels: --force replaces it, or give --out another name",
            xml.display()
        );
    }

    fn write_beside(&self, to: &Destination) -> Result<()> {
        let Some(xml) = to.label_file() else { return Ok(()) };
        // A file that says the same, perhaps as a hierarchy, stays.
        if !read_label_names(&xml).is_ok_and(|names| same_names(&names, self.names())) {
            write_label_names(&xml, self.names())?;
        }
        Ok(())
    }

    fn summary(&self, resampled: &Resampled<Self>) -> Result<Summary> {
        let after = resampled.kept_targets.concat(&resampled.synthetic_targets)?;
        let (old, new) = (LabelImbalance::of(self), LabelImbalance::of(&after));
        let finite = |ratio: f64| Some(ratio).filter(|ratio| ratio.is_finite());
        let counts = self.positives().into_iter().zip(after.positives());
        let ratios = old.ir_lbl.iter().zip(&new.ir_lbl);
        let labels = self.names().iter().zip(counts).zip(ratios);
        let labels = labels.map(|((name, (rows_before, rows_after)), (before, after))| Label {
            name: name.clone(),
            rows_before,
            rows_after,
            ir_lbl_before: finite(*before),
            ir_lbl_after: finite(*after),
        });
        let labels = labels.collect();
        Ok(Summary { before: Imbalance::of(self, &old), after: Imbalance::of(&after, &new), labels })
    }

    fn to_text(summary: &Summary, delivery: &[Delivery]) -> String {
        let (before, after) = (&summary.before, &summary.after);
        let row = |name: &str, before: f64, after: f64| {
            vec![name.to_owned(), format!("{before:.4}"), format!("{after:.4}")]
        };
        let rows = vec![
            vec!["rows".to_owned(), before.rows.to_string(), after.rows.to_string()],
            row("cardinality", before.cardinality, after.cardinality),
            row("MeanIR", before.mean_ir, after.mean_ir),
            row("CVIR", before.cvir, after.cvir),
            row("SCUMBLE", before.scumble, after.scumble),
        ];
        let header = ["labels", "before", "after"].map(String::from).to_vec();
        let all = Grid { header, rows, text_columns: 1 }.to_text();
        let of_all = of_all(&summary.labels, delivery);
        format!("{all}\n{of_all}\n{}", by_label(&summary.labels, delivery))
    }
}

impl Imbalance {
    fn of(labels: &LabelMatrix, imbalance: &LabelImbalance) -> Self {
        let n_rows = labels.n_rows();
        Self {
            rows: n_rows,
            cardinality: labels.positives().iter().sum::<usize>() as f64 / n_rows as f64,
            mean_ir: imbalance.mean_ir,
            cvir: imbalance.cvir,
            scumble: imbalance.scumble(labels),
        }
    }
}

/// A line a label, rarest first; of many, those with something to say come before the others.
fn by_label(labels: &[Label], delivery: &[Delivery]) -> String {
    let mut lines: Vec<(&Label, String)> =
        labels.iter().map(|label| (label, remark(label, delivery))).collect();
    lines.sort_by_key(|(label, remark)| {
        (labels.len() > SHOWN && remark.is_empty(), label.rows_before, label.name.as_str())
    });
    let rows = lines.iter().take(SHOWN).map(|(label, remark)| {
        let [before, after] = [label.ir_lbl_before, label.ir_lbl_after]
            .map(|ratio| ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")));
        let [rows_before, rows_after] = [label.rows_before, label.rows_after].map(|rows| rows.to_string());
        vec![label.name.clone(), remark.clone(), rows_before, rows_after, before, after]
    });
    let header = ["label", "remark", "rows before", "rows after", "IRLbl before", "IRLbl after"];
    let header = header.map(String::from).to_vec();
    let text = Grid { header, rows: rows.collect(), text_columns: 2 }.to_text();
    let rest = &lines[SHOWN.min(lines.len())..];
    let remarks = rest.iter().filter(|(_, remark)| !remark.is_empty()).count();
    match rest.len() {
        0 => text,
        more => format!("{text}\nand {more} more labels, {remarks} of them with a remark (--json shows all)"),
    }
}

/// What a method says of all labels together, a line each.
fn of_all(labels: &[Label], delivery: &[Delivery]) -> String {
    let is_of_all = |delivery: &&Delivery| labels.iter().all(|label| label.name != delivery.name);
    let lines = delivery.iter().filter(is_of_all).map(|delivery| {
        let mut words = vec![format!("{} rows asked for, {} delivered", delivery.asked, delivery.delivered)];
        words.extend(delivery.remark.clone());
        format!("{}: {}\n", delivery.name, words.join("; "))
    });
    lines.collect()
}

/// What is said of a label besides its rows before and after, which have columns of their own.
fn remark(label: &Label, delivery: &[Delivery]) -> String {
    let Some(delivery) = delivery.iter().find(|delivery| delivery.name == label.name) else {
        return String::new();
    };
    let counts = format!("positive rows: {} before, {} after", label.rows_before, label.rows_after);
    let said = delivery.remark.as_deref().unwrap_or_default();
    let said = said.strip_prefix(&counts).unwrap_or(said).trim_start_matches("; ");
    // Removed rows are delivered without having been asked for.
    let mut remarks = Vec::new();
    if delivery.asked > delivery.delivered {
        remarks.push(format!("{} of {} delivered", delivery.delivered, delivery.asked));
    }
    if !said.is_empty() {
        remarks.push(said.to_owned());
    }
    remarks.join("; ")
}

/// The number that stands for a label that is on or off in its column.
fn number_of(on: bool, kind: &ColumnKind) -> f64 {
    let number = f64::from(u8::from(on));
    match kind {
        ColumnKind::Categorical(texts) => {
            let place = texts.iter().position(|text| text.parse::<f64>() == Ok(number));
            place.map_or(f64::NAN, |place| place as f64)
        }
        ColumnKind::Numeric | ColumnKind::Integer => number,
    }
}

/// Whether both hold the same names, in whatever order.
fn same_names(a: &[String], b: &[String]) -> bool {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort_unstable();
        names
    };
    sorted(a) == sorted(b)
}
