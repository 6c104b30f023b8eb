//! Measures of a column against a parameter that is turned like a dial: a line a measure, with the 95 % interval
//! of the mean of its runs as a band.

use imb_metrics::interval::{Interval, student_interval};
use kuva::plot::{BandPlot, LinePlot, LineStyle};
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::names::metric_title;
use super::shown::{Count, Shown};
use super::{COLOURS, Drawn, panels};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::record::Record;
use crate::spec::{Evaluation, Spec};

/// Draws one panel; none where a value of the parameter has fewer than two runs.
pub(super) fn draw(shown: &Shown<'_>) -> Option<Drawn> {
    let [parameter] = &shown.figure.sweep.as_ref()?[..] else { return None };
    let lines: Vec<(&str, Vec<Point>)> = shown
        .figure
        .measures
        .iter()
        .map(|name| Some((metric_title(shown.spec, name), points(shown, name)?)))
        .collect::<Option<_>>()?;
    let count = count_text(lines.iter().flat_map(|(_, points)| points))?;
    let plots = plots(&lines, factor(&shown.figure.measures)?)?;
    let layout = Layout::auto_from_plots(&plots)
        .with_title(title(shown))
        .with_x_label(format!(
            "{parameter}; each point is the mean of {count} of its own, the band its 95 % interval"
        ))
        .with_y_label(value_label(shown.spec, &shown.figure.measures)?);
    Some(panels(vec![plots], vec![layout], [900.0, 480.0]))
}

/// The title of a sweep: of one column, as a rule.
pub(super) fn title(shown: &Shown<'_>) -> String {
    shown.figure.columns.iter().map(|column| shown.title(column)).collect::<Vec<_>>().join("; ")
}

/// The numbers of a sweep: a line a measure and combination of values. Bounds are those of the 95 % interval of the
/// mean, within the measure's range.
pub(super) fn numbers(shown: &Shown<'_>) -> Grid {
    let parameters: Vec<String> = shown.figure.sweep.iter().flatten().cloned().collect();
    let text_columns = parameters.len() + 1;
    let others = ["measure", "runs", "folds", "mean", "lower", "upper"].map(String::from);
    let mut rows = Vec::new();
    for name in &shown.figure.measures {
        rows.extend(points(shown, name).unwrap_or_default().iter().map(|point| point.row(name)));
    }
    Grid { header: parameters.into_iter().chain(others).collect(), rows, text_columns }
}

/// The measures of these names; none if one is unknown.
fn measures(names: &[String]) -> Option<Vec<Measure>> {
    names.iter().map(|name| Measure::named(name).ok()).collect()
}

/// What values are multiplied with: they are in percent where all of these measures lie between 0 and 1.
pub(super) fn factor(names: &[String]) -> Option<f64> {
    let are_shares = measures(names)?.iter().all(|measure| measure.range() == (0.0, 1.0));
    Some(if are_shares { 100.0 } else { 1.0 })
}

/// What is measured, on which rows, and in which unit.
pub(super) fn value_label(spec: &Spec, names: &[String]) -> Option<String> {
    let name = match names {
        [only] => metric_title(spec, only),
        _ => "metric",
    };
    let of_test_rows = measures(names)?.iter().all(Measure::is_of_test_rows);
    let rows = if of_test_rows { " on test rows" } else { "" };
    let unit = if factor(names)? == 1.0 { "" } else { ", %" };
    Some(format!("{name}{rows}{unit}"))
}

/// Of how many runs points are the means; at least, where they are not all of as many.
pub(super) fn count_text<'p>(points: impl Iterator<Item = &'p Point>) -> Option<String> {
    let counts: Vec<Count> = points.map(|point| point.count).collect();
    let (least, most) = (counts.iter().min()?, counts.iter().max()?);
    Some(if least == most { least.to_string() } else { format!("at least {least}") })
}

/// Of how many runs the points of a figure are the means.
pub(super) fn count_of(shown: &Shown<'_>) -> String {
    let points = shown.figure.measures.iter().filter_map(|name| points(shown, name));
    let points: Vec<Point> = points.flatten().collect();
    count_text(points.iter()).unwrap_or("no runs".to_owned())
}

/// A measure at one combination of the parameters' values.
#[derive(Clone, Debug)]
pub(super) struct Point {
    /// The values of the parameters in the order of the figure, as they are written and as numbers.
    texts: Vec<String>,
    pub(super) values: Vec<f64>,
    count: Count,
    pub(super) mean: f64,
    /// The 95 % interval of the mean; none of one run.
    interval: Option<Interval>,
}

/// A measure at each combination; none where one of them has no value.
pub(super) fn points(shown: &Shown<'_>, measure: &str) -> Option<Vec<Point>> {
    let (parameters, measure) = (shown.figure.sweep.as_ref()?, Measure::named(measure).ok()?);
    shown.records.iter().map(|records| Point::of(records, parameters, &measure)).collect()
}

impl Point {
    fn of(records: &[&Record], parameters: &[String], measure: &Measure) -> Option<Self> {
        let setting = &records.first()?.place.setting;
        let texts: Vec<String> =
            parameters.iter().map(|parameter| setting.get(parameter).cloned()).collect::<Option<_>>()?;
        let values: Vec<f64> = texts.iter().map(|text| text.parse::<f64>().ok()).collect::<Option<_>>()?;
        let measured = |record: &&Record| measure.of(record.done()?, None, Evaluation::Last).ok();
        let all: Vec<f64> = records.iter().filter_map(measured).collect();
        let count = Count::of(records.iter().copied().filter(|record| measured(record).is_some()));
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let (least, greatest) = measure.range();
        let interval = student_interval(&all, 0.95).ok().map(|interval| Interval {
            lower: interval.lower.max(least),
            upper: interval.upper.min(greatest),
        });
        mean.is_finite().then_some(Self { texts, values, count, mean, interval })
    }

    fn row(&self, measure: &str) -> Vec<String> {
        let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.6}"));
        let folds = if self.count.folds > 0 { self.count.folds.to_string() } else { String::new() };
        let cells = [
            measure.to_owned(),
            self.count.runs.to_string(),
            folds,
            number(Some(self.mean)),
            number(self.interval.map(|interval| interval.lower)),
            number(self.interval.map(|interval| interval.upper)),
        ];
        self.texts.iter().cloned().chain(cells).collect()
    }
}

/// A line and a band for each measure, by its title. Bands come first, so that no line is hidden by one.
fn plots(lines: &[(&str, Vec<Point>)], factor: f64) -> Option<Vec<Plot>> {
    let (mut bands, mut drawn) = (Vec::new(), Vec::new());
    for (place, (title, points)) in lines.iter().enumerate() {
        let colour = COLOURS[place % COLOURS.len()];
        let x = || points.iter().map(|point| point.values[0]);
        let ends: Vec<Interval> = points.iter().map(|point| point.interval).collect::<Option<_>>()?;
        let band = BandPlot::new(
            x(),
            ends.iter().map(|ends| factor * ends.lower),
            ends.iter().map(|ends| factor * ends.upper),
        );
        bands.push(Plot::Band(band.with_color(colour).with_opacity(0.2)));
        let line = LinePlot::new()
            .with_data(x().zip(points.iter().map(|point| factor * point.mean)))
            .with_color(colour)
            .with_line_style(style_of(place))
            .with_stroke_width(2.0)
            .with_legend(*title);
        drawn.push(Plot::Line(line));
    }
    Some(bands.into_iter().chain(drawn).collect())
}

/// Lines are told apart without colour, and those that share a colour by their dashes.
fn style_of(place: usize) -> LineStyle {
    match place % 4 {
        0 => LineStyle::Solid,
        1 => LineStyle::Dashed,
        2 => LineStyle::Dotted,
        _ => LineStyle::DashDot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;
    use crate::spec::FigureSpec;

    fn figure(measures: &[&str]) -> FigureSpec {
        let text = format!(
            "number = 2\nkind = \"sweep\"\ndataset = \"Haberman\"\ncolumns = [\"do\"]\nsweep = [\"sampling_fraction\"]\n\
             measures = {measures:?}"
        );
        toml::from_str(&text).expect("a figure")
    }

    fn point(x: f64, mean: f64) -> Point {
        let interval = Some(Interval { lower: mean - 0.1, upper: mean + 0.1 });
        let count = Count { runs: 5, folds: 0 };
        Point { texts: vec![x.to_string()], values: vec![x], count, mean, interval }
    }

    #[test]
    fn titles_and_labels_say_what_is_shown() {
        let spec = papers(&["adversarial".to_owned()]).expect("well formed").remove(0).spec;
        let label = |measures: &[&str]| {
            let figure = figure(measures);
            let shown = Shown { spec: &spec, figure: &figure, protocol: "as_printed", records: &[] };
            assert_eq!(title(&shown), "DO on Haberman (as_printed)");
            value_label(&spec, &figure.measures).expect("known measures")
        };
        assert_eq!(label(&["acsa_score", "geometric_mean_score"]), "metric on test rows, %");
        assert_eq!(label(&["acsa_score"]), "ACSA on test rows, %");
        assert_eq!(
            label(&["log10_minority_variance"]),
            "log10_minority_variance",
            "no share, and of training rows"
        );
    }

    #[test]
    fn no_line_vanishes_where_there_are_more_than_colours() {
        let titles: Vec<String> = (0..9).map(|place| format!("measure {place}")).collect();
        let lines = titles.iter().map(|title| (title.as_str(), vec![point(0.0, 0.5), point(1.0, 0.6)]));
        let plots = plots(&lines.collect::<Vec<_>>(), 100.0).expect("two points each");
        assert_eq!(plots.len(), 18, "a line and a band each");
        let layout = Layout::auto_from_plots(&plots).with_y_label("metric on test rows, %");
        let svg = panels(vec![plots], vec![layout], [900.0, 480.0]).to_svg();
        assert!(titles.iter().all(|title| svg.contains(&format!(">{title}<"))), "{svg}");
        assert!(svg.contains(">metric on test rows, %<"), "{svg}");
    }

    #[test]
    fn a_line_of_numbers_has_as_many_cells_as_the_header() {
        let spec = papers(&["adversarial".to_owned()]).expect("well formed").remove(0).spec;
        let figure = figure(&["acsa_score"]);
        let shown = Shown { spec: &spec, figure: &figure, protocol: "sound", records: &[] };
        let row = point(0.5, 0.25).row("acsa_score");
        assert_eq!(row, ["0.5", "acsa_score", "5", "", "0.250000", "0.150000", "0.350000"]);
        assert_eq!(numbers(&shown).header.len(), row.len());
        assert_eq!(count_text([point(0.0, 0.5)].iter()).as_deref(), Some("5 runs"));
    }
}
