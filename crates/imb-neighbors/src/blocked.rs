//! Brute-force search in blocks, the faster search in many dimensions.
//!
//! The scores of three queries with 24 points are a small matrix product that stays in registers. They are
//! compared with each query's threshold at once, so that no matrix of distances is ever written. A query
//! takes `O(n_points · n_features)`. The images take half the memory of the points; the rest is `O(k)` for
//! each query in progress.

use pulp::{Simd, WithSimd};

use crate::Neighbors;
use crate::candidates::{Candidates, Space};
use crate::distance::Rows;
use crate::image::NONE;
use crate::kernel::{Few, Scores, TILE, WIDTH, arch, scores, set_bits};
use crate::leaf_order::leaf_order;
use crate::mutual;
use crate::panels::{Panel, Panels};
use crate::question::{Block, FindNearest};

/// Tiles that visit the points together hold about this many numbers (128 KiB), to stay in the cache.
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

    /// The `k` nearest other points of each point, by comparing each pair once. Returns nothing on a grid, where
    /// answering one query after another is faster: see [`Self::order`].
    pub(crate) fn nearest_others(&self, k: usize) -> Option<Neighbors> {
        (!self.space.image.on_grid()).then(|| mutual::nearest_others(&self.space, &self.panels, k))
    }

    /// The order in which the panels are visited.
    ///
    /// On a grid, the order of the rows: a point as far away as the k-th nearest so far has a higher row number
    /// and loses the tie, so it is skipped at full speed. Elsewhere, strides near the golden ratio: if the rows
    /// are sorted, visiting them in order would bring ever nearer points, each of them a candidate.
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
        arch().dispatch(Scan { points: self, block, found });
    }
}

/// A scan of all points for a block of queries.
struct Scan<'a, F> {
    points: &'a Blocked<'a>,
    block: Block<'a>,
    found: F,
}

/// A few queries side by side.
struct Tile {
    starts: [f32; TILE],
    /// The queries' images, column by column.
    queries: Vec<[f32; TILE]>,
    cuts: [f32; TILE],
    candidates: Vec<Candidates>,
}

impl<F: FnMut(usize, &[(f64, usize)])> WithSimd for Scan<'_, F> {
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

    /// Offers the points that pass a query's threshold to that query. Rarely called once the thresholds have
    /// settled, so it is kept out of the hot loop.
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

/// A stride near the golden section of `n` that is coprime to `n`, so that it visits every number.
fn stride(n: usize) -> usize {
    let golden = (n as f64 * 0.618_034) as usize;
    (golden.max(1)..).find(|&stride| common_divisor(stride, n) == 1).unwrap_or(1)
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
