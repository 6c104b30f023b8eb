//! New rows between two rows.

use imb_core::{ColumnKind, Error, Feature, Result, Rng};
use ndarray::{ArrayView1, ArrayViewMut1};
use rand::RngExt;

/// Writes `seed + gap · (neighbor − seed)` into `row`, and rounds integer columns half away from
/// zero. All have shape `(n_features)`.
pub(crate) fn interpolate(
    seed: ArrayView1<'_, f64>,
    neighbor: ArrayView1<'_, f64>,
    gap: f64,
    features: &[Feature],
    mut row: ArrayViewMut1<'_, f64>,
) {
    for (column, cell) in row.iter_mut().enumerate() {
        let value = seed[column] + gap * (neighbor[column] - seed[column]);
        *cell = if features[column].kind == ColumnKind::Integer { value.round() } else { value };
    }
}

/// A generator for each new row, so that rows can be made in any order and by any number of threads.
#[derive(Clone)]
pub(crate) struct Streams(Rng);

impl Streams {
    /// Streams that start where `rng` stands; it moves on.
    pub(crate) fn from(rng: &mut Rng) -> Self {
        use rand::SeedableRng;
        Self(Rng::from_seed(rng.random()))
    }

    /// The generator of a row.
    pub(crate) fn of(&self, row: usize) -> Rng {
        let mut rng = self.0.clone();
        rng.set_stream(row as u64);
        rng
    }
}

/// Refuses categories, between which there is nothing.
pub(crate) fn require_numbers(method: &str, features: &[Feature]) -> Result<()> {
    match features.iter().find(|feature| matches!(feature.kind, ColumnKind::Categorical(_))) {
        None => Ok(()),
        Some(feature) => Err(Error::NotApplicable {
            method: method.to_owned(),
            reason: format!(
                "column \"{}\" holds categories, between which it cannot interpolate: encode them as numbers first",
                feature.name
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;
    use ndarray::{Array1, array};

    fn features() -> Vec<Feature> {
        let kinds = [ColumnKind::Numeric, ColumnKind::Integer];
        kinds.into_iter().map(|kind| Feature { name: "x".into(), kind }).collect()
    }

    #[test]
    fn integers_stay_integers() {
        let mut row = Array1::zeros(2);
        interpolate(array![0.0, 0.0].view(), array![1.0, -5.0].view(), 0.3, &features(), row.view_mut());
        assert_eq!(row, array![0.3, -2.0], "-1.5 is rounded away from zero");
    }

    #[test]
    fn each_row_has_a_stream_of_its_own() {
        let mut rng = Seed::new(3).rng();
        let streams = Streams::from(&mut rng);
        let draw = |streams: &Streams, row| streams.of(row).random::<u64>();
        assert_eq!(draw(&streams, 4), draw(&streams, 4));
        assert_ne!(draw(&streams, 4), draw(&streams, 5));
        assert_ne!(draw(&streams, 4), draw(&Streams::from(&mut rng), 4), "the generator moved on");
    }

    #[test]
    fn categories_are_refused_by_name() {
        let kind = ColumnKind::Categorical(vec!["a".into()]);
        let error =
            require_numbers("smote", &[Feature { name: "sex".into(), kind }]).expect_err("a category");
        assert!(error.to_string().contains("\"sex\""));
    }
}
