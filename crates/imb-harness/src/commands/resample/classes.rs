//! One class a row.

use std::path::Path;

use anyhow::{Result, bail};
use imb_core::{ColumnKind, Delivery, Labels, Resampled, Target};
use imb_data::{ChangedCell, Destination, NewCells, Parsed};
use imb_harness::grid::Grid;
use serde::Serialize;

use super::kind::Kind;
use crate::commands::targets::{Asked, TargetArguments, require_name};

/// Rows of each class.
#[derive(Serialize)]
pub(super) struct Summary {
    classes: Vec<(String, usize)>,
    #[serde(skip)]
    before: Vec<usize>,
}

impl Kind for Labels {
    const ARE_LABELS: bool = false;

    type Summary = Summary;

    fn read(arguments: &TargetArguments, parsed: &Parsed, file: &Path) -> Result<(Self, Vec<usize>)> {
        let Asked::Classes(column) = arguments.asked(parsed, file)? else {
            bail!(
                "{} says that its first or last columns are labels: --target COL names a column of classes, or \
                 choose a method for labels (`imb list methods`)",
                file.display()
            );
        };
        parsed.require_whole_target(&column, file)?;
        let place = parsed.place_of(&column, file)?;
        let labels = arguments.rule(&column).labels(&parsed.table, file)?;
        require_name(parsed, place, &labels, file)?;
        if let [class] = labels.classes() {
            bail!(
                "column \"{}\" holds one class only ({class}, {} rows), so there is nothing to balance",
                parsed.table.columns()[place].name,
                labels.n_rows()
            );
        }
        Ok((labels, vec![place]))
    }

    /// Copies of the cell of the first row of the file that has the class.
    fn new_cells<'a>(&self, resampled: &'a Resampled<Self>, _: usize, _: &ColumnKind) -> NewCells<'a> {
        let first = |class: u32| self.codes().iter().position(|&code| code == class).unwrap_or(0);
        let firsts: Vec<usize> = (0u32..).take(self.classes().len()).map(first).collect();
        let classes = resampled.synthetic_targets.codes().iter();
        NewCells::CopiesOf(classes.map(|&code| firsts[code as usize]).collect())
    }

    fn changed(&self, _: &Resampled<Self>, _: &[(usize, &ColumnKind)]) -> Vec<ChangedCell> {
        Vec::new()
    }

    fn relation(_: &[usize], _: usize) -> String {
        "table".to_owned()
    }

    fn prepare_beside(&self, _: &Destination, _: bool) -> Result<()> {
        Ok(())
    }

    fn write_beside(&self, _: &Destination) -> Result<()> {
        Ok(())
    }

    fn summary(&self, resampled: &Resampled<Self>) -> Result<Summary> {
        let mut counts = resampled.kept_targets.counts();
        for (count, added) in counts.iter_mut().zip(resampled.synthetic_targets.counts()) {
            *count += added;
        }
        let classes = self.classes().iter().cloned().zip(counts).collect();
        Ok(Summary { classes, before: self.counts() })
    }

    fn to_text(summary: &Summary, delivery: &[Delivery]) -> String {
        let rows = summary.classes.iter().zip(&summary.before).map(|((class, after), before)| {
            let delivery = delivery.iter().find(|delivery| delivery.name == *class);
            let shortfall = delivery.filter(|delivery| delivery.asked != delivery.delivered);
            let mut remarks: Vec<String> = shortfall
                .map(|delivery| format!("{} of {} delivered", delivery.delivered, delivery.asked))
                .into_iter()
                .collect();
            remarks.extend(delivery.and_then(|delivery| delivery.remark.clone()));
            vec![class.clone(), remarks.join("; "), before.to_string(), after.to_string()]
        });
        let header = ["class", "remark", "rows before", "rows after"].map(String::from).to_vec();
        Grid { header, rows: rows.collect(), text_columns: 2 }.to_text()
    }
}
