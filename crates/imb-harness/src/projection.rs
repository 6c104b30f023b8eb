//! Generated rows and real ones, as points on two principal components: what a record keeps of them.

use imb_core::{Labels, Origin, Resampled};
use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

/// Rows of the class that was grown most, on the first two principal components of its real rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// Shares of the real rows' variance that the components hold.
    pub explained: [f64; 2],
    /// Points of real rows.
    pub real: Vec<[f32; 2]>,
    /// Points of generated rows.
    pub generated: Vec<[f32; 2]>,
}

/// Points of each kind that are kept at most.
const KEPT: usize = 400;
/// Steps of the power iteration; far more than a plot needs.
const STEPS: usize = 500;

impl Projection {
    /// Projects the rows that a model generated and the real rows `x` of their class; none if no row was generated
    /// by a model.
    pub fn of(resampled: &Resampled<Labels>, x: &Array2<f64>, y: &Labels) -> Option<Self> {
        if !resampled.origins.iter().any(|origin| matches!(origin, Origin::Latent { .. })) {
            return None;
        }
        let counts = resampled.synthetic_targets.counts();
        let class = (0u32..).zip(&counts).max_by_key(|(_, count)| **count)?.0;
        let real = x.select(Axis(0), &y.rows_of(class));
        if real.nrows() < 2 {
            return None;
        }
        let generated = resampled.synthetic.select(Axis(0), &resampled.synthetic_targets.rows_of(class));
        let mean = real.mean_axis(Axis(0))?;
        let centred = &real - &mean;
        let (components, explained) = principal_components(&centred);
        let points = |rows: &Array2<f64>| {
            let points = rows.rows().into_iter().take(KEPT);
            points.map(|row| [0, 1].map(|at| row.dot(&components[at]) as f32)).collect()
        };
        Some(Self { explained, real: points(&centred), generated: points(&(&generated - &mean)) })
    }

    /// The variance of the generated points along each component, as a share of that of the real ones.
    pub fn variance_shares(&self) -> [f64; 2] {
        [0, 1].map(|at| variance(&self.generated, at) / variance(&self.real, at))
    }

    /// The share of generated points that lie outside the range of the real ones on either component.
    pub fn outside(&self) -> f64 {
        let range = [0, 1].map(|at| {
            let values = || self.real.iter().map(|point| point[at]);
            (values().fold(f32::INFINITY, f32::min), values().fold(f32::NEG_INFINITY, f32::max))
        });
        let is_outside =
            |point: &&[f32; 2]| [0, 1].iter().any(|&at| point[at] < range[at].0 || point[at] > range[at].1);
        self.generated.iter().filter(is_outside).count() as f64 / self.generated.len() as f64
    }
}

fn variance(points: &[[f32; 2]], at: usize) -> f64 {
    let values = Array1::from_iter(points.iter().map(|point| f64::from(point[at])));
    values.var(0.0)
}

/// The first two principal components of centred rows, and the shares of the variance that they hold, by power
/// iteration on the covariance.
fn principal_components(centred: &Array2<f64>) -> ([Array1<f64>; 2], [f64; 2]) {
    let mut covariance = centred.t().dot(centred) / centred.nrows() as f64;
    let total: f64 = covariance.diag().sum();
    let mut explained = [0.0; 2];
    let components = [0, 1].map(|at| {
        // A start that no component of real data is orthogonal to, and that is the same on every machine.
        let mut component = Array1::from_shape_fn(covariance.nrows(), |place| 1.0 / (place + 1 + at) as f64);
        for _ in 0..STEPS {
            let next = covariance.dot(&component);
            let length = next.dot(&next).sqrt();
            if length > 0.0 {
                component = next / length;
            }
        }
        let value = component.dot(&covariance.dot(&component));
        // Equal rows have no variance to share.
        explained[at] = if total > 0.0 { value / total } else { 0.0 };
        let column = component.view().insert_axis(Axis(1));
        covariance = &covariance - &(column.dot(&column.t()) * value);
        component
    });
    (components, explained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{Dataset, Parent, Target};
    use ndarray::array;

    /// Rows along the diagonal, with a small extent across it.
    #[test]
    fn components_by_hand() {
        let rows = array![[2.0, 2.0, 0.0], [-2.0, -2.0, 0.0], [0.5, -0.5, 0.0], [-0.5, 0.5, 0.0]];
        let (components, explained) = principal_components(&rows);
        let half = 0.5f64.sqrt();
        for (component, expected) in components.iter().zip([[half, half, 0.0], [half, -half, 0.0]]) {
            let product: f64 = component.iter().zip(expected).map(|(a, b)| a * b).sum();
            assert!((product.abs() - 1.0).abs() < 1e-9, "{component}");
        }
        assert!((explained[0] - 16.0 / 17.0).abs() < 1e-9 && (explained[1] - 1.0 / 17.0).abs() < 1e-9);
    }

    #[test]
    fn only_rows_of_a_model_are_projected() {
        let y = Labels::from_texts(&["often", "often", "often", "rare", "rare"]);
        let x = array![[9.0, 9.0], [9.0, 8.0], [8.0, 9.0], [0.0, 0.0], [4.0, 2.0]];
        let rows = Dataset::unnamed(x.clone(), y.clone()).expect("finite");
        let mut resampled = Resampled::kept_only(&rows, (0..5).collect(), vec![]);
        assert_eq!(Projection::of(&resampled, &x, &y), None);
        resampled.synthetic = array![[6.0, 3.0]];
        resampled.synthetic_targets = y.select(&[3]);
        resampled.origins = vec![Origin::Latent { seed: Parent::Row(3), given: None }];
        let projection = Projection::of(&resampled, &x, &y).expect("a generated row");
        assert_eq!((projection.real.len(), projection.generated.len()), (2, 1));
        // Twice as far from the middle as the real rows, on the same line.
        assert!((projection.generated[0][0].abs() - 2.0 * projection.real[1][0].abs()).abs() < 1e-5);
        assert_eq!(projection.outside(), 1.0);
    }
}
