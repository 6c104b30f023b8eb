//! A measure of a column for every pair of two parameters' values, as a grid of its means over runs.

use imb_metrics::Direction;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::number_grid::NumberGrid;
use super::shown::Shown;
use super::sweep::{Point, count_text, factor, points, title, value_label};
use super::{Drawn, panels};
use crate::measure::Measure;

/// Characters of a title that fit into the width of a picture.
const TITLE_LINE: usize = 60;

/// Draws a grid for each measure: the first parameter from bottom to top, the second from left to right.
pub(super) fn draw(shown: &Shown<'_>) -> Option<Drawn> {
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for name in &shown.figure.measures {
        let (panel, layout) = grid(shown, name)?;
        plots.push(panel);
        layouts.push(layout);
    }
    (!plots.is_empty()).then(|| panels(plots, layouts, [760.0, 560.0]))
}

fn grid(shown: &Shown<'_>, name: &String) -> Option<(Vec<Plot>, Layout)> {
    let [by_row, by_column] = &shown.figure.sweep.as_ref()?[..] else { return None };
    let names = std::slice::from_ref(name);
    let (points, factor) = (points(shown, name)?, factor(names)?);
    let (mut rows, columns) = (values_of(&points, 0), values_of(&points, 1));
    // The largest at the top, as on an axis.
    rows.reverse();
    let mean = |row: f64, column: f64| {
        let point = points.iter().find(|point| point.values == [row, column])?;
        Some(factor * point.mean)
    };
    let numbers_of = |row: &f64| columns.iter().map(|column| mean(*row, *column)).collect();
    let numbers: Vec<Vec<f64>> = rows.iter().map(numbers_of).collect::<Option<_>>()?;
    let text = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>();
    let (plots, layout) = NumberGrid { rows: text(&rows), columns: text(&columns), numbers }.panel();
    let is_higher = Measure::named(name).ok()?.direction() == Direction::HigherIsBetter;
    let better = if is_higher { "more" } else { "less" };
    let label = format!(
        "{by_column}; in the grid {}, the mean of {}: {better} is better",
        value_label(shown.spec, names)?,
        count_text(points.iter())?
    );
    let layout = layout.with_title(title(shown)).with_title_wrap(TITLE_LINE);
    let layout = layout.with_x_label(label).with_x_label_wrap(80);
    Some((plots, layout.with_y_label(by_row.clone())))
}

/// The values of the first or the second parameter, ascending.
fn values_of(points: &[Point], side: usize) -> Vec<f64> {
    let mut values: Vec<f64> = points.iter().map(|point| point.values[side]).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}
