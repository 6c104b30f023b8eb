//! Replays of scikit-learn's splitters, row by row and in its order.
//!
//! Published figures hang on such splits: `train_test_split(..., random_state=42)` is a set of rows
//! that a reader must be able to get back. The rows were compared with scikit-learn 1.9.1 and
//! NumPy 2.4.6; the tests hold the reference and the script that made it.
//!
//! These splits are not stratified unless they say so. For work of one's own there are
//! [`Holdout`](crate::split::Holdout) and [`StratifiedKFold`](crate::split::StratifiedKFold).
//!
//! Pedregosa et al., "Scikit-learn: machine learning in Python", JMLR 12 (2011),
//! <https://jmlr.org/papers/v12/pedregosa11a.html>.

mod stratified;

pub use crate::split::random_state::RandomState;
pub use stratified::stratified_train_test_split;

use imb_core::{Error, Result};

use crate::split::Fold;

/// Training and test rows, in scikit-learn's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainTest {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows held out.
    pub test: Vec<usize>,
}

impl TrainTest {
    /// The fold without validation rows that these parts are.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if some of `n_rows` rows are in neither part.
    pub fn into_fold(self, n_rows: usize) -> Result<Fold> {
        Fold::new(n_rows, self.train, Vec::new(), self.test)
    }
}

/// `train_test_split(rows, test_size=test_size, random_state=random_state)`.
///
/// The rows are permuted; the first ⌈`test_size` × `n_rows`⌉ test and the others train.
///
/// # Errors
/// [`Error::InvalidParameter`] unless the share is above 0 and below 1 and leaves training rows.
pub fn train_test_split(n_rows: usize, test_size: f64, random_state: u32) -> Result<TrainTest> {
    let sizes = Sizes::new(n_rows, test_size, None)?;
    Ok(sizes.cut(&RandomState::new(random_state).permutation(n_rows)))
}

/// `ShuffleSplit(n_splits, test_size=..., train_size=..., random_state=...)`: several such splits,
/// drawn one after the other from one generator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShuffleSplit {
    /// Number of splits.
    pub n_splits: usize,
    /// Share of the rows that test, rounded up.
    pub test_size: f64,
    /// Share of the rows that train, rounded down; all others if there is none.
    pub train_size: Option<f64>,
    /// The seed.
    pub random_state: u32,
}

impl ShuffleSplit {
    /// The splits of a table with `n_rows` rows.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless the shares are above 0 and below 1, fit together and
    /// leave training rows.
    pub fn split(&self, n_rows: usize) -> Result<Vec<TrainTest>> {
        let sizes = Sizes::new(n_rows, self.test_size, self.train_size)?;
        let mut state = RandomState::new(self.random_state);
        Ok((0..self.n_splits).map(|_| sizes.cut(&state.permutation(n_rows))).collect())
    }
}

/// `KFold(n_splits, shuffle=..., random_state=...)`: consecutive pieces of the rows, or of their
/// permutation, test in turn. Both parts are in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KFold {
    /// Number of folds, at least 2.
    pub n_splits: usize,
    /// The seed of the permutation; unshuffled if there is none.
    pub random_state: Option<u32>,
}

impl KFold {
    /// The folds of a table with `n_rows` rows. The first `n_rows` mod `n_splits` have a row more.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless there are two folds or more, and a row for each.
    pub fn split(&self, n_rows: usize) -> Result<Vec<TrainTest>> {
        crate::split::stratify::require_folds(self.n_splits, n_rows)?;
        let order = match self.random_state {
            Some(seed) => RandomState::new(seed).permutation(n_rows),
            None => (0..n_rows).collect(),
        };
        let mut rest = order.as_slice();
        let mut splits = Vec::with_capacity(self.n_splits);
        for fold in 0..self.n_splits {
            let size = n_rows / self.n_splits + usize::from(fold < n_rows % self.n_splits);
            let (tested, others) = rest.split_at(size);
            rest = others;
            splits.push(in_ascending_order(tested, n_rows));
        }
        Ok(splits)
    }
}

fn in_ascending_order(tested: &[usize], n_rows: usize) -> TrainTest {
    let mut is_tested = vec![false; n_rows];
    for &row in tested {
        is_tested[row] = true;
    }
    let (test, train) = (0..n_rows).partition(|&row| is_tested[row]);
    TrainTest { train, test }
}

/// Numbers of training and test rows.
#[derive(Clone, Copy)]
struct Sizes {
    train: usize,
    test: usize,
}

impl Sizes {
    fn new(n_rows: usize, test_size: f64, train_size: Option<f64>) -> Result<Self> {
        let refuse = |name: &str, requirement: &str, value: String| {
            Err(Error::invalid_parameter(name, requirement, value))
        };
        for (name, share) in [("test_size", Some(test_size)), ("train_size", train_size)] {
            if let Some(share) = share.filter(|share| !(*share > 0.0 && *share < 1.0)) {
                return refuse(name, "above 0 and below 1", share.to_string());
            }
        }
        let test = (test_size * n_rows as f64).ceil() as usize;
        let train = match train_size {
            Some(share) => (share * n_rows as f64).floor() as usize,
            None => n_rows.saturating_sub(test),
        };
        if train + test > n_rows || train == 0 {
            let value = format!("{train} of {n_rows}, with {test} test rows");
            return refuse("number of training rows", "at least 1 and beside the test rows", value);
        }
        Ok(Self { train, test })
    }

    /// The first rows test, the next ones train.
    fn cut(self, permutation: &[usize]) -> TrainTest {
        let (test, rest) = permutation.split_at(self.test);
        TrainTest { train: rest[..self.train].to_vec(), test: test.to_vec() }
    }
}

/// The rows that scikit-learn gave: `tests/reference/split.json` and how it is read.
#[cfg(test)]
pub(super) mod reference;

#[cfg(test)]
mod tests {
    use super::reference::Rows;
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Pair {
        train: Rows,
        test: Rows,
    }

    impl Pair {
        fn assert_equal(&self, split: &TrainTest) {
            self.train.assert_equal(&split.train);
            self.test.assert_equal(&split.test);
        }
    }

    #[derive(Deserialize)]
    struct TrainTestCase {
        n_rows: usize,
        test_size: f64,
        seed: u32,
        #[serde(flatten)]
        split: Pair,
    }

    #[test]
    fn train_test_split_equals_scikit_learn() {
        let cases: Vec<TrainTestCase> = reference::cases("train_test_splits");
        assert_eq!(cases.len(), 44);
        for case in cases {
            let split = train_test_split(case.n_rows, case.test_size, case.seed).expect("valid share");
            case.split.assert_equal(&split);
            assert!(split.into_fold(case.n_rows).is_ok());
        }
    }

    #[derive(Deserialize)]
    struct ShuffleCase {
        n_rows: usize,
        test_size: f64,
        train_size: Option<f64>,
        seed: u32,
        splits: Vec<Pair>,
    }

    #[test]
    fn shuffle_split_equals_scikit_learn() {
        for case in reference::cases::<ShuffleCase>("shuffle_splits") {
            let (n_splits, test_size, train_size) = (case.splits.len(), case.test_size, case.train_size);
            let splitter = ShuffleSplit { n_splits, test_size, train_size, random_state: case.seed };
            let splits = splitter.split(case.n_rows).expect("valid shares");
            case.splits.iter().zip(&splits).for_each(|(expected, split)| expected.assert_equal(split));
        }
    }

    #[derive(Deserialize)]
    struct KFoldCase {
        n_rows: usize,
        n_splits: usize,
        seed: Option<u32>,
        splits: Vec<Pair>,
    }

    #[test]
    fn k_fold_equals_scikit_learn() {
        for case in reference::cases::<KFoldCase>("k_folds") {
            let splitter = KFold { n_splits: case.n_splits, random_state: case.seed };
            let splits = splitter.split(case.n_rows).expect("a row for each fold");
            assert_eq!(splits.len(), case.splits.len());
            case.splits.iter().zip(&splits).for_each(|(expected, split)| expected.assert_equal(split));
        }
    }

    #[test]
    fn what_scikit_learn_refuses_is_refused() {
        for (n_rows, test_size) in [(10, 0.0), (10, 1.0), (10, f64::NAN), (1, 0.5), (0, 0.5), (10, 0.95)] {
            assert!(train_test_split(n_rows, test_size, 0).is_err(), "{test_size} of {n_rows}");
        }
        let overfull = ShuffleSplit { n_splits: 1, test_size: 0.6, train_size: Some(0.6), random_state: 0 };
        assert!(overfull.split(10).is_err());
        assert!(KFold { n_splits: 1, random_state: None }.split(10).is_err());
        assert!(KFold { n_splits: 11, random_state: None }.split(10).is_err());
    }
}
