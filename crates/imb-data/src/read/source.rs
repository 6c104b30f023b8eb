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
}

impl Text {
    /// Reads a file, unpacking it if it is gzip. The content decides, not the name.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::new(path, file_bytes(path)?)
    }

    /// The same of bytes in memory, which errors call by this path.
    pub(crate) fn new(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let content = decode(unpack(path, bytes)?).map_err(|(line, detail)| ReadError {
            line,
            ..ReadError::new(path, ReadProblem::Encoding(detail))
        })?;
        Ok(Self { path: path.to_owned(), content })
    }

    /// An error in this file, at a line (from 1).
    pub(crate) fn error(&self, line: u64, problem: ReadProblem) -> ReadError {
        ReadError::new(&self.path, problem).at_line(line)
    }

    /// The lines with their numbers (from 1), without line ends.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, &str)> {
        (1..).zip(self.content.lines())
    }
}

/// The largest content that is unpacked: more than any table that fits the machines this is for.
const LIMIT: u64 = 4 << 30;

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
    let mut content = Vec::new();
    let decoded = MultiGzDecoder::new(bytes.as_slice()).take(LIMIT + 1).read_to_end(&mut content);
    decoded.map_err(|error| {
        let detail = match error.kind() {
            ErrorKind::UnexpectedEof => "it ends early".to_owned(),
            _ => error.to_string(),
        };
        ReadError::new(path, ReadProblem::Gzip(detail))
    })?;
    if content.len() as u64 > LIMIT {
        return Err(ReadError::new(path, ReadProblem::TooLarge { limit: LIMIT }).into());
    }
    Ok(content)
}

/// Bytes as text, or the line of the first that are none (if lines can be told) and what they are.
fn decode(mut bytes: Vec<u8>) -> std::result::Result<String, (Option<u64>, &'static str)> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err((None, "it is UTF-16"));
    }
    let line_of =
        |bytes: &[u8], at: usize| Some(1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64);
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err((line_of(&bytes, at), "it holds a zero byte, as programs and spreadsheets do"));
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.drain(..3);
    }
    if !bytes.contains(&b'\n') {
        // The line ends of old Macintosh files, which only some of the readers would know.
        bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        (line_of(error.as_bytes(), at), "perhaps it is Latin-1")
    })
}
