//! The nearest points found so far.

/// Keeps the `k` nearest of the points offered; among equal distances those with the lower row numbers.
///
/// Up to `2 k + 8` points are collected and then cut down to `k`, so that an offer costs constant time on
/// average, whatever `k`.
pub(crate) struct Best {
    k: usize,
    found: Vec<(f64, usize)>,
    /// The k-th best at the last cut.
    limit: Option<(f64, usize)>,
}

impl Best {
    pub(crate) fn new(k: usize) -> Self {
        Self { k, found: Vec::new(), limit: None }
    }

    pub(crate) fn clear(&mut self) {
        self.found.clear();
        self.limit = None;
    }

    pub(crate) fn offer(&mut self, squared: f64, row: usize) {
        if self.limit.is_some_and(|limit| order(&limit, &(squared, row)).is_lt()) {
            return;
        }
        if self.found.len() == 2 * self.k + 8 {
            self.cut();
        }
        self.found.push((squared, row));
    }

    /// The k-th smallest squared distance, if `k` points were offered.
    pub(crate) fn kth(&mut self) -> Option<f64> {
        self.cut();
        self.limit.map(|(squared, _)| squared)
    }

    /// Squared distances and row numbers, nearest first.
    pub(crate) fn sorted(&mut self) -> &[(f64, usize)] {
        self.cut();
        self.found.sort_unstable_by(order);
        &self.found
    }

    fn cut(&mut self) {
        if self.found.len() < self.k {
            return;
        }
        self.found.select_nth_unstable_by(self.k - 1, order);
        self.found.truncate(self.k);
        self.limit = self.found.last().copied();
    }
}

/// By distance, then by row number. Distances may be infinite, but are never NaN.
fn order(a: &(f64, usize), b: &(f64, usize)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_kept_and_lower_rows_win_ties() {
        let mut best = Best::new(3);
        for row in (0..100).rev() {
            best.offer((row / 10) as f64, row);
        }
        assert_eq!(best.kth(), Some(0.0));
        assert_eq!(best.sorted(), [(0.0, 0), (0.0, 1), (0.0, 2)]);
        best.clear();
        best.offer(f64::INFINITY, 4);
        assert_eq!(best.kth(), None, "one of three");
        assert_eq!(best.sorted(), [(f64::INFINITY, 4)]);
    }
}
