//! Locks: several processes work in one results folder, and each cell is run by one of them.
//!
//! A process has a file in the folder that says who it is, and writes it again every half minute. The lock of a
//! cell is a hard link to that file under the cell's name. Such a link is made whole or not at all, by one process
//! only, on network file systems too; and one write keeps all locks of a process young.
//!
//! On the same machine a lock counts as long as its process lives. Another machine cannot be asked: its locks count
//! until five minutes after their file was last written ([`STALE`](crate::owner::STALE)).
//!
//! Locks save work, and nothing else depends on them: two records of a cell are equal.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::owner::{Owner, evict, lock_in};

/// How often a process writes its file again.
pub const BEAT: Duration = Duration::from_secs(30);

/// The locks of this process in a folder of records. When it is dropped, nothing of it stays behind.
pub struct Locks {
    folder: PathBuf,
    /// Says who this process is; locks are links to it. None where the file system has no hard links: then
    /// every lock is granted.
    file: Option<PathBuf>,
    text: String,
    /// When each record was written that the folder had when the locks were opened, by the name of its cell.
    known: BTreeMap<String, SystemTime>,
    heart: Option<(Sender<()>, JoinHandle<()>)>,
}

/// A cell that is this process's to run, until this is dropped.
pub struct Lock<'a>(Option<(&'a Locks, PathBuf)>);

/// The answer to a request for a cell.
pub enum Asked<'a> {
    /// It is this process's to run.
    Granted(Lock<'a>),
    /// Another process has recorded it since the locks were opened.
    Recorded,
    /// Another process runs it.
    Held,
}

impl Locks {
    /// Begins to lock these cells in a folder of records, which is made where it is missing. Their records that the
    /// folder has now are known to the caller, who must read them afterwards.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(folder: &Path, ids: impl IntoIterator<Item = String>) -> Result<Self> {
        let context = || folder.display().to_string();
        fs::create_dir_all(folder).with_context(context)?;
        let known = ids.into_iter().filter_map(|id| Some((id.clone(), written(folder, &id)?))).collect();
        let file = Owner::here().file_in(folder);
        let text = serde_json::to_string(Owner::here())? + "\n";
        write(&file, &text).with_context(context)?;
        let trial = file.with_extension("trial");
        let can_link = fs::hard_link(&file, &trial).and_then(|()| fs::remove_file(&trial));
        let mut locks =
            Self { folder: folder.to_owned(), file: Some(file.clone()), text, known, heart: None };
        if let Err(error) = can_link {
            tracing::warn!("no locks: {error}; other processes in {} run the same cells", folder.display());
            drop(fs::remove_file(&file));
            locks.file = None;
            return Ok(locks);
        }
        let (stop, stopped) = channel::<()>();
        let text = locks.text.clone();
        let beat = move || {
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                // A beat that is missed does no harm.
                drop(write(&file, &text));
            }
        };
        locks.heart = Some((stop, thread::spawn(beat)));
        Ok(locks)
    }

    /// Asks for a cell. The locks of processes that have ended are removed.
    ///
    /// # Errors
    /// If the folder cannot be read or written.
    pub fn ask(&self, id: &str) -> Result<Asked<'_>> {
        let path = lock_in(&self.folder, id);
        self.ask_at(id, &path).with_context(|| path.display().to_string())
    }

    fn ask_at(&self, id: &str, path: &Path) -> io::Result<Asked<'_>> {
        let Some(file) = &self.file else { return Ok(Asked::Granted(Lock::none())) };
        loop {
            match fs::hard_link(file, path) {
                Ok(()) => break,
                // A network file system may answer so to its own second try.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && self.is_ours(path) => break,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if !evict(path)? {
                        return Ok(Asked::Held);
                    }
                }
                // Another machine took this process for dead, which slept for long.
                Err(error) if error.kind() == ErrorKind::NotFound && !file.exists() => {
                    write(file, &self.text)?;
                }
                Err(error) => return Err(error),
            }
        }
        let lock = Lock(Some((self, path.to_owned())));
        Ok(if self.is_recorded(id) { Asked::Recorded } else { Asked::Granted(lock) })
    }

    /// Whether a cell has got a record since the locks were opened. Older ones are those that are to be made
    /// anew: failed, or damaged. No clock is asked: a record gets its name some time after it was written.
    fn is_recorded(&self, id: &str) -> bool {
        let written = written(&self.folder, id);
        written.is_some() && written.as_ref() != self.known.get(id)
    }

    fn is_ours(&self, path: &Path) -> bool {
        fs::read_to_string(path).is_ok_and(|text| text == self.text)
    }
}

/// Writes the file that says who this process is, over the same bytes if it is there, so that a reader never finds
/// less.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create(true).truncate(false).open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// When the record of a cell was written; none without one.
fn written(folder: &Path, id: &str) -> Option<SystemTime> {
    fs::metadata(folder.join(format!("{id}.json"))).and_then(|file| file.modified()).ok()
}

impl Drop for Locks {
    fn drop(&mut self) {
        if let Some((stop, beat)) = self.heart.take() {
            drop(stop);
            drop(beat.join());
        }
        if let Some(file) = &self.file {
            drop(fs::remove_file(file));
        }
    }
}

impl Lock<'_> {
    /// The lock of a cell that no other process can run.
    pub fn none() -> Self {
        Self(None)
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        let Some((locks, path)) = &self.0 else { return };
        // A process that slept for long may have lost its lock to another.
        if locks.is_ours(path) {
            drop(fs::remove_file(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_locked_once_and_nothing_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let count = || fs::read_dir(folder.path()).expect("a folder").count();
        let locks = Locks::open(folder.path(), []).expect("writable");
        let Asked::Granted(lock) = locks.ask("a").expect("writable") else { panic!("free") };
        assert_eq!(count(), 2, "the process and its lock");
        let text = fs::read_to_string(lock_in(folder.path(), "a")).expect("a lock");
        assert_eq!(serde_json::from_str::<Owner>(&text).expect("JSON"), *Owner::here());
        drop(lock);
        assert!(matches!(locks.ask("a").expect("writable"), Asked::Granted(_)));
        drop(locks);
        assert_eq!(count(), 0);
    }

    #[test]
    fn a_record_that_another_process_wrote_meanwhile_is_noticed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let record = |id: &str| fs::write(folder.path().join(format!("{id}.json")), "{}").expect("written");
        record("failed");
        // Written before the locks are opened, and named after that.
        let draft = folder.path().join("draft");
        fs::write(&draft, "{}").expect("written");
        thread::sleep(Duration::from_millis(20));
        let ids = ["failed", "new", "named"].map(String::from);
        let locks = Locks::open(folder.path(), ids).expect("writable");
        record("new");
        fs::rename(&draft, folder.path().join("named.json")).expect("renamed");
        assert!(matches!(locks.ask("failed").expect("writable"), Asked::Granted(_)));
        for id in ["new", "named"] {
            assert!(matches!(locks.ask(id).expect("writable"), Asked::Recorded), "{id}");
        }
        thread::sleep(Duration::from_millis(20));
        record("failed");
        assert!(
            matches!(locks.ask("failed").expect("writable"), Asked::Recorded),
            "another process made it anew"
        );
    }

    /// Every cell is granted to one of two that ask at the same time.
    #[test]
    fn of_two_that_ask_one_is_granted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let locks = Locks::open(folder.path(), []).expect("writable");
        let mut other = Locks::open(folder.path(), []).expect("writable");
        // Another process, of which nothing is known but the age of its file.
        other.text = "{}\n".to_owned();
        let file = folder.path().join("other");
        fs::write(&file, &other.text).expect("written");
        other.file = Some(file);
        let granted = |locks: &Locks| -> Vec<usize> {
            let of = |cell: &usize| match locks.ask(&cell.to_string()).expect("writable") {
                Asked::Granted(lock) => {
                    std::mem::forget(lock);
                    true
                }
                _ => false,
            };
            (0..500).filter(of).collect()
        };
        let (mut one, two) = thread::scope(|scope| {
            let one = scope.spawn(|| granted(&locks));
            let two = granted(&other);
            (one.join().expect("ends"), two)
        });
        one.extend(two);
        one.sort_unstable();
        assert_eq!(one, (0..500).collect::<Vec<_>>());
    }
}
