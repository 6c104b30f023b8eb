//! Columns in sorted order, for trees.
//!
//! The different values of a column are numbered in ascending order, those of all columns in one sequence:
//! such a number is a *bin*. A row is the list of its bins. Zeros have no bin, so that a row of a mostly
//! zero matrix is short: the rows of a node that are in none of a column's bins are zero there.

use std::ops::Range;

use crate::sparse_rows::SparseRows;

/// The bins of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SortedColumns {
    /// The first bin of each column, and the end of the last.
    column_starts: Vec<u32>,
    /// The value of each bin, ascending in each column.
    values: Vec<f64>,
    /// Where each row starts among the cells, and where the last one ends.
    row_starts: Vec<u32>,
    /// The bin of each cell, ascending in each row.
    cells: Vec<u32>,
    /// Cells of each column.
    column_sizes: Vec<u32>,
}

impl SortedColumns {
    pub(crate) fn new(rows: &SparseRows) -> Self {
        let (columns, cells) = rows.cells();
        let (ends, places) = places_by_column(columns, rows.n_columns());
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let mut sorted = Self {
            column_starts: vec![0],
            values: Vec::new(),
            row_starts: row_starts((0..rows.n_rows()).map(|row| rows.row(row).0.len())),
            cells: vec![0; cells.len()],
            column_sizes: starts.clone().zip(&ends).map(|(start, end)| (end - start) as u32).collect(),
        };
        let mut room = Vec::new();
        for (start, &end) in starts.zip(&ends) {
            sorted.append_column(&places[start..end], cells, &mut room);
            sorted.column_starts.push(sorted.values.len() as u32);
        }
        sorted
    }

    /// Numbers the values of a column, given the places of its cells.
    fn append_column(&mut self, places: &[u32], cells: &[f64], room: &mut Vec<(u64, u32)>) {
        let value = |place: u32| cells[place as usize];
        let Some(first) = places.first().map(|&place| value(place)) else { return };
        if places.iter().all(|&place| value(place) == first) {
            // A column of 0 and 1 has one bin.
            let bin = self.values.len() as u32;
            self.values.push(first);
            places.iter().for_each(|&place| self.cells[place as usize] = bin);
            return;
        }
        room.clear();
        room.extend(places.iter().map(|&place| (order_of(value(place)), place)));
        room.sort_unstable();
        let mut last = None;
        for &(order, place) in room.iter() {
            if last != Some(order) {
                self.values.push(value(place));
                last = Some(order);
            }
            self.cells[place as usize] = (self.values.len() - 1) as u32;
        }
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.row_starts.len() - 1
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.column_sizes.len()
    }

    pub(crate) fn n_bins(&self) -> usize {
        self.values.len()
    }

    /// The bins of a column.
    pub(crate) fn bins_of(&self, column: usize) -> Range<usize> {
        self.column_starts[column] as usize..self.column_starts[column + 1] as usize
    }

    /// The value of each bin.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The bins of a row, ascending.
    pub(crate) fn row(&self, row: u32) -> &[u32] {
        &self.cells[self.row_starts[row as usize] as usize..self.row_starts[row as usize + 1] as usize]
    }

    /// The value in a row and column.
    pub(crate) fn value(&self, row: u32, column: usize) -> f64 {
        let bins = self.bins_of(column);
        let row = self.row(row);
        let place = row.partition_point(|&bin| (bin as usize) < bins.start);
        match row.get(place) {
            Some(&bin) if (bin as usize) < bins.end => self.values[bin as usize],
            _ => 0.0,
        }
    }

    /// Whether some row has a zero in the column.
    pub(crate) fn has_zero(&self, column: usize) -> bool {
        (self.column_sizes[column] as usize) < self.n_rows()
    }

    /// These rows, in this order, with the bins that they have. A row may be named more than once.
    pub(crate) fn select_rows(&self, rows: &[u32]) -> Self {
        let mut cells: Vec<u32> = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        let used = self.used_bins(&cells);
        let column_starts: Vec<u32> =
            self.column_starts.iter().map(|&start| used.partition_point(|&bin| bin < start) as u32).collect();
        renumber(&mut cells, &used, self.n_bins());
        let mut bin_sizes = vec![0; used.len()];
        cells.iter().for_each(|&bin| bin_sizes[bin as usize] += 1);
        let ends = column_starts.windows(2).map(|ends| ends[0] as usize..ends[1] as usize);
        Self {
            column_sizes: ends.map(|bins| bin_sizes[bins].iter().sum()).collect(),
            values: used.iter().map(|&bin| self.values[bin as usize]).collect(),
            row_starts: row_starts(rows.iter().map(|&row| self.row(row).len())),
            column_starts,
            cells,
        }
    }

    /// These columns, in this order.
    pub(crate) fn select_columns(&self, columns: &[usize]) -> Self {
        let mut new_bins = vec![None; self.n_bins()];
        let mut selected = Self {
            column_starts: vec![0],
            values: Vec::new(),
            row_starts: vec![0],
            cells: Vec::new(),
            column_sizes: columns.iter().map(|&column| self.column_sizes[column]).collect(),
        };
        for &column in columns {
            let bins = self.bins_of(column);
            (selected.values.len() as u32..)
                .zip(bins.clone())
                .for_each(|(new, bin)| new_bins[bin] = Some(new));
            selected.values.extend_from_slice(&self.values[bins]);
            selected.column_starts.push(selected.values.len() as u32);
        }
        for row in 0..self.n_rows() as u32 {
            let start = selected.cells.len();
            selected.cells.extend(self.row(row).iter().filter_map(|&bin| new_bins[bin as usize]));
            selected.cells[start..].sort_unstable();
            selected.row_starts.push(selected.cells.len() as u32);
        }
        selected
    }

    /// The bins of these cells, ascending.
    fn used_bins(&self, cells: &[u32]) -> Vec<u32> {
        if is_few(cells, self.n_bins()) {
            let mut used = cells.to_vec();
            used.sort_unstable();
            used.dedup();
            return used;
        }
        let mut is_used = vec![false; self.n_bins()];
        cells.iter().for_each(|&bin| is_used[bin as usize] = true);
        (0u32..).zip(is_used).filter(|(_, used)| *used).map(|(bin, _)| bin).collect()
    }
}

/// Whether sorting these cells is cheaper than passing over all bins.
fn is_few(cells: &[u32], n_bins: usize) -> bool {
    cells.len() * 16 < n_bins
}

/// Replaces each bin by its place among the used ones.
fn renumber(cells: &mut [u32], used: &[u32], n_bins: usize) {
    if is_few(cells, n_bins) {
        cells.iter_mut().for_each(|bin| *bin = used.partition_point(|used| used < bin) as u32);
        return;
    }
    let mut place = vec![0; n_bins];
    (0u32..).zip(used).for_each(|(new, &bin)| place[bin as usize] = new);
    cells.iter_mut().for_each(|bin| *bin = place[*bin as usize]);
}

/// Whole numbers in the order of the finite numbers that they are made of, which are not 0.
fn order_of(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The places of the cells, column by column, and where those of each column end, given the columns of the cells.
fn places_by_column(columns: &[u32], n_columns: usize) -> (Vec<usize>, Vec<u32>) {
    let mut ends = vec![0; n_columns];
    columns.iter().for_each(|&column| ends[column as usize] += 1);
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    // Each is the start of its column now, and its end when all cells are placed.
    let mut places = vec![0; columns.len()];
    for (place, &column) in (0u32..).zip(columns) {
        places[ends[column as usize]] = place;
        ends[column as usize] += 1;
    }
    (ends, places)
}

/// Where rows of these lengths start, and where the last one ends.
fn row_starts(lengths: impl Iterator<Item = usize>) -> Vec<u32> {
    let ends = lengths.scan(0, |end, length| {
        *end += length as u32;
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}
