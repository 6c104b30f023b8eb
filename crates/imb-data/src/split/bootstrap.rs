//! Bootstrap within class: as many rows of each class as there are, drawn with replacement.
//!
//! The code released with MOODS scores such a draw of its test and validation rows instead of the
//! rows themselves, and that released with MUBO a draw with as many majority as minority rows. Those
//! draws came from unseeded generators and cannot be replayed; these are draws of our own.
//!
//! Efron, "Bootstrap methods: another look at the jackknife", The Annals of Statistics 7 (1979),
//! doi:10.1214/aos/1176344552.

use imb_core::{Error, Labels, Result, Rng, Target};
use rand::RngExt;

use crate::split::Fold;

/// Draws from these rows with replacement, within each class as many as it has among them.
///
/// Rows come out class by class, in the order of class numbers.
///
/// # Errors
/// [`Error::InvalidParameter`] for a row that has no label.
pub fn bootstrap_within_class(rows: &[usize], labels: &Labels, rng: &mut Rng) -> Result<Vec<usize>> {
    let members = members_by_class(rows, labels)?;
    let counts: Vec<usize> = members.iter().map(Vec::len).collect();
    Ok(draw(&members, &counts, rng))
}

/// Draws from these rows with replacement, within each class the number given for it.
///
/// # Errors
/// [`Error::InvalidParameter`] for a row that has no label; [`Error::LengthMismatch`] unless there
/// is one number a class; [`Error::TooFewRows`] if rows are asked of a class that has none here.
pub fn bootstrap_to_counts(
    rows: &[usize],
    labels: &Labels,
    counts: &[usize],
    rng: &mut Rng,
) -> Result<Vec<usize>> {
    let members = members_by_class(rows, labels)?;
    let (expected, found) = (members.len(), counts.len());
    if expected != found {
        return Err(Error::LengthMismatch { what: "rows to draw, by class".into(), expected, found });
    }
    let mut absent = (0..expected).filter(|&class| members[class].is_empty() && counts[class] > 0);
    match absent.next() {
        Some(class) => Err(no_rows(&labels.classes()[class])),
        None => Ok(draw(&members, counts, rng)),
    }
}

/// The fold with its test rows, then its validation rows, replaced by a bootstrap within class.
///
/// # Errors
/// [`Error::LengthMismatch`] if the labels are not those of the fold's table.
pub fn bootstrap_as_released(fold: &Fold, labels: &Labels, rng: &mut Rng) -> Result<Fold> {
    let (expected, found) = (fold.n_rows(), labels.n_rows());
    if expected != found {
        return Err(Error::LengthMismatch { what: "labels of the rows to draw".into(), expected, found });
    }
    let test = bootstrap_within_class(fold.test(), labels, rng)?;
    let validation = bootstrap_within_class(fold.validation(), labels, rng)?;
    Fold::overlapping_as_released(fold.n_rows(), fold.train().to_vec(), validation, test)
}

fn members_by_class(rows: &[usize], labels: &Labels) -> Result<Vec<Vec<usize>>> {
    let mut members = vec![Vec::new(); labels.classes().len()];
    for &row in rows {
        let Some(&class) = labels.codes().get(row) else {
            return Err(Error::invalid_parameter(
                "row to draw",
                format!("below the number of labels, {}", labels.n_rows()),
                row,
            ));
        };
        members[class as usize].push(row);
    }
    Ok(members)
}

/// No number may be asked of an empty class.
fn draw(members: &[Vec<usize>], counts: &[usize], rng: &mut Rng) -> Vec<usize> {
    let mut drawn = Vec::new();
    for (rows, &count) in members.iter().zip(counts) {
        drawn.extend((0..count).map(|_| rows[rng.random_range(0..rows.len())]));
    }
    drawn
}

fn no_rows(class: &str) -> Error {
    Error::TooFewRows {
        class: format!("class \"{class}\""),
        has: 0,
        needs: 1,
        remedy: "draw none of this class, or from rows that have it".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;
    use proptest::prelude::*;

    fn labels(codes: Vec<u32>) -> Labels {
        Labels::new(codes, vec!["no".into(), "yes".into()]).expect("two classes")
    }

    #[test]
    fn asked_counts_are_drawn() {
        let labels = labels(vec![0, 0, 0, 0, 1, 1]);
        let mut rng = Seed::new(1).rng();
        let drawn = bootstrap_to_counts(&[0, 1, 2, 4, 5], &labels, &[2, 2], &mut rng).expect("both there");
        assert_eq!(labels.select(&drawn).counts(), [2, 2]);
        assert!(bootstrap_to_counts(&[0, 1], &labels, &[2, 2], &mut rng).is_err(), "no row of yes");
        assert!(bootstrap_to_counts(&[0, 4], &labels, &[2], &mut rng).is_err(), "one number");
        assert!(bootstrap_within_class(&[6], &labels, &mut rng).is_err(), "no such row");
    }

    #[test]
    fn training_rows_are_left_alone() {
        let labels = labels(vec![0, 1, 0, 1, 0, 1, 0, 1]);
        let fold = Fold::new(8, vec![0, 1], vec![2, 3, 4, 5], vec![6, 7]).expect("a partition");
        let drawn = bootstrap_as_released(&fold, &labels, &mut Seed::new(2).rng()).expect("same table");
        assert_eq!((drawn.train(), drawn.test()), (&[0, 1][..], &[6, 7][..]), "one test row a class");
        assert_eq!(labels.select(drawn.validation()).counts(), [2, 2]);
        assert!(!drawn.is_disjoint());
        assert!(bootstrap_as_released(&fold, &labels.select(&[0]), &mut Seed::new(2).rng()).is_err());
    }

    /// A row is drawn k times in n draws with the binomial's share; of 2,000 rows 36.8 % never.
    #[test]
    fn draws_are_with_replacement() {
        let rows: Vec<usize> = (0..2000).collect();
        let drawn = bootstrap_within_class(&rows, &labels(vec![0; 2000]), &mut Seed::new(3).rng());
        let mut distinct = drawn.expect("labelled");
        distinct.sort_unstable();
        distinct.dedup();
        assert!((1215..1315).contains(&distinct.len()), "{} distinct rows", distinct.len());
    }

    proptest! {
        #[test]
        fn class_counts_stay(codes in prop::collection::vec(0u32..2, 1..60), seed: u64) {
            let rows: Vec<usize> = (0..codes.len()).step_by(2).collect();
            let labels = labels(codes);
            let draw = |seed| bootstrap_within_class(&rows, &labels, &mut Seed::new(seed).rng());
            let drawn = draw(seed).expect("labelled");
            prop_assert_eq!(labels.select(&drawn).counts(), labels.select(&rows).counts());
            prop_assert!(drawn.iter().all(|row| rows.contains(row)));
            prop_assert_eq!(drawn, draw(seed).expect("labelled"));
        }
    }
}
