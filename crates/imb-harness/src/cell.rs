//! A cell: one training of one method, from its rows to its figures.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use imb_core::{Dataset, Delivery, Device, Error, Labels, Observe, Predict, Resampled, Run, Seed, Watch};
use imb_metrics::ConfusionMatrix;
use imb_metrics::non_overlapping_diversification::OutputSpread;
use imb_metrics::single_label::acsa_score;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::column::Recipe;
use crate::paper::Paper;
use crate::profile::Budget;
use crate::protocol::{self, Score, TrainingRows};
use crate::rows::RunRows;

/// Where a cell stands.
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
    /// The run, from 0.
    pub run: usize,
}

/// A cell, with everything that its figures depend on.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Where it stands.
    pub place: Place,
    /// The method.
    pub recipe: Recipe,
    /// What is measured.
    pub scores: Vec<Score>,
    /// SHA-256 of all parameters: place, recipe, protocol and versions, but not the data.
    pub parameters: String,
    /// The same of all parameters but the run.
    pub family: String,
    /// The fingerprint of the data.
    pub data: String,
    /// Rows of the whole data set.
    pub n_rows: usize,
}

/// What came of a cell. Of the same cell it is the same, to the last byte, on one instruction set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was run.
    Done(Box<Done>),
    /// The method cannot be applied to these rows: tables print `NA`.
    NotApplicable(String),
    /// It failed.
    Failed(String),
}

/// The figures of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// What was predicted, by what is measured.
    pub scores: BTreeMap<Score, Scored>,
    /// Rows of each class that the method was given to train on.
    pub training_rows: Vec<usize>,
    /// Rows of each class that the classifier was fitted to.
    pub fitted_rows: Vec<usize>,
    /// Where a resampler made fewer rows of a class than it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortfalls: Vec<Delivery>,
    /// Where the network's outputs lie for the rows that it was fitted to, with two classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted_outputs: Option<OutputSpread>,
    /// The same outputs, counted; of the first run only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<OutputHistogram>,
    /// What the method measured of its own work, such as its gradient steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, f64>,
}

impl Done {
    /// The class with the fewest training rows.
    pub fn minority(&self) -> Option<usize> {
        (0..self.training_rows.len()).min_by_key(|class| self.training_rows[*class])
    }
}

/// How the network's outputs for the rows it was fitted to are spread: z, the logit of the minority.
/// The range holds all of each class but a hundredth at either end, which the outermost bins count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputHistogram {
    /// Where the first bin begins.
    pub least: f64,
    /// Where the last bin ends.
    pub greatest: f64,
    /// Minority rows in each of equally wide bins from the one to the other.
    pub minority: Vec<u32>,
    /// Majority rows in each bin.
    pub majority: Vec<u32>,
}

/// More than a figure shows, so that two records can share its bins.
const BINS: usize = 180;

impl OutputHistogram {
    /// Counts the logits of a class, one a row, of rows of two classes.
    fn count(z: ArrayView1<'_, f64>, y: &Labels, minority: u32) -> Self {
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for class in [0, 1] {
            let of_class = z.iter().zip(y.codes()).filter(|(_, code)| **code == class);
            let mut values: Vec<f64> = of_class.map(|(z, _)| *z).collect();
            values.sort_by(f64::total_cmp);
            let beyond = values.len() / 100;
            if let (Some(low), Some(high)) = (values.get(beyond), values.iter().nth_back(beyond)) {
                (least, greatest) = (least.min(*low), greatest.max(*high));
            }
        }
        let mut counts = [vec![0; BINS], vec![0; BINS]];
        for (&z, &code) in z.iter().zip(y.codes()) {
            let place = BINS as f64 * (z - least) / (greatest - least);
            // A cast takes what lies below to 0, and so a range without width.
            let bin = (place as usize).min(BINS - 1);
            counts[usize::from(code == minority)][bin] += 1;
        }
        let [majority, minority] = counts;
        Self { least, greatest, minority, majority }
    }
}

/// A set of test rows, predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scored {
    /// Rows by true and by predicted class.
    pub confusion: ConfusionMatrix,
    /// The epoch (from 0) whose weights predicted, where it is not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { paper, dataset, protocol, column, run, .. } = self;
        let rows = if self.rows == TrainingRows::WithValidation { " with validation rows" } else { "" };
        write!(f, "{paper} {dataset} {protocol}{rows} {column} run {run}")
    }
}

impl Cell {
    /// The cell at a place, for a data set (by its row in the paper) that has not been read: its
    /// fingerprint is empty and its size 0.
    ///
    /// # Errors
    /// If the paper has no such column or protocol, or the column's parameters are refused.
    pub fn new(
        paper: &Paper,
        row: &str,
        place: Place,
        budget: Option<Budget>,
        device: Device,
    ) -> anyhow::Result<Self> {
        let protocol = paper.spec.protocols.get(&place.protocol)?;
        let column = paper.spec.columns.get(&place.column);
        let column = column.with_context(|| format!("no column is called \"{}\"", place.column))?;
        let recipe = column.recipe(&place.protocol, protocol.classifier_for(row)?, budget)?;
        let family = json!({
            "place": Place { run: 0, ..place.clone() },
            "recipe": recipe,
            "protocol": paper.protocol_source(&place.protocol),
            "protocol_version": protocol::VERSION,
            "seed": paper.spec.protocols.seed,
            "device": device,
        });
        let family = digest(&family.to_string());
        Ok(Self {
            recipe,
            scores: protocol.scores_for(place.rows),
            parameters: digest(&format!("{family} run {}", place.run)),
            family,
            place,
            data: String::new(),
            n_rows: 0,
        })
    }

    /// The name of the cell: a hash of all that its figures depend on.
    pub fn id(&self) -> String {
        Self::id_of(&self.parameters, &self.data)
    }

    /// The name of the cell with these parameters and data.
    pub(crate) fn id_of(parameters: &str, data: &str) -> String {
        digest(&format!("{parameters} {data}"))
    }

    /// Gradient steps that it may take, for an estimate: as if all rows of the data set trained.
    pub fn most_steps(&self) -> u64 {
        self.recipe.most_steps(self.n_rows)
    }

    /// Runs the cell. All random numbers come from a seed made of `seed` and the cell's place.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if the flag was raised; everything else is an outcome.
    pub fn run(
        &self,
        seed: u64,
        rows: &RunRows,
        device: Device,
        interrupted: &AtomicBool,
    ) -> imb_core::Result<Outcome> {
        let Place { paper, dataset, protocol, column, run, .. } = &self.place;
        let seed = Seed::new(seed).child("cell").child(paper).child(dataset).child(protocol);
        let mut rng = seed.child(column).index(*run as u64).rng();
        let mut watcher = Watcher::new(self, rows, interrupted);
        let fitted = self.recipe.build().and_then(|method| {
            let mut run = Run { device, ..Run::new(&mut rng, &mut watcher) };
            method.fit(&rows.train, &mut run)
        });
        match fitted.and_then(|model| watcher.finish(&*model)) {
            Ok(done) => Ok(Outcome::Done(Box::new(done))),
            Err(error @ Error::Interrupted { .. }) => Err(error),
            Err(Error::NotApplicable { reason, .. }) => Ok(Outcome::NotApplicable(reason)),
            Err(error) => Ok(Outcome::Failed(error.to_string())),
        }
    }
}

/// SHA-256, the first 32 hexadecimal digits.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Sees a method at work and measures it.
struct Watcher<'a> {
    rows: &'a RunRows,
    scores: &'a [Score],
    interrupted: &'a AtomicBool,
    resampled: Option<Resampled<Labels>>,
    figures: BTreeMap<String, f64>,
    /// The best epochs so far, with what made them so.
    best: BTreeMap<Score, (f64, Scored)>,
    failure: Option<Error>,
    with_histogram: bool,
}

impl<'a> Watcher<'a> {
    fn new(cell: &'a Cell, rows: &'a RunRows, interrupted: &'a AtomicBool) -> Self {
        Self {
            rows,
            scores: &cell.scores,
            with_histogram: cell.place.run == 0,
            interrupted,
            resampled: None,
            figures: BTreeMap::new(),
            best: BTreeMap::new(),
            failure: None,
        }
    }

    /// Measures an epoch for each rule that chooses one. The first of equal epochs counts.
    fn measure_epoch(&mut self, epoch: usize, model: &dyn Predict<Labels>) -> imb_core::Result<()> {
        for &score in self.scores {
            let chosen_on = match score {
                Score::BestOnValidation => self.rows.train.validation.as_ref(),
                Score::BestOnTest => Some(&self.rows.test),
                _ => None,
            };
            let Some(chosen_on) = chosen_on else { continue };
            let chosen = confusion(model, chosen_on)?;
            let value = acsa_score(&chosen);
            if self.best.get(&score).is_some_and(|(best, _)| *best >= value) {
                continue;
            }
            let confusion = match score {
                Score::BestOnTest => chosen,
                _ => confusion(model, &self.rows.test)?,
            };
            self.best.insert(score, (value, Scored { confusion, epoch: Some(epoch) }));
        }
        Ok(())
    }

    fn finish(mut self, model: &dyn Predict<Labels>) -> imb_core::Result<Done> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let last = |rows: &Dataset<Labels>| {
            confusion(model, rows).map(|confusion| Scored { confusion, epoch: None })
        };
        let mut scores: BTreeMap<Score, Scored> =
            std::mem::take(&mut self.best).into_iter().map(|(score, (_, scored))| (score, scored)).collect();
        for &score in self.scores {
            match (score, &self.rows.natural_test) {
                (Score::Last, _) => scores.insert(score, last(&self.rows.test)?),
                (Score::NaturalTest, Some(rows)) => scores.insert(score, last(rows)?),
                (Score::WithoutFirstTestRow, _) => {
                    let others: Vec<usize> = (1..self.rows.test.n_rows()).collect();
                    scores.insert(score, last(&self.rows.test.select(&others)?)?)
                }
                _ => None,
            };
        }
        let shortfalls = self.shortfalls();
        let source = &self.rows.train.rows;
        let minority = source.y().minority();
        let fitted = match self.resampled {
            Some(resampled) => &resampled.into_dataset(source)?,
            None => source,
        };
        let outputs = fitted_outputs(model, fitted, minority)?;
        Ok(Done {
            scores,
            training_rows: source.y().counts(),
            fitted_rows: fitted.y().counts(),
            shortfalls,
            fitted_outputs: outputs.as_ref().map(|(spread, _)| *spread),
            outputs: outputs.map(|(_, histogram)| histogram).filter(|_| self.with_histogram),
            figures: self.figures,
        })
    }

    fn shortfalls(&self) -> Vec<Delivery> {
        let all = self.resampled.iter().flat_map(|resampled| &resampled.delivery);
        all.filter(|delivery| delivery.delivered < delivery.asked).cloned().collect()
    }
}

impl Watch for Watcher<'_> {
    fn progress(&mut self, _stage: &str, _done: u64, _total: u64) -> ControlFlow<()> {
        if self.interrupted.load(Ordering::Relaxed) { Break(()) } else { Continue(()) }
    }

    fn value(&mut self, name: &str, value: f64) {
        self.figures.insert(name.to_owned(), value);
    }
}

impl Observe<Labels> for Watcher<'_> {
    fn on_resampled(&mut self, resampled: &Resampled<Labels>) {
        self.resampled = Some(resampled.clone());
    }

    fn on_epoch(&mut self, epoch: usize, model: &dyn Predict<Labels>) -> ControlFlow<()> {
        match self.measure_epoch(epoch, model) {
            Ok(()) => Continue(()),
            Err(error) => {
                self.failure = Some(error);
                Break(())
            }
        }
    }
}

fn confusion(model: &dyn Predict<Labels>, rows: &Dataset<Labels>) -> imb_core::Result<ConfusionMatrix> {
    ConfusionMatrix::new(rows.y(), &model.predict(rows.x())?.labels)
}

/// The outputs for the rows fitted to; none where there are not two classes, or a class has too few
/// rows for a variance.
fn fitted_outputs(
    model: &dyn Predict<Labels>,
    fitted: &Dataset<Labels>,
    minority: Option<u32>,
) -> imb_core::Result<Option<(OutputSpread, OutputHistogram)>> {
    let two_classes = fitted.y().classes().len() == 2 && fitted.y().counts().iter().all(|&count| count >= 2);
    let Some(minority) = minority.filter(|_| two_classes) else { return Ok(None) };
    let prediction = model.predict(fitted.x())?;
    let Some(logits) = &prediction.logits else { return Ok(None) };
    let histogram = OutputHistogram::count(logits.column(minority as usize), fitted.y(), minority);
    Ok(Some((OutputSpread::of(fitted.y(), &prediction, minority)?, histogram)))
}
