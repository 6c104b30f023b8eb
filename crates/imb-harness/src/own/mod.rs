//! An experiment of the user's own: a specification and a catalog, read when the program runs.
//!
//! It goes the same way as a paper, through the same [`Paper`], [`Catalog`] and commands. It has no
//! `published.toml`, so its tables show our values only. A fault in one of its files is a [`SpecError`], which
//! names the file, the line and what would work.

mod check;
mod error;
mod first;
mod overrides;
mod stages;

pub use check::is_plain_id;
pub use error::SpecError;
pub use first::{First, Kind, are_names};
pub use overrides::set_parameter;

use std::path::{Path, PathBuf};

use anyhow::Result;
use imb_data::{Catalog, DataDirs, Entry};

use crate::paper::{Paper, paper_names};
use error::SourceText;

/// An experiment of the user's own.
#[derive(Clone, Debug)]
pub struct Own {
    /// What is run.
    pub paper: Paper,
    /// Its data sets.
    pub catalog: Catalog,
    /// The folder of the catalog, in which data files are searched first.
    pub folder: PathBuf,
}

/// The name of the catalog beside a specification.
pub const CATALOG: &str = "catalog.toml";

impl Own {
    /// Reads a specification, and the catalog beside it if no other is named.
    ///
    /// # Errors
    /// [`SpecError`] with the file, the line and what would work.
    pub fn read(spec: &Path, catalog: Option<&Path>) -> Result<Self> {
        let text = SourceText::read(spec, "`imb new experiment NAME data.csv --target COLUMN` writes one")?;
        let folder = folder_of(spec);
        let paper = text.parsed(|text| Paper::own(text, &folder))?;
        check::name(&text, &paper.spec.id, &paper_names())?;
        check::spec(&text, &paper.spec)?;
        let path = catalog.map_or_else(|| folder.join(CATALOG), Path::to_owned);
        let mut catalog = if catalog.is_none() && !path.exists() && !paper.spec.datasets.is_empty() {
            Catalog { entries: Vec::new() }
        } else {
            let text = SourceText::read(&path, "name another with --catalog FILE")?;
            let mut catalog = text.parsed(|text| Ok(toml::from_str::<Catalog>(text)?))?;
            catalog.entries.iter_mut().for_each(|entry| belong_to(entry, &paper.spec.id));
            check::catalog(&text, &catalog, &paper.spec, &folder_of(&path))?;
            catalog
        };
        let built_in = Catalog::built_in();
        for name in &paper.spec.datasets {
            let entry = built_in.entry(name);
            let entry = entry.map_err(|error| text.at(name, error, "correct the list `datasets`"))?;
            let mut entry = entry.clone();
            belong_to(&mut entry, &paper.spec.id);
            check::new_row(&text, &entry, &catalog.entries)?;
            catalog.entries.push(entry);
        }
        check::rows(&text, &paper.spec, &catalog)?;
        check::kinds(&text, &paper.spec, &catalog)?;
        Ok(Self { paper, catalog, folder: folder_of(&path) })
    }

    /// Where its data files are searched.
    #[must_use]
    pub fn dirs(&self, others: DataDirs) -> DataDirs {
        others.starting_with(self.folder.clone())
    }
}

/// Makes a data set one of the experiment's, named as itself where the catalog says no more.
fn belong_to(entry: &mut Entry, id: &str) {
    id.clone_into(&mut entry.paper);
    for text in [&mut entry.row, &mut entry.title] {
        if text.is_empty() {
            text.clone_from(&entry.name);
        }
    }
}

/// The folder that a file is in.
fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
