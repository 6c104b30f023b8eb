//! Memory of a thread for the copies of both sides of a product, kept from product to product.

use std::cell::Cell;

use super::panels::Line;

#[derive(Default)]
pub(crate) struct Scratch<T> {
    /// The tiles of the left side.
    pub(super) high: Vec<T>,
    pub(super) low: Vec<T>,
    /// The panels of the right side.
    pub(super) panels: Vec<Line<T>>,
}

/// A number type with a scratch in each thread.
pub(crate) trait Scratched: Sized {
    /// This thread's scratch; an empty one while another product has it.
    fn take_scratch() -> Scratch<Self>;
    fn keep_scratch(scratch: Scratch<Self>);
}

/// A scratch with more bytes is not kept.
const MOST_KEPT: usize = 8 << 20;

impl<T: Scratched> Scratch<T> {
    pub(super) fn give_back(self) {
        let tiles = (self.high.capacity() + self.low.capacity()) * size_of::<T>();
        if tiles + self.panels.capacity() * size_of::<Line<T>>() <= MOST_KEPT {
            T::keep_scratch(self);
        }
    }
}

macro_rules! scratched {
    ($real:ident, $scratch:ident) => {
        thread_local! {
            static $scratch: Cell<Scratch<$real>> = Cell::default();
        }

        impl Scratched for $real {
            fn take_scratch() -> Scratch<Self> {
                $scratch.take()
            }

            fn keep_scratch(scratch: Scratch<Self>) {
                $scratch.set(scratch);
            }
        }
    };
}

scratched!(f32, SCRATCH_F32);
scratched!(f64, SCRATCH_F64);
