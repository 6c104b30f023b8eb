//! `--encode onehot`: categories are columns of 0 and 1 while a method computes, and categories again in new rows.

use clap::ValueEnum;
use imb_core::{ColumnKind, Dataset, Feature, Result, Target};
use ndarray::{Array2, ArrayView2};

/// How categories become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Encode {
    /// A column of 0 and 1 for each category. A new row gets the category
    /// with the largest number, the first of equal ones.
    Onehot,
}

/// The columns that stand for each feature: one, or one a category.
pub(super) struct Encoding(Vec<Option<usize>>);

impl Encoding {
    /// That of these features.
    pub(super) fn of(features: &[Feature]) -> Self {
        let categories = |feature: &Feature| match &feature.kind {
            ColumnKind::Categorical(texts) => Some(texts.len()),
            _ => None,
        };
        Self(features.iter().map(categories).collect())
    }

    /// Rows with the columns that stand for their features. Those of a category are not rounded by a method.
    pub(super) fn encoded<Y: Target>(&self, rows: &Dataset<Y>) -> Result<Dataset<Y>> {
        let mut x = Array2::zeros((rows.n_rows(), self.width()));
        let (mut features, mut first) = (Vec::new(), 0);
        for ((feature, categories), column) in rows.features().iter().zip(&self.0).zip(rows.x().columns()) {
            match categories {
                None => {
                    x.column_mut(first).assign(&column);
                    features.push(feature.clone());
                }
                Some(n) => {
                    column.iter().enumerate().for_each(|(row, &code)| x[[row, first + code as usize]] = 1.0);
                    let indicator = |category| Feature {
                        name: format!("{}={category}", feature.name),
                        kind: ColumnKind::Numeric,
                    };
                    features.extend((0..*n).map(indicator));
                }
            }
            first += categories.unwrap_or(1);
        }
        Dataset::new(features, x, rows.y().clone())
    }

    /// Rows `(n_rows, n_encoded)` with one number a feature, the code of a category.
    pub(super) fn decoded(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut decoded = Array2::zeros((x.nrows(), self.0.len()));
        for (row, mut target) in x.rows().into_iter().zip(decoded.rows_mut()) {
            let mut first = 0;
            for (categories, cell) in self.0.iter().zip(target.iter_mut()) {
                let end = first + categories.unwrap_or(1);
                let numbers = row.slice(ndarray::s![first..end]);
                *cell =
                    if categories.is_some() { largest(numbers.iter().copied()) as f64 } else { numbers[0] };
                first = end;
            }
        }
        decoded
    }

    fn width(&self) -> usize {
        self.0.iter().map(|categories| categories.unwrap_or(1)).sum()
    }
}

/// The place of the largest number, the first of equals.
fn largest(numbers: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (place, number) in numbers.enumerate() {
        if number > best.1 {
            best = (place, number);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Labels;
    use ndarray::array;

    #[test]
    fn categories_come_back_and_ties_go_to_the_first() {
        let kinds = [ColumnKind::Integer, ColumnKind::Categorical(["a", "b", "c"].map(String::from).into())];
        let features: Vec<Feature> =
            kinds.into_iter().map(|kind| Feature { name: "f".to_owned(), kind }).collect();
        let x = array![[7.0, 2.0], [8.0, 0.0]];
        let rows = Dataset::new(features, x.clone(), Labels::from_texts(&["x", "y"])).expect("finite");
        let encoding = Encoding::of(rows.features());
        let encoded = encoding.encoded(&rows).expect("finite");
        assert_eq!(encoded.x(), array![[7.0, 0.0, 0.0, 1.0], [8.0, 1.0, 0.0, 0.0]]);
        assert_eq!(encoded.features()[1].kind, ColumnKind::Numeric);
        assert_eq!(encoding.decoded(encoded.x().view()), x);
        let between = array![[7.5, 0.5, 0.0, 0.5], [7.5, 0.2, 0.3, 0.1]];
        assert_eq!(encoding.decoded(between.view()), array![[7.5, 0.0], [7.5, 1.0]]);
    }
}
