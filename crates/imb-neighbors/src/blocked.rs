//! Search by comparing with every point, in blocks: the choice in many dimensions.
//!
//! Scores of three queries and 24 points at a time are a small matrix product that stays in
//! registers; a comparison with what each query asks of a score follows at once, so that no matrix of
//! distances is ever written. `O(n_points · n_features)` a query. The images take half the memory of
//! the points; the rest is `O(k)` a query at work.

use pulp::{Arch, Simd, WithSimd};

use crate::Neighbors;
use crate::candidates::{Candidates, Space};
use crate::distance::Rows;
use crate::image::NONE;
use crate::kernel::{Few, Scores, scores, set_bits};
use crate::leaf_order::leaf_order;
use crate::mutual;
use crate::panels::{Panel, Panels};
use crate::question::{Block, FindNearest};

/// Points to a panel.
pub(crate) const WIDTH: usize = 24;
/// Queries to a tile.
pub(crate) const TILE: usize = 3;
/// Tiles that go through the points together hold about so many numbers, to stay in the cache.
const BLOCK_NUMBERS: usize = 32 * 1024;

/// All points, in panels.
pub(crate) struct Blocked<'a> {
    space: Space<'a>,
    panels: Panels<WIDTH>,
}

impl<'a> Blocked<'a> {
    pub(crate) fn new(space: Space<'a>) -> Self {
        let rows = if space.image.on_grid() {
            (0..space.points().len()).collect()
        } else {
            leaf_order(space.points(), mutual::block_size(&space))
        };
        let panels = Panels::new(space.points(), &space.image, rows);
        Self { space, panels }
    }

    pub(crate) fn points(&self) -> Rows<'_> {
        self.space.points()
    }

    /// The `k` nearest other points of each, where comparing each pair once is faster than asking for one
    /// point after the other. On a grid it is not: see [`Self::order`].
    pub(crate) fn nearest_others(&self, k: usize) -> Option<Neighbors> {
        (!self.space.image.on_grid()).then(|| mutual::nearest_others(&self.space, &self.panels, k))
    }

    /// The panels in the order in which they are gone through.
    ///
    /// On a grid, row order: a point at the distance of the k-th of those before it comes after
    /// them, so that ties are passed over at full speed. Elsewhere in strides of the golden ratio, so that
    /// points in some order do not come ever nearer.
    fn order(&self) -> impl Iterator<Item = usize> {
        let n_panels = self.panels.len();
        let stride = if self.space.image.on_grid() { 1 } else { stride(n_panels) };
        (0..n_panels).scan(0, move |next, _| {
            let number = *next;
            *next = (number + stride) % n_panels;
            Some(number)
        })
    }
}

impl FindNearest for Blocked<'_> {
    fn block_size(&self) -> usize {
        let tiles = BLOCK_NUMBERS / (TILE * self.space.n_columns());
        TILE * tiles.clamp(8, 64)
    }

    fn nearest(&self, block: Block<'_>, found: impl FnMut(usize, &[(f64, usize)])) {
        Arch::new().dispatch(GoThrough { points: self, block, found });
    }
}

struct GoThrough<'a, F> {
    points: &'a Blocked<'a>,
    block: Block<'a>,
    found: F,
}

/// Queries side by side.
struct Tile {
    starts: [f32; TILE],
    /// Their images, column by column.
    queries: Vec<[f32; TILE]>,
    cuts: [f32; TILE],
    candidates: Vec<Candidates>,
}

impl<F: FnMut(usize, &[(f64, usize)])> WithSimd for GoThrough<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let points = self.points;
        let mut tiles: Vec<Tile> =
            (0..self.block.len()).step_by(TILE).map(|first| points.tile(self.block, first)).collect();
        for number in points.order() {
            let panel = points.panels.get(number);
            for (tile_number, tile) in tiles.iter_mut().enumerate() {
                let few = Few { starts: &tile.starts, columns: tile.queries.iter(), cuts: &tile.cuts };
                if let Some(scores) = scores(simd, few, panel, None) {
                    points.offer(self.block, tile_number * TILE, tile, panel, &scores);
                }
            }
        }
        let candidates = tiles.iter_mut().flat_map(|tile| &mut tile.candidates);
        for (number, candidates) in candidates.enumerate() {
            (self.found)(number, candidates.finish(&points.space, self.block.query(number)));
        }
    }
}

impl Blocked<'_> {
    fn tile(&self, block: Block<'_>, first: usize) -> Tile {
        let image = &self.space.image;
        let (mut starts, mut cuts) = ([0.0; TILE], [NONE; TILE]);
        let mut queries = vec![[0.0; TILE]; self.space.n_columns()];
        let last = block.len().min(first + TILE);
        let candidates = (first..last).enumerate().map(|(lane, number)| {
            let put = |column: usize, value| queries[column][lane] = value;
            let length = image.of_row(block.query(number), put);
            let mut candidates = Candidates::new(block.k());
            candidates.restart(image, length, block.own(number));
            (starts[lane], cuts[lane]) = (image.start(length), candidates.cut(image, true));
            candidates
        });
        let candidates = candidates.collect();
        Tile { starts, queries, cuts, candidates }
    }

    /// Offers what passes to the queries of a tile.
    #[cold]
    #[inline(never)]
    fn offer(
        &self,
        block: Block<'_>,
        first: usize,
        tile: &mut Tile,
        panel: Panel<'_, WIDTH>,
        scores: &Scores<WIDTH, TILE>,
    ) {
        for (lane, candidates) in tile.candidates.iter_mut().enumerate() {
            let query = block.query(first + lane);
            for place in set_bits(scores.passing[lane]).take_while(|place| *place < panel.rows.len()) {
                let score = scores.of_points[lane][place];
                if score >= tile.cuts[lane]
                    && candidates.offer(&self.space, query, score, panel.slack, panel.rows[place])
                {
                    tile.cuts[lane] = candidates.cut(&self.space.image, true);
                }
            }
        }
    }
}

/// A stride near the golden section of `n` that has no common divisor with it.
fn stride(n: usize) -> usize {
    let golden = (n as f64 * 0.618_034) as usize;
    (golden.max(1)..).find(|&stride| common_divisor(stride, n) == 1).unwrap_or(1)
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
