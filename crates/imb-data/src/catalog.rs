//! The benchmark data of the papers: where each set comes from, how it is read, what it must be.
//!
//! The entries stand in `datasets/catalog.toml`; this file says what an entry may say. The figures
//! that a paper prints of a set stand once, in that paper's `published.toml`; an entry names the
//! row.

use std::collections::BTreeMap;

use imb_core::{Error, Result};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::prepare::Step;
use crate::read::ReadOptions;
use crate::target::TargetRule;

/// All data sets that are known by name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The data sets, in the order of the papers' tables.
    #[serde(rename = "dataset", deserialize_with = "whole_entries")]
    pub entries: Vec<Entry>,
}

/// A data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The name to ask for it by.
    pub name: String,
    /// What it is, in a few words.
    #[serde(default)]
    pub title: String,
    /// The paper or the experiment that uses it.
    #[serde(default)]
    pub paper: String,
    /// Its row in the tables of that paper.
    #[serde(default)]
    pub row: String,
    /// Where it was first published.
    #[serde(default)]
    pub origin: String,
    /// Under what licence.
    #[serde(default)]
    pub licence: String,
    /// The files it may come as; the first whose files are all found is read.
    #[serde(rename = "edition")]
    pub editions: Vec<Edition>,
    /// Other readings of the same files, by name. The plain reading is every row and column.
    #[serde(default, rename = "variant")]
    pub variants: BTreeMap<String, Variant>,
}

/// One form in which a data set is to be had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// A name, where there is more than one.
    #[serde(default = "complete")]
    pub name: String,
    /// The files, in the order in which they are joined; at least one.
    pub files: Vec<FileEntry>,
    /// How several files are joined.
    #[serde(default)]
    pub join: Join,
    /// How the files are read.
    #[serde(default)]
    pub read: ReadOptions,
    /// Which columns are targets.
    pub targets: TargetColumns,
    /// Columns that are no features, such as a row number.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Fingerprints of the parsed table, by the packaging they were taken from. Without one, only
    /// `shape` is checked, if there is one, and the table counts as unverified.
    #[serde(default)]
    pub fingerprints: BTreeMap<String, String>,
    /// What is known of a table without a fingerprint.
    pub shape: Option<Shape>,
    /// What this edition lacks against the set that the paper used.
    pub lacks: Option<Lack>,
    /// What a user should know of it.
    pub remark: Option<String>,
}

fn complete() -> String {
    "complete".to_owned()
}

/// Entries of which every edition has a file. Checked while reading, so that whoever reads a catalog with serde is
/// told the line.
fn whole_entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    let entries = Vec::<Entry>::deserialize(deserializer)?;
    entries.iter().try_for_each(Entry::require_files).map_err(D::Error::custom)?;
    Ok(entries)
}

/// A file of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// The path below the data folder, with `/`.
    pub path: String,
    /// SHA-256 of the unpacked content, where it is known.
    pub sha256: Option<String>,
    /// The part that its rows are, where the set comes split.
    pub part: Option<String>,
    /// A public repository that holds the file unchanged.
    pub mirror: Option<Mirror>,
    /// Where it was first published, if it can be had there without an account.
    pub archive: Option<Archive>,
}

/// A file in a public repository, at a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// Owner and name.
    pub repository: String,
    /// The commit, 40 hexadecimal digits.
    pub commit: String,
    /// The path in the repository.
    pub path: String,
    /// The file's name in it, if that path is a zip archive.
    pub member: Option<String>,
}

/// A file as it was first published.
///
/// Such an address is common knowledge, not a promise: what comes from it is kept only if the table
/// in it is the one of the catalog, and where no fingerprint is known, it counts as unverified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// The address, of a plain file, one packed with gzip, or a zip archive.
    pub url: String,
    /// The file's name in it, if it is a zip archive.
    pub member: Option<String>,
}

/// How several files are joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// One below the other.
    #[default]
    Rows,
    /// Side by side.
    Columns,
}

/// Which columns are targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetColumns {
    /// A class column.
    Class(TargetRule),
    /// That many label columns at the start, or, if negative, at the end.
    LabelCount(i64),
    /// The label columns that a Mulan XML file names.
    LabelXml(FileEntry),
}

/// What is known of a table without a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Number of rows.
    pub n_rows: usize,
    /// Number of feature columns.
    pub n_features: usize,
    /// The fewest and the most rows that the smallest class may have.
    pub minority_rows: [usize; 2],
}

/// What an edition lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lack {
    /// The columns of the paper's table of data sets that cannot be compared for it.
    pub columns: Vec<String>,
    /// Why, and what file would help.
    pub reason: String,
}

/// Another reading of the same files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Variant {
    /// What it is, in a few words.
    pub title: String,
    /// The first data row of each file is lost, as to a reader that expects column names.
    pub drop_first_row: bool,
    /// The rows of each class stand together: by the number of the class, the positive one last.
    pub rows_by_class: bool,
    /// Other label columns: that many at the start, or, if negative, at the end.
    pub label_count: Option<i64>,
    /// Moves a block of labels back that sits too early in some rows.
    pub moved_labels: Option<MovedLabels>,
    /// Steps fitted on all rows, as released code did before it split.
    pub derive: Vec<Step>,
}

/// A defect of a published file: in rows from `from_row` on, the labels sit `by` columns too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovedLabels {
    /// The first row of the defect, from 0.
    pub from_row: usize,
    /// By how many columns.
    pub by: usize,
}

impl Catalog {
    /// The catalog that comes with this crate.
    pub fn built_in() -> Self {
        Self::parse(include_str!("../catalog.toml")).expect("a test reads the catalog")
    }

    /// A catalog from its text, in TOML.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] with the place and what is wrong there.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            Error::invalid_parameter(
                "the catalog",
                "TOML with the fields of a catalog",
                format!("not: {error}"),
            )
        })
    }

    /// The data set of a name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the names there are.
    pub fn entry(&self, name: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.name == name).ok_or_else(|| Error::UnknownName {
            what: "data set".into(),
            name: name.into(),
            known: self.entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl Entry {
    /// Refuses an edition without files: there is nothing to read its rows from.
    fn require_files(&self) -> Result<()> {
        match self.editions.iter().find(|edition| edition.files.is_empty()) {
            None => Ok(()),
            Some(edition) => {
                let name = format!("the files of edition \"{}\" of data set \"{}\"", edition.name, self.name);
                Err(Error::invalid_parameter(name, "a list of at least one file", "empty"))
            }
        }
    }

    /// The variant of a name; no name is the plain reading.
    pub(crate) fn variant(&self, name: Option<&str>) -> Result<Variant> {
        let Some(name) = name else { return Ok(Variant::default()) };
        self.variants.get(name).cloned().ok_or_else(|| Error::UnknownName {
            what: format!("variant of {}", self.name),
            name: name.into(),
            known: self.variants.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }
}

impl Edition {
    /// All its files, the label file among them.
    pub fn all_files(&self) -> impl Iterator<Item = &FileEntry> {
        let labels = match &self.targets {
            TargetColumns::LabelXml(file) => Some(file),
            TargetColumns::Class(_) | TargetColumns::LabelCount(_) => None,
        };
        self.files.iter().chain(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_edition_without_files_is_refused_by_name() {
        let catalog = |files: &str| {
            Catalog::parse(&format!(
                "[[dataset]]\nname = \"mine\"\n[[dataset.edition]]\nname = \"first\"\nfiles = [{files}]\n\
                 targets.label_count = 1\n"
            ))
        };
        assert!(catalog("{ path = \"mine.csv\" }").is_ok());
        let error = catalog("").expect_err("no file");
        assert!(matches!(error, Error::InvalidParameter { .. }));
        let message = error.to_string();
        let expected =
            "the files of edition \"first\" of data set \"mine\" must be a list of at least one file";
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn the_built_in_catalog_is_whole() {
        let catalog = Catalog::built_in();
        let names: BTreeSet<_> = catalog.entries.iter().map(|entry| &entry.name).collect();
        assert_eq!((catalog.entries.len(), names.len()), (22, 22));
        for entry in &catalog.entries {
            let texts = [&entry.title, &entry.paper, &entry.row, &entry.origin, &entry.licence];
            assert!(texts.iter().all(|text| !text.is_empty()), "{}", entry.name);
        }
        for edition in catalog.entries.iter().flat_map(|entry| &entry.editions) {
            assert_eq!(edition.fingerprints.is_empty(), edition.shape.is_some(), "{}", edition.name);
            for file in edition.all_files() {
                assert!(file.sha256.is_some() || edition.shape.is_some(), "{}", file.path);
            }
        }
    }
}
