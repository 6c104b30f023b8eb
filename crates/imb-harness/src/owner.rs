//! Who writes in a results folder, and what dead processes left there.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sysinfo::{IS_SUPPORTED_SYSTEM, Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System};

use crate::digest::digest;

/// How long the files of a process of another machine count after they were last written. A process writes
/// them every half minute ([`BEAT`](crate::locks::BEAT)); the rest allows for slow file servers and for
/// clocks that differ by a minute or two.
pub const STALE: Duration = Duration::from_secs(300);

/// Seconds by which the start of one process may seem to differ: it is worked out from the machine's clock, which
/// may be set meanwhile.
const CLOCK_STEP: u64 = 10;

/// How the name of a record begins while it is written.
const DRAFT: &str = ".writing-";
/// How the name of the file begins that says who a process is.
const PROCESS: &str = ".process-";
/// How the name of a lock begins.
const LOCK: &str = ".lock-";

/// A process that writes in a results folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The name of its host.
    host: String,
    /// What tells a machine from others of that name and from itself before it was started again, and
    /// containers on it from each other; empty where the system does not tell.
    system: String,
    /// Its number.
    process: u32,
    /// When it started, in seconds since 1970: numbers of processes are used again.
    started: u64,
}

impl Owner {
    /// This process.
    pub fn here() -> &'static Self {
        static HERE: OnceLock<Owner> = OnceLock::new();
        HERE.get_or_init(|| {
            let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
            let processes = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
            let process = std::process::id();
            Self {
                host: System::host_name().unwrap_or_default(),
                system: format!("{} {}", boot.trim(), processes.display()).trim().to_owned(),
                process,
                started: start_of(process).unwrap_or_default(),
            }
        })
    }

    /// The file that says who this process is.
    pub(crate) fn file_in(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{PROCESS}{}-{}-{}", self.machine(), self.process, self.started))
    }

    /// The name under which this process writes the record of a cell.
    pub(crate) fn draft_in(&self, folder: &Path, id: &str) -> PathBuf {
        folder.join(format!("{DRAFT}{}-{}-{id}", self.machine(), self.process))
    }

    /// Host and system as a short name without odd signs.
    fn machine(&self) -> String {
        digest(&format!("{} {}", self.host, self.system))
    }

    fn is_on_this_machine(&self) -> bool {
        let here = Self::here();
        (&self.host, &self.system) == (&here.host, &here.system)
    }

    /// Whether the process has ended, as far as its machine or the age of its file tells.
    fn is_gone(&self, age: Duration) -> bool {
        if !IS_SUPPORTED_SYSTEM || !self.is_on_this_machine() {
            return age > STALE;
        }
        start_of(self.process).is_none_or(|started| started.abs_diff(self.started) > CLOCK_STEP)
    }
}

/// The path of the lock of a cell.
pub(crate) fn lock_in(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{LOCK}{id}"))
}

/// When a living process started, in seconds since 1970.
fn start_of(process: u32) -> Option<u64> {
    let process = Pid::from_u32(process);
    let mut system = System::new();
    let asked = ProcessesToUpdate::Some(&[process]);
    system.refresh_processes_specifics(asked, true, ProcessRefreshKind::nothing());
    let found = system.process(process)?;
    // A zombie has ended; its parent has not asked yet how.
    let ended = matches!(found.status(), ProcessStatus::Zombie | ProcessStatus::Dead);
    (!ended).then(|| found.start_time())
}

/// Removes a file that a process wrote about itself if that process has ended, and says whether the file is
/// away. Of several that try, one removes it.
pub(crate) fn evict(path: &Path) -> io::Result<bool> {
    let Some((text, age)) = unless_missing(read_with_age(path))? else { return Ok(true) };
    let is_gone = match serde_json::from_str::<Owner>(&text) {
        Ok(owner) => owner.is_gone(age),
        Err(_) => age > STALE,
    };
    if !is_gone {
        return Ok(false);
    }
    // Another process may have done the same and written its own file there by now.
    let here = Owner::here();
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!("-{}-{}", here.machine(), here.process));
    let aside = PathBuf::from(aside);
    if unless_missing(fs::rename(path, &aside))?.is_none() {
        return Ok(true);
    }
    let is_same = fs::read_to_string(&aside)? == text;
    if !is_same {
        // If the name has been taken meanwhile, two processes run the cell, and their records are equal.
        drop(fs::hard_link(&aside, path));
    }
    fs::remove_file(&aside)?;
    Ok(is_same)
}

fn read_with_age(path: &Path) -> io::Result<(String, Duration)> {
    let text = fs::read_to_string(path)?;
    let written = fs::metadata(path)?.modified()?;
    Ok((text, SystemTime::now().duration_since(written).unwrap_or_default()))
}

/// What was read; none if the file has gone.
fn unless_missing<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        done => done.map(Some),
    }
}

/// Removes a file of a results folder if it is what a dead process left half-written or locked. What cannot
/// be removed stays.
pub(crate) fn sweep(file: &DirEntry) {
    let name = file.file_name();
    let Some(name) = name.to_str() else { return };
    if name.starts_with(PROCESS) || name.starts_with(LOCK) {
        drop(evict(&file.path()));
    } else if name.strip_prefix(DRAFT).is_some_and(|writer| is_abandoned(writer, file)) {
        drop(fs::remove_file(file.path()));
    }
}

/// Whether a draft, written within a second as a rule, will not be finished.
fn is_abandoned(writer: &str, file: &DirEntry) -> bool {
    let written = file.metadata().and_then(|metadata| metadata.modified());
    let age = written.ok().and_then(|written| SystemTime::now().duration_since(written).ok());
    if age.is_some_and(|age| age > STALE) {
        return true;
    }
    let mut parts = writer.split('-');
    let is_here = parts.next() == Some(Owner::here().machine().as_str());
    let process = parts.next().and_then(|process| process.parse().ok());
    IS_SUPPORTED_SYSTEM && is_here && process.is_some_and(|process| start_of(process).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn write(path: &Path, owner: &Owner, age: Duration) {
        fs::write(path, serde_json::to_string(owner).expect("JSON")).expect("written");
        let file = fs::File::options().write(true).open(path).expect("there");
        file.set_modified(SystemTime::now() - age).expect("set");
    }

    /// A process that has been killed, before and after its parent asks, and a number that is used again.
    #[test]
    #[cfg(target_os = "linux")]
    fn on_this_machine_the_process_counts() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = lock_in(folder.path(), "a");
        let day = Duration::from_secs(86_400);
        write(&path, Owner::here(), day);
        assert!(!evict(&path).expect("readable"), "a living process, however old its file");
        write(
            &path,
            &Owner { started: Owner::here().started - 1_000, ..Owner::here().clone() },
            Duration::ZERO,
        );
        assert!(evict(&path).expect("readable"), "another process of that number");
        let mut child = Command::new("sleep").arg("60").stdout(Stdio::null()).spawn().expect("starts");
        let owner = Owner {
            process: child.id(),
            started: start_of(child.id()).expect("alive"),
            ..Owner::here().clone()
        };
        write(&path, &owner, day);
        assert!(!evict(&path).expect("readable"), "alive");
        child.kill().expect("killed");
        while start_of(child.id()).is_some() {
            std::thread::yield_now();
        }
        assert!(evict(&path).expect("readable"), "a zombie");
        child.wait().expect("ends");
        write(&path, &owner, Duration::ZERO);
        assert!(evict(&path).expect("readable"), "dead");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn on_another_machine_the_age_counts() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = lock_in(folder.path(), "a");
        let other = Owner { host: "elsewhere".into(), ..Owner::here().clone() };
        write(&path, &other, STALE - Duration::from_secs(10));
        assert!(!evict(&path).expect("readable"));
        write(&path, &other, STALE + Duration::from_secs(10));
        assert!(evict(&path).expect("readable"));
        assert!(evict(&path).expect("readable"), "a file that is missing is away");
    }

    /// What is not written by this program is kept until nobody can be at work on it.
    #[test]
    fn drafts_are_swept_by_their_writer_and_age() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dead = Owner { process: u32::MAX - 1, ..Owner::here().clone() };
        let foreign = Owner { host: "elsewhere".into(), ..dead.clone() };
        write(&dead.draft_in(folder.path(), "1"), &dead, Duration::ZERO);
        write(&foreign.draft_in(folder.path(), "2"), &dead, Duration::ZERO);
        write(&foreign.draft_in(folder.path(), "3"), &dead, 2 * STALE);
        write(&Owner::here().draft_in(folder.path(), "4"), &dead, Duration::ZERO);
        let files = || fs::read_dir(folder.path()).expect("a folder").flatten();
        files().for_each(|file| sweep(&file));
        let mut left: Vec<_> = files().map(|file| file.path()).collect();
        left.sort();
        let mut expected = [foreign.draft_in(folder.path(), "2"), Owner::here().draft_in(folder.path(), "4")];
        expected.sort();
        assert_eq!(left, expected);
    }
}
