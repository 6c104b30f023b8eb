//! A tuned threshold: a classifier of two classes predicts the minority from a threshold other than ½, chosen on
//! validation rows.
//!
//! The threshold is the one with the best mean of the two classes' recalls (ACSA, balanced accuracy) on
//! the validation rows, among the thresholds between two scores; the one nearest to ½ wins a tie. Nothing else of
//! the classifier changes. It is the plainest answer to imbalance there is, see Provost
//! (2000), "Machine Learning from Imbalanced Data Sets 101", AAAI workshop WS-00-05.

use std::ops::ControlFlow;

use imb_core::{
    Dataset, Error, Fit, Labels, Observe, Predict, Prediction, Resampled, Result, Run, Train, Watch,
};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// A classifier with a threshold for the class that has fewer training rows.
///
/// It needs validation rows and two classes. An observer sees each epoch's model with the threshold that is
/// best for it.
///
/// ```
/// use imb_core::{Dataset, Fit, Labels, Run, Seed, Train};
/// use imb_neural::{MlpClassifier, Stop, TunedThreshold};
/// use ndarray::array;
///
/// let y = Labels::from_texts(&["no", "no", "no", "yes"]);
/// let rows = Dataset::unnamed(array![[0.0], [0.1], [0.2], [1.0]], y)?;
/// let classifier = MlpClassifier { stop: Stop::Epochs(200), ..MlpClassifier::adversarial_q() };
///
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let train = Train { validation: Some(rows.clone()), rows };
/// let model = TunedThreshold { classifier }.fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(model.predict(array![[0.0], [1.0]].view())?.labels.codes(), [0, 1]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`ClassWeighted`](crate::ClassWeighted).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TunedThreshold<C> {
    /// Gives the scores.
    pub classifier: C,
}

impl<C: Fit<Labels>> Fit<Labels> for TunedThreshold<C> {
    /// # Errors
    /// [`Error::NotApplicable`] without training and validation rows of both classes, or unless there are two classes;
    /// [`Error::InvalidParameter`] or [`Error::LengthMismatch`] for validation rows with other classes or features
    /// than the training rows; the errors of the classifier.
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        let not_applicable =
            |reason: String| Error::NotApplicable { method: "tuned threshold".into(), reason };
        let validation = train.validation.as_ref();
        let validation =
            validation.ok_or_else(|| not_applicable("it needs validation rows to tune on".into()))?;
        train.check_validation()?;
        let classes = train.rows.y().classes();
        if classes.len() != 2 {
            return Err(not_applicable(format!(
                "it needs exactly two classes, and there are {}",
                classes.len()
            )));
        }
        for (rows, which) in [(&train.rows, "training"), (validation, "validation")] {
            if let Some(class) = rows.y().counts().iter().position(|count| *count == 0) {
                return Err(not_applicable(format!("no {which} row has class \"{}\"", classes[class])));
            }
        }
        let minority = train.rows.y().minority().unwrap_or(1) as usize;
        let mut observer = TuneEpochs { outer: run.observer, validation, minority };
        let mut inner = Run { rng: run.rng, observer: &mut observer, device: run.device, budget: run.budget };
        let model = self.classifier.fit(train, &mut inner)?;
        let threshold = best_threshold(&*model, validation, minority)?;
        run.observer.value("threshold", threshold);
        Ok(Box::new(Thresholded { model, minority, threshold }))
    }
}

/// A model with its threshold.
struct Thresholded {
    model: Box<dyn Predict<Labels>>,
    minority: usize,
    threshold: f64,
}

impl Predict<Labels> for Thresholded {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        relabelled(self.model.predict(x)?, self.minority, self.threshold)
    }
}

/// The same scores with the minority's label from the threshold on.
fn relabelled(prediction: Prediction<Labels>, minority: usize, threshold: f64) -> Result<Prediction<Labels>> {
    let label = |score: &f64| if *score >= threshold { minority } else { 1 - minority };
    let codes = prediction.scores.column(minority).iter().map(|score| label(score) as u32).collect();
    let labels = Labels::new(codes, prediction.labels.classes().to_vec())?;
    Ok(Prediction { labels, ..prediction })
}

/// Shows an observer the epochs with their thresholds; passes on all else.
struct TuneEpochs<'a> {
    outer: &'a mut dyn Observe<Labels>,
    validation: &'a Dataset<Labels>,
    minority: usize,
}

impl Watch for TuneEpochs<'_> {
    fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
        self.outer.progress(stage, done, total)
    }

    fn value(&mut self, name: &str, value: f64) {
        self.outer.value(name, value);
    }

    fn step(&mut self, series: &str, values: &[(&str, f64)]) {
        self.outer.step(series, values);
    }

    fn capped(&mut self) {
        self.outer.capped();
    }
}

impl Observe<Labels> for TuneEpochs<'_> {
    fn on_resampled(&mut self, resampled: &Resampled<Labels>) {
        self.outer.on_resampled(resampled);
    }

    fn on_epoch(&mut self, epoch: usize, model: &dyn Predict<Labels>) -> ControlFlow<()> {
        self.outer.on_epoch(epoch, &Epoch { model, validation: self.validation, minority: self.minority })
    }
}

/// An epoch's model, tuned when it predicts.
struct Epoch<'a> {
    model: &'a dyn Predict<Labels>,
    validation: &'a Dataset<Labels>,
    minority: usize,
}

impl Predict<Labels> for Epoch<'_> {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
        let threshold = best_threshold(self.model, self.validation, self.minority)?;
        relabelled(self.model.predict(x)?, self.minority, threshold)
    }
}

/// The threshold with the best mean recall on these rows.
fn best_threshold(model: &dyn Predict<Labels>, rows: &Dataset<Labels>, minority: usize) -> Result<f64> {
    let prediction = model.predict(rows.x())?;
    let scores = prediction.scores.column(minority);
    let is_minority = rows.y().codes().iter().map(|&code| code as usize == minority);
    Ok(tuned(scores.iter().copied().zip(is_minority).collect()))
}

/// The best threshold of scores, each with whether its row is of the minority; both kinds occur.
fn tuned(mut rows: Vec<(f64, bool)>) -> f64 {
    rows.sort_by(|(score, _), (other, _)| other.total_cmp(score));
    let n_minority = rows.iter().filter(|(_, minority)| *minority).count() as f64;
    let n_others = rows.len() as f64 - n_minority;
    // From a threshold above all scores downwards: recall of the minority less the share of others lost.
    let (mut best, mut gain) = (f64::INFINITY, 0.0);
    let (mut hits, mut false_alarms) = (0.0, 0.0);
    for (place, &(score, minority)) in rows.iter().enumerate() {
        if minority {
            hits += 1.0
        } else {
            false_alarms += 1.0
        }
        let next = rows.get(place + 1).map(|(score, _)| *score);
        if next == Some(score) {
            continue;
        }
        let here = hits / n_minority - false_alarms / n_others;
        let threshold = next.map_or(score, |next| between(next, score));
        let nearer = here == gain && (threshold - 0.5).abs() < (best - 0.5).abs();
        if here > gain || nearer {
            (best, gain) = (threshold, here);
        }
    }
    best
}

/// A threshold above `low` and not above `high`: ½ where that lies there, else half-way.
fn between(low: f64, high: f64) -> f64 {
    if low < 0.5 && 0.5 <= high { 0.5 } else { low + (high - low) / 2.0 }.max(low.next_up()).min(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MlpClassifier, Stop};
    use imb_core::Seed;
    use ndarray::Array2;

    #[test]
    fn thresholds_by_hand() {
        let rows = |minority: &[f64], others: &[f64]| {
            let all =
                minority.iter().map(|score| (*score, true)).chain(others.iter().map(|score| (*score, false)));
            all.collect::<Vec<_>>()
        };
        assert_eq!(tuned(rows(&[0.3, 0.4], &[0.1, 0.2])), 0.25);
        assert_eq!(tuned(rows(&[0.9], &[0.1])), 0.5, "what ½ tells apart stays");
        let unequal = tuned(rows(&[0.3, 0.125], &[0.2, 0.0625, 0.05, 0.04]));
        assert_eq!(unequal, 0.09375, "recalls of 1 and ¾ beat ½ and 1");
        assert_eq!(tuned(rows(&[0.3], &[0.3])), 0.3, "equal scores cannot be told apart");
        assert_eq!(tuned(rows(&[0.1], &[0.9, 0.8])), 0.1, "nothing is better than one class for all");
    }

    /// Scores are columns of class numbers, so the same classes in another order would tune the threshold of the
    /// wrong class.
    #[test]
    fn validation_rows_of_other_classes_are_refused() {
        let rows = |x: [f64; 4], classes: &[&str]| {
            let classes = classes.iter().map(|class| (*class).to_owned()).collect();
            let y = Labels::new(vec![0, 0, 0, 1], classes).expect("codes of these classes");
            Dataset::unnamed(Array2::from_shape_fn((4, 1), |(row, _)| x[row]), y).expect("finite")
        };
        let train = rows([0.0, 0.1, 0.2, 1.0], &["no", "yes"]);
        let fit = |validation: Dataset<Labels>| {
            let train = Train { rows: train.clone(), validation: Some(validation) };
            let classifier = MlpClassifier { stop: Stop::Epochs(1), ..MlpClassifier::default() };
            let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
            TunedThreshold { classifier }.fit(&train, &mut Run::new(&mut rng, &mut nobody)).map(drop)
        };
        assert!(fit(rows([0.0, 0.1, 0.2, 1.0], &["no", "yes"])).is_ok());
        for classes in [&["yes", "no"][..], &["no", "yes", "maybe"]] {
            let error = fit(rows([1.0, 1.1, 1.2, 0.0], classes)).expect_err("other classes");
            assert!(error.to_string().starts_with("classes of the validation rows"), "{error}");
        }
    }
}
