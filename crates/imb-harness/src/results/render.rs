//! A table of results as text, Markdown and CSV.

use std::fmt::Write;

use imb_metrics::interval::Interval;

use super::{Lacking, Line, RankTests, ResultTable, Setting, Value};
use crate::export::Export;
use crate::grid::Grid;
use crate::inversion::Inverted;
use crate::verdict::{Printed, Verdict, as_printed};

/// The columns of details that a table of our own has no use for.
const OF_PRINTED: [&str; 3] = ["printed", "percentile", "verdict"];

/// What stands for a value that is not there.
const NOTHING: &str = "–";
/// What marks a column whose method is reconstructed.
const RECONSTRUCTION: &str = "†";

impl Export for ResultTable {
    fn to_text(&self) -> String {
        format!("{}\n{}\n{}", self.heading(), self.grid().to_text(), self.note_lines("  "))
    }

    /// The same, with the details folded.
    fn to_markdown(&self) -> String {
        let details = format!(
            "<details><summary>Intervals, runs and percentiles</summary>\n\n{}\n</details>\n",
            self.detail_grid().to_markdown()
        );
        let tests = if self.tests.is_empty() {
            String::new()
        } else {
            let grid = RankTests::grid(&self.tests, &self.columns).to_markdown();
            format!(
                "\n### Tests behind the ranks\n\n{}\n\n{grid}",
                RankTests::legend(&self.tests, self.columns.len())
            )
        };
        let inverted = if self.inverted.is_empty() {
            String::new()
        } else {
            let matrices = self.inverted_grid().to_markdown();
            format!("<details><summary>{}</summary>\n\n{matrices}\n</details>\n", self.inverted_title())
        };
        format!(
            "## {}\n\n{}\n{}\n{details}{inverted}{tests}",
            self.heading(),
            self.grid().to_markdown(),
            self.note_lines("- ")
        )
    }

    fn heading(&self) -> String {
        let whose = if self.printed { "Table" } else { "Our table" };
        format!("{whose} {}. {}", self.number, self.caption)
    }

    /// A line a metric of a data set; in each cell the printed value and those of the protocols.
    fn grid(&self) -> Grid {
        let columns = self.columns.iter().map(|column| {
            if self.reconstructed.contains(column) {
                format!("{column} {RECONSTRUCTION}")
            } else {
                column.clone()
            }
        });
        let header = [self.first_column(), "metric"].into_iter().map(String::from).chain(columns);
        let protocols = self.main_protocols();
        let rows = self.lines.iter().map(|line| {
            let cells = (0..self.columns.len()).map(|column| line.summary(column, self.printed, &protocols));
            [line.name(), line.title.clone()].into_iter().chain(cells).collect()
        });
        Grid { header: header.collect(), rows: rows.collect(), text_columns: 2 }
    }

    fn to_records(&self) -> Vec<Vec<String>> {
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
        let mut records = vec![header.map(String::from).to_vec()];
        for line in &self.lines {
            for setting in &line.settings {
                for (place, value) in setting.values.iter().enumerate() {
                    records.push(self.csv_cells(line, setting, place, value));
                }
            }
        }
        records
    }
}

impl ResultTable {
    /// What lines are of.
    fn first_column(&self) -> &'static str {
        if self.is_by_learner() { "learner" } else { "data set" }
    }

    /// Whether its lines are of learners over all data sets.
    fn is_by_learner(&self) -> bool {
        self.lines.first().is_some_and(|line| line.row.is_empty())
    }

    /// A line a value that was measured.
    pub(crate) fn detail_grid(&self) -> Grid {
        let header = [
            self.first_column(),
            "metric",
            "column",
            "protocol",
            "printed",
            "mean",
            "95 % of the mean",
            "95 % of one unit",
            // Mean ranks are over data sets.
            if self.is_by_learner() { "data sets" } else { "units" },
            "runs",
            "percentile",
            "verdict",
        ];
        let mut rows = Vec::new();
        for line in &self.lines {
            for setting in &line.settings {
                for (place, value) in setting.values.iter().enumerate() {
                    if value.sample.values.is_empty() {
                        continue;
                    }
                    let mut row = line.details(&self.columns[place], setting, place, value);
                    if value.verdict.is_some() && self.reconstructed.contains(&self.columns[place]) {
                        let verdict = row.last_mut().expect("the verdict");
                        *verdict = format!("{verdict} (reconstruction)");
                    }
                    rows.push(row);
                }
            }
        }
        if !self.printed {
            let kept = |place: &usize| !OF_PRINTED.contains(&header[*place]);
            let kept: Vec<usize> = (0..header.len()).filter(kept).collect();
            for row in &mut rows {
                *row = kept.iter().map(|&place| std::mem::take(&mut row[place])).collect();
            }
            let header = kept.iter().map(|&place| header[place].to_owned()).collect();
            return Grid { header, rows, text_columns: 4 };
        }
        Grid { header: header.map(String::from).into(), rows, text_columns: 4 }
    }

    pub(crate) fn inverted_title(&self) -> String {
        format!(
            "{} printed pairs that only one confusion matrix gives: single runs, with their exact 95 % intervals, beside ours \
             under the paper's protocol",
            self.inverted.len()
        )
    }

    /// A line a printed matrix: the rows that were right, the recall of each class with the interval that follows
    /// from the count, and the recalls of our runs with the interval of one run.
    pub(crate) fn inverted_grid(&self) -> Grid {
        let header = [
            "data set",
            "column",
            "majority, right",
            "recall, printed (exact 95 %)",
            "ours (95 % of one run)",
            "minority, right",
            "recall, printed (exact 95 %)",
            "ours (95 % of one run)",
            "could be one of our runs",
        ];
        let rows = self.inverted.iter().map(|inverted| {
            let majority = usize::from(inverted.counts.rows[0] < inverted.counts.rows[1]);
            let classes = [majority, 1 - majority].into_iter().flat_map(|class| inverted.cells(class));
            let could_be =
                inverted.could_be_ours().map_or(NOTHING, |it_could| if it_could { "yes" } else { "no" });
            let names = [inverted.row.clone(), inverted.column.clone()];
            names.into_iter().chain(classes).chain([could_be.to_owned()]).collect()
        });
        Grid { header: header.map(String::from).into(), rows: rows.collect(), text_columns: 2 }
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

    fn note_lines(&self, bullet: &str) -> String {
        self.notes().iter().fold(String::new(), |mut text, note| {
            let _ = writeln!(text, "{bullet}{note}");
            text
        })
    }

    /// What the signs mean, the tally, and what to know of the table.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let protocols = self.main_protocols().join(" · ");
        if self.printed {
            notes.push(format!(
                "Each entry shows: printed · {protocols} ({NOTHING}: not run). Signs: {}.",
                legend(Verdict::to_string)
            ));
        } else {
            notes.push(format!("Each entry shows: {protocols}."));
        }
        for (label, counts) in self.tally() {
            let total: usize = counts.values().sum();
            let judged: usize = Verdict::ALL[..4].iter().filter_map(|verdict| counts.get(verdict)).sum();
            if total > 0 {
                let is_papers = self.is_papers(&label);
                let named =
                    |(verdict, count): (&Verdict, &usize)| format!("{count} {}", verdict.name(is_papers));
                let counts: Vec<String> = counts.iter().map(named).collect();
                let by_chance = match judged {
                    0 => String::new(),
                    some => format!(
                        " Of {some} judged, chance alone could call {:.1} different.",
                        some as f64 * 0.01
                    ),
                };
                notes.push(format!("Verdicts, {label}: {}.{by_chance}", counts.join(", ")));
            }
        }
        notes.extend(self.detectable().filter(|_| self.printed));
        if !self.reconstructed.is_empty() {
            let columns = self.reconstructed.join(", ");
            notes.push(format!(
                "{RECONSTRUCTION} {columns}: reconstructed from published descriptions, as there is no public code; \
                 their verdicts are of the reconstruction."
            ));
        }
        notes.extend(self.proofs.iter().map(|proof| format!("Arithmetic: {proof}.")));
        notes.extend(self.choices.iter().cloned());
        notes.extend(self.reasons.iter().cloned());
        notes
    }

    /// Whether a reading is of the paper's own protocol.
    fn is_papers(&self, label: &str) -> bool {
        let mut settings = self.lines.iter().flat_map(|line| &line.settings);
        settings.any(|setting| setting.is_papers && setting.label() == label)
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
                "The smallest difference between a printed value and our mean that would be called different, as the \
                 median over the table: {}.",
                said.join("; ")
            )
        })
    }
}

/// A percentile; the ends say that the value lies beyond what was seen.
pub(crate) fn percentile_text(percentile: f64) -> String {
    match percentile {
        low if low <= 0.5 => "below P1".to_owned(),
        high if high >= 99.5 => "above P99".to_owned(),
        middle => format!("P{middle:.0}"),
    }
}

/// The signs of verdicts, each with what is said of it.
pub(crate) fn legend(of: impl Fn(&Verdict) -> String) -> String {
    let signs = Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::NotAttempted);
    signs.map(|verdict| format!("{} {}", verdict.sign(), of(verdict))).collect::<Vec<_>>().join(", ")
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
            Some(Printed::Value(value)) => as_printed(value, self.decimals),
            Some(Printed::NotApplicable) => "NA".to_owned(),
            None => NOTHING.to_owned(),
        }
    }

    /// The printed value and the main value of each protocol, with the signs of verdicts.
    fn summary(&self, column: usize, with_printed: bool, protocols: &[String]) -> String {
        let main = |protocol: &String| {
            self.settings.iter().find(|setting| setting.is_main && setting.protocol == *protocol)
        };
        let measured = protocols.iter().map(|protocol| {
            let Some(setting) = main(protocol) else { return NOTHING.to_owned() };
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
        let interval = |interval: Option<Interval>| {
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
            percentile.map_or(NOTHING.to_owned(), percentile_text),
            value.verdict.map_or(NOTHING.to_owned(), |verdict| verdict.name(setting.is_papers).to_owned()),
        ]
    }
}

impl Inverted {
    /// Of a class: rows that were right, and the recalls, printed and ours, in percent.
    fn cells(&self, class: usize) -> [String; 3] {
        let (right, rows) = (self.counts.right[class], self.counts.rows[class]);
        let recall = |value: f64, interval: Interval| {
            let [value, lower, upper] = [value, interval.lower, interval.upper].map(|share| 100.0 * share);
            format!("{value:.1} ({lower:.1} to {upper:.1})")
        };
        let ours = self.ours.map(|ours| ours[class]);
        [
            format!("{right} of {rows}"),
            recall(right as f64 / rows as f64, self.printed[class]),
            ours.map_or(NOTHING.to_owned(), |(mean, interval)| recall(mean, interval)),
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
