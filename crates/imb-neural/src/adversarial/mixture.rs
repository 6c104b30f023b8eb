//! Generated rows as a resampler returns them: convex mixtures of training rows, with the mixture as origin.

use std::collections::HashSet;

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

/// What an error says of the generator.
pub(super) struct Trained<'a> {
    pub(super) method: &'a str,
    /// The last epoch of the training, from 0.
    pub(super) epoch: u64,
    /// The names of the classes.
    pub(super) classes: &'a [String],
}

/// Makes as many mixtures of each class as are asked for; `shares` makes the weights of a block of them,
/// `(n_rows, n_mixed)`, on the rows that the class mixes.
///
/// # Errors
/// [`Error::Interrupted`] if the observer says so, [`Error::Diverged`] if a weight is not finite.
pub(super) fn make(
    of: &Trained<'_>,
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
                let name = &of.classes[class];
                let detail = format!("the generator of class \"{name}\" makes numbers that are not finite");
                return Err(Error::Diverged { method: of.method.into(), epoch: of.epoch as usize, detail });
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

/// The same rows with columns of mean 0 and standard deviation 1; a constant column becomes 0.
///
/// # Errors
/// [`Error::NotApplicable`] for a column with numbers so large that its mean or its deviation overflows.
pub(super) fn standardised(method: &str, rows: &Dataset<Labels>) -> Result<Dataset<Labels>> {
    let mut x = rows.x().to_owned();
    for (mut column, feature) in x.columns_mut().into_iter().zip(rows.features().iter()) {
        let mean = column.sum() / column.len() as f64;
        column -= mean;
        let deviation = column.std(0.0);
        if !(mean.is_finite() && deviation.is_finite()) {
            return Err(too_large(method, feature, "mean or standard deviation"));
        }
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

/// The error for a column that cannot be scaled, because what it would be scaled by overflows.
pub(crate) fn too_large(method: &str, feature: &Feature, what: &str) -> Error {
    let reason = format!(
        "the numbers of column \"{}\" are so large that their {what} overflows: scale it first",
        feature.name
    );
    Error::NotApplicable { method: method.into(), reason }
}

/// How many rows each class lacks to the size of the largest; none for a class without rows.
pub(super) fn lacking(labels: &Labels) -> Vec<usize> {
    let counts = labels.counts();
    let largest = counts.iter().copied().max().unwrap_or(0);
    counts.iter().map(|&count| if count > 0 { largest - count } else { 0 }).collect()
}

/// All training rows and the mixtures behind them. The report counts the new rows that equal a given one: a generator
/// that puts all weight on single rows makes nothing but copies.
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
    let (made, copies) = (resampled.synthetic_targets.counts(), copies(data, &resampled));
    let delivery = |class: usize| {
        let (delivered, copies) = (made[class], copies[class]);
        let remark =
            (copies > 0).then(|| format!("{copies} of {delivered} new rows equal a given row of the class"));
        Delivery { name: data.y().classes()[class].clone(), asked: asked[class], delivered, remark }
    };
    resampled.delivery = (0..asked.len()).filter(|class| asked[*class] > 0).map(delivery).collect();
    Ok(resampled)
}

/// How many new rows of each class equal a given row of it in all columns.
fn copies(data: &Dataset<Labels>, resampled: &Resampled<Labels>) -> Vec<usize> {
    // Adding 0 makes one number of 0 and -0.
    let bits = |row: ArrayView1<'_, f64>| -> Vec<u64> { row.iter().map(|x| (x + 0.0).to_bits()).collect() };
    let of_class = |class: u32| {
        let made = resampled.synthetic_targets.rows_of(class);
        if made.is_empty() {
            return 0;
        }
        let given: HashSet<Vec<u64>> =
            data.y().rows_of(class).into_iter().map(|row| bits(data.x().row(row))).collect();
        made.into_iter().filter(|row| given.contains(&bits(resampled.synthetic.row(*row)))).count()
    };
    (0..data.y().classes().len() as u32).map(of_class).collect()
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
