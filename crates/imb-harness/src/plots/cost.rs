//! Cost against score: what a training takes, and what it gains.

use anyhow::Result;
use imb_data::Entry;
use kuva::render::render::TextAnchor::{End, Middle, Start};

use super::canvas::{Axis, Canvas, INK, Mark, PALE, width_of};
use super::labels::{Area, place_labels};
use super::{Plot, Scope};
use crate::figures::Drawn;
use crate::grid::Grid;

/// A column: CPU seconds of a cell and score, both means over the data sets that all columns have.
struct Point {
    column: String,
    seconds: f64,
    score: f64,
}

/// The plot; none where fewer than two columns have a data set in common.
pub(super) fn plot(scope: &Scope<'_>, learner: Option<&str>) -> Result<Option<Plot>> {
    let results = super::ranks::Results::of(scope, learner)?;
    if results.columns.len() < 2 || results.rows.is_empty() {
        return Ok(None);
    }
    let mut points = Vec::new();
    for (place, column) in results.columns.iter().enumerate() {
        let mut seconds = Vec::new();
        for entry in scope.entries().filter(|entry| results.rows.contains(&entry.row)) {
            seconds.extend(seconds_of_cell(scope, entry, column, learner)?);
        }
        let values = (mean(&seconds), mean(&results.values.column(place).to_vec()));
        if let (Some(seconds), Some(score)) = values {
            points.push(Point { column: column.clone(), seconds, score });
        }
    }
    let (metric, under, digits) = (scope.metric_title(), scope.under(learner), scope.digits());
    let rows = points.iter().map(|point| {
        vec![point.column.clone(), format!("{:.3}", point.seconds), format!("{:.digits$}", point.score)]
    });
    let header = ["column".to_owned(), "CPU seconds a cell".to_owned(), format!("mean {metric}")];
    let numbers = Grid { header: header.into(), rows: rows.collect(), text_columns: 1 };
    let Some(drawn) = draw(&points, &format!("{metric}{}", scope.unit())) else { return Ok(None) };
    let best = points.iter().max_by(|a, b| scope.measure.direction().compare(a.score, b.score));
    Ok(Some(Plot {
        name: scope.name("cost", learner),
        title: format!("Cost against {metric}, {under}"),
        alternative: format!(
            "{} columns by CPU seconds of a cell and mean {metric} over {}; the best is {}.",
            points.len(),
            results.rows.join(", "),
            best.map_or("none", |point| &point.column)
        ),
        legend: format!(
            "Means over the data sets that all of these columns have: {}. Seconds are those of one core, on a \
             logarithmic axis: of the column's resampling and of the training on its rows, without the choice of a \
             parameter.",
            results.rows.join(", ")
        ),
        drawn: Some(drawn),
        numbers,
    }))
}

/// The mean CPU seconds of a column's cells on a data set: of the learner's own stage, and of the column's resampling.
///
/// Rows that several learners share are charged to the one cell that made them, so that its sum would tell which
/// learner came first. Here each learner bears the mean over all cells that did resample.
fn seconds_of_cell(
    scope: &Scope<'_>,
    entry: &Entry,
    column: &str,
    learner: Option<&str>,
) -> Result<Option<f64>> {
    let mut resampling = Vec::new();
    for other in scope.learners() {
        let runs = scope.source.runs(entry, &scope.place(entry, column, other.as_deref()))?;
        resampling.extend(runs.records.iter().filter_map(|record| record.cost.resampling()));
    }
    let runs = scope.source.runs(entry, &scope.place(entry, column, learner))?;
    let own = runs.records.iter().filter_map(|record| record.cost.cpu_seconds.last());
    let own: Vec<f64> = own.map(|(_, seconds)| *seconds).collect();
    Ok(mean(&own).map(|own| own + mean(&resampling).unwrap_or(0.0)))
}

/// None of no values.
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

const SIZE: (f64, f64) = (640.0, 380.0);
const TOP: f64 = 28.0;
/// Where the axes meet.
const ORIGIN: (f64, f64) = (64.0, SIZE.1 - 52.0);

fn draw(points: &[Point], metric: &str) -> Option<Drawn> {
    let (left, bottom) = ORIGIN;
    // Records round seconds to a ten-thousandth.
    let log = |point: &Point| point.seconds.max(1e-4).log10();
    let widest = points.iter().map(|point| width_of(&point.column)).fold(0.0, f64::max);
    // From one decade to the next at least, so that equal costs have an axis too.
    let decades = points.iter().map(log).flat_map(|log| [log.floor(), log.floor() + 1.0]);
    let x = Axis::holding(decades, left + 8.0, SIZE.0 - 16.0 - widest)?;
    let y = Axis::holding(points.iter().map(|point| point.score), bottom - 8.0, TOP)?;
    let mut canvas = Canvas::new(SIZE.0, SIZE.1);
    draw_axes(&mut canvas, &x, &y, metric);
    let dots: Vec<(f64, f64)> = points.iter().map(|point| (x.at(log(point)), y.at(point.score))).collect();
    let widths: Vec<f64> = points.iter().map(|point| width_of(&point.column)).collect();
    let frame = Area { left, top: 0.0, right: SIZE.0, bottom };
    let labels = place_labels(&dots, &widths, frame);
    for (point, (dot, label)) in points.iter().zip(dots.into_iter().zip(labels)) {
        if let Some(end) = label.leader(dot) {
            canvas.line(dot, end, PALE, 1.0);
        }
        canvas.mark(dot, Mark::Dot);
        let (anchor, x) =
            if label.is_at_left(dot) { (End, label.area.right) } else { (Start, label.area.left) };
        canvas.text((x, label.area.bottom - 2.5), anchor, &point.column);
    }
    Some(canvas.drawn())
}

fn draw_axes(canvas: &mut Canvas, x: &Axis, y: &Axis, metric: &str) {
    let (left, bottom) = ORIGIN;
    for decade in x.least.round() as i32..=x.greatest.round() as i32 {
        let at = x.at(f64::from(decade));
        canvas.dashes((at, TOP), (at, bottom), PALE);
        let decimals = usize::try_from(-decade).unwrap_or(0);
        canvas.text((at, bottom + 16.0), Middle, &format!("{:.decimals$}", 10f64.powi(decade)));
    }
    for (text, at) in y.ticks() {
        canvas.dashes((left, at), (SIZE.0 - 8.0, at), PALE);
        canvas.text((left - 6.0, at + 4.0), End, &text);
    }
    canvas.line((left, TOP), (left, bottom), INK, 1.0);
    canvas.line((left, bottom), (SIZE.0 - 8.0, bottom), INK, 1.0);
    canvas.text((SIZE.0 / 2.0, SIZE.1 - 12.0), Middle, "CPU seconds of a cell");
    canvas.text((left, 14.0), Start, metric);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_costs_and_scores_have_a_picture() {
        let point = |column: &str| Point { column: column.to_owned(), seconds: 10.0, score: 0.5 };
        let svg = draw(&[point("none"), point("smote")], "macro F1").expect("two points").to_svg();
        assert!(svg.contains(">none<") && svg.contains(">smote<") && !svg.contains("NaN"), "{svg}");
        assert!(draw(&[], "macro F1").is_none());
    }
}
