//! Nearest rows among those of a kind, such as the positive rows of a label, for many kinds of the same rows.
//!
//! The nearest rows of each row are found once, whatever their kind. Mostly the nearest of a kind are among
//! them; where they are not, the rows of that kind are searched. Both ways give the same answer, to the last
//! bit.

use imb_core::Result;
use imb_neighbors::{Algorithm, Index, Neighbors, k_nearest_within};
use ndarray::{Array2, ArrayView2, Axis};

use crate::multi_label::lists::Lists;

/// How many neighbours of any kind are kept for each row: enough that most searches end in them.
const KEPT: usize = 32;

/// The nearest rows that a row has met, nearest first, and on a tie the lower number; at most `k`.
#[derive(Clone, Debug)]
pub(crate) struct Nearest {
    k: usize,
    /// Squared distance and number.
    found: Vec<(f64, usize)>,
}

impl Nearest {
    fn offer(&mut self, squared: f64, row: usize) {
        let place = self.found.partition_point(|known| *known < (squared, row));
        if place < self.k {
            self.found.insert(place, (squared, row));
            self.found.truncate(self.k);
        }
    }

    /// The squared distance beyond which a row is not added.
    fn limit(&self) -> f64 {
        match self.found.last() {
            Some((squared, _)) if self.found.len() == self.k => *squared,
            _ => f64::INFINITY,
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        self.found.iter().map(|(_, row)| *row)
    }

    /// Distance to the nearest; infinite if there is none.
    pub(crate) fn least(&self) -> f64 {
        self.found.first().map_or(f64::INFINITY, |(squared, _)| squared.sqrt())
    }

    /// Distance to the farthest.
    pub(crate) fn most(&self) -> f64 {
        self.found.last().map_or(f64::INFINITY, |(squared, _)| squared.sqrt())
    }

    /// Mean distance to the nearest `k`.
    pub(crate) fn mean(&self, k: usize) -> f64 {
        let k = k.min(self.found.len());
        self.found[..k].iter().map(|(squared, _)| squared.sqrt()).sum::<f64>() / k as f64
    }
}

/// Rows that grow in number, and the nearest rows of the first of them.
pub(crate) struct Space {
    numbers: Vec<f64>,
    n_columns: usize,
    /// The squared length of each row.
    squares: Vec<f64>,
    near: Neighbors,
    first: FirstRows,
}

/// The first rows in single precision, for products with new ones.
enum FirstRows {
    Sparse(Lists),
    /// `(n_first, n_columns)`.
    Dense(Array2<f32>),
}

/// How far the rows that were added last are from the first ones, about.
pub(crate) struct Newest {
    first: usize,
    /// A squared distance that is not above the true one, `(n_new, n_first)`.
    at_least: Array2<f32>,
}

impl Space {
    /// Rows, `(n_rows, n_columns)`, at least two, of which at least so many neighbours are to be known.
    pub(crate) fn new(points: Array2<f64>, at_least: usize) -> Result<Self> {
        let k = KEPT.max(at_least).min(points.nrows() - 1);
        let near = k_nearest_within(points.view(), k)?;
        let first = match Lists::of_sparse(points.view()) {
            Some(lists) => FirstRows::Sparse(lists),
            None => FirstRows::Dense(points.map(|value| *value as f32)),
        };
        let squares = points.rows().into_iter().map(|row| row.dot(&row)).collect();
        let n_columns = points.ncols();
        Ok(Self { numbers: points.into_iter().collect(), n_columns, squares, near, first })
    }

    /// The nearest other rows of one of the first rows, whatever their kind.
    pub(crate) fn nearest_of_any(&self, row: usize, k: usize) -> impl Iterator<Item = usize> {
        self.near.indices.row(row).into_iter().copied().take(k)
    }

    fn view(&self) -> ArrayView2<'_, f64> {
        let shape = (self.numbers.len() / self.n_columns, self.n_columns);
        ArrayView2::from_shape(shape, &self.numbers).expect("whole rows")
    }

    fn select(&self, rows: &[usize]) -> Array2<f64> {
        self.view().select(Axis(0), rows)
    }

    /// The `k` nearest `members`, ascending, of each of `queries`, without itself, or all if there are fewer.
    /// Queries are among the first rows.
    pub(crate) fn nearest_among(
        &self,
        queries: &[usize],
        members: &[usize],
        is_member: impl Fn(usize) -> bool,
        k: usize,
    ) -> Result<Vec<Nearest>> {
        let mut lists = Vec::with_capacity(queries.len());
        let mut open = Vec::new();
        for (place, &query) in queries.iter().enumerate() {
            let known = self.near.indices.row(query).into_iter().zip(self.near.squared_distances.row(query));
            let known = known.map(|(row, squared)| (*squared, *row)).filter(|(_, row)| is_member(*row));
            let list = Nearest { k, found: known.take(k).collect() };
            if list.found.len() < k.min(members.len() - usize::from(is_member(query))) {
                open.push(place);
            }
            lists.push(list);
        }
        if !open.is_empty() {
            let rows: Vec<usize> = open.iter().map(|place| queries[*place]).collect();
            for (place, list) in open.into_iter().zip(self.search(&rows, members, k)?) {
                lists[place] = list;
            }
        }
        Ok(lists)
    }

    /// The same, by a search of the members, for any rows.
    pub(crate) fn search(&self, queries: &[usize], members: &[usize], k: usize) -> Result<Vec<Nearest>> {
        let points = self.select(members);
        let index = Index::new(points.view(), Algorithm::Auto)?;
        let asked = (k + 1).min(members.len());
        let found = index.k_nearest(self.select(queries).view(), asked)?;
        let lists = queries.iter().zip(found.indices.rows().into_iter().zip(found.squared_distances.rows()));
        let lists = lists.map(|(query, (places, squared))| {
            let rows = squared.iter().copied().zip(places.iter().map(|place| members[*place]));
            Nearest { k, found: rows.filter(|(_, row)| row != query).take(k).collect() }
        });
        Ok(lists.collect())
    }

    /// Adds points, `(n_new, n_columns)`.
    ///
    /// Products in single precision say of all pairs of new and first rows how far they are from each
    /// other, but for a bound of their error. So nearly all exact distances need not be computed.
    pub(crate) fn add(&mut self, points: ArrayView2<'_, f64>) -> Newest {
        let first = self.numbers.len() / self.n_columns;
        self.numbers.extend(points.iter());
        self.squares.extend(points.rows().into_iter().map(|row| row.dot(&row)));
        let mut at_least = match &self.first {
            FirstRows::Sparse(lists) => lists.products(points),
            FirstRows::Dense(rows) => points.map(|value| *value as f32).dot(&rows.t()),
        };
        // A product of n numbers is off by at most (n + 2) ulps of the product of the lengths; twice that, to be
        // safe.
        let off = 2.0 * (self.n_columns + 8) as f64 * f64::from(f32::EPSILON);
        for (mut row, new) in at_least.rows_mut().into_iter().zip(&self.squares[first..]) {
            for (product, old) in row.iter_mut().zip(&self.squares) {
                let squared = new + old - 2.0 * f64::from(*product) - off * (new * old).sqrt();
                *product = (squared * (1.0 - off)) as f32;
            }
        }
        Newest { first, at_least }
    }

    /// Offers `members`, which are among the newest, to the lists of `queries`.
    pub(crate) fn offer(&self, newest: &Newest, members: &[usize], queries: &[usize], lists: &mut [Nearest]) {
        for (&query, list) in queries.iter().zip(lists) {
            for &row in members {
                // What is not a number is looked at, too.
                let too_far = newest.at_least(row, query) > list.limit();
                if !too_far {
                    list.offer(squared_distance(self.row(row), self.row(query)), row);
                }
            }
        }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.numbers[row * self.n_columns..][..self.n_columns]
    }
}

impl Newest {
    /// A lower bound of the squared distance between a new row and another; 0 if none is known.
    fn at_least(&self, new: usize, other: usize) -> f64 {
        self.at_least.get([new - self.first, other]).map_or(0.0, |squared| f64::from(*squared))
    }
}

/// In the order of the columns, as in `imb-neighbors`, whose lists these distances join.
fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Seed;
    use rand::RngExt;

    fn grid(n: usize, seed: u64) -> Array2<f64> {
        let mut rng = Seed::new(seed).rng();
        Array2::from_shape_simple_fn((n, 2), || f64::from(rng.random_range(0..12_u8)))
    }

    /// By definition, with many ties.
    fn expected(points: ArrayView2<'_, f64>, query: usize, members: &[usize], k: usize) -> Vec<usize> {
        let far = |row: usize| (&points.row(query) - &points.row(row)).map(|d| d * d).sum();
        let mut rows: Vec<(f64, usize)> =
            members.iter().filter(|row| **row != query).map(|row| (far(*row), *row)).collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        rows.into_iter().take(k).map(|(_, row)| row).collect()
    }

    /// Of frequent and rare kinds, before and after rows are added.
    #[test]
    fn lists_equal_a_search_of_all_members() {
        let points = grid(200, 1);
        let mut space = Space::new(points.clone(), 5).expect("points");
        let all = |n: usize, step: usize| -> Vec<usize> {
            (0..n).filter(|row: &usize| row.is_multiple_of(step)).collect()
        };
        let queries: Vec<usize> = (0..200).collect();
        for step in [1, 2, 37] {
            let is_member = |row: usize| row.is_multiple_of(step);
            let lists = space.nearest_among(&queries, &all(200, step), is_member, 5).expect("lists");
            for (query, list) in queries.iter().zip(&lists) {
                let expected = expected(points.view(), *query, &all(200, step), 5);
                assert_eq!(list.rows().collect::<Vec<_>>(), expected, "step {step}");
            }
        }
        let mut lists: Vec<Vec<Nearest>> = [1, 2, 37]
            .map(|step| {
                space
                    .nearest_among(&queries, &all(200, step), |row| row.is_multiple_of(step), 5)
                    .expect("lists")
            })
            .into();
        let new = grid(60, 2);
        let newest = space.add(new.view());
        let both = ndarray::concatenate(Axis(0), &[points.view(), new.view()]).expect("as wide");
        for (step, lists) in [1, 2, 37].into_iter().zip(&mut lists) {
            let members: Vec<usize> = (200..260).filter(|row: &usize| row.is_multiple_of(step)).collect();
            space.offer(&newest, &members, &queries, lists);
            for (query, list) in queries.iter().zip(lists) {
                let expected = expected(both.view(), *query, &all(260, step), 5);
                assert_eq!(list.rows().collect::<Vec<_>>(), expected, "step {step}");
            }
        }
    }
}
