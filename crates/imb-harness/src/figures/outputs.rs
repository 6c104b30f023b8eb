//! Histograms of the network's outputs z for the rows that it was fitted to: one panel a column.

use kuva::plot::annotations::ReferenceLine;
use kuva::plot::{Histogram, LinePlot};
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::shown::{Shown, first_run};
use super::{COLOURS, Drawn, panels};
use crate::histogram::OutputHistogram;
use crate::record::Record;

/// What the axis of outputs shows.
const X_LABEL: &str = "logit z of the minority class (the 1 % most extreme rows are in the end bins)";

/// Draws the outputs of the first run of each column, all in the same bins and to one scale.
pub(super) fn draw(shown: &Shown<'_>) -> Option<Drawn> {
    let first = |records: &Vec<&Record>| records.iter().find_map(|record| record.done()?.outputs.clone());
    let histograms: Vec<OutputHistogram> = shown.records.iter().map(first).collect::<Option<_>>()?;
    let axis = Axis::holding(&histograms);
    let highest = axis.highest(&histograms);
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for (histogram, (column, records)) in histograms.iter().zip(shown.columns()) {
        let classes = panel_plots(histogram, &axis);
        let title = format!("{}, {}", shown.title(column), first_run(records));
        layouts.push(layout(&classes, &axis, highest).with_title(title));
        plots.push(classes);
    }
    (!plots.is_empty()).then(|| panels(plots, layouts, [900.0, 340.0]))
}

/// The axes of a panel. Above the highest bar there is room for the name of the line at 1/2.
fn layout(classes: &[Plot], axis: &Axis, highest: f64) -> Layout {
    let mut layout = Layout::auto_from_plots(classes)
        .with_x_label(X_LABEL)
        .with_y_label("share of the class")
        .with_x_axis_min(axis.least)
        .with_x_axis_max(axis.greatest)
        .with_x_tick_step(axis.step)
        .with_y_axis_min(0.0)
        .with_y_axis_max(1.15 * highest)
        .with_y_tick_step(round_step(highest / 5.0))
        .with_reference_line(ReferenceLine::vertical(0.5).with_color("#555555").with_label("z = 1/2"));
    layout.x_bin_width = None;
    layout
}

/// An axis from one round number to another.
struct Axis {
    least: f64,
    greatest: f64,
    step: f64,
}

/// Bins of an axis.
const BINS: usize = 60;

/// The least of 1, 2, 5 and 10 times a power of ten that is at least as large.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0].map(|digit| digit * power).into_iter().find(|step| *step >= rough);
    step.unwrap_or(10.0 * power)
}

impl Axis {
    /// The axis that holds all histograms and the line at 1/2.
    fn holding(histograms: &[OutputHistogram]) -> Self {
        let least = histograms.iter().map(|histogram| histogram.least).fold(0.5, f64::min);
        let greatest = histograms.iter().map(|histogram| histogram.greatest).fold(0.5, f64::max);
        let step = round_step(((greatest - least) / 6.0).max(0.1));
        let (least, greatest) = ((least / step).floor() * step, (greatest / step).ceil() * step);
        Self { least, greatest: greatest.max(least + step), step }
    }

    fn edges(&self) -> Vec<f64> {
        let width = (self.greatest - self.least) / BINS as f64;
        (0..=BINS).map(|bin| self.least + width * bin as f64).collect()
    }

    /// The share of a class in each bin; a bin of the record counts where its middle lies.
    fn shares(&self, histogram: &OutputHistogram, counts: &[u32]) -> Vec<f64> {
        let total: u32 = counts.iter().sum();
        let width = (histogram.greatest - histogram.least) / counts.len() as f64;
        let mut shares = vec![0.0; BINS];
        for (bin, &count) in counts.iter().enumerate() {
            let middle = histogram.least + width * (bin as f64 + 0.5);
            let place = BINS as f64 * (middle - self.least) / (self.greatest - self.least);
            shares[(place as usize).min(BINS - 1)] += f64::from(count) / f64::from(total.max(1));
        }
        shares
    }

    /// The highest share of a class in a bin; above 0, so that there is an axis where there are no rows.
    fn highest(&self, histograms: &[OutputHistogram]) -> f64 {
        let of_class = |(histogram, counts): (&OutputHistogram, &Vec<u32>)| self.shares(histogram, counts);
        let classes = histograms
            .iter()
            .flat_map(|histogram| [(histogram, &histogram.majority), (histogram, &histogram.minority)]);
        classes.flat_map(of_class).fold(0.01, f64::max)
    }
}

/// The two classes of a panel: the majority filled, the minority an outline before it.
fn panel_plots(histogram: &OutputHistogram, axis: &Axis) -> Vec<Plot> {
    let edges = axis.edges();
    let label = |name: &str, counts: &[u32]| format!("{name}: {} rows", counts.iter().sum::<u32>());
    let majority = Histogram::from_bins(edges.clone(), axis.shares(histogram, &histogram.majority))
        .with_color(COLOURS[5])
        .with_legend(label("majority", &histogram.majority));
    let outline = edges.windows(2).zip(axis.shares(histogram, &histogram.minority));
    let outline: Vec<(f64, f64)> =
        outline.flat_map(|(edge, share)| [(edge[0], share), (edge[1], share)]).collect();
    let minority = LinePlot::new()
        .with_data(outline)
        .with_color(COLOURS[1])
        .with_stroke_width(2.0)
        .with_legend(label("minority", &histogram.minority));
    vec![Plot::Histogram(majority), Plot::Line(minority)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_share_their_scales_and_leave_room_above() {
        let histogram = |least: f64, greatest: f64, minority: [u32; 2]| OutputHistogram {
            least,
            greatest,
            minority: minority.to_vec(),
            majority: vec![0, 0],
        };
        let both = [histogram(-4.0, 2.0, [3, 1]), histogram(-1.0, 9.0, [1, 1])];
        let axis = Axis::holding(&both);
        assert_eq!((axis.least, axis.greatest, axis.step), (-5.0, 10.0, 5.0));
        assert_eq!(axis.highest(&both), 0.75);
        assert_eq!(axis.highest(&[histogram(0.0, 0.0, [0, 0])]), 0.01, "without rows");
        let classes = panel_plots(&both[0], &axis);
        let layout = layout(&classes, &axis, 0.75);
        assert!(layout.y_axis_max > Some(0.8) && layout.y_axis_min == Some(0.0));
        let svg = panels(vec![classes], vec![layout], [900.0, 340.0]).to_svg();
        assert!(svg.contains(&format!(">{X_LABEL}<")) && svg.contains(">z = 1/2<"), "{svg}");
    }

    #[test]
    fn outputs_without_width_have_an_axis() {
        let equal = OutputHistogram { least: 0.5, greatest: 0.5, minority: vec![2], majority: vec![3] };
        let axis = Axis::holding(std::slice::from_ref(&equal));
        assert!(axis.greatest > axis.least);
        assert_eq!(axis.shares(&equal, &equal.majority).iter().sum::<f64>(), 1.0);
    }
}
