//! A cell as it was written, in any of the formats.

use std::borrow::Cow;

use super::cells::RawCell;

/// A cell as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrittenCell<'a> {
    /// Without quotes.
    pub(crate) text: Cow<'a, str>,
    pub(crate) is_quoted: bool,
}

impl<'a> From<RawCell<'a>> for WrittenCell<'a> {
    fn from(cell: RawCell<'a>) -> Self {
        Self { text: cell.text(), is_quoted: cell.is_quoted() }
    }
}
