//! The predictions of a cell, row by row. Records keep only a hash of them, so the cell is run again.

use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use imb_core::Prediction;

use crate::cell::Cell;
use crate::evidence::{Outcome, Scored};
use crate::experiment::Experiment;
use crate::spec::Evaluation;

/// What a model predicts of test rows, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// The classes or labels.
    pub names: Vec<String>,
    /// The truth of each row: its class, or a 0 or 1 for each label.
    pub truth: Vec<Vec<String>>,
    /// What is predicted, in the same form.
    pub predicted: Vec<Vec<String>>,
    /// One score a class or label, by row.
    pub scores: Vec<Vec<f64>>,
}

/// The predictions of a cell that was run again.
#[derive(Clone, Debug, PartialEq)]
pub struct CellPredictions {
    /// The numbers of the predicted rows in the data set as the protocol reads it, from 0.
    pub rows: Vec<usize>,
    /// The predictions.
    pub predictions: Predictions,
    /// The hash by which a record knows them.
    pub hash: String,
}

impl Predictions {
    /// The prediction of rows with these targets.
    pub fn new<Y: Scored>(truth: &Y, prediction: &Prediction<Y>) -> Self {
        Self {
            names: truth.names().to_vec(),
            truth: truth.texts(),
            predicted: prediction.labels.texts(),
            scores: prediction.scores.rows().into_iter().map(|row| row.to_vec()).collect(),
        }
    }
}

impl CellPredictions {
    /// Runs a cell and keeps what one of its evaluations predicts.
    ///
    /// # Errors
    /// If the cell does not run to its end, or has no such evaluation.
    pub fn of(
        experiment: &Experiment,
        cell: &Cell,
        evaluation: Evaluation,
        interrupted: &AtomicBool,
    ) -> Result<Self> {
        if !cell.evaluations.contains(&evaluation) {
            let known = serde_json::to_string(&cell.evaluations)?;
            bail!("{} is not evaluated so; its evaluations: {known}", cell.place);
        }
        let mut rows = experiment.rows(&cell.place)?;
        let keeping = Cell { keeps_predictions: true, ..cell.clone() };
        let done = match keeping.run(experiment.seed(), &mut rows, interrupted)?.outcome {
            Outcome::Done(done) => done,
            Outcome::NotApplicable(why) | Outcome::Failed(why) => bail!("{}: {why}", cell.place),
        };
        let mut evaluations = done.evaluations;
        let evaluated = evaluations.remove(&evaluation).context("evaluations are those of the cell")?;
        Ok(Self {
            rows: experiment.predicted_rows(&cell.place, evaluation)?,
            predictions: evaluated.predictions.context("predictions were kept")?,
            hash: evaluated.predicted,
        })
    }

    /// A line a row: its number (the first is 1), truth, prediction and scores.
    ///
    /// # Errors
    /// If the row numbers are not as many as the predictions.
    pub fn to_csv(&self) -> Result<String> {
        let Predictions { names, truth, predicted, scores } = &self.predictions;
        let is_one_class = truth.first().is_none_or(|row| row.len() == 1 && names.len() > 1);
        let each = |prefix: &str| names.iter().map(|name| format!("{prefix}_{name}")).collect::<Vec<_>>();
        let columns = |word: &str| if is_one_class { vec![word.to_owned()] } else { each(word) };
        let mut csv = csv::Writer::from_writer(Vec::new());
        let header = [vec!["row".to_owned()], columns("truth"), columns("predicted"), each("score")];
        csv.write_record(header.concat())?;
        if self.rows.len() != truth.len() {
            bail!("{} row numbers for {} predictions", self.rows.len(), truth.len());
        }
        for (place, row) in self.rows.iter().enumerate() {
            let scores = scores[place].iter().map(ToString::to_string).collect();
            let line = [vec![(row + 1).to_string()], truth[place].clone(), predicted[place].clone(), scores];
            csv.write_record(line.concat())?;
        }
        Ok(String::from_utf8(csv.into_inner()?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{LabelMatrix, Labels};
    use ndarray::array;

    #[test]
    fn classes_have_one_column_and_labels_one_each() {
        let truth = Labels::from_texts(&["a", "b"]);
        let prediction =
            Prediction { labels: truth.clone(), scores: array![[0.75, 0.25], [0.5, 0.5]], logits: None };
        let of = |predictions| CellPredictions { rows: vec![4, 9], predictions, hash: String::new() };
        let classes = of(Predictions::new(&truth, &prediction));
        assert_eq!(
            classes.to_csv().expect("fits"),
            "row,truth,predicted,score_a,score_b\n5,a,a,0.75,0.25\n10,b,b,0.5,0.5\n"
        );
        let names = ["x", "y"].map(String::from).to_vec();
        let truth = LabelMatrix::new(array![[true, false], [true, true]], names).expect("fits");
        let prediction =
            Prediction { labels: truth.clone(), scores: array![[0.75, 0.25], [0.5, 0.5]], logits: None };
        let labels = of(Predictions::new(&truth, &prediction)).to_csv().expect("fits");
        assert!(
            labels.starts_with("row,truth_x,truth_y,predicted_x,predicted_y,score_x,score_y\n5,1,0,1,0,")
        );
        let short = CellPredictions { rows: vec![4], ..classes };
        assert!(short.to_csv().is_err());
    }
}
