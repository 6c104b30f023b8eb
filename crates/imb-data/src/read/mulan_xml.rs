//! The label file that stands beside a Mulan data set: an XML tree of `<label name="…">`.
//!
//! Tsoumakas, Spyromitros-Xioufis, Vilcek and Vlahavas, "Mulan: a Java library for multi-label
//! learning", JMLR 12 (2011). A hierarchy of labels is read as the flat list of all its names.

use std::collections::BTreeSet;
use std::path::Path;

use imb_core::{ReadError, ReadProblem, Result};
use roxmltree::{Document, Node};

use super::source::Text;

/// The names of the labels, in the order of the file.
///
/// # Errors
/// [`Error::Read`](imb_core::Error::Read) if the file is no XML or names no label.
pub fn read_label_names(path: &Path) -> Result<Vec<String>> {
    label_names(&Text::open(path)?)
}

/// The names of the labels in a file that is in memory, which errors call by `name`.
///
/// # Errors
/// As [`read_label_names`].
pub fn read_label_names_bytes(name: &Path, bytes: Vec<u8>) -> Result<Vec<String>> {
    label_names(&Text::new(name, bytes)?)
}

fn label_names(text: &Text) -> Result<Vec<String>> {
    require_plain(text)?;
    let document = Document::parse(&text.content).map_err(|error| {
        let reason: String = error.to_string().chars().take(120).collect();
        syntax(text, u64::from(error.pos().row), &format!("is not well-formed XML: {reason}"))
    })?;
    let line = |node: Node<'_, '_>| u64::from(document.text_pos_at(node.range().start).row);
    let (mut names, mut seen) = (Vec::new(), BTreeSet::new());
    for node in document.descendants().filter(|node| node.tag_name().name() == "label") {
        let Some(name) = node.attribute("name") else {
            return Err(syntax(text, line(node), "a label without a name").into());
        };
        if !seen.insert(name) {
            return Err(syntax(text, line(node), "is the name of two labels").on_text(name).into());
        }
        names.push(name.to_owned());
    }
    if names.is_empty() {
        return Err(syntax(text, 1, "names no <label>").into());
    }
    Ok(names)
}

/// Refuses what no label file holds and what would keep the XML parser busy for hours: its time
/// grows with the square of the attributes of a tag and with the cube of nested namespaces.
fn require_plain(text: &Text) -> Result<()> {
    const ATTRIBUTES: usize = 1000;
    const NAMESPACES: usize = 100;
    let crowded = (text.content.split('<')).any(|tag| tag.matches('=').nth(ATTRIBUTES).is_some());
    if crowded || text.content.matches("xmlns").nth(NAMESPACES).is_some() {
        return Err(syntax(text, 1, "has too many attributes or namespaces for a file of labels").into());
    }
    Ok(())
}

fn syntax(text: &Text, line: u64, problem: &str) -> ReadError {
    text.error(line, ReadProblem::Syntax(problem.to_owned()))
}
