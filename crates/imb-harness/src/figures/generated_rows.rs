//! Generated rows of a class before the real ones, on two principal components: one panel a column.

use kuva::plot::ScatterPlot;
use kuva::plot::scatter::MarkerShape;
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::{COLOURS, Drawn};
use crate::projection::Projection;
use crate::record::Record;
use crate::spec::FigureSpec;

/// Draws the first run of each column. Each panel has the components of its own run: splits are the same for all
/// columns, so real rows are too.
pub(super) fn draw(figure: &FigureSpec, title: &str, records: &[Vec<&Record>]) -> Option<Drawn> {
    let first = |records: &Vec<&Record>| records.iter().find_map(|record| record.done()?.projection.clone());
    let panels: Vec<Projection> = records.iter().map(first).collect::<Option<_>>()?;
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for (panel, column) in panels.iter().zip(&figure.columns) {
        let points = panel_plots(panel);
        let [first, second] = panel.explained.map(|share| 100.0 * share);
        let layout = Layout::auto_from_plots(&points)
            .with_title(format!("{} {column}: {title}. {}", figure.dataset, sentence(panel)))
            .with_x_label(format!("first principal component of the real rows ({first:.0} %)"))
            .with_y_label(format!("second ({second:.0} %)"));
        plots.push(points);
        layouts.push(layout);
    }
    let structure = (0..plots.len()).map(|panel| vec![panel]).collect();
    let drawn = Figure::new(plots.len(), 1).with_structure(structure).with_plots(plots);
    Some(Drawn(drawn.with_layouts(layouts).with_cell_size(900.0, 380.0).render()))
}

/// What the picture shows, from its numbers.
fn sentence(panel: &Projection) -> String {
    let [first, second] = panel.variance_shares().map(|share| 100.0 * share);
    let outside = 100.0 * panel.outside();
    format!(
        "Generated rows have {first:.0} % and {second:.0} % of the real variance; {outside:.0} % lie outside the real range"
    )
}

/// Generated rows behind, real ones before them.
fn panel_plots(panel: &Projection) -> Vec<Plot> {
    let points = |points: &[[f32; 2]]| -> Vec<(f64, f64)> {
        points.iter().map(|[x, y]| (f64::from(*x), f64::from(*y))).collect()
    };
    let kind = |rows: &[[f32; 2]], name: &str, colour: usize, shape: MarkerShape, size: f64| {
        let scatter = ScatterPlot::new()
            .with_data(points(rows))
            .with_color(COLOURS[colour])
            .with_marker(shape)
            .with_size(size)
            .with_legend(format!("{name}: {} rows", rows.len()));
        Plot::Scatter(scatter)
    };
    vec![
        kind(&panel.generated, "generated", 5, MarkerShape::Circle, 3.0),
        kind(&panel.real, "real", 1, MarkerShape::Triangle, 5.0),
    ]
}
