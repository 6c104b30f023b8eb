//! One edition of a data set: its files are gathered, checked together, and only then kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use imb_core::{Error, FetchAttempt, FetchProblem, Result};

use super::archive::unpacked;
use super::transfer::{Failure, Transfer};
use super::{FetchOptions, FetchSource, Fetched, Progress};
use crate::catalog::{Archive, Catalog, Edition, Entry, FileEntry, Mirror};
use crate::fingerprint::sha256;
use crate::load::{DataDirs, Loaded, has_known_bytes};
use crate::store::{State, copy_whole, kept_path, set_aside};
use crate::write_whole;

/// The fetching of a data set.
pub(super) struct Fetching<'a> {
    entry: &'a Entry,
    to: &'a Path,
    /// Where files wait until they are checked.
    stage: PathBuf,
    transfer: Transfer<'a>,
    size_limit: u64,
    mirror_base: &'a str,
    progress: &'a mut dyn FnMut(Progress<'_>),
    /// What came from addresses that may be asked for several files.
    archives: BTreeMap<String, Vec<u8>>,
    /// What was tried in vain.
    pub(super) attempts: Vec<FetchAttempt>,
}

impl<'a> Fetching<'a> {
    /// Prepares to fetch into folder `to`, with a folder `work` for what is not finished.
    pub(super) fn new(
        entry: &'a Entry,
        to: &'a Path,
        work: &'a Path,
        options: &'a FetchOptions,
        progress: &'a mut dyn FnMut(Progress<'_>),
    ) -> Self {
        Self {
            entry,
            to,
            stage: work.join("stage"),
            transfer: Transfer::new(options, work),
            size_limit: options.size_limit,
            mirror_base: &options.mirror_base,
            progress,
            archives: BTreeMap::new(),
            attempts: Vec::new(),
        }
    }

    /// Fetches an edition; none if some file of it has no address, or none that gave it.
    pub(super) fn edition(&mut self, edition: &Edition) -> Result<Option<Fetched>> {
        let wanted: Vec<&FileEntry> = edition.all_files().filter(|file| !self.is_there(file)).collect();
        if wanted.iter().any(|file| file.mirror.is_none() && file.archive.is_none()) {
            return Ok(None);
        }
        self.clear_stage()?;
        let mut source = FetchSource::Mirror;
        for file in &wanted {
            match self.staged(file)? {
                Some(FetchSource::Mirror) => {}
                Some(other) => source = other,
                None => return Ok(None),
            }
        }
        let Some(loaded) = self.checked(edition, &wanted) else { return Ok(None) };
        let fetched = self.kept(loaded, &wanted, source)?;
        self.clear_stage()?;
        Ok(Some(fetched))
    }

    fn is_there(&self, file: &FileEntry) -> bool {
        let located = DataDirs::only(vec![self.to.to_owned()]).locate(file);
        located.is_some_and(|path| has_known_bytes(file, &path))
    }

    /// Puts a file on the stage, from the first source that gives it.
    fn staged(&mut self, file: &FileEntry) -> Result<Option<FetchSource>> {
        if let (Some(mirror), Some(hash)) = (&file.mirror, &file.sha256) {
            let address = address_of(self.mirror_base, mirror);
            let content = self.mirrored(&address, mirror.member.as_deref(), hash);
            if let Some(content) = self.noted(&address, content)? {
                write_whole(&self.stage.join(kept_path(file)), &content)?;
                return Ok(Some(FetchSource::Mirror));
            }
        }
        if let Some(archive) = &file.archive {
            let content = self.archived(archive);
            if let Some(content) = self.noted(&archive.url, content)? {
                write_whole(&self.stage.join(kept_path(file)), &content)?;
                return Ok(Some(FetchSource::Archive));
            }
        }
        Ok(None)
    }

    fn mirrored(&mut self, address: &str, member: Option<&str>, hash: &str) -> Result<Vec<u8>, Failure> {
        let mut once_more = true;
        loop {
            let download = self.transfer.get(address, self.progress)?;
            let content = unpacked(download.bytes, member, self.size_limit);
            let checked = content.and_then(|content| match sha256(&content) {
                found if found == hash => Ok(content),
                found => Err(FetchProblem::WrongHash { expected: hash.to_owned(), found }),
            });
            // What an earlier run had left may be at fault.
            if checked.is_err() && download.resumed && std::mem::take(&mut once_more) {
                continue;
            }
            return checked.map_err(Failure::There);
        }
    }

    fn archived(&mut self, archive: &Archive) -> Result<Vec<u8>, Failure> {
        let bytes = match self.archives.remove(&archive.url) {
            Some(bytes) => bytes,
            None => self.transfer.get(&archive.url, self.progress)?.bytes,
        };
        let content = unpacked(bytes.clone(), archive.member.as_deref(), self.size_limit);
        self.archives.insert(archive.url.clone(), bytes);
        content.map_err(Failure::There)
    }

    /// The content, or a note of why there is none.
    fn noted(&mut self, address: &str, content: Result<Vec<u8>, Failure>) -> Result<Option<Vec<u8>>> {
        match content {
            Ok(content) => Ok(Some(content)),
            Err(Failure::Here(error)) => Err(error),
            Err(Failure::There(problem)) => {
                self.attempts.push(FetchAttempt { address: address.to_owned(), problem });
                Ok(None)
            }
        }
    }

    /// The table of the staged files, if it is that of the catalog.
    fn checked(&mut self, edition: &Edition, wanted: &[&FileEntry]) -> Option<Loaded> {
        (self.progress)(Progress::Checking { dataset: &self.entry.name });
        let entry = Entry { editions: vec![edition.clone()], ..self.entry.clone() };
        let dirs = DataDirs::only(vec![self.stage.clone(), self.to.to_owned()]);
        let error = match (Catalog { entries: vec![entry] }).load(&self.entry.name, None, &dirs) {
            Ok(loaded) => return Some(loaded),
            Err(Error::Unrecognised { detail, .. }) => detail,
            Err(error) => error.to_string(),
        };
        let archive = wanted.iter().find_map(|file| file.archive.as_ref());
        let address = archive.map_or_else(|| self.entry.origin.clone(), |archive| archive.url.clone());
        self.attempts.push(FetchAttempt { address, problem: FetchProblem::WrongTable(error) });
        None
    }

    /// Moves the staged files to their places.
    fn kept(&self, mut loaded: Loaded, wanted: &[&FileEntry], source: FetchSource) -> Result<Fetched> {
        let mut files = Vec::new();
        for file in wanted {
            set_aside(file, self.to)?;
            let (from, to) = (self.stage.join(kept_path(file)), self.to.join(kept_path(file)));
            copy_whole(&from, &to)?;
            for path in loaded.files.iter_mut().filter(|path| **path == from) {
                path.clone_from(&to);
            }
            files.push(to);
        }
        Ok(Fetched { source, state: State::of(loaded), files })
    }

    fn clear_stage(&self) -> Result<()> {
        match fs::remove_dir_all(&self.stage) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::Write { path: self.stage.clone(), source })
            }
            _ => Ok(()),
        }
    }
}

/// The address of a file in a public repository. In its path all but letters, digits, `-._~` and `/`
/// is written as `%` and two digits.
fn address_of(base: &str, mirror: &Mirror) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    let path: String = mirror.path.bytes().map(byte).collect();
    format!("{}/{}/{}/{path}", base.trim_end_matches('/'), mirror.repository, mirror.commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_file_with_spaces_and_brackets() {
        let mirror = Mirror {
            repository: "owner/name".into(),
            commit: "c0".into(),
            path: "A B/é (1).data".into(),
            member: None,
        };
        assert_eq!(address_of("http://h/", &mirror), "http://h/owner/name/c0/A%20B/%C3%A9%20%281%29.data");
    }
}
