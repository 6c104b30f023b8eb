//! What is to be predicted in a user's file: the arguments that commands on files share.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use imb_core::Labels;
use imb_data::{Classes, LabelSet, Parsed, TargetRule, read_label_names};

#[derive(Args)]
pub(crate) struct TargetArguments {
    /// The class column: its name, its number from 1 (from the end if negative), or `last`.
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    pub(crate) target: Option<String>,
    /// Treat every value of the class column as a class, even if it looks like a measurement.
    #[arg(long)]
    every_value_a_class: bool,
    /// The label columns, which hold 0 or 1: N for the last N columns, as Mulan counts them, first:N for the
    /// first, or names with commas between them; may be given more than once.
    #[arg(long, value_name = "N|NAMES", allow_hyphen_values = true, conflicts_with = "target")]
    labels: Vec<String>,
    /// A Mulan XML file that names the label columns.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "labels"])]
    pub(crate) xml: Option<PathBuf>,
}

/// What a user wants to be predicted.
pub(crate) enum Asked {
    /// One class a row: the column.
    Classes(String),
    /// Any number of labels a row.
    Labels(LabelSet),
}

impl TargetArguments {
    /// Whether the user says it, or leaves it to the file.
    pub(crate) fn are_given(&self) -> bool {
        self.target.is_some() || self.asks_for_labels()
    }

    /// Whether the user names label columns.
    pub(crate) fn asks_for_labels(&self) -> bool {
        !self.labels.is_empty() || self.xml.is_some()
    }

    /// What is asked for, or else what the file itself says: KEEL with its outputs, MEKA with `-C`.
    pub(crate) fn asked(&self, parsed: &Parsed, file: &Path) -> Result<Asked> {
        if let Some(column) = &self.target {
            return Ok(Asked::Classes(column.clone()));
        }
        if let Some(xml) = &self.xml {
            return Ok(Asked::Labels(LabelSet::Names(read_label_names(xml)?)));
        }
        if !self.labels.is_empty() {
            return Ok(Asked::Labels(label_set(&self.labels, parsed)?));
        }
        if let Some(count) = parsed.label_count {
            return Ok(Asked::Labels(LabelSet::Count(count)));
        }
        if let [output] = parsed.outputs.as_slice() {
            return Ok(Asked::Classes(output.clone()));
        }
        bail!("{}: {}", file.display(), how_to_say(parsed, file));
    }

    /// Whether neither the user nor the file says what is to be predicted.
    pub(crate) fn are_open(&self, parsed: &Parsed) -> bool {
        !self.are_given() && parsed.label_count.is_none() && parsed.outputs.len() != 1
    }

    /// How the values of a class column become classes.
    pub(crate) fn rule(&self, column: &str) -> TargetRule {
        let classes = if self.every_value_a_class { Classes::EachValue } else { Classes::AsWritten };
        TargetRule { column: column.to_owned(), classes }
    }
}

/// Asks whether the first line is a row where that was guessed, and its cell of the class column is a class below.
pub(crate) fn require_name(parsed: &Parsed, column: usize, labels: &Labels, file: &Path) -> Result<()> {
    let name = &parsed.table.columns()[column].name;
    let is_guessed = parsed.guesses.iter().any(|guess| guess.option == "--no-header");
    if is_guessed && labels.classes().contains(name) {
        bail!("{}", is_name_or_class(file, name));
    }
    Ok(())
}

/// The question whether a file begins with names.
pub(crate) fn is_name_or_class(file: &Path, name: &str) -> String {
    format!(
        "{}: \"{name}\" is taken for the name of the column, but it is a class as well: say --header if the file \
         begins with names, --no-header if it does not",
        file.display()
    )
}

/// How to say what is to be predicted in a file.
pub(crate) fn how_to_say(parsed: &Parsed, file: &Path) -> String {
    let last = parsed.table.columns().last().map_or("last", |column| column.name.as_str());
    let xml = xml_beside(file).map(|xml| format!(" ({} lies beside it)", xml.display()));
    format!(
        "say what is to be predicted: --target COL for classes (the last column is \"{last}\"), --labels N or --xml \
         FILE for labels{}",
        xml.unwrap_or_default()
    )
}

/// How many columns are labels, negative at the end of the table: of `N`, `-N` or `first:N`. None of anything else.
pub(super) fn label_count(word: &str) -> Result<Option<i64>> {
    if let Some(count) = word.strip_prefix("first:") {
        return match count.parse() {
            Ok(count) if count > 0 => Ok(Some(count)),
            _ => {
                bail!("--labels {word}: first:N needs a positive number N of label columns, such as first:3")
            }
        };
    }
    // MEKA writes the last two columns as -2.
    Ok(word.parse::<i64>().ok().map(|count| -count.saturating_abs()))
}

/// A count, or names; a word that is the name of a column is that column, commas and all.
fn label_set(words: &[String], parsed: &Parsed) -> Result<LabelSet> {
    let is_column = |word: &str| parsed.table.position(word).is_some();
    if let [word] = words
        && !is_column(word)
        && let Some(count) = label_count(word)?
    {
        return Ok(LabelSet::Count(count));
    }
    let mut names: Vec<String> = Vec::new();
    for word in words {
        let parts = if is_column(word) { vec![word.as_str()] } else { word.split(',').collect() };
        for name in parts {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    Ok(LabelSet::Names(names))
}

/// The XML file of the same name in the same folder, if there is one.
fn xml_beside(file: &Path) -> Option<PathBuf> {
    let stem = file.file_name()?.to_str()?.split('.').next()?;
    Some(file.with_file_name(format!("{stem}.xml"))).filter(|xml| xml.exists())
}
