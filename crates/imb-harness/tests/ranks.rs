//! Tables of mean ranks, from records with values that are made up.

mod fabricated;

use imb_data::{Catalog, Entry};
use imb_harness::experiment::place;
use imb_harness::figures::draw_all;
use imb_harness::paper::{Paper, papers};
use imb_harness::place::Place;
use imb_harness::records::Records;
use imb_harness::results::{Line, ResultTable, Source, Value};
use imb_harness::spec::TableSpec;
use imb_harness::verdict::Verdict;

const COLUMNS: [&str; 3] = ["origin", "mlsmote", "mltl"];

/// The paper, with a table of mean ranks of three columns.
fn of_three_columns() -> (Paper, TableSpec) {
    let paper = papers(&["aemlo".to_owned()]).expect("well formed").remove(0);
    let table = paper.spec.table(2).expect("mean ranks").clone();
    let columns = COLUMNS.map(str::to_owned).to_vec();
    (paper, TableSpec { columns, ..table })
}

/// The paper with all eight columns, of which one is made up, and two learners.
fn of_eight_columns() -> (Paper, TableSpec) {
    let mut paper = papers(&["aemlo".to_owned()]).expect("well formed").remove(0);
    let origin = paper.spec.columns["origin"].clone();
    paper.spec.columns.insert("aemlo".to_owned(), origin);
    paper.spec.columns.values_mut().for_each(|column| column.choice = None);
    paper.spec.learners.retain(|name, _| ["br", "mlknn"].contains(&name.as_str()));
    let table = paper.spec.table(2).expect("mean ranks").clone();
    (paper, TableSpec { learners: vec!["br".into(), "mlknn".into()], ..table })
}

const EIGHT: [&str; 8] = ["origin", "mlsmote", "mlsol", "mlros", "mlrus", "mltl", "mlbote", "aemlo"];

/// The columns in the order of the table, the first best, everywhere.
fn ladder(_: usize, column: &str, _: &Place) -> Option<f64> {
    let place = EIGHT.iter().position(|other| *other == column)?;
    Some(0.9 - 0.1 * place as f64)
}

/// Records under the paper's protocol, of every data set, learner and fold.
fn records(paper: &Paper, columns: &[&str], value: impl Fn(usize, &str, &Place) -> Option<f64>) -> Records {
    let catalog = Catalog::built_in();
    let entries: Vec<&Entry> = catalog.entries.iter().filter(|entry| entry.paper == "aemlo").collect();
    let mut records = Records::default();
    for (number, entry) in entries.into_iter().enumerate() {
        for column in columns {
            for learner in paper.spec.learners.keys() {
                let family = place(&paper.spec, entry, "as_released", column);
                let family = Place { learner: Some(learner.clone()), ..family };
                for place in fabricated::folds(&family, 1) {
                    let Some(value) = value(number, column, &place) else { continue };
                    let metrics = ["macro_f1_score", "macro_auc_ties_win_score", "ranking_loss"];
                    let metrics = metrics.map(|metric| (metric, value));
                    let cell = fabricated::cell(paper, entry, place);
                    records.insert(fabricated::record(&cell, &metrics));
                }
            }
        }
    }
    records
}

/// On the first three data sets the first two columns tie; on the others the second is best; the third is
/// always last.
fn value(number: usize, column: &str, _: &Place) -> Option<f64> {
    Some(match column {
        "origin" => 0.5,
        "mlsmote" if number < 3 => 0.5,
        "mlsmote" => 0.6,
        _ => 0.4,
    })
}

fn table(paper: &Paper, table: &TableSpec, records: &Records) -> ResultTable {
    ResultTable::new(&Source::new(paper, &Catalog::built_in(), records), table).expect("well formed")
}

fn line<'a>(table: &'a ResultTable, title: &str, learner: &str) -> &'a Line {
    let is_asked = |line: &&Line| line.title == title && line.learner.as_deref() == Some(learner);
    table.lines.iter().find(is_asked).expect("a line")
}

fn values(line: &Line) -> &[Value] {
    let setting = line.settings.iter().find(|setting| setting.protocol == "as_released");
    &setting.expect("the paper's protocol").values
}

fn means(line: &Line) -> Vec<String> {
    let mean = |value: &Value| value.judged.as_ref().and_then(|judged| judged.mean);
    values(line).iter().map(|value| mean(value).map_or("–".to_owned(), |mean| format!("{mean:.4}"))).collect()
}

/// (3 · 1.5 + 6 · 2) / 9, (3 · 1.5 + 6 · 1) / 9 and 3.
#[test]
fn tied_columns_share_their_ranks() {
    let (paper, spec) = of_three_columns();
    let made = table(&paper, &spec, &records(&paper, &COLUMNS, value));
    for learner in ["br", "mlknn", "rakel", "ecc", "clr", "avg"] {
        assert_eq!(means(line(&made, "macro F1", learner)), ["1.8333", "1.1667", "3.0000"], "{learner}");
    }
    // The lowest ranking loss is the best.
    assert_eq!(means(line(&made, "ranking loss", "br")), ["2.1667", "2.8333", "1.0000"]);
    let sum: f64 = values(line(&made, "macro F1", "br"))[0].sample.values.iter().sum();
    assert_eq!(sum, 16.5, "the ranks on the nine data sets stand behind the mean");
}

/// Six pairs that differ, all one way: p = 2 / 64; nine: 2 / 512. Times three pairs all are below 5 %.
#[test]
fn wins_are_counted_by_each_test() {
    let (paper, spec) = of_three_columns();
    let made = table(&paper, &spec, &records(&paper, &COLUMNS, value));
    let of = |learner: &str| {
        let is_asked = |tests: &&imb_harness::results::RankTests| {
            tests.learner == learner && tests.title == "macro F1" && tests.protocol == "as_released"
        };
        made.tests.iter().find(is_asked).expect("tests")
    };
    let counts = |learner: &str| {
        let columns = of(learner).columns.iter();
        columns.map(|column| column.uncorrected.map(|won| [won.wins, won.losses])).collect::<Vec<_>>()
    };
    assert_eq!(counts("br"), [Some([1, 1]), Some([2, 0]), Some([0, 2])]);
    assert_eq!(counts("avg"), [Some([5, 5]), Some([10, 0]), Some([0, 10])], "sums over five learners");
    let br = of("br");
    assert_eq!(br.columns[1].holm.map(|won| won.wins), Some(2));
    // Mean ranks 1.83 and 1.17 lie closer than 1.105 = 3.314 √(3 · 4 / (12 · 9)), Nemenyi's distance.
    assert_eq!(br.columns[1].nemenyi.map(|won| won.wins), Some(1));
    assert_eq!(br.critical_difference.map(|distance| format!("{distance:.3}")).as_deref(), Some("1.105"));
    assert_eq!(br.columns[0].printed.map(|won| [won.wins, won.losses]), Some([0, 3]));
    assert!(br.friedman.expect("of one learner").p < 0.001 && of("avg").friedman.is_none());
}

/// Ours are 1 to 8; of BR 6.33, 5.11, 2.89, 4.22, 6.00, 7.33, 2.78 and 1.33 are printed.
#[test]
fn printed_ranks_are_judged_by_half_a_rank() {
    let (paper, spec) = of_eight_columns();
    let verdicts = |records: &Records| {
        let made = table(&paper, &spec, records);
        let values = values(line(&made, "macro F1", "br")).iter();
        values.map(|value| value.verdict).collect::<Vec<_>>()
    };
    let [near, far] = [Verdict::Reproduced, Verdict::Differs].map(Some);
    let expected = [far, far, near, near, far, far, far, far];
    assert_eq!(verdicts(&records(&paper, &EIGHT, ladder)), expected);
    let four_folds = |number: usize, column: &str, place: &Place| {
        ladder(number, column, place).filter(|_| place.fold < Some(4))
    };
    assert_eq!(verdicts(&records(&paper, &EIGHT, four_folds)), [Some(Verdict::Undecided); 8]);
}

#[test]
fn ranks_among_some_columns_are_shown_and_not_judged() {
    let (paper, spec) = of_eight_columns();
    let made = table(&paper, &spec, &records(&paper, &EIGHT[..2], value));
    let br = line(&made, "macro F1", "br");
    assert_eq!(means(br)[..3], ["1.8333", "1.1667", "–"]);
    let verdicts: Vec<_> = values(br).iter().take(3).map(|value| value.verdict).collect();
    assert_eq!(verdicts, [None, None, Some(Verdict::NotAttempted)]);
    let why = made.reasons.iter().find(|reason| reason.starts_with("as_released: ranks are among"));
    assert!(
        why.expect("a reason").contains("the 2 of 8 columns that have been run, without mlsol"),
        "{why:?}"
    );
}

/// A data set on which a column has no value is left out for that learner alone, and named.
#[test]
fn a_data_set_without_a_value_is_left_out_and_named() {
    let (paper, spec) = of_eight_columns();
    let mlknn = Some("mlknn".to_owned());
    let lacking = |number: usize, column: &str, place: &Place| {
        let lacks = number == 0 && column == "mltl" && place.learner == mlknn;
        ladder(number, column, place).filter(|_| !lacks)
    };
    let made = table(&paper, &spec, &records(&paper, &EIGHT, lacking));
    let of = |learner: &str| &values(line(&made, "macro F1", learner))[2];
    assert_eq!((of("br").sample.values.len(), of("br").verdict), (9, Some(Verdict::Reproduced)));
    assert_eq!((of("mlknn").sample.values.len(), of("mlknn").verdict), (8, Some(Verdict::Undecided)));
    let names = |reason: &String| reason.starts_with("as_released, mlknn: ranks are over 8 of 9 data sets");
    assert!(made.reasons.iter().any(names), "{:?}", made.reasons);
}

/// What the printed table says against itself.
#[test]
fn the_printed_table_is_proven_wrong_where_it_is() {
    let paper = papers(&["aemlo".to_owned()]).expect("well formed").remove(0);
    let spec = paper.spec.table(2).expect("mean ranks").clone();
    let made = table(&paper, &spec, &Records::default());
    for proof in [
        "macro AUC, ecc, mlsmote: 5.02 is no mean of 9 ranks",
        "macro AUC, clr, mlsol: 3.16 is no mean of 9 ranks",
        "macro AUC, ecc: the ranks add up to 35.80 and must make 36; 5.22 instead of 5.02",
        "macro AUC, clr: the ranks add up to 35.83 and must make 36; 3.33 instead of 3.16",
        "macro F1, mlknn: 13 wins and 14 losses",
        "macro F1, rakel: 13 wins and 17 losses",
        "macro AUC, rakel: 7 wins and 8 losses",
        "ranking loss, mlknn: 8 wins and 14 losses",
        "macro AUC, avg, mlros: the rows above add up to 7/1, but 7/0 is printed",
        "macro AUC, avg, mlsol: the mean of the 5 ranks above is 3.14, but 2.98 is printed",
        "macro AUC, avg, aemlo: the mean of the 5 ranks above is 1.98, but 2.18 is printed",
    ] {
        assert!(made.proofs.iter().any(|found| found.contains(proof)), "{proof}: {:#?}", made.proofs);
    }
    let omnibus: Vec<&String> = made.proofs.iter().filter(|proof| proof.contains("Friedman")).collect();
    assert!(omnibus.len() == 1 && omnibus[0].starts_with("ranking loss, ecc"), "{omnibus:?}");
    let impossible = |learner: &str, column: usize| {
        let line = line(&made, "macro AUC", learner);
        line.settings[0].values[column].verdict == Some(Verdict::CannotBeRight)
    };
    assert!(impossible("ecc", 1) && impossible("clr", 2) && !impossible("br", 1));
}

/// The numbers that a figure shows stand beside it, and each protocol has a file of its own.
#[test]
fn figures_have_their_numbers_beside_them() {
    let (paper, _) = of_three_columns();
    let records = records(&paper, &COLUMNS, value);
    let drawn = draw_all(&Source::new(&paper, &Catalog::built_in(), &records)).expect("well formed");
    let names: Vec<&str> = drawn.iter().map(|(name, ..)| name.as_str()).collect();
    // Nothing was resampled, so there is no figure of times.
    let kinds = ["figure4", "figure5", "figure6", "ranks_macro_f1", "ranks_macro_auc", "ranks_ranking_loss"];
    assert_eq!(names, kinds.map(|kind| format!("{kind}_as_released")));
    let csv = |name: &str| {
        let figure = drawn.iter().find(|(other, ..)| other == name).expect("drawn");
        figure.2.clone().expect("numbers")
    };
    let bars = csv("figure4_as_released");
    assert!(bars.starts_with("learner,data_set,origin,mlsmote,mlsol,"), "{bars}");
    assert!(
        bars.contains("br,bibtex,0.500000,0.500000,,,,0.400000,,\n"),
        "a column that was not run is empty"
    );
    assert_eq!(bars.lines().count(), 1 + 5 * 9);
    let ranks = csv("ranks_macro_f1_as_released");
    // Second is ahead of first on six data sets and ties on three; Nemenyi's distance as in the table.
    assert!(ranks.contains("\nbr,mlsmote,1.166667,1.104"), "{ranks}");
    assert!(ranks.contains(",9,7.5,0,9\n"), "{ranks}");
}
