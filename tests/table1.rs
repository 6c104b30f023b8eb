//! Table 1 of the three papers, value by value.

use imb_data::{Catalog, DataDirs};
use imb_harness::paper::{Paper, papers};
use imb_harness::table1::Table1;
use imb_harness::verdict::Verdict;

use crate::real_data::have;

/// The values that no reading of the real data reproduces. All others are reproduced.
const DIFFER: [(&str, &str); 4] =
    [("Abalone", "minority_percent"), ("Languagelog", "card"), ("Languagelog", "cvir"), ("rcv3", "cvir")];

/// The values of data sets that are a stand-in or lack columns.
const NOT_ATTEMPTED: [(&str, &str); 4] =
    [("Connect4", "n"), ("Connect4", "d"), ("Connect4", "minority_percent"), ("Secom", "d")];

fn measured(paper: &Paper, dirs: &DataDirs) -> Table1 {
    Table1::measure(paper, &Catalog::built_in(), dirs)
}

#[test]
fn every_value_has_the_expected_verdict() {
    let catalog = Catalog::built_in();
    let test = "every_value_has_the_expected_verdict";
    if !catalog.entries.iter().all(|entry| have(test, &entry.name)) {
        return;
    }
    let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
    for paper in papers(&[]).expect("well formed") {
        let table = measured(&paper, &dirs);
        for row in table.rows.iter().filter(|row| row.verified) {
            for (column, number) in table.columns.iter().zip(&row.numbers) {
                let place = (row.name.as_str(), column.as_str());
                let expected = match () {
                    () if DIFFER.contains(&place) => Verdict::Differs,
                    () if NOT_ATTEMPTED.contains(&place) => Verdict::NotAttempted,
                    () => Verdict::Reproduced,
                };
                assert_eq!(number.verdict, expected, "{place:?}");
            }
        }
    }
}

#[test]
fn the_reading_that_the_paper_used_is_named() {
    if !have("the_reading_that_the_paper_used_is_named", "langlog") {
        return;
    }
    let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
    let paper = papers(&["aemlo".to_owned()]).expect("a paper").remove(0);
    let table = measured(&paper, &dirs);
    let row = table.rows.iter().find(|row| row.dataset == "langlog").expect("in the table");
    assert!(
        row.remarks.iter().any(|remark| remark.starts_with("the paper used: the last 75 columns")),
        "{:?}",
        row.remarks
    );
}

/// Without files and network, only the data set that is built in is measured. Each other row says which file to
/// put where.
#[test]
fn without_data_there_is_still_one_row() {
    let nowhere = DataDirs::only(vec!["no-such-folder".into()]);
    let paper = papers(&["moods".to_owned()]).expect("a paper").remove(0);
    let table = measured(&paper, &nowhere);
    for row in &table.rows {
        if row.name == "Winequality" {
            assert!(row.verified && row.numbers.iter().all(|number| number.verdict == Verdict::Reproduced));
        } else {
            assert!(row.numbers.iter().all(|number| number.verdict == Verdict::NotAttempted));
            assert!(
                row.remarks[0].contains("Put ") && row.remarks[0].contains("IMB_DATA"),
                "{:?}",
                row.remarks
            );
        }
    }
}
