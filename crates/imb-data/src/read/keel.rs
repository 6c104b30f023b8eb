//! KEEL's `.dat`: a header of `@` declarations and comma-separated rows; many copies of the
//! imbalanced sets have lost the header, so it may be absent.
//!
//! Alcalá-Fdez et al., "KEEL data-mining software tool: data set repository", J. Multiple-Valued
//! Logic and Soft Computing 17 (2011).

use imb_core::Result;

use super::declaration;
use super::source::Text;
use super::{Header, Parsed, ReadOptions, delimited, plain};

/// Reads a KEEL file.
pub(crate) fn read(text: &Text, options: &ReadOptions) -> Result<Parsed> {
    if !declaration::begins(text) {
        let header = if options.header == Header::Unstated { Header::Absent } else { options.header };
        return plain(delimited::read(text, &ReadOptions { header, ..options.clone() })?);
    }
    let head = declaration::head(text)?;
    let table = delimited::read_declared(text, head.data_line, head.attributes)?;
    Ok(Parsed { table, outputs: head.outputs, label_count: None })
}
