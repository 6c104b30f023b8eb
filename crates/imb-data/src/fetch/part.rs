//! A download that is not finished: the bytes so far, and beside them whose they are.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use imb_core::{Error, ReadError, ReadProblem, Result};
use serde::{Deserialize, Serialize};

use crate::fingerprint::sha256;
use crate::write_whole;

/// The files `NAME.part` and `NAME.part.toml`.
pub(super) struct Part {
    data: PathBuf,
    note: PathBuf,
}

/// Whose bytes they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// The address.
    pub(super) url: String,
    /// The server's mark of this version of the file.
    pub(super) etag: Option<String>,
    /// The time of this version, as the server writes it.
    pub(super) last_modified: Option<String>,
}

impl Part {
    /// The part of an address, in a folder.
    pub(super) fn of(url: &str, folder: &Path) -> Self {
        let last = url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let name: String = last.chars().take(60).map(plain).collect();
        let data = folder.join(format!("{}-{name}.part", &sha256(url.as_bytes())[..8]));
        Self { note: data.with_added_extension("toml"), data }
    }

    /// How many bytes are there, and whose they are; none if there are none or nobody knows.
    pub(super) fn kept(&self, url: &str) -> Option<(u64, Note)> {
        let note: Note = toml::from_str(&fs::read_to_string(&self.note).ok()?).ok()?;
        let bytes = fs::metadata(&self.data).ok()?.len();
        (note.url == url && bytes > 0).then_some((bytes, note))
    }

    /// An empty part with its note. The note is written while there are no bytes, so that bytes
    /// never stand beside the note of others.
    pub(super) fn start(&self, note: &Note) -> Result<File> {
        let file = File::create(&self.data).map_err(|error| self.refused(error))?;
        let text = toml::to_string(note).expect("a flat table of texts is TOML");
        write_whole(&self.note, text.as_bytes())?;
        Ok(file)
    }

    /// The part, to be written on.
    pub(super) fn go_on(&self) -> Result<File> {
        OpenOptions::new().append(true).open(&self.data).map_err(|error| self.refused(error))
    }

    /// The bytes; afterwards the part is no more.
    pub(super) fn take(&self) -> Result<Vec<u8>> {
        let read = fs::read(&self.data);
        let bytes = read.map_err(|error| ReadError::new(&self.data, ReadProblem::Io(error)))?;
        self.remove()?;
        Ok(bytes)
    }

    /// Removes it, if it is there: the note first, without which bytes count for nothing.
    pub(super) fn remove(&self) -> Result<()> {
        for path in [&self.note, &self.data] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(self.refused(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The error of a part that cannot be written.
    pub(super) fn refused(&self, source: std::io::Error) -> Error {
        Error::Write { path: self.data.clone(), source }
    }
}

impl Note {
    /// What makes a server go on only with the same version: its mark, if it stands for the very
    /// bytes, else the time.
    pub(super) fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|etag| !etag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }

    /// Whether two answers are, as far as the server says, of the same version.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
        !differ(&self.etag, &other.etag) && !differ(&self.last_modified, &other.last_modified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_for_its_address_and_stays_in_its_folder() {
        let name = |url: &str| Part::of(url, Path::new("d")).data.display().to_string();
        assert!(name("http://h/a/b%20c.zip?x=/..").ends_with("-b_20c.zip.part"));
        assert_ne!(name("http://h/a/b.zip"), name("http://h/c/b.zip"));
        assert!(name("http://h/..").starts_with("d/") && !name("http://h/..").contains("/.."));
    }

    #[test]
    fn bytes_without_their_note_or_of_another_address_count_for_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let part = Part::of("http://h/a", folder.path());
        assert_eq!(part.kept("http://h/a"), None);
        let note = Note { url: "http://h/a".into(), etag: Some("W/\"1\"".into()), ..Note::default() };
        part.start(&note).expect("written");
        fs::write(&part.data, "xyz").expect("written");
        assert_eq!(note.validator(), None);
        assert_eq!(part.kept("http://h/a"), Some((3, note)));
        assert_eq!(part.kept("http://h/b"), None);
        part.remove().expect("removed");
        assert_eq!(part.kept("http://h/a"), None);
    }
}
