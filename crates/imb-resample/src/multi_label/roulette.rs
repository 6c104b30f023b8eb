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
    use imb_core::Seed;
    use rand::RngExt;

    /// A chi-square test at 1e-4: the 0.9999 quantile with 4 degrees of freedom is 23.51.
    #[test]
    fn rows_follow_their_weights() {
        let weights = [0.0, 1.0, 2.0, 0.0, 3.0, 4.0, 0.5];
        let roulette = Roulette::new(&weights).expect("weights");
        let (mut rng, mut counts, n) = (Seed::new(5).rng(), [0.0; 7], 20_000);
        (0..n).for_each(|_| counts[roulette.row_at(rng.random())] += 1.0);
        let total: f64 = weights.iter().sum();
        let mut chi_square = 0.0;
        for (count, weight) in counts.iter().zip(weights) {
            let expected = f64::from(n) * weight / total;
            assert!(weight > 0.0 || *count == 0.0);
            chi_square += if weight > 0.0 { (count - expected).powi(2) / expected } else { 0.0 };
        }
        assert!(chi_square < 23.51, "{chi_square}");
        assert!(Roulette::new(&[0.0, 0.0]).is_none());
    }
}
