//! Why a data set could not be fetched, and what to do instead.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::Error;

/// A data set could be fetched from none of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// The data set's name.
    pub dataset: String,
    /// The attempts, in order.
    pub attempts: Vec<FetchAttempt>,
    /// Which file to put where.
    pub remedy: String,
}

/// An address, and why fetching from it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchAttempt {
    /// The address; for a lock, its file.
    pub address: String,
    /// Why it failed.
    pub problem: FetchProblem,
}

/// What can go wrong between requesting a file and storing it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchProblem {
    /// No known address offers the file without an account or a conversion.
    #[error("no address is known that gives {file} as it is")]
    NoAddress {
        /// The file's name in the catalog.
        file: String,
    },
    /// The server cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Offline(String),
    /// The server is too slow.
    #[error("{what} took longer than {limit:?}")]
    Timeout {
        /// The step that took too long.
        what: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// The server answers with an error.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// The server redirects too many times.
    #[error("redirected more than {0} times")]
    Redirects(u32),
    /// The transfer ended early. The bytes received are kept, and the next try resumes there.
    #[error("the transfer ended after {got} of {} bytes", expected.map_or("an unknown number of".into(), |n| n.to_string()))]
    Cut {
        /// Bytes received, including those of earlier tries.
        got: u64,
        /// Bytes announced by the server, if it announced a number.
        expected: Option<u64>,
    },
    /// The file is larger than any data set of the catalog.
    #[error("holds more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The content differs from the catalog's.
    #[error("gives other content: its SHA-256 is {found}, not {expected}")]
    WrongHash {
        /// The hash in the catalog, hexadecimal.
        expected: String,
        /// The hash of the unpacked content.
        found: String,
    },
    /// The table in the file differs from the catalog's.
    #[error("gives another table: {0}")]
    WrongTable(String),
    /// The archive cannot be unpacked.
    #[error("gives an archive that cannot be unpacked: {0}")]
    BadArchive(String),
    /// The archive names a file outside the folder it is unpacked into.
    #[error(
        "gives an archive that names \"{member}\", which lies outside its folder: it is not to be trusted"
    )]
    UnsafeMember {
        /// The name in the archive.
        member: String,
    },
    /// The archive does not hold the file.
    #[error("gives an archive without {member}; it holds {known}")]
    NoMember {
        /// The file looked for.
        member: String,
        /// The files in the archive.
        known: String,
    },
    /// Another process holds the folder's lock.
    #[error("another process has held this lock for {waited:?}")]
    Locked {
        /// How long this process has waited.
        waited: Duration,
    },
    /// The server's answer is not valid HTTP.
    #[error("the answer is not valid HTTP: {0}")]
    Protocol(String),
}

impl FetchProblem {
    /// Whether the same request may succeed if it is repeated.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Cut { .. } => true,
            Self::Status(status) => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}

impl FetchError {
    /// The error for a folder that another process has locked.
    pub fn locked(dataset: &str, lock: PathBuf, waited: Duration) -> Self {
        let attempt =
            FetchAttempt { address: lock.display().to_string(), problem: FetchProblem::Locked { waited } };
        let remedy = "Wait for that process to end, or stop it; its lock is then released".to_owned();
        Self { dataset: dataset.to_owned(), attempts: vec![attempt], remedy }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} could not be fetched", self.dataset)?;
        for (place, attempt) in self.attempts.iter().enumerate() {
            let mark = if place == 0 { ": " } else { "; " };
            write!(f, "{mark}{}: {}", attempt.address, attempt.problem)?;
        }
        write!(f, ". {}", self.remedy)
    }
}

impl std::error::Error for FetchError {}

impl From<FetchError> for Error {
    fn from(error: FetchError) -> Self {
        Self::Fetch(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_each_address_and_ends_with_what_to_do() {
        let attempt = |address: &str, problem| FetchAttempt { address: address.to_owned(), problem };
        let error = FetchError {
            dataset: "pima".into(),
            attempts: vec![
                attempt("http://a", FetchProblem::Status(404)),
                attempt("http://b", FetchProblem::Cut { got: 3, expected: Some(5) }),
            ],
            remedy: "Put pima.csv into D".into(),
        };
        assert_eq!(
            Error::from(error).to_string(),
            "pima could not be fetched: http://a: the server answers with status 404; \
             http://b: the transfer ended after 3 of 5 bytes. Put pima.csv into D"
        );
    }
}
