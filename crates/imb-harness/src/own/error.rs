//! What is wrong with a file of an experiment: where, and what would work.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// A fault in a file of an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1, where it can be told.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
    /// What would work.
    pub remedy: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.problem)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, " ({})", self.remedy) }
    }
}

impl std::error::Error for SpecError {}

/// A file's text, in which faults are located.
pub(super) struct SourceText {
    file: PathBuf,
    text: String,
}

impl SourceText {
    /// Reads a file.
    pub(super) fn read(file: &Path, remedy: &str) -> Result<Self, SpecError> {
        let file = file.to_owned();
        match std::fs::read_to_string(&file) {
            Ok(text) => Ok(Self { file, text }),
            Err(error) => Err(SpecError {
                file,
                line: None,
                problem: format!("cannot be read: {error}"),
                remedy: remedy.to_owned(),
            }),
        }
    }

    /// What the text says; a fault is located by what TOML says of it.
    pub(super) fn parsed<T>(&self, parse: impl Fn(&str) -> Result<T>) -> Result<T, SpecError> {
        parse(&self.text).map_err(|error| {
            let of_toml = error.downcast_ref::<toml::de::Error>();
            // Of a file beside this one, the place is not in this text.
            let is_here = !format!("{error:#}").contains("published.toml");
            let Some(of_toml) = of_toml.filter(|_| is_here) else {
                let problem = format!("{error:#}");
                // What is at fault stands in quotes.
                let name = problem.split('"').nth(1).unwrap_or_default().to_owned();
                return self.at(&name, problem, "");
            };
            let line = of_toml.span().map(|span| 1 + self.text[..span.start].matches('\n').count());
            let problem = of_toml.message().to_owned();
            SpecError { file: self.file.clone(), line, problem, remedy: String::new() }
        })
    }

    /// A fault at the first line that holds a name, as a key or in quotes.
    pub(super) fn at(&self, name: &str, problem: impl ToString, remedy: impl Into<String>) -> SpecError {
        self.within("", name, problem, remedy)
    }

    /// The same, searched from the head of the section of `owner` on, and then in the whole file.
    pub(super) fn within(
        &self,
        owner: &str,
        name: &str,
        problem: impl ToString,
        remedy: impl Into<String>,
    ) -> SpecError {
        let quoted = [format!("\"{name}\""), format!("'{name}'")];
        let holds = |line: &str| {
            !name.is_empty() && (quoted.iter().any(|form| line.contains(form)) || is_key(line, name))
        };
        let is_text = |line: &&str| !line.trim_start().starts_with('#');
        let heads =
            |line: &str| !owner.is_empty() && line.trim_start().starts_with('[') && is_key(line, owner);
        let head = self.text.lines().position(heads).unwrap_or(0);
        let find =
            |from| self.text.lines().enumerate().skip(from).find(|(_, line)| is_text(line) && holds(line));
        let found = find(head).or_else(|| find(0));
        SpecError {
            file: self.file.clone(),
            line: found.map(|(number, _)| number + 1),
            problem: problem.to_string(),
            remedy: remedy.into(),
        }
    }
}

/// Whether a line of TOML sets a key, or heads a table, of this name.
fn is_key(line: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    line.match_indices(name).any(|(start, _)| {
        let after = &line[start + name.len()..];
        let starts = !line[..start].ends_with(is_word);
        starts && (after.trim_start().starts_with('=') || after.starts_with([']', '.']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_key_head_and_text() {
        let text =
            "# smote\nid = \"x\"\n[columns.smote]\nstages = [{ k_neighbors = 3 }]\ncolumns = [\"none\"]\n";
        let text = SourceText { file: "spec.toml".into(), text: text.into() };
        let line = |name: &str| text.at(name, "", "").line;
        assert_eq!([line("smote"), line("k_neighbors"), line("none")], [Some(3), Some(4), Some(5)]);
        assert_eq!(line("neighbors"), None);
        let text = "[a]\nuse = \"cart\"\n[b]\nuse = \"cart\"\n[c]\n";
        let text = SourceText { file: "spec.toml".into(), text: text.into() };
        let line = |owner: &str| text.within(owner, "cart", "", "").line;
        assert_eq!([line("b"), line("a"), line("c"), line("d")], [Some(4), Some(2), Some(2), Some(2)]);
    }
}
