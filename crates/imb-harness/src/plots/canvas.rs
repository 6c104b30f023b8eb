//! What plots are drawn with: lines, marks and texts at places in pixels, and an axis with round ticks.

use kuva::render::render::{PathData, Primitive, Scene, TextAnchor};

use crate::figures::Drawn;

pub(super) const INK: &str = "#000000";
pub(super) const PALE: &str = "#999999";
pub(super) const OURS: &str = "#0072B2";

/// The radius of a dot.
pub(super) const DOT: f64 = 4.0;

/// The height of a line of text.
pub(super) const LINE: f64 = 18.0;
const FONT: u32 = 12;
/// The mean width of a letter.
const LETTER: f64 = 6.7;
/// How much wider bold letters are.
const BOLD: f64 = 1.15;

/// A picture in the making.
pub(super) struct Canvas(Scene);

/// Marks that are told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Dot,
    Diamond,
}

impl Canvas {
    pub(super) fn new(width: f64, height: f64) -> Self {
        let mut scene = Scene::new(width, height);
        scene.font_family = Some("DejaVu Sans, Verdana, Arial, sans-serif".to_owned());
        scene.text_color = Some("black".to_owned());
        Self(scene)
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64) {
        self.stroke(from, to, colour, width, None);
    }

    pub(super) fn dashes(&mut self, from: (f64, f64), to: (f64, f64), colour: &str) {
        self.stroke(from, to, colour, 1.0, Some("3 3".to_owned()));
    }

    fn stroke(
        &mut self,
        from: (f64, f64),
        to: (f64, f64),
        colour: &str,
        width: f64,
        stroke_dasharray: Option<String>,
    ) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.0.add(Primitive::Line {
            x1,
            y1,
            x2,
            y2,
            stroke: colour.into(),
            stroke_width: width,
            stroke_dasharray,
        });
    }

    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: TextAnchor, text: &str) {
        self.write((x, y), anchor, text, false);
    }

    pub(super) fn heading(&mut self, at: (f64, f64), text: &str) {
        self.write(at, TextAnchor::Start, text, true);
    }

    fn write(&mut self, (x, y): (f64, f64), anchor: TextAnchor, text: &str, bold: bool) {
        let content = text.to_owned();
        self.0.add(Primitive::Text { x, y, content, size: FONT, anchor, rotate: None, bold, color: None });
    }

    /// A filled dot, or a hollow diamond.
    pub(super) fn mark(&mut self, (x, y): (f64, f64), mark: Mark) {
        match mark {
            Mark::Dot => self.0.add(Primitive::Circle {
                cx: x,
                cy: y,
                r: DOT,
                fill: OURS.into(),
                fill_opacity: None,
                stroke: None,
                stroke_width: None,
            }),
            Mark::Diamond => self.0.add(Primitive::Path(Box::new(PathData {
                d: format!("M{:.2} {y:.2}l5 -5l5 5l-5 5z", x - 5.0),
                fill: Some("white".into()),
                stroke: INK.into(),
                stroke_width: 1.5,
                opacity: None,
                stroke_dasharray: None,
            }))),
        }
    }

    pub(super) fn drawn(self) -> Drawn {
        Drawn(self.0)
    }
}

/// The width that a text takes.
pub(super) fn width_of(text: &str) -> f64 {
    LETTER * text.chars().count() as f64
}

/// A heading in lines that are no wider than this, as far as words allow.
pub(super) fn lines_of(heading: &str, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in heading.split(' ') {
        match lines.last_mut() {
            Some(line) if BOLD * width_of(&format!("{line} {word}")) <= width => *line += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// An axis from one round number to another, at places in pixels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) least: f64,
    pub(super) greatest: f64,
    step: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// The axis that holds all values; none without a finite one.
    pub(super) fn holding(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Option<Self> {
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            (least, greatest) = (least.min(value), greatest.max(value));
        }
        if least > greatest {
            return None;
        }
        let rough = ((greatest - least) / 5.0).max(1e-6 * least.abs().max(1e-3));
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0].map(|digit| digit * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(10.0 * power);
        let (least, greatest) = ((least / step).floor() * step, (greatest / step).ceil() * step);
        Some(Self { least, greatest: greatest.max(least + step), step, from, to })
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        self.from + (self.to - self.from) * (value - self.least) / (self.greatest - self.least)
    }

    /// The round numbers on it, as they are written, with their places.
    pub(super) fn ticks(&self) -> Vec<(String, f64)> {
        let decimals = (-self.step.log10().floor()).max(0.0) as usize;
        let n = ((self.greatest - self.least) / self.step).round() as usize;
        let value = |tick: usize| self.least + tick as f64 * self.step;
        // No minus before a zero.
        let text =
            |value: f64| format!("{:.decimals$}", if value.abs() < self.step / 2.0 { 0.0 } else { value });
        (0..=n).map(|tick| (text(value(tick)), self.at(value(tick)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_ends_and_ticks_without_minus_zero() {
        let axis = Axis::holding([-0.13, 0.31].into_iter(), 100.0, 600.0).expect("finite");
        let ticks: Vec<String> = axis.ticks().into_iter().map(|(text, _)| text).collect();
        assert_eq!(ticks, ["-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!((axis.at(-0.2), axis.at(0.4)), (100.0, 600.0));
        assert!(Axis::holding([7.0].into_iter(), 0.0, 1.0).is_some_and(|axis| axis.greatest > axis.least));
        assert_eq!(Axis::holding([f64::NAN].into_iter(), 0.0, 1.0), None);
    }

    #[test]
    fn a_heading_is_broken_between_words() {
        assert_eq!(lines_of("printed and ours", 640.0), ["printed and ours"]);
        assert_eq!(lines_of("printed and ours", 100.0), ["printed and", "ours"]);
        assert_eq!(lines_of("", 100.0), [""]);
    }
}
