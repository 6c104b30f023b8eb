//! Histograms of the network's outputs z for the rows that it was fitted to: one panel a column.

use kuva::plot::annotations::ReferenceLine;
use kuva::plot::{Histogram, LinePlot};
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::{COLOURS, Drawn};
use crate::histogram::OutputHistogram;
use crate::record::Record;
use crate::spec::FigureSpec;

/// Draws the outputs of the first run of each column, all in the same bins.
pub(super) fn draw(figure: &FigureSpec, title: &str, records: &[Vec<&Record>]) -> Option<Drawn> {
    let first = |records: &Vec<&Record>| records.iter().find_map(|record| record.done()?.outputs.clone());
    let panels: Vec<OutputHistogram> = records.iter().map(first).collect::<Option<_>>()?;
    let axis = Axis::holding(&panels);
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for (panel, column) in panels.iter().zip(&figure.columns) {
        let classes = panel_plots(panel, &axis);
        let mut layout = Layout::auto_from_plots(&classes)
            .with_title(format!("{} {column}: {title}", figure.dataset))
            .with_x_label(
                "z, the logit of the minority; the outermost hundredth of a class is counted at the end",
            )
            .with_y_label("share of the class")
            .with_x_axis_min(axis.least)
            .with_x_axis_max(axis.greatest)
            .with_x_tick_step(axis.step)
            .with_reference_line(ReferenceLine::vertical(0.5).with_color("#555555").with_label("z = 1/2"));
        layout.x_bin_width = None;
        plots.push(classes);
        layouts.push(layout);
    }
    let structure = (0..plots.len()).map(|panel| vec![panel]).collect();
    let drawn = Figure::new(plots.len(), 1).with_structure(structure).with_plots(plots);
    Some(Drawn(drawn.with_layouts(layouts).with_cell_size(900.0, 340.0).render()))
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
