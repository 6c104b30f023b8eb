//! The bytes at an address: asked for again where they were cut, up to a size, and never forever.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::thread;

use imb_core::{Error, FetchProblem};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body, Timeout};

use super::part::{Note, Part};
use super::{FetchOptions, Progress};

/// Fetches from addresses, keeping what is unfinished in a folder.
pub(super) struct Transfer<'a> {
    client: Agent,
    options: &'a FetchOptions,
    folder: &'a Path,
}

/// Why there is nothing.
pub(super) enum Failure {
    /// The address is at fault; another may do.
    There(FetchProblem),
    /// This machine is at fault.
    Here(Error),
}

/// What came.
pub(super) struct Download {
    /// The bytes, as they were sent.
    pub(super) bytes: Vec<u8>,
    /// Whether some of them had been left by an earlier run.
    pub(super) resumed: bool,
}

impl<'a> Transfer<'a> {
    /// Leaves unfinished downloads in a folder, which must exist.
    pub(super) fn new(options: &'a FetchOptions, folder: &'a Path) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            // Bytes are counted and resumed as they are stored.
            .accept_encoding("identity")
            .max_redirects(REDIRECTS)
            .timeout_resolve(Some(options.connect))
            .timeout_connect(Some(options.connect))
            .timeout_recv_response(Some(options.stall))
            .timeout_per_read(Some(options.stall))
            .timeout_global(Some(options.total));
        if !options.use_proxy {
            config = config.proxy(None);
        }
        Self { client: config.build().new_agent(), options, folder }
    }

    /// The bytes at an address.
    ///
    /// # Errors
    /// An aborted or slow transfer is resumed, at most as often as the options allow. After that, and at once for
    /// any other problem, the problem is returned. The bytes received are kept for the next call if it can resume
    /// from them.
    pub(super) fn get(&self, url: &str, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Download, Failure> {
        let part = Part::of(url, self.folder);
        let resumed = part.kept(url).is_some();
        let mut tries = 0;
        loop {
            match self.attempt(url, &part, progress) {
                Ok(()) => return Ok(Download { bytes: part.take()?, resumed }),
                Err(Failure::There(problem)) if problem.may_pass() && tries < self.options.retries => {
                    tries += 1;
                    progress(Progress::Retrying { address: url, problem: &problem });
                    thread::sleep(self.options.pause * tries);
                }
                Err(failure) => {
                    if matches!(failure, Failure::There(FetchProblem::TooLarge { .. })) {
                        part.remove()?;
                    }
                    return Err(failure);
                }
            }
        }
    }

    /// One request, and a second from the start if the server does not go on where the part ends.
    fn attempt(&self, url: &str, part: &Part, progress: &mut dyn FnMut(Progress<'_>)) -> Result<(), Failure> {
        if let Some((have, note)) = part.kept(url) {
            let response = self.request(url, Some((have, &note)))?;
            let stale = match response.status() {
                StatusCode::RANGE_NOT_SATISFIABLE => true,
                StatusCode::PARTIAL_CONTENT => {
                    starts_at(&response) != Some(have) || !note.agrees_with(&note_of(url, &response))
                }
                _ => return self.anew(url, part, response, progress),
            };
            if !stale {
                return self.receive(url, part, part.go_on()?, have, response, progress);
            }
            part.remove()?;
        }
        let response = self.request(url, None)?;
        self.anew(url, part, response, progress)
    }

    fn request(&self, url: &str, after: Option<(u64, &Note)>) -> Result<Response<Body>, Failure> {
        let mut request = self.client.get(url);
        if let Some((have, note)) = after {
            request = request.header("Range", format!("bytes={have}-"));
            if let Some(validator) = note.validator() {
                request = request.header("If-Range", validator);
            }
        }
        request.call().map_err(|error| Failure::There(self.problem(error, 0, None)))
    }

    fn anew(
        &self,
        url: &str,
        part: &Part,
        response: Response<Body>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Failure> {
        match response.status() {
            StatusCode::OK => {
                let file = part.start(&note_of(url, &response))?;
                self.receive(url, part, file, 0, response, progress)
            }
            StatusCode::PARTIAL_CONTENT => Err(Failure::There(FetchProblem::Protocol(
                "a part is sent, but the whole was asked for".into(),
            ))),
            status => Err(Failure::There(FetchProblem::Status(status.as_u16()))),
        }
    }

    /// Writes what the server sends behind the `have` bytes that are there.
    fn receive(
        &self,
        url: &str,
        part: &Part,
        mut file: File,
        have: u64,
        response: Response<Body>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Failure> {
        let body = response.into_body();
        let limit = self.options.size_limit;
        let total = body.content_length().map(|rest| have.saturating_add(rest));
        let mut reader = body.into_reader();
        let mut buffer = vec![0; 64 << 10];
        let mut bytes = have;
        loop {
            if bytes.max(total.unwrap_or(0)) > limit {
                return Err(Failure::There(FetchProblem::TooLarge { limit }));
            }
            progress(Progress::Received { address: url, bytes, total });
            let count = match reader.read(&mut buffer) {
                Ok(0) if total.is_some_and(|total| bytes < total) => {
                    return Err(Failure::There(FetchProblem::Cut { got: bytes, expected: total }));
                }
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::There(self.problem(error.into(), bytes, total))),
            };
            file.write_all(&buffer[..count]).map_err(|error| part.refused(error))?;
            bytes += count as u64;
        }
    }

    /// What went wrong, after so many bytes of so many.
    fn problem(&self, error: ureq::Error, got: u64, expected: Option<u64>) -> FetchProblem {
        let cut = [
            ErrorKind::UnexpectedEof,
            ErrorKind::ConnectionReset,
            ErrorKind::ConnectionAborted,
            ErrorKind::BrokenPipe,
        ];
        match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                FetchProblem::Offline(format!("no connection within {:?}", self.options.connect))
            }
            ureq::Error::Timeout(Timeout::Global | Timeout::PerCall | Timeout::RecvBody) => {
                FetchProblem::Timeout { what: "the transfer", limit: self.options.total }
            }
            ureq::Error::Timeout(_) => {
                FetchProblem::Timeout { what: "the wait for the next byte", limit: self.options.stall }
            }
            ureq::Error::TooManyRedirects => FetchProblem::Redirects(REDIRECTS),
            ureq::Error::Io(error) if cut.contains(&error.kind()) => FetchProblem::Cut { got, expected },
            ureq::Error::Io(_) if got > 0 => FetchProblem::Cut { got, expected },
            ureq::Error::Io(error) => FetchProblem::Offline(error.to_string()),
            ureq::Error::HostNotFound => FetchProblem::Offline("its name is not known".into()),
            ureq::Error::ConnectionFailed => FetchProblem::Offline("no connection".into()),
            error => FetchProblem::Protocol(error.to_string()),
        }
    }
}

/// From one address to the next so often, and no further.
const REDIRECTS: u32 = 5;

/// The first byte of a part that is sent, as `Content-Range: bytes FIRST-LAST/TOTAL` has it.
fn starts_at(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get("content-range")?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

fn note_of(url: &str, response: &Response<Body>) -> Note {
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    Note { url: url.to_owned(), etag: header("etag"), last_modified: header("last-modified") }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Here(error)
    }
}
