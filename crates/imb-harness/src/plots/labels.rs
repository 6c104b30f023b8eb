//! Labels beside dots, at places where they cover neither other dots nor each other.

use super::canvas::DOT;

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// The height of a label.
const HEIGHT: f64 = 13.0;
/// From the middle of a dot to its label.
const GAP: f64 = 8.0;
/// How many lines up or down a label may move.
const LINES: i32 = 12;

impl Area {
    fn overlaps(&self, other: &Self) -> bool {
        let is_beside = self.right <= other.left || other.right <= self.left;
        let is_apart = self.bottom <= other.top || other.bottom <= self.top;
        !(is_beside || is_apart)
    }

    fn holds(&self, other: &Self) -> bool {
        let holds_width = self.left <= other.left && other.right <= self.right;
        holds_width && self.top <= other.top && other.bottom <= self.bottom
    }

    fn of_dot((x, y): (f64, f64)) -> Self {
        Self { left: x - DOT, top: y - DOT, right: x + DOT, bottom: y + DOT }
    }
}

/// The place of a label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) area: Area,
}

impl Label {
    pub(super) fn is_at_left(&self, dot: (f64, f64)) -> bool {
        self.area.right < dot.0
    }

    /// Where a line from the dot ends, if the label is so far off that it needs one.
    pub(super) fn leader(&self, dot: (f64, f64)) -> Option<(f64, f64)> {
        let y = f64::midpoint(self.area.top, self.area.bottom);
        let x = if self.is_at_left(dot) { self.area.right + 2.0 } else { self.area.left - 2.0 };
        ((y - dot.1).abs() > HEIGHT / 2.0).then_some((x, y))
    }
}

/// A label for each dot, on its right or its left, moved up or down as far as is needed. Where no place is free, it
/// stands on the right.
pub(super) fn place_labels(dots: &[(f64, f64)], widths: &[f64], frame: Area) -> Vec<Label> {
    let mut taken: Vec<Area> = dots.iter().map(|dot| Area::of_dot(*dot)).collect();
    let mut labels = Vec::new();
    for (&dot, &width) in dots.iter().zip(widths) {
        let is_free = |area: &Area| frame.holds(area) && !taken.iter().any(|other| area.overlaps(other));
        let area = candidates(dot, width).find(is_free).unwrap_or(beside(dot, width, 0, false));
        taken.push(area);
        labels.push(Label { area });
    }
    labels
}

/// The places of a label, the nearest first.
fn candidates(dot: (f64, f64), width: f64) -> impl Iterator<Item = Area> {
    let shifts = (0..=LINES).flat_map(|lines| [lines, -lines]);
    shifts.flat_map(move |lines| [false, true].map(|at_left| beside(dot, width, lines, at_left)))
}

/// The area on one side of a dot, so many lines below.
fn beside((x, y): (f64, f64), width: f64, lines: i32, at_left: bool) -> Area {
    let left = if at_left { x - GAP - width } else { x + GAP };
    let top = y - HEIGHT / 2.0 + HEIGHT * f64::from(lines);
    Area { left, top, right: left + width, bottom: top + HEIGHT }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Area = Area { left: 64.0, top: 0.0, right: 640.0, bottom: 328.0 };

    #[test]
    fn labels_cover_no_dot_and_no_other_label() {
        // A row of dots, a heap of them, and one at the right edge.
        let row = (0..6).map(|place| (200.0 + 12.0 * f64::from(place), 150.0));
        let heap = (0..6).map(|place| (400.0 + f64::from(place % 2), 200.0 + 2.0 * f64::from(place)));
        let dots: Vec<(f64, f64)> = row.chain(heap).chain([(630.0, 20.0)]).collect();
        let labels = place_labels(&dots, &vec![60.0; dots.len()], FRAME);
        assert_eq!(labels.len(), dots.len());
        for (place, label) in labels.iter().enumerate() {
            assert!(FRAME.holds(&label.area), "{label:?}");
            assert!(!dots.iter().any(|dot| label.area.overlaps(&Area::of_dot(*dot))), "{label:?}");
            let mut others = labels.iter().enumerate().filter(|(other, _)| *other != place);
            assert!(!others.any(|(_, other)| label.area.overlaps(&other.area)), "{label:?}");
        }
        assert!(labels[12].is_at_left(dots[12]), "there is no room on the right");
    }

    #[test]
    fn a_dot_alone_has_its_label_on_the_right() {
        let labels = place_labels(&[(100.0, 100.0)], &[40.0], FRAME);
        assert_eq!(labels[0].area, Area { left: 108.0, top: 93.5, right: 148.0, bottom: 106.5 });
        assert_eq!((labels[0].is_at_left((100.0, 100.0)), labels[0].leader((100.0, 100.0))), (false, None));
        let wide = place_labels(&[(100.0, 100.0)], &[900.0], FRAME);
        assert_eq!(wide[0].area.left, 108.0, "no place is free");
    }
}
