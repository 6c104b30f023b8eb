//! The nearest training rows of rows with gaps.
//!
//! Rows are grouped by the columns that they lack. Between a group of rows to fill and a group of
//! training rows the common columns are the same for every pair, so that their nearest neighbours
//! are plain ones in those columns, and one factor scales all their distances. What the groups of
//! training rows yield is then merged by scaled distance.

use std::collections::BTreeMap;
use std::f64::consts::FRAC_1_SQRT_2;

use imb_core::{Column, Error, Result};
use imb_neighbors::k_nearest;
use ndarray::{Array2, ArrayView1, Axis};

use super::summary::category_of;

/// Below so many rows on either side, each pair is compared: no search pays.
const FEW_ROWS: usize = 16;

/// Squared distances and donor numbers, nearest first.
pub(super) type Nearest = Vec<(f64, usize)>;

/// Training rows as points.
pub(super) struct Donors<'a> {
    axes: &'a [Coordinate],
    n_columns: usize,
    /// `(n_donors, n_axes)`, NaN in gaps.
    points: Array2<f64>,
    groups: Vec<RowsWithGaps>,
}

/// Rows that lack the same columns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowsWithGaps {
    /// The columns that are missing, ascending.
    pub(super) columns: Vec<usize>,
    /// The rows, ascending.
    pub(super) rows: Vec<usize>,
}

/// One coordinate of a point.
#[derive(Clone, Debug)]
pub(super) struct Coordinate {
    column: usize,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    /// `(value − center) / scale`.
    Number { center: f64, scale: f64 },
    /// Two rows that differ in category differ on two such axes, by √½ each: 1 in the squared sum.
    Category(usize),
}

impl<'a> Donors<'a> {
    pub(super) fn new(columns: &[Column], n_donors: usize, axes: &'a [Coordinate]) -> Result<Self> {
        let rows: Vec<usize> = (0..n_donors).collect();
        let mut groups = RowsWithGaps::by_columns(columns);
        let mut complete = vec![true; n_donors];
        groups.iter().flat_map(|group| &group.rows).for_each(|&row| complete[row] = false);
        let complete = rows.iter().copied().filter(|&row| complete[row]).collect();
        groups.push(RowsWithGaps { columns: vec![], rows: complete });
        Ok(Self { axes, n_columns: columns.len(), points: points(columns, &rows, axes)?, groups })
    }

    /// For each missing column and each row of the group, the `k` nearest donors that have the
    /// column. They are fewer, or none, where not so many have it and share a column with the row.
    pub(super) fn nearest(
        &self,
        gaps: &RowsWithGaps,
        columns: &[Column],
        k: usize,
    ) -> Result<Vec<Vec<Nearest>>> {
        let queries = points(columns, &gaps.rows, self.axes)?;
        let mut nearest = vec![vec![Nearest::new(); gaps.rows.len()]; gaps.columns.len()];
        for group in &self.groups {
            let filled: Vec<usize> =
                (0..gaps.columns.len()).filter(|&place| group.has(gaps.columns[place])).collect();
            let common: Vec<usize> = (0..self.axes.len())
                .filter(|&axis| gaps.has(self.axes[axis].column) && group.has(self.axes[axis].column))
                .collect();
            if filled.is_empty() || common.is_empty() || group.rows.is_empty() {
                continue;
            }
            let (n_columns, n_common) = (self.n_columns as f64, self.count_columns(&common) as f64);
            for (row, mut found) in self.search(group, &common, &queries, k)?.into_iter().enumerate() {
                found.iter_mut().for_each(|(squared, _)| *squared = *squared * n_columns / n_common);
                for &place in &filled {
                    nearest[place][row].extend(&found);
                    keep_nearest(&mut nearest[place][row], k);
                }
            }
        }
        Ok(nearest)
    }

    /// For each query the nearest donors of one group by these axes.
    fn search(
        &self,
        group: &RowsWithGaps,
        axes: &[usize],
        queries: &Array2<f64>,
        k: usize,
    ) -> Result<Vec<Nearest>> {
        if group.rows.len().min(queries.nrows()) < FEW_ROWS {
            return Ok(queries.outer_iter().map(|query| self.compare_all(group, axes, query, k)).collect());
        }
        let points = self.points.select(Axis(0), &group.rows).select(Axis(1), axes);
        let queries = queries.select(Axis(1), axes);
        let found = k_nearest(points.view(), queries.view(), k.min(group.rows.len()))?;
        let pairs = found.squared_distances.outer_iter().zip(found.indices.outer_iter());
        let nearest = pairs.map(|(squared, indices)| {
            squared.iter().zip(indices).map(|(&squared, &index)| (squared, group.rows[index])).collect()
        });
        Ok(nearest.collect())
    }

    /// The same for one query, summed in the same order, without copying any point.
    fn compare_all(
        &self,
        group: &RowsWithGaps,
        axes: &[usize],
        query: ArrayView1<'_, f64>,
        k: usize,
    ) -> Nearest {
        let squared = |donor: usize| {
            let point = self.points.row(donor);
            axes.iter().fold(0.0, |sum, &axis| {
                let difference = query[axis] - point[axis];
                sum + difference * difference
            })
        };
        let mut found: Nearest = group.rows.iter().map(|&donor| (squared(donor), donor)).collect();
        keep_nearest(&mut found, k);
        found
    }

    /// How many columns these axes belong to.
    fn count_columns(&self, axes: &[usize]) -> usize {
        let mut columns: Vec<usize> = axes.iter().map(|&axis| self.axes[axis].column).collect();
        columns.dedup();
        columns.len()
    }
}

impl RowsWithGaps {
    /// The rows that have gaps, grouped by the columns that they lack.
    pub(super) fn by_columns(columns: &[Column]) -> Vec<Self> {
        let mut lacking: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, column) in columns.iter().enumerate() {
            for (row, value) in column.values.non_zero() {
                if value.is_nan() {
                    lacking.entry(row).or_default().push(number);
                }
            }
        }
        let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (row, columns) in lacking {
            groups.entry(columns).or_default().push(row);
        }
        groups.into_iter().map(|(columns, rows)| Self { columns, rows }).collect()
    }

    /// Whether the rows have a value in this column.
    fn has(&self, column: usize) -> bool {
        self.columns.binary_search(&column).is_err()
    }
}

impl Coordinate {
    /// The coordinate of a column of numbers: distance from the mean in standard deviations.
    pub(super) fn number(column: usize, center: f64, scale: f64) -> Self {
        Self { column, place: Place::Number { center, scale } }
    }

    /// The coordinate of one category of a column.
    pub(super) fn category(column: usize, category: usize) -> Self {
        Self { column, place: Place::Category(category) }
    }

    /// Where a row lies; NaN if it has a gap there.
    fn of(&self, column: &Column, row: usize) -> Result<f64> {
        match self.place {
            Place::Number { center, scale } => {
                let place = (column.values.get(row) - center) / scale;
                if place.is_infinite() {
                    let (name, value) = (column.name.clone(), column.values.get(row));
                    return Err(Error::NotFinite { row, column: name, value });
                }
                Ok(place)
            }
            Place::Category(category) => Ok(category_of(column, row)?
                .map_or(f64::NAN, |found| if found == category { FRAC_1_SQRT_2 } else { 0.0 })),
        }
    }
}

/// These rows as points, `(n_rows, n_axes)`, NaN in gaps.
fn points(columns: &[Column], rows: &[usize], axes: &[Coordinate]) -> Result<Array2<f64>> {
    let mut points = Array2::zeros((rows.len(), axes.len()));
    for (mut places, axis) in points.columns_mut().into_iter().zip(axes) {
        for (place, &row) in places.iter_mut().zip(rows) {
            *place = axis.of(&columns[axis.column], row)?;
        }
    }
    Ok(points)
}

/// Sorts by distance, then by donor number, and keeps the first `k`.
fn keep_nearest(found: &mut Nearest, k: usize) {
    let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if found.len() > k {
        found.select_nth_unstable_by(k - 1, order);
        found.truncate(k);
    }
    found.sort_unstable_by(order);
}

#[cfg(test)]
mod tests {
    use super::super::test_tables::{categorical, numeric, sparse};
    use super::*;

    const NAN: f64 = f64::NAN;

    fn plain(n_columns: usize) -> Vec<Coordinate> {
        (0..n_columns).map(|column| Coordinate::number(column, 0.0, 1.0)).collect()
    }

    #[test]
    fn rows_are_grouped_by_what_they_lack() {
        let columns = [numeric("a", &[NAN, 1.0, NAN, NAN]), sparse("b", &[NAN, 0.0, 1.0, NAN])];
        let groups = RowsWithGaps::by_columns(&columns);
        let group =
            |columns: &[usize], rows: &[usize]| RowsWithGaps { columns: columns.into(), rows: rows.into() };
        assert_eq!(groups, [group(&[0], &[2]), group(&[0, 1], &[0, 3])]);
        assert!(groups[0].has(1) && !groups[0].has(0));
    }

    #[test]
    fn distances_are_scaled_up_from_the_shared_columns() {
        let donors = [
            numeric("a", &[10.0, 20.0, 30.0, NAN]),
            numeric("b", &[1.0, NAN, 2.0, 0.0]),
            numeric("c", &[0.0, 1.0, NAN, 0.0]),
        ];
        let queries = [numeric("a", &[NAN]), numeric("b", &[0.0]), numeric("c", &[0.0])];
        let axes = plain(3);
        let donors = Donors::new(&donors, 4, &axes).expect("numbers");
        let gaps = RowsWithGaps::by_columns(&queries);
        let nearest = donors.nearest(&gaps[0], &queries, 4).expect("numbers");
        // In common with donor 0: b and c, 3/2 · 1; with 1: c, 3 · 1; with 2: b, 3 · 4. Donor 3 lacks a.
        assert_eq!(nearest, [[vec![(1.5, 0), (3.0, 1), (12.0, 2)]]]);
    }

    #[test]
    fn a_row_that_shares_nothing_has_no_donor() {
        let donors = [numeric("a", &[1.0, 2.0]), numeric("b", &[NAN, NAN])];
        let queries = [numeric("a", &[NAN]), numeric("b", &[5.0])];
        let axes = plain(2);
        let donors = Donors::new(&donors, 2, &axes).expect("numbers");
        let gaps = RowsWithGaps::by_columns(&queries);
        assert_eq!(donors.nearest(&gaps[0], &queries, 2).expect("numbers"), [[vec![]]]);
    }

    #[test]
    fn two_categories_are_one_apart() {
        let of = |codes: &[f64]| categorical("a", &["p", "q", "r"], codes);
        let axes = [0, 1, 2].map(|category| Coordinate::category(0, category));
        let axes: Vec<Coordinate> = axes.into_iter().chain([Coordinate::number(1, 0.0, 1.0)]).collect();
        let donors = [of(&[0.0, 1.0, 2.0]), numeric("b", &[7.0, 8.0, 9.0])];
        let donors = Donors::new(&donors, 3, &axes).expect("codes");
        let queries = [of(&[1.0]), numeric("b", &[NAN])];
        let nearest = donors.nearest(&RowsWithGaps::by_columns(&queries)[0], &queries, 3).expect("codes");
        let found: Vec<usize> = nearest[0][0].iter().map(|found| found.1).collect();
        assert_eq!(found, [1, 0, 2]);
        // One of two columns is common.
        approx::assert_abs_diff_eq!(nearest[0][0][1].0, 2.0, epsilon = 1e-15);
    }
}
