//! From rows to a file: kept rows as they were read, new ones in the same form, and files that are never
//! seen half-written.

mod cell;
mod destination;
mod head;
mod label_names;
mod sparse;
mod table;
mod writer;

pub use destination::{Destination, discard_drafts, is_same_file, require_writable, write_whole};
pub use label_names::write_label_names;
pub use table::{ChangedCell, ExtraCells, ExtraColumn, NewCells, OutTable};
