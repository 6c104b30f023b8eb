//! Nearest rows among those of a kind, such as the positive rows of a label, for many kinds of the same rows.
//!
//! The nearest rows of each row are found once, whatever their kind. Mostly the nearest of a kind are among them;
//! where they are not, the rows of that kind are searched. Both ways give the same answer, to the last bit.

use imb_core::Result;
use imb_neighbors::{Algorithm, Index, Neighbors, k_nearest_within};
use ndarray::{Array2, ArrayView2, Axis};

/// How many neighbours of any kind are kept for each row: enough that most searches end in them.
const KEPT: usize = 32;

/// How many new rows are kept for each row that asks for them.
const KEPT_NEW: usize = 8;

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

    /// Whether a row at this distance would be turned away, and with it all that are farther.
    fn is_closed_to(&self, squared: f64, row: usize) -> bool {
        self.found.len() == self.k && self.found.last().is_some_and(|last| *last <= (squared, row))
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
    near: Neighbors,
}

/// For some rows the nearest of those that were added last.
pub(crate) struct Newest {
    first: usize,
    n_new: usize,
    /// By row: its place in `near`.
    places: Vec<Option<usize>>,
    near: Neighbors,
}

impl Space {
    /// Rows, `(n_rows, n_columns)`, at least two, of which at least so many neighbours are to be known.
    pub(crate) fn new(points: Array2<f64>, at_least: usize) -> Result<Self> {
        let k = KEPT.max(at_least).min(points.nrows() - 1);
        let near = k_nearest_within(points.view(), k)?;
        let n_columns = points.ncols();
        Ok(Self { numbers: points.iter().copied().collect(), n_columns, near })
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

    /// Offers the `members` to the lists of `queries`.
    pub(crate) fn offer(&self, members: &[usize], queries: &[usize], lists: &mut [Nearest]) -> Result<()> {
        let Some(k) = lists.first().map(|list| list.k) else { return Ok(()) };
        for (list, found) in lists.iter_mut().zip(self.search(queries, members, k)?) {
            found.found.into_iter().for_each(|(squared, row)| list.offer(squared, row));
        }
        Ok(())
    }

    /// Adds points, and finds the nearest of them for some of the first rows.
    pub(crate) fn add(&mut self, points: ArrayView2<'_, f64>, queries: &[usize]) -> Result<Newest> {
        let first = self.numbers.len() / self.n_columns;
        let index = Index::new(points, Algorithm::Auto)?;
        let near = index.k_nearest(self.select(queries).view(), KEPT_NEW.min(points.nrows()))?;
        let mut places = vec![None; self.near.indices.nrows()];
        queries.iter().enumerate().for_each(|(place, row)| places[*row] = Some(place));
        self.numbers.extend(points.iter());
        Ok(Newest { first, n_new: points.nrows(), places, near })
    }

    /// Offers those of the newest rows that are `members` to the lists of `queries`.
    pub(crate) fn offer_newest(
        &self,
        newest: &Newest,
        members: &[usize],
        is_member: impl Fn(usize) -> bool,
        queries: &[usize],
        lists: &mut [Nearest],
    ) -> Result<()> {
        let mut open = Vec::new();
        for (place, (query, list)) in queries.iter().zip(lists.iter_mut()).enumerate() {
            let mut longer = list.clone();
            if newest.offer(*query, &is_member, &mut longer) {
                *list = longer;
            } else {
                open.push(place);
            }
        }
        let rows: Vec<usize> = open.iter().map(|place| queries[*place]).collect();
        let mut open_lists: Vec<Nearest> = open.iter().map(|place| lists[*place].clone()).collect();
        self.offer(members, &rows, &mut open_lists)?;
        open.into_iter().zip(open_lists).for_each(|(place, list)| lists[place] = list);
        Ok(())
    }
}

impl Newest {
    /// Offers those of the kept rows that are members; whether all others are too far for the list.
    fn offer(&self, query: usize, is_member: impl Fn(usize) -> bool, list: &mut Nearest) -> bool {
        let place = self.places[query].expect("a row that was asked for");
        let near = self.near.indices.row(place).into_iter().zip(self.near.squared_distances.row(place));
        for (row, &squared) in near {
            let row = self.first + row;
            if list.is_closed_to(squared, row) {
                return true;
            }
            if is_member(row) {
                list.offer(squared, row);
            }
        }
        self.near.indices.ncols() == self.n_new
    }
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
        let all = |n: usize, step: usize| -> Vec<usize> { (0..n).filter(|row| row % step == 0).collect() };
        let queries: Vec<usize> = (0..200).collect();
        for step in [1, 2, 37] {
            let is_member = |row: usize| row % step == 0;
            let lists = space.nearest_among(&queries, &all(200, step), is_member, 5).expect("lists");
            for (query, list) in queries.iter().zip(&lists) {
                let expected = expected(points.view(), *query, &all(200, step), 5);
                assert_eq!(list.rows().collect::<Vec<_>>(), expected, "step {step}");
            }
        }
        let mut lists: Vec<Vec<Nearest>> = [1, 2, 37]
            .map(|step| space.nearest_among(&queries, &all(200, step), |row| row % step == 0, 5).expect("lists"))
            .into();
        let new = grid(60, 2);
        let newest = space.add(new.view(), &queries).expect("points");
        let both = ndarray::concatenate(Axis(0), &[points.view(), new.view()]).expect("as wide");
        for (step, lists) in [1, 2, 37].into_iter().zip(&mut lists) {
            let members: Vec<usize> = (200..260).filter(|row| row % step == 0).collect();
            space
                .offer_newest(&newest, &members, |row| row % step == 0, &queries, lists)
                .expect("lists");
            for (query, list) in queries.iter().zip(lists) {
                let expected = expected(both.view(), *query, &all(260, step), 5);
                assert_eq!(list.rows().collect::<Vec<_>>(), expected, "step {step}");
            }
        }
    }
}
