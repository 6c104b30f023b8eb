//! What resampling costs: processor seconds of each column's resampler on each data set.

use anyhow::Result;
use kuva::plot::ScatterPlot;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::names::{colour_of, shape_of};
use super::{WithData, panels};
use crate::grid::Grid;
use crate::results::Source;
use crate::spec::FigureSpec;

/// Draws the mean over folds, on a logarithmic axis. Rows made once for several learners count once.
pub(super) fn draw(source: &Source<'_>, figure: &FigureSpec, protocol: &str) -> Result<Option<WithData>> {
    let header = ["data_set".to_owned()].into_iter().chain(figure.columns.iter().cloned()).collect();
    let mut numbers = Grid { header, rows: Vec::new(), text_columns: 1 };
    let mut points: Vec<Vec<(f64, f64)>> = vec![Vec::new(); figure.columns.len()];
    for (number, entry) in source.entries.iter().enumerate() {
        let mut cells = vec![entry.row.clone()];
        for (column, of_column) in figure.columns.iter().zip(&mut points) {
            let mut seconds = Vec::new();
            for learner in source.paper.spec.learners.keys() {
                if let Some(family) = source.family(entry, protocol, column, Some(learner))? {
                    let records = source.runs(entry, &family)?.records;
                    seconds.extend(records.iter().filter_map(|record| record.cost.resampling()));
                }
            }
            let mean = seconds.iter().sum::<f64>() / seconds.len() as f64;
            let mean = (!seconds.is_empty()).then_some(mean);
            cells.push(mean.map_or(String::new(), |mean| format!("{mean:.4}")));
            // Times are recorded to a tenth of a millisecond.
            of_column.extend(mean.map(|mean| ((number + 1) as f64, mean.max(1e-4))));
        }
        numbers.rows.push(cells);
    }
    if points.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let mut plots = Vec::new();
    for (column, points) in figure.columns.iter().zip(points).filter(|(_, points)| !points.is_empty()) {
        let spec = &source.paper.spec;
        let scatter = ScatterPlot::new()
            .with_data(points)
            .with_color(colour_of(spec, column))
            .with_marker(shape_of(spec, column))
            .with_size(6.0)
            .with_legend(column.clone());
        plots.push(Plot::Scatter(scatter));
    }
    let layout = Layout::auto_from_plots(&plots)
        .with_title(format!("Processor seconds of one fold's resampling, {protocol}"))
        .with_y_label("seconds")
        .with_log_y()
        .with_x_axis_min(0.5)
        .with_x_axis_max(source.entries.len() as f64 + 0.5)
        .with_x_categories(source.entries.iter().map(|entry| entry.row.clone()).collect());
    Ok(Some(WithData { drawn: panels(vec![plots], vec![layout], [1000.0, 480.0]), numbers }))
}
