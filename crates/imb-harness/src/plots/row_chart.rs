//! Rows of intervals on one axis: what dumb-bells and forests have in common.

use imb_metrics::interval::Interval;
use kuva::render::render::TextAnchor::{End, Middle, Start};

use super::canvas::{Axis, Canvas, INK, LINE, Mark, OURS, PALE, width_of};
use crate::figures::Drawn;

/// Rows of intervals on one axis.
pub(super) struct RowChart {
    pub(super) groups: Vec<Group>,
    /// What the axis shows.
    pub(super) x_label: String,
    /// A value with a line of its own.
    pub(super) reference: Option<f64>,
}

/// Rows below one heading.
pub(super) struct Group {
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
}

/// A row.
pub(super) struct Row {
    pub(super) label: String,
    /// Our mean: a dot.
    pub(super) mean: f64,
    /// Its interval: a thick line.
    pub(super) of_mean: Option<Interval>,
    /// The interval of one further unit: a thin line with ends.
    pub(super) of_unit: Option<Interval>,
    /// The printed value: a hollow diamond.
    pub(super) printed: Option<f64>,
    /// What stands at the right.
    pub(super) remark: String,
}

const WIDTH: f64 = 640.0;

impl RowChart {
    /// Draws the chart; none without rows.
    pub(super) fn draw(&self) -> Option<Drawn> {
        let rows = || self.groups.iter().flat_map(|group| &group.rows);
        let widest =
            |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| width_of(text)).fold(0.0, f64::max);
        let left = 24.0 + widest(&mut rows().map(|row| &row.label));
        let right = WIDTH - 20.0 - widest(&mut rows().map(|row| &row.remark));
        let of_interval =
            |interval: Option<Interval>| interval.map(|interval| [interval.lower, interval.upper]);
        let values = rows().flat_map(|row| {
            let intervals = [of_interval(row.of_mean), of_interval(row.of_unit)];
            let intervals = intervals.into_iter().flatten().flatten();
            intervals.chain([row.mean]).chain(row.printed).collect::<Vec<f64>>()
        });
        let axis = Axis::holding(values.chain(self.reference), left, right)?;
        let n_lines = self.groups.len() + rows().count();
        let bottom = 8.0 + LINE * n_lines as f64;
        let mut canvas = Canvas::new(WIDTH, bottom + 2.5 * LINE);
        self.draw_axis(&mut canvas, &axis, bottom);
        let mut y = 8.0;
        for group in &self.groups {
            canvas.heading((4.0, y + 13.0), &group.title);
            y += LINE;
            for row in &group.rows {
                row.draw(&mut canvas, &axis, y + LINE / 2.0, [left, right]);
                y += LINE;
            }
        }
        Some(canvas.drawn())
    }

    fn draw_axis(&self, canvas: &mut Canvas, axis: &Axis, bottom: f64) {
        for (text, x) in axis.ticks() {
            canvas.dashes((x, 8.0), (x, bottom), PALE);
            canvas.text((x, bottom + 15.0), Middle, &text);
        }
        canvas.line((axis.at(axis.least), bottom), (axis.at(axis.greatest), bottom), INK, 1.0);
        if let Some(reference) = self.reference {
            canvas.line((axis.at(reference), 8.0), (axis.at(reference), bottom), INK, 1.5);
        }
        let middle = f64::midpoint(axis.at(axis.least), axis.at(axis.greatest));
        canvas.text((middle, bottom + 34.0), Middle, &self.x_label);
    }
}

impl Row {
    fn draw(&self, canvas: &mut Canvas, axis: &Axis, y: f64, [left, right]: [f64; 2]) {
        canvas.text((left - 8.0, y + 4.0), End, &self.label);
        canvas.text((right + 8.0, y + 4.0), Start, &self.remark);
        let ends = |interval: Interval| (axis.at(interval.lower), axis.at(interval.upper));
        if let Some((lower, upper)) = self.of_unit.map(ends) {
            canvas.line((lower, y), (upper, y), OURS, 1.0);
            for x in [lower, upper] {
                canvas.line((x, y - 4.0), (x, y + 4.0), OURS, 1.0);
            }
        }
        if let Some((lower, upper)) = self.of_mean.map(ends) {
            canvas.line((lower, y), (upper, y), OURS, 4.0);
        }
        if let Some(printed) = self.printed {
            canvas.dashes((axis.at(self.mean), y), (axis.at(printed), y), INK);
        }
        canvas.mark((axis.at(self.mean), y), Mark::Dot);
        if let Some(printed) = self.printed {
            canvas.mark((axis.at(printed), y), Mark::Diamond);
        }
    }
}
