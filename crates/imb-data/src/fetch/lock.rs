//! One process at a time in a data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use imb_core::{Error, FetchError, Result};

use super::Progress;

/// Held until it is dropped, or its process ends in whatever way: the system keeps it, not the
/// file, which stays behind empty.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, waiting for another process that holds it.
    ///
    /// # Errors
    /// [`Error::Fetch`] if it is not to be had in time, [`Error::Write`] if the file cannot be made
    /// or the file system knows no locks.
    pub(super) fn take(
        path: &Path,
        dataset: &str,
        wait: Duration,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Self> {
        let refused = |source| Error::Write { path: path.to_owned(), source };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(refused)?;
        let start = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(source)) => return Err(refused(source)),
                Err(TryLockError::WouldBlock) if start.elapsed() >= wait => {
                    return Err(FetchError::locked(dataset, path.to_owned(), wait).into());
                }
                Err(TryLockError::WouldBlock) => {
                    if !std::mem::replace(&mut told, true) {
                        progress(Progress::Waiting { lock: path });
                    }
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }
}
