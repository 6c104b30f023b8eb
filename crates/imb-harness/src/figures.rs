//! The figures of the paper on MOODS, drawn from records as SVG and PNG.

use anyhow::{Result, anyhow};
use kuva::backend::png::PngBackend;
use kuva::backend::svg::SvgBackend;
use kuva::plot::annotations::ReferenceLine;
use kuva::plot::scatter::MarkerShape;
use kuva::plot::{Histogram, ScatterPlot};
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

    /// Histograms of z of the first run, one panel a column, on one axis.
    fn draw_outputs(&self, title: &str, records: &[Vec<&Record>]) -> Option<Drawn> {
        let first = |records: &Vec<&Record>| done(records.first()?)?.outputs.clone();
        let panels: Vec<OutputHistogram> = records.iter().map(first).collect::<Option<_>>()?;
        let least = panels.iter().map(|panel| panel.least).fold(0.5, f64::min);
        let greatest = panels.iter().map(|panel| panel.greatest).fold(0.5, f64::max);
        let margin = 0.02 * (greatest - least);
        let mut plots = Vec::new();
        let mut layouts = Vec::new();
        for (panel, column) in panels.iter().zip(&self.columns) {
            let histograms = panel_plots(panel);
            let layout = Layout::auto_from_plots(&histograms)
                .with_title(format!("{} {column}: {title}", self.dataset))
                .with_x_label("z, the logit of the minority")
                .with_y_label("share of the class")
                .with_x_axis_min(least - margin)
                .with_x_axis_max(greatest + margin)
                .with_reference_line(
                    ReferenceLine::vertical(0.5).with_color("#555555").with_label("z = 1/2"),
                );
            plots.push(histograms);
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

/// The two classes of a panel; the majority, which is filled, lies behind.
fn panel_plots(panel: &OutputHistogram) -> Vec<Plot> {
    let bins = panel.majority.len();
    let width = (panel.greatest - panel.least) / bins as f64;
    let edges: Vec<f64> = (0..=bins).map(|bin| panel.least + width * bin as f64).collect();
    let class = |counts: &[u32], name: &str, colour: &str, outline: bool| {
        let total: u32 = counts.iter().sum();
        let shares = counts.iter().map(|&count| f64::from(count) / f64::from(total.max(1))).collect();
        let histogram = Histogram::from_bins(edges.clone(), shares).with_color(colour).with_step(outline);
        Plot::Histogram(histogram.with_legend(format!("{name}: {total} rows")))
    };
    vec![
        class(&panel.majority, "majority", COLOURS[5], false),
        class(&panel.minority, "minority", COLOURS[1], true),
    ]
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
