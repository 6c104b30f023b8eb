//! The steps that all generative adversarial samplers share: scale, train a pair, replace rows.
//!
//! A resampler decides how many rows each class gets and makes the rows that the generator may start from. For
//! each class a pair is trained on its rows, scaled to [0, 1] by the training rows, and makes its rows instead.
//!
//! Two failures are noticed and stand in the delivery report: the discriminator tells real from generated rows
//! at sight, so that the generator learns nothing more; and mode collapse, where the generated rows vary much
//! less than those of the class.

use imb_core::{ColumnKind, Dataset, Labels, Origin, Resampled, Result, Rng, Run};
use ndarray::{Array1, Array2, Axis};

use super::pair::{GanPair, Play};
use crate::adversarial::too_large;

/// A discriminator with a lower loss is sure of every row; guessing gives ln 2 = 0.69.
const DISCRIMINATOR_WON: f64 = 0.05;
/// Generated rows with a smaller share of the class's variance have collapsed.
const COLLAPSED: f64 = 0.1;

/// Draws the generator's inputs of a step.
pub(super) type DrawInputs = Box<dyn FnMut(&mut Rng) -> Array2<f64>>;

/// The generator's inputs for one class.
pub(super) struct Inputs {
    /// Draws those of a step.
    pub(super) step: DrawInputs,
    /// Those of the final rows, one a row.
    pub(super) last: Array2<f64>,
}

/// One class to grow.
pub(super) struct Class {
    /// Its rows, in the units of the data.
    pub(super) rows: Array2<f64>,
    /// The same, scaled.
    pub(super) real: Array2<f64>,
    /// The rows that the resampler made for it, scaled.
    pub(super) made: Array2<f64>,
}

/// A method around the pair.
pub(super) struct Growth<'a> {
    name: &'a str,
    pair: &'a GanPair,
    epochs: u64,
    rows: &'a Dataset<Labels>,
}

/// The origin of a row that the generator made from the row with this origin.
fn moved(given: &Origin) -> Origin {
    match given {
        // A generator of noise was given no row.
        Origin::Latent { .. } => given.clone(),
        _ => Origin::Latent { seed: given.seed(), given: Some(Box::new(given.clone())) },
    }
}

impl<'a> Growth<'a> {
    /// # Errors
    /// [`imb_core::Error::InvalidParameter`] for an invalid pair or number of epochs.
    pub(super) fn new(
        name: &'a str,
        pair: &'a GanPair,
        epochs: u64,
        rows: &'a Dataset<Labels>,
    ) -> Result<Self> {
        pair.check()?;
        crate::mlp::require("epochs", "at least 1", epochs >= 1, epochs)?;
        Ok(Self { name, pair, epochs, rows })
    }

    /// Replaces the rows that a resampler made by the generator's. `inputs` are those of a class.
    ///
    /// # Errors
    /// [`imb_core::Error::NotApplicable`] for a column with numbers so large that its range overflows; those of the
    /// pair.
    pub(super) fn replace(
        &self,
        mut made: Resampled<Labels>,
        run: &mut Run<'_, Labels>,
        mut inputs: impl FnMut(&Class, &mut Rng) -> Result<Inputs>,
    ) -> Result<Resampled<Labels>> {
        let scaling = Scaling::new(self.name, self.rows, self.pair.scale)?;
        for delivery in &mut made.delivery {
            let class = self.rows.y().classes().iter().position(|name| *name == delivery.name);
            let class = class.expect("a resampler reports classes of the data") as u32;
            let places = made.synthetic_targets.rows_of(class);
            let members = self.rows.y().rows_of(class);
            let mut remarks: Vec<String> = delivery.remark.take().into_iter().collect();
            if places.is_empty() {
                // The resampler says why there is no row that a generator could start from.
            } else if members.len() < 2 || places.len() < 2 {
                remarks
                    .push("too few rows to train a generator: the rows it would start from are kept".into());
            } else {
                let rows = self.rows.x().select(Axis(0), &members);
                let class = Class {
                    real: scaling.scaled(rows.clone()),
                    rows,
                    made: scaling.scaled(made.synthetic.select(Axis(0), &places)),
                };
                let inputs = inputs(&class, run.rng)?;
                let rows = self.play(&delivery.name, &class, inputs, run, &mut remarks)?;
                for (place, row) in places.iter().zip(scaling.unscaled(rows).rows()) {
                    made.synthetic.row_mut(*place).assign(&row);
                    made.origins[*place] = moved(&made.origins[*place]);
                }
            }
            remarks.extend(scaling.remark(self.rows));
            delivery.remark = (!remarks.is_empty()).then(|| remarks.join("; "));
        }
        Ok(made)
    }

    /// Trains a pair on a class, and adds to the remarks what went wrong.
    fn play(
        &self,
        name: &str,
        class: &Class,
        inputs: Inputs,
        run: &mut Run<'_, Labels>,
        remarks: &mut Vec<String>,
    ) -> Result<Array2<f64>> {
        let stage = format!("{}, class \"{name}\"", self.name);
        let (pair, real, last) = (self.pair, &class.real, &inputs.last);
        let play = Play { name: &stage, pair, epochs: self.epochs, real, inputs: inputs.step, last, run };
        let played = play.on_device()?;
        let [discriminator, generator] = played.losses;
        run.observer.value("discriminator_loss", discriminator);
        run.observer.value("generator_loss", generator);
        // A class of equal rows has no variance to have a share of.
        let of_class = variance(real);
        let share = (of_class > 0.0).then(|| variance(&played.rows) / of_class);
        if let Some(share) = share {
            run.observer.value("variance_share", share);
        }
        remarks.extend(failures(discriminator, share));
        Ok(played.rows)
    }
}

/// What went wrong, by the discriminator's last loss and the share of the class's variance that new rows have, if it
/// has any.
fn failures(discriminator: f64, share: Option<f64>) -> Vec<String> {
    let mut remarks = Vec::new();
    if discriminator < DISCRIMINATOR_WON {
        remarks.push(format!(
            "the discriminator has won: its last loss is {discriminator:.4}, and guessing gives 0.69"
        ));
    }
    if let Some(share) = share.filter(|share| *share < COLLAPSED) {
        remarks
            .push(format!("mode collapse: the new rows have {:.1} % of the class's variance", 100.0 * share));
    }
    remarks
}

/// The sum over columns of their variance.
fn variance(rows: &Array2<f64>) -> f64 {
    rows.var_axis(Axis(0), 0.0).sum()
}

/// The scale of the training rows, column by column.
struct Scaling {
    least: Array1<f64>,
    range: Array1<f64>,
    scaled: bool,
    integer: Vec<bool>,
}

impl Scaling {
    fn new(method: &str, rows: &Dataset<Labels>, scaled: bool) -> Result<Self> {
        let fold =
            |start: f64, of: fn(f64, f64) -> f64| rows.x().fold_axis(Axis(0), start, |a, b| of(*a, *b));
        let (least, most) = (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max));
        let integer = rows.features().iter().map(|feature| feature.kind == ColumnKind::Integer).collect();
        let range = &most - &least;
        match range.iter().position(|range| !range.is_finite()).filter(|_| scaled) {
            Some(column) => Err(too_large(method, &rows.features()[column], "range")),
            None => Ok(Self { range, least, scaled, integer }),
        }
    }

    /// In [0, 1]; a constant column becomes 0.
    fn scaled(&self, mut rows: Array2<f64>) -> Array2<f64> {
        if self.scaled {
            for mut row in rows.rows_mut() {
                row -= &self.least;
                row.zip_mut_with(&self.range, |value, range| {
                    *value /= if *range > 0.0 { *range } else { 1.0 }
                });
            }
        }
        rows
    }

    /// Back in the units of the data; integer columns are rounded.
    fn unscaled(&self, mut rows: Array2<f64>) -> Array2<f64> {
        for mut row in rows.rows_mut() {
            if self.scaled {
                row *= &self.range;
                row += &self.least;
            }
            let whole = row.iter_mut().zip(&self.integer).filter(|(_, integer)| **integer);
            whole.for_each(|(value, _)| *value = value.round());
        }
        rows
    }

    /// What rows the generator cannot make, where columns are not scaled.
    fn remark(&self, rows: &Dataset<Labels>) -> Option<String> {
        let most = &self.least + &self.range;
        let outside = |column: &usize| self.least[*column] < 0.0 || most[*column] > 1.0;
        let column = (0..self.least.len()).find(outside).filter(|_| !self.scaled)?;
        let name = &rows.features()[column].name;
        Some(format!("the generator makes numbers from 0 to 1 only, and column \"{name}\" has others"))
    }
}

/// Rows of a matrix, drawn without replacement for each step; all of them if there are fewer.
pub(super) fn batches_of(rows: Array2<f64>, size: Option<usize>) -> DrawInputs {
    let size = size.filter(|size| *size < rows.nrows());
    Box::new(move |rng| match size {
        None => rows.clone(),
        Some(size) => {
            let drawn = rand::seq::index::sample(rng, rows.nrows(), size).into_vec();
            rows.select(Axis(0), &drawn)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_games_and_collapse_are_noticed() {
        assert_eq!(failures(0.69, Some(1.0)), Vec::<String>::new());
        assert_eq!(failures(0.69, None), Vec::<String>::new());
        assert!(failures(0.001, Some(0.5))[0].contains("the discriminator has won"));
        assert!(failures(0.5, Some(0.02))[0].contains("mode collapse: the new rows have 2.0 %"));
        assert_eq!(failures(0.001, Some(0.02)).len(), 2);
    }
}
