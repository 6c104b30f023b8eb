//! The figures of the paper on MOODS, drawn from records as SVG and PNG.

use anyhow::{Result, anyhow};
use kuva::backend::png::PngBackend;
use kuva::backend::svg::SvgBackend;
use kuva::plot::annotations::ReferenceLine;
use kuva::plot::scatter::MarkerShape;
use kuva::plot::{Histogram, LinePlot, ScatterPlot};
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;
use kuva::render::render::Scene;
use serde::Deserialize;

use crate::cell::{Done, Outcome, OutputHistogram};
use crate::record::Record;

/// A figure as `spec.toml` has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureSpec {
    /// Its number in the paper.
    pub number: u32,
    /// What it shows.
    pub kind: Kind,
    /// The data set, by its row in the paper.
    pub dataset: String,
    /// The columns that it shows, from top to bottom.
    pub columns: Vec<String>,
}

/// What a figure shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A histogram a column: the network's output z for the rows that it was fitted to, by class.
    Outputs,
    /// The accepted sets of each run of one column, by what they lack on the validation rows.
    AcceptedSteps,
}

/// Okabe and Ito's colours, which the colour-blind tell apart.
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];
const SHAPES: [MarkerShape; 6] = [
    MarkerShape::Circle,
    MarkerShape::Square,
    MarkerShape::Triangle,
    MarkerShape::Diamond,
    MarkerShape::TriangleDown,
    MarkerShape::Plus,
];

/// A figure that has been drawn.
pub struct Drawn(Scene);

impl Drawn {
    /// As SVG.
    pub fn to_svg(&self) -> String {
        SvgBackend::default().render_scene(&self.0)
    }

    /// As PNG, at twice the size in points.
    ///
    /// # Errors
    /// If the picture cannot be encoded.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        PngBackend::new().render_scene(&self.0).map_err(|error| anyhow!("PNG: {error}"))
    }
}

impl FigureSpec {
    /// Draws the figure from the records of each of its columns, in the order of runs; none where a
    /// column has nothing to show. `title` says what the runs are.
    pub fn draw(&self, title: &str, records: &[Vec<&Record>]) -> Option<Drawn> {
        match self.kind {
            Kind::Outputs => self.draw_outputs(title, records),
            Kind::AcceptedSteps => Some(self.draw_accepted(title, records.first()?)),
        }
    }

    /// Histograms of z of the first run, one panel a column, in the same bins.
    fn draw_outputs(&self, title: &str, records: &[Vec<&Record>]) -> Option<Drawn> {
        let first = |records: &Vec<&Record>| done(records.first()?)?.outputs.clone();
        let panels: Vec<OutputHistogram> = records.iter().map(first).collect::<Option<_>>()?;
        let axis = Axis::holding(&panels);
        let (mut plots, mut layouts) = (Vec::new(), Vec::new());
        for (panel, column) in panels.iter().zip(&self.columns) {
            let classes = panel_plots(panel, &axis);
            let mut layout = Layout::auto_from_plots(&classes)
                .with_title(format!("{} {column}: {title}", self.dataset))
                .with_x_label(
                    "z, the logit of the minority; the outermost hundredth of a class is counted at the end",
                )
                .with_y_label("share of the class")
                .with_x_axis_min(axis.least)
                .with_x_axis_max(axis.greatest)
                .with_x_tick_step(axis.step)
                .with_reference_line(
                    ReferenceLine::vertical(0.5).with_color("#555555").with_label("z = 1/2"),
                );
            layout.x_bin_width = None;
            plots.push(classes);
            layouts.push(layout);
        }
        let structure = (0..plots.len()).map(|panel| vec![panel]).collect();
        let figure = Figure::new(plots.len(), 1).with_structure(structure).with_plots(plots);
        Some(Drawn(figure.with_layouts(layouts).with_cell_size(900.0, 340.0).render()))
    }

    /// A point an accepted step, a colour and a shape a run.
    fn draw_accepted(&self, title: &str, records: &[&Record]) -> Drawn {
        let mut plots = Vec::new();
        for (run, record) in records.iter().enumerate() {
            let points = done(record).map(accepted).unwrap_or_default();
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
            .with_title(format!("{}: {title}", self.dataset))
            .with_x_label("1 - minority F1 on validation rows")
            .with_y_label("1 - macro F1 on validation rows");
        let figure = Figure::new(1, 1).with_structure(vec![vec![0]]).with_plots(vec![plots]);
        Drawn(figure.with_layouts(vec![layout]).with_cell_size(900.0, 560.0).render())
    }
}

fn done<'a>(record: &&'a Record) -> Option<&'a Done> {
    match &record.outcome {
        Outcome::Done(done) => Some(done),
        _ => None,
    }
}

/// An axis from one round number to another.
struct Axis {
    least: f64,
    greatest: f64,
    step: f64,
}

/// Bins of an axis.
const BINS: usize = 60;

impl Axis {
    /// The axis that holds all panels and the border at 1/2.
    fn holding(panels: &[OutputHistogram]) -> Self {
        let least = panels.iter().map(|panel| panel.least).fold(0.5, f64::min);
        let greatest = panels.iter().map(|panel| panel.greatest).fold(0.5, f64::max);
        let rough = ((greatest - least) / 6.0).max(0.1);
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(10.0 * power);
        Self { least: (least / step).floor() * step, greatest: (greatest / step).ceil() * step, step }
    }

    fn edges(&self) -> Vec<f64> {
        let width = (self.greatest - self.least) / BINS as f64;
        (0..=BINS).map(|bin| self.least + width * bin as f64).collect()
    }

    /// The share of a class in each bin; a bin of the record counts where its middle lies.
    fn shares(&self, panel: &OutputHistogram, counts: &[u32]) -> Vec<f64> {
        let total: u32 = counts.iter().sum();
        let width = (panel.greatest - panel.least) / counts.len() as f64;
        let mut shares = vec![0.0; BINS];
        for (bin, &count) in counts.iter().enumerate() {
            let middle = panel.least + width * (bin as f64 + 0.5);
            let place = BINS as f64 * (middle - self.least) / (self.greatest - self.least);
            shares[(place as usize).min(BINS - 1)] += f64::from(count) / f64::from(total.max(1));
        }
        shares
    }
}

/// The two classes of a panel: the majority filled, the minority an outline before it.
fn panel_plots(panel: &OutputHistogram, axis: &Axis) -> Vec<Plot> {
    let edges = axis.edges();
    let label = |name: &str, counts: &[u32]| format!("{name}: {} rows", counts.iter().sum::<u32>());
    let majority = Histogram::from_bins(edges.clone(), axis.shares(panel, &panel.majority))
        .with_color(COLOURS[5])
        .with_legend(label("majority", &panel.majority));
    let outline = edges.windows(2).zip(axis.shares(panel, &panel.minority));
    let outline: Vec<(f64, f64)> =
        outline.flat_map(|(edge, share)| [(edge[0], share), (edge[1], share)]).collect();
    let minority = LinePlot::new()
        .with_data(outline)
        .with_color(COLOURS[1])
        .with_stroke_width(2.0)
        .with_legend(label("minority", &panel.minority));
    vec![Plot::Histogram(majority), Plot::Line(minority)]
}

/// What each accepted step lacks: minority F1, macro F1.
fn accepted(done: &Done) -> Vec<(f64, f64)> {
    let figure = |step: usize, name: &str| done.figures.get(&format!("step_{step}_{name}")).copied();
    (1..)
        .map_while(|step| Some((step, figure(step, "accepted")?)))
        .filter(|(_, accepted)| *accepted == 1.0)
        .filter_map(|(step, _)| {
            Some((1.0 - figure(step, "minority_f1_score")?, 1.0 - figure(step, "macro_f1_score")?))
        })
        .collect()
}
