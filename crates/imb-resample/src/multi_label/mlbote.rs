//! MLBOTE: new rows where labels border on each other, and inside labels that are still rare then.
//!
//! Three kinds of row are seeds: rows of a rare label next to rows without it (*self-border*), rows without a
//! label that stand far out among the rows with it (*cross-border*), and rows on no border at all
//! (*interior*). A new row lies on the line between a seed and a near row with exactly the same labels, and
//! has these labels too. Labels that stand alone among rows without them are cleared as noise before.
//!
//! Steps, with the paper's names:
//! - Noise is cleared (see `borders.rs`).
//! - Labels with more than one row are sampled if (n − n_j) / n_j is above `ratio_threshold`, or n / n_j above
//!   its mean.
//! - Borders and weights are found with k_b and k_w neighbours.
//! - N = min(α_s · mean (n − n_j) / n_j, 10) · rows of weight.
//! - In each of `loops` rounds, N / `loops` seeds are drawn by weight; then ∑ min(ratio − 1, 5) seeds among rows
//!   whose cross ratio is above th_c, in proportion to ratio − 1. Weights are made new after each of the two.
//! - At last, labels with n / n_j above the mean grow to the size of the rarest other label, from interior seeds.
//!
//! Seeds and the rows that they head for are always rows of the data.
//!
//! A row that is alone in its label set has no partner; seeds drawn there are lost, as in the released code.
//! Distances are not scaled; two categories are 1 apart, and a new row takes that of its nearer parent.
//! Labels without a positive row, or with no more than k_w rows without them, have no border; the released
//! code stops there. Ratios of labels without a positive row do not enter the means.
//!
//! [`Mlbote::as_released`] is T-zeyuteng/MLBOTE 317f9f3, on whose output the tests rest. Its departures are a
//! field each: noise in row 0 can be lost; a label whose rows all weigh nothing voids their other weights;
//! each round is rounded, so that N of up to half the rounds makes nothing; copies of a seed share a partner;
//! an all-zero seed is copied; and the last cross-border rows are not counted, nor row 0 alone used, in the
//! interior. No version of it is in mulan, imb-mulan or mldr.resampling.
//!
//! Teng, Cao, Huang, Gao and Wang, "Multi-label borderline oversampling technique", Pattern Recognition 145
//! (2024), doi:10.1016/j.patcog.2023.109953.

use std::borrow::Cow;
use std::collections::BTreeMap;

use imb_core::{Dataset, Error, LabelMatrix, Resample, Resampled, Result, Rng, Run, Target, Train};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::multi_label::bags::{bags, imbalance, interrupted, require_neighbors};
use crate::multi_label::borders::{self, Borders, NeighborCounts, RowWeights};
use crate::multi_label::nearest::Space;
use crate::multi_label::pool::{NewRow, Pool};
use crate::multi_label::report::Report;
use crate::multi_label::roulette::Roulette;
use crate::multi_label::space::unscaled;

/// Interpolates between rows of one label set, on and inside the borders of labels.
///
/// ```
/// use imb_core::{Dataset, LabelMatrix, Resample, Run, Seed, Train};
/// use imb_resample::Mlbote;
/// use ndarray::Array2;
///
/// let on = Array2::from_shape_fn((40, 2), |(row, label)| label == 0 || row < 3);
/// let y = LabelMatrix::new(on, vec!["often".into(), "rare".into()])?;
/// let rows = Dataset::unnamed(Array2::from_shape_fn((40, 1), |(row, _)| row as f64), y)?;
/// let train = Train { rows, validation: None };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let mut run = Run::new(&mut rng, &mut nobody);
///
/// let resampled = Mlbote { sampling_rate: 1.0, ..Mlbote::default() }.resample(&train, &mut run)?;
/// assert_eq!(resampled.kept.len(), 40, "every row is kept, though some may lose a label");
/// assert!(resampled.synthetic_targets.positives()[1] > 0, "new rows have the rare label");
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* [`Mlsol`](crate::Mlsol), which weighs rows by their neighbours' labels, and
/// [`BorderlineSmote`](crate::BorderlineSmote), for one class a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mlbote {
    /// α_s: self-border rows to make per row of weight and unit of mean imbalance, at least 0.
    pub sampling_rate: f64,
    /// th_c: above this ratio a cross-border row is a seed, at least 1.
    pub cross_threshold: f64,
    /// k_b: neighbours that make a border, at least 1.
    pub border_neighbors: usize,
    /// k_w: neighbours that weigh a row, and that it may head for, at least 1.
    pub weight_neighbors: usize,
    /// Neighbours by which noise is told, at least 1.
    pub noise_neighbors: usize,
    /// Rounds, at least 1.
    pub loops: usize,
    /// C_n: the rarest sampled label weighs about 1 + C_n times as much as the most frequent one; at least 0.
    pub balance: f64,
    /// Labels with a larger share of negatives to positives are sampled.
    pub ratio_threshold: f64,
    /// Whether noise in row 0 is lost where noise of a later label follows.
    pub lose_noise_of_row_0: bool,
    /// Whether a label all of whose border rows weigh nothing takes their weight for other labels away.
    pub void_weightless_labels: bool,
    /// Whether the number of new rows is rounded in each round, not once for all rounds.
    pub round_each_loop: bool,
    /// Whether, in label sets of no more than k_w rows, copies of a seed in one round share a partner.
    pub share_partners: bool,
    /// Whether a seed whose numbers are all 0 is copied.
    pub copy_zero_rows: bool,
    /// Whether the cross-border rows of the last round are not counted before the interior, and a pool of row
    /// 0 alone is taken for empty there.
    pub forget_last_rows: bool,
}

impl Default for Mlbote {
    /// The constants of the released code, without its faults.
    fn default() -> Self {
        Self {
            sampling_rate: 0.01,
            cross_threshold: 5.0,
            border_neighbors: 3,
            weight_neighbors: 5,
            noise_neighbors: 5,
            loops: 10,
            balance: 1.0,
            ratio_threshold: 10.0,
            lose_noise_of_row_0: false,
            void_weightless_labels: false,
            round_each_loop: false,
            share_partners: false,
            copy_zero_rows: false,
            forget_last_rows: false,
        }
    }
}

const NAME: &str = "mlbote";

impl Resample<LabelMatrix> for Mlbote {
    /// Labels that are noise are off in `kept_targets`. MLBOTE asks for rows, not for labels, until its
    /// interior step: in the delivery report of a label, `asked` are the rows that it lacks there, and
    /// `delivered` those that it gets.
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        self.check(&train.rows)?;
        let (mut work, mut report) = self.start(&train.rows)?;
        let total = work.rows_to_make();
        for number in 0..self.loops {
            let stage = run.observer.progress(NAME, number as u64, self.loops as u64);
            if stage.is_break() {
                return Err(interrupted(NAME));
            }
            let seeds = work.self_border_seeds(self.in_round(total, number), run.rng);
            work.make(&seeds, run.rng, true)?;
            let seeds = work.cross_border_seeds(run.rng);
            let counts = !(self.forget_last_rows && number + 1 == self.loops);
            work.make(&seeds, run.rng, counts)?;
        }
        work.fill_interior(run.rng, &mut report)?;
        Ok(work.finish(report))
    }
}

impl Mlbote {
    /// As T-zeyuteng/MLBOTE 317f9f3 does it.
    pub fn as_released() -> Self {
        Self {
            lose_noise_of_row_0: true,
            void_weightless_labels: true,
            round_each_loop: true,
            share_partners: true,
            copy_zero_rows: true,
            forget_last_rows: true,
            ..Self::default()
        }
    }

    fn check(&self, rows: &Dataset<LabelMatrix>) -> Result<()> {
        imbalance(NAME, rows.y())?;
        for (name, k) in [
            ("border_neighbors", self.border_neighbors),
            ("weight_neighbors", self.weight_neighbors),
            ("noise_neighbors", self.noise_neighbors),
        ] {
            require_neighbors(name, k, rows.n_rows())?;
        }
        let numbers = [
            ("sampling_rate", self.sampling_rate, 0.0),
            ("cross_threshold", self.cross_threshold, 1.0),
            ("balance", self.balance, 0.0),
            ("ratio_threshold", self.ratio_threshold, 0.0),
            ("loops", self.loops as f64, 1.0),
        ];
        match numbers.iter().find(|(_, value, least)| !(value.is_finite() && value >= least)) {
            None => Ok(()),
            Some((name, value, least)) => {
                Err(Error::invalid_parameter(*name, format!("a number of at least {least}"), value))
            }
        }
    }

    /// Everything before the first draw.
    fn start<'a>(&'a self, rows: &'a Dataset<LabelMatrix>) -> Result<(Work<'a>, Report)> {
        let mut report = Report::new(rows.y());
        let points = unscaled(rows.features(), rows.x());
        let space = Space::new(points, self.noise_neighbors.max(self.weight_neighbors))?;
        let labels = self.without_noise(&space, rows.y(), &mut report)?;
        let bags = bags(&labels);
        let (on, k) = (labels.view(), self.neighbor_counts());
        for (label, bag) in bags.iter().enumerate() {
            if bag.len() > 1 && rows.n_rows() - bag.len() <= k.weight {
                report.remark(label, format!("it has no border: at most {} rows are without it", k.weight));
            }
        }
        let partners = partners(&space, &labels, self.weight_neighbors)?;
        let borders = Borders::new(space, &bags, rows.n_rows(), |row, label| on[[row, label]], k)?;
        let sampled = self.sampled(&labels.positives(), rows.n_rows(), &borders);
        let weights = borders.weights(&sampled, self.void_weightless_labels);
        let counts = labels.positives();
        let pool = Pool::with_labels(rows, Cow::Owned(labels));
        let work = Work {
            method: self,
            rows,
            pool,
            borders,
            sampled,
            weights,
            partners,
            present: counts.clone(),
            counts,
            lost_seeds: 0,
        };
        Ok((work, report))
    }

    fn neighbor_counts(&self) -> NeighborCounts {
        NeighborCounts { border: self.border_neighbors, weight: self.weight_neighbors }
    }

    /// The labels with noise cleared.
    fn without_noise(&self, space: &Space, labels: &LabelMatrix, report: &mut Report) -> Result<LabelMatrix> {
        let (bags, on) = (bags(labels), labels.view());
        let found = borders::noise(space, &bags, |row, label| on[[row, label]], self.noise_neighbors)?;
        let mut noise: Vec<(usize, usize)> = Vec::new();
        for (label, rows) in found.into_iter().enumerate() {
            let judged = bags[label].len() > self.noise_neighbors + 1;
            if self.lose_noise_of_row_0 && judged && noise.iter().all(|(row, _)| *row == 0) {
                noise.clear();
            }
            noise.extend(rows.into_iter().map(|row| (row, label)));
        }
        let mut clean = on.to_owned();
        for (row, label) in noise {
            clean[[row, label]] = false;
            report.remark(label, format!("cleared in row {} as noise", row + 1));
        }
        LabelMatrix::new(clean, labels.names().to_vec())
    }

    /// The labels to sample, with what their weights are divided by.
    fn sampled(&self, counts: &[usize], n_rows: usize, borders: &Borders) -> Vec<(usize, f64)> {
        let ratios = shares(counts, n_rows as f64);
        let mean = mean_of(&ratios);
        let is_sampled = |label: &usize| {
            let ratio = ratios[*label];
            counts[*label] > 1 && (ratio - 1.0 > self.ratio_threshold || ratio > mean)
        };
        let labels: Vec<usize> =
            borders.labels.iter().map(|border| border.label).filter(is_sampled).collect();
        let (least, most) = labels.iter().fold((usize::MAX, 0), |(least, most), label| {
            (least.min(counts[*label]), most.max(counts[*label]))
        });
        // The 0.1 is the released code's, so that one label alone divides by 1.
        let divisor = |label: &usize| {
            1.0 + self.balance * (counts[*label] - least) as f64 / ((most - least) as f64 + 0.1)
        };
        labels.iter().map(|label| (*label, divisor(label))).collect()
    }

    /// How many of all rows fall to a round.
    fn in_round(&self, total: f64, number: usize) -> usize {
        if self.round_each_loop {
            return (total / self.loops as f64).round_ties_even() as usize;
        }
        let total = total.round() as usize;
        total * (number + 1) / self.loops - total * number / self.loops
    }
}

/// `n` over each count; infinite for a label without a row.
fn shares(counts: &[usize], n: f64) -> Vec<f64> {
    counts.iter().map(|count| n / *count as f64).collect()
}

/// Mean over the labels that have rows.
fn mean_of(ratios: &[f64]) -> f64 {
    let finite: Vec<f64> = ratios.iter().copied().filter(|ratio| ratio.is_finite()).collect();
    finite.iter().sum::<f64>() / finite.len() as f64
}

/// For each row the nearest rows with exactly its labels, at most `k`.
fn partners(space: &Space, labels: &LabelMatrix, k: usize) -> Result<Vec<Vec<usize>>> {
    let mut groups: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for (row, on) in labels.view().rows().into_iter().enumerate() {
        groups.entry(on.to_vec()).or_default().push(row);
    }
    let mut partners = vec![Vec::new(); labels.n_rows()];
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let is_member = |row: usize| group.binary_search(&row).is_ok();
        for (row, list) in group.iter().zip(space.nearest_among(&group, &group, is_member, k)?) {
            partners[*row] = list.rows().collect();
        }
    }
    Ok(partners)
}

/// A run of MLBOTE between its steps.
struct Work<'a> {
    method: &'a Mlbote,
    rows: &'a Dataset<LabelMatrix>,
    pool: Pool<'a>,
    borders: Borders,
    sampled: Vec<(usize, f64)>,
    weights: RowWeights,
    /// For each row of the data the rows that it may head for.
    partners: Vec<Vec<usize>>,
    /// Positive rows of each label after noise was cleared.
    counts: Vec<usize>,
    /// The same with the new rows that are counted.
    present: Vec<usize>,
    lost_seeds: usize,
}

impl Work<'_> {
    /// N, not rounded.
    fn rows_to_make(&self) -> f64 {
        let others = mean_of(&shares(&self.counts, self.rows.n_rows() as f64)) - 1.0;
        let weighty = self.weights.own.iter().filter(|weight| **weight > 0.0).count();
        (self.method.sampling_rate * others).min(10.0) * weighty as f64
    }

    fn self_border_seeds(&self, n: usize, rng: &mut Rng) -> Vec<usize> {
        let Some(roulette) = Roulette::new(&self.weights.own) else { return Vec::new() };
        (0..n).map(|_| roulette.row_at(rng.random())).collect()
    }

    /// What each row's cross ratio has above 1, for rows above the threshold.
    fn excess(&self) -> Vec<f64> {
        let ratios = self.weights.cross_ratio.iter();
        ratios.map(|ratio| if *ratio > self.method.cross_threshold { ratio - 1.0 } else { 0.0 }).collect()
    }

    fn cross_border_seeds(&self, rng: &mut Rng) -> Vec<usize> {
        let excess = self.excess();
        let Some(roulette) = Roulette::new(&excess) else { return Vec::new() };
        let n = excess.iter().map(|excess| excess.min(5.0)).sum::<f64>() as usize;
        (0..n).map(|_| roulette.row_at(rng.random())).collect()
    }

    /// Makes a row from each seed that is not alone in its label set; if `counted`, the weights are made new
    /// with them.
    fn make(&mut self, seeds: &[usize], rng: &mut Rng, counted: bool) -> Result<Vec<usize>> {
        let steps = self.steps(seeds, rng);
        self.lost_seeds += seeds.len() - steps.len();
        self.add(&steps, counted)
    }

    /// Seed, partner and gap of each new row.
    fn steps(&self, seeds: &[usize], rng: &mut Rng) -> Vec<(usize, usize, f64)> {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        let mut steps = Vec::with_capacity(seeds.len());
        for &seed in seeds.iter().filter(|seed| !self.partners[**seed].is_empty()) {
            let partners = &self.partners[seed];
            let mut draw = || partners[rng.random_range(0..partners.len())];
            let is_small = partners.len() < self.method.weight_neighbors;
            let partner = if self.method.share_partners && is_small {
                *shared.entry(seed).or_insert_with(draw)
            } else {
                draw()
            };
            steps.push((seed, partner, rng.random()));
        }
        steps
    }

    /// Adds rows and makes the weights new; returns how many rows each label got.
    fn add(&mut self, steps: &[(usize, usize, f64)], counted: bool) -> Result<Vec<usize>> {
        let first = self.pool.len();
        let made: Vec<NewRow> = steps.iter().map(|step| self.new_row(*step)).collect();
        let mut gained = vec![0; self.counts.len()];
        for row in &made {
            gained.iter_mut().zip(&row.on).for_each(|(gained, on)| *gained += usize::from(*on));
        }
        self.pool.add(made);
        if counted && !steps.is_empty() {
            self.present.iter_mut().zip(&gained).for_each(|(present, gained)| *present += gained);
            self.refresh(first)?;
        }
        Ok(gained)
    }

    fn new_row(&self, (seed, partner, gap): (usize, usize, f64)) -> NewRow {
        let copied = self.method.copy_zero_rows && self.pool.point(seed).iter().all(|value| *value == 0.0);
        let (x, origin) =
            if copied { self.pool.between(seed, seed, gap) } else { self.pool.between(seed, partner, gap) };
        NewRow { x, on: self.pool.labels_of(seed).to_vec(), origin }
    }

    /// Weights with the rows from a number on.
    fn refresh(&mut self, first: usize) -> Result<()> {
        let points = unscaled(self.rows.features(), self.pool.new_points(first));
        self.borders.add(points.view(), first, |row, label| self.pool.labels_of(row)[label])?;
        self.weights = self.borders.weights(&self.sampled, self.method.void_weightless_labels);
        Ok(())
    }

    /// The rows that a label may start from in the interior step.
    fn interior_pool(&self, label: usize) -> Vec<usize> {
        let has = |row: &usize| self.pool.labels_of(*row)[label];
        let inside: Vec<usize> = self.weights.interior.iter().copied().filter(has).collect();
        let is_row_0 = self.method.forget_last_rows && inside == [0];
        if inside.is_empty() || is_row_0 {
            return (0..self.pool.n_original()).filter(has).collect();
        }
        inside
    }

    fn fill_interior(&mut self, rng: &mut Rng, report: &mut Report) -> Result<()> {
        let mut lacking = deficits(&self.counts, &self.present, self.pool.len());
        let asked = lacking.clone();
        let mut got = vec![0; self.counts.len()];
        while let Some((label, n)) = smallest(&lacking) {
            lacking.remove(&label);
            let pool = self.interior_pool(label);
            let seeds: Vec<usize> = (0..n).map(|_| pool[rng.random_range(0..pool.len())]).collect();
            let gained = self.make(&seeds, rng, false)?;
            got.iter_mut().zip(&gained).for_each(|(got, gained)| *got += gained);
            lacking.iter_mut().for_each(|(label, lacks)| *lacks = lacks.saturating_sub(gained[*label]));
        }
        for (label, asked) in asked {
            report.count(label, asked, got[label]);
            if got[label] < asked {
                report.remark(label, "seeds alone in their label set made no row");
            }
        }
        Ok(())
    }

    fn finish(self, mut report: Report) -> Resampled<LabelMatrix> {
        if self.lost_seeds > 0 {
            let (lost, seeds) = (self.lost_seeds, self.sampled);
            for (label, _) in seeds {
                report.remark(label, format!("{lost} seeds of all labels were alone in their label set"));
            }
        }
        self.pool.finish(report)
    }
}

/// The labels that are still rare among `n` rows, and how many rows they lack to the rarest of the others,
/// given their positive rows before and now.
fn deficits(counts: &[usize], present: &[usize], n: usize) -> BTreeMap<usize, usize> {
    let ratios = shares(present, n as f64);
    let mean = mean_of(&ratios);
    let others = (0..ratios.len()).filter(|label| ratios[*label] <= mean);
    let rarest = others.map(|label| present[label]).min().unwrap_or(0);
    let rare = (0..ratios.len()).filter(|label| ratios[*label] > mean && counts[*label] > 1);
    // Where all labels are equally frequent, rounding may put their mean below each of them: none is the rarest.
    rare.map(|label| (label, rarest.saturating_sub(present[label]))).collect()
}

/// The label that lacks the fewest rows, but some.
fn smallest(lacking: &BTreeMap<usize, usize>) -> Option<(usize, usize)> {
    let some = lacking.iter().filter(|(_, lacks)| **lacks > 0);
    some.min_by_key(|(_, lacks)| **lacks).map(|(label, lacks)| (*label, *lacks))
}

#[cfg(test)]
#[path = "mlbote_tests.rs"]
mod tests;
