//! A cache of recently used rows of the kernel matrix, with a limit on its memory.

/// Rows of numbers, or their beginnings, by the number of the point they belong to.
pub(super) struct RowCache {
    slots: Vec<Slot>,
    /// The slot of each point, if it has one.
    slot_of: Vec<Option<usize>>,
    /// The most numbers that rows may have room for.
    limit: usize,
    /// The numbers that rows have room for now.
    held: usize,
    clock: u64,
}

struct Slot {
    owner: usize,
    used_at: u64,
    values: Vec<f32>,
}

impl RowCache {
    /// A cache for this number of points. It has room for at least two whole rows, which the solver uses at
    /// once.
    pub(super) fn new(n_points: usize, bytes: usize) -> Self {
        let limit = (bytes / size_of::<f32>()).max(2 * n_points);
        Self { slots: Vec::new(), slot_of: vec![None; n_points], limit, held: 0, clock: 0 }
    }

    /// The cached beginning of a point's row, with room for `len` numbers. The least recently used rows are dropped
    /// if there is no room.
    pub(super) fn row(&mut self, owner: usize, len: usize) -> &mut Vec<f32> {
        self.clock += 1;
        let slot = self.slot_of[owner].unwrap_or_else(|| self.add(owner));
        self.slots[slot].used_at = self.clock;
        let more = len.saturating_sub(self.slots[slot].values.capacity());
        while more > 0 && self.held + more > self.limit && self.slots.len() > 1 {
            self.drop_oldest();
        }
        let slot = self.slot_of[owner].expect("the row used last is not the oldest of several");
        let values = &mut self.slots[slot].values;
        self.held -= values.capacity();
        values.reserve_exact(len.saturating_sub(values.len()));
        self.held += values.capacity();
        values
    }

    fn add(&mut self, owner: usize) -> usize {
        self.slots.push(Slot { owner, used_at: self.clock, values: Vec::new() });
        self.slot_of[owner] = Some(self.slots.len() - 1);
        self.slots.len() - 1
    }

    fn drop_oldest(&mut self) {
        let ages = self.slots.iter().enumerate().map(|(slot, row)| (row.used_at, slot));
        let Some((_, oldest)) = ages.min() else { return };
        let dropped = self.slots.swap_remove(oldest);
        self.held -= dropped.values.capacity();
        self.slot_of[dropped.owner] = None;
        if let Some(moved) = self.slots.get(oldest) {
            self.slot_of[moved.owner] = Some(oldest);
        }
    }

    /// Swaps two points, both as rows and as places within rows.
    pub(super) fn swap(&mut self, one: usize, other: usize) {
        self.slot_of.swap(one, other);
        for point in [one, other] {
            if let Some(slot) = self.slot_of[point] {
                self.slots[slot].owner = point;
            }
        }
        let (first, second) = (one.min(other), one.max(other));
        for Slot { values, .. } in &mut self.slots {
            if second < values.len() {
                values.swap(first, second);
            } else {
                values.truncate(first);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(cache: &mut RowCache, owner: usize, len: usize) {
        let row = cache.row(owner, len);
        (row.len()..len).for_each(|place| row.push((10 * owner + place) as f32));
    }

    #[test]
    fn the_least_recently_used_row_is_dropped() {
        let mut cache = RowCache::new(4, 3 * 4 * size_of::<f32>());
        for owner in [0, 1, 2, 0, 3] {
            fill(&mut cache, owner, 4);
        }
        let there: Vec<bool> = (0..4).map(|owner| cache.slot_of[owner].is_some()).collect();
        assert_eq!(there, [true, false, true, true]);
        assert_eq!(cache.held, 12);
        fill(&mut cache, 1, 2);
        assert_eq!(*cache.row(1, 2), [10.0, 11.0]);
        assert!(cache.held <= 12);
    }

    #[test]
    fn rows_grow_where_they_ended() {
        let mut cache = RowCache::new(4, 0);
        fill(&mut cache, 2, 3);
        assert_eq!(cache.row(2, 4).len(), 3);
        fill(&mut cache, 2, 4);
        assert_eq!(*cache.row(2, 4), [20.0, 21.0, 22.0, 23.0]);
    }

    #[test]
    fn points_are_swapped_in_every_row() {
        let mut cache = RowCache::new(4, 1 << 10);
        fill(&mut cache, 0, 4);
        fill(&mut cache, 1, 2);
        cache.swap(1, 3);
        assert_eq!(*cache.row(0, 4), [0.0, 3.0, 2.0, 1.0]);
        assert_eq!(*cache.row(3, 1), [10.0], "a short row is cut before the first of the two");
        assert!(cache.row(1, 0).is_empty());
    }
}
