//! Which classes are generated, and the noise that each generated row starts from.

use imb_core::Rng;
use ndarray::{Array2, Axis, concatenate};
use rand::RngExt;
use rand_distr::StandardNormal;

/// The distribution that labels of generated rows are drawn from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LabelDistribution {
    /// One weight a class, not negative; they need not sum to 1.
    weights: Vec<f64>,
}

impl LabelDistribution {
    /// # Panics
    /// If no weight is above 0.
    pub(crate) fn new(weights: Vec<f64>) -> Self {
        assert!(weights.iter().any(|weight| *weight > 0.0), "a class that can be drawn");
        Self { weights }
    }

    /// The same probability for each class that has rows.
    pub(crate) fn balanced(counts: &[usize]) -> Self {
        Self::new(counts.iter().map(|&count| f64::from(u8::from(count > 0))).collect())
    }

    /// Classes in inverse proportion to their rows.
    pub(crate) fn inverse(counts: &[usize]) -> Self {
        Self::new(counts.iter().map(|&count| if count > 0 { 1.0 / count as f64 } else { 0.0 }).collect())
    }

    /// Classes as often as they have rows, but none less often than `fraction` of the largest.
    pub(crate) fn raised(counts: &[usize], fraction: f64) -> Self {
        let largest = counts.iter().copied().max().unwrap_or(0) as f64;
        let weight = |&count: &usize| if count > 0 { (count as f64).max(fraction * largest) } else { 0.0 };
        Self::new(counts.iter().map(weight).collect())
    }

    /// The share of each class.
    #[cfg(test)]
    pub(crate) fn shares(&self) -> Vec<f64> {
        let total: f64 = self.weights.iter().sum();
        self.weights.iter().map(|weight| weight / total).collect()
    }

    /// The class at a place in [0, 1) of the summed shares.
    pub(crate) fn at(&self, place: f64) -> usize {
        let total: f64 = self.weights.iter().sum();
        let mut rest = place * total;
        let mut last = 0;
        for (class, &weight) in self.weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            if rest < weight {
                return class;
            }
            rest -= weight;
            last = class;
        }
        last
    }

    /// Labels drawn independently, in order of their class, which means and sums do not see.
    pub(crate) fn draw(&self, n: usize, rng: &mut Rng) -> Vec<usize> {
        let mut labels: Vec<usize> = (0..n).map(|_| self.at(rng.random())).collect();
        labels.sort_unstable();
        labels
    }
}

/// What generated rows start from: a class and noise for each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draw {
    /// In order of their class.
    pub(crate) labels: Vec<usize>,
    pub(crate) n_classes: usize,
    /// `(n_rows, n_noise)`, standard normal.
    pub(crate) noise: Array2<f64>,
}

impl Draw {
    /// Noise for these labels, which are in order.
    pub(crate) fn new(labels: Vec<usize>, n_classes: usize, n_noise: usize, rng: &mut Rng) -> Self {
        let normal = || rng.sample::<f64, _>(StandardNormal);
        let noise = Array2::from_shape_simple_fn((labels.len(), n_noise), normal);
        Self { labels, n_classes, noise }
    }

    /// Noise and one-hot class of each row, `(n_rows, n_noise + n_classes)`.
    pub(crate) fn inputs(&self) -> Array2<f64> {
        concatenate![Axis(1), self.noise, self.one_hot()]
    }

    /// One-hot classes, `(n_rows, n_classes)`.
    pub(crate) fn one_hot(&self) -> Array2<f64> {
        one_hot(&self.labels, self.n_classes)
    }

    /// Each class that occurs, with its first row and the number of its rows.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let mut first = 0;
        self.labels.chunk_by(|label, next| label == next).map(move |run| {
            first += run.len();
            (run[0], first - run.len(), run.len())
        })
    }
}

/// One-hot classes, `(n_rows, n_classes)`.
pub(crate) fn one_hot(labels: &[usize], n_classes: usize) -> Array2<f64> {
    Array2::from_shape_fn((labels.len(), n_classes), |(row, class)| f64::from(u8::from(labels[row] == class)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;

    #[test]
    fn distributions_by_hand() {
        let counts = [2, 6, 0, 8];
        assert_eq!(LabelDistribution::balanced(&counts).shares(), [1.0 / 3.0, 1.0 / 3.0, 0.0, 1.0 / 3.0]);
        let inverse = LabelDistribution::inverse(&counts).shares();
        assert!((inverse[0] / inverse[3] - 4.0).abs() < 1e-12);
        assert_eq!(LabelDistribution::raised(&counts, 0.0).shares(), [0.125, 0.375, 0.0, 0.5]);
        assert_eq!(LabelDistribution::raised(&counts, 0.5).weights, [4.0, 6.0, 0.0, 8.0]);
        assert_eq!(LabelDistribution::raised(&counts, 1.0).weights, [8.0, 8.0, 0.0, 8.0]);
    }

    /// The draws of the released GAMO, `gamo-released.json`.
    #[test]
    fn edges_are_those_of_the_released_code() {
        let deficits = LabelDistribution::new(vec![5.0, 3.0, 0.0]);
        let places = [0.0, 0.1, 0.5, 0.624_999, 0.625, 0.7, 0.999_999_9];
        assert_eq!(places.map(|place| deficits.at(place)), [0, 0, 0, 0, 1, 1, 1]);
    }

    /// χ² of drawn labels; the bound is the 99.9 % point for two degrees of freedom.
    #[test]
    fn labels_follow_their_distribution() {
        let counts = [3, 30, 0, 60];
        let distributions = [
            LabelDistribution::balanced(&counts),
            LabelDistribution::inverse(&counts),
            LabelDistribution::raised(&counts, 0.25),
        ];
        let mut rng = Seed::new(5).child("labels").rng();
        for distribution in distributions {
            let n = 20_000;
            let labels = distribution.draw(n, &mut rng);
            assert!(labels.is_sorted());
            let chi_square: f64 = [0, 1, 3]
                .map(|class| {
                    let expected = distribution.shares()[class] * n as f64;
                    let found = labels.iter().filter(|label| **label == class).count() as f64;
                    (found - expected).powi(2) / expected
                })
                .iter()
                .sum();
            assert!(!labels.contains(&2), "a class without rows");
            assert!(chi_square < 13.82, "{chi_square}");
        }
    }

    #[test]
    fn noise_is_standard_normal_and_labels_stand_behind_it() {
        let draw = Draw::new(vec![0, 2, 2], 3, 4_000, &mut Seed::new(6).rng());
        let mean = draw.noise.mean().expect("numbers");
        assert!(mean.abs() < 4.0 / 12_000_f64.sqrt(), "{mean}");
        assert!((draw.noise.std(0.0) - 1.0).abs() < 0.03);
        assert_eq!(draw.inputs().row(2).to_vec()[4_000..], [0.0, 0.0, 1.0]);
        assert_eq!(draw.runs().collect::<Vec<_>>(), [(0, 0, 1), (2, 1, 2)]);
    }
}
