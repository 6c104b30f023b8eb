//! The rows of the data and those made so far, under one numbering.

use std::borrow::Cow;

use imb_core::{Dataset, Gap, LabelMatrix, Origin, Parent, Resampled, Target};
use ndarray::{Array2, ArrayView2};

use crate::interpolate::{category_columns, integer_columns, interpolate, interpolate_each};
use crate::multi_label::report::Report;

/// Rows of the data, numbered as there, followed by the new rows in the order in which they were made.
pub(crate) struct Pool<'a> {
    data: &'a Dataset<LabelMatrix>,
    x: Cow<'a, [f64]>,
    labels: Cow<'a, LabelMatrix>,
    on: Vec<bool>,
    integers: Vec<usize>,
    categories: Vec<usize>,
    new_x: Vec<f64>,
    new_on: Vec<bool>,
    origins: Vec<Origin>,
}

/// A row before it is added.
pub(crate) struct NewRow {
    pub(crate) x: Vec<f64>,
    pub(crate) on: Vec<bool>,
    pub(crate) origin: Origin,
}

impl<'a> Pool<'a> {
    pub(crate) fn new(data: &'a Dataset<LabelMatrix>) -> Self {
        Self::with_labels(data, Cow::Borrowed(data.y()))
    }

    /// The same with other labels for the rows of the data, such as those without noise.
    pub(crate) fn with_labels(data: &'a Dataset<LabelMatrix>, labels: Cow<'a, LabelMatrix>) -> Self {
        let x = match data.x().to_slice() {
            Some(numbers) => Cow::Borrowed(numbers),
            None => Cow::Owned(data.x().iter().copied().collect()),
        };
        let on = labels.view().iter().copied().collect();
        let (new_x, new_on, origins) = (Vec::new(), Vec::new(), Vec::new());
        let integers = integer_columns(data.features());
        let categories = category_columns(data.features());
        Self { data, x, labels, on, integers, categories, new_x, new_on, origins }
    }

    pub(crate) fn n_original(&self) -> usize {
        self.data.n_rows()
    }

    /// Rows of the data and new ones.
    pub(crate) fn len(&self) -> usize {
        self.n_original() + self.origins.len()
    }

    /// The numbers of a row, `(n_features)`.
    pub(crate) fn point(&self, row: usize) -> &[f64] {
        slice_of(&self.x, &self.new_x, self.data.n_features(), row)
    }

    /// The labels of a row, `(n_labels)`.
    pub(crate) fn labels_of(&self, row: usize) -> &[bool] {
        slice_of(&self.on, &self.new_on, self.labels.n_labels(), row)
    }

    /// All new rows from a number on, `(n_rows, n_features)`.
    pub(crate) fn new_points(&self, first: usize) -> ArrayView2<'_, f64> {
        let n_features = self.data.n_features();
        let numbers = &self.new_x[(first - self.n_original()) * n_features..];
        ArrayView2::from_shape((numbers.len() / n_features, n_features), numbers).expect("whole rows")
    }

    /// A row between two others, with one gap for all features, before it has labels. Categories are those
    /// of the nearer row.
    pub(crate) fn between(&self, seed: usize, neighbor: usize, gap: f64) -> (Vec<f64>, Origin) {
        let mut x = vec![0.0; self.data.n_features()];
        interpolate(self.point(seed), self.point(neighbor), gap, &self.integers, &mut x);
        let nearer = self.point(if gap < 0.5 { seed } else { neighbor });
        self.categories.iter().for_each(|&column| x[column] = nearer[column]);
        (x, self.origin(seed, neighbor, Gap::Same(gap)))
    }

    /// The same with a gap for each feature.
    pub(crate) fn between_each(&self, seed: usize, neighbor: usize, gaps: Vec<f64>) -> (Vec<f64>, Origin) {
        let mut x = vec![0.0; self.data.n_features()];
        interpolate_each(self.point(seed), self.point(neighbor), &gaps, &self.integers, &mut x);
        (x, self.origin(seed, neighbor, Gap::PerFeature(gaps)))
    }

    fn origin(&self, seed: usize, neighbor: usize, gap: Gap) -> Origin {
        Origin::Interpolated { seed: self.parent(seed), neighbor: self.parent(neighbor), gap }
    }

    fn parent(&self, row: usize) -> Parent {
        match row.checked_sub(self.n_original()) {
            None => Parent::Row(row),
            Some(number) => Parent::Synthetic(number),
        }
    }

    pub(crate) fn add(&mut self, rows: impl IntoIterator<Item = NewRow>) {
        for NewRow { x, on, origin } in rows {
            self.new_x.extend(x);
            self.new_on.extend(on);
            self.origins.push(origin);
        }
    }

    /// All rows of the data and the new ones, with what the report says.
    pub(crate) fn finish(self, report: Report) -> Resampled<LabelMatrix> {
        let n_new = self.origins.len();
        let names = self.labels.names().to_vec();
        let on = Array2::from_shape_vec((n_new, names.len()), self.new_on).expect("a row of labels each");
        let synthetic_targets = LabelMatrix::new(on, names).expect("the names of the data");
        let kept_targets = self.labels.into_owned();
        let after = kept_targets.positives().into_iter().zip(synthetic_targets.positives());
        let after: Vec<usize> = after.map(|(kept, new)| kept + new).collect();
        Resampled {
            kept: (0..kept_targets.n_rows()).collect(),
            kept_targets,
            synthetic: Array2::from_shape_vec((n_new, self.data.n_features()), self.new_x)
                .expect("a row of numbers each"),
            synthetic_targets,
            origins: self.origins,
            delivery: report.finish(&after),
        }
    }
}

fn slice_of<'a, T>(old: &'a [T], new: &'a [T], width: usize, row: usize) -> &'a [T] {
    let n_old = old.len() / width;
    if row < n_old { &old[row * width..][..width] } else { &new[(row - n_old) * width..][..width] }
}
