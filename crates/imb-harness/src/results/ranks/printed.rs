//! Printed mean ranks and wins, and what arithmetic says against them.

use imb_metrics::printed::{Combination, PrintedValue, RankRow, Rounding, wins_and_losses_balance};
use imb_metrics::rank::{WinsLosses, friedman_of_average_ranks};

use super::{ALL_LEARNERS, LEVEL};
use crate::paper::Paper;
use crate::spec::{LineSpec, TableSpec};
use crate::verdict::Printed;

/// What a paper prints of a metric: a row for each learner, and one for all of them.
pub(super) struct PrintedRanks {
    title: String,
    columns: Vec<String>,
    n_data_sets: usize,
    rows: Vec<PrintedRow>,
}

/// The printed ranks and wins of a learner, by column.
struct PrintedRow {
    learner: String,
    ranks: Vec<Option<PrintedValue>>,
    wins: Vec<Option<WinsLosses>>,
}

impl PrintedRanks {
    pub(super) fn read(paper: &Paper, table: &TableSpec, line: &LineSpec) -> Self {
        let mut learners = table.learners_of(&paper.spec);
        learners.push(ALL_LEARNERS.to_owned());
        let decimals = line.decimals.unwrap_or(table.decimals);
        let row = |learner: String| {
            let printed =
                table.columns.iter().map(|column| paper.printed_rank(table, line, &learner, column));
            let (ranks, wins) = printed.unzip();
            PrintedRow { learner, ranks: with_decimals(ranks, decimals), wins }
        };
        let rows = learners.into_iter().map(row).collect();
        let n_data_sets = paper.published.table1.rows.len();
        Self { title: line.title.clone(), columns: table.columns.clone(), n_data_sets, rows }
    }

    /// The ranks of a row, for a line of the table.
    pub(super) fn ranks(&self, row: usize) -> Vec<Option<Printed>> {
        (0..self.columns.len()).map(|column| self.at(row, column)).collect()
    }

    pub(super) fn at(&self, row: usize, column: usize) -> Option<Printed> {
        self.rows[row].ranks[column].map(|rank| Printed::Value(rank.value))
    }

    pub(super) fn wins_at(&self, row: usize, column: usize) -> Option<WinsLosses> {
        self.rows[row].wins[column]
    }

    /// Whether a rank is none that so many data sets can give. Means over learners have other steps.
    pub(super) fn is_impossible(&self, row: usize, column: usize) -> bool {
        let row = &self.rows[row];
        let Some(ranks) = row.whole().filter(|_| row.learner != ALL_LEARNERS) else { return false };
        self.rank_row(&ranks).impossible().contains(&column)
    }

    /// What cannot be right, each with its proof.
    pub(super) fn proofs(&self) -> Vec<String> {
        let of_learners = self.rows.iter().filter(|row| row.learner != ALL_LEARNERS);
        let mut proofs: Vec<String> = of_learners.flat_map(|row| self.proofs_of(row)).collect();
        proofs.extend(self.totals());
        proofs
    }

    fn rank_row<'a>(&self, ranks: &'a [PrintedValue]) -> RankRow<'a> {
        let n_data_sets = Some(self.n_data_sets as u64);
        RankRow { ranks, unprinted: 0, n_data_sets, ties: true, rounding: Rounding::Rounded }
    }

    fn proofs_of(&self, row: &PrintedRow) -> Vec<String> {
        let place = format!("{}, {}", self.title, row.learner);
        let Some(ranks) = row.whole() else { return Vec::new() };
        let of_row = self.rank_row(&ranks);
        let mut proofs = Vec::new();
        let impossible = of_row.impossible();
        for &column in &impossible {
            proofs.push(format!(
                "{place}, {}: {} is no mean of {} ranks, which is a whole number of {}ths even with ties",
                self.columns[column],
                ranks[column],
                self.n_data_sets,
                2 * self.n_data_sets
            ));
        }
        if let Some(sum) = of_row.wrong_sum() {
            let repair = match impossible[..] {
                [column] => {
                    format!("; {} instead of {} would be right", of_row.repaired(column), ranks[column])
                }
                _ => String::new(),
            };
            let expected = of_row.expected_sum();
            proofs.push(format!("{place}: the ranks add up to {sum:.2} and must make {expected}{repair}"));
        }
        let wins: Vec<WinsLosses> = row.wins.iter().flatten().copied().collect();
        if !wins_and_losses_balance(&wins) {
            let [won, lost] = totals(&wins);
            proofs.push(format!("{place}: {won} wins and {lost} losses, but each win is another's loss"));
        }
        let values: Vec<f64> = ranks.iter().map(|rank| rank.value).collect();
        if let Ok(friedman) = friedman_of_average_ranks(&values, self.n_data_sets)
            && friedman.p > LEVEL
            && totals(&wins)[0] > 0
        {
            proofs.push(format!(
                "{place}: by the printed ranks Friedman's test is not significant (χ² = {:.1}, p = {:.2}), yet wins \
                 are printed",
                friedman.chi_square, friedman.p
            ));
        }
        proofs
    }

    /// Means and sums over learners against the parts they are made of.
    fn totals(&self) -> Vec<String> {
        let Some((all, parts)) = self.rows.split_last() else { return Vec::new() };
        let mut proofs = Vec::new();
        for (place, column) in self.columns.iter().enumerate() {
            let ranks: Option<Vec<PrintedValue>> = parts.iter().map(|row| row.ranks[place]).collect();
            if let (Some(ranks), Some(whole)) = (ranks, all.ranks[place])
                && let Some(mean) = Combination::Mean.contradicts(&ranks, whole, Rounding::Rounded)
            {
                proofs.push(format!(
                    "{}, {}, {column}: the mean of the {} ranks above is {mean:.2}, but {whole} is printed",
                    self.title,
                    all.learner,
                    ranks.len()
                ));
            }
            let wins: Option<Vec<WinsLosses>> = parts.iter().map(|row| row.wins[place]).collect();
            if let (Some(wins), Some(whole)) = (wins, all.wins[place])
                && totals(&wins) != [whole.wins, whole.losses]
            {
                let [won, lost] = totals(&wins);
                proofs.push(format!(
                    "{}, {}, {column}: the rows above add up to {won}/{lost}, but {}/{} is printed",
                    self.title, all.learner, whole.wins, whole.losses
                ));
            }
        }
        proofs
    }
}

impl PrintedRow {
    /// All ranks of the row, if all are printed.
    fn whole(&self) -> Option<Vec<PrintedValue>> {
        self.ranks.iter().copied().collect()
    }
}

fn totals(wins: &[WinsLosses]) -> [usize; 2] {
    [wins.iter().map(|column| column.wins).sum(), wins.iter().map(|column| column.losses).sum()]
}

fn with_decimals(ranks: Vec<Option<f64>>, decimals: usize) -> Vec<Option<PrintedValue>> {
    ranks.into_iter().map(|rank| rank.map(|value| PrintedValue { value, decimals })).collect()
}
