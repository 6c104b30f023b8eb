//! Coordinates in which the Euclidean distance is that of the multi-label papers' code.
//!
//! Numeric columns are scaled by their range, `(x − least) / (most − least)`, and a column of one value
//! counts nothing. Two different categories are 1 apart, so that a category weighs as much as the
//! whole range of a number. This is the distance of Weka, on which mulan and the code of MLTL are built.

use std::f64::consts::FRAC_1_SQRT_2;

use imb_core::{ColumnKind, Feature};
use ndarray::{Array2, ArrayView2, Axis, concatenate};

/// The rows in these coordinates, `(n_rows, n_coordinates)`; ranges are those of the rows given.
pub(crate) fn range_scaled(features: &[Feature], x: ArrayView2<'_, f64>) -> Array2<f64> {
    let ranges: Vec<(f64, Range)> =
        least_and_most(x).into_iter().map(|(least, most)| (least, Range::new(least, most))).collect();
    coordinates(features, x, |column, value| match ranges[column] {
        // Most numbers of sparse data are the least of their column, and need no division.
        (least, _) if value == least => 0.0,
        (least, range) => range.share(value, least),
    })
}

/// The same with numbers as they are.
pub(crate) fn unscaled(features: &[Feature], x: ArrayView2<'_, f64>) -> Array2<f64> {
    coordinates(features, x, |_, value| value)
}

/// `number` has the coordinate of a number in a column.
fn coordinates(
    features: &[Feature],
    x: ArrayView2<'_, f64>,
    number: impl Fn(usize, f64) -> f64,
) -> Array2<f64> {
    let mut end = 0;
    let places: Vec<Place> = (features.iter())
        .map(|feature| {
            let place = Place { first: end, coordinate: Coordinate::of(&feature.kind) };
            end += width(&feature.kind);
            place
        })
        .collect();
    // Zeros are not written: the system gives memory only for pages that are written to.
    let mut points = Array2::zeros((x.nrows(), end));
    for (row, mut point) in x.rows().into_iter().zip(points.rows_mut()) {
        for (column, (&value, place)) in row.iter().zip(&places).enumerate() {
            let (at, coordinate) = match place.coordinate {
                // Two rows of different categories differ in two of these: 1/2 + 1/2 = 1.
                Coordinate::OneOfMany => (place.first + value as usize, FRAC_1_SQRT_2),
                Coordinate::Category => (place.first, value),
                Coordinate::Number => (place.first, number(column, value)),
            };
            if coordinate != 0.0 {
                point[at] = coordinate;
            }
        }
    }
    points
}

/// The range of a column.
#[derive(Clone, Copy)]
enum Range {
    /// The largest number less the least.
    Whole(f64),
    /// Half of it, where the whole is beyond the range of a double.
    Half(f64),
}

impl Range {
    fn new(least: f64, most: f64) -> Self {
        let whole = most - least;
        if whole.is_finite() { Self::Whole(whole) } else { Self::Half(0.5 * most - 0.5 * least) }
    }

    /// The difference of two numbers of the column as a share of the range; 0 in a column of one value.
    fn share(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Whole(range) if range > 0.0 => (a - b) / range,
            Self::Whole(_) => 0.0,
            Self::Half(half) => (0.5 * a - 0.5 * b) / half,
        }
    }
}

/// Where a column stands among the coordinates.
struct Place {
    first: usize,
    coordinate: Coordinate,
}

/// What a column becomes.
#[derive(Clone, Copy)]
enum Coordinate {
    Number,
    /// One of two.
    Category,
    OneOfMany,
}

impl Coordinate {
    fn of(kind: &ColumnKind) -> Self {
        match kind {
            ColumnKind::Categorical(_) if width(kind) > 1 => Self::OneOfMany,
            ColumnKind::Categorical(_) => Self::Category,
            _ => Self::Number,
        }
    }
}

/// The points with one more coordinate a label.
pub(crate) fn with_labels(points: &Array2<f64>, labels: ArrayView2<'_, bool>) -> Array2<f64> {
    let labels = labels.map(|on| f64::from(u8::from(*on)));
    concatenate(Axis(1), &[points.view(), labels.view()]).expect("a row of labels for each row")
}

/// The same distance between single rows, such as new ones, by the ranges of given rows.
pub(crate) struct RangeDistance {
    /// By column: the range of its numbers, or none for categories.
    ranges: Vec<Option<Range>>,
}

impl RangeDistance {
    pub(crate) fn new(features: &[Feature], x: ArrayView2<'_, f64>) -> Self {
        let range = |(feature, (least, most)): (&Feature, (f64, f64))| match feature.kind {
            ColumnKind::Categorical(_) => None,
            _ => Some(Range::new(least, most)),
        };
        Self { ranges: features.iter().zip(least_and_most(x)).map(range).collect() }
    }

    /// Between two rows, `(n_features)`.
    pub(crate) fn between(&self, a: &[f64], b: &[f64]) -> f64 {
        let squares = self.ranges.iter().zip(a.iter().zip(b)).map(|(range, (a, b))| match range {
            _ if a == b => 0.0,
            None => 1.0,
            Some(range) => range.share(*a, *b).powi(2),
        });
        squares.sum::<f64>().sqrt()
    }
}

/// Coordinates of a column.
fn width(kind: &ColumnKind) -> usize {
    match kind {
        ColumnKind::Categorical(names) if names.len() > 2 => names.len(),
        _ => 1,
    }
}

/// The least and the largest number of each column, row by row, as they lie in memory.
fn least_and_most(x: ArrayView2<'_, f64>) -> Vec<(f64, f64)> {
    let mut bounds = vec![(f64::INFINITY, f64::NEG_INFINITY); x.ncols()];
    for row in x.rows() {
        for ((least, most), value) in bounds.iter_mut().zip(row) {
            (*least, *most) = (value.min(*least), value.max(*most));
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn numbers_count_by_their_range_and_categories_by_being_different() {
        let names = |n: usize| ColumnKind::Categorical((0..n).map(|name| name.to_string()).collect());
        let kinds = [ColumnKind::Numeric, ColumnKind::Integer, names(2), names(3)];
        let features: Vec<Feature> =
            kinds.into_iter().map(|kind| Feature { name: "x".into(), kind }).collect();
        let x = array![[10.0, 7.0, 0.0, 0.0], [20.0, 7.0, 1.0, 2.0], [15.0, 7.0, 1.0, 2.0]];
        let points = range_scaled(&features, x.view());
        let squared = |a: usize, b: usize| (&points.row(a) - &points.row(b)).map(|d| d * d).sum();
        assert!((squared(0, 1) - 3.0).abs() < 1e-12);
        assert_eq!(squared(1, 2), 0.25);
        let distance = RangeDistance::new(&features, x.view());
        let row = |row: usize| x.row(row).to_vec();
        assert!((distance.between(&row(0), &row(1)) - 3f64.sqrt()).abs() < 1e-12);
        assert_eq!(distance.between(&row(1), &row(2)), 0.5);
    }
}
