//! Coordinate descent on the dual problem of one machine.

use imb_core::Rng;
use rand::RngExt;

use super::{LinearSvm, Loss};
use crate::sparse_rows::SparseRows;

/// A gradient that is 0 but for rounding.
const NO_GRADIENT: f64 = 1e-12;

/// A plane between two sides.
pub(super) struct Machine {
    pub(super) weights: Vec<f64>,
    pub(super) intercept: f64,
    pub(super) converged: bool,
}

/// The descent, pass after pass.
pub(super) struct Descent<'a> {
    rows: &'a SparseRows,
    bias: f64,
    tolerance: f64,
    points: Vec<Point>,
    /// The points in the order of the pass. The first `n_active` are visited.
    order: Vec<u32>,
    n_active: usize,
    /// Beyond these gradients a point at a bound is left out; of the pass before.
    limits: [f64; 2],
    /// The weights of the features, then that of the bias.
    weights: Vec<f64>,
}

/// A training row with its multiplier.
struct Point {
    row: u32,
    sign: f64,
    multiplier: f64,
    /// The multiplier's upper bound, which is infinite for the squared hinge.
    bound: f64,
    /// What the squared hinge adds to the diagonal of the dual problem.
    damping: f64,
    /// The second derivative along the multiplier.
    curvature: f64,
}

impl<'a> Descent<'a> {
    /// `prices` are those of rows of the other side and of this side.
    pub(super) fn new(
        svm: &LinearSvm,
        rows: &'a SparseRows,
        numbers: &[usize],
        is_class: &[bool],
        prices: [f64; 2],
    ) -> Self {
        let point = |(&number, &is_class): (&usize, &bool)| {
            let price = prices[usize::from(is_class)];
            let (bound, damping) = match svm.loss {
                Loss::Hinge => (price, 0.0),
                Loss::SquaredHinge => (f64::INFINITY, 0.5 / price),
            };
            let square: f64 = rows.row(number).1.iter().map(|value| value * value).sum();
            let curvature = square + svm.bias * svm.bias + damping;
            let sign = if is_class { 1.0 } else { -1.0 };
            Point { row: number as u32, sign, multiplier: 0.0, bound, damping, curvature }
        };
        Self {
            rows,
            bias: svm.bias,
            tolerance: svm.tolerance,
            points: numbers.iter().zip(is_class).map(point).collect(),
            order: (0..numbers.len() as u32).collect(),
            n_active: numbers.len(),
            limits: [f64::NEG_INFINITY, f64::INFINITY],
            weights: vec![0.0; rows.n_columns() + 1],
        }
    }

    /// Visits the active points once, in random order; gives whether all points are within the tolerance.
    pub(super) fn pass(&mut self, rng: &mut Rng) -> bool {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut place = 0;
        while place < self.n_active {
            let other = rng.random_range(place as u32..self.n_active as u32);
            self.order.swap(place, other as usize);
            match self.step(self.order[place] as usize) {
                Some(gradient) => {
                    (least, most) = (least.min(gradient), most.max(gradient));
                    place += 1;
                }
                None => {
                    self.n_active -= 1;
                    self.order.swap(place, self.n_active);
                }
            }
        }
        if most - least > self.tolerance {
            self.limits[0] = if least < 0.0 { least } else { f64::NEG_INFINITY };
            self.limits[1] = if most > 0.0 { most } else { f64::INFINITY };
            return false;
        }
        // Points that were left out must agree before the descent is done.
        let all_were_visited = self.n_active == self.points.len();
        self.n_active = self.points.len();
        self.limits = [f64::NEG_INFINITY, f64::INFINITY];
        all_were_visited
    }

    /// Sets a point's multiplier to its best value and gives the projected gradient that it had; or none, if
    /// the point seems to stay at its bound.
    fn step(&mut self, number: usize) -> Option<f64> {
        let point = &mut self.points[number];
        let (columns, values) = self.rows.row(point.row as usize);
        let (features, bias_weight) = self.weights.split_at_mut(self.rows.n_columns());
        let cells = columns.iter().zip(values);
        let product: f64 = cells.map(|(&column, value)| features[column as usize] * value).sum();
        let product = product + bias_weight[0] * self.bias;
        let gradient = point.sign * product - 1.0 + point.damping * point.multiplier;
        let [least, most] = self.limits;
        let projected = if point.multiplier == 0.0 {
            if gradient > most {
                return None;
            }
            gradient.min(0.0)
        } else if point.multiplier == point.bound {
            if gradient < least {
                return None;
            }
            gradient.max(0.0)
        } else {
            gradient
        };
        if projected.abs() > NO_GRADIENT {
            let before = point.multiplier;
            // A row of zeros has no curvature without a bias: the quotient is infinite, and its bound is best.
            point.multiplier = (before - gradient / point.curvature).clamp(0.0, point.bound);
            let change = (point.multiplier - before) * point.sign;
            for (&column, value) in columns.iter().zip(values) {
                features[column as usize] += change * value;
            }
            bias_weight[0] += change * self.bias;
        }
        Some(projected)
    }

    pub(super) fn machine(mut self, converged: bool) -> Machine {
        let intercept = self.weights.pop().expect("the weight of the bias") * self.bias;
        Machine { weights: self.weights, intercept, converged }
    }
}
