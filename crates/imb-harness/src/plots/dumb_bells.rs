//! Dumb-bells: the printed value and ours at the two ends, with our intervals.

use super::Plot;
use super::row_chart::{Group, Row, RowChart};
use crate::grid::Grid;
use crate::results::{Line, ResultTable, Setting, Source};
use crate::verdict::{Printed, Verdict};

/// A plot a metric of each printed table, under the paper's own protocol.
pub(super) fn plots(source: &Source<'_>, tables: &[ResultTable]) -> Vec<Plot> {
    let mut plots = Vec::new();
    for table in tables.iter().filter(|table| table.printed) {
        let spec = source.paper.spec.tables.iter().find(|spec| spec.number == table.number);
        for line in spec.into_iter().flat_map(|spec| &spec.lines) {
            let name = format!("dumb_bells_{}_{}", table.number, line.metric);
            plots.extend(plot(table, &line.title, name));
        }
    }
    plots
}

/// The plot of one metric; none where no printed value was measured.
fn plot(table: &ResultTable, title: &str, name: String) -> Option<Plot> {
    let mut numbers = Grid { header: header(), rows: Vec::new(), text_columns: 2 };
    let (mut groups, mut label) = (Vec::new(), String::new());
    let mut verdicts: Vec<Verdict> = Vec::new();
    for line in table.lines.iter().filter(|line| line.title == title) {
        let is_papers = |setting: &&Setting| setting.is_papers && setting.is_main;
        let Some(setting) = line.settings.iter().find(is_papers) else { continue };
        let mut rows = Vec::new();
        for (column, name) in table.columns.iter().enumerate() {
            let Some((row, verdict)) = row(line, setting, column, name) else { continue };
            numbers.rows.push(number_row(line, &row, verdict));
            verdicts.extend(verdict);
            rows.push(row);
        }
        if !rows.is_empty() {
            label = setting.label();
            groups.push(Group { title: line.name(), rows });
        }
    }
    let chart = RowChart { groups, x_label: format!("{title} ({label})"), reference: None };
    let count = |wanted: &[Verdict]| verdicts.iter().filter(|verdict| wanted.contains(verdict)).count();
    let alternative = format!(
        "{} rows of printed {title} and ours under {label}: {} hold, {} are doubtful, {} differ.",
        numbers.rows.len(),
        count(&[Verdict::Reproduced, Verdict::Compatible]),
        count(&[Verdict::Doubtful]),
        count(&[Verdict::Differs])
    );
    Some(Plot {
        name,
        title: format!("Table {}, {title}: printed and ours, {label}", table.number),
        alternative,
        legend: "Hollow diamond: printed. Dot: the mean of our runs; thick line: its 95 % interval; thin line with \
                 ends: 95 % of one further unit of runs. At the right: the sign of the verdict."
            .to_owned(),
        drawn: Some(chart.draw()?),
        numbers,
    })
}

fn row(line: &Line, setting: &Setting, column: usize, name: &str) -> Option<(Row, Option<Verdict>)> {
    let value = &setting.values[column];
    let judged = value.judged.as_ref()?;
    let row = Row {
        label: name.to_owned(),
        mean: judged.mean?,
        of_mean: judged.of_mean,
        of_unit: judged.of_unit,
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
    let interval = |interval: Option<imb_metrics::interval::Interval>| {
        interval.map_or("–".to_owned(), |of| format!("{:.digits$} to {:.digits$}", of.lower, of.upper))
    };
    vec![
        line.name(),
        row.label.clone(),
        row.printed.map_or("–".to_owned(), |printed| format!("{printed:.*}", line.decimals)),
        format!("{:.digits$}", row.mean),
        interval(row.of_mean),
        interval(row.of_unit),
        verdict.map_or("–".to_owned(), |verdict| verdict.to_string()),
    ]
}
