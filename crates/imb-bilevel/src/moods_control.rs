//! Controls for MOODS: what of its gain remains when the rows that it chose are taken away.
//!
//! MOODS differs from a network that is trained once in three things: *which* rows it selects, *how many* of
//! each class, and *how long* it trains. A control searches as MOODS does, forgets the selection, and trains
//! a new network with what it keeps of the other two:
//!
//! - `keep_sizes`: on as many rows of each class as MOODS ended with, chosen blindly: random under-sampling of
//!   the majority and SMOTE for the minority. Otherwise on the rows as they are.
//! - `keep_steps`: for as many gradient steps as all trainings of the search took. Otherwise by the classifier's
//!   own rule.
//!
//! If a control does as well as MOODS, the selection explains nothing. The search and the control draw from one
//! generator, so that a control is not paired with one particular run of MOODS. The controls are ours; the
//! methods inside are those of
//!
//! Medlin, Leyffer and Raghavan, "Sampling Imbalanced Data with Multi-objective Bilevel Optimization" (2025),
//! arXiv:2506.11315; Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE" (2002), doi:10.1613/jair.953.

use imb_core::{Dataset, Fit, Labels, Predict, Resample, Resampled, Result, Run, Train};
use imb_neural::Stop;
use imb_resample::{RandomUnderSampler, SamplingStrategy, SmallClasses, Smote};
use serde::{Deserialize, Serialize};

use crate::Moods;
use crate::sample::renumber;
use crate::validation::with_validation;

/// A network trained on as many rows as MOODS chose, or for as long as MOODS trained, without its choice.
///
/// ```
/// use imb_bilevel::{Moods, MoodsControl};
/// use imb_core::{Dataset, Fit, Labels, Run, Seed, Train};
/// use imb_neural::{MlpClassifier, Stop};
/// use ndarray::Array2;
///
/// let x = Array2::from_shape_fn((80, 2), |(row, column)| {
///     let shift = if row % 4 == 0 { 4.0 } else { 0.0 };
///     ((row * 7 + column * 3) % 11) as f64 / 2.0 + shift
/// });
/// let codes = (0..80).map(|row| u32::from(row % 4 == 0)).collect();
/// let y = Labels::new(codes, vec!["often".into(), "rare".into()])?;
/// let train = Train { rows: Dataset::unnamed(x, y)?, validation: None };
///
/// let classifier = MlpClassifier { stop: Stop::Steps(50), ..MlpClassifier::moods_sound() };
/// let moods = Moods { classifier, ..Moods::default() };
/// let control = MoodsControl { moods, keep_sizes: true, keep_steps: false };
/// let model = control.fit(&train, &mut Run::new(&mut Seed::new(7).rng(), &mut ()))?;
/// assert_eq!(model.predict(train.rows.x())?.labels.codes().len(), 80);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`Moods`], the method whose gain is taken apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoodsControl {
    /// The search.
    pub moods: Moods,
    /// Whether rows are sampled blindly to the sizes that the search ended with.
    pub keep_sizes: bool,
    /// Whether the network takes as many gradient steps as the search did.
    pub keep_steps: bool,
}

impl Fit<Labels> for MoodsControl {
    fn fit(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
        // As MOODS does it, before rows are held out: of two rows of a class, which are enough, one remains.
        self.moods.check(train)?;
        // The rows that the search validates on, if it holds out some, do not train here either.
        let (train, places) = &with_validation(train, run.rng)?;
        let all: Vec<usize> = (0..train.rows.n_rows()).collect();
        // The observer is not shown the set of the search, which nothing is fitted to.
        let found = run.base(|run: &mut Run<'_, Labels>| self.moods.search_checked(train, &all, run))?;
        let mut classifier = self.moods.classifier.clone();
        if self.keep_steps {
            classifier.stop = Stop::Steps(found.trajectory.gradient_steps());
        }
        if !self.keep_sizes {
            return classifier.fit(train, run);
        }
        let sizes = found.resampled.into_dataset(&train.rows)?.y().counts();
        let resampled = run.resampling(|run| sampled_blindly(&train.rows, &sizes, run))?;
        // The observer knows the rows by their numbers in the data that were given.
        let mut shown = resampled.clone();
        renumber(&mut shown, places);
        run.observer.on_resampled(&shown);
        let rows = resampled.into_dataset(&train.rows)?;
        classifier.fit(&Train { rows, validation: train.validation.clone() }, run)
    }
}

/// So many rows of each class: of larger classes a random sample, of smaller ones all and SMOTE's.
fn sampled_blindly(
    rows: &Dataset<Labels>,
    sizes: &[usize],
    run: &mut Run<'_, Labels>,
) -> Result<Resampled<Labels>> {
    let counts = rows.y().counts();
    let classes = |of: fn(&usize, &usize) -> bool| {
        let sizes = rows.y().classes().iter().zip(sizes).zip(&counts);
        let asked = sizes.filter(|((_, size), count)| of(size, count));
        SamplingStrategy::Counts(asked.map(|((name, size), _)| (name.clone(), *size)).collect())
    };
    let fewer = RandomUnderSampler { sampling_strategy: classes(usize::lt), ..RandomUnderSampler::default() };
    let kept = fewer.resample(&Train { rows: rows.clone(), validation: None }, run)?.kept;
    let more = Smote {
        sampling_strategy: classes(usize::gt),
        small_classes: SmallClasses::Shrink,
        ..Smote::default()
    };
    let mut resampled = more.resample(&Train { rows: rows.select(&kept)?, validation: None }, run)?;
    renumber(&mut resampled, &kept);
    Ok(resampled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{Origin, Parent, Seed};
    use ndarray::Array2;

    #[test]
    fn blind_samples_have_the_sizes_asked_for() {
        let codes = (0..60).map(|row| u32::from(row % 6 == 0)).collect();
        let y = Labels::new(codes, vec!["often".into(), "rare".into()]).expect("two classes");
        let x = Array2::from_shape_fn((60, 2), |(row, column)| (row * (column + 1)) as f64);
        let rows = Dataset::unnamed(x, y).expect("finite");
        let mut rng = Seed::new(1).rng();
        for sizes in [[20, 10], [20, 25], [50, 14]] {
            let resampled = sampled_blindly(&rows, &sizes, &mut Run::new(&mut rng, &mut ()));
            let resampled = resampled.expect("possible");
            for origin in &resampled.origins {
                let Origin::Interpolated { seed: Parent::Row(seed), .. } = origin else {
                    panic!("SMOTE interpolates between rows")
                };
                assert_eq!(seed % 6, 0, "a row of the rare class");
            }
            let sampled = resampled.into_dataset(&rows).expect("fits");
            assert_eq!(sampled.y().counts(), sizes);
            assert_eq!(sampled.n_rows(), sizes.iter().sum::<usize>());
        }
    }
}
