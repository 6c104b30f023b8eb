//! The exact distance: squared Euclidean, in double precision, summed in the order of the columns.
//!
//! Every search ends in these functions, so that all of them return the same bits.

/// How many points are compared with a query at once. Each sum is a chain of dependent additions, and the
/// processor can run several chains in parallel.
const CHAINS: usize = 4;

/// `(a₀ − b₀)² + (a₁ − b₁)² + …`, added from left to right. Each operation is rounded on its own: fused
/// operations would make the result depend on the processor.
pub(crate) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.iter().zip(b) {
        let difference = a - b;
        sum += difference * difference;
    }
    sum
}

/// The points of a matrix as contiguous rows.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    numbers: &'a [f64],
    n_columns: usize,
}

impl<'a> Rows<'a> {
    /// `numbers` holds the points row by row; `n_columns` is at least 1.
    pub(crate) fn new(numbers: &'a [f64], n_columns: usize) -> Self {
        Self { numbers, n_columns }
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len() / self.n_columns
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.n_columns
    }

    pub(crate) fn row(&self, number: usize) -> &'a [f64] {
        &self.numbers[number * self.n_columns..][..self.n_columns]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [f64]> {
        self.numbers.chunks_exact(self.n_columns)
    }

    /// Calls `take` with the squared distance and the number of each of these rows, in their order.
    pub(crate) fn compare(
        &self,
        query: &[f64],
        rows: impl IntoIterator<Item = usize>,
        mut take: impl FnMut(f64, usize),
    ) {
        let mut rows = rows.into_iter();
        loop {
            let mut chains = [None; CHAINS];
            chains.iter_mut().for_each(|chain| *chain = rows.next());
            let [Some(first), ..] = chains else { return };
            // Chains without a row repeat the first one; their sums are ignored below.
            let points = chains.map(|row| self.row(row.unwrap_or(first)));
            let mut sums = [0.0; CHAINS];
            for (column, value) in query.iter().enumerate() {
                for (sum, point) in sums.iter_mut().zip(points) {
                    let difference = value - point[column];
                    *sum += difference * difference;
                }
            }
            for (row, sum) in chains.into_iter().zip(sums) {
                if let Some(row) = row {
                    take(sum, row);
                }
            }
        }
    }
}
