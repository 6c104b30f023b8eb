//! What resampling costs: processor seconds of each column's resampler on each data set.

use anyhow::Result;
use kuva::plot::ScatterPlot;
use kuva::plot::scatter::MarkerShape;
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::{Drawn, RANKED_COLOURS, WithData};
use crate::results::Source;
use crate::spec::FigureSpec;

/// A shape a column, so that they are told apart without colour.
const SHAPES: [MarkerShape; 8] = [
    MarkerShape::Circle,
    MarkerShape::Square,
    MarkerShape::Triangle,
    MarkerShape::Diamond,
    MarkerShape::TriangleDown,
    MarkerShape::Plus,
    MarkerShape::Cross,
    MarkerShape::Star,
];

/// Draws the mean over folds, on a logarithmic axis. Rows made once for several learners count once.
pub(super) fn draw(source: &Source<'_>, figure: &FigureSpec, protocol: &str) -> Result<Option<WithData>> {
    let mut csv = format!("data_set,{}\n", figure.columns.join(","));
    let mut points: Vec<Vec<(f64, f64)>> = vec![Vec::new(); figure.columns.len()];
    for (number, entry) in source.entries.iter().enumerate() {
        let mut cells = Vec::new();
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
        csv += &format!("{},{}\n", entry.row, cells.join(","));
    }
    if points.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let mut plots = Vec::new();
    for ((column, points), (colour, shape)) in
        figure.columns.iter().zip(points).zip(RANKED_COLOURS.into_iter().zip(SHAPES))
    {
        if points.is_empty() {
            continue;
        }
        let scatter = ScatterPlot::new().with_data(points).with_color(colour).with_marker(shape);
        plots.push(Plot::Scatter(scatter.with_size(6.0).with_legend(column.clone())));
    }
    let layout = Layout::auto_from_plots(&plots)
        .with_title(format!("processor seconds of one fold's resampling: {protocol}"))
        .with_y_label("seconds")
        .with_log_y()
        .with_x_axis_min(0.5)
        .with_x_axis_max(source.entries.len() as f64 + 0.5)
        .with_x_categories(source.entries.iter().map(|entry| entry.row.clone()).collect());
    let drawn = Figure::new(1, 1).with_structure(vec![vec![0]]).with_plots(vec![plots]);
    let scene = drawn.with_layouts(vec![layout]).with_cell_size(1000.0, 480.0).render();
    Ok(Some(WithData { drawn: Drawn(scene), csv }))
}
