//! How many rows each class is to have.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use imb_core::{Delivery, Error, Labels, Result};
use serde::{Deserialize, Serialize};

/// How many rows each class is to have after resampling, by the names that imbalanced-learn uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// For two classes: rows of the smaller over rows of the larger after resampling.
    Ratio(f64),
    /// Rows of each class named; the others stay as they are.
    Counts(BTreeMap<String, usize>),
    /// Rows of each class that a function names; the others stay as they are.
    #[serde(skip)]
    Custom(Custom),
}

/// What a function of the caller asks for.
pub type CountsOf = dyn Fn(&Labels) -> BTreeMap<String, usize> + Send + Sync;

/// A function from the labels to the rows that each class is to have.
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

/// What to do with a class that has no more rows than neighbours are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmallClasses {
    /// Refuse, and say the largest number of neighbours that works.
    #[default]
    Error,
    /// Take as many neighbours as there are, copy a class's only row, and say so in the delivery
    /// report.
    Shrink,
}

/// Which way rows are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Over,
    Under,
}

impl SamplingStrategy {
    /// Rows to add to each class, by class number.
    pub(crate) fn rows_to_add(&self, labels: &Labels) -> Result<Vec<usize>> {
        let counts = labels.counts();
        let targets = self.targets(labels, Direction::Over)?;
        Ok(targets.iter().zip(counts).map(|(target, count)| target - count).collect())
    }

    /// Rows to keep of each class, by class number.
    pub(crate) fn rows_to_keep(&self, labels: &Labels) -> Result<Vec<usize>> {
        self.targets(labels, Direction::Under)
    }

    /// Rows that each class is to have, by class number. A class without a row stays without.
    fn targets(&self, labels: &Labels, direction: Direction) -> Result<Vec<usize>> {
        let counts = labels.counts();
        let present: Vec<usize> = (0..counts.len()).filter(|&class| counts[class] > 0).collect();
        let smallest = present.iter().copied().min_by_key(|&class| counts[class]);
        let largest = present.iter().rev().copied().max_by_key(|&class| counts[class]);
        let (Some(smallest), Some(largest), true) = (smallest, largest, present.len() > 1) else {
            return Err(self.refused("two classes with rows at least", &format!("{}", present.len())));
        };
        let reference = if direction == Direction::Over { counts[largest] } else { counts[smallest] };
        let bring = |chosen: &dyn Fn(usize) -> bool| {
            let target = |class| if counts[class] > 0 && chosen(class) { reference } else { counts[class] };
            Ok((0..counts.len()).map(target).collect())
        };
        match (self, direction) {
            (Self::Auto | Self::NotMajority, Direction::Over) | (Self::NotMajority, Direction::Under) => {
                bring(&|class| class != largest)
            }
            (Self::Auto | Self::NotMinority, Direction::Under) | (Self::NotMinority, Direction::Over) => {
                bring(&|class| class != smallest)
            }
            (Self::All, _) => bring(&|_| true),
            (Self::Minority, Direction::Over) => bring(&|class| class == smallest),
            (Self::Majority, Direction::Under) => bring(&|class| class == largest),
            (Self::Minority, Direction::Under) | (Self::Majority, Direction::Over) => {
                Err(self.refused("one that changes the class in this direction", &format!("{self:?}")))
            }
            (Self::Ratio(ratio), _) => {
                self.by_ratio(&counts, &present, [smallest, largest], *ratio, direction)
            }
            (Self::Counts(wanted), _) => self.by_counts(labels, &counts, wanted, direction),
            (Self::Custom(custom), _) => self.by_counts(labels, &counts, &custom.0(labels), direction),
        }
    }

    fn by_ratio(
        &self,
        counts: &[usize],
        present: &[usize],
        [smallest, largest]: [usize; 2],
        ratio: f64,
        direction: Direction,
    ) -> Result<Vec<usize>> {
        if present.len() != 2 {
            return Err(
                self.refused("named by class where there are more than two", &format!("ratio {ratio}"))
            );
        }
        let (few, many) = (counts[smallest] as f64, counts[largest] as f64);
        if !(ratio > 0.0 && ratio <= 1.0 && ratio >= few / many) {
            let requirement = format!("a ratio from {:.6}, which the classes have, to 1", few / many);
            return Err(self.refused(&requirement, &ratio.to_string()));
        }
        let mut targets = counts.to_vec();
        match direction {
            Direction::Over => targets[smallest] = ((ratio * many) as usize).max(counts[smallest]),
            Direction::Under => targets[largest] = ((few / ratio) as usize).min(counts[largest]),
        }
        Ok(targets)
    }

    fn by_counts(
        &self,
        labels: &Labels,
        counts: &[usize],
        wanted: &BTreeMap<String, usize>,
        direction: Direction,
    ) -> Result<Vec<usize>> {
        let mut targets = counts.to_vec();
        for (name, &target) in wanted {
            let Some(class) = labels.classes().iter().position(|class| class == name) else {
                let known = labels.classes().join(", ");
                return Err(Error::UnknownName { what: "class".into(), name: name.clone(), known });
            };
            let count = counts[class];
            let possible = match direction {
                Direction::Over => target >= count && count > 0,
                Direction::Under => target <= count,
            };
            if !possible {
                let side = if direction == Direction::Over { "at least" } else { "at most" };
                let requirement = format!("{side} the {count} rows that class {name} has");
                return Err(self.refused(&requirement, &target.to_string()));
            }
            targets[class] = target;
        }
        Ok(targets)
    }

    fn refused(&self, requirement: &str, value: &str) -> Error {
        Error::InvalidParameter {
            name: "sampling_strategy".into(),
            requirement: requirement.to_owned(),
            value: value.to_owned(),
        }
    }
}

/// The report of a class for which everything was delivered that was asked for.
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
        let add = |strategy: SamplingStrategy| strategy.rows_to_add(&labels()).expect("valid");
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
        assert_eq!(SamplingStrategy::Ratio(0.5).rows_to_add(&two()).expect("valid"), [0, 1]);
        assert_eq!(SamplingStrategy::Ratio(0.5).rows_to_keep(&two()).expect("valid"), [2, 1]);
        let counts = |pairs: &[(&str, usize)]| {
            SamplingStrategy::Counts(pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect())
        };
        assert_eq!(counts(&[("c", 5)]).rows_to_add(&labels()).expect("valid"), [0, 0, 3]);
        assert_eq!(counts(&[("a", 1)]).rows_to_keep(&labels()).expect("valid"), [1, 3, 2]);
        let custom =
            Custom(Arc::new(|labels| labels.classes().iter().map(|class| (class.clone(), 7)).collect()));
        assert_eq!(SamplingStrategy::Custom(custom).rows_to_add(&labels()).expect("valid"), [1, 4, 5]);
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        let message = |strategy: SamplingStrategy, labels: &Labels| {
            strategy.rows_to_add(labels).expect_err("impossible").to_string()
        };
        assert!(message(SamplingStrategy::Ratio(0.1), &two()).contains("from 0.250000"));
        assert!(message(SamplingStrategy::Ratio(1.5), &two()).contains("to 1"));
        assert!(message(SamplingStrategy::Ratio(f64::NAN), &two()).contains("NaN"));
        assert!(message(SamplingStrategy::Ratio(0.5), &labels()).contains("more than two"));
        assert!(message(SamplingStrategy::Majority, &two()).contains("direction"));
        let few = SamplingStrategy::Counts(BTreeMap::from([("a".to_owned(), 1)]));
        assert!(message(few, &labels()).contains("at least the 6 rows"));
        let unknown = SamplingStrategy::Counts(BTreeMap::from([("z".to_owned(), 1)]));
        assert!(message(unknown, &labels()).contains("a, b, c"));
        assert!(message(SamplingStrategy::Auto, &Labels::from_texts(&["a", "a"])).contains("two classes"));
    }

    #[test]
    fn strategies_are_plain_data() {
        let read = |text: &str| serde_json::from_str::<SamplingStrategy>(text).expect("a strategy");
        assert_eq!(read("\"not_minority\""), SamplingStrategy::NotMinority);
        assert_eq!(read("{\"ratio\": 0.5}"), SamplingStrategy::Ratio(0.5));
        assert_eq!(
            read("{\"counts\": {\"1\": 9}}"),
            SamplingStrategy::Counts(BTreeMap::from([("1".into(), 9)]))
        );
    }
}
