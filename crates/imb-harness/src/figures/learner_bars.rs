//! Bars of a measure on every data set: a panel a learner, a bar a column.

use std::collections::BTreeSet;

use anyhow::Result;
use kuva::plot::annotations::TextAnnotation;
use kuva::plot::{BarPlot, LegendEntry, LegendShape};
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::names::{capitalised, colour_of, learner_title, metric_title};
use super::{Drawn, WithData};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::record::Record;
use crate::results::Source;
use crate::spec::{Evaluation, FigureSpec, Spec};

/// The share of a data set's place on the axis that its bars take.
const WIDTH: f64 = 0.8;

/// A colour that is not painted. kuva keeps the place of a bar only if there is one.
const UNPAINTED: &str = "none";

/// Draws a panel for each learner of which anything was run, of the means over folds. A column without a mean has no
/// bar: a mark stands at its place.
pub(super) fn draw(source: &Source<'_>, figure: &FigureSpec, protocol: &str) -> Result<Option<WithData>> {
    let spec = &source.paper.spec;
    let table = spec.rank_table()?;
    let measure = Measure::named(table.metric_under(figure.measure()?, protocol))?;
    let title = metric_title(spec, figure.measure()?);
    let header = ["learner", "data_set"].map(String::from).into_iter().chain(figure.columns.iter().cloned());
    let mut numbers = Grid { header: header.collect(), rows: Vec::new(), text_columns: 2 };
    let (mut plots, mut layouts, mut marks) = (Vec::new(), Vec::new(), BTreeSet::new());
    for learner in table.learners_of(spec) {
        let rows = rows_of(source, figure, protocol, &learner, &measure)?;
        if rows.iter().flat_map(|(_, values)| values).all(|value| value.mean().is_none()) {
            continue;
        }
        numbers.rows.extend(rows.iter().map(|(row, values)| csv_row(&learner, row, values)));
        let panel = vec![Plot::Bar(bars(spec, &figure.columns, &rows))];
        let mut layout = Layout::auto_from_plots(&panel)
            .with_title(format!("{}, {}, {protocol}", capitalised(title), learner_title(spec, &learner)))
            .with_y_label(title)
            .with_y_axis_min(0.0);
        for (mark, x) in marks_of(&rows) {
            marks.insert(mark);
            layout = layout.with_annotation(TextAnnotation::new(mark.sign(), x, 0.0).with_font_size(9));
        }
        layouts.push(layout);
        plots.push(panel);
    }
    if plots.is_empty() {
        return Ok(None);
    }
    let structure = (0..plots.len()).map(|panel| vec![panel]).collect();
    let drawn = Figure::new(plots.len(), 1).with_structure(structure).with_plots(plots).with_layouts(layouts);
    let drawn = drawn.with_cell_size(1100.0, 260.0).with_shared_legend();
    let drawn = drawn.with_shared_legend_entries(legend(spec, &figure.columns, &marks));
    Ok(Some(WithData { drawn: Drawn(drawn.render()), numbers }))
}

/// What is known of a column on a data set.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    /// The mean over folds.
    Mean(f64),
    /// Why there is none.
    Lacking(Mark),
}

/// What stands at the place of a bar that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    NotRun,
    NotApplicable,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::NotRun => "–",
            Self::NotApplicable => "NA",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::NotRun => "not run",
            Self::NotApplicable => "no value",
        }
    }
}

impl Value {
    fn of(records: &[&Record], measure: &Measure) -> Self {
        if records.is_empty() {
            return Self::Lacking(Mark::NotRun);
        }
        let value = |record: &&Record| measure.of(record.done()?, None, Evaluation::Last).ok();
        let values: Vec<f64> = records.iter().filter_map(value).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        if mean.is_finite() { Self::Mean(mean) } else { Self::Lacking(Mark::NotApplicable) }
    }

    fn mean(self) -> Option<f64> {
        if let Self::Mean(mean) = self { Some(mean) } else { None }
    }
}

/// The values of each column, by data set.
fn rows_of(
    source: &Source<'_>,
    figure: &FigureSpec,
    protocol: &str,
    learner: &String,
    measure: &Measure,
) -> Result<Vec<(String, Vec<Value>)>> {
    let mut rows = Vec::new();
    for entry in &source.entries {
        let mut values = Vec::new();
        for column in &figure.columns {
            let family = source.family(entry, protocol, column, Some(learner))?;
            let runs = family.map(|family| source.runs(entry, &family)).transpose()?.unwrap_or_default();
            values.push(Value::of(&runs.records, measure));
        }
        rows.push((entry.row.clone(), values));
    }
    Ok(rows)
}

fn csv_row(learner: &str, row: &str, values: &[Value]) -> Vec<String> {
    let number = |value: &Value| value.mean().map_or(String::new(), |mean| format!("{mean:.6}"));
    [learner.to_owned(), row.to_owned()].into_iter().chain(values.iter().map(number)).collect()
}

/// A group a data set, with a place for every column.
fn bars(spec: &Spec, columns: &[String], rows: &[(String, Vec<Value>)]) -> BarPlot {
    rows.iter().fold(BarPlot::new().with_width(WIDTH), |plot, (row, values)| {
        let bars = columns.iter().zip(values).map(|(column, value)| match value {
            Value::Mean(mean) => (*mean, colour_of(spec, column)),
            Value::Lacking(_) => (0.0, UNPAINTED),
        });
        plot.with_group(row, bars)
    })
}

/// The marks, with the middles of the bars at whose places they stand.
fn marks_of(rows: &[(String, Vec<Value>)]) -> Vec<(Mark, f64)> {
    let mut marks = Vec::new();
    for (group, (_, values)) in rows.iter().enumerate() {
        for (bar, value) in values.iter().enumerate() {
            if let Value::Lacking(mark) = value {
                let from_left = (bar as f64 + 0.5) / values.len() as f64;
                marks.push((*mark, (group + 1) as f64 + WIDTH * (from_left - 0.5)));
            }
        }
    }
    marks
}

/// The columns, and the marks that stand for bars.
fn legend(spec: &Spec, columns: &[String], marks: &BTreeSet<Mark>) -> Vec<LegendEntry> {
    let entry = |label: String, colour: &str| LegendEntry {
        label,
        color: colour.to_owned(),
        shape: LegendShape::Rect,
        dasharray: None,
    };
    let columns = columns.iter().map(|column| entry(column.clone(), colour_of(spec, column)));
    let marks = marks.iter().map(|mark| entry(format!("{}: {}", mark.sign(), mark.meaning()), UNPAINTED));
    columns.chain(marks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;

    #[test]
    fn nine_columns_give_nine_bars_and_what_was_not_run_gives_none() {
        let spec = papers(&["adversarial".to_owned()]).expect("well formed").remove(0).spec;
        let columns = spec.table(2).expect("a table").columns.clone();
        assert_eq!(columns.len(), 9);
        let mut values = vec![Value::Mean(0.5); 9];
        let of = |values: &[Value]| bars(&spec, &columns, &[("a".to_owned(), values.to_vec())]);
        let painted =
            |plot: &BarPlot| plot.groups[0].bars.iter().filter(|bar| bar.color != UNPAINTED).count();
        assert_eq!(painted(&of(&values)), 9);
        values[8] = Value::Lacking(Mark::NotRun);
        let plot = of(&values);
        assert_eq!((plot.groups[0].bars.len(), painted(&plot)), (9, 8), "its place stays");
        let marks = marks_of(&[("a".to_owned(), values)]);
        assert_eq!(marks.len(), 1);
        assert!(marks[0].0 == Mark::NotRun && (marks[0].1 - (1.4 - 0.4 / 9.0)).abs() < 1e-12, "{marks:?}");
        let labels = legend(&spec, &columns, &[Mark::NotRun].into());
        assert_eq!(labels.len(), 10);
        assert_eq!(labels[9].label, "–: not run");
    }

    #[test]
    fn no_record_is_not_run() {
        let measure = Measure::named("macro_f1_score").expect("known");
        assert_eq!(Value::of(&[], &measure), Value::Lacking(Mark::NotRun));
        assert_eq!(
            csv_row("br", "a, b", &[Value::Mean(0.5), Value::Lacking(Mark::NotRun)]),
            ["br", "a, b", "0.500000", ""]
        );
    }
}
