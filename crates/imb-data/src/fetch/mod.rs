//! Downloads of the catalog's data sets, behind feature `fetch`.
//!
//! A file comes from a public repository at a fixed commit, where its hash is known beforehand, or
//! else from where it was first published; then the table in it must be the one of the catalog.
//! Until all files of a set are there and checked, none of them stands under its own name: they wait
//! in the folder `.fetch` of the data folder, where unfinished downloads wait too.

mod archive;
mod edition;
mod lock;
mod part;
mod transfer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use imb_core::{Error, FetchAttempt, FetchError, FetchProblem, Result};
use serde::Serialize;

use crate::catalog::{Catalog, Entry};
use crate::load::DataDirs;
use crate::store::{State, check_paths};
use edition::Fetching;
use lock::Lock;

/// How downloads are made. The default suits the data sets of the catalog on a slow line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchOptions {
    /// Where public repositories are: `BASE/OWNER/NAME/COMMIT/PATH` is a file. A copy of them may
    /// stand anywhere, since the hash of each file is known.
    pub mirror_base: String,
    /// How long a connection may take to be made.
    pub connect: Duration,
    /// How long the server may be silent.
    pub stall: Duration,
    /// How long one transfer may take in all, before it is aborted and resumed.
    pub total: Duration,
    /// How many bytes a file may have, as it is sent and once it is unpacked.
    pub size_limit: u64,
    /// How often an aborted transfer is resumed.
    pub retries: u32,
    /// The pause before the first retry; before the second it is twice as long, and so on.
    pub pause: Duration,
    /// How long to wait for another process that works in the same data folder.
    pub lock_wait: Duration,
    /// Whether the proxy that the environment names (`HTTPS_PROXY` and the like) is used.
    pub use_proxy: bool,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            mirror_base: "https://raw.githubusercontent.com".into(),
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            total: Duration::from_secs(30 * 60),
            size_limit: 256 << 20,
            retries: 3,
            pause: Duration::from_secs(1),
            lock_wait: Duration::from_secs(10 * 60),
            use_proxy: true,
        }
    }
}

/// What a download is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another process works in the data folder.
    Waiting {
        /// The lock that it holds.
        lock: &'a Path,
    },
    /// Bytes have come.
    Received {
        /// From where.
        address: &'a str,
        /// How many there are, those of earlier tries among them.
        bytes: u64,
        /// How many there will be, if the server says so.
        total: Option<u64>,
    },
    /// A transfer was aborted and will be resumed.
    Retrying {
        /// From where.
        address: &'a str,
        /// Why.
        problem: &'a FetchProblem,
    },
    /// All files are there; the table in them is read and compared.
    Checking {
        /// The data set.
        dataset: &'a str,
    },
}

/// A data set that is in the data folder now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fetched {
    /// Where it came from.
    pub source: FetchSource,
    /// How it stands to the catalog.
    pub state: State,
    /// The files that were written.
    pub files: Vec<PathBuf>,
}

/// Where a data set came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FetchSource {
    /// It was in the data folder before.
    AlreadyThere,
    /// Public repositories, at fixed commits.
    Mirror,
    /// Some file came from where it was first published.
    Archive,
}

impl Catalog {
    /// Fetches a data set into a data folder, unless it is there and usable.
    ///
    /// Files of the wrong content that are in the way are kept, as `NAME.replaced` (`NAME.replaced2` and so on if
    /// that is taken).
    ///
    /// # Errors
    /// [`Error::Fetch`] with what was tried and what to put where; [`Error::Write`] if the folder
    /// cannot be written; [`Error::UnknownName`] for a name that is not in the catalog.
    pub fn fetch(
        &self,
        name: &str,
        to: &Path,
        options: &FetchOptions,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Fetched> {
        let entry = self.entry(name)?;
        check_paths(entry)?;
        if let Some(there) = self.already_there(name, to)? {
            return Ok(there);
        }
        let work = to.join(".fetch");
        std::fs::create_dir_all(&work).map_err(|source| Error::Write { path: work.clone(), source })?;
        let _lock = Lock::take(&work.join("lock"), name, options.lock_wait, progress)?;
        // Whoever held the lock may have fetched it.
        if let Some(there) = self.already_there(name, to)? {
            return Ok(there);
        }
        let mut fetching = Fetching::new(entry, to, &work, options, progress);
        for edition in &entry.editions {
            if let Some(fetched) = fetching.edition(edition)? {
                return Ok(fetched);
            }
        }
        let mut attempts = fetching.attempts;
        if attempts.is_empty() {
            attempts.push(no_address(entry));
        }
        let remedy = DataDirs::only(vec![to.to_owned()]).remedy(entry);
        Err(FetchError { dataset: name.to_owned(), attempts, remedy }.into())
    }

    fn already_there(&self, name: &str, to: &Path) -> Result<Option<Fetched>> {
        let state = self.verify(name, &DataDirs::only(vec![to.to_owned()]))?;
        let there = state.is_usable() && state != State::BuiltIn;
        Ok(there.then_some(Fetched { source: FetchSource::AlreadyThere, state, files: Vec::new() }))
    }
}

/// The attempt that could not be made: for want of the first file that has no address.
fn no_address(entry: &Entry) -> FetchAttempt {
    let mut files = entry.editions.iter().flat_map(|edition| edition.all_files());
    let file = files.find(|file| file.mirror.is_none() && file.archive.is_none());
    let file = file.map_or_else(|| entry.name.clone(), |file| file.path.clone());
    FetchAttempt { address: entry.origin.clone(), problem: FetchProblem::NoAddress { file } }
}
