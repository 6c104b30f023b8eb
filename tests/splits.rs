//! D4: splits and preparation of the real data, compared with the counts of the papers and the released code.

use imb_core::{Labels, Table, Target};
use imb_data::prepare::{EmptyColumns, KnnImputer, Step, prepare};
use imb_data::split::Fold;
use imb_data::{AnyTable, Catalog, DataDirs};
use imb_harness::experiment::place;
use imb_harness::paper::papers;
use imb_harness::spec::ProtocolSpec;

use crate::real_data::have;

/// The fold of a data set under a protocol, its table and the protocol.
fn fold_of(dataset: &str, protocol: &str, run: usize) -> (Fold, AnyTable, ProtocolSpec) {
    let catalog = Catalog::built_in();
    let dirs = DataDirs::find(None).expect("IMB_DATA names a folder");
    let entry = catalog.entry(dataset).expect("in the catalog");
    let paper = papers(std::slice::from_ref(&entry.paper)).expect("a paper").remove(0);
    let mut place = place(&paper.spec, entry, protocol, "");
    let protocol = paper.spec.protocol(protocol).expect("a protocol").clone();
    // Run 0 to 4 are the folds of the first repeat.
    (place.run, place.fold) = match protocol.n_folds() {
        Some(n_folds) => (run / n_folds, Some(run % n_folds)),
        None => (run, None),
    };
    let loaded = protocol.load(&catalog, entry, &dirs).expect("readable and known");
    let fold = protocol.fold(paper.spec.seed, entry, &loaded, &place).expect("can be split");
    (fold, loaded.table, protocol)
}

fn single_label(table: AnyTable) -> Table<Labels> {
    match table {
        AnyTable::SingleLabel(table) => table,
        AnyTable::MultiLabel(_) => panic!("one class per row"),
    }
}

/// The number of rows, and of rows of class 1.
fn counts(labels: &Labels, rows: &[usize]) -> (usize, usize) {
    (rows.len(), labels.select(rows).counts()[1])
}

/// Train, test and validation counts of the code released with MOODS; its bootstrap keeps the counts. The last row
/// is the stand-in for Connect4, whose file is not available.
#[test]
fn the_released_splits_of_the_first_paper_have_their_counts() {
    let known = [
        ("ecoli4", (201, 13), (67, 6), (67, 1)),
        ("yeast-2_vs_4", (307, 29), (103, 12), (103, 10)),
        ("winequality-red-8_vs_6", (393, 11), (131, 4), (131, 3)),
        ("abalone", (2506, 494), (2088, 407), (2089, 432)),
        ("spambase", (2760, 1069), (920, 363), (920, 380)),
        ("shuttle", (43_499, 132), (7249, 22), (7250, 17)),
        ("connect4", (40_534, 3866), (13_511, 1284), (13_512, 1299)),
    ];
    for (name, train, test, validation) in known {
        if !have("the_released_splits_of_the_first_paper_have_their_counts", name) {
            continue;
        }
        let (fold, table, _) = fold_of(name, "as_released", 0);
        let table = single_label(table);
        let found = [fold.train(), fold.test(), fold.validation()].map(|rows| counts(table.target(), rows));
        assert_eq!(found, [train, test, validation], "{name}");
    }
}

/// The counts of the test sets that the second paper prints.
#[test]
fn the_printed_splits_of_the_second_paper_have_their_counts() {
    let known = [("secom", (471, 31)), ("pima", (154, 55)), ("haberman", (92, 26)), ("wafer", (6164, 665))];
    for (name, test) in known {
        if !have("the_printed_splits_of_the_second_paper_have_their_counts", name) {
            continue;
        }
        let (fold, table, _) = fold_of(name, "as_printed", 0);
        assert_eq!(counts(single_label(table).target(), fold.test()), test, "{name}");
        assert!(fold.is_disjoint() && fold.validation().is_empty());
    }
}

#[test]
fn sound_folds_are_disjoint_and_differ_by_run() {
    for name in ["ecoli4", "yeast-uci", "cal500"] {
        if !have("sound_folds_are_disjoint_and_differ_by_run", name) {
            continue;
        }
        let (first, ..) = fold_of(name, "sound", 0);
        let (again, ..) = fold_of(name, "sound", 0);
        let (other, ..) = fold_of(name, "sound", 1);
        assert!(first.is_disjoint() && !first.validation().is_empty(), "{name}");
        assert_eq!(first.hash(), again.hash());
        assert_ne!(first.hash(), other.hash());
    }
}

/// A change here changes every table: it is value-breaking and belongs in the changelog.
#[test]
fn row_numbers_are_stable() {
    let known = [
        ("ecoli4", "as_released", "2646ae763d1d17b424c30847eecd4cc8a851e0c64953debacb9c42e38a059578"),
        ("yeast-uci", "sound", "6574095e1e19cb3f3760477d9a3584db2c5d2f7cc1f4be6de1b7379f16a3ac1d"),
        ("enron", "sound", "a1ae74d0e39657c778aa08929a4d8d4952fbb9798394c28d631bccaf6ab550e2"),
    ];
    for (name, protocol, hash) in known {
        if have("row_numbers_are_stable", name) {
            assert_eq!(fold_of(name, protocol, 0).0.hash(), hash, "{name}");
        }
    }
}

/// SECOM has missing values in most columns, Credit in two. Both are complete and scaled after preparation.
#[test]
fn secom_and_credit_are_imputed_and_scaled() {
    for name in ["secom", "credit"] {
        if !have("secom_and_credit_are_imputed_and_scaled", name) {
            continue;
        }
        let (fold, table, protocol) = fold_of(name, "sound", 0);
        let table = single_label(table);
        assert!(table.n_missing() > 0);
        let prepared = prepare(table, fold.train(), &protocol.prepare).expect("every column has a value");
        let train = prepared.dataset(fold.train()).expect("no gap is left");
        assert_eq!(prepared.dataset(fold.test()).expect("nor here").n_rows(), fold.test().len());
        for column in train.x().columns() {
            let n = column.len() as f64;
            let mean = column.sum() / n;
            let variance = column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
            assert!(mean.abs() < 1e-6 && (variance < 1e-6 || (variance - 1.0).abs() < 1e-6), "{name}");
        }
    }
}

/// A column of SECOM without any training value is named in an error, or dropped on request.
#[test]
fn a_column_without_training_values_is_named_or_dropped() {
    if !have("a_column_without_training_values_is_named_or_dropped", "secom") {
        return;
    }
    let (_, table, _) = fold_of("secom", "sound", 0);
    let table = single_label(table);
    let column =
        table.columns().iter().position(|column| column.values.get(0).is_nan()).expect("a gap in row 0");
    let name = table.columns()[column].name.clone();
    let steps = |empty_columns| [Step::KnnImputer(KnnImputer { empty_columns, ..KnnImputer::default() })];
    let gaps: Vec<usize> =
        (0..table.n_rows()).filter(|&row| table.columns()[column].values.get(row).is_nan()).collect();
    let error =
        prepare(table.clone(), &gaps, &steps(EmptyColumns::Error)).expect_err("nothing to learn from");
    assert!(error.to_string().contains(&name), "{error}");
    let n_columns = table.n_columns();
    let dropped = prepare(table, &gaps, &steps(EmptyColumns::Drop)).expect("without the column");
    assert!(dropped.table().n_columns() < n_columns && dropped.table().position(&name).is_none());
}
