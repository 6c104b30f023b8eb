//! Holds out validation rows for methods that need them and are given none.

use imb_core::{Labels, Result, Rng, Target, Train};
use rand::seq::SliceRandom;

/// The share of each class that is held out.
const SHARE: f64 = 0.2;

/// Training and validation rows, as row numbers of `train.rows`.
///
/// If there are validation rows already, all rows train. Otherwise a fifth of each class is drawn for
/// validation, at least one row; the only row of a class trains.
pub(crate) fn hold_out(train: &Train<Labels>, rng: &mut Rng) -> (Vec<usize>, Vec<usize>) {
    let y = train.rows.y();
    if train.validation.is_some() {
        return ((0..y.n_rows()).collect(), Vec::new());
    }
    let (mut training, mut validation) = (Vec::new(), Vec::new());
    for class in 0..y.classes().len() {
        let mut rows = y.rows_of(class as u32);
        rows.shuffle(rng);
        let share = (SHARE * rows.len() as f64).round() as usize;
        let n = share.max(1).min(rows.len().saturating_sub(1));
        validation.extend(&rows[..n]);
        training.extend(&rows[n..]);
    }
    training.sort_unstable();
    validation.sort_unstable();
    (training, validation)
}

/// Training and validation rows as data sets, and the row number in `train.rows` of each training row.
///
/// # Errors
/// [`imb_core::Error::LengthMismatch`] if no row is left for validation.
pub(crate) fn with_validation(train: &Train<Labels>, rng: &mut Rng) -> Result<(Train<Labels>, Vec<usize>)> {
    let (training, validation) = hold_out(train, rng);
    if train.validation.is_some() {
        return Ok((train.clone(), training));
    }
    let validation = Some(train.rows.select(&validation)?);
    Ok((Train { rows: train.rows.select(&training)?, validation }, training))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{Dataset, Seed};
    use ndarray::Array2;

    #[test]
    fn a_fifth_of_each_class_is_held_out() {
        let texts: Vec<&str> = [vec!["a"; 20], vec!["b"; 2], vec!["c"]].concat();
        let rows = Dataset::unnamed(Array2::zeros((23, 1)), Labels::from_texts(&texts)).expect("valid");
        let train = Train { rows, validation: None };
        let (training, validation) = hold_out(&train, &mut Seed::new(1).rng());
        assert_eq!((training.len(), validation.len()), (18, 5));
        assert_eq!(train.rows.y().select(&validation).counts(), [4, 1, 0]);
        let mut all = [training, validation].concat();
        all.sort_unstable();
        assert_eq!(all, (0..23).collect::<Vec<_>>());
        let given = Train { validation: Some(train.rows.clone()), ..train };
        assert_eq!(hold_out(&given, &mut Seed::new(1).rng()), ((0..23).collect(), Vec::new()));
    }
}
