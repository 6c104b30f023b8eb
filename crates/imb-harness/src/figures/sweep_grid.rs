//! A measure of a column for every pair of two parameters' values, as a grid of its means over runs.

use imb_metrics::Direction;
use kuva::render::figure::Figure;

use super::Drawn;
use super::number_grid::NumberGrid;
use super::sweep::title_of;
use crate::measure::Measure;
use crate::record::Record;
use crate::spec::{Evaluation, FigureSpec};

/// Draws the grid: the first parameter from bottom to top, the second from left to right. `records` are the runs of
/// each pair.
pub(super) fn draw(figure: &FigureSpec, title: &str, records: &[Vec<&Record>]) -> Option<Drawn> {
    let [by_row, by_column] = &figure.sweep.as_ref()?[..] else { return None };
    let name = figure.measure().ok()?;
    let measure = Measure::named(name).ok()?;
    let pairs: Vec<Pair> = records
        .iter()
        .map(|records| Pair::of(records, [by_row, by_column], &measure))
        .collect::<Option<_>>()?;
    let values_of = |side: usize| {
        let mut values: Vec<f64> = pairs.iter().map(|pair| pair.values[side]).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    };
    let (mut rows, columns) = (values_of(0), values_of(1));
    // The largest at the top, as on an axis.
    rows.reverse();
    let mean =
        |row: f64, column: f64| pairs.iter().find(|pair| pair.values == [row, column]).map(|pair| pair.mean);
    let percent = |row: &f64| columns.iter().map(|column| Some(100.0 * mean(*row, *column)?)).collect();
    let numbers: Vec<Vec<f64>> = rows.iter().map(percent).collect::<Option<_>>()?;
    let text = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>();
    let (plots, layout) = NumberGrid { rows: text(&rows), columns: text(&columns), numbers }.panel();
    let runs = pairs.iter().map(|pair| pair.runs).min()?;
    let better = if measure.direction() == Direction::HigherIsBetter { "more" } else { "less" };
    let layout = layout
        .with_title(title_of(figure, title))
        .with_x_label(format!(
            "{by_column}; in the grid {name}, percent, the mean of {runs} runs: {better} is better"
        ))
        .with_y_label(by_row.clone());
    let drawn = Figure::new(1, 1).with_structure(vec![vec![0]]).with_plots(vec![plots]);
    Some(Drawn(drawn.with_layouts(vec![layout]).with_cell_size(760.0, 560.0).render()))
}

/// A pair of values with the mean of its runs.
struct Pair {
    values: [f64; 2],
    mean: f64,
    runs: usize,
}

impl Pair {
    /// None without a run.
    fn of(records: &[&Record], parameters: [&String; 2], measure: &Measure) -> Option<Self> {
        let setting = &records.first()?.place.setting;
        let number = |parameter: &String| setting.get(parameter)?.parse::<f64>().ok();
        let value = |record: &&Record| measure.of(record.done()?, None, Evaluation::Last).ok();
        let values: Vec<f64> = records.iter().filter_map(value).collect();
        if values.is_empty() {
            return None;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Some(Self { values: [number(parameters[0])?, number(parameters[1])?], mean, runs: values.len() })
    }
}
