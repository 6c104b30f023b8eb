//! Labels that take turns to pick one of their rows, until a budget is spent or each has reached the mean
//! imbalance: what ML-ROS and ML-RUS have in common.

use imb_core::{LabelImbalance, LabelMatrix};
use serde::{Deserialize, Serialize};

use crate::multi_label::report::Report;

/// When a label has had enough turns: once its IRLbl has reached the mean, MeanIR.
///
/// Both are taken with the largest count and the mean of the data as given, but for [`Self::MovingMean`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retirement {
    /// Looked at after each pick of its own, as in the paper.
    #[default]
    AfterPick,
    /// Looked at before each pick of its own, as in mulan: a label that others lifted gets no turn.
    BeforePick,
    /// As `after_pick`, but with the present largest count and mean, as in imb-mulan.
    MovingMean,
    /// Never: only the budget ends the turns. As in mldr.resampling.
    Never,
}

impl Retirement {
    /// Whether the turns may go on until the budget is spent, however large it is.
    pub(crate) fn may_spend_any_budget(self) -> bool {
        matches!(self, Self::MovingMean | Self::Never)
    }
}

/// Which way the counts go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Labels above the mean gain rows.
    Gain,
    /// Labels below the mean lose rows.
    Lose,
}

/// What was picked.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Picks {
    /// Label and row of each pick, in order.
    pub(crate) picked: Vec<(usize, usize)>,
    /// Each label that retired, and the number of picks before.
    pub(crate) retired: Vec<(usize, usize)>,
    /// Each label that ran out of rows.
    pub(crate) exhausted: Vec<usize>,
}

/// The turns of the labels on one side of the mean.
pub(crate) struct Turns<'a> {
    labels: &'a LabelMatrix,
    direction: Direction,
    retirement: Retirement,
    counts: Vec<usize>,
    most: usize,
    mean: f64,
    active: Vec<usize>,
}

impl<'a> Turns<'a> {
    pub(crate) fn new(
        labels: &'a LabelMatrix,
        imbalance: &LabelImbalance,
        direction: Direction,
        retirement: Retirement,
    ) -> Self {
        let counts = labels.positives();
        let takes_part = |label: &usize| {
            let ratio = imbalance.ir_lbl[*label];
            match direction {
                Direction::Gain => ratio.is_finite() && ratio > imbalance.mean_ir,
                Direction::Lose => ratio < imbalance.mean_ir,
            }
        };
        Self {
            active: (0..counts.len()).filter(takes_part).collect(),
            most: counts.iter().copied().max().unwrap_or(0),
            mean: imbalance.mean_ir,
            labels,
            direction,
            retirement,
            counts,
        }
    }

    /// Lets the labels pick in turn, at most `budget` rows, and says of each how many it picked and why not
    /// more; `pick` has the row for a label, if there is one left.
    pub(crate) fn take(mut self, budget: usize, pick: impl FnMut(usize) -> Option<usize>) -> (Report, Picks) {
        let asked: Vec<(usize, usize)> =
            self.active.iter().map(|label| (*label, self.distance_to_mean(*label))).collect();
        let picks = self.picks(budget, pick);
        let mut report = Report::new(self.labels);
        let (picked, unit) = match self.direction {
            Direction::Gain => ("copies of its rows", "copies"),
            Direction::Lose => ("of its rows removed", "rows"),
        };
        for (label, asked) in asked {
            let own = picks.picked.iter().filter(|(picker, _)| *picker == label).count();
            report.count(label, asked, own);
            report.remark(label, format!("{own} {picked}"));
            if self.active.contains(&label) {
                report.remark(label, format!("the budget of {budget} {unit} is spent"));
            }
        }
        (report, picks)
    }

    /// How many rows a label must gain or lose alone to reach the mean.
    fn distance_to_mean(&self, label: usize) -> usize {
        let even = self.most as f64 / self.mean;
        match self.direction {
            Direction::Gain => (even.ceil() as usize).saturating_sub(self.counts[label]),
            Direction::Lose => self.counts[label].saturating_sub(even.floor() as usize),
        }
    }

    fn picks(&mut self, budget: usize, mut pick: impl FnMut(usize) -> Option<usize>) -> Picks {
        let mut picks = Picks::default();
        while picks.picked.len() < budget && !self.active.is_empty() {
            for label in self.active.clone() {
                if picks.picked.len() == budget {
                    break;
                }
                if self.retirement == Retirement::BeforePick && self.is_even(label) {
                    self.retire(label, &mut picks);
                    continue;
                }
                let Some(row) = pick(label) else {
                    self.active.retain(|active| *active != label);
                    picks.exhausted.push(label);
                    continue;
                };
                picks.picked.push((label, row));
                self.count(row);
                let after = matches!(self.retirement, Retirement::AfterPick | Retirement::MovingMean);
                if after && self.is_even(label) {
                    self.retire(label, &mut picks);
                }
            }
        }
        picks
    }

    fn retire(&mut self, label: usize, picks: &mut Picks) {
        self.active.retain(|active| *active != label);
        picks.retired.push((label, picks.picked.len()));
    }

    /// A row counts for all of its labels.
    fn count(&mut self, row: usize) {
        for (count, on) in self.counts.iter_mut().zip(self.labels.view().row(row)) {
            match self.direction {
                Direction::Gain => *count += usize::from(*on),
                Direction::Lose => *count -= usize::from(*on),
            }
        }
    }

    /// Whether a label has reached the mean.
    fn is_even(&self, label: usize) -> bool {
        let (most, mean) = match self.retirement {
            Retirement::MovingMean => self.present_most_and_mean(),
            _ => (self.most, self.mean),
        };
        let ratio = most as f64 / self.counts[label] as f64;
        match self.direction {
            Direction::Gain => ratio <= mean,
            Direction::Lose => ratio >= mean,
        }
    }

    fn present_most_and_mean(&self) -> (usize, f64) {
        let most = self.counts.iter().copied().max().unwrap_or(0);
        let counts = self.counts.iter().filter(|count| **count > 0);
        let (sum, n) =
            counts.fold((0.0, 0.0), |(sum, n), count| (sum + most as f64 / *count as f64, n + 1.0));
        (most, sum / n)
    }
}
