//! Measures of a column against a parameter that is turned like a dial: a line a measure, with the 95 % interval
//! of the mean of its runs as a band.

use imb_metrics::interval::student_interval;
use kuva::plot::{BandPlot, LinePlot};
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::{COLOURS, Drawn};
use crate::measure::Measure;
use crate::record::Record;
use crate::spec::{Evaluation, FigureSpec};

/// Draws one panel. `records` are the runs of each value of the parameter.
pub(super) fn draw(figure: &FigureSpec, title: &str, records: &[Vec<&Record>]) -> Option<Drawn> {
    let [parameter] = &figure.sweep.as_ref()?[..] else { return None };
    let (mut bands, mut lines, mut runs) = (Vec::new(), Vec::new(), usize::MAX);
    for (name, colour) in figure.measures.iter().zip(COLOURS) {
        let measure = Measure::named(name).ok()?;
        let points: Vec<Point> =
            records.iter().map(|records| Point::of(records, parameter, &measure)).collect::<Option<_>>()?;
        runs = runs.min(points.iter().map(|point| point.runs).min()?);
        let x = || points.iter().map(|point| point.x);
        let band = BandPlot::new(
            x(),
            points.iter().map(|point| point.lower),
            points.iter().map(|point| point.upper),
        );
        bands.push(Plot::Band(band.with_color(colour).with_opacity(0.2)));
        let line = LinePlot::new()
            .with_data(points.iter().map(|point| (point.x, point.mean)))
            .with_color(colour)
            .with_stroke_width(2.0)
            .with_legend(name.clone());
        lines.push(Plot::Line(line));
    }
    // Bands first, so that no line is hidden by one.
    let plots: Vec<Plot> = bands.into_iter().chain(lines).collect();
    let layout = Layout::auto_from_plots(&plots)
        .with_title(title_of(figure, title))
        .with_x_label(format!("{parameter} ({runs} runs each; bands: 95 % interval of their mean)"))
        .with_y_label("test rows, percent");
    let drawn = Figure::new(1, 1).with_structure(vec![vec![0]]).with_plots(vec![plots]);
    Some(Drawn(drawn.with_layouts(vec![layout]).with_cell_size(900.0, 480.0).render()))
}

/// The data set, the column, the learner where there is one, and what the runs are.
pub(super) fn title_of(figure: &FigureSpec, runs: &str) -> String {
    let learner = figure.learner.as_ref().map_or(String::new(), |learner| format!(" with {learner}"));
    format!("{} {}{learner}: {runs}", figure.dataset, figure.columns.join(", "))
}

/// A value of the parameter with a measure of its runs, in percent.
struct Point {
    x: f64,
    mean: f64,
    lower: f64,
    upper: f64,
    runs: usize,
}

impl Point {
    /// None with fewer than two runs.
    fn of(records: &[&Record], parameter: &str, measure: &Measure) -> Option<Self> {
        let x = records.first()?.place.setting.get(parameter)?.parse().ok()?;
        let value = |record: &&Record| measure.of(record.done()?, None, Evaluation::Last).ok();
        let values: Vec<f64> = records.iter().filter_map(value).map(|share| 100.0 * share).collect();
        let interval = student_interval(&values, 0.95).ok()?;
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let (lower, upper) = (interval.lower.max(0.0), interval.upper.min(100.0));
        Some(Self { x, mean, lower, upper, runs: values.len() })
    }
}
