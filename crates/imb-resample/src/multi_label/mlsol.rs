//! MLSOL: new rows where labels of both values meet.
//!
//! For each label the rarer of its two values is the one to help. A row is chosen the more often, the more of
//! its neighbours have the other value of its rare labels; the new row lies in the box between it and one of
//! its neighbours. Where the two disagree about a label, the new row takes the rare value if it lies close
//! enough to the row that has it, and how close depends on how that row is surrounded.
//!
//! Steps, with the paper's names: C_ij is the share of the k neighbours of row i with the other value of
//! label j, if row i has its minority value; C below 1 is divided by its sum over the rows, and the weight
//! w_i is the sum over the labels (a row that is alone, C = 1, adds nothing); each minority entry is *safe*,
//! *borderline*, *rare* or *outlier* by C, and rare ones next to safe or borderline ones become borderline,
//! until nothing changes. Then `sampling_rate` × rows times a *seed* is drawn by w and a *reference*
//! uniformly among its neighbours; features are interpolated with a fresh gap each, categories by the toss of
//! a coin; c_d is the distance from the minority parent over the sum of both distances, and the minority
//! value is taken if c_d is at most θ: 0.5, 0.75, 1.00001 or −0.00001.
//!
//! If no row has weight, the paper's roulette is not defined: the method does not apply. Distances are those
//! of Weka: numbers scaled by their range, two categories 1 apart, without labels.
//!
//! [`Mlsol::as_released`] is mulan 43f6389, whose second test for rare rows looks at the row itself and never
//! holds, so only safe neighbours count. mldr.resampling cuts at 1/3 and 2/3 (`safe_below`,
//! `borderline_below`). The Python port diliadis/mlsol mistypes: it has no safe rows, outliers are
//! borderline, and c_d has a minus sign. After the parents have swapped roles for a label, mulan keeps them
//! swapped for the later ones; since of two different values one is the minority's, that changes nothing.
//!
//! Liu and Tsoumakas, "Synthetic oversampling of multi-label data based on local label distribution", ECML
//! PKDD 2019, LNCS 11907 (2020), doi:10.1007/978-3-030-46147-8_11.

use imb_core::{ColumnKind, Dataset, LabelMatrix, Resample, Resampled, Rng};
use imb_core::{Error, Result, Run, Target, Train};
use imb_neighbors::k_nearest_within;
use ndarray::Array2;
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::interpolate::RowDraws;
use crate::memory::require_memory;
use crate::multi_label::bags::{imbalance, interrupted, require_neighbors, rows_in};
use crate::multi_label::pool::{NewRow, Pool};
use crate::multi_label::report::Report;
use crate::multi_label::roulette::Roulette;
use crate::multi_label::space::{RangeDistance, range_scaled};

/// Interpolates from rows whose neighbours have other labels.
///
/// ```
/// use imb_core::{Dataset, LabelMatrix, Resample, Run, Seed, Train};
/// use imb_resample::Mlsol;
/// use ndarray::{Array2, array};
///
/// let y = array![[true], [true], [false], [false], [false]];
/// let rows = Dataset::unnamed(
///     Array2::from_shape_fn((5, 1), |(row, _)| row as f64),
///     LabelMatrix::new(y, vec!["rare".into()])?,
/// )?;
/// let train = Train { rows, validation: None };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let mut run = Run::new(&mut rng, &mut nobody);
///
/// let method = Mlsol { k_neighbors: 2, sampling_rate: 0.4, ..Mlsol::default() };
/// let resampled = method.resample(&train, &mut run)?;
/// assert_eq!(resampled.synthetic.nrows(), 2, "0.4 of 5 rows");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`Mlsmote`](crate::Mlsmote), which takes each row of a rare label once, and
/// [`Mlbote`](crate::Mlbote), which looks at borders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mlsol {
    /// How many new rows, as a share of the rows, above 0. The paper's P.
    pub sampling_rate: f64,
    /// How many neighbours surround a row, at least 1.
    pub k_neighbors: usize,
    /// Minority entries with a smaller share of other values around them are safe; from 0 to `borderline_below`.
    pub safe_below: f64,
    /// Those with a smaller share that are not safe are borderline; at most 1.
    pub borderline_below: f64,
    /// Which neighbours make a rare entry borderline.
    pub rare_rule: RareRule,
}

/// Which neighbours, with respect to the label, make a rare entry borderline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RareRule {
    /// Safe and borderline ones, as in the paper.
    #[default]
    SafeOrBorderline,
    /// Safe ones, as in mulan.
    Safe,
}

impl Default for Mlsol {
    /// The values of the paper's experiments.
    fn default() -> Self {
        Self {
            sampling_rate: 0.3,
            k_neighbors: 5,
            safe_below: 0.3,
            borderline_below: 0.7,
            rare_rule: RareRule::SafeOrBorderline,
        }
    }
}

impl Resample<LabelMatrix> for Mlsol {
    /// MLSOL asks for rows, not for labels: in the delivery report of a label `asked` is 0, and the remark
    /// has its positive rows before and after.
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        let rows = &train.rows;
        self.check()?;
        imbalance(NAME, rows.y())?;
        let n_new = rows_in(self.sampling_rate, rows.n_rows())?;
        require_memory("sampling_rate", n_new, rows.n_features())?;
        let surroundings = self.surroundings(rows)?;
        let mut pool = Pool::new(rows);
        if run.observer.progress(NAME, 1, 2).is_break() {
            return Err(interrupted(NAME));
        }
        let made = self.generate(rows, &pool, &surroundings, n_new, run.rng)?;
        pool.add(made);
        Ok(pool.finish(Report::new(rows.y())))
    }
}

const NAME: &str = "mlsol";

/// What surrounds each row.
struct Surroundings {
    /// `(n_rows, k)`, nearest first.
    neighbors: Array2<usize>,
    /// `(n_rows, n_labels)`.
    kinds: Array2<Kind>,
    /// w, `(n_rows)`.
    weights: Vec<f64>,
}

/// How a row stands with respect to a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Majority,
    Safe,
    Borderline,
    Rare,
    Outlier,
}

impl Mlsol {
    /// As mulan 43f6389 does it.
    pub fn as_released() -> Self {
        Self { rare_rule: RareRule::Safe, ..Self::default() }
    }

    fn surroundings(&self, rows: &Dataset<LabelMatrix>) -> Result<Surroundings> {
        require_neighbors("k_neighbors", self.k_neighbors, rows.n_rows())?;
        let scaled = range_scaled(rows.features(), rows.x());
        let neighbors = k_nearest_within(scaled.view(), self.k_neighbors)?.indices;
        let opposite = opposite_shares(rows.y(), &neighbors);
        let kinds = self.kinds(&opposite, &neighbors);
        let weights = weights(&opposite);
        Ok(Surroundings { neighbors, kinds, weights })
    }

    /// Initialises the types and changes rare ones until none changes.
    fn kinds(&self, opposite: &Array2<f64>, neighbors: &Array2<usize>) -> Array2<Kind> {
        let mut kinds = opposite.map(|share| self.kind(*share));
        let calms = |kind: Kind| match self.rare_rule {
            RareRule::Safe => kind == Kind::Safe,
            RareRule::SafeOrBorderline => matches!(kind, Kind::Safe | Kind::Borderline),
        };
        let is_rare =
            |((row, label), kind): ((usize, usize), &Kind)| (*kind == Kind::Rare).then_some((row, label));
        let mut rare: Vec<(usize, usize)> = kinds.indexed_iter().filter_map(is_rare).collect();
        loop {
            let before = rare.len();
            rare.retain(|&(row, label)| {
                let calm = neighbors.row(row).iter().any(|neighbor| calms(kinds[[*neighbor, label]]));
                if calm {
                    kinds[[row, label]] = Kind::Borderline;
                }
                !calm
            });
            if rare.len() == before {
                return kinds;
            }
        }
    }

    /// Shares out of order would make every entry safe, or none.
    fn check(&self) -> Result<()> {
        let (safe, borderline) = (self.safe_below, self.borderline_below);
        if !(0.0..=1.0).contains(&borderline) {
            return Err(Error::invalid_parameter("borderline_below", "a share from 0 to 1", borderline));
        }
        if !(0.0..=borderline).contains(&safe) {
            let requirement = format!("a share from 0 to borderline_below, {borderline}");
            return Err(Error::invalid_parameter("safe_below", requirement, safe));
        }
        Ok(())
    }

    fn kind(&self, opposite: f64) -> Kind {
        match opposite {
            share if share.is_nan() => Kind::Majority,
            share if share < self.safe_below => Kind::Safe,
            share if share < self.borderline_below => Kind::Borderline,
            share if share < 1.0 => Kind::Rare,
            _ => Kind::Outlier,
        }
    }

    fn generate(
        &self,
        rows: &Dataset<LabelMatrix>,
        pool: &Pool<'_>,
        surroundings: &Surroundings,
        n_new: usize,
        rng: &mut Rng,
    ) -> Result<Vec<NewRow>> {
        let roulette = Roulette::new(&surroundings.weights).ok_or_else(no_seed)?;
        let distance = RangeDistance::new(rows.features(), rows.x());
        let draws = RowDraws::with_room(rng, rows.n_features() + ROOM);
        let made = (0..n_new).into_par_iter().map(|number| {
            let mut rng = draws.of_row(number);
            let seed = roulette.row_at(rng.random());
            let reference = surroundings.neighbors[[seed, rng.random_range(0..self.k_neighbors)]];
            let gap = |feature: &imb_core::Feature| match feature.kind {
                ColumnKind::Categorical(_) => f64::from(u8::from(rng.random::<bool>())),
                _ => rng.random(),
            };
            let gaps = rows.features().iter().map(gap).collect();
            new_row(pool, &surroundings.kinds, &distance, seed, reference, gaps)
        });
        Ok(made.collect())
    }
}

fn no_seed() -> Error {
    Error::NotApplicable {
        method: NAME.into(),
        reason: "no row with a label's rarer value has neighbours of both values: a larger k_neighbors may find some"
            .into(),
    }
}

/// Draws of a row besides its gaps, with room for those that a fair choice rejects.
const ROOM: usize = 64;

/// C: for each entry of the label's rarer value (on, if both are equally frequent) the share of neighbours
/// with the other one.
fn opposite_shares(labels: &LabelMatrix, neighbors: &Array2<usize>) -> Array2<f64> {
    let (on, n_rows, k) = (labels.view(), labels.n_rows(), neighbors.ncols());
    let minority: Vec<bool> = labels.positives().iter().map(|count| 2 * count <= n_rows).collect();
    let mut shares = Array2::from_elem(on.dim(), f64::NAN);
    for (row, mut shares) in shares.rows_mut().into_iter().enumerate() {
        for (label, share) in shares.iter_mut().enumerate() {
            if on[[row, label]] == minority[label] {
                let others =
                    neighbors.row(row).into_iter().filter(|other| on[[**other, label]] != minority[label]);
                *share = others.count() as f64 / k as f64;
            }
        }
    }
    shares
}

/// w: the shares below 1, divided by their sum over the rows, summed up over the labels.
fn weights(opposite: &Array2<f64>) -> Vec<f64> {
    let counts = |share: &f64| *share < 1.0;
    let mut weights = vec![0.0; opposite.nrows()];
    for shares in opposite.columns() {
        let sum: f64 = shares.iter().copied().filter(counts).sum();
        if sum > 0.0 {
            let entries = weights.iter_mut().zip(shares).filter(|(_, share)| counts(share));
            entries.for_each(|(weight, share)| *weight += share / sum);
        }
    }
    weights
}

/// The paper's GenerateInstance, given seed, reference and the gaps, `(n_features)`.
fn new_row(
    pool: &Pool<'_>,
    kinds: &Array2<Kind>,
    distance: &RangeDistance,
    seed: usize,
    reference: usize,
    gaps: Vec<f64>,
) -> NewRow {
    let (x, origin) = pool.between_each(seed, reference, gaps);
    let to_seed = distance.between(pool.point(seed), &x);
    let to_reference = distance.between(pool.point(reference), &x);
    let values = pool.labels_of(seed).iter().zip(pool.labels_of(reference)).enumerate();
    let on = values.map(|(label, (of_seed, of_reference))| {
        if of_seed == of_reference {
            return *of_seed;
        }
        let (minority, near, far) = match kinds[[seed, label]] {
            Kind::Majority => (reference, to_reference, to_seed),
            _ => (seed, to_seed, to_reference),
        };
        let share = if near + far > 0.0 { near / (near + far) } else { 0.5 };
        let takes_minority = share <= threshold(kinds[[minority, label]]);
        pool.labels_of(minority)[label] == takes_minority
    });
    NewRow { on: on.collect(), x, origin }
}

/// θ: the value of an outlier is never taken, that of a rare entry always.
fn threshold(kind: Kind) -> f64 {
    match kind {
        Kind::Majority | Kind::Safe => 0.5,
        Kind::Borderline => 0.75,
        Kind::Rare => 1.0 + 1e-5,
        Kind::Outlier => -1e-5,
    }
}

#[cfg(test)]
#[path = "mlsol_tests.rs"]
mod tests;
