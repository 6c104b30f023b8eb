//! How many runs the full profile makes of which cells.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::{TrainingRows, is_among};

/// Runs of the cells that a rule is for. What is not named is not asked of a cell.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunRule {
    /// The protocols.
    pub protocols: Vec<String>,
    /// The data sets, by their row in the paper.
    pub datasets: Vec<String>,
    /// The columns.
    pub columns: Vec<String>,
    /// Which rows the method is given; either if none is named.
    pub rows: Option<TrainingRows>,
    /// Data sets with fewer rows than this.
    pub below: Option<usize>,
    /// Units of several runs that share what [`Unit::shared`] names; 0 where runs stand alone.
    pub starts: usize,
    /// Runs, of each start where there are starts; repeats where the protocol has folds.
    pub runs: usize,
    /// Why there are no runs.
    pub because: Option<String>,
}

/// How many runs are made of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RunPlan {
    /// Units of several runs; 0 where runs stand alone.
    pub starts: usize,
    /// Runs, of each start where there are starts.
    pub runs: usize,
}

/// What one printed value was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Runs, or folds where the protocol has folds.
    pub runs: usize,
    /// What the runs share, in words.
    #[serde(default)]
    pub shared: Vec<String>,
}

impl RunRule {
    /// Whether the rule is for a cell of a data set of so many rows.
    pub fn is_for(
        &self,
        protocol: &str,
        dataset: &str,
        column: &str,
        rows: TrainingRows,
        n_rows: usize,
    ) -> bool {
        is_among(&self.protocols, protocol)
            && is_among(&self.datasets, dataset)
            && is_among(&self.columns, column)
            && self.rows.is_none_or(|only| only == rows)
            && self.below.is_none_or(|below| n_rows < below)
    }

    /// Whether the rule is for every cell.
    pub fn is_for_all(&self) -> bool {
        self.protocols.is_empty()
            && self.datasets.is_empty()
            && self.columns.is_empty()
            && self.rows.is_none()
            && self.below.is_none()
    }

    /// Whether it is for every cell of another rule, which then decides nothing after it.
    pub fn covers(&self, other: &Self) -> bool {
        let has_all = |names: &[String], others: &[String]| {
            names.is_empty() || (!others.is_empty() && others.iter().all(|other| is_among(names, other)))
        };
        has_all(&self.protocols, &other.protocols)
            && has_all(&self.datasets, &other.datasets)
            && has_all(&self.columns, &other.columns)
            && self.rows.is_none_or(|rows| other.rows == Some(rows))
            && self.below.is_none_or(|below| other.below.is_some_and(|other| other <= below))
    }

    /// What it leaves out and why, if it asks for no runs and says why.
    pub fn left_out(&self) -> Option<String> {
        let because = self.because.as_ref().filter(|_| self.runs == 0)?;
        let mut what = if self.columns.is_empty() { "all columns".into() } else { self.columns.join(", ") };
        if !self.datasets.is_empty() {
            what += &format!(" on {}", self.datasets.join(", "));
        }
        if !self.protocols.is_empty() {
            what += &format!(" under {}", self.protocols.join(", "));
        }
        if self.rows == Some(TrainingRows::WithValidation) {
            what += " + validation rows";
        }
        Some(format!("{what}: not run, because {because}"))
    }

    /// What the rule asks for.
    pub fn plan(&self) -> RunPlan {
        RunPlan { starts: self.starts, runs: self.runs }
    }
}

impl RunPlan {
    /// The number of runs in all.
    pub fn total(&self) -> usize {
        self.starts.max(1) * self.runs
    }

    /// The same with at most so many runs, or starts where runs come in starts.
    #[must_use]
    pub fn at_most(self, most: NonZeroUsize) -> Self {
        match self.starts {
            0 => Self { runs: self.runs.min(most.get()), ..self },
            starts => Self { starts: starts.min(most.get()), ..self },
        }
    }

    /// The start that a run belongs to, where runs come in starts.
    pub fn start_of(&self, run: usize) -> Option<usize> {
        (self.starts > 0).then(|| run / self.runs)
    }
}

#[cfg(test)]
mod tests {
    use super::TrainingRows::{Train, WithValidation};
    use super::*;

    #[test]
    fn a_rule_asks_only_what_it_names() {
        let rule = RunRule { below: Some(100), runs: 20, ..RunRule::default() };
        let is_for =
            |rule: &RunRule, column, rows, n_rows| rule.is_for("sound", "Ecoli", column, rows, n_rows);
        assert!(is_for(&rule, "smote", Train, 99) && !is_for(&rule, "smote", Train, 100));
        assert!(!rule.is_for_all() && RunRule::default().is_for_all());
        let rule = RunRule { columns: vec!["smote".into()], ..RunRule::default() };
        assert!(is_for(&rule, "smote", Train, 1) && !is_for(&rule, "none", Train, 1));
        let rule = RunRule { rows: Some(WithValidation), ..RunRule::default() };
        assert!(is_for(&rule, "smote", WithValidation, 1) && !is_for(&rule, "smote", Train, 1));
    }

    #[test]
    fn a_rule_covers_what_asks_for_more() {
        let all = RunRule::default();
        let small = RunRule { below: Some(100), ..RunRule::default() };
        let smaller = RunRule { below: Some(50), columns: vec!["smote".into()], ..RunRule::default() };
        let both = RunRule { columns: vec!["none".into(), "smote".into()], ..RunRule::default() };
        assert!(all.covers(&small) && small.covers(&smaller) && both.covers(&smaller));
        assert!(
            !small.covers(&all) && !smaller.covers(&small) && !both.covers(&all) && !smaller.covers(&both)
        );
        let rows = RunRule { rows: Some(Train), ..RunRule::default() };
        assert!(all.covers(&rows) && !rows.covers(&all));
    }

    #[test]
    fn runs_of_a_start_stand_side_by_side() {
        let plan = RunPlan { starts: 20, runs: 5 };
        assert_eq!((plan.total(), plan.start_of(4), plan.start_of(5)), (100, Some(0), Some(1)));
        assert_eq!(RunPlan { starts: 0, runs: 20 }.start_of(3), None);
        let two = NonZeroUsize::MIN.saturating_add(1);
        assert_eq!(
            (plan.at_most(two).total(), RunPlan { starts: 0, runs: 20 }.at_most(two).total()),
            (10, 2)
        );
    }
}
