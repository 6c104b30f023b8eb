//! The order of the points in a k-d tree's leaves.

use crate::distance::Rows;

/// Points to a leaf.
pub(crate) const LEAF: usize = 32;
/// Points that are looked at to choose a column.
const LOOKED_AT: usize = 256;
/// Above so many points the two halves are split on two threads.
const PARALLEL: usize = 4096;

/// Row numbers such that each run of `leaf · 2^i` of them that starts at a multiple of its length is
/// one side of a split.
///
/// A split is made across the column in which the points are farthest apart. Equal values are parted by
/// row number, so that heaps of duplicates are parted too.
pub(crate) fn leaf_order(points: Rows<'_>, leaf: usize) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..points.len()).collect();
    split(points, &mut rows, leaf);
    rows
}

fn split(points: Rows<'_>, rows: &mut [usize], leaf: usize) {
    if rows.len() <= leaf {
        return;
    }
    let leaves = rows.len().div_ceil(leaf);
    let left = leaf * leaves.next_power_of_two() / 2;
    let column = widest_column(points, rows);
    let value = |row: usize| points.row(row)[column];
    rows.select_nth_unstable_by(left, |&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
    let parallel = rows.len() > PARALLEL;
    let (low, high) = rows.split_at_mut(left);
    if parallel {
        rayon::join(|| split(points, low, leaf), || split(points, high, leaf));
    } else {
        split(points, low, leaf);
        split(points, high, leaf);
    }
}

/// The column in which some of the points are farthest apart.
fn widest_column(points: Rows<'_>, rows: &[usize]) -> usize {
    let first = points.row(rows[0]);
    let (mut low, mut high) = (first.to_vec(), first.to_vec());
    for &row in rows.iter().step_by(rows.len().div_ceil(LOOKED_AT)) {
        for ((low, high), &value) in low.iter_mut().zip(&mut high).zip(points.row(row)) {
            *low = low.min(value);
            *high = high.max(value);
        }
    }
    let width = |column: &usize| high[*column] - low[*column];
    (0..first.len()).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_full_and_split_by_value() {
        let numbers: Vec<f64> = (0..100).map(|row| f64::from((row * 37) % 100)).collect();
        let rows = leaf_order(Rows::new(&numbers, 1), LEAF);
        let values: Vec<f64> = rows.iter().map(|&row| numbers[row]).collect();
        for (number, leaf) in values.chunks(LEAF).enumerate() {
            let (low, high) = ((number * LEAF) as f64, (number * LEAF + leaf.len()) as f64);
            assert!(leaf.iter().all(|value| (low..high).contains(value)), "{leaf:?}");
        }
    }
}
