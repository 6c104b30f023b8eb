//! Conversions to and from linfa's data sets, and resamplers as linfa transformers (feature `linfa`).
//!
//! linfa uses an older `ndarray`, which appears nowhere else in this crate.

use linfa::traits::Transformer;
use ndarray::Array2;
use ndarray_linfa as theirs;

use crate::{ColumnKind, Dataset, Device, Error, Feature, Labels, Resample, Result, Run, Seed, Train};

/// A linfa data set with one class number per row.
pub type LinfaDataset = linfa::Dataset<f64, usize, theirs::Ix1>;

impl From<&Dataset<Labels>> for LinfaDataset {
    /// Classes become their numbers. Weights are kept, in single precision; groups are lost.
    fn from(data: &Dataset<Labels>) -> Self {
        let shape = (data.n_rows(), data.n_features());
        let numbers = data.x().iter().copied().collect();
        let records = theirs::Array2::from_shape_vec(shape, numbers).expect("as many as rows times features");
        let targets: theirs::Array1<usize> = data.y().codes().iter().map(|&code| code as usize).collect();
        let names: Vec<String> = data.features().iter().map(|feature| feature.name.clone()).collect();
        let converted = linfa::Dataset::new(records, targets).with_feature_names(names);
        match data.weights() {
            None => converted,
            Some(weights) => converted.with_weights(weights.iter().map(|&weight| weight as f32).collect()),
        }
    }
}

impl TryFrom<&LinfaDataset> for Dataset<Labels> {
    type Error = Error;

    /// Class numbers become classes named `0`, `1`, … up to the largest; features are numeric.
    ///
    /// # Errors
    /// Those of [`Dataset::new`]; [`Error::InvalidParameter`] for a class number above 65,535.
    fn try_from(data: &LinfaDataset) -> Result<Self> {
        let (records, targets) = (&data.records, &data.targets);
        let x = Array2::from_shape_vec((records.nrows(), records.ncols()), records.iter().copied().collect())
            .expect("as many as rows times features");
        let largest = targets.iter().copied().max().unwrap_or(0);
        // The names of all classes up to the largest are listed: a stray target of a billion must not.
        let largest = u16::try_from(largest).map_err(|_| {
            Error::invalid_parameter("class number", format!("at most {}", u16::MAX), largest)
        })?;
        let codes = targets.iter().map(|&code| code as u32).collect();
        let y = Labels::new(codes, (0..=largest).map(|code| code.to_string()).collect())?;
        let converted = Self::new(numeric_features(data.feature_names(), x.ncols()), x, y)?;
        match data.weights() {
            None => Ok(converted),
            Some(weights) => {
                converted.with_weights(weights.iter().map(|&weight| f64::from(weight)).collect())
            }
        }
    }
}

/// Features with these names, or `column_1`, `column_2`, … where a name is missing.
fn numeric_features(names: &[String], n_features: usize) -> Vec<Feature> {
    let name = |number: usize| names.get(number).cloned().unwrap_or_else(|| format!("column_{}", number + 1));
    (0..n_features).map(|number| Feature { name: name(number), kind: ColumnKind::Numeric }).collect()
}

/// A resampler as a linfa [`Transformer`].
///
/// linfa passes no generator to a transformer, so it holds a seed: each call starts from it and gives
/// the same rows for the same data.
#[derive(Clone, Debug, PartialEq)]
pub struct AsTransformer<R> {
    /// Resamples the rows.
    pub resampler: R,
    /// The seed that every call starts from.
    pub seed: Seed,
}

impl<R: Resample<Labels>> Transformer<LinfaDataset, Result<LinfaDataset>> for AsTransformer<R> {
    fn transform(&self, data: LinfaDataset) -> Result<LinfaDataset> {
        let train = Train { rows: Dataset::try_from(&data)?, validation: None };
        let mut run = Run { rng: &mut self.seed.rng(), observer: &mut (), device: Device::Cpu, budget: None };
        let resampled = self.resampler.resample(&train, &mut run)?;
        Ok(LinfaDataset::from(&resampled.into_dataset(&train.rows)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn there_and_back_is_the_same() {
        let y = Labels::new(vec![1, 0, 1], vec!["0".into(), "1".into()]).expect("two classes");
        let data = Dataset::unnamed(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], y)
            .and_then(|data| data.with_weights(vec![1.0, 0.5, 2.0]))
            .expect("valid");
        let back = Dataset::try_from(&LinfaDataset::from(&data)).expect("finite");
        assert_eq!(back, data);
    }

    #[test]
    fn a_gap_is_refused() {
        let records = theirs::Array2::from_elem((1, 1), f64::NAN);
        let data = linfa::Dataset::new(records, theirs::Array1::from_elem(1, 0));
        assert!(matches!(Dataset::try_from(&data), Err(Error::NotFinite { row: 0, .. })));
    }
}
