//! How many rows each class is to have after resampling.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use imb_core::{Delivery, Error, Labels, Result};
use serde::{Deserialize, Serialize};

use crate::memory::require_memory;

/// How many rows each class is to have after resampling, under the names that imbalanced-learn uses.
///
/// It is read from a name, from a number (a ratio), from `{ ratio = 0.5 }` or `{ counts = { rare = 500 } }`,
/// or from the short texts `ratio=0.5` and `counts=rare:500,other:800`.
///
/// ```
/// use imb_resample::{SamplingStrategy, Smote};
///
/// // Half as many rare rows as frequent ones.
/// let smote = Smote { sampling_strategy: SamplingStrategy::Ratio(0.5), ..Smote::default() };
/// // In a file of parameters:
/// let read: Smote = serde_json::from_str(r#"{ "sampling_strategy": { "ratio": 0.5 } }"#)?;
/// assert_eq!(read, smote);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "crate::strategy_form::Form")]
pub enum SamplingStrategy {
    /// `not_majority` for over-sampling, `not_minority` for under-sampling.
    #[default]
    Auto,
    /// Over-sampling: the smallest class grows to the size of the largest.
    Minority,
    /// Under-sampling: the largest class shrinks to the size of the smallest.
    Majority,
    /// Every class but the smallest is brought to the size of the reference class.
    NotMinority,
    /// Every class but the largest is brought to the size of the reference class.
    NotMajority,
    /// Every class is brought to the size of the reference class: the largest for over-sampling,
    /// the smallest for under-sampling.
    All,
    /// For two classes: rows of the smaller class over rows of the larger after resampling, at most 1.
    Ratio(f64),
    /// The number of rows of each listed class; the others stay as they are.
    Counts(BTreeMap<String, usize>),
    /// The number of rows of each class that a function returns; the others stay as they are.
    #[serde(skip)]
    Custom(Custom),
}

/// A function of the caller that returns, for some classes, the number of rows to reach.
pub type CountsOf = dyn Fn(&Labels) -> BTreeMap<String, usize> + Send + Sync;

/// A function from the labels to the number of rows that each class is to have. Two are equal if they share the
/// same `Arc`.
#[derive(Clone)]
pub struct Custom(pub Arc<CountsOf>);

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Custom")
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What to do where a class, or the training set, has no more rows than neighbours are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmallClasses {
    /// Return an error that states the largest number of neighbours that works.
    #[default]
    Error,
    /// Use as many neighbours as there are, or copy the only row of a class, and say so in the delivery
    /// report.
    Shrink,
}

/// Whether classes grow or shrink.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Over,
    Under,
}

impl SamplingStrategy {
    /// Rows to add to each class, by class number. Rows of so many features must fit into memory.
    pub(crate) fn rows_to_add(&self, labels: &Labels, n_features: usize) -> Result<Vec<usize>> {
        let counts = labels.counts();
        let targets = self.targets(labels, Direction::Over)?;
        let to_add: Vec<usize> = targets.iter().zip(counts).map(|(target, count)| target - count).collect();
        let rows = to_add.iter().fold(0_usize, |sum, rows| sum.saturating_add(*rows));
        require_memory("sampling_strategy", rows, n_features)?;
        Ok(to_add)
    }

    /// Rows to keep of each class, by class number.
    pub(crate) fn rows_to_keep(&self, labels: &Labels) -> Result<Vec<usize>> {
        self.targets(labels, Direction::Under)
    }

    /// The number of rows that each class is to have, by class number. A class without rows stays empty.
    fn targets(&self, labels: &Labels, direction: Direction) -> Result<Vec<usize>> {
        let counts = labels.counts();
        let present: Vec<usize> = (0..counts.len()).filter(|&class| counts[class] > 0).collect();
        let smallest = present.iter().copied().min_by_key(|&class| counts[class]);
        // Of several largest classes the first, as for the smallest: `max_by_key` returns the last.
        let largest = present.iter().rev().copied().max_by_key(|&class| counts[class]);
        let (Some(smallest), Some(largest), true) = (smallest, largest, present.len() > 1) else {
            let only =
                present.first().map(|&class| format!("{} ({} rows)", labels.classes()[class], counts[class]));
            return Err(Error::NotApplicable {
                method: "resampling".into(),
                reason: format!(
                    "it needs two classes with rows, and there is only {}",
                    only.unwrap_or_default()
                ),
            });
        };
        let changes: &dyn Fn(usize) -> bool = match (self, direction) {
            (Self::Auto | Self::NotMajority, Direction::Over) | (Self::NotMajority, Direction::Under) => {
                &|class| class != largest
            }
            (Self::Auto | Self::NotMinority, Direction::Under) | (Self::NotMinority, Direction::Over) => {
                &|class| class != smallest
            }
            (Self::All, _) => &|_| true,
            (Self::Minority, Direction::Over) => &|class| class == smallest,
            (Self::Majority, Direction::Under) => &|class| class == largest,
            (Self::Minority, Direction::Under) | (Self::Majority, Direction::Over) => {
                return Err(refused("one that changes the class in this direction", format!("{self:?}")));
            }
            (Self::Ratio(ratio), _) => return by_ratio(&counts, [smallest, largest], *ratio, direction),
            (Self::Counts(asked), _) => return by_counts(labels, &counts, asked, direction),
            (Self::Custom(custom), _) => return by_counts(labels, &counts, &custom.0(labels), direction),
        };
        let reference = if direction == Direction::Over { counts[largest] } else { counts[smallest] };
        let target = |class| if counts[class] > 0 && changes(class) { reference } else { counts[class] };
        Ok((0..counts.len()).map(target).collect())
    }
}

fn by_ratio(
    counts: &[usize],
    [smallest, largest]: [usize; 2],
    ratio: f64,
    direction: Direction,
) -> Result<Vec<usize>> {
    if counts.iter().filter(|&&count| count > 0).count() != 2 {
        let requirement = "a number of rows for each class, since there are more than two classes";
        return Err(refused(requirement, format!("ratio {ratio}")));
    }
    let (few, many) = (counts[smallest] as f64, counts[largest] as f64);
    if !(ratio > 0.0 && ratio <= 1.0 && ratio >= few / many) {
        let requirement = format!("a ratio from {}, that of the data, to 1", few / many);
        return Err(refused(requirement, ratio));
    }
    let mut targets = counts.to_vec();
    match direction {
        Direction::Over => targets[smallest] = ((ratio * many) as usize).max(counts[smallest]),
        Direction::Under => targets[largest] = ((few / ratio) as usize).min(counts[largest]),
    }
    Ok(targets)
}

fn by_counts(
    labels: &Labels,
    counts: &[usize],
    asked: &BTreeMap<String, usize>,
    direction: Direction,
) -> Result<Vec<usize>> {
    let mut targets = counts.to_vec();
    for (name, &target) in asked {
        let Some(class) = labels.classes().iter().position(|class| class == name) else {
            let known = labels.classes().join(", ");
            return Err(Error::UnknownName { what: "class".into(), name: name.clone(), known });
        };
        let count = counts[class];
        if count == 0 && target > 0 && direction == Direction::Over {
            return Err(Error::TooFewRows {
                class: format!("class {name}"),
                has: 0,
                needs: 1,
                remedy: "new rows are made from rows of their class, so leave it out of sampling_strategy"
                    .into(),
            });
        }
        let possible = match direction {
            Direction::Over => target >= count,
            Direction::Under => target <= count,
        };
        if !possible {
            let side = if direction == Direction::Over { "at least" } else { "at most" };
            let requirement = format!("{side} the {count} rows that class {name} has");
            return Err(refused(requirement, target));
        }
        targets[class] = target;
    }
    Ok(targets)
}

fn refused(requirement: impl Into<String>, value: impl ToString) -> Error {
    Error::invalid_parameter("sampling_strategy", requirement, value)
}

/// The delivery report of a class that got all the rows asked for.
pub(crate) fn delivered(labels: &Labels, class: usize, rows: usize) -> Delivery {
    Delivery { name: labels.classes()[class].clone(), asked: rows, delivered: rows, remark: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 6, 3 and 2 rows of classes a, b and c.
    fn labels() -> Labels {
        Labels::from_texts(&["a", "a", "a", "a", "a", "a", "b", "b", "b", "c", "c"])
    }

    fn two() -> Labels {
        Labels::from_texts(&["a", "a", "a", "a", "b"])
    }

    #[test]
    fn names_mean_what_they_mean_elsewhere() {
        let add = |strategy: SamplingStrategy| strategy.rows_to_add(&labels(), 1).expect("valid");
        assert_eq!(add(SamplingStrategy::Auto), [0, 3, 4]);
        assert_eq!(add(SamplingStrategy::NotMajority), [0, 3, 4]);
        assert_eq!(add(SamplingStrategy::Minority), [0, 0, 4]);
        assert_eq!(add(SamplingStrategy::NotMinority), [0, 3, 0]);
        assert_eq!(add(SamplingStrategy::All), [0, 3, 4]);
        let keep = |strategy: SamplingStrategy| strategy.rows_to_keep(&labels()).expect("valid");
        assert_eq!(keep(SamplingStrategy::Auto), [2, 2, 2]);
        assert_eq!(keep(SamplingStrategy::Majority), [2, 3, 2]);
        assert_eq!(keep(SamplingStrategy::NotMajority), [6, 2, 2]);
    }

    #[test]
    fn ratios_and_counts() {
        assert_eq!(SamplingStrategy::Ratio(0.5).rows_to_add(&two(), 1).expect("valid"), [0, 1]);
        assert_eq!(SamplingStrategy::Ratio(0.5).rows_to_keep(&two()).expect("valid"), [2, 1]);
        let counts = |pairs: &[(&str, usize)]| {
            SamplingStrategy::Counts(pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect())
        };
        assert_eq!(counts(&[("c", 5)]).rows_to_add(&labels(), 1).expect("valid"), [0, 0, 3]);
        assert_eq!(counts(&[("a", 1)]).rows_to_keep(&labels()).expect("valid"), [1, 3, 2]);
        let custom =
            Custom(Arc::new(|labels| labels.classes().iter().map(|class| (class.clone(), 7)).collect()));
        assert_eq!(SamplingStrategy::Custom(custom).rows_to_add(&labels(), 1).expect("valid"), [1, 4, 5]);
    }

    #[test]
    fn impossible_strategies_are_refused_with_what_would_work() {
        let message = |strategy: SamplingStrategy, labels: &Labels| {
            strategy.rows_to_add(labels, 1).expect_err("impossible").to_string()
        };
        assert!(message(SamplingStrategy::Ratio(0.1), &two()).contains("from 0.25"));
        assert!(message(SamplingStrategy::Ratio(1.5), &two()).contains("to 1"));
        assert!(message(SamplingStrategy::Ratio(f64::NAN), &two()).contains("NaN"));
        assert!(message(SamplingStrategy::Ratio(0.5), &labels()).contains("more than two"));
        assert!(message(SamplingStrategy::Majority, &two()).contains("direction"));
        let few = SamplingStrategy::Counts(BTreeMap::from([("a".to_owned(), 1)]));
        assert!(message(few, &labels()).contains("at least the 6 rows"));
        let empty = Labels::new(vec![0, 0, 1], ["a", "b", "c"].map(String::from).to_vec()).expect("valid");
        let none = SamplingStrategy::Counts(BTreeMap::from([("c".to_owned(), 5)]));
        assert!(message(none, &empty).starts_with("class c has 0 rows, but 1 are needed"));
        let unknown = SamplingStrategy::Counts(BTreeMap::from([("z".to_owned(), 1)]));
        assert!(message(unknown, &labels()).contains("a, b, c"));
        assert!(message(SamplingStrategy::Auto, &Labels::from_texts(&["a", "a"])).contains("two classes"));
        assert_eq!(
            message(SamplingStrategy::Ratio(2.0), &two()),
            "sampling_strategy must be a ratio from 0.25, that of the data, to 1, but is 2"
        );
    }

    #[test]
    fn counts_beyond_memory_are_refused() {
        for rows in [99_999_999_999, usize::MAX] {
            let counts = SamplingStrategy::Counts(BTreeMap::from([("b".to_owned(), rows)]));
            let message = counts.rows_to_add(&two(), 1).expect_err("too many").to_string();
            assert!(message.contains("GiB") && message.contains("new rows"), "{message}");
        }
    }

    #[test]
    fn strategies_are_plain_data() {
        let read = |text: &str| serde_json::from_str::<SamplingStrategy>(text).expect("a strategy");
        assert_eq!(read("\"not_minority\""), SamplingStrategy::NotMinority);
        let by_count = SamplingStrategy::Counts(BTreeMap::from([("1".into(), 9), ("a:b".into(), 2)]));
        for half in ["{\"ratio\": 0.5}", "0.5", "\"0.5\"", "\"ratio=0.5\""] {
            assert_eq!(read(half), SamplingStrategy::Ratio(0.5), "{half}");
        }
        for counts in ["{\"counts\": {\"1\": 9, \"a:b\": 2}}", "\"counts=1:9, a:b:2\""] {
            assert_eq!(read(counts), by_count, "{counts}");
        }
        for none in
            ["{\"ratio\": 0.5, \"typo\": 1}", "{\"ratio\": 0.5, \"counts\": {}}", "\"counts=a:5,a:7\""]
        {
            assert!(serde_json::from_str::<SamplingStrategy>(none).is_err(), "{none}");
        }
        for strategy in [by_count, SamplingStrategy::Auto, SamplingStrategy::Ratio(0.5)] {
            assert_eq!(read(&serde_json::to_string(&strategy).expect("plain data")), strategy);
        }
    }

    #[test]
    fn what_is_no_strategy_gets_the_forms_there_are() {
        for text in
            ["\"most\"", "true", "{\"ratio\": \"x\"}", "{\"counts\": {\"a\": -1}}", "\"counts=a\"", "{}"]
        {
            let error = serde_json::from_str::<SamplingStrategy>(text).expect_err(text).to_string();
            assert!(error.contains("ratio=0.5") && error.contains("minority"), "{error}");
        }
    }
}
