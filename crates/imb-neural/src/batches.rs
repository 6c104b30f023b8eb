//! Mini-batches of a training set, in an order that is drawn anew for each epoch.

use imb_core::{Dataset, Error, Labels, Result, Rng, Target};
use ndarray::Array1;
use rand::seq::SliceRandom;

use crate::trainer::Batch;

/// Training rows in single precision.
pub(crate) struct Rows {
    /// `(n_rows, n_features)`, row by row.
    x: Vec<f32>,
    n_features: usize,
    classes: Vec<usize>,
    n_classes: usize,
    /// The weight of each row in the mean loss.
    weights: Array1<f32>,
}

/// Refuses rows with a number beyond single precision, in which networks compute. A method that trains networks on
/// rows of its own making calls this for the rows that it was given, since those are the rows that a user knows.
///
/// # Errors
/// [`Error::NotFinite`] with the first such number.
pub fn require_single_precision<Y: Target>(rows: &Dataset<Y>) -> Result<()> {
    let overflows = |number: f64| !(number as f32).is_finite();
    match rows.x().indexed_iter().find(|(_, number)| overflows(**number)) {
        None => Ok(()),
        Some(((row, column), &value)) => {
            Err(Error::NotFinite { row, column: rows.features()[column].name.clone(), value })
        }
    }
}

impl Rows {
    /// Converts the rows of a data set.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a number beyond the range of f32; [`Error::InvalidParameter`] if
    /// all weights are 0.
    pub(crate) fn new(rows: &Dataset<Labels>) -> Result<Self> {
        require_single_precision(rows)?;
        let x = rows.x().iter().map(|&number| number as f32).collect();
        let weights = match rows.weights() {
            None => Array1::ones(rows.n_rows()),
            Some(weights) => scaled(weights)?,
        };
        let classes = rows.y().codes().iter().map(|&class| class as usize).collect();
        let (n_features, n_classes) = (rows.n_features(), rows.y().classes().len());
        Ok(Self { x, n_features, classes, n_classes, weights })
    }

    /// Fills a mini-batch with these rows. Row weights are divided by their sum in the batch; a batch whose
    /// weights are all 0 has loss 0.
    pub(crate) fn fill(&self, batch: &mut Batch, rows: &[usize]) {
        let total: f32 = rows.iter().map(|&row| self.weights[row]).sum();
        batch.n_features = self.n_features;
        batch.x.clear();
        batch.shares.clear();
        batch.shares.resize(rows.len() * self.n_classes, 0.0);
        for (&row, shares) in rows.iter().zip(batch.shares.chunks_exact_mut(self.n_classes)) {
            batch.x.extend_from_slice(&self.x[row * self.n_features..][..self.n_features]);
            if total > 0.0 {
                shares[self.classes[row]] = self.weights[row] / total;
            }
        }
    }
}

/// Divides the weights by the largest, so that all of them are in the range of f32.
fn scaled(weights: &[f64]) -> Result<Array1<f32>> {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest > 0.0 {
        return Ok(weights.iter().map(|weight| (weight / largest) as f32).collect());
    }
    Err(Error::invalid_parameter("weights", "above 0 for at least one row", "0 for every row"))
}

/// The order in which an epoch visits the rows.
pub(crate) struct Order {
    rows: Vec<usize>,
    batch_size: usize,
}

impl Order {
    pub(crate) fn new(n_rows: usize, batch_size: usize) -> Self {
        Self { rows: (0..n_rows).collect(), batch_size }
    }

    /// Draws the order of the next epoch.
    pub(crate) fn shuffle(&mut self, rng: &mut Rng) {
        self.rows.shuffle(rng);
    }

    /// The row numbers of each mini-batch. If the batch size does not divide the number of rows, the last
    /// mini-batch is smaller; it is not dropped.
    pub(crate) fn batches(&self) -> std::slice::Chunks<'_, usize> {
        self.rows.chunks(self.batch_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;
    use ndarray::array;

    #[test]
    fn an_epoch_takes_each_row_once_and_keeps_the_short_batch() {
        let (mut order, mut rng) = (Order::new(70, 32), Seed::new(1).rng());
        let mut seen = vec![];
        for _ in 0..3 {
            order.shuffle(&mut rng);
            assert_eq!(order.batches().map(<[usize]>::len).collect::<Vec<_>>(), [32, 32, 6]);
            let rows = order.batches().flatten().copied().collect::<Vec<_>>();
            let mut sorted = rows.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..70).collect::<Vec<_>>());
            seen.push(rows);
        }
        assert!(seen[0] != seen[1] && seen[1] != seen[2], "the order changes by epoch");
    }

    /// A change here moves every trained network: it is value-breaking and belongs in the changelog
    /// under that word.
    #[test]
    fn orders_are_stable() {
        let mut order = Order::new(8, 4);
        order.shuffle(&mut Seed::new(42).child("order").rng());
        assert_eq!(order.rows, [4, 1, 6, 0, 5, 3, 7, 2]);
    }

    #[test]
    fn a_batch_size_above_the_number_of_rows_gives_one_batch() {
        assert_eq!(Order::new(3, usize::MAX).batches().count(), 1);
    }

    fn rows() -> Dataset<Labels> {
        let y = Labels::from_texts(&["a", "b", "b"]);
        Dataset::unnamed(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], y).expect("valid")
    }

    #[test]
    fn a_batch_holds_rows_and_shares_of_the_mean() {
        let (rows, mut batch) = (Rows::new(&rows()).expect("finite"), Batch::default());
        rows.fill(&mut batch, &[1]);
        rows.fill(&mut batch, &[2, 0]);
        assert_eq!(batch.x(), array![[5.0, 6.0], [1.0, 2.0]]);
        assert_eq!(batch.shares(), array![[0.0, 0.5], [0.5, 0.0]]);
    }

    #[test]
    fn row_weights_are_relative_to_their_batch() {
        let weighted = rows().with_weights(vec![1e300, 0.0, 3e300]).expect("valid");
        let rows = Rows::new(&weighted).expect("finite");
        let mut batch = Batch::default();
        rows.fill(&mut batch, &[0, 2]);
        assert_eq!(batch.shares(), array![[0.25, 0.0], [0.0, 0.75]]);
        rows.fill(&mut batch, &[1]);
        assert_eq!(batch.shares(), array![[0.0, 0.0]]);
        let weightless = self::rows().with_weights(vec![0.0; 3]).expect("valid");
        assert!(matches!(Rows::new(&weightless), Err(Error::InvalidParameter { .. })));
    }

    #[test]
    fn a_number_too_large_for_f32_is_named() {
        let y = Labels::from_texts(&["a", "b"]);
        let wide = Dataset::unnamed(array![[0.0], [1e39]], y).expect("finite in f64");
        let error = Rows::new(&wide).err().expect("infinite in f32");
        assert!(error.to_string().starts_with("data row 2 of column \"column_1\""), "{error}");
    }
}
