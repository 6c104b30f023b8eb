//! Unpacking what came over the wire, in memory and to a limit: nothing in an archive decides where
//! or how much is written.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use imb_core::FetchProblem;
use zip::ZipArchive;

use crate::store::stays_inside;

/// The content of a file: the member of a zip archive if one is named, and unpacked if it is gzip.
///
/// # Errors
/// A problem with the archive, or [`FetchProblem::TooLarge`] for content of more than `limit` bytes.
pub(super) fn unpacked(bytes: Vec<u8>, member: Option<&str>, limit: u64) -> Result<Vec<u8>, FetchProblem> {
    let content = match member {
        Some(member) => member_of(&bytes, member, limit)?,
        None => bytes,
    };
    if !content.starts_with(&[0x1f, 0x8b]) {
        return Ok(content);
    }
    read_to_limit(MultiGzDecoder::new(content.as_slice()), limit)
}

/// The content of the archive's file of that name, in whatever folder of the archive it lies.
fn member_of(bytes: &[u8], member: &str, limit: u64) -> Result<Vec<u8>, FetchProblem> {
    let bad = |error: zip::result::ZipError| FetchProblem::BadArchive(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(bad)?;
    let names: Vec<String> =
        archive.file_names().map(|name| Ok(name.map_err(bad)?.into_owned())).collect::<Result<_, _>>()?;
    if let Some(name) = names.iter().find(|name| !stays_inside(name)) {
        return Err(FetchProblem::UnsafeMember { member: name.clone() });
    }
    let below = format!("/{member}");
    let exact = names.iter().position(|name| name == member);
    let place = exact.or_else(|| names.iter().position(|name| name.ends_with(&below)));
    let place = place.ok_or_else(|| FetchProblem::NoMember {
        member: member.to_owned(),
        known: names.iter().take(20).map(String::as_str).collect::<Vec<_>>().join(", "),
    })?;
    read_to_limit(archive.by_index(place).map_err(bad)?, limit)
}

fn read_to_limit(packed: impl Read, limit: u64) -> Result<Vec<u8>, FetchProblem> {
    let mut content = Vec::new();
    let read = packed.take(limit.saturating_add(1)).read_to_end(&mut content);
    read.map_err(|error| FetchProblem::BadArchive(error.to_string()))?;
    if content.len() as u64 > limit { Err(FetchProblem::TooLarge { limit }) } else { Ok(content) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            writer.start_file(*name, SimpleFileOptions::default()).expect("a name");
            writer.write_all(content).expect("memory");
        }
        writer.finish().expect("memory").into_inner()
    }

    #[test]
    fn a_member_is_found_by_its_name_in_any_folder() {
        let bytes = archive(&[("x/a.csv", b"deep"), ("a.csv", b"1,2"), ("in/b.csv", b"3,4")]);
        assert_eq!(unpacked(bytes.clone(), Some("a.csv"), 10), Ok(b"1,2".to_vec()));
        assert_eq!(unpacked(bytes.clone(), Some("b.csv"), 10), Ok(b"3,4".to_vec()));
        let known = "x/a.csv, a.csv, in/b.csv".to_owned();
        assert_eq!(
            unpacked(bytes, Some("c.csv"), 10),
            Err(FetchProblem::NoMember { member: "c.csv".into(), known })
        );
    }

    #[test]
    fn names_that_leave_the_folder_are_known_on_every_system() {
        for name in ["../a", "a/../../b", "/etc/a", "\\a", "C:\\a", "c:a", "a\\..\\b", "a\0b"] {
            assert!(!stays_inside(name), "{name:?}");
        }
        for name in ["a", "a/b.c", "a..b/..c", "..a", "a b"] {
            assert!(stays_inside(name), "{name:?}");
        }
    }

    #[test]
    fn what_is_damaged_cut_or_endless_is_said_so() {
        let whole = archive(&[("a.csv", &[7; 1000])]);
        for bytes in [b"no zip".to_vec(), whole[..whole.len() / 2].to_vec()] {
            assert!(matches!(unpacked(bytes, Some("a.csv"), 5000), Err(FetchProblem::BadArchive(_))));
        }
        assert_eq!(read_to_limit(std::io::repeat(0), 10), Err(FetchProblem::TooLarge { limit: 10 }));
        let cut = vec![0x1f, 0x8b, 8, 0, 0];
        assert!(matches!(unpacked(cut, None, 10), Err(FetchProblem::BadArchive(_))));
    }
}
