//! What can go wrong on the way.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use imb_core::FetchProblem;
use imb_data::{FetchSource, Progress, State};

use crate::server::{Content, Reply, Server};
use crate::{MIRROR_PATH, Toy, table};

fn verified() -> State {
    State::Verified { edition: "complete".into() }
}

#[test]
fn what_comes_from_the_mirror_is_kept_and_not_fetched_again() {
    let server = Server::start(|request, _| Content::asked(&table(), request).reply());
    let toy = Toy::mirrored(&server.address);
    let mut bytes_seen = Vec::new();
    let fetched = toy.fetch_watched(&mut |progress| {
        if let Progress::Received { bytes, total, .. } = progress {
            bytes_seen.push((bytes, total));
        }
    });
    let fetched = fetched.expect("fetched");
    assert_eq!((fetched.source, fetched.state), (FetchSource::Mirror, verified()));
    assert_eq!(fetched.files, [toy.file()]);
    assert_eq!(fs::read(toy.file()).expect("kept"), table());
    let total = table().len() as u64;
    assert_eq!(bytes_seen.first(), Some(&(0, Some(total))));
    assert_eq!(bytes_seen.last(), Some(&(total, Some(total))));

    let again = toy.fetch().expect("there");
    assert_eq!((again.source, again.state), (FetchSource::AlreadyThere, verified()));
    assert_eq!(server.requests().len(), 1);
    assert_eq!(server.requests()[0].path, MIRROR_PATH);
    assert_eq!(toy.parts(), []);
}

#[test]
fn an_absent_file_is_not_asked_for_twice() {
    let server = Server::start(|_, _| Reply::Status(404));
    assert_eq!(Toy::mirrored(&server.address).problem(), FetchProblem::Status(404));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_server_in_trouble_is_asked_again() {
    let server = Server::start(|request, number| match number {
        0 => Reply::Status(503),
        _ => Content::asked(&table(), request).reply(),
    });
    assert_eq!(Toy::mirrored(&server.address).fetch().expect("fetched").state, verified());
}

#[test]
fn a_redirect_is_followed_but_not_in_circles() {
    let server = Server::start(|request, _| match request.path.as_str() {
        MIRROR_PATH => Reply::Redirect("/elsewhere".into()),
        _ => Content::asked(&table(), request).reply(),
    });
    assert_eq!(Toy::mirrored(&server.address).fetch().expect("fetched").state, verified());

    let server = Server::start(|request, _| Reply::Redirect(request.path.clone()));
    assert!(matches!(Toy::mirrored(&server.address).problem(), FetchProblem::Redirects(_)));
}

#[test]
fn a_cut_transfer_is_gone_on_with_where_it_ended() {
    let server = Server::start(|request, number| {
        let content = Content::asked(&table(), request).marked("\"v1\"");
        match number {
            0 => content.cut_at(1000),
            1 => content.cut_at(1500),
            _ => content,
        }
        .reply()
    });
    let toy = Toy::mirrored(&server.address);
    let mut retries = Vec::new();
    let fetched = toy.fetch_watched(&mut |progress| {
        if let Progress::Retrying { problem, .. } = progress {
            retries.push(problem.clone());
        }
    });
    assert_eq!(fetched.expect("fetched").state, verified());
    assert_eq!(server.starts(), [None, Some(1000), Some(1500)]);
    assert_eq!(server.requests()[1].if_range.as_deref(), Some("\"v1\""));
    let cut = |got| FetchProblem::Cut { got, expected: Some(table().len() as u64) };
    assert_eq!(retries, [cut(1000), cut(1500)]);
}

#[test]
fn a_server_that_knows_no_parts_sends_the_whole_again() {
    let server = Server::start(|_, number| match number {
        0 => Content::whole(&table()).cut_at(1000).reply(),
        _ => Content::whole(&table()).reply(),
    });
    assert_eq!(Toy::mirrored(&server.address).fetch().expect("fetched").state, verified());
    assert_eq!(server.starts(), [None, Some(1000)]);
}

#[test]
fn what_came_of_a_cut_transfer_waits_for_the_next_call() {
    let server = Server::start(|request, number| {
        let content = Content::asked(&table(), request);
        if number < 3 { content.cut_at(1000 + 100 * number).reply() } else { content.reply() }
    });
    let toy = Toy::mirrored(&server.address);
    assert_eq!(toy.problem(), FetchProblem::Cut { got: 1200, expected: Some(table().len() as u64) });
    assert_eq!(toy.parts(), [1200]);
    assert_eq!(toy.fetch().expect("fetched").state, verified());
    assert_eq!(server.starts().last(), Some(&Some(1200)));
    assert_eq!(toy.parts(), []);
}

#[test]
fn parts_of_two_versions_are_not_joined() {
    // The second answer is a part of another version, sent against the If-Range that was asked.
    let server = Server::start(|request, number| {
        let content = Content::asked(&table(), request);
        match number {
            0 => content.marked("\"v1\"").cut_at(1000),
            _ => content.marked("\"v2\""),
        }
        .reply()
    });
    assert_eq!(Toy::mirrored(&server.address).fetch().expect("fetched").state, verified());
    assert_eq!(server.starts(), [None, Some(1000), None]);
}

#[test]
fn a_part_that_is_longer_than_the_file_is_given_up() {
    let server = Server::start(|request, number| match (number, request.from) {
        (0, _) => Content::whole(&[b'x'; 90_000]).cut_at(80_000).reply(),
        (_, Some(_)) => Reply::Status(416),
        (_, None) => Content::whole(&table()).reply(),
    });
    assert_eq!(Toy::mirrored(&server.address).fetch().expect("fetched").state, verified());
    assert_eq!(server.starts(), [None, Some(80_000), None]);
}

#[test]
fn other_content_is_not_kept() {
    let server = Server::start(|request, _| {
        let mut other = table();
        other[500] ^= 1;
        Content::asked(&other, request).reply()
    });
    let toy = Toy::mirrored(&server.address);
    assert!(matches!(toy.problem(), FetchProblem::WrongHash { .. }));
    assert_eq!(toy.parts(), []);
}

#[test]
fn a_part_that_proves_wrong_is_fetched_from_the_start() {
    let server = Server::start(|request, number| match number {
        0..3 => Content::whole(&vec![b'x'; table().len()]).cut_at(1000).reply(),
        _ => Content::asked(&table(), request).reply(),
    });
    let toy = Toy::mirrored(&server.address);
    assert!(matches!(toy.problem(), FetchProblem::Cut { got: 1000, .. }));
    assert_eq!(toy.fetch().expect("fetched").state, verified());
    assert_eq!(server.starts()[3..], [Some(1000), None]);
}

#[test]
fn more_than_the_limit_is_neither_awaited_nor_kept() {
    let too_large = FetchProblem::TooLarge { limit: 200_000 };
    let endless = Server::start(|_, _| Reply::Endless(Duration::ZERO));
    let announced = Server::start(|_, _| Content::whole(&[0; 200_001]).cut_at(10).reply());
    for server in [endless, announced] {
        let toy = Toy::mirrored(&server.address);
        assert_eq!(toy.problem(), too_large);
        assert_eq!(toy.parts(), []);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_server_that_falls_silent_is_not_waited_for() {
    let server = Server::start(|request, _| Content::asked(&table(), request).silent_at(1000).reply());
    let mut toy = Toy::mirrored(&server.address);
    toy.options.stall = Duration::from_millis(300);
    toy.options.retries = 1;
    assert!(matches!(toy.problem(), FetchProblem::Timeout { what: "the wait for the next byte", .. }));
    assert_eq!((toy.parts(), server.starts()), (vec![1000], vec![None, Some(1000)]));
}

#[test]
fn a_transfer_may_take_only_so_long_in_all() {
    let server = Server::start(|_, _| Reply::Endless(Duration::from_millis(20)));
    let mut toy = Toy::mirrored(&server.address);
    toy.options.total = Duration::from_millis(200);
    toy.options.retries = 0;
    assert!(matches!(toy.problem(), FetchProblem::Timeout { what: "the transfer", .. }));
}

#[test]
fn offline_the_message_says_what_to_put_where() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    let toy = Toy::mirrored(&format!("http://{nobody}"));
    assert!(matches!(toy.problem(), FetchProblem::Offline(_)));
    let message = toy.failure().to_string();
    assert!(message.contains("the server cannot be reached"), "{message}");
    assert!(message.contains("First published at the toy shop"), "{message}");
}
