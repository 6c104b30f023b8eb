//! From rows to a file: kept rows as they were read, new ones in the same form, and files that are never
//! seen half-written.

mod cell;
mod destination;
mod head;
mod table;

pub use destination::{Destination, discard_drafts, write_whole};
pub use table::{ExtraCells, ExtraColumn, NewCells, OutTable};
