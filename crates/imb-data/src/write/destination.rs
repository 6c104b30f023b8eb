//! Where a user's output goes: files that appear whole or not at all, and devices, pipes and links, which
//! are written into and never replaced. A file with several names (hard links) is refused: renaming would part it
//! from its other names, and writing into it would leave it cut on a full disk.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use flate2::Compression;
use flate2::write::GzEncoder;
use imb_core::{Error, Result};

use crate::read::Format;

/// A place to write a table to, and the form that its name asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    path: PathBuf,
    is_standard_output: bool,
    /// The ending of the name, without `.gz`; none for what has no ending, such as a device.
    pub(crate) ending: Option<&'static str>,
    packed: bool,
}

/// Endings that say how a table is written.
const ENDINGS: [&str; 7] = ["csv", "tsv", "tab", "txt", "data", "dat", "arff"];

impl Destination {
    /// A path, or `-` for standard output.
    ///
    /// # Errors
    /// [`Error::Write`] if its folder does not exist, or it is a folder or a file with hard links;
    /// [`Error::InvalidParameter`] if its ending says nothing of the form.
    pub fn new(path: &Path) -> Result<Self> {
        let place = |is_standard_output| Self {
            path: path.to_owned(),
            is_standard_output,
            ending: None,
            packed: false,
        };
        let standard = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
        if standard.iter().any(|name| path == Path::new(name)) {
            return Ok(place(true));
        }
        require_writable(path)?;
        if is_stream(path) {
            return Ok(place(false));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let plain = name.strip_suffix(".gz");
        let found = plain.unwrap_or(&name).rsplit_once('.').map(|(_, ending)| ending);
        let Some(ending) = ENDINGS.into_iter().find(|ending| found == Some(ending)) else {
            return Err(Error::invalid_parameter(
                "the name of the output",
                format!("one that ends in .{}, or in one of them and .gz", ENDINGS.join(", .")),
                path.display(),
            ));
        };
        Ok(Self { ending: Some(ending), packed: plain.is_some(), ..place(false) })
    }

    /// Whether this is standard output, which then holds nothing else.
    pub fn is_standard_output(&self) -> bool {
        self.is_standard_output
    }

    /// Where the label file of a Mulan data set stands: beside the ARFF file, under its name. None for
    /// other forms.
    pub fn label_file(&self) -> Option<PathBuf> {
        if self.ending != Some("arff") {
            return None;
        }
        let table = if self.packed { self.path.with_extension("") } else { self.path.clone() };
        Some(table.with_extension("xml"))
    }

    /// Whether writing here would replace this file.
    pub fn is_file(&self, other: &Path) -> bool {
        !self.is_standard_output && other.exists() && is_same_file(&self.path, other)
    }

    /// The format that its ending names, if it is not one of delimited text.
    pub(crate) fn declared_format(&self) -> Option<Format> {
        match self.ending {
            Some("arff") => Some(Format::Arff),
            Some("dat") => Some(Format::Keel),
            _ => None,
        }
    }

    /// Writes all of it, packed if its name says so.
    pub(crate) fn write(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let fill = |out: &mut dyn Write| {
            if !self.packed {
                return fill(out);
            }
            let mut packed = GzEncoder::new(out, Compression::default());
            fill(&mut packed)?;
            packed.finish().map(drop)
        };
        if !self.is_standard_output {
            return write_to(&self.path, fill);
        }
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        match fill(&mut out).and_then(|()| out.flush()) {
            // A reader that has gone away, such as `head`, has read what it wanted.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                drop(out.into_parts());
                Ok(())
            }
            written => written.map_err(|source| Error::Write { path: "standard output".into(), source }),
        }
    }
}

/// Refuses a path to which no file can be written, before there is anything to write.
///
/// # Errors
/// [`Error::Write`] if it is a folder or a file with hard links, or if its folder does not exist.
pub fn require_writable(path: &Path) -> Result<()> {
    let refused = |source| Err(Error::Write { path: path.to_owned(), source });
    if path.is_dir() {
        return refused(io::Error::new(io::ErrorKind::IsADirectory, "is a folder: name a file in it"));
    }
    if is_stream(path) {
        return Ok(());
    }
    if let Err(source) = refuse_hard_links(path) {
        return refused(source);
    }
    if !folder_of(path).is_dir() {
        return refused(io::Error::new(io::ErrorKind::NotFound, "its folder does not exist: make it first"));
    }
    Ok(())
}

/// Whether two paths lead to one file, which need not exist yet. Devices and pipes are no files.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| {
        let found = std::fs::canonicalize(path).ok().or_else(|| {
            let target = link_target(path);
            Some(std::fs::canonicalize(folder_of(&target)).ok()?.join(target.file_name()?))
        });
        found.filter(|_| !is_stream(path))
    };
    real(one).is_some_and(|path| real(other) == Some(path))
}

/// Writes a file so that it is never seen half-written: under another name in the same folder,
/// which is made if need be, and then renamed. A device or a pipe is written into; of a symbolic link, the target is
/// replaced.
///
/// # Errors
/// [`Error::Write`] with the path and what the system said, also for a file with hard links; the old file, if any,
/// is then as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let made = std::fs::create_dir_all(folder_of(path));
    made.map_err(|source| Error::Write { path: path.to_owned(), source })?;
    write_to(path, |file| file.write_all(bytes))
}

pub(crate) fn write_to(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let written = if is_stream(path) { write_into(path, fill) } else { replace(&link_target(path), fill) };
    written.map_err(|source| Error::Write { path: path.to_owned(), source })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether something stands there that is no file: a device, a pipe, a socket.
fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// What a link points to, over any number of links; a path that is none is itself.
fn link_target(path: &Path) -> PathBuf {
    const MOST_LINKS: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => break,
        }
    }
    target
}

fn write_into(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(OpenOptions::new().write(true).open(path)?);
    fill(&mut out)?;
    out.flush()
}

/// Fills a draft beside the file and puts it in the file's place.
fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    refuse_hard_links(path)?;
    let old = std::fs::metadata(path).ok();
    let folder = folder_of(path);
    let mut draft = tempfile::Builder::new().permissions_as_usual().tempfile_in(folder)?;
    let listed = Listed::new(draft.path());
    let mut buffered = BufWriter::with_capacity(1 << 16, draft.as_file_mut());
    fill(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    if let Some(old) = &old {
        keep_owner_and_mode(draft.as_file(), old)?;
    }
    draft.as_file().sync_all()?;
    draft.persist(path)?;
    drop(listed);
    Ok(())
}

/// The drafts that are being written.
static DRAFTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A draft on the list, as long as this lives.
struct Listed(PathBuf);

impl Listed {
    fn new(path: &Path) -> Self {
        drafts().push(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        drafts().retain(|path| *path != self.0);
    }
}

fn drafts() -> std::sync::MutexGuard<'static, Vec<PathBuf>> {
    DRAFTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Removes the drafts of files that are being written: for a program that ends at once.
pub fn discard_drafts() {
    for path in drafts().iter() {
        drop(std::fs::remove_file(path));
    }
}

#[cfg(unix)]
fn keep_owner_and_mode(draft: &File, old: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    // Only the superuser may give files away; for others the file becomes theirs, as with any editor.
    drop(std::os::unix::fs::fchown(draft, Some(old.uid()), Some(old.gid())));
    draft.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn keep_owner_and_mode(draft: &File, old: &std::fs::Metadata) -> io::Result<()> {
    draft.set_permissions(old.permissions())
}

/// Refuses a file that has other names than this one.
fn refuse_hard_links(path: &Path) -> io::Result<()> {
    let found = std::fs::metadata(path).ok();
    if !found.is_some_and(|found| found.is_file() && has_other_names(&found)) {
        return Ok(());
    }
    let why = "the file has other names (hard links), which would keep the old content: delete this name first, or \
               write to another";
    Err(io::Error::new(io::ErrorKind::Unsupported, why))
}

#[cfg(unix)]
fn has_other_names(old: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(old) > 1
}

#[cfg(not(unix))]
fn has_other_names(_old: &std::fs::Metadata) -> bool {
    false
}

/// A temporary file is for its owner only; a file that is kept is for whom the user's mask says.
trait UsualPermissions {
    fn permissions_as_usual(&mut self) -> &mut Self;
}

impl UsualPermissions for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_as_usual(&mut self) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        self.permissions(std::fs::Permissions::from_mode(0o666))
    }

    #[cfg(not(unix))]
    fn permissions_as_usual(&mut self) -> &mut Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.txt");
        write_whole(&path, b"old").expect("written");
        let failed = write_to(&path, |file| {
            file.write_all(b"new")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failed.expect_err("refused").to_string().contains("disk full"));
        assert_eq!(std::fs::read(&path).expect("there"), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1, "no draft is left");
    }

    #[test]
    fn names_say_the_form() {
        let folder = tempfile::tempdir().expect("a folder");
        let to = |name: &str| Destination::new(&folder.path().join(name));
        let packed = to("Out.CSV.gz").expect("known");
        assert_eq!((packed.ending, packed.packed), (Some("csv"), true));
        assert_eq!(packed.label_file(), None);
        let labels = to("a.b.arff.gz").expect("known").label_file();
        assert_eq!(labels, Some(folder.path().join("a.b.xml")));
        for (name, why) in [("out", "ends in .csv"), ("out.xls", "ends in .csv"), ("no/out.csv", "make it")] {
            let error = to(name).expect_err(name).to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(to("").expect_err("a folder").to_string().contains("is a folder"));
        assert!(Destination::new(Path::new("-")).expect("known").is_standard_output());
    }

    #[cfg(unix)]
    #[test]
    fn links_devices_and_modes_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("real")).expect("a folder");
        std::fs::write(at("real/data.csv"), "old").expect("written");
        std::fs::set_permissions(at("real/data.csv"), std::fs::Permissions::from_mode(0o640)).expect("set");
        symlink("real/data.csv", at("link.csv")).expect("a link");
        write_whole(&at("link.csv"), b"new").expect("written");
        assert!(std::fs::symlink_metadata(at("link.csv")).expect("there").is_symlink());
        assert_eq!(std::fs::read(at("real/data.csv")).expect("there"), b"new");
        let mode = std::fs::metadata(at("real/data.csv")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        symlink("real/absent.csv", at("dangling.csv")).expect("a link");
        write_whole(&at("dangling.csv"), b"made").expect("written");
        assert_eq!(std::fs::read(at("real/absent.csv")).expect("there"), b"made");
        write_whole(Path::new("/dev/null"), b"gone").expect("written");
        assert!(is_stream(Path::new("/dev/null")));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_hard_links_is_refused_and_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("data.csv"), "old").expect("written");
        std::fs::hard_link(at("data.csv"), at("twin.csv")).expect("a second name");
        std::os::unix::fs::symlink("data.csv", at("link.csv")).expect("a link");
        for name in ["data.csv", "twin.csv", "link.csv"] {
            let error = write_whole(&at(name), b"new").expect_err(name).to_string();
            assert!(error.contains("hard links") && error.contains("delete this name first"), "{error}");
            assert!(Destination::new(&at(name)).expect_err(name).to_string().contains("hard links"));
        }
        assert_eq!(std::fs::read(at("data.csv")).expect("there"), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 3, "no draft is left");
        std::fs::remove_file(at("twin.csv")).expect("removed");
        write_whole(&at("data.csv"), b"new").expect("it has one name now");
        assert_eq!(std::fs::read(at("data.csv")).expect("there"), b"new");
    }
}
