//! What can be wrong with what came, and the second source.

use std::fs;
use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use imb_core::FetchProblem;
use imb_data::{FetchSource, State};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::server::{Content, Reply, Server};
use crate::{MIRROR, MIRROR_PATH, Toy, files, sha256, table};

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a name");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}

/// A server that sends this, whatever is asked.
fn sending(body: Vec<u8>) -> Server {
    Server::start(move |request, _| Content::asked(&body, request).reply())
}

/// A set whose file is known by its hash and packed as the mirror's entry says.
fn packed(server: &Server, mirror: &str) -> Toy {
    Toy::new(&server.address, &files(&format!("sha256 = \"{}\", {mirror}", sha256(&table()))))
}

const ZIPPED: &str =
    r#"mirror = { repository = "own/repo", commit = "c0ffee", path = "toy.zip", member = "toy.csv" }"#;

#[test]
fn a_packed_mirror_is_unpacked_and_compared() {
    for (body, mirror) in
        [(zip(&[("readme", b"hello"), ("toy.csv", &table())]), ZIPPED), (gzip(&table()), MIRROR)]
    {
        let toy = packed(&sending(body), mirror);
        assert_eq!(toy.fetch().expect("fetched").source, FetchSource::Mirror);
        assert_eq!(fs::read(toy.file()).expect("kept"), table());
    }
}

#[test]
fn a_file_that_is_packed_in_the_catalog_is_kept_unpacked() {
    let server = sending(gzip(&table()));
    let file =
        files(&format!("sha256 = \"{}\", {MIRROR}", sha256(&table()))).replace(".csv\",", ".csv.gz\",");
    let toy = Toy::new(&server.address, &file);
    // A damaged file under the packed name would be found first.
    fs::create_dir(toy.folder.path().join("toy")).expect("made");
    fs::write(toy.folder.path().join("toy/toy.csv.gz"), "damaged").expect("written");
    let fetched = toy.fetch().expect("fetched");
    assert_eq!(fetched.state, State::Verified { edition: "complete".into() });
    assert_eq!(toy.catalog.verify("toy", &toy.dirs()).expect("known"), fetched.state);
    assert_eq!(fs::read(toy.file()).expect("kept"), table());
    assert_eq!(fs::read(toy.folder.path().join("toy/toy.csv.gz.replaced")).expect("kept"), b"damaged");
}

#[test]
fn an_import_keeps_what_is_in_the_way_and_writes_under_the_name_that_fits() {
    let file =
        files(&format!("sha256 = \"{}\", {MIRROR}", sha256(&table()))).replace(".csv\",", ".csv.gz\",");
    let toy = Toy::new("http://127.0.0.1:9", &file);
    let from = tempfile::tempdir().expect("a folder");
    fs::write(from.path().join("toy.csv"), table()).expect("written");
    let packed = toy.folder.path().join("toy/toy.csv.gz");
    fs::create_dir(toy.folder.path().join("toy")).expect("made");
    for own in ["mine", "mine too"] {
        fs::write(&packed, own).expect("written");
        fs::write(toy.file(), own).expect("written");
        let state = toy.catalog.import("toy", from.path(), toy.folder.path()).expect("copied");
        assert_eq!(state, State::Verified { edition: "complete".into() });
        assert_eq!(fs::read(toy.file()).expect("kept"), table());
        assert!(!packed.exists(), "plain text under a packed name");
    }
    for aside in ["toy.csv.gz.replaced", "toy.csv.replaced", "toy.csv.gz.replaced2", "toy.csv.replaced2"] {
        let kept = fs::read_to_string(toy.folder.path().join("toy").join(aside)).expect("set aside");
        assert_eq!(kept, if aside.ends_with('2') { "mine too" } else { "mine" });
    }
    toy.catalog.import("toy", toy.folder.path(), toy.folder.path()).expect("onto itself");
    assert_eq!(fs::read(toy.file()).expect("kept"), table());
    let outside = Toy::new("http://127.0.0.1:9", &file.replace("toy/toy", "../toy"));
    assert!(outside.catalog.import("toy", from.path(), outside.folder.path()).is_err());
}

#[test]
fn an_archive_that_names_files_outside_is_refused() {
    for name in ["../toy.csv", "x/../../toy.csv", "/toy.csv", "C:\\toy.csv"] {
        let toy = packed(&sending(zip(&[("toy.csv", &table()), (name, b"evil")])), ZIPPED);
        assert_eq!(toy.problem(), FetchProblem::UnsafeMember { member: name.into() });
        assert!(!toy.folder.path().with_file_name("toy.csv").exists());
    }
}

#[test]
fn what_unpacks_without_measure_is_given_up() {
    let bomb = vec![b'0'; 5_000_000];
    for (body, mirror) in [(zip(&[("toy.csv", &bomb)]), ZIPPED), (gzip(&bomb), MIRROR)] {
        assert!(body.len() < 50_000);
        assert_eq!(packed(&sending(body), mirror).problem(), FetchProblem::TooLarge { limit: 200_000 });
    }
}

#[test]
fn an_archive_that_is_none_or_lacks_the_file() {
    let toy = packed(&sending(b"<html>log in first</html>".to_vec()), ZIPPED);
    assert!(matches!(toy.problem(), FetchProblem::BadArchive(_)));
    let toy = packed(&sending(zip(&[("other.csv", b"")])), ZIPPED);
    let known = "other.csv".to_owned();
    assert_eq!(toy.problem(), FetchProblem::NoMember { member: "toy.csv".into(), known });
}

/// A set with a mirror that lacks the file, and an archive.
fn second_source(archive: Vec<u8>) -> (Toy, Server) {
    let server = Server::start(move |request, _| match request.path.as_str() {
        MIRROR_PATH => Reply::Status(404),
        _ => Content::asked(&archive, request).reply(),
    });
    let from = format!("archive = {{ url = \"{}/toy.zip\", member = \"toy.csv\" }}", server.address);
    let file = files(&format!("sha256 = \"{}\", {MIRROR}, {from}", sha256(&table())));
    (Toy::new(&server.address, &file), server)
}

#[test]
fn the_archive_is_asked_when_the_mirror_fails() {
    let (toy, _server) = second_source(zip(&[("toy.csv", &table())]));
    let fetched = toy.fetch().expect("fetched");
    assert_eq!(fetched.source, FetchSource::Archive);
    assert_eq!(fetched.state, State::Verified { edition: "complete".into() });
}

#[test]
fn the_table_decides_over_what_comes_from_an_archive() {
    let text = String::from_utf8(table()).expect("text");
    let (toy, _server) = second_source(zip(&[("toy.csv", text.replace(".5,", ".50,").as_bytes())]));
    let fetched = toy.fetch().expect("fetched");
    assert_eq!(fetched.state, State::SameTable { edition: "complete".into(), file: toy.file() });

    let (toy, server) = second_source(zip(&[("toy.csv", text.replacen(".5,", ".6,", 1).as_bytes())]));
    let [mirror, archive] = &toy.failure().attempts[..] else { panic!("two attempts") };
    assert_eq!(mirror.problem, FetchProblem::Status(404));
    assert_eq!(archive.address, format!("{}/toy.zip", server.address));
    assert!(matches!(archive.problem, FetchProblem::WrongTable(_)), "{archive:?}");
}

#[test]
fn a_table_without_a_fingerprint_is_known_by_its_shape_and_unverified() {
    let server = sending(gzip(&table()));
    let file = files(&format!("archive = {{ url = \"{}/toy.csv.gz\" }}", server.address));
    let toy = Toy::unknown(&server.address, &file);
    let fetched = toy.fetch().expect("fetched");
    assert_eq!(fetched.source, FetchSource::Archive);
    assert!(matches!(fetched.state, State::Unverified { .. }));

    let server = sending(b"a,b,class\n1,2,0\n3,4,1\n".to_vec());
    let file = files(&format!("archive = {{ url = \"{}/toy.csv\" }}", server.address));
    assert!(matches!(Toy::unknown(&server.address, &file).problem(), FetchProblem::WrongTable(_)));
}

#[test]
fn an_archive_of_several_files_is_fetched_once() {
    let text = String::from_utf8(table()).expect("text");
    let half = text.match_indices('\n').nth(1000).expect("2001 lines").0 + 1;
    let second = format!("a,b,class\n{}", &text[half..]);
    let server = sending(zip(&[("one.csv", &text.as_bytes()[..half]), ("two.csv", second.as_bytes())]));
    let entry = |name: &str| {
        let url = format!("{}/both.zip", server.address);
        format!("{{ path = \"toy/{name}\", archive = {{ url = \"{url}\", member = \"{name}\" }} }}")
    };
    let toy = Toy::new(&server.address, &format!("[{}, {}]", entry("one.csv"), entry("two.csv")));
    assert_eq!(toy.fetch().expect("fetched").files.len(), 2);
    assert_eq!(server.requests().len(), 1);
}
