//! The data folder: what is in it, whether it is what the catalog says, and how files get there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use imb_core::{Error, ReadError, ReadProblem, Result};
use serde::Serialize;

use crate::catalog::{Catalog, Entry, FileEntry};
use crate::load::{DataDirs, Loaded, has_known_bytes};
use crate::write::write_whole;

/// How a data set in the data folder stands to the catalog.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// The files are those of the catalog, byte for byte once unpacked, and so is the table.
    Verified {
        /// The edition found.
        edition: String,
    },
    /// The table is that of the catalog, but some file is packed or written in another way.
    SameTable {
        /// The edition found.
        edition: String,
        /// The first file that is written differently.
        file: PathBuf,
    },
    /// No fingerprint is known of this edition; its size and class counts are as they should be.
    Unverified {
        /// The edition found.
        edition: String,
        /// The fingerprint found.
        fingerprint: String,
    },
    /// The copy that is compiled in; no file was found.
    BuiltIn,
    /// The files are not the data expected.
    Wrong {
        /// Which file, and what is wrong with it.
        problem: String,
    },
    /// The files are nowhere.
    Missing {
        /// What to put where.
        remedy: String,
    },
}

impl State {
    /// Whether the data set can be used.
    pub fn is_usable(&self) -> bool {
        !matches!(self, Self::Wrong { .. } | Self::Missing { .. })
    }

    /// The state of files that were loaded.
    pub(crate) fn of(loaded: Loaded) -> Self {
        let edition = loaded.edition.name.clone();
        if loaded.files.is_empty() {
            return Self::BuiltIn;
        }
        if loaded.verified_as.is_none() {
            return Self::Unverified { edition, fingerprint: loaded.fingerprint.to_string() };
        }
        let mut files = loaded.edition.all_files().zip(loaded.files);
        match files.find(|(file, path)| !has_known_bytes(file, path)) {
            None => Self::Verified { edition },
            Some((_, file)) => Self::SameTable { edition, file },
        }
    }
}

impl Catalog {
    /// Compares the files of a data set, and the table in them, with the catalog.
    ///
    /// # Errors
    /// None for what is wrong with the data: that is a [`State`]. [`Error::UnknownName`] for a name
    /// that is not in the catalog.
    pub fn verify(&self, name: &str, dirs: &DataDirs) -> Result<State> {
        self.entry(name)?;
        Ok(match self.load(name, None, dirs) {
            Ok(loaded) => State::of(loaded),
            Err(Error::MissingData { remedy, .. }) => State::Missing { remedy },
            Err(error) => State::Wrong { problem: error.to_string() },
        })
    }

    /// Looks for a data set's files in a folder and in those below it, to a depth of eight, checks them and copies
    /// them to their places below another folder. A file appears there whole or not at all. What stands in its
    /// place, and is not what the catalog says, is kept as `NAME.replaced` (`NAME.replaced2` and so on if that is
    /// taken).
    ///
    /// Returns the state of the files found; only usable ones are copied.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not in the catalog; [`Error::InvalidParameter`] for a catalog
    /// whose paths leave the data folder; [`Error::Read`] if the folder cannot be read, [`Error::Write`] if a copy
    /// cannot be written.
    pub fn import(&self, name: &str, from: &Path, to: &Path) -> Result<State> {
        let entry = self.entry(name)?;
        check_paths(entry)?;
        let found = DataDirs::to_import(folders_below(from)?);
        let state = self.verify(name, &found)?;
        if state.is_usable() && state != State::BuiltIn {
            copy_edition(entry, &found, to)?;
        }
        Ok(state)
    }
}

fn copy_edition(entry: &Entry, found: &DataDirs, to: &Path) -> Result<()> {
    let located = |edition: &&crate::Edition| edition.all_files().all(|file| found.locate(file).is_some());
    let Some(edition) = entry.editions.iter().find(located) else { return Ok(()) };
    for file in edition.all_files() {
        let Some(source) = found.locate(file) else { continue };
        let is_packed = source.extension().is_some_and(|extension| extension == "gz");
        let target = to.join(if is_packed { &file.path } else { kept_path(file) });
        let is_itself =
            target.canonicalize().is_ok_and(|path| source.canonicalize().is_ok_and(|it| it == path));
        let is_there = |path: &str| has_known_bytes(file, &to.join(path));
        if !is_itself && !is_there(&file.path) && !is_there(kept_path(file)) {
            set_aside(file, to)?;
            copy_whole(&source, &target)?;
        }
    }
    Ok(())
}

/// Refuses paths that leave the data folder: a catalog may come from anywhere.
pub(crate) fn check_paths(entry: &Entry) -> Result<()> {
    let mut files = entry.editions.iter().flat_map(|edition| edition.all_files());
    match files.find(|file| !stays_inside(&file.path)) {
        None => Ok(()),
        Some(file) => Err(Error::invalid_parameter(
            format!("the path of a file of {}", entry.name),
            "a path below the data folder",
            &file.path,
        )),
    }
}

/// Whether a name, joined to a folder, stays in it on every system.
pub(crate) fn stays_inside(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':');
    let absolute = name.starts_with(['/', '\\']);
    !drive && !absolute && !name.contains('\0') && name.split(['/', '\\']).all(|part| part != "..")
}

/// The path of a file that is kept unpacked, below the data folder.
pub(crate) fn kept_path(file: &FileEntry) -> &str {
    file.path.strip_suffix(".gz").unwrap_or(&file.path)
}

/// Renames what stands in a file's place below a folder, packed or not: it is not what the catalog says.
pub(crate) fn set_aside(file: &FileEntry, folder: &Path) -> Result<()> {
    for path in BTreeSet::from([folder.join(&file.path), folder.join(kept_path(file))]) {
        if path.is_file() {
            let names = std::iter::once("replaced".to_owned()).chain((2..).map(|n| format!("replaced{n}")));
            let mut names = names.map(|name| path.with_added_extension(name));
            let aside = names.find(|aside| std::fs::symlink_metadata(aside).is_err()).expect("a free name");
            tracing::warn!(path = %path.display(), aside = %aside.display(), "set aside");
            std::fs::rename(&path, &aside).map_err(|source| Error::Write { path, source })?;
        }
    }
    Ok(())
}

pub(crate) fn copy_whole(source: &Path, target: &Path) -> Result<()> {
    let bytes = std::fs::read(source).map_err(|error| ReadError::new(source, ReadProblem::Io(error)))?;
    write_whole(target, &bytes)
}

/// A folder and all folders below it, to a depth of eight, in order of their names. Links are not
/// followed. A folder below that cannot be read is left out.
fn folders_below(root: &Path) -> Result<Vec<PathBuf>> {
    const DEPTH: usize = 8;
    let io = |error| ReadError::new(root, ReadProblem::Io(error));
    std::fs::read_dir(root).map_err(io)?;
    let mut folders = vec![(root.to_owned(), 0)];
    let mut next = 0;
    while let Some((folder, depth)) = folders.get(next).cloned() {
        next += 1;
        if depth == DEPTH {
            continue;
        }
        match folders_in(&folder) {
            Ok(below) => folders.extend(below.into_iter().map(|folder| (folder, depth + 1))),
            Err(error) => tracing::warn!(folder = %folder.display(), %error, "left out"),
        }
    }
    Ok(folders.into_iter().map(|(folder, _)| folder).collect())
}

/// The folders in a folder, in order of their names.
fn folders_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut below = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            below.push(entry.path());
        }
    }
    below.sort();
    Ok(below)
}
