//! A text that is read a second time, a piece at a time, so that it need not be held in memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;

use imb_core::{ReadError, ReadProblem, Result};

use super::Input;
use super::layout::Layout;
use super::source::Text;

/// Where the pieces come from.
pub(crate) enum Again {
    /// What was unpacked, or came through a pipe.
    Whole(Text),
    /// A file of plain text.
    File {
        file: File,
        /// Bytes of the byte order mark.
        mark: usize,
        length: usize,
    },
}

/// A piece of the text.
pub(crate) struct Piece<'a> {
    /// Its first byte in the text.
    start: usize,
    /// Whole characters, but perhaps for the last one.
    bytes: Cow<'a, [u8]>,
}

impl Piece<'_> {
    /// The text between two bytes of the whole text, as far as the piece goes. It was text when it was read
    /// first, and is the same now.
    pub(crate) fn get(&self, range: Range<usize>) -> &str {
        std::str::from_utf8(self.bytes(range)).unwrap_or_default()
    }

    /// The bytes between two bytes of the whole text, as far as the piece goes.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        let end = (range.end - self.start).min(self.bytes.len());
        &self.bytes[range.start - self.start..end]
    }
}

impl Again {
    /// Opens a text that was read before, and refuses it if it is another one now.
    pub(crate) fn open(input: &Input, layout: &Layout) -> Result<Self> {
        if let Input::File(path) = input {
            let again = plain_file(path, layout);
            if let Some(file) = again.map_err(|error| ReadError::new(path, ReadProblem::Io(error)))? {
                return Ok(file);
            }
        }
        let text = input.text()?;
        if text.content.len() == layout.length && text.checksum() == layout.checksum {
            return Ok(Self::Whole(text));
        }
        Err(ReadError::new(&text.path, ReadProblem::Changed).into())
    }

    /// Whether a byte order mark stands in front of the text.
    pub(crate) fn has_mark(&self) -> bool {
        match self {
            Self::Whole(text) => text.has_mark,
            Self::File { mark, .. } => *mark > 0,
        }
    }

    /// The text between two bytes, or to its end.
    pub(crate) fn piece(&self, range: Range<usize>) -> io::Result<Piece<'_>> {
        let start = range.start;
        let bytes = match self {
            Self::Whole(text) => {
                Cow::Borrowed(&text.content.as_bytes()[start..range.end.min(text.content.len())])
            }
            Self::File { file, mark, length } => {
                let mut bytes = vec![0; range.end.min(*length) - start];
                read_exact_at(file, &mut bytes, (mark + start) as u64)?;
                require_text(&bytes)?;
                Cow::Owned(bytes)
            }
        };
        Ok(Piece { start, bytes })
    }
}

/// The file, if it is one of plain text and still the one that was read.
fn plain_file(path: &std::path::Path, layout: &Layout) -> io::Result<Option<Again>> {
    const AT_ONCE: usize = 1 << 20;
    let mut file = File::open(path)?;
    let mut buffer = vec![0; AT_ONCE];
    let (mut sum, mut mark, mut read) = (flate2::Crc::new(), 0, 0);
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        if read == 0 && buffer[..n].starts_with(&[0xef, 0xbb, 0xbf]) {
            mark = 3;
        }
        let skipped = if read == 0 { mark } else { 0 };
        sum.update(&buffer[skipped..n]);
        read += n;
    }
    let same = cfg!(unix) && read - mark == layout.length && sum.sum() == layout.checksum;
    Ok(same.then_some(Again::File { file, mark, length: layout.length }))
}

/// Refuses what is no text, and was when it was read first. The last two bytes may be half a character.
fn require_text(bytes: &[u8]) -> io::Result<()> {
    match std::str::from_utf8(bytes) {
        Err(error) if error.valid_up_to() + 2 < bytes.len() => {
            Err(io::Error::other("the table that was read has changed meanwhile"))
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(not(unix))]
fn read_exact_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
