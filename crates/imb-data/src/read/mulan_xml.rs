//! The label file that stands beside a Mulan data set: an XML tree of `<label name="…">`.
//!
//! Tsoumakas, Spyromitros-Xioufis, Vilcek and Vlahavas, "Mulan: a Java library for multi-label
//! learning", JMLR 12 (2011). A hierarchy of labels is read as the flat list of all its names.

use std::path::Path;

use imb_core::{ReadProblem, Result};

use super::source::Text;

/// The names of the labels, in the order of the file.
///
/// # Errors
/// [`Error::Read`](imb_core::Error::Read) if the file is no XML or names no label.
pub fn read_label_names(path: &Path) -> Result<Vec<String>> {
    let text = Text::open(path)?;
    let syntax = |line, problem: String| text.error(line, ReadProblem::Syntax(problem));
    let document = roxmltree::Document::parse(&text.content)
        .map_err(|error| syntax(u64::from(error.pos().row), format!("is not well-formed XML: {error}")))?;
    let mut names = Vec::new();
    for node in document.descendants().filter(|node| node.tag_name().name() == "label") {
        let line = u64::from(document.text_pos_at(node.range().start).row);
        let Some(name) = node.attribute("name") else {
            return Err(syntax(line, "a label without a name".to_owned()).into());
        };
        if names.iter().any(|known| known == name) {
            return Err(syntax(line, format!("label \"{name}\" is named twice")).into());
        }
        names.push(name.to_owned());
    }
    if names.is_empty() {
        return Err(syntax(1, "names no <label>".to_owned()).into());
    }
    Ok(names)
}
