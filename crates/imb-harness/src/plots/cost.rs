//! Cost against score: what a training takes, and what it gains.

use anyhow::Result;
use kuva::render::render::TextAnchor::{End, Middle, Start};

use super::canvas::{Axis, Canvas, INK, Mark, PALE, width_of};
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
            let runs = scope.source.runs(entry, &scope.place(entry, column, learner))?;
            let of_runs: Vec<f64> = runs.records.iter().map(|record| record.cost.seconds()).collect();
            seconds.push(mean(&of_runs));
        }
        let score = mean(&results.values.column(place).to_vec());
        points.push(Point { column: column.clone(), seconds: mean(&seconds), score });
    }
    let (metric, under, digits) = (scope.metric_title(), scope.under(learner), scope.digits());
    let rows = points.iter().map(|point| {
        vec![point.column.clone(), format!("{:.3}", point.seconds), format!("{:.digits$}", point.score)]
    });
    let header = ["column".to_owned(), "CPU seconds a cell".to_owned(), format!("mean {metric}")];
    let numbers = Grid { header: header.into(), rows: rows.collect(), text_columns: 1 };
    let Some(drawn) = draw(&points, metric) else { return Ok(None) };
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
             logarithmic axis.",
            results.rows.join(", ")
        ),
        drawn: Some(drawn),
        numbers,
    }))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

const SIZE: (f64, f64) = (640.0, 380.0);
const TOP: f64 = 28.0;

fn draw(points: &[Point], metric: &str) -> Option<Drawn> {
    let (left, bottom) = (64.0, SIZE.1 - 52.0);
    // Records round seconds to a ten-thousandth.
    let log = |point: &Point| point.seconds.max(1e-4).log10();
    let widest = points.iter().map(|point| width_of(&point.column)).fold(0.0, f64::max);
    let decades = |round: fn(f64) -> f64| points.iter().map(log).map(round);
    let x = Axis::holding(decades(f64::floor).chain(decades(f64::ceil)), left + 8.0, SIZE.0 - 16.0 - widest)?;
    let y = Axis::holding(points.iter().map(|point| point.score), bottom - 8.0, TOP)?;
    let mut canvas = Canvas::new(SIZE.0, SIZE.1);
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
    let mut lowest = f64::NEG_INFINITY;
    let mut order: Vec<&Point> = points.iter().collect();
    order.sort_by(|a, b| b.score.total_cmp(&a.score));
    for point in order {
        let at = (x.at(log(point)), y.at(point.score));
        canvas.mark(at, Mark::Dot);
        // Labels do not overlap: each is at least a line below the one before.
        lowest = (at.1 + 4.0).max(lowest + 13.0);
        canvas.text((at.0 + 8.0, lowest), Start, &point.column);
    }
    Some(canvas.drawn())
}
