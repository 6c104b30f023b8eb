//! How many majority rows MUBO draws, and which proposals it accepts.
//!
//! With m minority rows, and rounding half to even as the released program does:
//!
//! | | size |
//! |---|---|
//! | burn-in | 0.15 m majority and 0.07 m minority rows, at least 1 each |
//! | M_t before anything is accepted | 0.25 m less max(0.2 m, 1): may be 0 |
//! | after 1 accepted step | 0.25 m, at least 1 |
//! | after 4 | 0.1 m, at least 1 |
//! | once 1.5 m majority rows are accepted | 0.01 m, at least 1 |

/// The threshold of the first step: with the loss on the softmax output, no F_1 reaches it.
const FIRST_THRESHOLD: f64 = 10.0;

/// The released program counts no loss as lower than this.
const LOWEST_LOSS: f64 = 1e-14;

/// From this step on, the newest losses are the last five, and no longer the newer half.
const LAST_FIVE_FROM: usize = 10;

/// Majority and minority rows of the burn-in.
pub(super) fn burn_in_sizes(minority: usize) -> [usize; 2] {
    [share(0.15, minority).max(1), share(0.07, minority).max(1)]
}

/// What the decisions rest on.
pub(super) struct Decisions {
    /// The number m of minority rows.
    minority: usize,
    /// Majority rows accepted so far.
    majority: usize,
    /// F of the burn-in and of every accepted step.
    losses: Vec<f64>,
    /// Whether the threshold leaves out the burn-in's F, because that of the first step was higher.
    skip_burn_in: bool,
}

/// The decision on a proposal.
pub(super) struct Decision {
    /// γ_t
    pub(super) threshold: f64,
    /// Whether F_t is below it.
    pub(super) accepted: bool,
}

impl Decisions {
    /// After a burn-in with so many majority rows and this loss F_0.
    pub(super) fn new(minority: usize, majority: usize, loss: f64) -> Self {
        Self { minority, majority, losses: vec![loss], skip_burn_in: false }
    }

    /// M_t, the number of majority rows to draw next.
    pub(super) fn batch(&self) -> usize {
        let m = self.minority;
        if self.majority as f64 >= 1.5 * m as f64 {
            return share(0.01, m).max(1);
        }
        match self.losses.len() - 1 {
            0 => share(0.25, m).saturating_sub(share(0.2, m).max(1)),
            1..=3 => share(0.25, m).max(1),
            _ => share(0.1, m).max(1),
        }
    }

    /// Decides on step `t`, whose proposal has [`batch`](Self::batch) new rows and the loss F_t.
    pub(super) fn decide(&mut self, t: usize, loss: f64) -> Decision {
        let threshold = if t == 1 { FIRST_THRESHOLD } else { self.threshold(t) };
        if t == 1 {
            self.skip_burn_in = self.losses[0] < loss;
        }
        let loss = loss.max(LOWEST_LOSS);
        let accepted = loss < threshold;
        if accepted {
            self.majority += self.batch();
            self.losses.push(loss);
        }
        Decision { threshold, accepted }
    }

    /// γ_t: the mean of the accepted losses, or that of the newest of them if it is higher.
    fn threshold(&self, t: usize) -> f64 {
        let skipped = usize::from(self.skip_burn_in && self.losses.len() > 1);
        let losses = &self.losses[skipped..];
        let newest = if t < LAST_FIVE_FROM { losses.len() / 2 } else { losses.len().saturating_sub(5) };
        mean(&losses[newest..]).max(mean(losses))
    }
}

/// A share of m rows, rounded half to even.
fn share(of: f64, m: usize) -> usize {
    (of * m as f64).round_ties_even() as usize
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    struct Reference {
        scripted: BTreeMap<String, Recorded>,
        network: BTreeMap<String, Recorded>,
    }

    /// The decisions of a run of the released program, and the losses that they followed.
    #[derive(Deserialize)]
    struct Recorded {
        minority: usize,
        burn_in: [usize; 2],
        f_0: f64,
        f_t: Vec<f64>,
        drawn: Vec<usize>,
        gamma_t: Vec<f64>,
        accepted: Vec<u8>,
        candidate_majority: Vec<usize>,
    }

    #[test]
    fn decisions_equal_those_of_the_released_program() {
        let reference = include_str!("../../tests/reference/mubo-decisions.json");
        let reference: Reference = serde_json::from_str(reference).expect("the reference");
        assert_eq!((reference.scripted.len(), reference.network.len()), (7, 3));
        for (name, recorded) in reference.scripted.iter().chain(&reference.network) {
            assert_eq!(burn_in_sizes(recorded.minority), recorded.burn_in, "{name}");
            let mut decisions = Decisions::new(recorded.minority, recorded.burn_in[0], recorded.f_0);
            for (place, &loss) in recorded.f_t.iter().enumerate() {
                let step = format!("{name}, step {}", place + 1);
                let batch = decisions.batch();
                assert_eq!(batch, recorded.drawn[place], "{step}");
                assert_eq!(decisions.majority + batch, recorded.candidate_majority[place], "{step}");
                let decision = decisions.decide(place + 1, loss);
                let gamma = recorded.gamma_t[place];
                assert!((decision.threshold - gamma).abs() <= 1e-6 * gamma, "{step}");
                assert_eq!(decision.accepted, recorded.accepted[place] == 1, "{step}");
            }
        }
    }

    /// With no loss but the burn-in's, the threshold is that one, even where it is to be left out.
    #[test]
    fn a_first_step_above_every_threshold_leaves_the_burn_in() {
        let mut decisions = Decisions::new(20, 3, 0.2);
        assert!(!decisions.decide(1, 11.0).accepted);
        let decision = decisions.decide(2, 0.1);
        assert!(decision.accepted && decision.threshold == 0.2);
    }
}
