//! CITATION.cff says which version to cite.

#[test]
fn the_version_to_cite_is_that_of_the_program() {
    let citation = include_str!("../../../CITATION.cff");
    let version = format!("version: {}\n", env!("CARGO_PKG_VERSION"));
    assert!(citation.contains(&version), "CITATION.cff needs {version}");
    assert!(citation.starts_with("cff-version: 1.2.0\n"));
}
