//! Points in single precision, and what that costs in accuracy.
//!
//! # The bound
//!
//! A row `x` has the image `x'`: its difference from a fixed center, times a power of two `σ`,
//! rounded to single precision. The center shrinks the numbers, and so the cancellation; distances
//! do not depend on it. Let `u = 2⁻²⁴`, `γₙ = n u / (1 − n u)`, `d` the number of columns, and `D` the
//! true squared distance of a query `q` and a point `x`. The kernels compute the *score*
//!
//! ```text
//! s = q'·x' − ½|x'|² + C m²        with  m ≥ |x'|,  C = γ + ½u²,  γ = γ_{d+4}
//! ```
//!
//! in single precision, from left to right, fused or not. So `s` is off by no more than
//! `γ (|q'| m + m²)` (Higham 2002, Accuracy and Stability of Numerical Algorithms, §3.1), plus
//! `C m²`, which makes it too large on purpose. From `|q' − x'|² = |q'|² − 2 (q'·x' − ½|x'|²)` and
//! `|x' − σ(x − c)| ≤ u|x'|` (and the same for `q`) follows
//!
//! ```text
//! σ√D ≤ √(|q'|² − 2s + 2γ(|q'| m + m²) + 2C m²) + u(|q'| + m) + f                              (1)
//! σ√D ≤ R   implies   s ≥ ½|q'|² − ½(R + u|q'| + f)² − m ((R + u|q'| + f) u + γ|q'|)           (2)
//! ```
//!
//! where `f = 4√d · 2⁻¹⁴⁹` covers what lies below the smallest numbers. (1) gives each point a *key*, an
//! upper bound of its distance; the k-th smallest key is a distance within which k points lie. (2)
//! turns it into a threshold `a − b m` that every point at or within that distance passes. What
//! passes is ranked by [`crate::distance`]; its own rounding, relative `(d + 2) 2⁻⁵³`, is in `R`.
//!
//! # Grids
//!
//! Where all numbers are small multiples of a power of two, such as integers, all of the above is
//! computed without any rounding. The bounds are then 0, and keys are the squared distances
//! themselves, so that ties are ties.

use crate::distance::Rows;

/// Unit roundoff of single precision, and a little more for that of double precision before it.
const UNIT: f64 = 1.001 / (1u64 << 24) as f64;
/// Half the unit roundoff of double precision: what one operation may be off, with room to spare.
const TINY: f64 = f64::EPSILON;
/// Numbers within these bounds neither overflow nor vanish when they are squared and summed.
const SPAN: [f64; 2] = [1e-110, 1e140];
/// A query whose image is longer is not bounded: single precision says nothing about it.
const LONGEST: f64 = (1u64 << 30) as f64;
/// The longest image of a row of a grid: `2(|q'||x'| + ½|x'|²)` must stay below 2²⁴.
const LONGEST_ON_GRID: f64 = 2000.0;
/// Halves, quarters, … up to `2⁻⁶` are looked for.
const FINEST_GRID: i32 = 6;

/// How rows become images, and the constants of the bound.
pub(crate) struct Image {
    center: Vec<f64>,
    scale: f64,
    /// No number is far enough from the others to leave the range of single precision.
    in_span: bool,
    on_grid: bool,
    gamma: f64,
    floor: f64,
    /// What `(d + 2)` operations in double precision may be off, relatively, twice over.
    wide: f64,
}

/// What the bound needs to know about a query.
#[derive(Clone, Copy, Default)]
pub(crate) struct Length {
    /// `|q'|²`, or nothing if the image says nothing about the query.
    squared: Option<f64>,
    norm: f64,
    on_grid: bool,
}

/// A point whose score is at least `a − b m` may be among the nearest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(crate) a: f32,
    pub(crate) b: f32,
}

impl Cut {
    /// Everything passes.
    pub(crate) const ALL: Self = Self { a: f32::MIN, b: 0.0 };
    /// Nothing passes.
    pub(crate) const NONE: Self = Self { a: f32::MAX, b: 0.0 };

    /// Written as the kernels compute it, up to fusing, which `b` has room for.
    pub(crate) fn passes(self, score: f32, norm: f32) -> bool {
        score - self.a + self.b * norm >= 0.0
    }
}

impl Image {
    /// Takes the center and the scale from the points: `O(n_points · n_features)`.
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

    /// The scale that makes all points and centers small integers, where there is one. The centers
    /// are rounded for it.
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

    /// Calls `put` with each column's number and image, and returns the image's norm.
    pub(crate) fn of_point(&self, row: &[f64], mut put: impl FnMut(usize, f32)) -> f64 {
        if !self.in_span {
            (0..row.len()).for_each(|column| put(column, 0.0));
            return 0.0;
        }
        let mut squared = 0.0;
        for (column, (value, center)) in row.iter().zip(&self.center).enumerate() {
            let image = ((value - center) * self.scale) as f32;
            squared += f64::from(image) * f64::from(image);
            put(column, image);
        }
        squared.sqrt()
    }

    /// The same for a query, which may be anywhere.
    pub(crate) fn of_query(&self, row: &[f64], mut put: impl FnMut(usize, f32)) -> Length {
        let mut squared = 0.0;
        let mut on_grid = self.on_grid;
        for (value, center) in row.iter().zip(&self.center) {
            let image = (value - center) * self.scale;
            squared += f64::from(image as f32) * f64::from(image as f32);
            on_grid = on_grid && image.fract() == 0.0 && image.abs() <= LONGEST_ON_GRID && {
                // A difference that was rounded may look like a place on the grid.
                image / self.scale + center == *value
            };
        }
        let norm = squared.sqrt();
        if !self.in_span || norm.is_nan() || norm > LONGEST {
            (0..row.len()).for_each(|column| put(column, 0.0));
            return Length::default();
        }
        for (column, (value, center)) in row.iter().zip(&self.center).enumerate() {
            put(column, ((value - center) * self.scale) as f32);
        }
        Length { squared: Some(squared), norm, on_grid: on_grid && norm <= LONGEST_ON_GRID }
    }

    /// Where the sum of a score starts, for a point whose image has this norm, among points whose
    /// norms are at most `largest`.
    pub(crate) fn start(&self, norm: f64, largest: f64) -> f32 {
        let half = 0.5 * norm * norm;
        if self.on_grid {
            return -half.round_to_half() as f32;
        }
        (self.excess() * largest * largest - half) as f32
    }

    /// `C` above.
    fn excess(&self) -> f64 {
        self.gamma + 0.5 * UNIT * UNIT
    }

    /// (1): a bound of the distance of a point with this score, among points whose norms are at
    /// most `norm`. On a grid the squared distance itself.
    pub(crate) fn key(&self, query: Length, score: f32, norm: f32) -> f64 {
        let Some(squared) = query.squared else { return f64::MAX };
        let (score, norm) = (f64::from(score), f64::from(norm));
        if query.on_grid {
            return squared - 2.0 * score;
        }
        let off = self.gamma * (query.norm * norm + norm * norm) + self.excess() * norm * norm;
        let rounding = (squared + norm * norm) * (self.wide - 1.0);
        let smallest = f64::from(f32::MIN_POSITIVE);
        let bound = (squared - 2.0 * score + 2.0 * off + rounding + smallest).max(0.0).sqrt();
        bound + UNIT * (query.norm + norm) + self.floor
    }

    /// The key of a point at this squared distance.
    pub(crate) fn key_of_distance(&self, query: Length, squared: f64) -> f64 {
        match query.squared {
            None => f64::MAX,
            Some(_) if query.on_grid => squared * self.scale * self.scale,
            Some(_) => squared.sqrt() * self.scale * self.wide + self.floor,
        }
    }

    /// (2): what a point must score to be at or within the distance of this key. With `strictly`,
    /// on a grid, within.
    pub(crate) fn cut(&self, query: Length, key: f64, strictly: bool) -> Cut {
        let Some(squared) = query.squared else { return Cut::ALL };
        if query.on_grid {
            // Scores and half keys are multiples of a half.
            let a = 0.5 * (squared - key) + if strictly { 0.25 } else { -0.25 };
            return Cut { a: a as f32, b: 0.0 };
        }
        let reach = self.reach(query, key);
        let rounding = (squared + reach * reach) * (self.wide - 1.0);
        let a = 0.5 * (squared - reach * reach) - rounding;
        let a = a - a.abs() * 2.0 * UNIT - f64::from(f32::MIN_POSITIVE);
        let b = (reach * UNIT + self.gamma * query.norm) * (1.0 + 16.0 * UNIT);
        Cut { a: a as f32, b: b as f32 }
    }

    /// The squared distance, computed in single precision, beyond which a box is out of reach: no
    /// image in it, of norm at most `norm`, belongs to a point within the distance of this key.
    pub(crate) fn box_cut(&self, query: Length, key: f64, norm: f64) -> f32 {
        if query.squared.is_none() {
            return f32::MAX;
        }
        let reach =
            if query.on_grid { key.sqrt() } else { self.reach(query, key) + UNIT * norm + self.floor };
        (reach * reach * (1.0 + 4.0 * self.gamma) + f64::from(f32::MIN_POSITIVE)) as f32
    }

    /// `R + u|q'| + f`, where `R` also covers the rounding of exact distances.
    fn reach(&self, query: Length, key: f64) -> f64 {
        key * self.wide + UNIT * query.norm + self.floor
    }
}

trait RoundToHalf {
    fn round_to_half(self) -> Self;
}

impl RoundToHalf for f64 {
    fn round_to_half(self) -> Self {
        (self * 2.0).round() / 2.0
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
