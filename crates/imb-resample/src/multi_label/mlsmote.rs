//! MLSMOTE: new rows between neighbours that share a rare label.
//!
//! Every row of a label that is rarer than the mean gets one new row: on the way to one of its nearest rows
//! with the same label, at a place drawn for each feature anew, so the new row lies in the box between the
//! two, not on a line. Its labels are those that most of the row and its neighbours have, so frequent labels
//! that come with the rare one are often copied too.
//!
//! Steps, with the paper's names: IRLbl and MeanIR are measured once; the rows of each label with IRLbl >
//! MeanIR are its *minBag*; for each *sample* of the bag, its k nearest neighbours in the bag are found and
//! one of them, the *refNeigh*, is drawn; numbers are interpolated, categories take the most frequent value
//! of sample and neighbours; a label is on by the *ranking* rule if more than half of sample and neighbours
//! have it (or by *union* or *intersection*).
//!
//! The paper leaves open what a bag with no more than k rows does, and in which coordinates distances are
//! measured. Here such a bag is an error unless `small_bags` lets it go with fewer neighbours; a bag of one
//! row makes nothing and is reported. Numbers are scaled by their range over all rows, two categories are 1
//! apart, and labels play no part. If several categories are equally frequent, that of the sample counts, or
//! else the first.
//!
//! [`Mlsmote::as_released`] is mulan 43f6389: labels with IRLbl at MeanIR take part, bags hold the rows that
//! were made for earlier labels, ranges are those of the bag, half of the votes are enough, and all
//! neighbours at the k-th distance vote. imb-mulan aa8ab11 searches in all rows with labels in the distance,
//! interpolates with an integer that is always 0 and cuts after 25 % of new rows. mldr.resampling 0.2.3 draws
//! the partner from the rows of the data set, whatever their labels, because a neighbour's number is taken
//! for a range.
//!
//! Charte, Rivera, del Jesus and Herrera, "MLSMOTE: approaching imbalanced multilabel learning through
//! synthetic instance generation", Knowledge-Based Systems 89 (2015), doi:10.1016/j.knosys.2015.07.019.

use imb_core::{ColumnKind, Dataset, Feature, LabelImbalance, LabelMatrix, Resample, Resampled};
use imb_core::{Result, Rng, Run, Train};
use imb_neighbors::{Algorithm, Index};
use ndarray::{Array2, ArrayView2, Axis};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::grow::NeighborCount;
use crate::interpolate::RowDraws;
use crate::memory::require_memory;
use crate::multi_label::bags::{imbalance, interrupted};
use crate::multi_label::pool::{NewRow, Pool};
use crate::multi_label::report::Report;
use crate::multi_label::space::range_scaled;
use crate::strategy::SmallClasses;

/// Interpolates between rows that share a rare label.
///
/// ```
/// use imb_core::{Dataset, LabelMatrix, Resample, Run, Seed, Train};
/// use imb_resample::Mlsmote;
/// use ndarray::{Array2, array};
///
/// let y = array![[true, true], [true, true], [true, false], [true, false]];
/// let y = LabelMatrix::new(y, vec!["often".into(), "rare".into()])?;
/// let rows = Dataset::unnamed(Array2::from_shape_fn((4, 1), |(row, _)| row as f64), y)?;
/// let train = Train { rows, validation: None };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let mut run = Run::new(&mut rng, &mut nobody);
///
/// let resampled = Mlsmote { k_neighbors: 1, ..Mlsmote::default() }.resample(&train, &mut run)?;
/// assert_eq!(resampled.synthetic_targets.positives(), [2, 2]);
/// assert!(resampled.synthetic.iter().all(|x| (0.0..=1.0).contains(x)), "between rows 0 and 1");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`Mlsol`](crate::Mlsol), which chooses rows by how hard their surroundings are, and
/// [`Smote`](crate::Smote), the method for one class a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mlsmote {
    /// How many neighbours vote and may be the other end, at least 1.
    pub k_neighbors: usize,
    /// Which labels a new row has.
    pub label_rule: LabelRule,
    /// Which labels are rare.
    pub rare_labels: RareLabels,
    /// Which rows a bag holds.
    pub partners: Partners,
    /// Whose ranges scale the numbers before distances are measured.
    pub ranges: Ranges,
    /// Whether all rows at the k-th distance are neighbours, so that there may be more than k.
    pub keep_ties: bool,
    /// What to do with a bag that has no more rows than neighbours asked for.
    pub small_bags: SmallClasses,
}

/// How many of a row and its neighbours must have a label for the new row to have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelRule {
    /// More than half: the paper's ranking.
    #[default]
    MoreThanHalf,
    /// Half: mulan's ranking.
    AtLeastHalf,
    /// One: the paper's union.
    Union,
    /// All: the paper's intersection.
    Intersection,
}

/// Which labels get new rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RareLabels {
    /// Those with IRLbl above MeanIR.
    #[default]
    AboveMean,
    /// Those at MeanIR too: where all labels are equally frequent, all of them.
    AtLeastMean,
}

/// Which rows the bag of a label holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partners {
    /// Rows of the data.
    #[default]
    Originals,
    /// Those made for earlier labels too.
    Growing,
}

/// Whose ranges scale the numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ranges {
    /// Those of all rows of the data.
    #[default]
    AllRows,
    /// Those of the rows of the bag.
    Bag,
}

impl Default for Mlsmote {
    fn default() -> Self {
        Self {
            k_neighbors: 5,
            label_rule: LabelRule::MoreThanHalf,
            rare_labels: RareLabels::AboveMean,
            partners: Partners::Originals,
            ranges: Ranges::AllRows,
            keep_ties: false,
            small_bags: SmallClasses::Error,
        }
    }
}

impl Resample<LabelMatrix> for Mlsmote {
    /// In the delivery report, `asked` are the rows of a label's bag, and `delivered` the rows made from it.
    ///
    /// The gap of a category is 0 or 1 where it is that of one of the parents; where the neighbours outvote
    /// both, it is 0 and the origin does not rebuild the cell.
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        let rows = &train.rows;
        self.neighbor_count().check()?;
        let imbalance = imbalance(NAME, rows.y())?;
        let (mut pool, mut report) = (Pool::new(rows), Report::new(rows.y()));
        let scaled = range_scaled(rows.features(), rows.x());
        let rare = self.rare_labels(&imbalance);
        let bags = rows.y().positives();
        if self.partners == Partners::Originals
            && let Some(&smallest) = rare.iter().min_by_key(|label| bags[**label])
        {
            // Advice that serves the smallest bag serves them all.
            self.neighbor_count().among(&name_of(rows, smallest), bags[smallest])?;
        }
        for (done, &label) in rare.iter().enumerate() {
            let bag = self.bag(&pool, label);
            if self.partners == Partners::Growing {
                // A bag may double with every label that shares its rows.
                require_memory("partners", pool.len().saturating_add(bag.len()), rows.n_features())?;
            }
            let made = self.grow(rows, &pool, &scaled, label, &bag, run.rng, &mut report)?;
            report.count(label, bag.len(), made.len());
            pool.add(made);
            if run.observer.progress(NAME, done as u64 + 1, rare.len() as u64).is_break() {
                return Err(interrupted(NAME));
            }
        }
        Ok(pool.finish(report))
    }
}

const NAME: &str = "mlsmote";

/// A label, as messages name it.
fn name_of(rows: &Dataset<LabelMatrix>, label: usize) -> String {
    format!("label {}", rows.y().names()[label])
}

impl Mlsmote {
    /// As mulan 43f6389 does it.
    pub fn as_released() -> Self {
        Self {
            k_neighbors: 5,
            label_rule: LabelRule::AtLeastHalf,
            rare_labels: RareLabels::AtLeastMean,
            partners: Partners::Growing,
            ranges: Ranges::Bag,
            keep_ties: true,
            small_bags: SmallClasses::Shrink,
        }
    }

    fn neighbor_count(&self) -> NeighborCount {
        let Self { k_neighbors, small_bags, .. } = *self;
        NeighborCount { k: k_neighbors, name: "k_neighbors", small: small_bags, small_name: "small_bags" }
    }

    fn rare_labels(&self, imbalance: &LabelImbalance) -> Vec<usize> {
        let is_rare = |ratio: f64| match self.rare_labels {
            RareLabels::AboveMean => ratio > imbalance.mean_ir,
            RareLabels::AtLeastMean => ratio >= imbalance.mean_ir,
        };
        let ratios = imbalance.ir_lbl.iter().enumerate();
        ratios.filter(|(_, ratio)| ratio.is_finite() && is_rare(**ratio)).map(|(label, _)| label).collect()
    }

    /// The rows of a label, as numbers of the pool.
    fn bag(&self, pool: &Pool<'_>, label: usize) -> Vec<usize> {
        let rows = match self.partners {
            Partners::Originals => pool.n_original(),
            Partners::Growing => pool.len(),
        };
        (0..rows).filter(|row| pool.labels_of(*row)[label]).collect()
    }

    /// Makes a row from each row of the bag.
    #[allow(clippy::too_many_arguments, reason = "one caller, which has all of this at hand")]
    fn grow(
        &self,
        rows: &Dataset<LabelMatrix>,
        pool: &Pool<'_>,
        scaled: &Array2<f64>,
        label: usize,
        bag: &[usize],
        rng: &mut Rng,
        report: &mut Report,
    ) -> Result<Vec<NewRow>> {
        if bag.len() == 1 && self.small_bags == SmallClasses::Shrink {
            report.remark(label, "its only row has no partner");
            return Ok(Vec::new());
        }
        let (k, remark) = self.neighbor_count().among(&name_of(rows, label), bag.len())?;
        remark.into_iter().for_each(|remark| report.remark(label, remark));
        let neighbors = self.nearest(rows.features(), pool, scaled, bag, k)?;
        // One draw for the neighbour and one a feature; the former may be drawn twice to be unbiased.
        let draws = RowDraws::with_room(rng, rows.n_features() + ROOM);
        let made = bag.par_iter().zip(&neighbors).enumerate().map(|(place, (&sample, neighbors))| {
            let mut rng = draws.of_row(place);
            let gaps = (0..rows.n_features()).map(|_| rng.random()).collect();
            let reference = neighbors[rng.random_range(0..neighbors.len())];
            self.new_sample(rows.features(), pool, Parents { sample, neighbors, reference }, gaps)
        });
        Ok(made.collect())
    }

    /// The neighbours of each row of the bag within the bag, nearest first, as numbers of the pool.
    fn nearest(
        &self,
        features: &[Feature],
        pool: &Pool<'_>,
        scaled: &Array2<f64>,
        bag: &[usize],
        k: usize,
    ) -> Result<Vec<Vec<usize>>> {
        let points = match (self.ranges, self.partners) {
            (Ranges::AllRows, Partners::Originals) => scaled.select(Axis(0), bag),
            (Ranges::AllRows, Partners::Growing) => {
                range_scaled(features, all_points(pool, &(0..pool.len()).collect::<Vec<_>>()).view())
                    .select(Axis(0), bag)
            }
            (Ranges::Bag, _) => range_scaled(features, all_points(pool, bag).view()),
        };
        let places = nearest_places(points.view(), k, self.keep_ties)?;
        let as_rows = |places: Vec<usize>| places.into_iter().map(|place| bag[place]).collect();
        Ok(places.into_iter().map(as_rows).collect())
    }

    /// The paper's newSample: a row from a sample, its neighbours, the one of them that was drawn, and the
    /// gaps, `(n_features)`.
    fn new_sample(
        &self,
        features: &[Feature],
        pool: &Pool<'_>,
        parents: Parents<'_>,
        mut gaps: Vec<f64>,
    ) -> NewRow {
        let Parents { sample, neighbors, reference } = parents;
        let voters: Vec<usize> = std::iter::once(sample).chain(neighbors.iter().copied()).collect();
        let mut modes = Vec::new();
        for (column, feature) in features.iter().enumerate() {
            if let ColumnKind::Categorical(names) = &feature.kind {
                let mode = most_frequent(names.len(), voters.iter().map(|row| pool.point(*row)[column]));
                let of_sample = mode == pool.point(sample)[column];
                gaps[column] = f64::from(u8::from(!of_sample && mode == pool.point(reference)[column]));
                modes.push((column, mode));
            }
        }
        let (mut x, origin) = pool.between_each(sample, reference, gaps);
        modes.into_iter().for_each(|(column, mode)| x[column] = mode);
        NewRow { x, on: self.vote(pool, &voters), origin }
    }

    /// The labels of a new row.
    fn vote(&self, pool: &Pool<'_>, voters: &[usize]) -> Vec<bool> {
        let count = |label: usize| voters.iter().filter(|row| pool.labels_of(**row)[label]).count();
        let is_on = |count: usize| match self.label_rule {
            LabelRule::MoreThanHalf => 2 * count > voters.len(),
            LabelRule::AtLeastHalf => 2 * count >= voters.len(),
            LabelRule::Union => count > 0,
            LabelRule::Intersection => count == voters.len(),
        };
        (0..pool.labels_of(voters[0]).len()).map(|label| is_on(count(label))).collect()
    }
}

/// Draws of a row besides its gaps, with room for those that a fair choice rejects.
const ROOM: usize = 64;

/// What a row is made from, as numbers of the pool.
#[derive(Clone, Copy)]
struct Parents<'a> {
    sample: usize,
    neighbors: &'a [usize],
    reference: usize,
}

fn all_points(pool: &Pool<'_>, rows: &[usize]) -> Array2<f64> {
    let n_features = pool.point(0).len();
    let numbers = rows.iter().flat_map(|row| pool.point(*row)).copied().collect();
    Array2::from_shape_vec((rows.len(), n_features), numbers).expect("whole rows")
}

/// The `k` nearest others of each point, nearest first; with ties, all that are as near as the k-th.
fn nearest_places(points: ArrayView2<'_, f64>, k: usize, keep_ties: bool) -> Result<Vec<Vec<usize>>> {
    let index = Index::new(points, Algorithm::Auto)?;
    let most = points.nrows() - 1;
    let mut asked = if keep_ties { (k + 1).min(most) } else { k };
    loop {
        let found = index.k_nearest_within(asked)?;
        let squared = found.squared_distances;
        let farther = |row: ndarray::ArrayView1<'_, f64>| row[asked - 1] > row[k - 1];
        if !keep_ties || asked == most || squared.rows().into_iter().all(farther) {
            let rows = found.indices.rows().into_iter().zip(squared.rows());
            return Ok(rows
                .map(|(indices, squared)| {
                    let n = squared.iter().take_while(|distance| **distance <= squared[k - 1]).count();
                    indices.iter().take(if keep_ties { n } else { k }).copied().collect()
                })
                .collect());
        }
        asked = (2 * asked).min(most);
    }
}

/// The most frequent category; on a tie that of the first voter, or else the lowest.
fn most_frequent(n_categories: usize, mut votes: impl Iterator<Item = f64>) -> f64 {
    let first = votes.next().expect("the sample votes");
    let mut counts = vec![0; n_categories];
    counts[first as usize] += 1;
    votes.for_each(|vote| counts[vote as usize] += 1);
    let most = counts.iter().copied().max().unwrap_or(0);
    if counts[first as usize] == most {
        return first;
    }
    counts.iter().position(|count| *count == most).map_or(first, |category| category as f64)
}

#[cfg(test)]
#[path = "mlsmote_tests.rs"]
mod tests;
