//! Search among mostly zero points, such as bags of words.
//!
//! For each column the points that are not 0 there are listed. A query runs through the lists of its own
//! columns and so adds up its product with every point, in double precision; `|a|² + |b|² − 2ab` is then the
//! squared distance but for rounding. That takes one operation for each pair of cells of the query and a point
//! in one column, rather than one for each column of each point.
//!
//! # The bound
//!
//! Let `m` be the most cells of a row that are not 0, `u = 2⁻⁵³` and `N = |a|² + |b|²`. The computed value and
//! the exact distance of [`crate::distance`] both differ from the true squared distance by rounding: by at most
//! `2(m + 3)uN` and `4(m + 1)uN` (Higham 2002, §3.1). [`Sparse::slack`] allows for more than both, so a point
//! whose value is beyond the k-th exact distance by more than that is no neighbour. Exact distances of the
//! others decide; columns in which both rows are 0 add nothing to them. Whole numbers that are small enough are
//! added up without rounding, and the value is the distance itself.

use std::borrow::Cow;

use crate::best::Best;
use crate::distance::Rows;
use crate::question::{Block, FindNearest};

/// At most one cell in so many may differ from 0.
const LEAST_SPARSITY: usize = 8;
/// One step through a list of points takes as long as so many columns of a pair of points in the dense search.
const COLUMNS_A_STEP: usize = 24;
/// Squared lengths of whole numbers up to here leave room for exact sums and products.
const LARGEST_WHOLE: f64 = (1u64 << 50) as f64;
/// Covers what is lost where squares are below the range of a double.
const FLOOR: f64 = 1e-300;
/// Points whose values are looked at together.
const CHUNK: usize = 16;

/// Points without their zeros, by row and by column.
pub(crate) struct Sparse<'a> {
    numbers: Cow<'a, [f64]>,
    n_columns: usize,
    rows: Cells,
    /// For each column, the rows that are not 0 there, ascending.
    columns: Cells,
    lengths: Vec<Length>,
    squares: Vec<f64>,
    /// The most cells of a row.
    longest: usize,
}

/// Lists of places and numbers, one behind the other.
struct Cells {
    starts: Vec<usize>,
    places: Vec<u32>,
    values: Vec<f64>,
}

/// What the bound needs to know of a row.
#[derive(Clone, Copy, Default)]
struct Length {
    squared: f64,
    /// Whether all its numbers are whole and small.
    is_whole: bool,
}

impl<'a> Sparse<'a> {
    /// The points, row by row, if this search is expected to be faster than the dense one; else the numbers
    /// again.
    pub(crate) fn if_faster(numbers: Cow<'a, [f64]>, n_columns: usize) -> Result<Self, Cow<'a, [f64]>> {
        match Cells::of_rows(&numbers, n_columns, numbers.len() / LEAST_SPARSITY) {
            Some(rows) if steps(&rows, n_columns) < dense_steps(&rows, n_columns) => {
                Ok(Self::of_cells(numbers, n_columns, rows))
            }
            _ => Err(numbers),
        }
    }

    pub(crate) fn new(numbers: Cow<'a, [f64]>, n_columns: usize) -> Self {
        let rows = Cells::of_rows(&numbers, n_columns, usize::MAX).expect("no limit");
        Self::of_cells(numbers, n_columns, rows)
    }

    fn of_cells(numbers: Cow<'a, [f64]>, n_columns: usize, rows: Cells) -> Self {
        let lengths: Vec<Length> = (0..rows.len()).map(|row| Length::of(rows.get(row).1)).collect();
        Self {
            columns: rows.transposed(n_columns),
            squares: lengths.iter().map(|length| length.squared).collect(),
            longest: (0..rows.len()).map(|row| rows.get(row).0.len()).max().unwrap_or(0),
            lengths,
            rows,
            numbers,
            n_columns,
        }
    }

    pub(crate) fn points(&self) -> Rows<'_> {
        Rows::new(&self.numbers, self.n_columns)
    }

    /// The share of `N` by which a value may be off.
    fn slack(&self, n_cells: usize) -> f64 {
        4.0 * (self.longest.max(n_cells) + 8) as f64 * f64::EPSILON
    }

    /// Calls `take` for each point that may be among the nearest, given the products with all points. It
    /// returns the distance from which on points are too far.
    fn candidates(&self, query: Query<'_>, products: &[f64], mut take: impl FnMut(usize) -> f64) {
        let exact = query.length.is_whole && self.lengths.iter().all(|length| length.is_whole);
        let slack = if exact { 0.0 } else { self.slack(query.columns.len()) };
        let (own, kept) =
            ((1.0 - slack) * query.length.squared - if exact { 0.0 } else { FLOOR }, 1.0 - slack);
        // Of whole numbers, a point at the limit has a higher row number than those found and loses the tie.
        let beyond = |value: f64, limit: f64| if exact { value >= limit } else { value > limit };
        let mut limit = f64::INFINITY;
        let chunks = products.chunks(CHUNK).zip(self.squares.chunks(CHUNK));
        for (number, (products, squares)) in chunks.enumerate() {
            let mut least = f64::INFINITY;
            for (product, square) in products.iter().zip(squares) {
                least = least.min(own + kept * square - 2.0 * product);
            }
            if beyond(least, limit) {
                continue;
            }
            for (place, (product, square)) in products.iter().zip(squares).enumerate() {
                if !beyond(own + kept * square - 2.0 * product, limit) {
                    limit = take(number * CHUNK + place);
                }
            }
        }
    }
}

/// A query without its zeros.
#[derive(Clone, Copy)]
struct Query<'a> {
    columns: &'a [u32],
    values: &'a [f64],
    length: Length,
}

impl FindNearest for Sparse<'_> {
    fn block_size(&self) -> usize {
        16
    }

    fn nearest(&self, block: Block<'_>, mut found: impl FnMut(usize, &[(f64, usize)])) {
        let mut products = vec![0.0; self.rows.len()];
        let mut best = Best::new(block.k());
        for number in 0..block.len() {
            best.clear();
            let own = block.own(number);
            let cells;
            let (columns, values) = match own {
                Some(row) => self.rows.get(row),
                None => {
                    cells = cells_of(block.query(number));
                    (cells.0.as_slice(), cells.1.as_slice())
                }
            };
            let query = Query { columns, values, length: Length::of(values) };
            self.find(query, own, &mut products, &mut best);
            found(number, best.sorted());
        }
    }
}

impl Sparse<'_> {
    /// Offers all points that may be among the nearest; `products` are room for one number a point.
    fn find(&self, query: Query<'_>, own: Option<usize>, products: &mut [f64], best: &mut Best) {
        let mut offer = |row: usize| {
            if own != Some(row) {
                best.offer(squared_distance((query.columns, query.values), self.rows.get(row)), row);
            }
            best.kth().unwrap_or(f64::INFINITY)
        };
        if !query.length.squared.is_finite() {
            // No bound holds where squares overflow.
            for row in 0..self.rows.len() {
                offer(row);
            }
            return;
        }
        products.fill(0.0);
        for (column, value) in query.columns.iter().zip(query.values) {
            let (rows, values) = self.columns.get(*column as usize);
            for (row, other) in rows.iter().zip(values) {
                products[*row as usize] += value * other;
            }
        }
        self.candidates(query, products, offer);
    }
}

impl Length {
    fn of(values: &[f64]) -> Self {
        let squared = values.iter().map(|value| value * value).sum();
        let is_whole = squared <= LARGEST_WHOLE && values.iter().all(|value| value.fract() == 0.0);
        Self { squared, is_whole }
    }
}

impl Cells {
    /// The cells of rows that are not 0, unless there are more than `most`.
    fn of_rows(numbers: &[f64], n_columns: usize, most: usize) -> Option<Self> {
        let mut cells = Self { starts: vec![0], places: Vec::new(), values: Vec::new() };
        for row in numbers.chunks_exact(n_columns) {
            append_cells(row, &mut cells.places, &mut cells.values);
            cells.starts.push(cells.places.len());
            if cells.places.len() > most {
                return None;
            }
        }
        Some(cells)
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn get(&self, number: usize) -> (&[u32], &[f64]) {
        let range = self.starts[number]..self.starts[number + 1];
        (&self.places[range.clone()], &self.values[range])
    }

    /// Lists by place, in the order of the lists that they come from.
    fn transposed(&self, n_places: usize) -> Self {
        let mut starts = vec![0; n_places + 1];
        self.places.iter().for_each(|place| starts[*place as usize + 1] += 1);
        (0..n_places).for_each(|place| starts[place + 1] += starts[place]);
        let mut next = starts.clone();
        let (mut places, mut values) = (vec![0; self.places.len()], vec![0.0; self.places.len()]);
        for number in 0..self.len() {
            let (columns, numbers) = self.get(number);
            for (column, value) in columns.iter().zip(numbers) {
                let at = &mut next[*column as usize];
                (places[*at], values[*at]) = (number as u32, *value);
                *at += 1;
            }
        }
        Self { starts, places, values }
    }
}

/// Steps through the lists of all queries if the points are the queries, and one for each pair of points.
fn steps(rows: &Cells, n_columns: usize) -> f64 {
    let mut sizes = vec![0_u32; n_columns];
    rows.places.iter().for_each(|place| sizes[*place as usize] += 1);
    let lists: f64 = sizes.iter().map(|size| f64::from(*size).powi(2)).sum();
    lists + (rows.len() as f64).powi(2)
}

fn dense_steps(rows: &Cells, n_columns: usize) -> f64 {
    (rows.len() as f64).powi(2) * n_columns as f64 / COLUMNS_A_STEP as f64
}

fn cells_of(row: &[f64]) -> (Vec<u32>, Vec<f64>) {
    let (mut places, mut values) = (Vec::new(), Vec::new());
    append_cells(row, &mut places, &mut values);
    (places, values)
}

/// Most pieces of a sparse row hold nothing, which is seen without a branch for each number.
fn append_cells(row: &[f64], places: &mut Vec<u32>, values: &mut Vec<f64>) {
    const PIECE: usize = 16;
    for (number, piece) in row.chunks(PIECE).enumerate() {
        // A double is 0 if all its bits but the sign are.
        let bits = piece.iter().fold(0, |bits, value| bits | (value.to_bits() << 1));
        if bits == 0 {
            continue;
        }
        for (place, value) in piece.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            places.push((number * PIECE + place) as u32);
            values.push(*value);
        }
    }
}

/// As [`crate::distance::squared_distance`], to the last bit: columns that are 0 in both rows add nothing.
fn squared_distance(a: (&[u32], &[f64]), b: (&[u32], &[f64])) -> f64 {
    let (mut sum, mut i, mut j) = (0.0, 0, 0);
    while i < a.0.len() || j < b.0.len() {
        let column = |row: (&[u32], &[f64]), at: usize| row.0.get(at).copied().unwrap_or(u32::MAX);
        let (left, right) = (column(a, i), column(b, j));
        let mut difference = 0.0;
        if left <= right {
            difference += a.1[i];
            i += 1;
        }
        if right <= left {
            difference -= b.1[j];
            j += 1;
        }
        sum += difference * difference;
    }
    sum
}
