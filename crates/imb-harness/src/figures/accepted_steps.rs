//! The sets that a search accepted, by what they lack on the validation rows: a panel a column, one colour and shape
//! a run.

use std::collections::BTreeMap;

use kuva::plot::ScatterPlot;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::names::{SHAPES, metric_title};
use super::shown::{Count, Shown};
use super::{COLOURS, Drawn, panels};
use crate::evidence::Done;
use crate::grid::Grid;
use crate::record::Record;
use crate::spec::FigureSpec;

/// Runs that are shown at most: the marks of more could not be told apart.
const MOST_RUNS: usize = 5;

/// The metrics of a step, where the figure names no two: the objectives of MOODS.
const OBJECTIVES: [&str; 2] = ["minority_f1_score", "macro_f1_score"];

/// Draws a point an accepted step; none where a column has accepted nothing.
pub(super) fn draw(shown: &Shown<'_>) -> Option<Drawn> {
    let metrics = metrics_of(shown.figure);
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for (column, records) in shown.columns() {
        let runs: Vec<(String, Vec<Step>)> = first_runs(records)
            .iter()
            .map(|record| (run_of(record), record.done().map_or(Vec::new(), |done| accepted(done, metrics))))
            .collect();
        if runs.iter().all(|(_, steps)| steps.is_empty()) {
            return None;
        }
        let panel: Vec<Plot> =
            runs.iter().enumerate().map(|(place, (run, steps))| marks(place, run, steps)).collect();
        let [x, y] =
            metrics.map(|metric| format!("1 - {} on validation rows", metric_title(shown.spec, metric)));
        let title = format!("{}: {}", shown.title(column), which_runs(records));
        layouts.push(Layout::auto_from_plots(&panel).with_title(title).with_x_label(x).with_y_label(y));
        plots.push(panel);
    }
    (!plots.is_empty()).then(|| panels(plots, layouts, [900.0, 560.0]))
}

/// The accepted steps that are drawn, with their values.
pub(super) fn numbers(shown: &Shown<'_>) -> Grid {
    let metrics = metrics_of(shown.figure);
    let titles = metrics.map(|metric| metric_title(shown.spec, metric).to_owned());
    let header = ["column", "run", "step"].map(String::from).into_iter().chain(titles).collect();
    let mut rows = Vec::new();
    for (column, records) in shown.columns() {
        for record in first_runs(records) {
            for (step, values) in record.done().map_or(Vec::new(), |done| accepted(done, metrics)) {
                let values = values.map(|value| format!("{value:.4}"));
                rows.push(
                    [column.to_owned(), run_of(record), step.to_string()].into_iter().chain(values).collect(),
                );
            }
        }
    }
    Grid { header, rows, text_columns: 1 }
}

/// Which of the column's runs are drawn.
pub(super) fn which_runs(records: &[&Record]) -> String {
    let (drawn, all) = (first_runs(records).len(), Count::of(records.iter().copied()));
    if drawn < records.len() { format!("the first {drawn} of {all}") } else { all.to_string() }
}

fn first_runs<'a>(records: &'a [&'a Record]) -> &'a [&'a Record] {
    &records[..records.len().min(MOST_RUNS)]
}

pub(super) fn metrics_of(figure: &FigureSpec) -> [&str; 2] {
    match &figure.measures[..] {
        [first, second] => [first.as_str(), second.as_str()],
        _ => OBJECTIVES,
    }
}

/// The number of a run, from 1, and of its start where there is one.
fn run_of(record: &Record) -> String {
    let run = record.place.run + 1;
    record.place.start.map_or(run.to_string(), |start| format!("{}.{run}", start + 1))
}

/// What each step of a run lacks. `place` is that of the run among those that are drawn.
fn marks(place: usize, run: &str, steps: &[Step]) -> Plot {
    let scatter = ScatterPlot::new()
        .with_data(steps.iter().map(|(_, [first, second])| (1.0 - first, 1.0 - second)))
        .with_color(COLOURS[place % COLOURS.len()])
        .with_marker(SHAPES[place % SHAPES.len()])
        .with_size(5.0)
        .with_legend(format!("run {run} ({} accepted)", steps.len()));
    Plot::Scatter(scatter)
}

/// The number of an accepted step, from 1, with two of its metrics.
type Step = (usize, [f64; 2]);

fn accepted(done: &Done, [first, second]: [&str; 2]) -> Vec<Step> {
    let step = |(number, values): (usize, &BTreeMap<String, f64>)| {
        let is_accepted = values.get("accepted") == Some(&1.0);
        let metrics = [*values.get(first)?, *values.get(second)?];
        is_accepted.then_some((number, metrics))
    };
    (1..).zip(done.series.get("steps").into_iter().flatten()).filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(measures: &[&str]) -> FigureSpec {
        let text =
            format!("number = 3\nkind = \"accepted_steps\"\ncolumns = [\"moods\"]\nmeasures = {measures:?}");
        toml::from_str(&text).expect("a figure")
    }

    #[test]
    fn a_figure_may_name_the_metrics_that_it_shows() {
        assert_eq!(metrics_of(&figure(&[])), OBJECTIVES);
        let others = ["majority_f1_score", "geometric_mean_score"];
        assert_eq!(metrics_of(&figure(&others)), others);
    }

    #[test]
    fn a_run_without_accepted_steps_is_named_all_the_same() {
        let plots = vec![marks(0, "1", &[(1, [0.5, 0.7]), (3, [0.6, 0.8])]), marks(1, "2", &[])];
        let layout = Layout::auto_from_plots(&plots);
        let svg = panels(vec![plots], vec![layout], [900.0, 560.0]).to_svg();
        assert!(svg.contains(">run 1 (2 accepted)<") && svg.contains(">run 2 (0 accepted)<"), "{svg}");
    }
}
