//! The tests behind mean ranks, as a table.

use imb_metrics::rank::WinsLosses;

use super::{ColumnTests, RankTests};
use crate::grid::Grid;

const NOTHING: &str = "–";

impl RankTests {
    /// A line a metric, learner and protocol.
    pub(crate) fn grid(tests: &[Self], columns: &[String]) -> Grid {
        let header = ["learner", "metric", "protocol", "data sets", "χ² (p)", "F (p)", "Nemenyi's distance"];
        let header = header.into_iter().map(String::from).chain(columns.iter().cloned()).collect();
        Grid { header, rows: tests.iter().map(Self::row).collect(), text_columns: 3 }
    }

    /// What a cell of the table holds.
    pub(crate) const LEGEND: &'static str = "Wins/losses at 5 %: printed · Wilcoxon's signed-rank test without \
        correction, which the paper must have used · the same with Holm's correction · Nemenyi's test. With nine \
        data sets the smallest p of the signed-rank test is 0.0039; times the 28 pairs of eight columns it is \
        0.11, so that with Holm's correction nothing can win.";

    fn row(&self) -> Vec<String> {
        let test = |value: f64, p: f64| format!("{value:.2} ({p:.4})");
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
