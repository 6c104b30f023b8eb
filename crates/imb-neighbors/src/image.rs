//! Images of points in single precision, and proven bounds of their error.
//!
//! # The bound
//!
//! The image `x'` of a row `x` is its difference from a fixed center, times a power of two `σ`, rounded to
//! single precision. Subtracting the center makes the numbers smaller and so reduces cancellation; distances
//! do not depend on it. Let `u = 2⁻²⁴`, `γₙ = n u / (1 − n u)`, `d` the number of columns, `D` the
//! true squared distance of two rows `x` and `y`, and `N = |x'|² + |y'|²`. The kernels compute the *score*
//!
//! ```text
//! s = (c − ½)|x'|² + (c − ½)|y'|² + x'·y'      with  c = γ + u + u²,  γ = γ_{d+4}
//! ```
//!
//! in single precision, from left to right, fused or not. It differs from `−½|x' − y'|²` by `c N`, which
//! makes it too large on purpose, and by a rounding error of at most `γ(½N + |x'||y'|) ≤ γ N` (Higham
//! 2002, Accuracy and Stability of Numerical Algorithms, §3.1). The error of an image is at most
//! `u|x'| + f`, where `f = 2√d · 2⁻¹⁴⁹` covers underflow. From this and
//! `(a + b)² ≤ (1 + ε)a² + (1 + 1/ε)b²` with `ε = u` follow
//!
//! ```text
//! σ²D ≤ (1 + u)(−2s + 2(c + γ)N) + 4(u + u²)N + 2(1 + 1/u)(2f)²                                (1)
//! σ²D ≤ R²   implies   s ≥ −½(1 + u)²R² − (1 + u)(1 + 1/u)½(2f)²                               (2)
//! ```
//!
//! (1) gives each pair a *key*, an upper bound of its squared distance. Within the k-th smallest key of a row
//! lie at least `k` others. (2) turns that key into a *cut*: every row at most that far away, seen from
//! either row of the pair, has at least this score. The rows that reach the cut are ranked by the exact
//! distance of [`crate::distance`]; its own relative rounding error, `(d + 2) 2⁻⁵³`, is included in `R`.
//!
//! # Grids
//!
//! If all numbers are small multiples of a power of two, such as integers, everything above is computed
//! without rounding. The error bounds are then 0 and keys are the squared distances themselves, so that ties
//! are recognised as ties.

use crate::distance::Rows;

/// Unit roundoff of single precision, plus a little for the rounding in double precision before it.
const UNIT: f64 = 1.001 / (1u64 << 24) as f64;
/// Twice the unit roundoff of double precision: a generous bound of the relative error of one operation.
const TINY: f64 = f64::EPSILON;
/// Numbers within these bounds neither overflow nor underflow when they are squared and summed.
const SPAN: [f64; 2] = [1e-110, 1e140];
/// For a query with a longer image no bound is used; all points are compared exactly.
const LONGEST: f64 = (1u64 << 30) as f64;
/// The longest image of a row of a grid: `2(|x'||y'| + ½N)` must stay below 2²⁴.
const LONGEST_ON_GRID: f64 = 2000.0;
/// The finest grid that is recognised has steps of `2⁻⁶`.
const FINEST_GRID: i32 = 6;

/// The mapping of rows to images, and the constants of the bounds.
pub(crate) struct Image {
    center: Vec<f64>,
    scale: f64,
    /// Whether all images are within the range of single precision.
    in_span: bool,
    on_grid: bool,
    gamma: f64,
    floor: f64,
    /// A factor that covers the rounding of the exact distances, twice over.
    wide: f64,
}

/// What the bounds need to know about a row.
#[derive(Clone, Copy, Default)]
pub(crate) struct Length {
    /// `|x'|²`, or nothing if the image is out of range and no bound holds.
    squared: Option<f64>,
    on_grid: bool,
}

/// Every score reaches it.
pub(crate) const ANY: f32 = f32::MIN;
/// No score reaches it.
pub(crate) const NONE: f32 = f32::MAX;

impl Length {
    /// The norm of the image.
    pub(crate) fn norm(self) -> f64 {
        self.squared.unwrap_or(0.0).sqrt()
    }
}

impl Image {
    /// Computes center and scale from the points, in `O(n_points · n_features)`.
    pub(crate) fn new(points: Rows<'_>) -> Self {
        let n_columns = points.n_columns();
        let operations = n_columns as f64 + 4.0;
        let mut image = Self {
            center: means(points),
            scale: 1.0,
            in_span: false,
            on_grid: false,
            gamma: operations * UNIT / (1.0 - operations * UNIT),
            floor: 4.0 * (n_columns as f64).sqrt() * 2f64.powi(-149),
            wide: 1.0 + operations * 2.0 * TINY,
        };
        if let Some(scale) = image.grid(points) {
            (image.scale, image.on_grid, image.in_span) = (scale, true, true);
            return image;
        }
        let largest = points
            .iter()
            .flat_map(|row| row.iter().zip(&image.center).map(|(value, center)| (value - center).abs()))
            .fold(0.0, f64::max);
        image.in_span = largest > SPAN[0] && largest < SPAN[1] && operations * UNIT < 0.1;
        if image.in_span {
            image.scale = 2f64.powi(-(largest.log2().floor() as i32));
        }
        image
    }

    /// The scale that turns all points into small integers, if there is one. The center is then rounded to the
    /// grid.
    fn grid(&mut self, points: Rows<'_>) -> Option<f64> {
        let mut exponent = 0;
        for value in points.iter().flatten() {
            while (value * 2f64.powi(exponent)).fract() != 0.0 {
                exponent += 1;
                if exponent > FINEST_GRID {
                    return None;
                }
            }
        }
        let scale = 2f64.powi(exponent);
        let center: Vec<f64> = self.center.iter().map(|mean| (mean * scale).round() / scale).collect();
        let longest = points.iter().map(|row| squared_norm(row, &center, scale)).fold(0.0, f64::max);
        (longest.sqrt() <= LONGEST_ON_GRID).then(|| {
            self.center = center;
            scale
        })
    }

    /// Whether the images of the points are exact.
    pub(crate) fn on_grid(&self) -> bool {
        self.on_grid
    }

    /// Calls `put` with the number and the image of each column of a row. The row need not be one of the
    /// points, and may lie far from all of them.
    pub(crate) fn of_row(&self, row: &[f64], mut put: impl FnMut(usize, f32)) -> Length {
        let mut squared = 0.0;
        let mut on_grid = self.on_grid;
        for (value, center) in row.iter().zip(&self.center) {
            let image = (value - center) * self.scale;
            squared += f64::from(image as f32) * f64::from(image as f32);
            on_grid = on_grid && image.fract() == 0.0 && image.abs() <= LONGEST_ON_GRID && {
                // A difference that was rounded may look like a point of the grid.
                image / self.scale + center == *value
            };
        }
        if !self.in_span || squared.is_nan() || squared > LONGEST * LONGEST {
            (0..row.len()).for_each(|column| put(column, 0.0));
            return Length::default();
        }
        for (column, (value, center)) in row.iter().zip(&self.center).enumerate() {
            put(column, ((value - center) * self.scale) as f32);
        }
        Length { squared: Some(squared), on_grid: on_grid && squared <= LONGEST_ON_GRID * LONGEST_ON_GRID }
    }

    /// The row's part of a score.
    pub(crate) fn start(&self, row: Length) -> f32 {
        match row.squared {
            None => 0.0,
            Some(squared) if row.on_grid => (-0.5 * squared) as f32,
            Some(squared) => (self.excess() * (squared + self.of_grid()) - 0.5 * squared) as f32,
        }
    }

    /// The `c` of the score.
    fn excess(&self) -> f64 {
        self.gamma + UNIT + UNIT * UNIT
    }

    /// An upper bound of `|x'|²` on the grid. Rows on the grid have no excess in their part of the score, so a
    /// row off the grid adds the excess of both.
    fn of_grid(&self) -> f64 {
        if self.on_grid { 2.0 * LONGEST_ON_GRID * LONGEST_ON_GRID } else { 0.0 }
    }

    /// The row's part of the error terms of (1).
    pub(crate) fn slack(&self, row: Length) -> f64 {
        if row.on_grid {
            return 0.0;
        }
        let squared = row.squared.unwrap_or(0.0) + self.of_grid();
        (2.0 * (self.excess() + self.gamma) + 5.0 * UNIT) * squared + f64::from(f32::MIN_POSITIVE)
    }

    /// (1): an upper bound of the squared distance of two rows with this score, whose slacks add up to `slack`.
    /// On a grid, the squared distance itself.
    pub(crate) fn key(&self, row: Length, score: f32, slack: f64) -> f64 {
        match row.squared {
            None => f64::MAX,
            // Subtracted from 0 and not negated, so that a score of 0 gives 0 and not -0.
            Some(_) if row.on_grid => 0.0 - 2.0 * f64::from(score),
            Some(_) => (slack - 2.0 * f64::from(score)).max(0.0) * (1.0 + UNIT),
        }
    }

    /// The key of a point at this squared distance.
    pub(crate) fn key_of_distance(&self, row: Length, squared: f64) -> f64 {
        match row.squared {
            None => f64::MAX,
            Some(_) => squared * self.scale * self.scale,
        }
    }

    /// (2): the lowest score of a point whose squared distance is at most this key. On a grid and with
    /// `strictly`, of a point that is nearer than the key.
    pub(crate) fn cut(&self, row: Length, key: f64, strictly: bool) -> f32 {
        match row.squared {
            None => ANY,
            // On a grid, scores and half keys are multiples of a half, so a quarter separates them.
            Some(_) if row.on_grid => (-0.5 * key + if strictly { 0.25 } else { -0.25 }) as f32,
            Some(_) => {
                let least = -0.5 * key * self.wide * (1.0 + 4.0 * UNIT);
                (least - f64::from(f32::MIN_POSITIVE)) as f32
            }
        }
    }

    /// The squared distance to a box, computed in single precision, beyond which the box is out of reach: no
    /// point in it is within this key. The norms of the images in the box are at most `norm`.
    pub(crate) fn box_cut(&self, row: Length, key: f64, norm: f64) -> f32 {
        let Some(squared) = row.squared else { return f32::MAX };
        let mut reach = (key * self.wide).sqrt();
        if !row.on_grid {
            reach += UNIT * (squared.sqrt() + norm) + self.floor;
        }
        (reach * reach * (1.0 + 4.0 * self.gamma) + f64::from(f32::MIN_POSITIVE)) as f32
    }
}

fn means(points: Rows<'_>) -> Vec<f64> {
    let mut sums = vec![0.0; points.n_columns()];
    for row in points.iter() {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    let n = points.len() as f64;
    sums.into_iter().map(|sum| if f64::is_finite(sum / n) { sum / n } else { 0.0 }).collect()
}

fn squared_norm(row: &[f64], center: &[f64], scale: f64) -> f64 {
    row.iter().zip(center).map(|(value, center)| ((value - center) * scale).powi(2)).sum()
}
