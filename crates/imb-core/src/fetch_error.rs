//! Why a data set could not be fetched, and what to do instead.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::Error;

/// A data set that could be had from none of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// The data set's name.
    pub dataset: String,
    /// What was tried, in order.
    pub attempts: Vec<FetchAttempt>,
    /// What to put where.
    pub remedy: String,
}

/// An address, and why it did not give what was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchAttempt {
    /// The address, or the file in the way.
    pub address: String,
    /// What was wrong.
    pub problem: FetchProblem,
}

/// What can go wrong between an address and a file that is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchProblem {
    /// No address is known that gives the file without an account or a conversion.
    #[error("no address is known that gives {file} as it is")]
    NoAddress {
        /// The file, as the catalog names it.
        file: String,
    },
    /// There is no way to the server.
    #[error("the server cannot be reached: {0}")]
    Offline(String),
    /// The server is too slow.
    #[error("{what} took longer than {limit:?}")]
    Timeout {
        /// What was waited for.
        what: &'static str,
        /// How long.
        limit: Duration,
    },
    /// The server answers with an error.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// The server sends from one address to the next without end.
    #[error("the address leads on to another more than {0} times")]
    Redirects(u32),
    /// The transfer ended early. What came is kept, and the next try goes on from there.
    #[error("the transfer ended after {got} of {} bytes", expected.map_or("an unknown number of".into(), |n| n.to_string()))]
    Cut {
        /// Bytes received, those of earlier tries among them.
        got: u64,
        /// Bytes announced, if any number was.
        expected: Option<u64>,
    },
    /// There is more of it than any data set has.
    #[error("holds more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The content is not that of the catalog.
    #[error("gives other content: its SHA-256 is {found}, not {expected}")]
    WrongHash {
        /// The hash in the catalog, hexadecimal.
        expected: String,
        /// The hash of what came, unpacked.
        found: String,
    },
    /// The table in it is not that of the catalog.
    #[error("gives another table: {0}")]
    WrongTable(String),
    /// The archive cannot be unpacked.
    #[error("gives an archive that cannot be unpacked: {0}")]
    BadArchive(String),
    /// The archive names a file outside the folder that it would be unpacked to.
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
        /// The file wanted.
        member: String,
        /// The files there are.
        known: String,
    },
    /// Another process works in the folder.
    #[error("another process has held this lock for {waited:?}")]
    Locked {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The server does not speak HTTP as it should.
    #[error("the answer makes no sense: {0}")]
    Protocol(String),
}

impl FetchProblem {
    /// Whether the same request may well succeed when it is made again.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Cut { .. } => true,
            Self::Status(status) => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}

impl FetchError {
    /// The error of a folder that another process holds.
    pub fn locked(dataset: &str, lock: PathBuf, waited: Duration) -> Self {
        let attempt =
            FetchAttempt { address: lock.display().to_string(), problem: FetchProblem::Locked { waited } };
        let remedy = "Let it end, or stop it; the lock ends with it".to_owned();
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
