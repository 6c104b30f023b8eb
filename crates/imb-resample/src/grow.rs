//! The common part of the over-samplers that make new rows: the loop over the classes that grow, the
//! rows of a class, the search for neighbours and the making of rows.

use imb_core::{Dataset, Delivery, Error, Gap, Labels, Origin, Parent, Resampled, Result, Rng, Target};
use imb_neighbors::{Algorithm, Index};
use ndarray::{Array2, ArrayView2, Axis, concatenate};
use rayon::prelude::*;

use crate::interpolate::{RowDraws, integer_columns, interpolate};
use crate::strategy::{SamplingStrategy, SmallClasses};

/// New rows that one task makes together: enough work that handing it to a thread costs little.
const BLOCK: usize = 1024;

/// The new rows of one class.
pub(crate) struct Grown {
    pub(crate) rows: Array2<f64>,
    pub(crate) origins: Vec<Origin>,
    pub(crate) delivery: Delivery,
}

impl Grown {
    /// No new rows, for the reasons given.
    pub(crate) fn empty(class: &Class<'_>, asked: usize, reasons: Vec<String>) -> Self {
        let rows = Array2::zeros((0, class.data.n_features()));
        Self { rows, origins: Vec::new(), delivery: class.report(asked, 0, reasons) }
    }

    /// With `strict`, an error if fewer rows were made than were asked for.
    pub(crate) fn require_delivery(self, strict: bool, method: &str) -> Result<Self> {
        let Delivery { name, asked, delivered, remark } = &self.delivery;
        if !strict || delivered >= asked {
            return Ok(self);
        }
        let why = remark.as_deref().unwrap_or_default();
        let reason = format!("class {name} gets {delivered} of {asked} rows, and strict is set: {why}");
        Err(Error::NotApplicable { method: method.to_owned(), reason })
    }
}

/// Keeps all rows of the data and lets `grow` make new ones for each class that is to grow.
///
/// `prepare` computes what the classes share, such as a neighbour index. It gets the number of rows
/// that the growing classes have, and is not called if no class grows. `grow` gets the shared value, a
/// class, the number of new rows and the draws for them; each growing class has a random stream of its own, so its
/// rows do not depend on how many rows the others get.
pub(crate) fn grow_classes<T>(
    data: &Dataset<Labels>,
    strategy: &SamplingStrategy,
    rng: &mut Rng,
    prepare: impl FnOnce(usize) -> Result<T>,
    mut grow: impl FnMut(&T, &Class<'_>, usize, &RowDraws) -> Result<Grown>,
) -> Result<Resampled<Labels>> {
    let every_row = (0..data.n_rows()).collect();
    let mut resampled = Resampled::kept_only(data, every_row, Vec::new());
    let to_add = strategy.rows_to_add(data.y(), data.n_features())?;
    if to_add.iter().all(|n_new| *n_new == 0) {
        return Ok(resampled);
    }
    let counts = data.y().counts();
    let growing: Vec<(u32, usize)> = (0u32..).zip(to_add).filter(|(_, n_new)| *n_new > 0).collect();
    let size = |class: u32| counts[class as usize];
    let common = prepare(growing.iter().map(|(class, _)| size(*class)).sum())?;
    let mut grown = |class, n_new| grow(&common, &Class::new(data, class), n_new, &RowDraws::new(rng));
    for &(class, n_new) in &growing {
        match grown(class, n_new) {
            Ok(grown) => append(&mut resampled, data.y(), class, grown),
            Err(error) => {
                // Advice that serves the smallest class serves them all.
                let smallest = growing.iter().min_by_key(|(class, _)| size(*class));
                let &(smallest, n_new) = smallest.expect("this class grows");
                return Err(grown(smallest, n_new).err().unwrap_or(error));
            }
        }
    }
    Ok(resampled)
}

/// Adds the new rows of a class.
fn append(resampled: &mut Resampled<Labels>, labels: &Labels, class: u32, grown: Grown) {
    let codes = vec![class; grown.origins.len()];
    let targets = Labels::new(codes, labels.classes().to_vec()).expect("a class of these labels");
    resampled.synthetic_targets = resampled.synthetic_targets.concat(&targets).expect("the same classes");
    if resampled.origins.is_empty() {
        (resampled.synthetic, resampled.origins) = (grown.rows, grown.origins);
    } else {
        let both = [resampled.synthetic.view(), grown.rows.view()];
        resampled.synthetic = concatenate(Axis(0), &both).expect("both are as wide as the data");
        resampled.origins.extend(grown.origins);
    }
    resampled.delivery.push(grown.delivery);
}

/// A class that is to grow. A row of it is named by its *place* among the members of the class.
pub(crate) struct Class<'a> {
    pub(crate) data: &'a Dataset<Labels>,
    pub(crate) code: u32,
    /// Row numbers of the members, ascending.
    pub(crate) members: Vec<usize>,
    /// The rows of the members, `(n_members, n_features)`.
    pub(crate) points: Array2<f64>,
}

impl<'a> Class<'a> {
    pub(crate) fn new(data: &'a Dataset<Labels>, code: u32) -> Self {
        let members = data.y().rows_of(code);
        let x = data.x();
        let mut points = Array2::zeros((members.len(), data.n_features()));
        let blocks = points.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter();
        blocks.zip(members.par_chunks(BLOCK)).for_each(|(mut points, members)| {
            for (mut point, &member) in points.rows_mut().into_iter().zip(members) {
                point.assign(&x.row(member));
            }
        });
        Self { data, code, members, points }
    }

    /// The same of a class that a caller names.
    pub(crate) fn asked(data: &'a Dataset<Labels>, code: u32) -> Result<Self> {
        let n_classes = data.y().classes().len();
        if code as usize >= n_classes {
            return Err(Error::invalid_parameter(
                "class",
                format!("below {n_classes}, the number of classes"),
                code,
            ));
        }
        Ok(Self::new(data, code))
    }

    /// The places of all members.
    pub(crate) fn places(&self) -> Vec<usize> {
        (0..self.members.len()).collect()
    }

    pub(crate) fn name(&self) -> &'a str {
        &self.data.y().classes()[self.code as usize]
    }

    /// For each seed, its `k` nearest other members of the class, `(n_seeds, k)`; seeds and neighbours are
    /// places. With `k = 0` each seed is its own neighbour, so that the only row of a class is copied.
    pub(crate) fn nearest_within(&self, seeds: &[usize], k: usize) -> Result<Array2<usize>> {
        if k == 0 || seeds.is_empty() {
            return Ok(Array2::from_shape_fn((seeds.len(), k.max(1)), |(seed, _)| seeds[seed]));
        }
        let index = Index::new(self.points.view(), Algorithm::Auto)?;
        if seeds.len() == self.members.len() {
            return Ok(index.k_nearest_within(k)?.indices);
        }
        nearest_others(&index, self.points.select(Axis(0), seeds).view(), seeds, k)
    }

    /// Makes `n_new` rows. For each, `choose` gets its number and its draws and returns the seed, the
    /// neighbour (both as places) and the gap.
    pub(crate) fn make(
        &self,
        n_new: usize,
        draws: &RowDraws,
        choose: impl Fn(usize, [u64; 3]) -> (usize, usize, f64) + Sync,
    ) -> (Array2<f64>, Vec<Origin>) {
        make_rows(self.data, self.points.view(), &self.members, n_new, draws, choose)
    }

    /// The delivery report of the class, with the remarks joined.
    pub(crate) fn report(&self, asked: usize, delivered: usize, remarks: Vec<String>) -> Delivery {
        let remark = (!remarks.is_empty()).then(|| remarks.join("; "));
        Delivery { name: self.name().to_owned(), asked, delivered, remark }
    }
}

/// Makes `n_new` rows between `points`, `(n_points, n_features)`. `row_numbers` holds the row number of
/// each point in the data; for `choose` see [`Class::make`].
pub(crate) fn make_rows(
    data: &Dataset<Labels>,
    points: ArrayView2<'_, f64>,
    row_numbers: &[usize],
    n_new: usize,
    draws: &RowDraws,
    choose: impl Fn(usize, [u64; 3]) -> (usize, usize, f64) + Sync,
) -> (Array2<f64>, Vec<Origin>) {
    let integers = integer_columns(data.features());
    let n_features = data.n_features();
    let points = points.as_standard_layout();
    let points: Vec<&[f64]> = points.as_slice().expect("standard layout").chunks_exact(n_features).collect();
    let mut rows = vec![0.0; n_new * n_features];
    let mut drawn = vec![(0, 0, 0.0); n_new];
    let blocks = rows.par_chunks_mut(BLOCK * n_features).zip(drawn.par_chunks_mut(BLOCK));
    blocks.enumerate().for_each(|(block, (rows, drawn))| {
        let rows = rows.chunks_exact_mut(n_features);
        let cells = rows.zip(drawn).zip(draws.starting_at(block * BLOCK));
        for (number, ((row, drawn), draws)) in (block * BLOCK..).zip(cells) {
            let (seed, neighbor, gap) = choose(number, draws);
            interpolate(points[seed], points[neighbor], gap, &integers, row);
            *drawn = (seed, neighbor, gap);
        }
    });
    let rows = Array2::from_shape_vec((n_new, n_features), rows).expect("as many as were made");
    let origins = drawn.into_par_iter().map(|(seed, neighbor, gap)| Origin::Interpolated {
        seed: Parent::Row(row_numbers[seed]),
        neighbor: Parent::Row(row_numbers[neighbor]),
        gap: Gap::Same(gap),
    });
    (rows, origins.collect())
}

/// The `k` nearest other points of queries that are points of the index themselves, `(n_queries, k)`;
/// `own` holds the number of each query among the points.
pub(crate) fn nearest_others(
    index: &Index<'_>,
    queries: ArrayView2<'_, f64>,
    own: &[usize],
    k: usize,
) -> Result<Array2<usize>> {
    let found = index.k_nearest(queries, k + 1)?.indices;
    let mut others = Array2::zeros((own.len(), k));
    for ((mut others, found), own) in others.rows_mut().into_iter().zip(found.rows()).zip(own) {
        // Usually a query finds itself, and leaving it out leaves k. Among more than k duplicates with lower
        // numbers it does not; then k + 1 others were found, and the farthest is dropped.
        let without = found.iter().filter(|number| *number != own);
        others.iter_mut().zip(without).for_each(|(other, number)| *other = *number);
    }
    Ok(others)
}

/// A method's parameter for the number of neighbours, and what to do where there are too few rows for it.
#[derive(Clone, Copy)]
pub(crate) struct NeighborCount {
    pub(crate) k: usize,
    /// The parameter's name, for messages.
    pub(crate) name: &'static str,
    /// What to do where there are too few rows.
    pub(crate) small: SmallClasses,
    /// The name of the parameter that says so.
    pub(crate) small_name: &'static str,
}

impl NeighborCount {
    /// A number of neighbours within a class.
    pub(crate) fn new(k: usize, name: &'static str, small_classes: SmallClasses) -> Self {
        Self { k, name, small: small_classes, small_name: "small_classes" }
    }

    /// Refuses 0.
    pub(crate) fn check(self) -> Result<()> {
        if self.k > 0 {
            return Ok(());
        }
        Err(Error::invalid_parameter(self.name, "at least 1", 0))
    }

    /// The number of neighbours to use among the `size` rows of `what`, and a remark if it had to shrink.
    ///
    /// A row is not its own neighbour, so there are at most `size - 1`.
    pub(crate) fn among(self, what: &str, size: usize) -> Result<(usize, Option<String>)> {
        let Self { k, name, small, small_name } = self;
        if size > k {
            return Ok((k, None));
        }
        if small == SmallClasses::Error {
            let remedy = match size {
                1 => format!("a single row has no neighbours; {small_name} = \"shrink\" goes without"),
                size => format!("{name} = {} works, and {small_name} = \"shrink\" uses it", size - 1),
            };
            return Err(Error::TooFewRows { class: what.to_owned(), has: size, needs: k + 1, remedy });
        }
        let remark = match size {
            1 => "a class of one row can only be copied".to_owned(),
            size => format!("{name} shrunk from {k} to {}", size - 1),
        };
        Ok((size - 1, Some(remark)))
    }
}
