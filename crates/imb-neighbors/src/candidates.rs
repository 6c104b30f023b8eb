//! The candidates for the nearest points of one query during a search.

use std::borrow::Cow;

use crate::best::Best;
use crate::distance::Rows;
use crate::image::{ANY, Image, Length};

/// Candidates that may wait for their exact distance, in addition to `2 k`.
const WAITING: usize = 16;

/// The candidates of one query.
///
/// Scores in single precision bound early how far away the k-th nearest point can be. Exact distances are
/// computed late, for the few candidates that may still be nearer. If many points are equally far away as
/// far as single precision can tell, candidates are ranked whenever more than `2 k + 16` wait, so that memory
/// stays `O(k)`.
pub(crate) struct Candidates {
    /// The waiting candidates, by descending score except for the most recent ones.
    waiting: Vec<Candidate>,
    /// When this many candidates wait, they are sorted again: after about `k / 4` new ones, so that an offer
    /// costs about constant time, whatever `k`.
    sort_at: usize,
    k: usize,
    /// An upper bound of the k-th nearest point's key.
    limit: Option<f64>,
    length: Length,
    /// The query's part of the error bound of a key.
    slack: f64,
    /// The other points' part: the largest slack met so far.
    slack_of_others: f64,
    /// The query's own row, if it is one of the points; it is not its own neighbour.
    own: Option<usize>,
    /// The nearest candidates whose exact distance is known.
    ranked: Best,
}

#[derive(Clone, Copy)]
struct Candidate {
    score: f32,
    row: usize,
}

impl Candidates {
    pub(crate) fn new(k: usize) -> Self {
        Self {
            waiting: Vec::with_capacity(k + k / 4 + 2),
            sort_at: k,
            k,
            limit: None,
            length: Length::default(),
            slack: 0.0,
            slack_of_others: 0.0,
            own: None,
            ranked: Best::new(k),
        }
    }

    /// Clears everything for the next query.
    pub(crate) fn restart(&mut self, image: &Image, length: Length, own: Option<usize>) {
        self.waiting.clear();
        self.ranked.clear();
        (self.length, self.own, self.limit, self.sort_at) = (length, own, None, self.k);
        (self.slack, self.slack_of_others) = (image.slack(length), 0.0);
    }

    /// The lowest score of a candidate; see [`Image::cut`].
    pub(crate) fn cut(&self, image: &Image, strictly: bool) -> f32 {
        self.limit.map_or(ANY, |limit| image.cut(self.length, limit, strictly))
    }

    /// The squared distance beyond which a box is out of reach; see [`Image::box_cut`].
    pub(crate) fn reach(&self, image: &Image, norm: f64) -> f32 {
        self.limit.map_or(f32::MAX, |limit| image.box_cut(self.length, limit, norm))
    }

    /// Adds a point with this score, whose slack is at most `slack`. Returns whether the limit has decreased.
    pub(crate) fn offer(
        &mut self,
        space: &Space<'_>,
        query: &[f64],
        score: f32,
        slack: f64,
        row: usize,
    ) -> bool {
        if self.own == Some(row) {
            return false;
        }
        self.slack_of_others = self.slack_of_others.max(slack);
        self.waiting.push(Candidate { score, row });
        if self.waiting.len() < self.sort_at {
            return false;
        }
        let before = self.limit;
        self.settle(&space.image);
        if self.waiting.len() > 2 * self.k + WAITING {
            self.rank(space.points(), query);
            let kth = self.ranked.kth();
            self.tighten(kth.map(|squared| space.image.key_of_distance(self.length, squared)));
        }
        self.sort_at = self.k.max(self.waiting.len() + 1 + self.k / 4);
        self.limit != before
    }

    /// Ranks the remaining candidates and returns squared distances and rows, nearest first.
    pub(crate) fn finish(&mut self, space: &Space<'_>, query: &[f64]) -> &[(f64, usize)] {
        self.settle(&space.image);
        self.rank(space.points(), query);
        self.ranked.sorted()
    }

    /// Sorts the waiting candidates, lowers the limit and drops the candidates beyond it.
    fn settle(&mut self, image: &Image) {
        self.waiting.sort_by(|a, b| b.score.total_cmp(&a.score));
        let kth = self.waiting.get(self.k - 1);
        self.tighten(kth.map(|kth| image.key(self.length, kth.score, self.slack + self.slack_of_others)));
        let cut = self.cut(image, false);
        while self.waiting.last().is_some_and(|last| last.score < cut) {
            self.waiting.pop();
        }
    }

    fn tighten(&mut self, key: Option<f64>) {
        if let Some(key) = key {
            self.limit = Some(self.limit.map_or(key, |limit| limit.min(key)));
        }
    }

    /// Computes the exact distances of the waiting candidates.
    fn rank(&mut self, points: Rows<'_>, query: &[f64]) {
        let rows = self.waiting.drain(..).map(|candidate| candidate.row);
        points.compare(query, rows, |squared, row| self.ranked.offer(squared, row));
    }
}

/// The points, and how they are mapped to images in single precision.
pub(crate) struct Space<'a> {
    numbers: Cow<'a, [f64]>,
    n_columns: usize,
    pub(crate) image: Image,
}

impl<'a> Space<'a> {
    /// Takes at least one point with at least one column; `numbers` holds the points row by row.
    pub(crate) fn new(numbers: Cow<'a, [f64]>, n_columns: usize) -> Self {
        let image = Image::new(Rows::new(&numbers, n_columns));
        Self { numbers, n_columns, image }
    }

    pub(crate) fn points(&self) -> Rows<'_> {
        Rows::new(&self.numbers, self.n_columns)
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.n_columns
    }
}
