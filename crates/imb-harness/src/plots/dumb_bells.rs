//! Dumb-bells: the printed value and ours at the two ends, with our intervals.

use imb_metrics::interval::Interval;

use super::Plot;
use super::row_chart::{Group, Row, RowChart, Sign};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::results::{Line, ResultTable, Setting, Source};
use crate::spec::{LineSpec, Statistic, TableSpec};
use crate::verdict::{Printed, Verdict, as_printed};

/// A plot a metric of each printed table, under the paper's own protocol.
pub(super) fn plots(source: &Source<'_>, tables: &[ResultTable]) -> Vec<Plot> {
    let mut plots = Vec::new();
    for table in tables.iter().filter(|table| table.printed) {
        let Some(spec) = source.paper.spec.table(table.number) else { continue };
        plots.extend(spec.lines.iter().filter_map(|line| DumbBells { table, spec, line }.plot()));
    }
    plots
}

/// One metric of a printed table.
struct DumbBells<'a> {
    table: &'a ResultTable,
    spec: &'a TableSpec,
    line: &'a LineSpec,
}

impl DumbBells<'_> {
    /// The plot; none where no printed value was measured.
    fn plot(&self) -> Option<Plot> {
        let mut numbers = Grid { header: header(), rows: Vec::new(), text_columns: 2 };
        let (mut groups, mut label) = (Vec::new(), String::new());
        let mut verdicts: Vec<Verdict> = Vec::new();
        let range = self.range()?;
        let is_of = |line: &&Line| line.title == self.line.title && line.metric == self.line.metric;
        for line in self.table.lines.iter().filter(is_of) {
            let is_papers = |setting: &&Setting| setting.is_papers && setting.is_main;
            let Some(setting) = line.settings.iter().find(is_papers) else { continue };
            if self.is_of_ranks() && !is_judged(setting) {
                continue;
            }
            let mut rows = Vec::new();
            for (column, name) in self.table.columns.iter().enumerate() {
                let Some((row, verdict)) = row(line, setting, column, name, range) else { continue };
                numbers.rows.push(number_row(line, &row, verdict));
                verdicts.extend(verdict);
                rows.push(row);
            }
            if !rows.is_empty() {
                label = setting.label();
                groups.push(Group { title: line.name(), rows });
            }
        }
        let count = |wanted: &[Verdict]| verdicts.iter().filter(|verdict| wanted.contains(verdict)).count();
        let alternative = format!(
            "{} rows of printed {} and ours under {label}: {} hold, {} are doubtful, {} differ.",
            numbers.rows.len(),
            self.line.title,
            count(&[Verdict::Reproduced, Verdict::Compatible]),
            count(&[Verdict::Doubtful]),
            count(&[Verdict::Differs])
        );
        let title = format!("Table {}, {}: printed and ours, {label}", self.table.number, self.line.title);
        let x_label = format!("{} ({label})", self.measured());
        let chart = RowChart { title: title.clone(), key: key(), groups, x_label, reference: None };
        Some(Plot {
            name: format!("dumb_bells_{}_{}", self.table.number, self.line.metric),
            title,
            alternative,
            legend: "Hollow diamond: printed. Dot: the mean of our runs; thick line: its 95 % interval; thin line with \
                     ends: 95 % of one further unit of runs. At the right: the sign of the verdict."
                .to_owned(),
            drawn: Some(chart.draw()?),
            numbers,
        })
    }

    fn is_of_ranks(&self) -> bool {
        self.spec.statistic == Statistic::MeanRank
    }

    /// What the axis shows, with its unit.
    fn measured(&self) -> String {
        let title = &self.line.title;
        match (self.is_of_ranks(), self.spec.percent) {
            (true, _) => format!("mean rank by {title} (1 is best)"),
            (false, true) => format!("{title}, %"),
            (false, false) => title.clone(),
        }
    }

    /// The least and the greatest value that there can be.
    fn range(&self) -> Option<(f64, f64)> {
        if self.is_of_ranks() {
            return Some((1.0, self.table.columns.len() as f64));
        }
        let (least, greatest) = Measure::named(&self.line.metric).ok()?.range();
        let scale = if self.spec.percent { 100.0 } else { 1.0 };
        Some((scale * least, scale * greatest))
    }
}

/// Whether mean ranks can be compared with the printed ones: they are of all columns, over all data sets and folds.
/// Any others are other ranks.
fn is_judged(setting: &Setting) -> bool {
    setting.values.iter().any(|value| value.verdict.is_some_and(Verdict::is_judgement))
}

fn key() -> Vec<(Sign, &'static str)> {
    vec![
        (Sign::Printed, "printed"),
        (Sign::Mean, "our mean, its 95 % interval"),
        (Sign::Unit, "95 % of one further unit"),
    ]
}

/// A row, with its intervals clipped to the range of the metric.
fn row(
    line: &Line,
    setting: &Setting,
    column: usize,
    name: &str,
    (least, greatest): (f64, f64),
) -> Option<(Row, Option<Verdict>)> {
    let value = &setting.values[column];
    let judged = value.judged.as_ref()?;
    let clipped = |interval: Interval| Interval {
        lower: interval.lower.max(least),
        upper: interval.upper.min(greatest),
    };
    let row = Row {
        label: name.to_owned(),
        mean: judged.mean?,
        of_mean: judged.of_mean.map(clipped),
        of_unit: judged.of_unit.map(clipped),
        printed: Some(line.printed[column].and_then(Printed::value)?),
        remark: value.verdict.map_or("", Verdict::sign).to_owned(),
    };
    Some((row, value.verdict))
}

fn header() -> Vec<String> {
    ["data set", "column", "printed", "our mean", "95 % of the mean", "95 % of one unit", "verdict"]
        .map(String::from)
        .into()
}

fn number_row(line: &Line, row: &Row, verdict: Option<Verdict>) -> Vec<String> {
    let digits = line.decimals + 1;
    let interval = |interval: Option<Interval>| {
        interval.map_or("–".to_owned(), |of| format!("{:.digits$} to {:.digits$}", of.lower, of.upper))
    };
    vec![
        line.name(),
        row.label.clone(),
        row.printed.map_or("–".to_owned(), |printed| as_printed(printed, line.decimals)),
        format!("{:.digits$}", row.mean),
        interval(row.of_mean),
        interval(row.of_unit),
        verdict.map_or("–".to_owned(), |verdict| verdict.to_string()),
    ]
}
