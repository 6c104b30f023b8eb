//! Replay of `train_test_split(..., stratify=y)`.
//!
//! Class counts of the training part are the whole rows of each class's share; the rows still
//! lacking go to the classes with the largest fraction of a row, drawn among equals. The test part is
//! apportioned in the same way from what training leaves. Then the rows of each class are permuted
//! and cut, and both parts are permuted once more.

use imb_core::{Error, Labels, Result, Target};

use crate::split::by_class::{rows_by_class, single_row};
use crate::split::scikit_learn::{RandomState, Sizes, TrainTest};

/// `train_test_split(rows, test_size=test_size, random_state=random_state, stratify=labels)`.
///
/// Class numbers must be in the order in which NumPy sorts the classes, as those of
/// [`Labels::from_texts`] are. Classes without rows are passed over.
///
/// # Errors
/// [`Error::InvalidParameter`] unless the share is above 0 and below 1 and both parts have a row for
/// each class; [`Error::TooFewRows`] for a class with a single row.
pub fn stratified_train_test_split(labels: &Labels, test_size: f64, random_state: u32) -> Result<TrainTest> {
    let sizes = Sizes::new(labels.n_rows(), test_size, None)?;
    let mut classes = rows_by_class(labels);
    if let Some(class) = classes.iter().position(|rows| rows.len() == 1) {
        return Err(single_row(labels, class));
    }
    classes.retain(|rows| !rows.is_empty());
    require_row_for_each(classes.len(), sizes)?;
    let mut state = RandomState::new(random_state);
    let mut counts: Vec<usize> = classes.iter().map(Vec::len).collect();
    let in_train = apportion(&counts, sizes.train, &mut state);
    counts.iter_mut().zip(&in_train).for_each(|(count, taken)| *count -= taken);
    let in_test = apportion(&counts, sizes.test, &mut state);

    let (mut train, mut test) = (Vec::new(), Vec::new());
    for ((rows, n_train), n_test) in classes.iter().zip(in_train).zip(in_test) {
        let mut permuted = state.permutation(rows.len()).into_iter().map(|place| rows[place]);
        train.extend(permuted.by_ref().take(n_train));
        test.extend(permuted.take(n_test));
    }
    state.shuffle(&mut train);
    state.shuffle(&mut test);
    Ok(TrainTest { train, test })
}

/// How many of `n` rows each class gives, in proportion to its count.
fn apportion(counts: &[usize], n: usize, state: &mut RandomState) -> Vec<usize> {
    let total: usize = counts.iter().sum();
    let exact: Vec<f64> = counts.iter().map(|&count| count as f64 / total as f64 * n as f64).collect();
    let mut given: Vec<usize> = exact.iter().map(|rows| rows.floor() as usize).collect();
    let fractions: Vec<f64> = exact.iter().map(|rows| rows - rows.floor()).collect();
    let mut sorted = fractions.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted.dedup();
    let mut lacking = n.saturating_sub(given.iter().sum());
    for fraction in sorted {
        if lacking == 0 {
            break;
        }
        let equals: Vec<usize> = (0..counts.len()).filter(|&class| fractions[class] == fraction).collect();
        // All equals are permuted even where all are taken: the generator moves on alike.
        let drawn = state.permutation(equals.len());
        for place in drawn.into_iter().take(lacking) {
            given[equals[place]] += 1;
        }
        lacking -= lacking.min(equals.len());
    }
    given
}

fn require_row_for_each(n_classes: usize, sizes: Sizes) -> Result<()> {
    for (name, size) in [("training", sizes.train), ("test", sizes.test)] {
        if size < n_classes {
            return Err(Error::invalid_parameter(
                format!("number of {name} rows"),
                format!("at least the number of classes, {n_classes}"),
                size,
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::scikit_learn::reference::{self, Rows};
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        n_rows: usize,
        n_classes: usize,
        test_size: f64,
        seed: u32,
        train: Rows,
        test: Rows,
    }

    /// The labels that the script's documentation states.
    fn labels(n_rows: usize, n_classes: usize) -> Labels {
        let codes = (0..n_rows).map(|row| ((row * row + row / 3) % n_classes) as u32).collect();
        let names = (0..n_classes).map(|class| class.to_string()).collect();
        Labels::new(codes, names).expect("codes below the number of classes")
    }

    #[test]
    fn rows_equal_scikit_learn() {
        let cases: Vec<Case> = reference::cases("stratified_splits");
        assert_eq!(cases.len(), 36);
        for case in cases {
            let labels = labels(case.n_rows, case.n_classes);
            let split = stratified_train_test_split(&labels, case.test_size, case.seed).expect("valid");
            case.train.assert_equal(&split.train);
            case.test.assert_equal(&split.test);
        }
    }

    #[test]
    fn what_scikit_learn_refuses_is_refused() {
        assert!(stratified_train_test_split(&Labels::from_texts(&["a", "a", "b"]), 0.5, 0).is_err());
        assert!(stratified_train_test_split(&labels(40, 3), 0.05, 0).is_err(), "two test rows");
    }
}
