//! The sets that a search accepted, by what they lack on the validation rows: one colour a run.

use std::collections::BTreeMap;

use kuva::plot::ScatterPlot;
use kuva::plot::scatter::MarkerShape;
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::{COLOURS, Drawn};
use crate::evidence::Done;
use crate::record::Record;
use crate::spec::FigureSpec;

const SHAPES: [MarkerShape; 6] = [
    MarkerShape::Circle,
    MarkerShape::Square,
    MarkerShape::Triangle,
    MarkerShape::Diamond,
    MarkerShape::TriangleDown,
    MarkerShape::Plus,
];

/// Runs that are shown, as in the paper.
pub(super) const RUNS: usize = 5;

/// A point an accepted step, a colour and a shape a run.
pub(super) fn draw(figure: &FigureSpec, title: &str, records: &[Vec<&Record>]) -> Option<Drawn> {
    let mut plots = Vec::new();
    for (run, record) in records.first()?.iter().take(RUNS).enumerate() {
        let points = record.done().map(accepted).unwrap_or_default();
        let label = format!("run {} ({} accepted)", record.place.run + 1, points.len());
        let scatter = ScatterPlot::new()
            .with_data(points)
            .with_color(COLOURS[run % COLOURS.len()])
            .with_marker(SHAPES[run % SHAPES.len()])
            .with_size(5.0)
            .with_legend(label);
        plots.push(Plot::Scatter(scatter));
    }
    let layout = Layout::auto_from_plots(&plots)
        .with_title(format!("{}: {title}", figure.dataset))
        .with_x_label("1 - minority F1 on validation rows")
        .with_y_label("1 - macro F1 on validation rows");
    let drawn = Figure::new(1, 1).with_structure(vec![vec![0]]).with_plots(vec![plots]);
    Some(Drawn(drawn.with_layouts(vec![layout]).with_cell_size(900.0, 560.0).render()))
}

/// What each accepted step lacks: minority F1, macro F1.
fn accepted(done: &Done) -> Vec<(f64, f64)> {
    let lacks = |step: &BTreeMap<String, f64>| {
        let accepted = step.get("accepted") == Some(&1.0);
        let values = (step.get("minority_f1_score")?, step.get("macro_f1_score")?);
        accepted.then_some((1.0 - values.0, 1.0 - values.1))
    };
    done.series.get("steps").into_iter().flatten().filter_map(lacks).collect()
}
