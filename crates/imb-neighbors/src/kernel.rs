//! The inner loops: scores of a few queries against a panel of points, and distances to boxes.
//!
//! Vectors are as wide as the processor has them, found out at run time.

use pulp::Simd;

use crate::image::Cut;
use crate::panels::Panel;

/// Scores of `Q` queries and the `W` points of a panel.
pub(crate) type Scores<const W: usize, const Q: usize> = [[f32; W]; Q];

/// What `Q` queries ask of a score.
#[derive(Clone, Copy)]
pub(crate) struct Cuts<const Q: usize> {
    a: [f32; Q],
    b: [f32; Q],
}

impl<const Q: usize> Cuts<Q> {
    /// No query asks for anything.
    pub(crate) const NONE: Self = Self { a: [Cut::NONE.a; Q], b: [Cut::NONE.b; Q] };

    /// Every score passes.
    pub(crate) const ALL: Self = Self { a: [Cut::ALL.a; Q], b: [Cut::ALL.b; Q] };

    pub(crate) fn set(&mut self, query: usize, cut: Cut) {
        (self.a[query], self.b[query]) = (cut.a, cut.b);
    }

    pub(crate) fn get(&self, query: usize) -> Cut {
        Cut { a: self.a[query], b: self.b[query] }
    }
}

/// Computes the scores of `Q` queries, given column by column, and returns them if any passes.
///
/// All accumulators stay in registers: with vectors of eight numbers, 6 queries and 16 points take
/// 12 of them, and so do 12 vectors in any other shape.
#[inline(always)]
pub(crate) fn scores<S: Simd, const W: usize, const Q: usize>(
    simd: S,
    panel: Panel<'_, W>,
    queries: &[[f32; Q]],
    cuts: &Cuts<Q>,
) -> Option<Scores<W, Q>> {
    match const { W / S::F32_LANES } {
        1 => scores_in::<S, W, Q, 1>(simd, panel, queries, cuts),
        2 => scores_in::<S, W, Q, 2>(simd, panel, queries, cuts),
        4 => scores_in::<S, W, Q, 4>(simd, panel, queries, cuts),
        8 => scores_in::<S, W, Q, 8>(simd, panel, queries, cuts),
        16 => scores_in::<S, W, Q, 16>(simd, panel, queries, cuts),
        _ => scores_in::<S, W, Q, 32>(simd, panel, queries, cuts),
    }
}

#[inline(always)]
fn scores_in<S: Simd, const W: usize, const Q: usize, const V: usize>(
    simd: S,
    panel: Panel<'_, W>,
    queries: &[[f32; Q]],
    cuts: &Cuts<Q>,
) -> Option<Scores<W, Q>> {
    let start = vectors::<S, V>(panel.start);
    let mut sums = [*start; Q];
    for (column, queries) in panel.columns.iter().zip(queries) {
        let column = vectors::<S, V>(column);
        for (sums, value) in sums.iter_mut().zip(queries) {
            let value = simd.splat_f32s(*value);
            for (sum, points) in sums.iter_mut().zip(column) {
                *sum = simd.mul_add_e_f32s(value, *points, *sum);
            }
        }
    }
    let norm = simd.splat_f32s(panel.norm);
    let mut most = simd.splat_f32s(f32::MIN);
    for (query, sums) in sums.iter().enumerate() {
        let best = sums.iter().copied().reduce(|a, b| simd.max_f32s(a, b)).unwrap_or(most);
        let above = simd.sub_f32s(best, simd.splat_f32s(cuts.a[query]));
        most = simd.max_f32s(most, simd.mul_add_e_f32s(simd.splat_f32s(cuts.b[query]), norm, above));
    }
    let passing = simd.greater_than_or_equal_f32s(most, simd.splat_f32s(0.0));
    if simd.first_true_m32s(passing) == S::F32_LANES {
        return None;
    }
    let mut scores = [[0.0; W]; Q];
    for (scores, sums) in scores.iter_mut().zip(&sums) {
        *vectors_mut::<S, V>(scores) = *sums;
    }
    Some(scores)
}

#[inline(always)]
fn vectors<S: Simd, const V: usize>(numbers: &[f32]) -> &[S::f32s; V] {
    S::as_simd_f32s(numbers).0.first_chunk().expect("V vectors")
}

#[inline(always)]
fn vectors_mut<S: Simd, const V: usize>(numbers: &mut [f32]) -> &mut [S::f32s; V] {
    S::as_mut_simd_f32s(numbers).0.first_chunk_mut().expect("V vectors")
}

/// One side of `B` boxes: the lowest and the highest values in one column.
pub(crate) type Sides<const B: usize> = [[f32; B]; 2];

/// Squared distances of a query to the nearest place in each of `B` boxes.
#[inline(always)]
pub(crate) fn squared_to_boxes<S: Simd, const B: usize>(
    simd: S,
    boxes: &[Sides<B>],
    query: &[[f32; 1]],
) -> [f32; B] {
    match const { B / S::F32_LANES } {
        1 => squared_to_boxes_in::<S, B, 1>(simd, boxes, query),
        2 => squared_to_boxes_in::<S, B, 2>(simd, boxes, query),
        4 => squared_to_boxes_in::<S, B, 4>(simd, boxes, query),
        8 => squared_to_boxes_in::<S, B, 8>(simd, boxes, query),
        _ => squared_to_boxes_in::<S, B, 16>(simd, boxes, query),
    }
}

#[inline(always)]
fn squared_to_boxes_in<S: Simd, const B: usize, const V: usize>(
    simd: S,
    boxes: &[Sides<B>],
    query: &[[f32; 1]],
) -> [f32; B] {
    let zero = simd.splat_f32s(0.0);
    let mut sums = [zero; V];
    for ([low, high], [value]) in boxes.iter().zip(query) {
        let (low, high) = (vectors::<S, V>(low), vectors::<S, V>(high));
        let value = simd.splat_f32s(*value);
        for ((sum, low), high) in sums.iter_mut().zip(low).zip(high) {
            let outside = simd.max_f32s(simd.sub_f32s(*low, value), simd.sub_f32s(value, *high));
            let outside = simd.max_f32s(outside, zero);
            *sum = simd.mul_add_e_f32s(outside, outside, *sum);
        }
    }
    let mut squared = [0.0; B];
    *vectors_mut::<S, V>(&mut squared) = sums;
    squared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidates::Space;
    use crate::panels::Panels;
    use pulp::{Arch, Scalar, WithSimd};

    struct Both<'a> {
        panel: Panel<'a, 16>,
        queries: &'a [[f32; 6]],
        boxes: &'a [Sides<16>],
    }

    impl WithSimd for Both<'_> {
        type Output = (Option<Scores<16, 6>>, [f32; 16]);

        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let query: Vec<[f32; 1]> = self.queries.iter().map(|queries| [queries[2]]).collect();
            let scores = scores(simd, self.panel, self.queries, &Cuts::ALL);
            (scores, squared_to_boxes(simd, self.boxes, &query))
        }
    }

    /// Small integers: every way to compute is exact.
    #[test]
    fn vectors_of_any_width_compute_the_same() {
        let numbers: Vec<f64> = (0..14 * 5).map(|number| f64::from((number * 29) % 17)).collect();
        let space = Space::new(numbers.into(), 5);
        let panels = Panels::<16>::new(space.points(), &space.image, (0..14).collect());
        let queries: Vec<[f32; 6]> = (0..5u8)
            .map(|column| [0, 1, 2, 3, 4, 5].map(|query| f32::from(query * 7 % (column + 3))))
            .collect();
        let boxes: Vec<Sides<16>> =
            panels.get(0).columns.iter().map(|low| [*low, low.map(|low| low + 1.0)]).collect();
        let both = || Both { panel: panels.get(0), queries: &queries, boxes: &boxes };
        let (scores, squared) = both().with_simd(Scalar);
        assert_eq!(Arch::new().dispatch(both()), (scores, squared));
        let (scores, panel) = (scores.expect("all pass"), panels.get(0));
        for (query, scores) in scores.iter().enumerate() {
            for (lane, _) in panel.rows.iter().enumerate() {
                let products = panel
                    .columns
                    .iter()
                    .zip(&queries)
                    .map(|(points, query_values)| points[lane] * query_values[query]);
                assert_eq!(scores[lane], panel.start[lane] + products.sum::<f32>());
            }
        }
        let mut none = Cuts::NONE;
        assert_eq!(super::scores(Scalar, panel, &queries, &none), None);
        none.set(4, Cut { a: scores[4][13], b: 0.0 });
        assert!(super::scores(Scalar, panel, &queries, &none).is_some());
    }
}
