//! The tests behind mean ranks, as a table.

use imb_metrics::rank::WinsLosses;

use super::{ColumnTests, LEVEL, RankTests};
use crate::grid::Grid;

const NOTHING: &str = "–";

impl RankTests {
    /// A line a metric, learner and protocol.
    pub(crate) fn grid(tests: &[Self], columns: &[String]) -> Grid {
        let header = ["learner", "metric", "protocol", "data sets", "χ² (p)", "F (p)", "Nemenyi's distance"];
        let header = header.into_iter().map(String::from).chain(columns.iter().cloned()).collect();
        Grid { header, rows: tests.iter().map(Self::row).collect(), text_columns: 3 }
    }

    /// What a cell of the table holds, and what its tests can show at best.
    pub(crate) fn legend(tests: &[Self], n_columns: usize) -> String {
        let mut legend =
            "Wins/losses at 5 %: printed · Wilcoxon's signed-rank test without correction · the same with \
            Holm's correction · Nemenyi's test."
                .to_owned();
        let most = tests.iter().map(|tests| tests.data_sets).max().unwrap_or(0);
        let pairs = n_columns * n_columns.saturating_sub(1) / 2;
        // All signs alike, on either side.
        let smallest = 2.0 * 0.5f64.powi(i32::try_from(most).unwrap_or(i32::MAX));
        let corrected = smallest * pairs as f64;
        if most > 0 && corrected > LEVEL {
            legend += &format!(
                " With {most} data sets the smallest possible p of the signed-rank test is {smallest:.4}. Multiplied by \
                 the {pairs} pairs of {n_columns} columns it exceeds 5 %, so no column can win after Holm's correction."
            );
        }
        legend
    }

    fn row(&self) -> Vec<String> {
        let p_value = |p: f64| if p < 5e-5 { "< 0.0001".to_owned() } else { format!("{p:.4}") };
        let test = |value: f64, p: f64| format!("{value:.2} ({})", p_value(p));
        let of = |value: Option<String>| value.unwrap_or(NOTHING.to_owned());
        let friedman = self.friedman.as_ref();
        let cells = [
            self.learner.clone(),
            self.title.clone(),
            self.protocol.clone(),
            self.data_sets.to_string(),
            of(friedman.map(|friedman| test(friedman.chi_square, friedman.p))),
            of(friedman.map(|friedman| test(friedman.f, friedman.f_p))),
            of(self.critical_difference.map(|difference| format!("{difference:.2}"))),
        ];
        cells.into_iter().chain(self.columns.iter().map(ColumnTests::text)).collect()
    }
}

impl ColumnTests {
    fn text(&self) -> String {
        let parts = [self.printed, self.uncorrected, self.holm, self.nemenyi];
        parts.map(|part| part.map_or(NOTHING.to_owned(), text)).join(" · ")
    }
}

fn text(won: WinsLosses) -> String {
    format!("{}/{}", won.wins, won.losses)
}
