//! A table of results as text, Markdown and CSV.

use std::fmt::Write;

use super::{Lacking, Line, RankTests, ResultTable, Setting, Value};
use crate::grid::Grid;
use crate::verdict::{Printed, Verdict};

/// What stands for a value that is not there.
const NOTHING: &str = "–";

impl ResultTable {
    /// For a terminal: a line a metric of a data set.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}", self.heading(), self.summary_grid().to_text(), self.notes("  "))
    }

    /// For a Markdown file: the same, with the details folded.
    pub fn to_markdown(&self) -> String {
        let details = format!(
            "<details><summary>Intervals, runs and percentiles</summary>\n\n{}\n</details>\n",
            self.detail_grid().to_markdown()
        );
        let tests = if self.tests.is_empty() {
            String::new()
        } else {
            let grid = RankTests::grid(&self.tests, &self.columns).to_markdown();
            format!("\n### Tests behind the ranks\n\n{}\n\n{grid}", RankTests::LEGEND)
        };
        format!(
            "## {}\n\n{}\n{}\n{details}{tests}",
            self.heading(),
            self.summary_grid().to_markdown(),
            self.notes("- ")
        )
    }

    fn heading(&self) -> String {
        let whose = if self.printed { "Table" } else { "Table of our own" };
        format!("{whose} {}. {}", self.number, self.caption)
    }

    /// What lines are of.
    fn first_column(&self) -> &'static str {
        let of_learners = self.lines.first().is_some_and(|line| line.row.is_empty());
        if of_learners { "learner" } else { "data set" }
    }

    /// A line a metric of a data set; in each cell the printed value and those of the protocols.
    fn summary_grid(&self) -> Grid {
        let header = [self.first_column(), "metric"];
        let header = header.into_iter().map(String::from).chain(self.columns.clone());
        let rows = self.lines.iter().map(|line| {
            let cells = (0..self.columns.len()).map(|column| line.summary(column, self.printed));
            [line.name(), line.title.clone()].into_iter().chain(cells).collect()
        });
        Grid { header: header.collect(), rows: rows.collect(), text_columns: 2 }
    }

    /// A line a value that was measured.
    fn detail_grid(&self) -> Grid {
        let header = [
            self.first_column(),
            "metric",
            "column",
            "protocol",
            "printed",
            "mean",
            "95 % of the mean",
            "95 % of one unit",
            "units",
            "runs",
            "percentile",
            "verdict",
        ];
        let mut rows = Vec::new();
        for line in &self.lines {
            for setting in &line.settings {
                for (place, value) in setting.values.iter().enumerate() {
                    if !value.sample.values.is_empty() {
                        rows.push(line.details(&self.columns[place], setting, place, value));
                    }
                }
            }
        }
        Grid { header: header.map(String::from).into(), rows, text_columns: 4 }
    }

    /// As CSV: a line a value.
    ///
    /// # Panics
    /// Never: a line is written to memory.
    pub fn to_csv(&self) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let mut write = |cells: &[String]| csv.write_record(cells).expect("written to memory");
        let header = [
            "paper",
            "table",
            "data_set",
            "learner",
            "metric",
            "column",
            "protocol",
            "printed",
            "mean",
            "mean_lower",
            "mean_upper",
            "unit_lower",
            "unit_upper",
            "units",
            "runs",
            "percentile",
            "verdict",
        ];
        write(&header.map(String::from));
        for line in &self.lines {
            for setting in &line.settings {
                for (place, value) in setting.values.iter().enumerate() {
                    write(&self.csv_cells(line, setting, place, value));
                }
            }
        }
        String::from_utf8(csv.into_inner().expect("written to memory")).expect("made of text")
    }

    fn csv_cells(&self, line: &Line, setting: &Setting, place: usize, value: &Value) -> Vec<String> {
        let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let judged = value.judged.as_ref();
        let (of_mean, of_unit) =
            (judged.and_then(|judged| judged.of_mean), judged.and_then(|judged| judged.of_unit));
        vec![
            self.paper.clone(),
            self.number.to_string(),
            line.row.clone(),
            line.learner.clone().unwrap_or_default(),
            line.metric.clone(),
            self.columns[place].clone(),
            setting.label(),
            line.printed[place].map_or(String::new(), |printed| match printed {
                Printed::Value(value) => value.to_string(),
                Printed::NotApplicable => "NA".to_owned(),
            }),
            number(judged.and_then(|judged| judged.mean)),
            number(of_mean.map(|interval| interval.lower)),
            number(of_mean.map(|interval| interval.upper)),
            number(of_unit.map(|interval| interval.lower)),
            number(of_unit.map(|interval| interval.upper)),
            value.sample.values.len().to_string(),
            value.sample.runs.to_string(),
            number(judged.and_then(|judged| judged.percentile)),
            value.verdict.map_or(String::new(), |verdict| verdict.name(setting.is_papers).to_owned()),
        ]
    }

    /// What the signs mean, the tally, and what to know of the table.
    fn notes(&self, bullet: &str) -> String {
        let mut notes = Vec::new();
        let protocols = self.main_protocols().join(" · ");
        if self.printed {
            notes.push(format!("A cell is: printed · {protocols}. Signs: {}.", legend()));
        } else {
            notes.push(format!("A cell is: {protocols}."));
        }
        for (label, counts) in self.tally() {
            let total: usize = counts.values().sum();
            let judged: usize = Verdict::ALL[..4].iter().filter_map(|verdict| counts.get(verdict)).sum();
            if total > 0 {
                let counts: Vec<String> =
                    counts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
                notes.push(format!(
                    "Verdicts, {label}: {}. Of {judged} judged, chance alone could call {:.1} different.",
                    counts.join(", "),
                    judged as f64 * 0.01
                ));
            }
        }
        if let Some(smallest) = self.detectable() {
            notes.push(smallest);
        }
        notes.extend(self.proofs.iter().map(|proof| format!("Arithmetic: {proof}.")));
        notes.extend(self.reasons.iter().cloned());
        notes.iter().fold(String::new(), |mut text, note| {
            let _ = writeln!(text, "{bullet}{note}");
            text
        })
    }

    /// The protocols whose main evaluations stand in the cells.
    fn main_protocols(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for setting in self.lines.iter().flat_map(|line| &line.settings) {
            if setting.is_main && !names.contains(&setting.protocol) {
                names.push(setting.protocol.clone());
            }
        }
        names
    }

    /// The smallest differences that the protocols could have shown.
    fn detectable(&self) -> Option<String> {
        let of = |metric: &str, protocol: &str| {
            let lines = self.lines.iter().filter(|line| line.metric == metric);
            let settings = lines.flat_map(|line| &line.settings);
            let values = settings.filter(|setting| setting.is_main && setting.protocol == protocol);
            let values = values.flat_map(|setting| &setting.values);
            let mut found: Vec<f64> = values.filter_map(|value| value.judged.as_ref()?.detectable).collect();
            found.sort_by(f64::total_cmp);
            (!found.is_empty()).then(|| found[found.len() / 2])
        };
        let mut said = Vec::new();
        let mut metrics: Vec<(&str, &str)> = Vec::new();
        for line in &self.lines {
            if !metrics.iter().any(|(metric, _)| *metric == line.metric) {
                metrics.push((&line.metric, &line.title));
            }
        }
        for (metric, title) in metrics {
            for protocol in self.main_protocols() {
                if let Some(median) = of(metric, &protocol) {
                    said.push(format!("{title}, {protocol} {median:.3}"));
                }
            }
        }
        (!said.is_empty()).then(|| {
            format!(
                "Smallest difference that would be called one, median over the table: {}.",
                said.join("; ")
            )
        })
    }
}

/// What the signs of verdicts mean.
pub(crate) fn legend() -> String {
    let of = |verdict: &Verdict| format!("{} {verdict}", verdict.sign());
    Verdict::ALL[..7].iter().map(of).collect::<Vec<_>>().join(", ")
}

impl Line {
    pub(crate) fn name(&self) -> String {
        match &self.learner {
            Some(learner) if self.row.is_empty() => learner.clone(),
            Some(learner) => format!("{}, {learner}", self.row),
            None => self.row.clone(),
        }
    }

    fn printed_text(&self, column: usize) -> String {
        match self.printed[column] {
            Some(Printed::Value(value)) => format!("{value:.*}", self.decimals),
            Some(Printed::NotApplicable) => "NA".to_owned(),
            None => NOTHING.to_owned(),
        }
    }

    /// The printed value and the main value of each protocol, with the signs of verdicts.
    fn summary(&self, column: usize, with_printed: bool) -> String {
        let measured = self.settings.iter().filter(|setting| setting.is_main).map(|setting| {
            let value = &setting.values[column];
            let sign = value.verdict.filter(|verdict| *verdict != Verdict::NotAttempted);
            let sign = sign.map_or(String::new(), |verdict| format!(" {}", verdict.sign()));
            format!("{}{sign}", value.text(self.decimals))
        });
        let printed = with_printed.then(|| self.printed_text(column));
        let parts: Vec<String> = printed.into_iter().chain(measured).collect();
        if parts.iter().all(|part| part == NOTHING) { NOTHING.to_owned() } else { parts.join(" · ") }
    }

    fn details(&self, column: &str, setting: &Setting, place: usize, value: &Value) -> Vec<String> {
        let digits = self.decimals + 1;
        let interval = |interval: Option<imb_metrics::interval::Interval>| {
            interval.map_or(NOTHING.to_owned(), |interval| {
                format!("{:.digits$} to {:.digits$}", interval.lower, interval.upper)
            })
        };
        let judged = value.judged.as_ref();
        let percentile = judged.and_then(|judged| judged.percentile);
        vec![
            self.name(),
            self.title.clone(),
            column.to_owned(),
            setting.label(),
            self.printed_text(place),
            judged
                .and_then(|judged| judged.mean)
                .map_or(NOTHING.to_owned(), |mean| format!("{mean:.digits$}")),
            interval(judged.and_then(|judged| judged.of_mean)),
            interval(judged.and_then(|judged| judged.of_unit)),
            value.sample.values.len().to_string(),
            value.sample.runs.to_string(),
            percentile.map_or(NOTHING.to_owned(), |percentile| format!("P{percentile:.0}")),
            value.verdict.map_or(NOTHING.to_owned(), |verdict| verdict.name(setting.is_papers).to_owned()),
        ]
    }
}

impl Value {
    /// The mean, or why there is none.
    pub(crate) fn text(&self, decimals: usize) -> String {
        let mean = self.judged.as_ref().and_then(|judged| judged.mean);
        match (mean, &self.lacking) {
            (Some(mean), _) => format!("{mean:.decimals$}"),
            (None, Some(Lacking::NotApplicable(_))) => "NA".to_owned(),
            (None, Some(Lacking::Failed(_))) => "failed".to_owned(),
            _ => NOTHING.to_owned(),
        }
    }
}
