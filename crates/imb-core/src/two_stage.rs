//! A resampler followed by a classifier, such as "SMOTE + MLP", as one method.

use serde::{Deserialize, Serialize};

use crate::{Fit, Predict, Resample, Result, Run, Target, Train};

/// Resamples the training rows and fits a classifier to the result. Validation rows are not resampled.
///
/// The observer sees the resampled set before the classifier is fitted.
///
/// ```
/// use imb_core::{Dataset, Fit, Labels, Resample, Resampled, Result, Run, Seed, Train, TwoStage};
/// # use imb_core::{Predict, Prediction, Target};
/// # use ndarray::{Array2, ArrayView2, array};
/// # struct Majority;
/// # struct Always(Labels);
/// # impl Fit<Labels> for Majority {
/// #     fn fit(&self, train: &Train<Labels>, _: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
/// #         Ok(Box::new(Always(train.rows.y().select(&[0]))))
/// #     }
/// # }
/// # impl Predict<Labels> for Always {
/// #     fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
/// #         let labels = self.0.select(&vec![0; x.nrows()]);
/// #         Ok(Prediction { labels, scores: Array2::ones((x.nrows(), 2)), logits: None })
/// #     }
/// # }
///
/// /// Keeps the last row of the training set only.
/// struct LastRow;
///
/// impl Resample<Labels> for LastRow {
///     fn resample(&self, train: &Train<Labels>, _: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
///         Ok(Resampled::kept_only(&train.rows, vec![train.rows.n_rows() - 1], Vec::new()))
///     }
/// }
///
/// let rows = Dataset::unnamed(array![[0.0], [1.0]], Labels::from_texts(&["often", "rare"]))?;
/// let train = Train { rows, validation: None };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let method = TwoStage { resampler: LastRow, classifier: Majority };
/// let model = method.fit(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert_eq!(model.predict(array![[0.0]].view())?.labels.codes(), [1], "only \"rare\" was learned");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # See also
/// [`Resample`] and [`Fit`], the two stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwoStage<R, C> {
    /// Resamples the training rows.
    pub resampler: R,
    /// Is fitted to the resampled rows.
    pub classifier: C,
}

impl<Y: Target, R: Resample<Y>, C: Fit<Y>> Fit<Y> for TwoStage<R, C> {
    fn fit(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Box<dyn Predict<Y>>> {
        let resampled = run.resampling(|run| self.resampler.resample(train, run))?;
        run.observer.on_resampled(&resampled);
        let rows = resampled.into_dataset(&train.rows)?;
        self.classifier.fit(&Train { rows, validation: train.validation.clone() }, run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dataset, Labels, Observe, Prediction, Resampled, Seed, Watch};
    use ndarray::{Array2, ArrayView2, array};
    use std::ops::ControlFlow;

    /// Keeps the rows of the second class only, and fits a model of its own to all of them before.
    struct SecondClassOnly;

    impl Resample<Labels> for SecondClassOnly {
        fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
            let all = (0..train.rows.n_rows()).collect();
            run.observer.on_resampled(&Resampled::kept_only(&train.rows, all, Vec::new()));
            let own = Shares.fit(train, run)?;
            let _ = run.observer.on_epoch(0, &*own);
            run.observer.value("rows", train.rows.n_rows() as f64);
            let kept = train.rows.y().rows_of(1);
            Ok(Resampled::kept_only(&train.rows, kept, Vec::new()))
        }
    }

    /// Predicts the share of each class among its training rows.
    struct Shares;
    struct FittedShares(Vec<f64>, Labels);

    impl Fit<Labels> for Shares {
        fn fit(&self, train: &Train<Labels>, _run: &mut Run<'_, Labels>) -> Result<Box<dyn Predict<Labels>>> {
            let y = train.rows.y();
            let shares = y.counts().iter().map(|&count| count as f64 / y.n_rows() as f64).collect();
            Ok(Box::new(FittedShares(shares, y.clone())))
        }
    }

    impl Predict<Labels> for FittedShares {
        fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction<Labels>> {
            let scores = Array2::from_shape_fn((x.nrows(), self.0.len()), |(_, class)| self.0[class]);
            Ok(Prediction { labels: self.1.select(&vec![0; x.nrows()]), scores, logits: None })
        }
    }

    /// The sizes of the training sets, the number of epochs and the number of values that were told.
    #[derive(Default)]
    struct Told(Vec<usize>, usize, usize);

    impl Watch for Told {
        fn value(&mut self, _name: &str, _value: f64) {
            self.2 += 1;
        }
    }

    impl Observe<Labels> for Told {
        fn on_resampled(&mut self, resampled: &Resampled<Labels>) {
            self.0.push(resampled.kept.len());
        }

        fn on_epoch(&mut self, _epoch: usize, _model: &dyn Predict<Labels>) -> ControlFlow<()> {
            self.1 += 1;
            ControlFlow::Continue(())
        }
    }

    #[test]
    fn the_classifier_sees_only_what_the_resampler_made() {
        let y = Labels::from_texts(&["a", "a", "b"]);
        let rows = Dataset::unnamed(array![[0.0], [1.0], [2.0]], y).expect("valid");
        let (mut rng, mut watch) = (Seed::new(1).rng(), Told::default());
        let mut run = Run::new(&mut rng, &mut watch);
        let method = TwoStage { resampler: Box::new(SecondClassOnly), classifier: Box::new(Shares) };
        let model = method.fit(&Train { rows, validation: None }, &mut run).expect("fits");
        assert_eq!(model.predict(array![[5.0]].view()).expect("one feature").scores, array![[0.0, 1.0]]);
        assert_eq!(watch.0, [1], "the set that the classifier was fitted to, and no other");
        assert_eq!((watch.1, watch.2), (0, 1), "what the resampler measures is told, but not its own epochs");
    }
}
