//! Neighbours with ties ordered as by Weka's linear search, which mulan's MLkNN uses.
//!
//! Weka keeps the k nearest rows in a heap with the farthest on top. Which of several equally far rows
//! is dropped when a nearer one arrives depends on the heap's shape; here by an own heap of the same rules
//! (`weka.core.neighboursearch`, version 3.9.7).

use ndarray::{Array2, ArrayView1, ArrayView2};

/// The `k` nearest of `points` for each of `queries`, `(n_queries, k)`; without the row of the query's own
/// number where queries are the points.
pub(crate) fn k_nearest(
    points: ArrayView2<'_, f64>,
    queries: ArrayView2<'_, f64>,
    k: usize,
    among_points: bool,
) -> Array2<usize> {
    let mut nearest = Array2::zeros((queries.nrows(), k));
    for (number, (query, mut nearest)) in queries.rows().into_iter().zip(nearest.rows_mut()).enumerate() {
        let mut heap = Heap::default();
        for (row, point) in points.rows().into_iter().enumerate() {
            if among_points && row == number {
                continue;
            }
            let distance = squared_distance(query, point);
            if heap.0.len() == k {
                if distance >= heap.0[0].0 {
                    continue;
                }
                heap.pop();
            }
            heap.push(distance, row);
        }
        for place in (0..k).rev() {
            nearest[place] = heap.pop();
        }
    }
    nearest
}

fn squared_distance(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b))
}

/// Distances and row numbers, the farthest first.
#[derive(Default)]
struct Heap(Vec<(f64, usize)>);

impl Heap {
    fn push(&mut self, distance: f64, row: usize) {
        self.0.push((distance, row));
        let mut place = self.0.len() - 1;
        while place > 0 && self.0[place].0 > self.0[(place - 1) / 2].0 {
            self.0.swap(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    fn pop(&mut self) -> usize {
        let (_, row) = self.0.swap_remove(0);
        let mut place = 0;
        while let Some(child) = self.farther_child(place) {
            self.0.swap(place, child);
            place = child;
        }
        row
    }

    /// The child that is farther than its parent; the second if the first is not farther than it.
    fn farther_child(&self, place: usize) -> Option<usize> {
        let (first, second) = (place * 2 + 1, place * 2 + 2);
        let distance = |place: usize| self.0.get(place).map(|(distance, _)| *distance);
        let child = match (distance(first)?, distance(second)) {
            (one, Some(other)) if other >= one => second,
            _ => first,
        };
        (self.0[child].0 > self.0[place].0).then_some(child)
    }
}
