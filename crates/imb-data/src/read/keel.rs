//! KEEL's `.dat`: a header of `@` declarations and comma-separated rows; many copies of the
//! imbalanced sets have lost the header, so it may be absent.
//!
//! Alcalá-Fdez et al., "KEEL data-mining software tool: data set repository", J. Multiple-Valued
//! Logic and Soft Computing 17 (2011).

use imb_core::{ColumnKind, ReadProblem, Result};

use super::declaration::{self, Declaration};
use super::source::Text;
use super::{Header, Parsed, ReadOptions, delimited, plain};

/// Reads a KEEL file.
pub(crate) fn read(text: &Text, options: &ReadOptions) -> Result<Parsed> {
    let declared = text.lines().map(|(_, line)| line.trim()).find(|line| !line.is_empty());
    if !declared.is_some_and(|line| line.starts_with('@')) {
        let header = if options.header == Header::Unstated { Header::Absent } else { options.header };
        return plain(delimited::read(text, &ReadOptions { header, ..options.clone() })?);
    }
    let mut kinds: Vec<(String, ColumnKind)> = Vec::new();
    let mut outputs = Vec::new();
    for (line, content) in text.lines() {
        let content = declaration::without_comment(content).trim();
        if content.is_empty() {
            continue;
        }
        match declaration::parse(content) {
            Ok(Declaration::Attribute(name, kind)) => kinds.push((name, kind)),
            Ok(Declaration::Outputs(names)) => outputs = names,
            Ok(Declaration::Relation(_) | Declaration::Other) => {}
            Ok(Declaration::Data) => {
                let names: Vec<String> = kinds.iter().map(|(name, _)| name.clone()).collect();
                delimited::require_distinct(text, line, &names)?;
                let skip = usize::try_from(line).unwrap_or(usize::MAX);
                let table = delimited::read_declared(text, skip, &kinds)?;
                return Ok(Parsed { table, outputs, label_count: None });
            }
            Err(problem) => return Err(text.error(line, problem).on_text(content).into()),
        }
    }
    let last = text.lines().count() as u64;
    Err(text.error(last, ReadProblem::Syntax("no @data line: the file may be cut short".to_owned())).into())
}
