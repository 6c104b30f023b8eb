//! Interpolation between two rows, and the random numbers for it.

use imb_core::{ColumnKind, Feature, Rng};
use rand::{RngExt, SeedableRng};

/// Writes `seed + gap · (neighbor − seed)` into `row`; all three have shape `(n_features)`. The columns whose
/// numbers are in `integers` are rounded, halves away from zero.
///
/// With a gap from 0 to 1 no value leaves the segment, whatever rounding does and however large the values
/// are; with any gap, all values are finite.
pub(crate) fn interpolate(seed: &[f64], neighbor: &[f64], gap: f64, integers: &[usize], row: &mut [f64]) {
    let on_segment = (0.0..=1.0).contains(&gap);
    for ((cell, &seed), &neighbor) in row.iter_mut().zip(seed).zip(neighbor) {
        let value = seed + gap * (neighbor - seed);
        *cell = if on_segment {
            value.clamp(seed.min(neighbor), seed.max(neighbor))
        } else {
            value.clamp(f64::MIN, f64::MAX)
        };
    }
    if row.iter().zip(seed.iter().zip(neighbor)).any(|(_, (seed, neighbor))| !(neighbor - seed).is_finite()) {
        across_the_range(seed, neighbor, gap, row);
    }
    round_integers(row, integers);
}

/// The same with a gap for each feature, `(n_features)`. Rounding may leave the segment by one unit in the last
/// place.
pub(crate) fn interpolate_each(
    seed: &[f64],
    neighbor: &[f64],
    gaps: &[f64],
    integers: &[usize],
    row: &mut [f64],
) {
    for (((cell, seed), neighbor), gap) in row.iter_mut().zip(seed).zip(neighbor).zip(gaps) {
        *cell = seed + gap * (neighbor - seed);
    }
    if row.iter().any(|cell| !cell.is_finite()) {
        let ends = seed.iter().zip(neighbor).zip(gaps);
        for (cell, ((seed, neighbor), gap)) in row.iter_mut().zip(ends) {
            if !cell.is_finite() {
                *cell = in_halves(*seed, *neighbor, *gap);
            }
        }
    }
    round_integers(row, integers);
}

fn round_integers(row: &mut [f64], integers: &[usize]) {
    for &column in integers {
        row[column] = row[column].round();
    }
}

/// The values whose ends are too far apart for their difference to be a number: in halves.
#[cold]
fn across_the_range(seed: &[f64], neighbor: &[f64], gap: f64, row: &mut [f64]) {
    for ((cell, &seed), &neighbor) in row.iter_mut().zip(seed).zip(neighbor) {
        if !(neighbor - seed).is_finite() {
            *cell = in_halves(seed, neighbor, gap);
        }
    }
}

fn in_halves(seed: f64, neighbor: f64, gap: f64) -> f64 {
    let half = 0.5 * seed + gap * (0.5 * neighbor - 0.5 * seed);
    (2.0 * half).clamp(f64::MIN, f64::MAX)
}

/// The numbers of the integer columns.
pub(crate) fn integer_columns(features: &[Feature]) -> Vec<usize> {
    let columns = features.iter().enumerate();
    columns.filter(|(_, feature)| feature.kind == ColumnKind::Integer).map(|(column, _)| column).collect()
}

/// The numbers of the columns of categories.
pub(crate) fn category_columns(features: &[Feature]) -> Vec<usize> {
    let columns = features.iter().enumerate();
    let is_category = |kind: &ColumnKind| matches!(kind, ColumnKind::Categorical(_));
    columns.filter(|(_, feature)| is_category(&feature.kind)).map(|(column, _)| column).collect()
}

/// Random numbers for the new rows of a class.
///
/// Each row has a fixed place in one stream, so rows can be made in any order and by any number of threads.
#[derive(Clone)]
pub(crate) struct RowDraws {
    rng: Rng,
    /// Words (of 32 bits) of the stream that belong to one row.
    words: u128,
}

impl RowDraws {
    /// A new stream, seeded by the next draw from `rng`, with room for four draws a row: three are used; four
    /// fill half a block of the generator.
    pub(crate) fn new(rng: &mut Rng) -> Self {
        Self::with_room(rng, 4)
    }

    /// The same with room for this many draws of 64 bits per row.
    pub(crate) fn with_room(rng: &mut Rng, draws: usize) -> Self {
        Self { rng: Rng::from_seed(rng.random()), words: 2 * draws as u128 }
    }

    /// The generator of one row, which must not draw more than there is room for.
    pub(crate) fn of_row(&self, row: usize) -> Rng {
        let mut rng = self.rng.clone();
        rng.set_word_pos(row as u128 * self.words);
        rng
    }

    /// The draws of this row and of those after it, three numbers per row.
    pub(crate) fn starting_at(&self, row: usize) -> impl Iterator<Item = [u64; 3]> {
        let mut rng = self.of_row(row);
        std::iter::repeat_with(move || {
            let [first, second, third, _] = std::array::from_fn(|_| rng.random());
            [first, second, third]
        })
    }

    /// A generator for numbers that are drawn once per class. It starts behind the places of `rows` rows.
    pub(crate) fn behind(&self, rows: usize) -> Rng {
        self.of_row(rows)
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
    fn values_stay_on_their_segment_at_the_ends_of_the_range() {
        let (seed, neighbor) = ([1.7e308, 1e308, 0.1], [-1.7e308, -1e308, 0.3]);
        let between = |gap: f64| {
            let mut row = [0.0; 3];
            interpolate(&seed, &neighbor, gap, &[], &mut row);
            row
        };
        for gap in [0.0, 0.25, 0.5, 0.999_999_999_999_999_9] {
            for ((value, seed), neighbor) in between(gap).iter().zip(&seed).zip(&neighbor) {
                assert!((seed.min(*neighbor)..=seed.max(*neighbor)).contains(value), "{gap}: {value}");
            }
        }
        assert_eq!(between(0.5)[..2], [0.0, 0.0]);
        assert_eq!(between(0.25)[0], 0.85e308);
        assert!(between(-1.3).iter().all(|value| value.is_finite()), "an extrapolation");
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
}
