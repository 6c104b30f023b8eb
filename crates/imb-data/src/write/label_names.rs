//! The label file that stands beside a Mulan data set.

use std::path::Path;

use imb_core::Result;

use super::write_whole;

/// Writes the names of the labels as Mulan reads them.
///
/// # Errors
/// [`Error::Write`](imb_core::Error::Write) if the file cannot be written.
pub fn write_label_names(path: &Path, names: &[String]) -> Result<()> {
    write_whole(path, xml(names).as_bytes())
}

fn xml(names: &[String]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<labels xmlns=\"");
    text.push_str("http://mulan.sourceforge.net/labels\">\n");
    for name in names {
        text.push_str("<label name=\"");
        name.chars().for_each(|c| push_escaped(&mut text, c));
        text.push_str("\"></label>\n");
    }
    text.push_str("</labels>\n");
    text
}

/// What would end the attribute, or be read as a plain blank in it, is written as a reference.
fn push_escaped(text: &mut String, c: char) {
    match c {
        '<' | '>' | '&' | '"' | '\n' | '\r' | '\t' => text.push_str(&format!("&#{};", u32::from(c))),
        c => text.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_label_names;

    #[test]
    fn names_are_read_back_as_they_were() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("labels.xml");
        let names = ["plain", "a \"b\" & <c>", "two\nlines\t'x'", "é"].map(String::from);
        write_label_names(&path, &names).expect("written");
        assert_eq!(read_label_names(&path).expect("read"), names);
    }
}
