//! From a name in the catalog to a checked table: find the files, read them, compare the
//! fingerprint, apply the variant.

use std::ops::Range;
use std::path::{Path, PathBuf};

use imb_core::{Column, ColumnKind, Error, Result, Table, Target, Values};

use crate::catalog::{Catalog, Edition, Entry, FileEntry, Join, MovedLabels, TargetColumns, Variant};
use crate::describe::AnyTable;
use crate::fingerprint::{Fingerprint, content_hash, sha256};
use crate::join;
use crate::prepare::{PrepareTarget, Step, prepare_leaking_as_released};
use crate::read::{self, source};
use crate::target::{LabelSet, TargetRule};

/// The folders in which data files are looked for, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDirs {
    folders: Vec<PathBuf>,
    /// Of several files of a name, the one with the right content; links are no files.
    is_import: bool,
}

impl DataDirs {
    /// A folder if one is named, else the one in `IMB_DATA`; then the user's cache folder.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the folder that is named does not exist.
    pub fn find(named: Option<&Path>) -> Result<Self> {
        let from_environment =
            || std::env::var_os("IMB_DATA").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let named = named.map(Path::to_owned).or_else(from_environment);
        if let Some(dir) = named.as_ref().filter(|dir| !dir.is_dir()) {
            return Err(Error::invalid_parameter(
                "the data folder (--data or IMB_DATA)",
                "an existing folder",
                dir.display(),
            ));
        }
        Ok(Self::only(named.into_iter().chain(user_cache()).collect()))
    }

    /// Only these folders.
    pub fn only(folders: Vec<PathBuf>) -> Self {
        Self { folders, is_import: false }
    }

    /// The same, with a folder that is searched first.
    #[must_use]
    pub fn starting_with(mut self, folder: PathBuf) -> Self {
        self.folders.insert(0, folder);
        self
    }

    /// The folders, in the order in which they are searched.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Folders whose files are to be imported: of several files of a name, the one with the right content is
    /// taken, and links are not followed.
    pub(crate) fn to_import(folders: Vec<PathBuf>) -> Self {
        Self { folders, is_import: true }
    }

    /// Where a file is: at its path in one of the folders or by its name alone; packed or not.
    pub fn locate(&self, file: &FileEntry) -> Option<PathBuf> {
        let mut places = self.folders.iter().flat_map(|folder| places_in(folder, file));
        if !self.is_import {
            return places.find(|path| path.is_file());
        }
        let is_file = |path: &PathBuf| std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
        let found: Vec<PathBuf> = places.filter(is_file).collect();
        let right = found.iter().find(|path| found.len() > 1 && has_known_bytes(file, path));
        right.or_else(|| found.first()).cloned()
    }

    /// What to do about files that are nowhere.
    pub(crate) fn remedy(&self, entry: &Entry) -> String {
        let files = |edition: &Edition| {
            edition.all_files().map(|file| file.path.as_str()).collect::<Vec<_>>().join(" and ")
        };
        let wanted: Vec<String> = entry.editions.iter().map(files).collect();
        let dirs: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
        format!(
            "Put {} into one of {}, or name the folder with --data or IMB_DATA; `cargo xtask data import FOLDER` \
             sorts files from a folder. First published at {}",
            wanted.join(", or "),
            dirs.join(", "),
            entry.origin
        )
    }
}

/// Where a file may lie in a folder: at its path or by its name alone, packed or not.
fn places_in(folder: &Path, file: &FileEntry) -> Vec<PathBuf> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let forms = [file.path.as_str(), name].map(|path| [Some(path), path.strip_suffix(".gz")]);
    forms.into_iter().flatten().flatten().map(|path| folder.join(path)).collect()
}

/// The folder that data are kept in when no other is named.
pub fn user_cache() -> Option<PathBuf> {
    dirs::cache_dir().map(|dir| dir.join("imb"))
}

/// A table from the catalog, and its provenance.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The table.
    pub table: AnyTable,
    /// The parts that the set comes in, such as `train` and `test`, as rows of the table.
    pub parts: Vec<(String, Range<usize>)>,
    /// The edition that was read.
    pub edition: Edition,
    /// The fingerprint of what was read, before the variant was applied.
    pub fingerprint: Fingerprint,
    /// The packaging whose fingerprint it is; none if no fingerprint is known of this edition.
    pub verified_as: Option<String>,
    /// The files that were read; none for a copy that is built in.
    pub files: Vec<PathBuf>,
}

impl AnyTable {
    /// Applies steps that are fitted on **all** rows, test rows included, as released code does.
    ///
    /// # Errors
    /// As the steps say.
    pub fn prepared_leaking_as_released(self, steps: &[Step]) -> Result<Self> {
        Ok(match self {
            Self::SingleLabel(table) => Self::SingleLabel(derived(table, steps)?),
            Self::MultiLabel(table) => Self::MultiLabel(derived(table, steps)?),
        })
    }
}

impl Catalog {
    /// Loads a data set in its plain reading, or in one of its variants.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not in the catalog; [`Error::MissingData`] if its
    /// files are nowhere; [`Error::Unrecognised`] if they are not the data expected; [`Error::Read`]
    /// if they cannot be read.
    pub fn load(&self, name: &str, variant: Option<&str>, dirs: &DataDirs) -> Result<Loaded> {
        let entry = self.entry(name)?;
        let variant = entry.variant(variant)?;
        let raw = read_raw(entry, &variant, dirs)?;
        tracing::debug!(name, edition = raw.edition.name, files = ?raw.files, "read");
        let (fingerprint, verified_as) = recognise(&raw)?;
        let table = finish(raw.varied, &raw.edition, &variant, &raw.files)?;
        Ok(Loaded {
            table,
            parts: raw.parts,
            fingerprint,
            verified_as,
            files: raw.files,
            edition: raw.edition,
        })
    }
}

/// The table before targets are taken out.
struct Raw {
    edition: Edition,
    files: Vec<PathBuf>,
    /// As the files hold it.
    plain: Table<()>,
    /// As the variant reads it.
    varied: Table<()>,
    parts: Vec<(String, Range<usize>)>,
}

fn read_raw(entry: &Entry, variant: &Variant, dirs: &DataDirs) -> Result<Raw> {
    let located = |edition: &Edition| {
        edition.all_files().map(|file| dirs.locate(file)).collect::<Option<Vec<PathBuf>>>()
    };
    let found = entry.editions.iter().find_map(|edition| located(edition).map(|files| (edition, files)));
    let Some((edition, files)) = found else {
        return built_in(entry, variant).unwrap_or_else(|| {
            Err(Error::MissingData { dataset: entry.name.clone(), remedy: dirs.remedy(entry) })
        });
    };
    let tables: Vec<Table<()>> = edition
        .files
        .iter()
        .zip(&files)
        .map(|(_, path)| Ok(read::read(path, &edition.read)?.table))
        .collect::<Result<_>>()?;
    Raw::join(edition.clone(), files, tables, variant)
}

/// The copy that is compiled in, if there is one.
fn built_in(entry: &Entry, variant: &Variant) -> Option<Result<Raw>> {
    #[cfg(feature = "embedded")]
    if entry.name == crate::embedded::NAME {
        let edition = entry.editions.first()?.clone();
        let raw =
            crate::embedded::table().and_then(|table| Raw::join(edition, Vec::new(), vec![table], variant));
        return Some(raw);
    }
    let _ = (entry, variant);
    None
}

impl Raw {
    fn join(
        edition: Edition,
        files: Vec<PathBuf>,
        tables: Vec<Table<()>>,
        variant: &Variant,
    ) -> Result<Self> {
        let plain = joined(tables.clone(), edition.join)?;
        let tables: Vec<Table<()>> = if variant.drop_first_row {
            tables
                .into_iter()
                .map(|table| table.select_rows(&(1..table.n_rows()).collect::<Vec<_>>()))
                .collect()
        } else {
            tables
        };
        let mut parts = Vec::new();
        let mut start = 0;
        for (file, table) in edition.files.iter().zip(&tables) {
            let end = start + table.n_rows();
            parts.extend(file.part.clone().map(|part| (part, start..end)));
            start = end;
        }
        let varied = joined(tables, edition.join)?;
        Ok(Self { edition, files, plain, varied, parts })
    }
}

/// The file to name in an error: the first that was found, or the path in the catalog if the set is built in.
fn file_to_name(edition: &Edition, found: &[PathBuf]) -> PathBuf {
    let in_catalog = || edition.files.first().map_or(edition.name.as_str(), |file| &file.path);
    found.first().cloned().unwrap_or_else(|| PathBuf::from(in_catalog()))
}

fn joined(tables: Vec<Table<()>>, join: Join) -> Result<Table<()>> {
    let join = match join {
        Join::Rows => join::below,
        Join::Columns => join::beside,
    };
    let mut tables = tables.into_iter();
    let Some(first) = tables.next() else { return Table::new(Vec::new(), 0) };
    tables.try_fold(first, join)
}

/// Takes out the targets and applies what the variant derives.
fn finish(raw: Table<()>, edition: &Edition, variant: &Variant, files: &[PathBuf]) -> Result<AnyTable> {
    let file = file_to_name(edition, files);
    let raw = join::without_columns(raw, &file, &edition.ignore)?;
    let count = variant.label_count.map(LabelSet::Count);
    let labels = match (&edition.targets, count) {
        (TargetColumns::Class(rule), _) => {
            let raw = if variant.rows_by_class { rows_by_class(&raw, rule, &file)? } else { raw };
            return Ok(AnyTable::SingleLabel(derived(rule.apply(raw, &file)?, &variant.derive)?));
        }
        (_, Some(labels)) => labels,
        (TargetColumns::LabelCount(count), None) => LabelSet::Count(*count),
        (TargetColumns::LabelXml(_), None) => {
            let xml = files.last().cloned().unwrap_or_else(|| file.clone());
            LabelSet::Names(read::read_label_names(&xml)?)
        }
    };
    let raw = match (variant.moved_labels, &labels) {
        (Some(moved), LabelSet::Count(count)) if *count < 0 => move_labels_back(raw, moved)?,
        _ => raw,
    };
    Ok(AnyTable::MultiLabel(derived(labels.apply(raw, &file)?, &variant.derive)?))
}

fn derived<Y: PrepareTarget>(table: Table<Y>, steps: &[Step]) -> Result<Table<Y>> {
    if steps.is_empty() {
        return Ok(table);
    }
    Ok(prepare_leaking_as_released(table, steps)?.table().clone())
}

/// The rows of each class together, by the number of the class as written, the positive one last;
/// within a class in their order.
fn rows_by_class(table: &Table<()>, rule: &TargetRule, file: &Path) -> Result<Table<()>> {
    let written = TargetRule::classes_of(&rule.column).apply(table.clone(), file)?;
    let target = rule.apply(table.clone(), file)?;
    let mut rows: Vec<usize> = (0..table.n_rows()).collect();
    rows.sort_by_key(|&row| (target.target().codes()[row], written.target().codes()[row]));
    Ok(table.select_rows(&rows))
}

/// Moves each cell of the defective rows that lies in the label block, or in the columns before it
/// that took up its beginning, to where it belongs. The labels stand at the end.
fn move_labels_back(table: Table<()>, moved: MovedLabels) -> Result<Table<()>> {
    let n_rows = table.n_rows();
    let (mut columns, ()) = table.into_parts();
    let is_label = |column: &Column| matches!(column.kind, ColumnKind::Categorical(_));
    let first_label = columns.iter().position(is_label).unwrap_or(columns.len());
    let start = first_label.saturating_sub(moved.by);
    let original: Vec<Vec<f64>> =
        columns[start..].iter().map(|column| column.values.to_dense(n_rows)).collect();
    for (place, column) in columns[start..].iter_mut().enumerate() {
        let mut values = original[place].clone();
        for row in moved.from_row..n_rows {
            values[row] = place.checked_sub(moved.by).map_or(0.0, |from| original[from][row]);
        }
        column.values = Values::Dense(values);
    }
    Table::new(columns, n_rows)
}

/// Compares what was read with what the catalog knows of it.
fn recognise(raw: &Raw) -> Result<(Fingerprint, Option<String>)> {
    // A file that was cut may lack a class or a column.
    let plain = finish(raw.plain.clone(), &raw.edition, &Variant::default(), &raw.files)
        .map_err(|error| Error::Unrecognised { file: changed_file(raw), detail: error.to_string() })?;
    let fingerprint = Fingerprint {
        n_rows: plain.n_rows(),
        n_features: plain.n_features(),
        n_classes: plain.n_classes(),
        sha256: content_hash(&raw.plain),
    };
    let found = fingerprint.to_string();
    let known = raw.edition.fingerprints.iter().find(|(_, known)| **known == found);
    if let Some((packaging, _)) = known {
        return Ok((fingerprint, Some(packaging.clone())));
    }
    let unrecognised = |detail: String| Error::Unrecognised { file: changed_file(raw), detail };
    match &raw.edition.shape {
        None if raw.edition.fingerprints.is_empty() => Ok((fingerprint, None)),
        None => {
            let known: Vec<&str> = raw.edition.fingerprints.values().map(String::as_str).collect();
            Err(unrecognised(format!("its fingerprint is {found}, known is {}", known.join(", "))))
        }
        Some(shape) => {
            let minority = match &plain {
                AnyTable::SingleLabel(table) => table.target().counts().into_iter().min().unwrap_or(0),
                AnyTable::MultiLabel(table) => table.target().n_rows(),
            };
            let [fewest, most] = shape.minority_rows;
            let fits = (shape.n_rows, shape.n_features) == (plain.n_rows(), plain.n_features())
                && (fewest..=most).contains(&minority);
            if fits {
                return Ok((fingerprint, None));
            }
            Err(unrecognised(format!(
                "{} rows, {} features and {fewest} to {most} minority rows are expected, but it has {}, {} and {minority}",
                shape.n_rows,
                shape.n_features,
                plain.n_rows(),
                plain.n_features()
            )))
        }
    }
}

/// The first file whose bytes are not those of the catalog.
fn changed_file(raw: &Raw) -> PathBuf {
    let changed = raw.edition.all_files().zip(&raw.files).find(|(file, path)| !has_known_bytes(file, path));
    changed.map_or_else(|| file_to_name(&raw.edition, &raw.files), |(_, path)| path.clone())
}

/// Whether a file's unpacked content is that of the catalog.
pub(crate) fn has_known_bytes(file: &FileEntry, path: &Path) -> bool {
    source::unpacked(path).is_ok_and(|bytes| file.sha256.as_deref() == Some(sha256(&bytes).as_str()))
}
