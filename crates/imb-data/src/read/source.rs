//! From a path to text: folders, gzip and encodings are dealt with here, so that the readers of
//! the formats see lines and nothing else.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use imb_core::{ReadError, ReadProblem, Result};

/// The content of a file, as UTF-8 without byte order mark.
pub(crate) struct Text {
    /// The file that it came from.
    pub(crate) path: PathBuf,
    /// The whole content.
    pub(crate) content: String,
    /// Whether a byte order mark stood in front of it.
    pub(crate) has_mark: bool,
}

impl Text {
    /// Reads a file, unpacking it if it is gzip. The content decides, not the name.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::new(path, file_bytes(path)?)
    }

    /// The same of bytes in memory, which errors call by this path.
    pub(crate) fn new(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let mut bytes = unpack(path, bytes)?;
        let has_mark = bytes.starts_with(&[0xef, 0xbb, 0xbf]);
        if has_mark {
            bytes.drain(..3);
        }
        let content = decode(bytes).map_err(|(line, detail)| ReadError {
            line,
            ..ReadError::new(path, ReadProblem::Encoding(detail))
        })?;
        Ok(Self { path: path.to_owned(), content, has_mark })
    }

    /// An error in this file, at a line (from 1).
    pub(crate) fn error(&self, line: u64, problem: ReadProblem) -> ReadError {
        ReadError::new(&self.path, problem).at_line(line)
    }

    /// The lines with their numbers (from 1) and first bytes, without line ends.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let end = if self.content.contains('\n') { '\n' } else { '\r' };
        let mut start = 0;
        (1..).zip(self.content.split_inclusive(end)).map(move |(number, whole)| {
            let line = whole.strip_suffix(end).unwrap_or(whole);
            let line = Line { number, start, content: line.strip_suffix('\r').unwrap_or(line) };
            start += whole.len();
            line
        })
    }

    /// How its lines end, as the first one does; line ends within quotes are part of a cell.
    pub(crate) fn line_end(&self) -> &'static str {
        let mut quoted = false;
        let outside = self.content.bytes().position(|byte| {
            quoted ^= byte == b'"';
            !quoted && matches!(byte, b'\n' | b'\r')
        });
        match outside.or_else(|| self.content.find(['\n', '\r'])) {
            Some(at) if self.content[at..].starts_with("\r\n") => "\r\n",
            Some(at) if self.content[at..].starts_with('\r') => "\r",
            _ => "\n",
        }
    }

    /// A checksum of the content.
    pub(crate) fn checksum(&self) -> u32 {
        let mut sum = flate2::Crc::new();
        sum.update(self.content.as_bytes());
        sum.sum()
    }
}

/// A line of a text.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: u64,
    /// Its first byte.
    pub(crate) start: usize,
    pub(crate) content: &'a str,
}

/// The largest content that is unpacked: more than any table that fits the machines this is for.
const LIMIT: u64 = 4 << 30;
/// Tables shrink to a tenth, and those of few different cells to a hundredth: beyond this, a file is taken
/// for one that is made to fill the memory, unless it is small.
const MOST_TIMES: u64 = 100;
const SMALL: u64 = 256 << 20;

/// The bytes of a file, unpacked if they are gzip.
pub(crate) fn unpacked(path: &Path) -> Result<Vec<u8>> {
    unpack(path, file_bytes(path)?)
}

fn file_bytes(path: &Path) -> Result<Vec<u8>> {
    if path.is_dir() {
        return Err(ReadError::new(path, ReadProblem::IsFolder).into());
    }
    Ok(std::fs::read(path).map_err(|error| ReadError::new(path, ReadProblem::Io(error)))?)
}

fn unpack(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let packed = bytes.len() as u64;
    let limit = LIMIT.min(SMALL.max(packed.saturating_mul(MOST_TIMES)));
    let unpacking = || MultiGzDecoder::new(bytes.as_slice()).take(limit + 1);
    let damaged = |error: std::io::Error| {
        let detail = match error.kind() {
            ErrorKind::UnexpectedEof => "it ends early".to_owned(),
            _ => error.to_string(),
        };
        ReadError::new(path, ReadProblem::Gzip(detail))
    };
    // It is unpacked twice, so that it never takes more memory than the content.
    let length = std::io::copy(&mut unpacking(), &mut std::io::sink()).map_err(damaged)?;
    if length > limit {
        return Err(ReadError::new(path, ReadProblem::TooLarge { packed, limit }).into());
    }
    let mut content = Vec::new();
    let no_memory = |_| ReadError::new(path, ReadProblem::Io(ErrorKind::OutOfMemory.into()));
    content.try_reserve_exact(length as usize).map_err(no_memory)?;
    unpacking().read_to_end(&mut content).map_err(damaged)?;
    Ok(content)
}

/// Bytes as text, or the line of the first that are none (if lines can be told) and what they are.
fn decode(bytes: Vec<u8>) -> std::result::Result<String, (Option<u64>, &'static str)> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err((None, "it is UTF-16"));
    }
    let line_of =
        |bytes: &[u8], at: usize| Some(1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64);
    if let Some(at) = memchr::memchr(0, &bytes) {
        return Err((line_of(&bytes, at), "it holds a zero byte, as programs and spreadsheets do"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        (line_of(error.as_bytes(), at), "perhaps it is Latin-1")
    })
}
