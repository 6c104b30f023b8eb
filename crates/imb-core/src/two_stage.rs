//! First resample, then fit: "SMOTE + classifier" as one method.

use serde::{Deserialize, Serialize};

use crate::{Fit, Predict, Resample, Result, Run, Target, Train};

/// Fits a classifier to what a resampler makes of the training rows. Validation rows pass through
/// as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwoStage<R, C> {
    /// Makes the training set.
    pub resampler: R,
    /// Learns from it.
    pub classifier: C,
}

impl<Y: Target, R: Resample<Y>, C: Fit<Y>> Fit<Y> for TwoStage<R, C> {
    fn fit(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> Result<Box<dyn Predict<Y>>> {
        let resampled = self.resampler.resample(train, run)?;
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

    /// Keeps the rows of the second class only.
    struct SecondClassOnly;

    impl Resample<Labels> for SecondClassOnly {
        fn resample(&self, train: &Train<Labels>, _run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
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

    #[derive(Default)]
    struct Sizes(Vec<usize>);

    impl Watch for Sizes {}

    impl Observe<Labels> for Sizes {
        fn on_resampled(&mut self, resampled: &Resampled<Labels>) {
            self.0.push(resampled.kept.len());
        }
    }

    #[test]
    fn the_classifier_sees_only_what_the_resampler_made() {
        let y = Labels::from_texts(&["a", "a", "b"]);
        let rows = Dataset::unnamed(array![[0.0], [1.0], [2.0]], y).expect("valid");
        let (mut rng, mut watch) = (Seed::new(1).rng(), Sizes::default());
        let mut run = Run::new(&mut rng, &mut watch);
        let method = TwoStage { resampler: Box::new(SecondClassOnly), classifier: Box::new(Shares) };
        let model = method.fit(&Train { rows, validation: None }, &mut run).expect("fits");
        assert_eq!(model.predict(array![[5.0]].view()).expect("one feature").scores, array![[0.0, 1.0]]);
        assert_eq!(watch.0, [1]);
    }
}
