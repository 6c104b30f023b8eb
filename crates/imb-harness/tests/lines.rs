//! Lines of tables of means, from records with values that are made up.

mod fabricated;

use imb_data::{Catalog, Entry};
use imb_harness::experiment::place;
use imb_harness::paper::{Paper, papers};
use imb_harness::place::Place;
use imb_harness::records::Records;
use imb_harness::results::{ResultTable, Source, Value};
use imb_harness::spec::{Statistic, TableSpec};

fn paper(id: &str) -> Paper {
    papers(&[id.to_owned()]).expect("well formed").remove(0)
}

fn entry<'a>(catalog: &'a Catalog, paper: &Paper, row: &str) -> &'a Entry {
    let mut entries = catalog.entries.iter();
    entries.find(|entry| entry.paper == paper.spec.id && entry.row == row).expect("a data set")
}

/// The value of the first column in the first line of a data set, under a protocol.
fn value(paper: &Paper, table: &TableSpec, records: &Records, row: &str, protocol: &str) -> Value {
    let table = ResultTable::new(&Source::new(paper, &Catalog::built_in(), records), table);
    let lines = table.expect("well formed").lines;
    let line = lines.into_iter().find(|line| line.row == row).expect("a line");
    let setting = line.settings.into_iter().find(|setting| setting.protocol == protocol && setting.is_main);
    setting.expect("run").values.remove(0)
}

#[test]
fn a_line_may_measure_something_else_under_a_protocol() {
    let (paper, catalog) = (paper("adversarial"), Catalog::built_in());
    let mut table = paper.spec.table(2).expect("results").clone();
    table.lines.truncate(1);
    table.lines[0].metric_under.insert("sound".into(), "minority_fraction".into());
    let pima = entry(&catalog, &paper, "Pima");
    let mut records = Records::default();
    for protocol in ["as_printed", "sound"] {
        let family = place(&paper.spec, pima, protocol, &table.columns[0]);
        for run in 0..5 {
            let cell = fabricated::cell(&paper, pima, Place { run, ..family.clone() });
            records.insert(fabricated::record_of_classes(&cell, Some(900)));
        }
    }
    let mean = |protocol| value(&paper, &table, &records, "Pima", protocol).sample.values[0];
    assert!((mean("as_printed") - 90.0).abs() < 1e-9, "ACSA");
    assert!((mean("sound") - 50.0).abs() < 1e-9, "20 of 40 fitted rows");
}

/// A value printed for five folds is their mean, so two repeats are two values; where nothing is printed, each fold is
/// one.
#[test]
fn all_folds_are_the_unit_of_a_printed_value() {
    let (mut paper, catalog) = (paper("aemlo"), Catalog::built_in());
    let mut table = paper.spec.table(2).expect("mean ranks").clone();
    (table.statistic, table.learners) = (Statistic::Mean, vec!["br".into()]);
    table.lines.truncate(1);
    let yeast = entry(&catalog, &paper, "yeast");
    let family = place(&paper.spec, yeast, "as_released", &table.columns[0]);
    let mut records = Records::default();
    for place in fabricated::folds(&Place { learner: Some("br".into()), ..family }, 2) {
        let f1 = 0.5 + 0.1 * place.run as f64 + 0.01 * place.fold.expect("a fold") as f64;
        let cell = fabricated::cell(&paper, yeast, place);
        records.insert(fabricated::record(&cell, &[("macro_f1_score", f1)]));
    }
    let values = |paper: &Paper| value(paper, &table, &records, "yeast", "as_released").sample.values;
    assert_eq!(values(&paper).len(), 10);
    let key = table.lines[0].key.clone().expect("a key");
    let printed = format!(
        "table1 = {{ caption = \"\", columns = [], decimals = [], rows = {{}} }}\n\
         [table2]\ncolumns = [\"{}\"]\nyeast = {{ {key} = [0.5] }}",
        table.columns[0]
    );
    paper.published = toml::from_str(&printed).expect("a table");
    let of_repeats = values(&paper);
    let expected = [0.52, 0.62];
    assert!(of_repeats.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{of_repeats:?}");
    assert_eq!(of_repeats.len(), 2);
}
