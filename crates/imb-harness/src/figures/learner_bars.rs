//! Bars of a measure on every data set: a panel a learner, a bar a column.

use anyhow::Result;
use kuva::plot::BarPlot;
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::{Drawn, RANKED_COLOURS, WithData};
use crate::measure::Measure;
use crate::results::Source;
use crate::spec::{Evaluation, FigureSpec};

/// Draws a panel for each learner of which anything was run; the means over folds stand beside as CSV. A column
/// that has not been run has no bar.
pub(super) fn draw(source: &Source<'_>, figure: &FigureSpec, protocol: &str) -> Result<Option<WithData>> {
    let table = source.paper.spec.rank_table()?;
    let metric = table.metric_under(figure.measure()?, protocol);
    let measure = Measure::named(metric)?;
    let mut csv = format!("learner,data_set,{}\n", figure.columns.join(","));
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for learner in table.learners_of(&source.paper.spec) {
        let rows = means(source, figure, protocol, &learner, &measure)?;
        if rows.iter().all(|(_, values)| values.iter().all(Option::is_none)) {
            continue;
        }
        for (row, values) in &rows {
            let cells = values.iter().map(|value| value.map_or(String::new(), |value| format!("{value:.6}")));
            csv += &format!("{learner},{row},{}\n", cells.collect::<Vec<_>>().join(","));
        }
        let is_first = plots.is_empty();
        let panel = vec![Plot::Bar(bars(figure, &rows, is_first))];
        let layout = Layout::auto_from_plots(&panel).with_title(format!("{learner}: {protocol}"));
        layouts.push(layout.with_y_label(metric.to_owned()).with_y_axis_min(0.0));
        plots.push(panel);
    }
    if plots.is_empty() {
        return Ok(None);
    }
    let structure = (0..plots.len()).map(|panel| vec![panel]).collect();
    let drawn = Figure::new(plots.len(), 1).with_structure(structure).with_plots(plots);
    let scene = drawn.with_layouts(layouts).with_cell_size(1100.0, 260.0).with_shared_legend().render();
    Ok(Some(WithData { drawn: Drawn(scene), csv }))
}

/// The mean over folds of each column, by data set.
fn means(
    source: &Source<'_>,
    figure: &FigureSpec,
    protocol: &str,
    learner: &String,
    measure: &Measure,
) -> Result<Vec<(String, Vec<Option<f64>>)>> {
    let mut rows = Vec::new();
    for entry in &source.entries {
        let mut of_columns = Vec::new();
        for column in &figure.columns {
            let family = source.family(entry, protocol, column, Some(learner))?;
            let runs = family.map(|family| source.runs(entry, &family)).transpose()?.unwrap_or_default();
            let value =
                |record: &&crate::record::Record| measure.of(record.done()?, None, Evaluation::Last).ok();
            let values: Vec<f64> = runs.records.iter().filter_map(value).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            of_columns.push((!values.is_empty()).then_some(mean));
        }
        rows.push((entry.row.clone(), of_columns));
    }
    Ok(rows)
}

fn bars(figure: &FigureSpec, rows: &[(String, Vec<Option<f64>>)], with_legend: bool) -> BarPlot {
    let mut plot = BarPlot::new();
    for (row, values) in rows {
        let bars = values.iter().zip(RANKED_COLOURS);
        plot = plot.with_group(row, bars.map(|(value, colour)| (value.unwrap_or(0.0), colour)));
    }
    if with_legend {
        plot = plot.with_legend(figure.columns.iter().map(String::as_str).collect());
    }
    plot
}
