//! KEEL's `.dat`: a header of `@` declarations and comma-separated rows; many copies of the
//! imbalanced sets have lost the header, so it may be absent.
//!
//! Alcalá-Fdez et al., "KEEL data-mining software tool: data set repository", J. Multiple-Valued
//! Logic and Soft Computing 17 (2011).

use imb_core::Result;

use super::layout::Form;
use super::source::Text;
use super::{Header, Parsed, ReadOptions, arff, declaration, delimited};

/// Reads a KEEL file.
pub(crate) fn read(text: &Text, options: &ReadOptions) -> Result<Parsed> {
    if declaration::begins(text) {
        return arff::read_declared(text, options, Form::Keel);
    }
    let header = if options.header == Header::Unstated { Header::Absent } else { options.header };
    delimited::read(text, &ReadOptions { header, ..options.clone() })
}
