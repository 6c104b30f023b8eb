//! The inner loops: the scores of a few rows with a panel of points, and the distances to boxes.
//!
//! They are written for vectors of up to eight numbers; `pulp` chooses the widest such that the processor has at run
//! time.

use pulp::{Arch, Simd};

use crate::panels::Panel;

/// Points per panel in the search in blocks: with three rows, the accumulators take 9 of the 16 vector
/// registers of AVX2.
pub(crate) const WIDTH: usize = 24;
/// Rows per tile in the search in blocks.
pub(crate) const TILE: usize = 3;

/// The vector instructions: at most x86-64-v3, since a panel is no whole number of AVX-512's vectors.
pub(crate) fn arch() -> Arch {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3);
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    Arch::new()
}

/// The scores of `Q` rows with the `W` points of a panel.
#[derive(Debug, PartialEq)]
pub(crate) struct Scores<const W: usize, const Q: usize> {
    pub(crate) of_points: [[f32; W]; Q],
    /// For each row, the points whose score reaches the row's cut, as bits.
    pub(crate) passing: [u32; Q],
    /// For each row, the points whose own cut the score reaches, as bits.
    pub(crate) asking: [u32; Q],
}

/// `Q` rows side by side.
#[derive(Clone, Copy)]
pub(crate) struct Few<'a, I, const Q: usize> {
    /// The rows' parts of the scores; see [`crate::image::Image::start`].
    pub(crate) starts: &'a [f32; Q],
    /// The rows' images, column by column.
    pub(crate) columns: I,
    /// The lowest score that each row needs.
    pub(crate) cuts: &'a [f32; Q],
}

/// Computes the scores of `Q` rows with a panel. Returns them if any reaches the cut of its row or, if
/// `cuts_of_points` are given, of its point.
///
/// All accumulators stay in registers: with vectors of eight numbers, 3 rows and 24 points take
/// 9 of 16 registers, which leaves room for the factors.
#[inline(always)]
pub(crate) fn scores<'a, S: Simd, const W: usize, const Q: usize>(
    simd: S,
    rows: Few<'a, impl Iterator<Item = &'a [f32; Q]>, Q>,
    panel: Panel<'_, W>,
    cuts_of_points: Option<&[f32; W]>,
) -> Option<Scores<W, Q>> {
    match const { W / S::F32_LANES } {
        1 => scores_in::<S, W, Q, 1>(simd, rows, panel, cuts_of_points),
        2 => scores_in::<S, W, Q, 2>(simd, rows, panel, cuts_of_points),
        3 => scores_in::<S, W, Q, 3>(simd, rows, panel, cuts_of_points),
        4 => scores_in::<S, W, Q, 4>(simd, rows, panel, cuts_of_points),
        6 => scores_in::<S, W, Q, 6>(simd, rows, panel, cuts_of_points),
        8 => scores_in::<S, W, Q, 8>(simd, rows, panel, cuts_of_points),
        24 => scores_in::<S, W, Q, 24>(simd, rows, panel, cuts_of_points),
        _ => scores_in::<S, W, Q, 32>(simd, rows, panel, cuts_of_points),
    }
}

#[inline(always)]
fn scores_in<'a, S: Simd, const W: usize, const Q: usize, const V: usize>(
    simd: S,
    rows: Few<'a, impl Iterator<Item = &'a [f32; Q]>, Q>,
    panel: Panel<'_, W>,
    cuts_of_points: Option<&[f32; W]>,
) -> Option<Scores<W, Q>> {
    let sums = products::<S, W, Q, V>(simd, rows.starts, rows.columns, panel);
    let mut most = simd.splat_f32s(f32::MIN);
    for (sums, cut) in sums.iter().zip(rows.cuts) {
        let best = sums.iter().copied().reduce(|a, b| simd.max_f32s(a, b)).unwrap_or(most);
        most = simd.max_f32s(most, simd.sub_f32s(best, simd.splat_f32s(*cut)));
    }
    if let Some(cuts) = cuts_of_points {
        for (place, cuts) in vectors::<S, V>(cuts).iter().enumerate() {
            let of_rows = sums.iter().map(|sums| sums[place]);
            let best = of_rows.reduce(|a, b| simd.max_f32s(a, b)).unwrap_or(most);
            most = simd.max_f32s(most, simd.sub_f32s(best, *cuts));
        }
    }
    let passing = simd.greater_than_or_equal_f32s(most, simd.splat_f32s(0.0));
    if simd.first_true_m32s(passing) == S::F32_LANES {
        return None;
    }
    let mut scores = Scores { of_points: [[0.0; W]; Q], passing: [0; Q], asking: [0; Q] };
    for (row, sums) in sums.iter().enumerate() {
        *vectors_mut::<S, V>(&mut scores.of_points[row]) = *sums;
        scores.passing[row] = not_below(simd, sums, &[simd.splat_f32s(rows.cuts[row]); V]);
        if let Some(cuts) = cuts_of_points {
            scores.asking[row] = not_below(simd, sums, vectors::<S, V>(cuts));
        }
    }
    Some(scores)
}

#[inline(always)]
fn products<'a, S: Simd, const W: usize, const Q: usize, const V: usize>(
    simd: S,
    starts: &[f32; Q],
    columns: impl Iterator<Item = &'a [f32; Q]>,
    panel: Panel<'_, W>,
) -> [[S::f32s; V]; Q] {
    let mut sums = [*vectors::<S, V>(panel.starts); Q];
    for (sums, start) in sums.iter_mut().zip(starts) {
        for sum in sums {
            *sum = simd.add_f32s(*sum, simd.splat_f32s(*start));
        }
    }
    for (points, rows) in panel.columns.iter().zip(columns) {
        let points = vectors::<S, V>(points);
        for (sums, value) in sums.iter_mut().zip(rows) {
            let value = simd.splat_f32s(*value);
            for (sum, points) in sums.iter_mut().zip(points) {
                *sum = simd.mul_add_e_f32s(value, *points, *sum);
            }
        }
    }
    sums
}

/// The lanes whose number is not below its limit, as bits.
///
/// `pulp` has no operation that turns a mask into bits, so each lane contributes a power of two to a sum.
#[inline(always)]
fn not_below<S: Simd, const V: usize>(simd: S, numbers: &[S::f32s; V], limits: &[S::f32s; V]) -> u32 {
    let nothing = simd.splat_f32s(0.0);
    let powers = S::as_simd_f32s(&POWERS).0[0];
    let mut bits = 0;
    for (place, (numbers, limits)) in numbers.iter().zip(limits).enumerate() {
        let passing = simd.greater_than_or_equal_f32s(*numbers, *limits);
        let powers = simd.select_f32s(passing, powers, nothing);
        bits |= (simd.reduce_sum_f32s(powers) as u32) << (place * S::F32_LANES);
    }
    bits
}

/// The powers of two of up to 16 lanes.
const POWERS: [f32; 16] = {
    let mut powers = [1.0; 16];
    let mut place = 1;
    while place < 16 {
        powers[place] = 2.0 * powers[place - 1];
        place += 1;
    }
    powers
};

/// The places of the bits that are set.
#[inline(always)]
pub(crate) fn set_bits(mut bits: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (lowest < 32).then_some(lowest)
    })
}

#[inline(always)]
fn vectors<S: Simd, const V: usize>(numbers: &[f32]) -> &[S::f32s; V] {
    S::as_simd_f32s(numbers).0.first_chunk().expect("V vectors")
}

#[inline(always)]
fn vectors_mut<S: Simd, const V: usize>(numbers: &mut [f32]) -> &mut [S::f32s; V] {
    S::as_mut_simd_f32s(numbers).0.first_chunk_mut().expect("V vectors")
}

/// The lowest and the highest value of each of `B` boxes in one column.
pub(crate) type Sides<const B: usize> = [[f32; B]; 2];

/// Squared distances of a query to the nearest point of each of `B` boxes.
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
    use crate::image::{ANY, NONE};
    use crate::panels::Panels;
    use pulp::{Scalar, WithSimd};

    struct Both<'a> {
        panel: Panel<'a, 24>,
        starts: [f32; 4],
        rows: &'a [[f32; 4]],
        cuts: [f32; 4],
        cuts_of_points: [f32; 24],
        boxes: &'a [Sides<16>],
    }

    impl WithSimd for &Both<'_> {
        type Output = (Option<Scores<24, 4>>, [f32; 16]);

        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let query: Vec<[f32; 1]> = self.rows.iter().map(|rows| [rows[2]]).collect();
            let rows = Few { starts: &self.starts, columns: self.rows.iter(), cuts: &self.cuts };
            let scores = scores(simd, rows, self.panel, Some(&self.cuts_of_points));
            (scores, squared_to_boxes(simd, self.boxes, &query))
        }
    }

    /// On small integers every order of the operations is exact.
    #[test]
    fn vectors_of_any_width_compute_the_same() {
        let numbers: Vec<f64> = (0..22 * 5).map(|number| f64::from((number * 29) % 17)).collect();
        let space = Space::new(numbers.into(), 5);
        let panels = Panels::<24>::new(space.points(), &space.image, (0..22).collect());
        let panel = panels.get(0);
        let rows: Vec<[f32; 4]> =
            (0..5u8).map(|column| [0, 1, 2, 3].map(|row| f32::from(row * 7 % (column + 3)))).collect();
        let boxes: Vec<Sides<16>> = panel
            .columns
            .iter()
            .map(|column| column.first_chunk().expect("16 of 24"))
            .map(|low| [*low, low.map(|low| low + 1.0)])
            .collect();
        let starts = [-4.0, 0.0, 3.5, 8.0];
        let score = |row: usize, lane: usize| {
            let products = panel.columns.iter().zip(&rows).map(|(points, rows)| points[lane] * rows[row]);
            panel.starts[lane] + starts[row] + products.sum::<f32>()
        };
        let mut both =
            Both { panel, starts, rows: &rows, cuts: [NONE; 4], cuts_of_points: [NONE; 24], boxes: &boxes };
        assert_eq!(arch().dispatch(&both).0, None);
        both.cuts = [ANY, score(1, 20), NONE, NONE];
        both.cuts_of_points[17] = score(3, 17);
        let (scores, squared) = (&both).with_simd(Scalar);
        assert_eq!(arch().dispatch(&both), (scores, squared));
        let (scores, _) = arch().dispatch(&both);
        let scores = scores.expect("some pass");
        for row in 0..4 {
            for lane in 0..22 {
                assert_eq!(scores.of_points[row][lane], score(row, lane));
                let bits = [scores.passing[row] >> lane & 1, scores.asking[row] >> lane & 1];
                let passing = score(row, lane) >= both.cuts[row];
                let asking = score(row, lane) >= both.cuts_of_points[lane];
                assert_eq!(bits, [u32::from(passing), u32::from(asking)]);
            }
        }
        assert!(scores.passing[1] >> 20 & 1 == 1 && scores.asking[3] >> 17 & 1 == 1);
    }
}
