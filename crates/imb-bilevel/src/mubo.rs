//! MUBO: the majority is chosen anew. The training set grows by random majority rows, and a proposal is
//! accepted if the loss of its majority rows is below a threshold made of the losses accepted before.
//!
//! Its paper calls that under-sampling, and with a large majority it is. But rows are drawn with replacement, a share
//! of the minority at each step, so that many accepted steps may make the majority larger than it was given; the
//! delivery report then says so.
//!
//! Columns are not scaled: scale them first.
//!
//! With m minority rows, the *burn-in* trains the network on a few rows of both classes. Then each outer step t
//!
//! 1. draws M_t majority rows with replacement from all of them, and adds them to the accepted set;
//! 2. trains the network on this proposal, which has every minority row once;
//! 3. measures F_t, the sum of the losses of the proposal's majority rows over its number of rows;
//! 4. accepts the proposal if F_t < γ_t, and otherwise returns to the set accepted before.
//!
//! The sizes M_t and the thresholds γ_t are in `mubo/decisions.rs`. One network is trained throughout: a
//! rejected proposal leaves its marks on the weights. The method's classifier is the network after the last
//! step, accepted or not; its training set is the last accepted one.
//!
//! All of this is the released code, <https://github.com/kkmedlin/MUBO>; in the paper's text the sizes are not
//! stated. Where we depart from it:
//!
//! - That program redraws the minority rows with replacement when it reads them, and the test rows too. Which
//!   rows a method is given is the protocol's affair (`imb_data::split::MuboReleased`), not the method's.
//! - With one or two minority rows, its first size M_1 is −1 and it aborts; here they are refused.
//! - It drops the burn-in's loss from the list of accepted losses after step 1, which its loss function always lets
//!   through. With another loss function step 1 can be rejected; the burn-in's loss then stays until a step is accepted.
//!
//! Medlin, Leyffer and Raghavan, "A Bilevel Optimization Framework for Imbalanced Data Classification" (2024),
//! arXiv:2410.11171.

mod decisions;

use std::collections::BTreeSet;
use std::time::Instant;

use imb_core::{Dataset, Delivery, Error, Fit, Labels, Predict, Resample, Resampled, Result, Run, Train};
use imb_neural::{Loss, MlpClassifier, MlpModel, Stop, require_single_precision};
use serde::{Deserialize, Serialize};

use crate::inner_loop::InnerLoop;
use crate::sample::{Sample, draw_with_replacement};
use crate::search::{Found, not_applicable, require_two_classes};
use crate::trajectory::{Step, Trajectory};
use decisions::{Decisions, burn_in_sizes};

const METHOD: &str = "MUBO";

/// With fewer minority rows the released program asks for −1 majority rows.
const FEWEST_MINORITY_ROWS: usize = 3;

/// Majority sampling by bilevel optimisation: adds majority rows while their loss stays low.
///
/// Rows are drawn with replacement. Where the majority is large, few of it are kept; where it is small, there may be
/// more of it than were given, with repeats. Columns are used as they are: scale them first.
///
/// ```
/// use imb_bilevel::Mubo;
/// use imb_core::{Dataset, Labels, Run, Seed, Train};
/// use imb_neural::{MlpClassifier, Stop};
/// use ndarray::Array2;
///
/// // Two clouds that overlap, the second a quarter of all rows.
/// let x = Array2::from_shape_fn((80, 2), |(row, column)| {
///     let shift = if row % 4 == 0 { 4.0 } else { 0.0 };
///     ((row * 7 + column * 3) % 11) as f64 / 2.0 + shift
/// });
/// let codes = (0..80).map(|row| u32::from(row % 4 == 0)).collect();
/// let y = Labels::new(codes, vec!["often".into(), "rare".into()])?;
/// let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
///
/// // A short inner training, for the example.
/// let classifier = MlpClassifier { stop: Stop::Steps(20), ..MlpClassifier::moods_sound() };
/// let mubo = Mubo { classifier, max_steps: 9, ..Mubo::default() };
/// let found = mubo.search(&train, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?;
/// assert_eq!(found.trajectory.steps.len(), 9);
/// // All 20 rare rows are kept, and fewer of the others than there are.
/// let kept = &found.resampled.kept;
/// assert_eq!(kept.iter().filter(|row| *row % 4 == 0).count(), 20);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`Moods`](crate::Moods), which also over-samples, and decides on validation rows.
///
/// # Reference
/// Medlin, Leyffer and Raghavan (2024), arXiv:2410.11171.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mubo {
    /// The network, its training and its stopping rule.
    pub classifier: MlpClassifier,
    /// Where the classifier stops by the norm of its gradient: the norm, above 0, at which it stops here instead,
    /// because 100 trainings follow each other.
    pub gradient_norm: Option<f64>,
    /// The number of outer steps, accepted or not.
    pub max_steps: usize,
    /// Whether the gradient steps of [`Stop::Steps`] are those of all trainings together, with an equal share for
    /// each. Tables in which every column takes the same number of steps need it.
    pub share_steps: bool,
}

impl Default for Mubo {
    /// [`as_released`](Self::as_released), but with the network of [`MlpClassifier::moods_sound`], whose 20,000
    /// gradient steps all trainings share.
    fn default() -> Self {
        Self {
            classifier: MlpClassifier::moods_sound(),
            gradient_norm: None,
            share_steps: true,
            ..Self::as_released()
        }
    }
}

impl Mubo {
    /// The method of the released code: the network of MOODS, trained until the gradient's norm is at most
    /// 1e-3, and 99 outer steps.
    pub fn as_released() -> Self {
        Self {
            classifier: MlpClassifier::moods_released(),
            gradient_norm: Some(1e-3),
            max_steps: 99,
            share_steps: false,
        }
    }

    /// The classifier with the stopping rule of the inner loop.
    fn inner_classifier(&self) -> MlpClassifier {
        let mut classifier = self.classifier.clone();
        if let (Stop::GradientNorm { at_most, .. }, Some(norm)) = (&mut classifier.stop, self.gradient_norm) {
            *at_most = norm;
        }
        classifier
    }

    /// Searches for a training set, and returns it with the network after the last step.
    ///
    /// Validation rows play no part. The observer sees each outer step as progress and as a step of the series
    /// `steps` (`accepted`, `majority_loss`, `threshold`, …), each epoch of the inner loop, and at the end the
    /// accepted set. If it ends the search, the last accepted set is returned, with the network as it then is.
    ///
    /// # Errors
    /// [`Error::NotApplicable`] unless there are two classes of at least two rows each, or if no proposal was accepted;
    /// [`Error::TooFewRows`] with two minority rows; [`Error::InvalidParameter`] for an invalid
    /// parameter; [`Error::NotFinite`] for a number beyond single precision; [`Error::Interrupted`] if the observer
    /// ends the search before anything was accepted; the errors of training.
    pub fn search(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Found> {
        self.check(&train.rows)?;
        let classifier = self.inner_classifier();
        let mut search = Search::burn_in(self, &classifier, &train.rows, run)?;
        for step in 1..=self.max_steps {
            match search.step(step, run) {
                Ok(()) => {}
                Err(Error::Interrupted { .. }) if search.trajectory.accepted() > 0 => {
                    search.trajectory.interrupted = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        search.finish(run)
    }

    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        let y = rows.y();
        require_two_classes(METHOD, y)?;
        let minority = y.minority().expect("two classes");
        let has = y.counts()[minority as usize];
        if has < FEWEST_MINORITY_ROWS {
            return Err(Error::TooFewRows {
                class: format!("class \"{}\"", y.classes()[minority as usize]),
                has,
                needs: FEWEST_MINORITY_ROWS,
                remedy: "MUBO's batches are shares of the minority; random_under_sampler needs only one row"
                    .into(),
            });
        }
        if self.max_steps == 0 {
            return Err(Error::invalid_parameter("max_steps", "at least 1", 0));
        }
        if let Some(norm) = self.gradient_norm.filter(|norm| !(norm.is_finite() && *norm > 0.0)) {
            return Err(Error::invalid_parameter("gradient_norm", "a number above 0", norm));
        }
        require_single_precision(rows)
    }
}

/// The state of a search.
struct Search<'a> {
    method: &'a Mubo,
    rows: &'a Dataset<Labels>,
    majority: Vec<usize>,
    /// The accepted set; at first every minority row and the burn-in's majority rows.
    accepted: Sample,
    decisions: Decisions,
    inner_loop: InnerLoop<'a>,
    /// The network after the last step.
    model: MlpModel,
    /// Epochs of the burn-in.
    burn_in_epochs: u64,
    trajectory: Trajectory,
}

impl<'a> Search<'a> {
    /// Trains on a few rows of both classes, drawn with replacement.
    fn burn_in(
        method: &'a Mubo,
        classifier: &'a MlpClassifier,
        rows: &'a Dataset<Labels>,
        run: &mut Run<'_, Labels>,
    ) -> Result<Self> {
        let class = rows.y().minority().expect("two classes");
        let (minority, majority) = (rows.y().rows_of(class), rows.y().rows_of(1 - class));
        let sizes = burn_in_sizes(minority.len());
        let drawn = draw_with_replacement(&majority, sizes[0], run.rng);
        let few = draw_with_replacement(&minority, sizes[1], run.rng);
        let sample = Sample::of_rows(rows, few, drawn.clone());
        let mut inner_loop = InnerLoop {
            classifier,
            trainings: (method.max_steps as u64).saturating_add(1),
            warm_start: true,
            share_steps: method.share_steps,
            learner: None,
        };
        let (model, report) = inner_loop.train(&sample.to_dataset(rows)?, run)?;
        let loss = majority_loss(classifier.loss, &model, rows, &sample)?;
        run.observer.value("burn_in_majority_loss", loss);
        Ok(Self {
            method,
            rows,
            decisions: Decisions::new(minority.len(), drawn.len(), loss),
            accepted: Sample::of_rows(rows, minority, drawn),
            majority,
            inner_loop,
            model,
            burn_in_epochs: report.epochs,
            trajectory: Trajectory { burn_in_gradient_steps: report.steps, ..Trajectory::default() },
        })
    }

    /// One outer step.
    fn step(&mut self, number: usize, run: &mut Run<'_, Labels>) -> Result<()> {
        let started = Instant::now();
        self.trajectory.ask(METHOD, self.method.max_steps, run.observer)?;
        let mut step = Step::new(number, self.decisions.batch());
        let proposal =
            self.accepted.with_majority(&draw_with_replacement(&self.majority, step.batch, run.rng));
        step.sizes = Some(proposal.sizes());
        let (model, report) = self.inner_loop.train(&proposal.to_dataset(self.rows)?, run)?;
        step.trained(&report);
        let loss = majority_loss(self.inner_loop.classifier.loss, &model, self.rows, &proposal)?;
        self.model = model;
        let decision = self.decisions.decide(number, loss);
        step.accepted = decision.accepted;
        step.values = vec![("majority_loss".into(), loss), ("threshold".into(), decision.threshold)];
        if step.accepted {
            self.accepted = proposal;
        }
        step.seconds = started.elapsed().as_secs_f64();
        step.report(run.observer);
        self.trajectory.steps.push(step);
        Ok(())
    }

    fn finish(self, run: &mut Run<'_, Labels>) -> Result<Found> {
        if self.trajectory.accepted() == 0 {
            let reason = format!("none of {} proposals was accepted", self.trajectory.steps.len());
            return Err(not_applicable(METHOD, reason));
        }
        let epochs: u64 = self.trajectory.steps.iter().map(|step| step.epochs).sum();
        run.observer.value("epochs", (self.burn_in_epochs + epochs) as f64);
        let mut resampled = self.accepted.to_resampled(self.rows);
        resampled.delivery.extend(self.more_than_given());
        Ok(Found::new(resampled, self.model, self.trajectory, run))
    }

    /// A remark where the accepted set has more majority rows than there are.
    fn more_than_given(&self) -> Option<Delivery> {
        let (rows, given) = (&self.accepted.majority, self.majority.len());
        let distinct = rows.iter().collect::<BTreeSet<_>>().len();
        let remark = format!(
            "more rows than the {given} given: they are drawn with replacement, {distinct} of them are different"
        );
        let class = self.rows.y().codes()[self.majority[0]] as usize;
        let name = self.rows.y().classes()[class].clone();
        let delivery = Delivery { name, asked: rows.len(), delivered: rows.len(), remark: Some(remark) };
        (rows.len() > given).then_some(delivery)
    }
}

/// F: the sum of the losses of the majority rows of a sample, over its number of rows.
fn majority_loss(loss: Loss, model: &MlpModel, rows: &Dataset<Labels>, sample: &Sample) -> Result<f64> {
    let majority = rows.select(&sample.majority)?;
    let logits = model.predict(majority.x())?.logits.expect("a network has logits");
    let losses = loss.of_rows(logits.view(), majority.y().codes());
    let [n_majority, n_minority] = sample.sizes();
    Ok(losses.iter().sum::<f64>() / (n_majority + n_minority) as f64)
}

impl Fit<Labels> for Mubo {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        Ok(Box::new(self.search(train, run)?.model))
    }
}

impl Resample<Labels> for Mubo {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        Ok(self.search(train, run)?.resampled)
    }
}
