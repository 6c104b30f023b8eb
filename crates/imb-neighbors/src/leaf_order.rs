//! The order of the points in the leaves of a k-d tree.

use crate::distance::Rows;

/// Points per leaf.
pub(crate) const LEAF: usize = 32;
/// How many points are sampled to choose the column of a split.
const SAMPLED: usize = 256;
/// With more points the two halves are split in parallel.
const PARALLEL: usize = 4096;

/// Row numbers in the order of the leaves: each run of `leaf · 2^i` of them that starts at a multiple of its
/// length is one side of a split.
///
/// Points are split by the column in which they are farthest apart. Equal values are separated by row number,
/// so that any number of duplicates can be split.
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

/// The column in which a sample of the points is farthest apart.
fn widest_column(points: Rows<'_>, rows: &[usize]) -> usize {
    let first = points.row(rows[0]);
    let (mut low, mut high) = (first.to_vec(), first.to_vec());
    for &row in rows.iter().step_by(rows.len().div_ceil(SAMPLED)) {
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
