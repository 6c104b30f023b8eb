//! Deals rows that have one class each, so that every part gets its share of each class.
//!
//! **Rounding of a holdout.** A class of `n` rows wants `n` × share rows of each part. Every part gets the whole
//! rows of that; the rows left over go, one each, to the parts that lack a fraction of a row, first
//! to the part that is most behind, counting what the classes dealt before it have left open. A tie
//! goes to train, then to test, then to validation. Classes are dealt from the rarest to the most
//! frequent, so the rare ones are rounded to the nearest and the frequent ones even out the sizes of
//! the parts. So each class is within one row of its share in each part.
//!
//! **Rare classes.** A class of two rows or more has at least one in train and one in test, where
//! test has a share; validation gets what is left, and only there may a class be further than a row
//! from its share. At 60/20/20 this touches classes of up to five rows. A class with one row cannot
//! be in both parts, which is an error that names it.
//!
//! Which rows of a class go where is drawn from the generator.
//!
//! **Folds** have equal shares. The rows of each class are shuffled, the classes are laid end to end, and folds
//! take turns along the whole line. So the counts of a class differ by at most one row between folds, and so
//! do the sizes of the folds.

use imb_core::{Error, Labels, Result, Rng};
use rand::seq::SliceRandom;

const TRAIN: usize = 0;
const VALIDATION: usize = 1;
const TEST: usize = 2;

/// Shares and fractions of a row below this are nothing but rounding of binary fractions.
pub(super) const SMALLEST_SHARE: f64 = 1e-9;

/// Train, validation and test rows by these shares, each in ascending order.
pub(super) fn hold_out(labels: &Labels, shares: [f64; 3], rng: &mut Rng) -> Result<[Vec<usize>; 3]> {
    let mut classes: Vec<(usize, Vec<usize>)> = rows_by_class(labels).into_iter().enumerate().collect();
    classes.retain(|(_, rows)| !rows.is_empty());
    classes.sort_by_key(|(class, rows)| (rows.len(), *class));
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    let mut behind = [0.0; 3];
    for (class, mut rows) in classes {
        if rows.len() == 1 && shares[TEST] > 0.0 {
            return Err(single_row(labels, class));
        }
        rows.shuffle(rng);
        let mut rows = rows.into_iter();
        for (part, count) in parts.iter_mut().zip(apportion(rows.len(), shares, &mut behind)) {
            part.extend(rows.by_ref().take(count));
        }
    }
    parts.iter_mut().for_each(|part| part.sort_unstable());
    Ok(parts)
}

/// How many of a class's `n` rows each part gets; `behind` carries what rounding left open from
/// class to class.
fn apportion(n: usize, shares: [f64; 3], behind: &mut [f64; 3]) -> [usize; 3] {
    let exact = shares.map(|share| whole_if_near(share * n as f64));
    let mut counts = exact.map(|rows| rows.floor() as usize);
    if shares[TEST] > 0.0 {
        counts[TEST] = counts[TEST].max(1).min(n - 1);
    }
    counts[TRAIN] = counts[TRAIN].max(1).min(n - counts[TEST]);
    counts[VALIDATION] = counts[VALIDATION].min(n - counts[TRAIN] - counts[TEST]);
    for _ in counts.iter().sum()..n {
        let lacks = |part: usize| exact[part] - counts[part] as f64;
        let wants = |part: &usize| lacks(*part) + behind[*part];
        // The last of equals is taken, so the order here is the reverse of who wins a tie.
        let open = [VALIDATION, TEST, TRAIN].into_iter().filter(|part| lacks(*part) > 0.0);
        let part = open.max_by(|a, b| wants(a).total_cmp(&wants(b))).unwrap_or(TRAIN);
        counts[part] += 1;
    }
    for part in [TRAIN, VALIDATION, TEST] {
        behind[part] += exact[part] - counts[part] as f64;
    }
    counts
}

/// Shares such as 1 − 0.3 − 0.1 are a little off in binary; whole numbers of rows shall not be.
fn whole_if_near(rows: f64) -> f64 {
    let whole = rows.round();
    if (rows - whole).abs() < SMALLEST_SHARE * whole.max(1.0) { whole } else { rows }
}

/// The rows of each fold, in ascending order.
pub(super) fn deal(labels: &Labels, n_folds: usize, rng: &mut Rng) -> Result<Vec<Vec<usize>>> {
    let mut line = Vec::new();
    for (class, mut rows) in rows_by_class(labels).into_iter().enumerate() {
        if rows.len() == 1 {
            return Err(single_row(labels, class));
        }
        rows.shuffle(rng);
        line.append(&mut rows);
    }
    let mut folds = vec![Vec::new(); n_folds];
    for (turn, row) in line.into_iter().enumerate() {
        folds[turn % n_folds].push(row);
    }
    folds.iter_mut().for_each(|rows| rows.sort_unstable());
    Ok(folds)
}

/// The rows of each class in ascending order, by class number.
pub(super) fn rows_by_class(labels: &Labels) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); labels.classes().len()];
    for (row, &class) in labels.codes().iter().enumerate() {
        rows[class as usize].push(row);
    }
    rows
}

/// The error for a class that has one row where train and test need one each.
pub(super) fn single_row(labels: &Labels, class: usize) -> Error {
    Error::TooFewRows {
        class: format!("class \"{}\"", labels.classes()[class]),
        has: 1,
        needs: 2,
        remedy: "train and test need a row each; drop the class or join it with another".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_counts(n: usize) -> [usize; 3] {
        apportion(n, [0.6, 0.2, 0.2], &mut [0.0; 3])
    }

    #[test]
    fn small_classes_by_hand() {
        assert_eq!(three_counts(2), [1, 0, 1]);
        assert_eq!(three_counts(3), [2, 0, 1]);
        assert_eq!(three_counts(4), [2, 1, 1]);
        assert_eq!(three_counts(5), [3, 1, 1]);
        assert_eq!(three_counts(6), [4, 1, 1]);
        assert_eq!(three_counts(20), [12, 4, 4]);
    }
}
