//! What is known about the nearest points of one query while points are gone through.

use std::borrow::Cow;

use crate::best::Best;
use crate::distance::Rows;
use crate::image::{ANY, Image, Length};

/// Candidates that may wait for their exact distance, besides `2 k`.
const WAITING: usize = 16;

/// The candidates of one query.
///
/// Scores tell early how far the k-th nearest can be; exact distances are computed late, for the few
/// candidates that may still be nearer. Where they are many, because many points are equally far
/// away as far as single precision can tell, they are ranked whenever `2 k + 16` have gathered, so that
/// memory is `O(k)`.
pub(crate) struct Candidates {
    /// Those waiting, but for the last few by score, the highest first.
    waiting: Vec<Candidate>,
    /// So many that wait are put in order again: a few of `k` at a time, so that an offer costs about
    /// constant time whatever `k`.
    patience: usize,
    k: usize,
    /// The k-th nearest is not farther than this key.
    limit: Option<f64>,
    length: Length,
    /// What a key may be off: the query's slack and the largest of those met.
    slack: f64,
    of_others: f64,
    /// The row that is no neighbour: the query's own.
    own: Option<usize>,
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
            patience: k,
            k,
            limit: None,
            length: Length::default(),
            slack: 0.0,
            of_others: 0.0,
            own: None,
            ranked: Best::new(k),
        }
    }

    /// Forgets everything for another query.
    pub(crate) fn restart(&mut self, image: &Image, length: Length, own: Option<usize>) {
        self.waiting.clear();
        self.ranked.clear();
        (self.length, self.own, self.limit, self.patience) = (length, own, None, self.k);
        (self.slack, self.of_others) = (image.slack(length), 0.0);
    }

    /// What a point must score to be a candidate; see [`Image::cut`].
    pub(crate) fn cut(&self, image: &Image, strictly: bool) -> f32 {
        self.limit.map_or(ANY, |limit| image.cut(self.length, limit, strictly))
    }

    /// The squared distance beyond which a box is out of reach; see [`Image::box_cut`].
    pub(crate) fn reach(&self, image: &Image, norm: f64) -> f32 {
        self.limit.map_or(f32::MAX, |limit| image.box_cut(self.length, limit, norm))
    }

    /// Takes a point with this score, from among points whose slacks are at most `slack`. Tells whether
    /// the limit has come down.
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
        self.of_others = self.of_others.max(slack);
        self.waiting.push(Candidate { score, row });
        if self.waiting.len() < self.patience {
            return false;
        }
        let before = self.limit;
        self.settle(&space.image);
        if self.waiting.len() > 2 * self.k + WAITING {
            self.rank(space.points(), query);
            let kth = self.ranked.kth();
            self.tighten(kth.map(|squared| space.image.key_of_distance(self.length, squared)));
        }
        self.patience = self.k.max(self.waiting.len() + 1 + self.k / 4);
        self.limit != before
    }

    /// Ranks what is left and returns squared distances and rows, nearest first.
    pub(crate) fn finish(&mut self, space: &Space<'_>, query: &[f64]) -> &[(f64, usize)] {
        self.settle(&space.image);
        self.rank(space.points(), query);
        self.ranked.sorted()
    }

    /// Puts those waiting in order and drops those too far away.
    fn settle(&mut self, image: &Image) {
        self.waiting.sort_by(|a, b| b.score.total_cmp(&a.score));
        let kth = self.waiting.get(self.k - 1);
        self.tighten(kth.map(|kth| image.key(self.length, kth.score, self.slack + self.of_others)));
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

    fn rank(&mut self, points: Rows<'_>, query: &[f64]) {
        let rows = self.waiting.drain(..).map(|candidate| candidate.row);
        points.compare(query, rows, |squared, row| self.ranked.offer(squared, row));
    }
}

/// The points and how they become images.
pub(crate) struct Space<'a> {
    numbers: Cow<'a, [f64]>,
    n_columns: usize,
    pub(crate) image: Image,
}

impl<'a> Space<'a> {
    /// Takes at least one point, row after row, with at least one column.
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
