//! Rows of intervals on one axis: what dumb-bells and forests have in common.

use imb_metrics::interval::Interval;
use kuva::render::render::TextAnchor::{End, Middle, Start};

use super::canvas::{Axis, Canvas, INK, LINE, Mark, OURS, PALE, lines_of, width_of};
use crate::figures::Drawn;

/// Rows of intervals on one axis.
pub(super) struct RowChart {
    pub(super) title: String,
    /// The signs that rows are made of, with what they stand for.
    pub(super) key: Vec<(Sign, &'static str)>,
    pub(super) groups: Vec<Group>,
    /// What the axis shows.
    pub(super) x_label: String,
    /// A value with a line of its own.
    pub(super) reference: Option<f64>,
}

/// What a row is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// A hollow diamond.
    Printed,
    /// A dot on a thick line.
    Mean,
    /// A thin line with ends.
    Unit,
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

/// The width of a sign in the key.
const SIGN: f64 = 30.0;

impl RowChart {
    /// Draws the chart; none without rows.
    pub(super) fn draw(&self) -> Option<Drawn> {
        let rows = || self.groups.iter().flat_map(|group| &group.rows);
        let widest =
            |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| width_of(text)).fold(0.0, f64::max);
        let left = 24.0 + widest(&mut rows().map(|row| &row.label));
        let right = WIDTH - 20.0 - widest(&mut rows().map(|row| &row.remark));
        let values: Vec<f64> = rows().flat_map(Row::values).collect();
        if values.is_empty() {
            return None;
        }
        let axis = Axis::holding(values.into_iter().chain(self.reference), left, right)?;
        let titles = lines_of(&self.title, WIDTH - 8.0);
        let top = 8.0 + LINE * (titles.len() + usize::from(!self.key.is_empty())) as f64;
        let bottom = top + LINE * (self.groups.len() + rows().count()) as f64;
        let mut canvas = Canvas::new(WIDTH, bottom + 2.5 * LINE);
        for (number, title) in titles.iter().enumerate() {
            canvas.heading((4.0, 14.0 + LINE * number as f64), title);
        }
        self.draw_key(&mut canvas, 9.0 + LINE * titles.len() as f64);
        self.draw_axis(&mut canvas, &axis, [top, bottom]);
        let mut y = top;
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

    fn draw_key(&self, canvas: &mut Canvas, y: f64) {
        let mut x = 4.0;
        for (sign, text) in &self.key {
            sign.draw(canvas, [x, x + SIGN - 6.0], y);
            canvas.text((x + SIGN, y + 4.0), Start, text);
            x += SIGN + width_of(text) + 14.0;
        }
    }

    fn draw_axis(&self, canvas: &mut Canvas, axis: &Axis, [top, bottom]: [f64; 2]) {
        for (text, x) in axis.ticks() {
            canvas.dashes((x, top), (x, bottom), PALE);
            canvas.text((x, bottom + 15.0), Middle, &text);
        }
        canvas.line((axis.at(axis.least), bottom), (axis.at(axis.greatest), bottom), INK, 1.0);
        if let Some(reference) = self.reference {
            canvas.line((axis.at(reference), top), (axis.at(reference), bottom), INK, 1.5);
        }
        let middle = f64::midpoint(axis.at(axis.least), axis.at(axis.greatest));
        canvas.text((middle, bottom + 34.0), Middle, &self.x_label);
    }
}

impl Sign {
    /// Draws the sign in the key, from one place to another.
    fn draw(self, canvas: &mut Canvas, [from, to]: [f64; 2], y: f64) {
        let middle = (f64::midpoint(from, to), y);
        match self {
            Self::Printed => canvas.mark(middle, Mark::Diamond),
            Self::Mean => {
                thick(canvas, [from, to], y);
                canvas.mark(middle, Mark::Dot);
            }
            Self::Unit => with_ends(canvas, [from, to], y),
        }
    }
}

fn thick(canvas: &mut Canvas, [from, to]: [f64; 2], y: f64) {
    canvas.line((from, y), (to, y), OURS, 4.0);
}

fn with_ends(canvas: &mut Canvas, [from, to]: [f64; 2], y: f64) {
    canvas.line((from, y), (to, y), OURS, 1.0);
    for x in [from, to] {
        canvas.line((x, y - 4.0), (x, y + 4.0), OURS, 1.0);
    }
}

impl Row {
    /// All values that have a place on the axis, as far as they are numbers.
    fn values(&self) -> Vec<f64> {
        let ends = [self.of_mean, self.of_unit].into_iter().flatten();
        let ends = ends.flat_map(|interval| [interval.lower, interval.upper]);
        ends.chain([self.mean]).chain(self.printed).filter(|value| value.is_finite()).collect()
    }

    fn draw(&self, canvas: &mut Canvas, axis: &Axis, y: f64, [left, right]: [f64; 2]) {
        canvas.text((left - 8.0, y + 4.0), End, &self.label);
        canvas.text((right + 8.0, y + 4.0), Start, &self.remark);
        let finite = |value: f64| Some(value).filter(|value| value.is_finite()).map(|value| axis.at(value));
        let ends = |interval: Interval| Some([finite(interval.lower)?, finite(interval.upper)?]);
        if let Some(ends) = self.of_unit.and_then(ends) {
            with_ends(canvas, ends, y);
        }
        if let Some(ends) = self.of_mean.and_then(ends) {
            thick(canvas, ends, y);
        }
        let (mean, printed) = (finite(self.mean), self.printed.and_then(finite));
        if let (Some(mean), Some(printed)) = (mean, printed) {
            canvas.dashes((mean, y), (printed, y), INK);
        }
        if let Some(mean) = mean {
            canvas.mark((mean, y), Mark::Dot);
        }
        if let Some(printed) = printed {
            canvas.mark((printed, y), Mark::Diamond);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(rows: Vec<Row>) -> RowChart {
        RowChart {
            title: "Table 2, macro F1: printed and ours".to_owned(),
            key: vec![(Sign::Printed, "printed"), (Sign::Mean, "our mean")],
            groups: vec![Group { title: "Ecoli".to_owned(), rows }],
            x_label: "macro F1".to_owned(),
            reference: Some(0.0),
        }
    }

    fn row(mean: f64, of_mean: Option<Interval>) -> Row {
        Row { label: "smote".to_owned(), mean, of_mean, of_unit: None, printed: None, remark: String::new() }
    }

    #[test]
    fn a_chart_says_what_it_is_and_what_its_signs_mean() {
        let svg =
            chart(vec![row(0.5, Some(Interval { lower: 0.4, upper: 0.6 }))]).draw().expect("a row").to_svg();
        for text in ["Table 2, macro F1: printed and ours", "printed", "our mean", "macro F1", "smote"] {
            assert!(svg.contains(&format!(">{text}<")), "{text}: {svg}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_drawn() {
        assert!(chart(vec![]).draw().is_none());
        assert!(chart(vec![row(f64::NAN, None)]).draw().is_none());
        let lower = Some(Interval { lower: f64::NEG_INFINITY, upper: 0.6 });
        let svg = chart(vec![row(0.5, lower), row(f64::NAN, None)]).draw().expect("a row").to_svg();
        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
    }
}
