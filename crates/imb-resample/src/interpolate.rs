//! Interpolation between two rows, and the random numbers for it.

use imb_core::{ColumnKind, Error, Feature, Result, Rng};
use rand::{RngExt, SeedableRng};

/// Writes `seed + gap · (neighbor − seed)` into `row`; all three have shape `(n_features)`. The columns whose
/// numbers are in `integers` are rounded, halves away from zero.
pub(crate) fn interpolate(seed: &[f64], neighbor: &[f64], gap: f64, integers: &[usize], row: &mut [f64]) {
    for ((cell, seed), neighbor) in row.iter_mut().zip(seed).zip(neighbor) {
        *cell = seed + gap * (neighbor - seed);
    }
    for &column in integers {
        row[column] = row[column].round();
    }
}

/// The numbers of the integer columns.
pub(crate) fn integer_columns(features: &[Feature]) -> Vec<usize> {
    let columns = features.iter().enumerate();
    columns.filter(|(_, feature)| feature.kind == ColumnKind::Integer).map(|(column, _)| column).collect()
}

/// Random numbers for the new rows of a class.
///
/// Each row has a fixed place in one stream, so rows can be made in any order and by any number of threads.
#[derive(Clone)]
pub(crate) struct RowDraws(Rng);

impl RowDraws {
    /// Words (of 32 bits) of the stream that belong to one row: room for four draws of 64 bits. Three are
    /// used; four fill half a block of the generator.
    const WORDS: u128 = 8;

    /// A new stream, seeded by the next draw from `rng`.
    pub(crate) fn new(rng: &mut Rng) -> Self {
        Self(Rng::from_seed(rng.random()))
    }

    /// The draws of this row and of those after it, three numbers per row.
    pub(crate) fn starting_at(&self, row: usize) -> impl Iterator<Item = [u64; 3]> {
        let mut rng = self.0.clone();
        rng.set_word_pos(row as u128 * Self::WORDS);
        std::iter::repeat_with(move || {
            let [first, second, third, _] = std::array::from_fn(|_| rng.random());
            [first, second, third]
        })
    }

    /// A generator for numbers that are drawn once per class. It starts behind the places of `rows` rows.
    pub(crate) fn behind(&self, rows: usize) -> Rng {
        let mut rng = self.0.clone();
        rng.set_word_pos(rows as u128 * Self::WORDS);
        rng
    }
}

/// Turns a draw into a place below `n`. All places are equally likely, up to a bias of `n` in 2^64.
pub(crate) fn place_below(n: usize, draw: u64) -> usize {
    ((u128::from(draw) * n as u128) >> 64) as usize
}

/// Turns the upper 53 bits of a draw into a number in `[0, 1)`.
pub(crate) fn unit_interval(draw: u64) -> f64 {
    (draw >> 11) as f64 / (1u64 << 53) as f64
}

/// Refuses categorical columns, between whose values one cannot interpolate.
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

    fn features() -> Vec<Feature> {
        let kinds = [ColumnKind::Numeric, ColumnKind::Integer];
        kinds.into_iter().map(|kind| Feature { name: "x".into(), kind }).collect()
    }

    #[test]
    fn integers_stay_integers() {
        let mut row = [0.0; 2];
        let integers = integer_columns(&features());
        interpolate(&[0.0, 0.0], &[1.0, -5.0], 0.3, &integers, &mut row);
        assert_eq!(row, [0.3, -2.0], "-1.5 is rounded away from zero");
    }

    #[test]
    fn each_row_has_draws_of_its_own() {
        let mut rng = Seed::new(3).rng();
        let draws = RowDraws::new(&mut rng);
        let of = |draws: &RowDraws, row| draws.starting_at(row).next().expect("without end");
        let in_turn: Vec<[u64; 3]> = draws.starting_at(0).take(9).collect();
        assert!((0..9).all(|row| of(&draws, row) == in_turn[row]));
        assert_ne!(in_turn[4], in_turn[5]);
        assert_ne!(of(&draws, 4), of(&RowDraws::new(&mut rng), 4), "the generator moved on");
    }

    #[test]
    fn draws_reach_both_ends_and_no_further() {
        assert_eq!([0, u64::MAX].map(|draw| place_below(7, draw)), [0, 6]);
        assert_eq!(place_below(1, u64::MAX), 0);
        assert_eq!(unit_interval(0), 0.0);
        assert!(unit_interval(u64::MAX) < 1.0);
    }

    #[test]
    fn categories_are_refused_by_name() {
        let kind = ColumnKind::Categorical(vec!["a".into()]);
        let error =
            require_numbers("smote", &[Feature { name: "sex".into(), kind }]).expect_err("a category");
        assert!(error.to_string().contains("\"sex\""));
    }
}
