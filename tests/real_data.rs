//! D6: properties of the real data sets, and a helper that finds their files.
//!
//! Files are searched in `IMB_DATA` and in the user's cache folder. If they are missing, a test prints that it
//! was skipped; with `IMB_REQUIRE_DATA=1` it fails instead.

use std::io::Write;

use imb_core::{LabelMatrix, Table};
use imb_data::{AnyTable, Catalog, DataDirs, Edition, Targets};

/// Whether the files of a data set are present; prints that the test is skipped if not.
pub(crate) fn have(test: &str, name: &str) -> bool {
    let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
    let catalog = Catalog::built_in();
    let entry = catalog.entry(name).expect("in the catalog");
    let is_there = |edition: &Edition| edition.all_files().all(|file| dirs.locate(file).is_some());
    if entry.editions.iter().any(is_there) {
        return true;
    }
    assert!(std::env::var_os("IMB_REQUIRE_DATA").is_none(), "{name} is in no data folder");
    // Written directly to standard error, which the test runner does not capture.
    let line = format!("skipped: {test} needs the data of {name} (IMB_DATA or the cache folder)\n");
    std::io::stderr().write_all(line.as_bytes()).expect("stderr is open");
    false
}

fn load(name: &str, variant: Option<&str>) -> AnyTable {
    let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
    Catalog::built_in().load(name, variant, &dirs).expect("readable and known").table
}

fn multi_label(name: &str, variant: Option<&str>) -> Table<LabelMatrix> {
    match load(name, variant) {
        AnyTable::MultiLabel(table) => table,
        AnyTable::SingleLabel(_) => panic!("{name} is multi-label"),
    }
}

fn near(measured: f64, expected: f64) -> bool {
    (measured - expected).abs() < 0.5e-4
}

#[test]
fn every_data_set_is_the_one_in_the_catalog() {
    let catalog = Catalog::built_in();
    let there =
        catalog.entries.iter().filter(|entry| have("every_data_set_is_the_one_in_the_catalog", &entry.name));
    for entry in there {
        let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
        let loaded = catalog.load(&entry.name, None, &dirs).expect("readable and known");
        assert!(loaded.verified_as.is_some() || loaded.edition.shape.is_some(), "{}", entry.name);
    }
}

/// In the published files, the labels of rows 3001 to 6000 are 1, 12 and 14 columns too early, so the last labels
/// are empty there. After the repair, cardinality and MeanIR are those of a complete label set.
#[test]
fn the_moved_labels_of_rcv1_are_moved_back() {
    let known = [(1, 2.8950, 236.6336), (12, 2.8905, 255.4749), (14, 2.9047, 247.9037)];
    for (subset, (by, cardinality, mean_ir)) in (1..).zip(known) {
        let name = format!("rcv1subset{subset}");
        if !have("the_moved_labels_of_rcv1_are_moved_back", &name) {
            return;
        }
        let published = multi_label(&name, None);
        let labels = published.target();
        let is_empty = |label: usize| !labels.view().column(label).iter().skip(3000).any(|on| *on);
        let empty: Vec<usize> = (0..101).rev().take_while(|&label| is_empty(label)).collect();
        assert_eq!(empty.len(), by, "{name}");

        let repaired = load(&name, Some("repaired")).describe();
        let Targets::MultiLabel(measures) = repaired.targets else { panic!("multi-label") };
        assert!(near(measures.cardinality, cardinality), "{name}: {}", measures.cardinality);
        assert!(near(measures.mean_ir, mean_ir), "{name}: {}", measures.mean_ir);
    }
}

/// Before the defect, the repaired table equals the published one; after it, all labels are moved and none is
/// lost.
#[test]
fn repairing_rcv1_changes_only_the_defective_rows() {
    if !have("repairing_rcv1_changes_only_the_defective_rows", "rcv1subset2") {
        return;
    }
    let (published, repaired) =
        (multi_label("rcv1subset2", None), multi_label("rcv1subset2", Some("repaired")));
    let (before, after) = (published.target().view(), repaired.target().view());
    let moved = 12;
    for row in (0..6000).step_by(7) {
        let shift = if row < 3000 { 0 } else { moved };
        for label in 0..101 - shift {
            assert_eq!(after[[row, label + shift]], before[[row, label]], "row {row}, label {label}");
        }
    }
}

#[test]
fn languagelog_has_two_readings() {
    if !have("languagelog_has_two_readings", "langlog") {
        return;
    }
    for (variant, cardinality, mean_ir) in [(None, 1.1801, 39.2669), (Some("as_released"), 15.9356, 5.3933)] {
        let description = load("langlog", variant).describe();
        let Targets::MultiLabel(measures) = description.targets else { panic!("multi-label") };
        assert_eq!((description.n_features, measures.n_labels), (1004, 75));
        assert!(near(measures.cardinality, cardinality) && near(measures.mean_ir, mean_ir));
    }
}

/// The released code of the first paper reads files without a header as if they had one, encodes sex in three
/// columns, and keeps only the columns of Spambase that are correlated with the class.
#[test]
fn the_released_reading_of_the_first_paper_has_its_sizes() {
    let sizes = [
        ("ecoli4", 335, 7, 20),
        ("yeast-2_vs_4", 513, 8, 51),
        ("winequality-red-8_vs_6", 655, 11, 18),
        ("abalone", 4177, 10, 839),
        ("spambase", 4600, 19, 1812),
        ("shuttle", 57_998, 9, 171),
    ];
    for (name, n_rows, n_features, minority) in sizes {
        if !have("the_released_reading_of_the_first_paper_has_its_sizes", name) {
            continue;
        }
        let AnyTable::SingleLabel(table) = load(name, Some("as_released")) else { panic!("classes") };
        let found = (table.n_rows(), table.n_columns(), table.target().counts()[1]);
        assert_eq!(found, (n_rows, n_features, minority), "{name}");
    }
}
