//! A web server on this machine that misbehaves as it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// The first byte wanted, if a part is.
    pub(crate) from: Option<usize>,
    /// The version of which a part is wanted.
    pub(crate) if_range: Option<String>,
}

/// What is answered.
pub(crate) enum Reply {
    /// A status without content.
    Status(u16),
    /// Go there instead.
    Redirect(String),
    /// Content.
    Content(Content),
    /// Bytes without end, whose number is not announced, with pauses between.
    Endless(Duration),
}

/// A file, or a part of one.
pub(crate) struct Content {
    body: Vec<u8>,
    first: usize,
    etag: Option<&'static str>,
    end: usize,
    silent: bool,
}

impl Content {
    /// The whole file.
    pub(crate) fn whole(body: &[u8]) -> Self {
        Self { body: body.to_vec(), first: 0, etag: None, end: body.len(), silent: false }
    }

    /// The part that the request asks for.
    pub(crate) fn asked(body: &[u8], request: &Request) -> Self {
        Self { first: request.from.unwrap_or(0), ..Self::whole(body) }
    }

    /// With the mark of a version.
    pub(crate) fn marked(self, etag: &'static str) -> Self {
        Self { etag: Some(etag), ..self }
    }

    /// The connection ends before this byte.
    pub(crate) fn cut_at(self, end: usize) -> Self {
        Self { end, ..self }
    }

    /// Nothing is sent from this byte on, but the connection stays open.
    pub(crate) fn silent_at(self, end: usize) -> Self {
        Self { end, silent: true, ..self }
    }

    pub(crate) fn reply(self) -> Reply {
        Reply::Content(self)
    }
}

/// A server that runs until its test program ends.
pub(crate) struct Server {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request, of which the first is number 0.
    pub(crate) fn start(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (requests.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                // A client that goes away is part of the tests.
                thread::spawn(move || {
                    let Ok(request) = read_request(&stream) else { return };
                    let number = {
                        let mut log = log.lock().expect("no panic under the lock");
                        log.push(request.clone());
                        log.len() - 1
                    };
                    let _ = send(&stream, answer(&request, number));
                });
            }
        });
        Self { address, requests }
    }

    /// What was asked for so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic under the lock").clone()
    }

    /// The first bytes asked for so far.
    pub(crate) fn starts(&self) -> Vec<Option<usize>> {
        self.requests().into_iter().map(|request| request.from).collect()
    }
}

fn read_request(stream: &TcpStream) -> std::io::Result<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut request = Request { path, from: None, if_range: None };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "range" => request.from = value.trim_start_matches("bytes=").trim_end_matches('-').parse().ok(),
            "if-range" => request.if_range = Some(value.to_owned()),
            _ => {}
        }
    }
    Ok(request)
}

fn send(mut stream: &TcpStream, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Status(status) => {
            write!(stream, "HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Reply::Redirect(to) => write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
        Reply::Endless(pause) => {
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b'x'; 4096])?;
                thread::sleep(pause);
            }
        }
        Reply::Content(content) => send_content(stream, &content),
    }
}

fn send_content(mut stream: &TcpStream, content: &Content) -> std::io::Result<()> {
    let Content { body, first, etag, end, silent } = content;
    let length = body.len() - first;
    match first {
        0 => write!(stream, "HTTP/1.1 200 OK\r\n")?,
        _ => {
            let (last, total) = (body.len() - 1, body.len());
            write!(
                stream,
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/{total}\r\n"
            )?;
        }
    }
    if let Some(etag) = etag {
        write!(stream, "ETag: {etag}\r\n")?;
    }
    write!(stream, "Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(&body[*first..*end])?;
    stream.flush()?;
    if *silent {
        thread::sleep(Duration::from_secs(20));
    }
    Ok(())
}
