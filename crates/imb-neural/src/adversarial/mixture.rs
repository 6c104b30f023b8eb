//! Generated rows as a resampler returns them: convex mixtures of training rows, with the mixture as origin.

use imb_core::{
    ColumnKind, Dataset, Delivery, Error, Feature, Labels, Origin, Parent, Resampled, Result, Rng, Run,
};
use ndarray::{Array2, ArrayView1, Axis};

use super::players::MixedRows;

/// What a generator was asked for: the class of each row, and the rows that it mixes with their weights.
pub(super) type Mixtures = Vec<(usize, Vec<(Parent, f64)>)>;

/// Rows made at once.
const BLOCK: usize = 256;
/// The share of a mixture that its largest parents hold; the rest, each of little weight, is dropped, and
/// the row is the mixture of those that are left. Softmax weights never are 0, and an origin that names a
/// thousand rows of weight 1e-9 helps nobody.
const KEPT_SHARE: f64 = 0.999;

/// Makes as many mixtures of each class as are asked for; `shares` makes the weights of a block of them,
/// `(n_rows, n_mixed)`, on the rows that the class mixes. `epoch` is the last of the training, for an error.
///
/// # Errors
/// [`Error::Interrupted`] if the observer says so, [`Error::Diverged`] if a weight is not finite.
pub(super) fn make(
    method: &str,
    epoch: u64,
    asked: &[usize],
    mixed: &[MixedRows],
    run: &mut Run<'_, Labels>,
    mut shares: impl FnMut(usize, usize, &mut Rng) -> Option<Array2<f64>>,
) -> Result<Mixtures> {
    const STAGE: &str = "generating rows";
    let total = asked.iter().sum::<usize>() as u64;
    let (mut made, mut done) = (vec![], 0);
    for (class, &asked) in asked.iter().enumerate() {
        for first in (0..asked).step_by(BLOCK) {
            let n = BLOCK.min(asked - first);
            let Some(shares) = shares(class, n, run.rng) else { continue };
            if !shares.iter().all(|share| share.is_finite()) {
                let detail = format!("the generator of class {class} makes numbers that are not finite");
                return Err(Error::Diverged { method: method.into(), epoch: epoch as usize, detail });
            }
            made.extend(shares.rows().into_iter().map(|shares| (class, parents(shares, &mixed[class].rows))));
            done += n as u64;
            if run.observer.progress(STAGE, done, total).is_break() && done < total {
                return Err(Error::Interrupted { stage: STAGE.into(), kept: "no row is kept".into() });
            }
        }
    }
    Ok(made)
}

/// Refuses categories, between which there is nothing.
pub(crate) fn require_numbers(method: &str, rows: &Dataset<Labels>) -> Result<()> {
    let categories = |feature: &&Feature| matches!(feature.kind, ColumnKind::Categorical(_));
    match rows.features().iter().find(categories) {
        None => Ok(()),
        Some(Feature { name, .. }) => Err(Error::NotApplicable {
            method: method.into(),
            reason: format!(
                "column \"{name}\" holds categories, which cannot be mixed: encode them as numbers first"
            ),
        }),
    }
}

/// The same rows with columns of mean 0 and standard deviation 1; a constant column becomes 0.
pub(super) fn standardised(rows: &Dataset<Labels>) -> Result<Dataset<Labels>> {
    let mut x = rows.x().to_owned();
    for mut column in x.columns_mut() {
        let mean = column.sum() / column.len() as f64;
        column -= mean;
        let deviation = column.std(0.0);
        if deviation > 0.0 {
            column /= deviation;
        }
    }
    let scaled = Dataset::new(rows.features().to_vec(), x, rows.y().clone())?;
    match rows.weights() {
        None => Ok(scaled),
        Some(weights) => scaled.with_weights(weights.to_vec()),
    }
}

/// How many rows each class lacks to the size of the largest; none for a class without rows.
pub(super) fn lacking(labels: &Labels) -> Vec<usize> {
    let counts = labels.counts();
    let largest = counts.iter().copied().max().unwrap_or(0);
    counts.iter().map(|&count| if count > 0 { largest - count } else { 0 }).collect()
}

/// All training rows and the mixtures behind them.
pub(super) fn resampled(
    data: &Dataset<Labels>,
    asked: &[usize],
    mixtures: Mixtures,
) -> Result<Resampled<Labels>> {
    let rows = 0..data.n_rows();
    let mut resampled = Resampled::kept_only(data, rows.collect(), vec![]);
    let (mut numbers, mut codes) = (vec![], vec![]);
    for (class, parents) in mixtures {
        numbers.extend(mixed(data, &parents));
        codes.push(class as u32);
        resampled.origins.push(Origin::Mixture { parents });
    }
    resampled.synthetic =
        Array2::from_shape_vec((codes.len(), data.n_features()), numbers).expect("a number a feature");
    resampled.synthetic_targets = Labels::new(codes, data.y().classes().to_vec())?;
    let made = resampled.synthetic_targets.counts();
    let delivery = |(class, (&asked, &delivered)): (&String, (&usize, &usize))| Delivery {
        name: class.clone(),
        asked,
        delivered,
        remark: None,
    };
    let classes = data.y().classes().iter().zip(asked.iter().zip(&made));
    resampled.delivery = classes.filter(|(_, (asked, _))| **asked > 0).map(delivery).collect();
    Ok(resampled)
}

/// The largest parents that hold [`KEPT_SHARE`] together, heaviest first, with weights of sum 1.
fn parents(shares: ArrayView1<'_, f64>, rows: &[usize]) -> Vec<(Parent, f64)> {
    let mut parents: Vec<(usize, f64)> = rows.iter().copied().zip(shares.iter().copied()).collect();
    parents.sort_by(|(row, share), (other, than)| than.total_cmp(share).then(row.cmp(other)));
    let all: f64 = shares.sum();
    let (mut kept, mut n) = (0.0, 0);
    while n < parents.len() && kept < KEPT_SHARE * all {
        kept += parents[n].1;
        n += 1;
    }
    parents.truncate(n);
    parents.into_iter().map(|(row, share)| (Parent::Row(row), share / kept)).collect()
}

/// Σ weight · row; integer columns are rounded.
fn mixed(data: &Dataset<Labels>, parents: &[(Parent, f64)]) -> Vec<f64> {
    let mut row = ndarray::Array1::zeros(data.n_features());
    for (parent, weight) in parents {
        if let Parent::Row(number) = parent {
            row.scaled_add(*weight, &data.x().index_axis(Axis(0), *number));
        }
    }
    for (value, feature) in row.iter_mut().zip(data.features().iter()) {
        if feature.kind == ColumnKind::Integer {
            *value = value.round();
        }
    }
    row.to_vec()
}
