//! The nearest points met so far.

/// At most `k` points, nearest first, the lower row first at one distance.
#[derive(Clone)]
pub(crate) struct Best {
    k: usize,
    found: Vec<(f64, usize)>,
}

impl Best {
    pub(crate) fn new(k: usize) -> Self {
        Self { k, found: Vec::with_capacity(k) }
    }

    /// Squared distances and row numbers, nearest first.
    pub(crate) fn found(&self) -> &[(f64, usize)] {
        &self.found
    }

    /// Whether a point of this row at this squared distance would be among the nearest.
    pub(crate) fn admits(&self, squared: f64, row: usize) -> bool {
        self.found.len() < self.k || self.found.last().is_some_and(|last| (squared, row) < *last)
    }

    pub(crate) fn offer(&mut self, squared: f64, row: usize) {
        if !self.admits(squared, row) {
            return;
        }
        if self.found.len() == self.k {
            self.found.pop();
        }
        let place = self.found.partition_point(|other| *other < (squared, row));
        self.found.insert(place, (squared, row));
    }
}
