//! The data folder: who may write, what a sudden end leaves, what is checked.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use imb_core::{Error, FetchProblem};
use imb_data::{FetchSource, Progress, State};

use crate::server::{Content, Reply, Server};
use crate::{MIRROR, Toy, files, sha256, table};

#[test]
fn two_at_once_fetch_it_once() {
    let server = Server::start(|request, _| {
        thread::sleep(Duration::from_millis(100));
        Content::asked(&table(), request).reply()
    });
    let toy = Toy::mirrored(&server.address);
    let fetch = || {
        let mut waited = false;
        let fetched = toy.fetch_watched(&mut |progress| {
            waited |= matches!(progress, Progress::Waiting { .. });
        });
        (fetched.expect("fetched").source == FetchSource::Mirror, waited)
    };
    let both = thread::scope(|scope| {
        [scope.spawn(fetch), scope.spawn(fetch)].map(|thread| thread.join().expect("no panic"))
    });
    assert!(both.contains(&(true, false)) && both.iter().any(|(fetched, _)| !fetched), "{both:?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_folder_that_stays_locked_is_an_error_that_names_the_lock() {
    let server = Server::start(|request, _| Content::asked(&table(), request).reply());
    let mut toy = Toy::mirrored(&server.address);
    toy.options.lock_wait = Duration::from_millis(50);
    let path = toy.folder.path().join(".fetch/lock");
    fs::create_dir(toy.folder.path().join(".fetch")).expect("made");
    let lock = fs::File::create(&path).expect("made");
    lock.lock().expect("free");
    let Err(Error::Fetch(failure)) = toy.fetch() else { panic!("the folder is locked") };
    assert!(matches!(failure.attempts[0].problem, FetchProblem::Locked { .. }));
    assert_eq!(failure.attempts[0].address, path.display().to_string());
    drop(lock);
    assert!(toy.fetch().is_ok());
}

#[test]
fn a_panic_in_the_middle_leaves_nothing_half_written() {
    let server = Server::start(|request, number| match number {
        0 => Content::asked(&table(), request).silent_at(1000).reply(),
        _ => Content::asked(&table(), request).reply(),
    });
    let toy = Toy::mirrored(&server.address);
    let died = thread::scope(|scope| {
        let fetching = scope.spawn(|| {
            toy.fetch_watched(&mut |progress| {
                assert!(!matches!(progress, Progress::Received { bytes: 1.., .. }), "as the test wants");
            })
        });
        fetching.join().is_err()
    });
    assert!(died && !toy.file().exists());
    assert_eq!(toy.fetch().expect("fetched").source, FetchSource::Mirror);
    assert_eq!(server.starts(), [None, Some(1000)]);
}

const CHILD_SERVER: &str = "IMB_TEST_FETCH_SERVER";
const CHILD_FOLDER: &str = "IMB_TEST_FETCH_FOLDER";

/// Nothing on its own: the process that the next test starts, with the two variables, and kills.
#[test]
fn child() {
    let (Ok(server), Ok(folder)) = (std::env::var(CHILD_SERVER), std::env::var(CHILD_FOLDER)) else { return };
    let toy = Toy::mirrored(&server);
    let options = imb_data::FetchOptions { stall: Duration::from_secs(20), ..toy.options };
    let _ = toy.catalog.fetch("toy", Path::new(&folder), &options, &mut |_| {});
}

#[test]
fn a_process_that_is_killed_leaves_no_lock_and_a_part_to_go_on_from() {
    let server = Server::start(|request, number| match number {
        0 => Content::asked(&table(), request).silent_at(1000).reply(),
        _ => Content::asked(&table(), request).reply(),
    });
    let toy = Toy::mirrored(&server.address);
    let mut child = Command::new(std::env::current_exe().expect("known"))
        .args(["--exact", "folder::child"])
        .env(CHILD_SERVER, &server.address)
        .env(CHILD_FOLDER, toy.folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    let start = Instant::now();
    while toy.parts() != [1000] && start.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("running");
    child.wait().expect("ended");
    assert!(!toy.file().exists());
    assert_eq!(toy.parts(), [1000]);

    let mut waited = false;
    let fetched = toy.fetch_watched(&mut |progress| waited |= matches!(progress, Progress::Waiting { .. }));
    assert_eq!((fetched.expect("fetched").source, waited), (FetchSource::Mirror, false));
    assert_eq!(server.starts(), [None, Some(1000)]);
    assert_eq!(fs::read(toy.file()).expect("kept"), table());
}

#[test]
fn verification_names_the_file_with_one_changed_byte_and_fetching_mends_it() {
    let server = Server::start(|request, _| Content::asked(&table(), request).reply());
    let toy = Toy::mirrored(&server.address);
    toy.fetch().expect("fetched");
    let mut bytes = table();
    bytes[500] ^= 1;
    fs::write(toy.file(), &bytes).expect("written");
    let State::Wrong { problem } = toy.catalog.verify("toy", &toy.dirs()).expect("known") else {
        panic!("a changed byte is found")
    };
    assert!(problem.contains(&toy.file().display().to_string()), "{problem}");

    let fetched = toy.fetch().expect("fetched");
    assert_eq!(fetched.state, State::Verified { edition: "complete".into() });
    assert_eq!(fs::read(toy.file()).expect("kept"), table());
    assert_eq!(fs::read(toy.file().with_added_extension("replaced")).expect("kept"), bytes);
}

#[test]
fn of_two_files_none_is_kept_if_one_is_absent() {
    let server = Server::start(|request, _| {
        if request.path.ends_with("toy.csv") {
            Content::asked(&table(), request).reply()
        } else {
            Reply::Status(404)
        }
    });
    let hash = sha256(&table());
    let absent = MIRROR.replace("toy.csv", "absent.csv");
    let both = format!(
        "[{{ path = \"toy/toy.csv\", sha256 = \"{hash}\", {MIRROR} }}, \
         {{ path = \"toy/absent.csv\", sha256 = \"{hash}\", {absent} }}]"
    );
    let toy = Toy::new(&server.address, &both);
    assert_eq!(toy.problem(), FetchProblem::Status(404));
}

#[test]
fn a_set_without_addresses_says_so_and_asks_nobody() {
    let toy = Toy::new("http://127.0.0.1:9", &files("part = \"all\""));
    assert_eq!(toy.problem(), FetchProblem::NoAddress { file: "toy/toy.csv".into() });
}

#[test]
fn a_catalog_cannot_write_outside_the_data_folder() {
    let toy = Toy::new("http://127.0.0.1:9", &files(MIRROR).replace("toy/toy.csv", "../toy.csv"));
    assert!(matches!(toy.fetch(), Err(Error::InvalidParameter { .. })));
}
