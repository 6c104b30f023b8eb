//! The nearest other points of each point, by comparing each pair once.
//!
//! A score says as much about the one point as about the other, so that half of them are enough.
//! Points stand in blocks, and in round `r` block `i` meets block `i XOR r`. No block is in two of the pairs
//! of a round, so that threads share nothing. Blocks are the leaves of a k-d tree, and those
//! that are near each other in it meet early, which brings near points early.
//!
//! Memory is that of the images and `O(k)` a point.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::Neighbors;
use crate::blocked::{TILE, WIDTH};
use crate::candidates::{Candidates, Space};
use crate::image::NONE;
use crate::kernel::{Few, Scores, scores, set_bits};
use crate::panels::{Panel, Panels};
use crate::question::in_row_order;

/// A block holds at most about so many numbers, so that two of them stay in the cache,
const BLOCK_NUMBERS: usize = 64 * 1024;
/// and so many points.
const BLOCK: usize = 32 * WIDTH;

/// How many points are best put into a block: whole panels, and nearly a power of two of blocks, so that
/// no round has fewer pairs than keep all threads busy.
pub(crate) fn block_size(space: &Space<'_>) -> usize {
    let n_points = space.points().len();
    let most = BLOCK.min(BLOCK_NUMBERS / space.n_columns()).max(WIDTH);
    let blocks = n_points.div_ceil(most).max(4 * rayon::current_num_threads()).next_power_of_two();
    n_points.div_ceil(blocks).next_multiple_of(WIDTH)
}

/// The `k` nearest other points of each, for panels in the order of leaves of [`block_size`] points.
pub(crate) fn nearest_others(space: &Space<'_>, panels: &Panels<WIDTH>, k: usize) -> Neighbors {
    let numbers: Vec<usize> = (0..panels.len()).collect();
    let mut members: Vec<Members<'_>> =
        numbers.into_par_iter().map(|number| Members::new(space, panels.get(number), k)).collect();
    let mut blocks: Vec<&mut [Members<'_>]> = members.chunks_mut(block_size(space) / WIDTH).collect();
    for round in 0..blocks.len().next_power_of_two() {
        let pairs = pairs(&mut blocks, round);
        pairs.into_par_iter().for_each(|(one, other)| Arch::new().dispatch(Meet { space, one, other }));
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

/// The blocks that meet in a round. One without another meets itself.
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

/// The points of a panel and what they know of their neighbours.
struct Members<'a> {
    panel: Panel<'a, WIDTH>,
    /// What they ask of a score.
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

    /// Some of the points, side by side.
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

/// Two blocks meet, or one meets itself.
struct Meet<'a, 'b> {
    space: &'a Space<'a>,
    one: &'a mut [Members<'b>],
    other: Option<&'a mut [Members<'b>]>,
}

impl WithSimd for Meet<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { space, one, other } = self;
        match other {
            Some(others) => {
                for other in others {
                    for one in &mut *one {
                        meet(simd, space, one, other);
                    }
                }
            }
            None => {
                for number in 0..one.len() {
                    let (before, from) = one.split_at_mut(number);
                    meet_itself(simd, space, &mut from[0]);
                    for one in before {
                        meet(simd, space, one, &mut from[0]);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn meet<S: Simd>(simd: S, space: &Space<'_>, one: &mut Members<'_>, other: &mut Members<'_>) {
    for tile in 0..WIDTH / TILE {
        if let Some(scores) = scores(simd, one.few(tile), other.panel, Some(&other.cuts)) {
            offer(space, one, tile, other, &scores);
        }
    }
}

#[inline(always)]
fn meet_itself<S: Simd>(simd: S, space: &Space<'_>, members: &mut Members<'_>) {
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

/// Offers what passes to the points on both sides.
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
    fn all_blocks_meet_once() {
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
