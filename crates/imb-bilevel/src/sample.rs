//! A training set that a search builds up: rows of the data and synthetic minority rows.

use imb_core::{Dataset, Labels, Origin, Parent, Resampled, Result, Rng, Target};
use ndarray::{Array2, Axis, concatenate};
use rand::RngExt;

/// Minority and majority rows of the training data, and synthetic minority rows.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Row numbers, which may repeat.
    pub(crate) minority: Vec<usize>,
    /// Row numbers, which may repeat.
    pub(crate) majority: Vec<usize>,
    synthetic: Array2<f64>,
    synthetic_targets: Labels,
    origins: Vec<Origin>,
}

impl Sample {
    pub(crate) fn of_rows(source: &Dataset<Labels>, minority: Vec<usize>, majority: Vec<usize>) -> Self {
        Self {
            minority,
            majority,
            synthetic: Array2::zeros((0, source.n_features())),
            synthetic_targets: source.y().select(&[]),
            origins: Vec::new(),
        }
    }

    /// Adds majority rows.
    pub(crate) fn with_majority(&self, drawn: &[usize]) -> Self {
        let mut sample = self.clone();
        sample.majority.extend(drawn);
        sample
    }

    /// Drops the synthetic rows and uses all minority rows of the data.
    pub(crate) fn without_synthetic(&self, source: &Dataset<Labels>, minority: &[usize]) -> Self {
        Self::of_rows(source, minority.to_vec(), self.majority.clone())
    }

    /// The number of majority and of minority rows, including synthetic ones.
    pub(crate) fn sizes(&self) -> [usize; 2] {
        [self.majority.len(), self.minority.len() + self.synthetic.nrows()]
    }

    /// Adds the rows that a resampler made from this sample.
    ///
    /// The resampler numbered the rows of [`to_dataset`](Self::to_dataset): rows of the data first, then the
    /// synthetic ones. Origins are renumbered to the rows of the data and all synthetic rows.
    pub(crate) fn with_synthetic(&self, made: Resampled<Labels>) -> Result<Self> {
        let kept = self.kept();
        let renumber = |parent: Parent| match parent {
            Parent::Row(row) if row < kept.len() => Parent::Row(kept[row]),
            Parent::Row(row) => Parent::Synthetic(row - kept.len()),
            Parent::Synthetic(earlier) => Parent::Synthetic(earlier + self.origins.len()),
        };
        let origins = made.origins.into_iter().map(|mut origin| {
            origin.map_parents(&renumber);
            origin
        });
        let mut sample = self.clone();
        sample.synthetic = concatenate(Axis(0), &[self.synthetic.view(), made.synthetic.view()])
            .expect("both have the features of the data");
        sample.synthetic_targets = self.synthetic_targets.concat(&made.synthetic_targets)?;
        sample.origins.extend(origins);
        Ok(sample)
    }

    /// The rows of the data in this sample, minority first.
    fn kept(&self) -> Vec<usize> {
        [self.minority.as_slice(), &self.majority].concat()
    }

    /// This sample as a resampled form of `source`.
    pub(crate) fn to_resampled(&self, source: &Dataset<Labels>) -> Resampled<Labels> {
        let mut resampled = Resampled::kept_only(source, self.kept(), Vec::new());
        resampled.synthetic = self.synthetic.clone();
        resampled.synthetic_targets = self.synthetic_targets.clone();
        resampled.origins = self.origins.clone();
        resampled
    }

    /// The rows to train on: first those of the data, then the synthetic ones.
    pub(crate) fn to_dataset(&self, source: &Dataset<Labels>) -> Result<Dataset<Labels>> {
        self.to_resampled(source).into_dataset(source)
    }
}

/// Numbers the rows of a resampled set as they are numbered in the data that its source was selected from.
pub(crate) fn renumber(resampled: &mut Resampled<Labels>, places: &[usize]) {
    resampled.kept.iter_mut().for_each(|row| *row = places[*row]);
    for origin in &mut resampled.origins {
        origin.map_rows(|row| places[row]);
    }
}

/// Draws `size` of these rows with replacement.
pub(crate) fn draw_with_replacement(rows: &[usize], size: usize, rng: &mut Rng) -> Vec<usize> {
    (0..size).map(|_| rows[rng.random_range(0..rows.len())]).collect()
}
