//! The borders of labels and the weights of the rows on them: the deterministic part of MLBOTE.

use imb_core::Result;
use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::multi_label::nearest::{Nearest, Newest, Space};

/// k_b and k_w of the paper.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NeighborCounts {
    pub(crate) border: usize,
    pub(crate) weight: usize,
}

/// Which rows have which labels.
pub(crate) trait HasLabel: Fn(usize, usize) -> bool + Sync {}
impl<F: Fn(usize, usize) -> bool + Sync> HasLabel for F {}

/// The paper's noise: labels that none of the `k` nearest rows has, and whose own rows are farther away than
/// those of the other rows of the label.
///
/// Returns rows and labels, by label. Labels with at most k + 1 rows are left alone.
pub(crate) fn noise(
    space: &Space,
    bags: &[Vec<usize>],
    on: impl HasLabel,
    k: usize,
) -> Result<Vec<Vec<usize>>> {
    let of_label = |(label, bag): (usize, &Vec<usize>)| {
        if bag.len() <= k + 1 {
            return Ok(Vec::new());
        }
        let lists = space.nearest_among(bag, bag, |row| on(row, label), k)?;
        let candidate: Vec<bool> =
            bag.iter().map(|row| !space.nearest_of_any(*row, k).any(|other| on(other, label))).collect();
        let mut is_neighbor = vec![false; bag.len()];
        let places = lists.iter().flat_map(Nearest::rows).map(|row| bag.binary_search(&row));
        places.flatten().for_each(|place| is_neighbor[place] = true);
        let trusted = (0..bag.len()).filter(|place| !candidate[*place] || is_neighbor[*place]);
        let widest = trusted.map(|place| lists[place].most()).fold(0.0, f64::max);
        let is_noise = |place: &usize| candidate[*place] && lists[*place].least() > 1.5 * widest;
        Ok((0..bag.len()).filter(is_noise).map(|place| bag[place]).collect())
    };
    bags.par_iter().enumerate().map(of_label).collect()
}

/// The border of one label: T are the rows that have it, R the rest.
pub(crate) struct LabelBorder {
    pub(crate) label: usize,
    /// T, ascending; grows.
    pub(crate) members: Vec<usize>,
    /// R_b: rows of R among the nearest of a row of T, ascending.
    pub(crate) cross: Vec<usize>,
    /// T_b: rows of T among the nearest of a row of R_b, ascending.
    pub(crate) own: Vec<usize>,
    /// T_b and the new rows of T, whose neighbours in T are known.
    known: Vec<usize>,
    pub(crate) known_in_t: Vec<Nearest>,
    pub(crate) own_in_r: Vec<Nearest>,
    pub(crate) cross_in_r: Vec<Nearest>,
    pub(crate) cross_in_t: Vec<Nearest>,
    k: NeighborCounts,
}

impl LabelBorder {
    /// The border of a label with at least two rows and more than k_w rows without it.
    fn new(
        space: &Space,
        label: usize,
        members: &[usize],
        n_rows: usize,
        on: &impl HasLabel,
        k: NeighborCounts,
    ) -> Result<Self> {
        let rest: Vec<usize> = (0..n_rows).filter(|row| !on(*row, label)).collect();
        let (in_t, in_r) = (|row: usize| on(row, label), |row: usize| !on(row, label));
        let in_rest = space.nearest_among(members, &rest, in_r, k.border)?;
        let cross = union(in_rest.iter().flat_map(Nearest::rows));
        let cross_in_t = space.nearest_among(&cross, members, in_t, k.border)?;
        let reach = k.border.min(members.len() - 1);
        let own = union(cross_in_t.iter().flat_map(|list| list.rows().take(reach)));
        let place = |row: &usize| members.binary_search(row).expect("a row of the label");
        Ok(Self {
            label,
            known_in_t: space.nearest_among(&own, members, in_t, k.weight)?,
            own_in_r: own.iter().map(|row| in_rest[place(row)].clone()).collect(),
            cross_in_r: space.nearest_among(&cross, &rest, in_r, k.weight)?,
            cross_in_t,
            members: members.to_vec(),
            known: own.clone(),
            cross,
            own,
            k,
        })
    }

    /// Takes in the rows that were added last; the borders themselves stay.
    fn add(&mut self, space: &Space, newest: &Newest, new: &[usize], on: &impl HasLabel) -> Result<()> {
        let (with, without): (Vec<usize>, Vec<usize>) = new.iter().partition(|row| on(**row, self.label));
        if !with.is_empty() {
            self.members.extend(&with);
            space.offer(newest, &with, &self.known, &mut self.known_in_t);
            space.offer(newest, &with, &self.cross, &mut self.cross_in_t);
            self.known_in_t.extend(space.search(&with, &self.members, self.k.weight)?);
            self.known.extend(&with);
        }
        space.offer(newest, &without, &self.own, &mut self.own_in_r);
        space.offer(newest, &without, &self.cross, &mut self.cross_in_r);
        Ok(())
    }

    /// How many neighbours in T a row of R has; one fewer than T has rows, although none of them is itself.
    fn reach(&self) -> usize {
        self.k.border.min(self.members.len() - 1)
    }

    /// For each row of T_b: its mean distance to T over that to R; 0 for one that has a twin in T, or only
    /// twins in R.
    pub(crate) fn own_weights(&self) -> Vec<f64> {
        let lists = self.known_in_t.iter().zip(&self.own_in_r);
        let weight = |(in_t, in_r): (&Nearest, &Nearest)| match (in_t.least(), in_r.mean(self.k.border)) {
            (0.0, _) | (_, 0.0) => 0.0,
            (_, to_rest) => in_t.mean(self.k.weight) / to_rest,
        };
        lists.map(weight).collect()
    }

    /// For each row of R_b: the square of its mean distance to R over that of its nearest row of T to T; 0
    /// for one that has a twin in R, or whose nearest row of T has only twins in T.
    pub(crate) fn cross_ratios(&self) -> Vec<f64> {
        let density = |list: &Nearest| {
            let nearest = list.rows().next().expect("two rows of the label");
            let place = self.known.binary_search(&nearest).expect("on the border, or new");
            self.known_in_t[place].mean(self.k.weight)
        };
        let lists = self.cross_in_r.iter().zip(&self.cross_in_t);
        let ratio = |(in_r, in_t): (&Nearest, &Nearest)| match (in_r.least(), density(in_t)) {
            (0.0, _) | (_, 0.0) => 0.0,
            (_, around_t) => (in_r.mean(self.k.weight) / around_t).powi(2),
        };
        lists.map(ratio).collect()
    }

    /// For each row of R_b: its mean distance to R over that to T, by which the interior is told.
    pub(crate) fn cross_weights(&self) -> Vec<f64> {
        let lists = self.cross_in_r.iter().zip(&self.cross_in_t);
        let weight = |(in_r, in_t): (&Nearest, &Nearest)| match (in_r.least(), in_t.mean(self.reach())) {
            (0.0, _) | (_, 0.0) => 0.0,
            (_, to_label) => in_r.mean(self.k.weight) / to_label,
        };
        lists.map(weight).collect()
    }
}

/// The borders of all labels that have one.
pub(crate) struct Borders {
    pub(crate) space: Space,
    pub(crate) labels: Vec<LabelBorder>,
    n_rows: usize,
}

/// What the rows of the data weigh.
pub(crate) struct RowWeights {
    /// The chance of each row as a seed on its own border, which add up to 1 if any is above 0.
    pub(crate) own: Vec<f64>,
    /// The least ratio of each row over the labels on whose other side it stands, 0 if it does on none.
    pub(crate) cross_ratio: Vec<f64>,
    /// Rows that weigh nothing on either side.
    pub(crate) interior: Vec<usize>,
}

impl Borders {
    /// The borders of labels with at least two rows and more than k_w rows without them.
    pub(crate) fn new(
        space: Space,
        bags: &[Vec<usize>],
        n_rows: usize,
        on: impl HasLabel,
        k: NeighborCounts,
    ) -> Result<Self> {
        let has_border = |bag: &Vec<usize>| bag.len() > 1 && n_rows - bag.len() > k.weight;
        let labels = bags.par_iter().enumerate().filter(|(_, bag)| has_border(bag));
        let labels = labels.map(|(label, bag)| LabelBorder::new(&space, label, bag, n_rows, &on, k));
        let labels: Vec<LabelBorder> = labels.collect::<Result<_>>()?;
        Ok(Self { space, labels, n_rows })
    }

    /// Takes in new rows, `(n_new, n_columns)`.
    pub(crate) fn add(&mut self, points: ArrayView2<'_, f64>, first: usize, on: impl HasLabel) -> Result<()> {
        if points.nrows() == 0 {
            return Ok(());
        }
        let newest = self.space.add(points);
        let new: Vec<usize> = (first..first + points.nrows()).collect();
        let space = &self.space;
        self.labels.par_iter_mut().try_for_each(|border| border.add(space, &newest, &new, &on))
    }

    /// The weights of all rows of the data, given the labels to sample with their divisors. With `void`, a
    /// label all of whose rows weigh nothing takes those rows' weight for other labels away.
    pub(crate) fn weights(&self, sampled: &[(usize, f64)], void: bool) -> RowWeights {
        let mut own = vec![0.0_f64; self.n_rows];
        let mut ratios = vec![f64::INFINITY; self.n_rows];
        let mut cross = vec![0.0_f64; self.n_rows];
        let mut voided: Vec<usize> = Vec::new();
        for border in &self.labels {
            for (&row, (ratio, weight)) in
                border.cross.iter().zip(border.cross_ratios().into_iter().zip(border.cross_weights()))
            {
                ratios[row] = ratios[row].min(ratio);
                cross[row] = cross[row].max(weight);
            }
            let Some((_, divisor)) = sampled.iter().find(|(label, _)| *label == border.label) else {
                continue;
            };
            let weights = border.own_weights();
            let sum: f64 = weights.iter().sum();
            if sum == 0.0 && void {
                voided.extend(&border.own);
            }
            for (&row, weight) in border.own.iter().zip(weights).filter(|_| sum > 0.0) {
                own[row] = own[row].max(weight / sum / divisor);
            }
        }
        voided.into_iter().for_each(|row| own[row] = 0.0);
        let sum: f64 = own.iter().sum();
        if sum > 0.0 {
            own.iter_mut().for_each(|weight| *weight /= sum);
        }
        ratios.iter_mut().filter(|ratio| ratio.is_infinite()).for_each(|ratio| *ratio = 0.0);
        let interior = (0..self.n_rows).filter(|row| own[*row] == 0.0 && cross[*row] == 0.0).collect();
        RowWeights { own, cross_ratio: ratios, interior }
    }
}

/// Each number once, ascending.
fn union(rows: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut rows: Vec<usize> = rows.collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}
