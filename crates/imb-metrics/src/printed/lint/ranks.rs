//! Mean ranks, wins and losses of the methods in one row of a table.

use imb_core::Result;

use super::{FindingKind, LintReport, PrintedTables, TableCell};
use crate::printed::{RankRow, too_many_comparisons, wins_and_losses_balance};
use crate::rank::WinsLosses;

impl PrintedTables {
    pub(super) fn check_ranks(&self, report: &mut LintReport) -> Result<()> {
        for ((table, row), cells) in self.rows_of("rank") {
            let facts = self.facts(&table);
            let ranks: Vec<_> = cells.iter().map(|cell| cell.value).collect();
            // A row that sums up others may be the mean of ranks that were rounded before.
            let is_of_data_sets = self.rows_within(cells[0])? == 1;
            let of_row = RankRow {
                ranks: &ranks,
                unprinted: facts.n_columns.saturating_sub(ranks.len()),
                n_data_sets: facts.data_sets.filter(|_| is_of_data_sets),
                ties: !facts.no_ties,
                rounding: self.rounding,
            };
            let impossible = of_row.impossible();
            for &method in &impossible {
                let proof = impossible_rank(&of_row, method, impossible.len() == 1);
                report.add(FindingKind::Value, &[&table, &row, &cells[method].column], proof);
            }
            if let Some(sum) = of_row.wrong_sum() {
                let expected = of_row.expected_sum();
                let decimals = ranks[0].decimals;
                let proof = format!(
                    "ranks of {} methods add up to {expected}, these to {sum:.decimals$}{}",
                    of_row.n_methods(),
                    if of_row.unprinted > 0 { ", and none that is not printed mends that" } else { "" }
                );
                report.add(FindingKind::Contradiction, &[&table, &row], proof);
            }
        }
        Ok(())
    }

    pub(super) fn check_wins(&self, report: &mut LintReport) -> Result<()> {
        let losses = self.rows_of("losses");
        for (place, wins) in self.rows_of("wins") {
            let Some((_, losses)) = losses.iter().find(|(other, _)| *other == place) else { continue };
            let of_column = |w: &&TableCell| losses.iter().find(|l| l.column == w.column);
            let pairs: Option<Vec<WinsLosses>> =
                wins.iter().map(|w| of_column(w).map(|l| both(w, l))).collect();
            // Without the losses of every method nothing is known of their sum.
            let Some(row) = pairs.filter(|row| row.len() == losses.len()) else { continue };
            let (table, name) = place;
            if !wins_and_losses_balance(&row) {
                let sum = |of: fn(&WinsLosses) -> usize| row.iter().map(of).sum::<usize>();
                let proof = format!(
                    "every win is the loss of another method, but there are {} wins and {} losses",
                    sum(|method| method.wins),
                    sum(|method| method.losses)
                );
                report.add(FindingKind::Contradiction, &[&table, &name], proof);
            }
            let n_tests = self.rows_within(wins[0])? as usize;
            for method in too_many_comparisons(&row, n_tests) {
                let WinsLosses { wins: won, losses } = row[method];
                let proof = format!(
                    "{won} wins and {losses} losses are more than {} comparisons",
                    n_tests * (row.len() - 1)
                );
                report.add(FindingKind::Value, &[&table, &name, &wins[method].column], proof);
            }
        }
        Ok(())
    }

    /// The cells of a line, by table and row.
    fn rows_of(&self, line: &str) -> Vec<((String, String), Vec<&TableCell>)> {
        self.grouped(|cell| (cell.line == line).then(|| (cell.table.clone(), cell.row.clone())))
    }
}

fn impossible_rank(row: &RankRow<'_>, method: usize, is_only_one: bool) -> String {
    let rank = row.ranks[method];
    let n_methods = row.n_methods();
    if rank.value < 1.0 || rank.value > n_methods as f64 {
        return format!("{rank} is no rank among {n_methods} methods");
    }
    let n = row.n_data_sets.unwrap_or(1);
    let mended = if is_only_one && row.unprinted == 0 && row.wrong_sum().is_some() {
        format!("; {} would also make the sum right", row.repaired(method))
    } else {
        String::new()
    };
    format!("no mean of {n} ranks is {rank}{mended}")
}

fn both(wins: &TableCell, losses: &TableCell) -> WinsLosses {
    WinsLosses { wins: wins.value.value as usize, losses: losses.value.value as usize }
}
