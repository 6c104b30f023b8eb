//! Where a cell stands, and the seed that follows from it.

use std::collections::BTreeMap;
use std::fmt;

use imb_core::Seed;
use serde::{Deserialize, Serialize};

use crate::spec::TrainingRows;

/// Where a cell stands. Fields that are empty add nothing to the seed, so that a new kind of field
/// moves no number of older cells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The paper.
    pub paper: String,
    /// The data set's name in the catalog.
    pub dataset: String,
    /// The protocol.
    pub protocol: String,
    /// Which rows the method is given.
    pub rows: TrainingRows,
    /// The column of the tables.
    pub column: String,
    /// The learner, where columns are crossed with learners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learner: Option<String>,
    /// Values of the dials that a figure or a search turns, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub setting: BTreeMap<String, String>,
    /// The start, from 0, where several runs share what the program draws when it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// The run, from 0: of the start where there is one.
    pub run: usize,
    /// The fold that tests, from 0, where the protocol has folds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<usize>,
}

impl Place {
    /// The place of the first run, which all runs of a cell share.
    #[must_use]
    pub fn family(&self) -> Self {
        Self { start: None, run: 0, fold: None, ..self.clone() }
    }

    /// The place of the resampled rows, which all learners are fitted to.
    #[must_use]
    pub fn without_learner(&self) -> Self {
        Self { learner: None, ..self.clone() }
    }

    /// What one value of the paper would be made from: the start, or the run with all of its folds.
    pub fn unit(&self) -> usize {
        self.start.unwrap_or(self.run)
    }

    /// The seed of the method.
    pub fn seed(&self, root: u64) -> Seed {
        let mut seed = Seed::new(root).child("cell");
        for name in [&self.paper, &self.dataset, &self.protocol, &self.column] {
            seed = seed.child(name);
        }
        if let Some(learner) = &self.learner {
            seed = seed.child("learner").child(learner);
        }
        for (name, value) in &self.setting {
            seed = seed.child("setting").child(name).child(value);
        }
        if let Some(start) = self.start {
            seed = seed.child("start").index(start as u64);
        }
        seed = seed.index(self.run as u64);
        self.fold.map_or(seed, |fold| seed.child("fold").index(fold as u64))
    }

    /// What cells must have in common to share their prepared rows.
    pub fn shares_rows_with(&self, other: &Self) -> bool {
        let of = |place: &Self| {
            let run = if place.start.is_some() { 0 } else { place.run };
            (place.dataset.clone(), place.protocol.clone(), place.rows, place.start, run, place.fold)
        };
        of(self) == of(other)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { paper, dataset, protocol, column, run, .. } = self;
        let rows = if self.rows == TrainingRows::WithValidation { " with validation rows" } else { "" };
        write!(f, "{paper} {dataset} {protocol}{rows} {column}")?;
        if let Some(learner) = &self.learner {
            write!(f, " {learner}")?;
        }
        for (name, value) in &self.setting {
            write!(f, " {name}={value}")?;
        }
        if let Some(start) = self.start {
            write!(f, " start {start}")?;
        }
        write!(f, " run {run}")?;
        self.fold.map_or(Ok(()), |fold| write!(f, " fold {fold}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            paper: "moods".into(),
            dataset: "ecoli4".into(),
            protocol: "sound".into(),
            rows: TrainingRows::Train,
            column: "smote".into(),
            learner: None,
            setting: BTreeMap::new(),
            start: None,
            run: 3,
            fold: None,
        }
    }

    #[test]
    fn empty_fields_add_nothing_to_the_seed() {
        let seed = Seed::new(1).child("cell").child("moods").child("ecoli4").child("sound").child("smote");
        assert_eq!(place().seed(1), seed.index(3));
        let others = [
            Place { learner: Some("rakel".into()), ..place() },
            Place { setting: [("p".to_owned(), "0.1".to_owned())].into(), ..place() },
            Place { start: Some(0), ..place() },
            Place { fold: Some(0), ..place() },
        ];
        assert!(others.iter().all(|other| other.seed(1) != place().seed(1)));
    }

    #[test]
    fn runs_of_a_start_share_their_rows() {
        let of = |start, run| Place { start, run, ..place() };
        assert!(of(Some(1), 0).shares_rows_with(&of(Some(1), 4)));
        assert!(!of(Some(1), 0).shares_rows_with(&of(Some(2), 0)));
        assert!(!of(None, 0).shares_rows_with(&of(None, 1)));
        assert_eq!((of(Some(1), 4).unit(), of(None, 4).unit()), (1, 4));
    }
}
