//! Rows drawn by weight.

/// Draws rows with a chance in proportion to their weights.
pub(crate) struct Roulette {
    /// Sum of the weights up to and with each row.
    sums: Vec<f64>,
}

impl Roulette {
    /// None if no weight is above 0.
    pub(crate) fn new(weights: &[f64]) -> Option<Self> {
        let add = |sum: &mut f64, weight: &f64| {
            *sum += weight;
            Some(*sum)
        };
        let sums: Vec<f64> = weights.iter().scan(0.0, add).collect();
        sums.last().is_some_and(|sum| *sum > 0.0).then_some(Self { sums })
    }

    /// The row at a place from 0 up to, not including, 1.
    pub(crate) fn row_at(&self, place: f64) -> usize {
        let last = self.sums.len() - 1;
        let at = place * self.sums[last];
        self.sums.partition_point(|sum| *sum <= at).min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multi_label::testing::chi_square_passes;
    use imb_core::Seed;
    use rand::RngExt;

    #[test]
    fn rows_follow_their_weights() {
        let weights = [0.0, 1.0, 2.0, 0.0, 3.0, 4.0, 0.5];
        let roulette = Roulette::new(&weights).expect("weights");
        let (mut rng, mut counts) = (Seed::new(5).rng(), [0.0; 7]);
        (0..20_000).for_each(|_| counts[roulette.row_at(rng.random())] += 1.0);
        assert!(chi_square_passes(&counts, &weights), "{counts:?}");
        assert!(!chi_square_passes(&counts, &[0.0, 1.0, 2.0, 0.0, 3.0, 4.0, 1.0]), "the test can fail");
        assert!(Roulette::new(&[0.0, 0.0]).is_none());
    }
}
