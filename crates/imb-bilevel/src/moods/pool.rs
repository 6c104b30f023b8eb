//! The majority rows that no accepted set contains yet, and the weights by which they are drawn.

use imb_core::Rng;
use rand::RngExt;

use super::Draw;

/// Majority rows and their weights, which are in proportion to the paper's probabilities p.
pub(super) struct Pool {
    rows: Vec<usize>,
    weights: Vec<f64>,
}

/// A pool in which no row has at least this probability is spent.
const SPENT: f64 = 1e-9;

impl Pool {
    pub(super) fn new(rows: Vec<usize>) -> Self {
        let weights = vec![1.0; rows.len()];
        Self { rows, weights }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing is left to draw.
    pub(super) fn is_spent(&self) -> bool {
        let total: f64 = self.weights.iter().sum();
        self.weights.iter().all(|weight| weight / total < SPENT)
    }

    /// The number of rows to draw for a batch of `size`, which may be larger than the pool.
    ///
    /// The released code then halves the batch until it is smaller than the pool, at most six times, and
    /// halves it once more; after six times without success it takes the whole pool.
    pub(super) fn fit(&self, size: usize) -> usize {
        if size <= self.len() {
            return size;
        }
        let halved = (1..=6).find(|power| size as f64 / f64::from(1u32 << power) < self.len() as f64);
        let size = halved.map_or(self.len(), |power| size.div_ceil(1 << (power + 1)));
        size.clamp(1, self.len())
    }

    /// Draws `size` different rows.
    ///
    /// Each row gets an exponential waiting time with its weight as the rate. The order of these times has
    /// the distribution of draws one by one without replacement (Efraimidis and Spirakis 2006,
    /// doi:10.1016/j.ipl.2005.11.003).
    pub(super) fn draw(&self, size: usize, draw: Draw, rng: &mut Rng) -> Vec<usize> {
        let mut times: Vec<(f64, usize)> = Vec::with_capacity(self.len());
        for (&row, &weight) in self.rows.iter().zip(&self.weights) {
            let rate = if draw == Draw::Weighted { weight } else { 1.0 };
            let uniform: f64 = rng.random();
            times.push((-(1.0 - uniform).ln() / rate, row));
        }
        times.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        times.into_iter().take(size).map(|(_, row)| row).collect()
    }

    /// Removes rows from the pool.
    pub(super) fn remove(&mut self, drawn: &[usize]) {
        let drawn = sorted(drawn);
        let pairs = self.rows.iter().copied().zip(self.weights.iter().copied());
        (self.rows, self.weights) = pairs.filter(|(row, _)| drawn.binary_search(row).is_err()).unzip();
    }

    /// Halves the weights of rows.
    pub(super) fn halve(&mut self, drawn: &[usize]) {
        let drawn = sorted(drawn);
        for (row, weight) in self.rows.iter().zip(&mut self.weights) {
            if drawn.binary_search(row).is_ok() {
                *weight /= 2.0;
            }
        }
    }
}

fn sorted(rows: &[usize]) -> Vec<usize> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;

    #[test]
    fn sizes_that_do_not_fit_are_halved_as_released() {
        let pool = Pool::new((0..10).collect());
        assert_eq!(pool.fit(10), 10);
        assert_eq!(pool.fit(11), 3, "11/2 < 10, so a quarter, rounded up");
        assert_eq!(pool.fit(30), 4, "30/4 < 10, so an eighth");
        assert_eq!(pool.fit(100_000), 10, "never more than the pool holds");
    }

    #[test]
    fn halved_rows_are_drawn_half_as_often() {
        let mut pool = Pool::new(vec![3, 5, 8, 9]);
        pool.halve(&[5, 9]);
        let mut rng = Seed::new(1).rng();
        let mut first = [0i32; 10];
        for _ in 0..6_000 {
            first[pool.draw(1, Draw::Weighted, &mut rng)[0]] += 1;
        }
        for (row, expected) in [(3, 2_000), (5, 1_000), (8, 2_000), (9, 1_000)] {
            assert!((first[row] - expected).abs() < 150, "{first:?}");
        }
    }

    #[test]
    fn rows_are_drawn_once_and_leave_when_removed() {
        let mut pool = Pool::new((0..20).collect());
        let drawn = pool.draw(8, Draw::Uniform, &mut Seed::new(2).rng());
        let mut different = drawn.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 8);
        pool.remove(&drawn);
        assert_eq!(pool.len(), 12);
        let others = pool.draw(12, Draw::Weighted, &mut Seed::new(3).rng());
        assert!(others.iter().all(|row| !drawn.contains(row)));
    }

    #[test]
    fn a_pool_is_spent_when_no_row_is_left() {
        let mut pool = Pool::new(vec![1]);
        assert!(!pool.is_spent());
        pool.remove(&[1]);
        assert!(pool.is_spent());
    }
}
