//! The nearest other points of each point, by comparing each pair once.
//!
//! The score of a pair serves both of its points, so half the scores are enough. The points are divided into
//! blocks, and in round `r` block `i` is compared with block `i XOR r`. Each block is in one pair per round,
//! so threads share nothing. The blocks are leaves of a k-d tree, and neighbouring leaves are compared in the
//! first rounds, which lowers the limits early.
//!
//! The memory is that of the images, and `O(k)` per point.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::Neighbors;
use crate::candidates::{Candidates, Space};
use crate::image::NONE;
use crate::kernel::{Few, Scores, TILE, WIDTH, arch, scores, set_bits};
use crate::panels::{Panel, Panels};
use crate::question::in_row_order;

/// The most numbers in a block, about (256 KiB), so that two blocks stay in the cache.
const BLOCK_NUMBERS: usize = 64 * 1024;
/// The most points in a block.
const BLOCK: usize = 32 * WIDTH;

/// The number of points per block. Blocks consist of whole panels, and their number is close to a power of two,
/// so that every round has enough pairs to keep all threads busy.
pub(crate) fn block_size(space: &Space<'_>) -> usize {
    let n_points = space.points().len();
    let most = BLOCK.min(BLOCK_NUMBERS / space.n_columns()).max(WIDTH);
    let blocks = n_points.div_ceil(most).max(4 * rayon::current_num_threads()).next_power_of_two();
    n_points.div_ceil(blocks).next_multiple_of(WIDTH)
}

/// The `k` nearest other points of each point, for panels in the order of leaves of [`block_size`] points.
pub(crate) fn nearest_others(space: &Space<'_>, panels: &Panels<WIDTH>, k: usize) -> Neighbors {
    let numbers: Vec<usize> = (0..panels.len()).collect();
    let mut members: Vec<Members<'_>> =
        numbers.into_par_iter().map(|number| Members::new(space, panels.get(number), k)).collect();
    let mut blocks: Vec<&mut [Members<'_>]> = members.chunks_mut(block_size(space) / WIDTH).collect();
    for round in 0..blocks.len().next_power_of_two() {
        let pairs = pairs(&mut blocks, round);
        pairs.into_par_iter().for_each(|(one, other)| arch().dispatch(Compare { space, one, other }));
    }
    let mut indices = vec![0; panels.rows().len() * k];
    let mut squared = vec![0.0; panels.rows().len() * k];
    let places = indices.par_chunks_mut(WIDTH * k).zip(squared.par_chunks_mut(WIDTH * k));
    places.zip(&mut members).for_each(|((indices, squared), members)| {
        let places = indices.chunks_exact_mut(k).zip(squared.chunks_exact_mut(k));
        for ((indices, squared), (candidates, row)) in places.zip(members.candidates()) {
            let found = candidates.finish(space, space.points().row(row));
            for ((index, distance), nearest) in indices.iter_mut().zip(squared).zip(found) {
                (*distance, *index) = *nearest;
            }
        }
    });
    Neighbors {
        indices: in_row_order(indices, panels.rows(), k),
        squared_distances: in_row_order(squared, panels.rows(), k),
    }
}

/// The pairs of blocks that are compared in a round. A block without a partner is compared with itself.
fn pairs<'a, T>(blocks: &'a mut [&mut [T]], round: usize) -> Vec<(&'a mut [T], Option<&'a mut [T]>)> {
    let mut waiting: Vec<Option<&mut [T]>> = blocks.iter_mut().map(|block| Some(&mut **block)).collect();
    let mut pairs = Vec::with_capacity(waiting.len());
    for one in 0..waiting.len() {
        let other = one ^ round;
        if (one..waiting.len()).contains(&other)
            && let Some(block) = waiting[one].take()
        {
            pairs.push((block, waiting[other].take()));
        }
    }
    pairs
}

/// The points of a panel and the candidates for their neighbours.
struct Members<'a> {
    panel: Panel<'a, WIDTH>,
    /// The lowest score that each point needs.
    cuts: [f32; WIDTH],
    candidates: Vec<Candidates>,
}

impl<'a> Members<'a> {
    fn new(space: &Space<'_>, panel: Panel<'a, WIDTH>, k: usize) -> Self {
        let mut cuts = [NONE; WIDTH];
        let candidates = panel.rows.iter().zip(&mut cuts).map(|(&row, cut)| {
            let length = space.image.of_row(space.points().row(row), |_, _| ());
            let mut candidates = Candidates::new(k);
            candidates.restart(&space.image, length, Some(row));
            *cut = candidates.cut(&space.image, false);
            candidates
        });
        let candidates = candidates.collect();
        Self { panel, cuts, candidates }
    }

    fn candidates(&mut self) -> impl Iterator<Item = (&mut Candidates, usize)> {
        self.candidates.iter_mut().zip(self.panel.rows.iter().copied())
    }

    /// The points of a tile, side by side.
    #[inline(always)]
    fn few(&self, tile: usize) -> Few<'_, impl Iterator<Item = &[f32; TILE]>, TILE> {
        Few {
            starts: &self.panel.starts.as_chunks().0[tile],
            columns: self.panel.columns.iter().map(move |values| &values.as_chunks().0[tile]),
            cuts: &self.cuts.as_chunks().0[tile],
        }
    }

    fn offer(&mut self, space: &Space<'_>, lane: usize, score: f32, other: Panel<'_, WIDTH>, place: usize) {
        let (Some(&own), Some(&row)) = (self.panel.rows.get(lane), other.rows.get(place)) else { return };
        let (candidates, cut) = (&mut self.candidates[lane], &mut self.cuts[lane]);
        if score >= *cut && candidates.offer(space, space.points().row(own), score, other.slack, row) {
            *cut = candidates.cut(&space.image, false);
        }
    }
}

/// The comparison of two blocks, or of a block with itself.
struct Compare<'a, 'b> {
    space: &'a Space<'a>,
    one: &'a mut [Members<'b>],
    other: Option<&'a mut [Members<'b>]>,
}

impl WithSimd for Compare<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { space, one, other } = self;
        match other {
            Some(others) => {
                for other in others {
                    for one in &mut *one {
                        compare(simd, space, one, other);
                    }
                }
            }
            None => {
                for number in 0..one.len() {
                    let (before, from) = one.split_at_mut(number);
                    compare_within(simd, space, &mut from[0]);
                    for one in before {
                        compare(simd, space, one, &mut from[0]);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn compare<S: Simd>(simd: S, space: &Space<'_>, one: &mut Members<'_>, other: &mut Members<'_>) {
    for tile in 0..WIDTH / TILE {
        if let Some(scores) = scores(simd, one.few(tile), other.panel, Some(&other.cuts)) {
            offer(space, one, tile, other, &scores);
        }
    }
}

#[inline(always)]
fn compare_within<S: Simd>(simd: S, space: &Space<'_>, members: &mut Members<'_>) {
    let panel = members.panel;
    for tile in 0..WIDTH / TILE {
        if let Some(scores) = scores(simd, members.few(tile), panel, None) {
            for (lane, of_points) in scores.of_points.iter().enumerate() {
                for place in set_bits(scores.passing[lane]) {
                    members.offer(space, tile * TILE + lane, of_points[place], panel, place);
                }
            }
        }
    }
}

/// Offers the pairs that pass to the points on both sides. Rarely called, so kept out of the hot loop.
#[cold]
#[inline(never)]
fn offer(
    space: &Space<'_>,
    one: &mut Members<'_>,
    tile: usize,
    other: &mut Members<'_>,
    scores: &Scores<WIDTH, TILE>,
) {
    for (lane, of_points) in scores.of_points.iter().enumerate() {
        let row = tile * TILE + lane;
        for place in set_bits(scores.passing[lane]) {
            one.offer(space, row, of_points[place], other.panel, place);
        }
        for place in set_bits(scores.asking[lane]) {
            other.offer(space, place, of_points[place], one.panel, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pairs_of_blocks_are_compared_once() {
        for n_blocks in 1..20 {
            let mut numbers: Vec<usize> = (0..n_blocks).collect();
            let mut blocks: Vec<&mut [usize]> = numbers.chunks_mut(1).collect();
            let mut met: Vec<(usize, usize)> = (0..n_blocks.next_power_of_two())
                .flat_map(|round| {
                    let pairs = pairs(&mut blocks, round).into_iter();
                    let numbers = |(one, other): (&mut [usize], Option<&mut [usize]>)| {
                        (one[0], other.map_or(one[0], |other| other[0]))
                    };
                    pairs.map(numbers).collect::<Vec<_>>()
                })
                .collect();
            met.sort_unstable();
            let all = (0..n_blocks).flat_map(|one| (one..n_blocks).map(move |other| (one, other)));
            assert!(met.into_iter().eq(all), "{n_blocks} blocks");
        }
    }
}
