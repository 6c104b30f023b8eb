//! What is known about the nearest points of one query while points are gone through.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use crate::best::Best;
use crate::distance::Rows;
use crate::image::{Cut, Image, Length};

/// Candidates waiting for their exact distance, besides `k`.
const WAITING: usize = 64;

/// The candidates of one query.
///
/// Keys tell early how far the k-th nearest can be; exact distances are computed late, for the few
/// candidates that may still be nearer. Where they are many, because many points are equally far
/// away as far as single precision can tell, they are ranked whenever `k + 64` have gathered, so that
/// memory is `O(k)`.
pub(crate) struct Candidates {
    k: usize,
    /// The row that is no neighbour: the query's own.
    own: Option<usize>,
    length: Length,
    /// Bits of the k smallest keys; keys are not negative, so that their bits are in their order.
    keys: BinaryHeap<u64>,
    /// The k-th nearest is not farther than this key.
    limit: Option<f64>,
    waiting: Vec<Waiting>,
    ranked: Best,
    rows: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Waiting {
    score: f32,
    norm: f32,
    row: usize,
}

impl Candidates {
    pub(crate) fn new(k: usize) -> Self {
        Self {
            k,
            own: None,
            length: Length::default(),
            keys: BinaryHeap::with_capacity(k),
            limit: None,
            waiting: Vec::with_capacity(k + WAITING),
            ranked: Best::new(k),
            rows: Vec::with_capacity(k + WAITING),
        }
    }

    /// Forgets everything for another query.
    pub(crate) fn restart(&mut self, length: Length, own: Option<usize>) {
        self.keys.clear();
        self.waiting.clear();
        self.ranked.clear();
        (self.length, self.own, self.limit) = (length, own, None);
    }

    pub(crate) fn length(&self) -> Length {
        self.length
    }

    /// The k-th nearest is not farther than this key, once `k` points have been met.
    pub(crate) fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// What a point must score to be a candidate; see [`Image::cut`].
    pub(crate) fn cut(&self, image: &Image, strictly: bool) -> Cut {
        self.limit.map_or(Cut::ALL, |limit| image.cut(self.length, limit, strictly))
    }

    /// Takes a point with this score, from among points whose norms are at most `norm`. Tells whether
    /// the limit has come down.
    pub(crate) fn offer(
        &mut self,
        space: &Space<'_>,
        query: &[f64],
        score: f32,
        norm: f32,
        row: usize,
    ) -> bool {
        if self.own == Some(row) {
            return false;
        }
        let before = self.limit;
        let key = space.image.key(self.length, score, norm);
        self.take_key(key.to_bits());
        if self.waiting.len() == self.k + WAITING {
            self.make_room(space, query);
        }
        self.waiting.push(Waiting { score, norm, row });
        self.limit != before
    }

    /// Ranks what is left and returns squared distances and rows, nearest first.
    pub(crate) fn finish(&mut self, space: &Space<'_>, query: &[f64]) -> &[(f64, usize)] {
        self.drop_far(&space.image);
        self.rank(space.points(), query);
        self.ranked.sorted()
    }

    fn take_key(&mut self, bits: u64) {
        if self.keys.len() < self.k {
            self.keys.push(bits);
        } else {
            match self.keys.peek_mut() {
                Some(mut largest) if bits < *largest => *largest = bits,
                _ => return,
            }
        }
        if self.keys.len() == self.k {
            self.tighten(self.keys.peek().map(|bits| f64::from_bits(*bits)));
        }
    }

    fn tighten(&mut self, key: Option<f64>) {
        if let Some(key) = key {
            self.limit = Some(self.limit.map_or(key, |limit| limit.min(key)));
        }
    }

    fn make_room(&mut self, space: &Space<'_>, query: &[f64]) {
        self.drop_far(&space.image);
        if self.waiting.len() > self.k + WAITING / 2 {
            self.rank(space.points(), query);
            let kth = self.ranked.kth();
            self.tighten(kth.map(|squared| space.image.key_of_distance(self.length, squared)));
        }
    }

    fn drop_far(&mut self, image: &Image) {
        let cut = self.cut(image, false);
        self.waiting.retain(|point| cut.passes(point.score, point.norm));
    }

    fn rank(&mut self, points: Rows<'_>, query: &[f64]) {
        self.rows.clear();
        self.rows.extend(self.waiting.drain(..).map(|point| point.row));
        points.compare(query, &self.rows, |squared, row| self.ranked.offer(squared, row));
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
