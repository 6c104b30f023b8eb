//! SMOTE: new rows on the lines between neighbours of the same class.
//!
//! A class that is to grow gets rows that lie between one of its rows and one of that row's nearest
//! neighbours within the class, at a place drawn evenly along the way. Rows of other classes play no
//! part, so new rows may fall among them.
//!
//! The paper makes the same number of rows from every row of the class and takes multiples of 100 %;
//! as is usual since, the pair of row and neighbour is drawn with equal chance for each new row, and
//! any number of rows can be asked for. One gap a row, not one a feature, as in the paper's text.
//!
//! Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 16
//! (2002), doi:10.1613/jair.953.

use imb_core::{
    Dataset, Delivery, Error, Gap, Labels, Origin, Parent, Resample, Resampled, Result, Run, Target, Train,
};
use imb_neighbors::k_nearest_within;
use ndarray::{Array2, Axis, concatenate};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::interpolate::{
    RowDraws, integer_columns, interpolate, place_below, require_numbers, unit_interval,
};
use crate::strategy::{SamplingStrategy, SmallClasses};

/// Interpolates between a row and one of its nearest neighbours in the class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smote {
    /// How many rows each class is to have.
    pub sampling_strategy: SamplingStrategy,
    /// How many neighbours of a row may be the other end, at least 1.
    pub k_neighbors: usize,
    /// What to do with a class that has no more rows than that.
    pub small_classes: SmallClasses,
}

impl Default for Smote {
    fn default() -> Self {
        Self { sampling_strategy: SamplingStrategy::Auto, k_neighbors: 5, small_classes: SmallClasses::Error }
    }
}

impl Resample<Labels> for Smote {
    fn resample(&self, train: &Train<Labels>, run: &mut Run<'_, Labels>) -> Result<Resampled<Labels>> {
        let rows = &train.rows;
        self.check(rows)?;
        let labels = rows.y();
        let every_row = (0..labels.n_rows()).collect();
        let mut resampled = Resampled::kept_only(rows, every_row, Vec::new());
        let to_add = self.sampling_strategy.rows_to_add(labels)?;
        for (class, &n_new) in to_add.iter().enumerate().filter(|(_, n_new)| **n_new > 0) {
            let draws = RowDraws::new(run.rng);
            let grown = self.grow(rows, class, n_new, &draws)?;
            append(&mut resampled, labels, class, grown);
        }
        Ok(resampled)
    }
}

/// New rows that are made together.
const BLOCK: usize = 1024;

/// What was made for one class.
struct Grown {
    rows: Array2<f64>,
    origins: Vec<Origin>,
    delivery: Delivery,
}

impl Smote {
    fn check(&self, rows: &Dataset<Labels>) -> Result<()> {
        if self.k_neighbors == 0 {
            return Err(Error::InvalidParameter {
                name: "k_neighbors".into(),
                requirement: "at least 1".into(),
                value: "0".into(),
            });
        }
        require_numbers("smote", rows.features())
    }

    /// Makes `n_new` rows for a class.
    fn grow(&self, data: &Dataset<Labels>, class: usize, n_new: usize, draws: &RowDraws) -> Result<Grown> {
        let members = data.y().rows_of(class as u32);
        let k = self.neighbors_for(&data.y().classes()[class], members.len())?;
        let points = data.x().select(Axis(0), &members);
        let neighbors = match k {
            0 => Array2::zeros((members.len(), 1)),
            k => k_nearest_within(points.view(), k)?.indices,
        };
        let integers = integer_columns(data.features());
        let mut rows = Array2::zeros((n_new, data.n_features()));
        let mut drawn = vec![(0, 0, 0.0); n_new];
        let blocks =
            rows.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().zip(drawn.par_chunks_mut(BLOCK));
        blocks.enumerate().for_each(|(block, (mut rows, drawn))| {
            let cells = rows.rows_mut().into_iter().zip(drawn);
            for ((row, drawn), draws) in cells.zip(draws.starting_at(block * BLOCK)) {
                let seed = place_below(members.len(), draws[0]);
                let neighbor = neighbors[[seed, place_below(k.max(1), draws[1])]];
                let gap = unit_interval(draws[2]);
                interpolate(points.row(seed), points.row(neighbor), gap, &integers, row);
                *drawn = (seed, neighbor, gap);
            }
        });
        let origins = drawn.into_iter().map(|(seed, neighbor, gap)| Origin::Interpolated {
            seed: Parent::Row(members[seed]),
            neighbor: Parent::Row(members[neighbor]),
            gap: Gap::Same(gap),
        });
        let remark = (k < self.k_neighbors).then(|| match k {
            0 => "the only row of the class was copied".to_owned(),
            k => format!("k_neighbors shrunk from {} to {k}", self.k_neighbors),
        });
        let name = data.y().classes()[class].clone();
        let delivery = Delivery { name, asked: n_new, delivered: n_new, remark };
        Ok(Grown { rows, origins: origins.collect(), delivery })
    }

    /// The neighbours to ask for in a class of `size` rows: fewer than its rows.
    fn neighbors_for(&self, class: &str, size: usize) -> Result<usize> {
        if size > self.k_neighbors {
            return Ok(self.k_neighbors);
        }
        if self.small_classes == SmallClasses::Shrink {
            return Ok(size - 1);
        }
        let remedy = match size {
            1 => "a row alone has no neighbours; small_classes = \"shrink\" copies it".to_owned(),
            size => format!("k_neighbors = {} works, and small_classes = \"shrink\" takes it", size - 1),
        };
        Err(Error::TooFewRows {
            class: format!("class {class}"),
            has: size,
            needs: self.k_neighbors + 1,
            remedy,
        })
    }
}

/// Adds what was made for a class to what is there.
fn append(resampled: &mut Resampled<Labels>, labels: &Labels, class: usize, grown: Grown) {
    let codes = vec![class as u32; grown.origins.len()];
    let targets = Labels::new(codes, labels.classes().to_vec()).expect("a class of these labels");
    resampled.synthetic_targets = resampled.synthetic_targets.concat(&targets).expect("the same classes");
    resampled.synthetic = match resampled.synthetic.nrows() {
        0 => grown.rows,
        _ => concatenate(Axis(0), &[resampled.synthetic.view(), grown.rows.view()])
            .expect("both are as wide as the data"),
    };
    resampled.origins.extend(grown.origins);
    resampled.delivery.push(grown.delivery);
}
