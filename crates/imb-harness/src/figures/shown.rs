//! What a figure of one data set is drawn from.

use std::collections::BTreeSet;
use std::fmt;

use super::names::{column_title, learner_title};
use crate::record::Record;
use crate::spec::{FigureSpec, Spec};

/// A figure of one data set under a protocol, with its records.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) spec: &'a Spec,
    pub(super) figure: &'a FigureSpec,
    pub(super) protocol: &'a str,
    /// In the order of runs: a list a column, or a list for each combination of the parameters that are swept.
    pub(super) records: &'a [Vec<&'a Record>],
}

impl<'a> Shown<'a> {
    /// A column on the data set, with the learner where the figure names one, under the protocol.
    pub(super) fn title(&self, column: &str) -> String {
        let learner = self.figure.learner.as_ref();
        let learner =
            learner.map_or(String::new(), |learner| format!(", {}", learner_title(self.spec, learner)));
        let column = column_title(self.spec, column);
        format!("{column} on {}{learner} ({})", self.figure.dataset, self.protocol)
    }

    /// The columns with their records.
    pub(super) fn columns(self) -> impl Iterator<Item = (&'a str, &'a [&'a Record])> {
        let names = self.figure.columns.iter().map(String::as_str);
        names.zip(self.records.iter().map(Vec::as_slice))
    }
}

/// A number of runs, and of the folds of each where there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Count {
    pub(super) runs: usize,
    pub(super) folds: usize,
}

impl Count {
    pub(super) fn of<'r>(records: impl IntoIterator<Item = &'r Record>) -> Self {
        let (mut runs, mut folds) = (BTreeSet::new(), BTreeSet::new());
        for record in records {
            runs.insert((record.place.start, record.place.run));
            folds.extend(record.place.fold);
        }
        Self { runs: runs.len(), folds: folds.len() }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let runs = number(self.runs, "run");
        match (self.runs, self.folds) {
            (_, 0) => f.write_str(&runs),
            (1, folds) => f.write_str(&number(folds, "fold")),
            (_, folds) => write!(f, "{runs} of {}", number(folds, "fold")),
        }
    }
}

/// Which of its runs a picture of one run shows.
pub(super) fn first_run(records: &[&Record]) -> String {
    match Count::of(records.iter().copied()).runs {
        1 => "the only run".to_owned(),
        runs => format!("the first of {runs} runs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_folds_are_told_apart() {
        let text = |runs, folds| Count { runs, folds }.to_string();
        assert_eq!([text(5, 0), text(1, 0), text(1, 5)], ["5 runs", "1 run", "5 folds"]);
        assert_eq!(text(2, 5), "2 runs of 5 folds");
    }
}
