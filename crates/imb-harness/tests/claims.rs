//! Claims, tested on records with values that are made up.

mod fabricated;

use imb_data::Catalog;
use imb_harness::claims::{Answer, Claim, test_claims};
use imb_harness::experiment::place;
use imb_harness::paper::{Paper, papers};
use imb_harness::place::Place;
use imb_harness::records::Records;
use imb_harness::report::{Provenance, Report};
use imb_harness::results::Source;

/// What a column's classifier gets right on a data set, in parts of a thousand; none where it cannot be applied.
type Right<'a> = &'a dyn Fn(&str, &str) -> Option<u64>;

/// The printed columns of the paper.
const COLUMNS: [&str; 9] =
    ["mlp", "random_over", "cot", "smote", "borderline_smote", "adasyn", "gamo", "ao", "do"];

/// The paper with one claim.
fn with(claim: &str) -> Paper {
    let mut paper = papers(&["adversarial".to_owned()]).expect("well formed").remove(0);
    let text = format!("says = \"it is so\"\nplace = \"here\"\nprotocol = \"sound\"\n{claim}");
    paper.spec.claims = vec![toml::from_str(&text).expect("a claim")];
    paper
}

/// Twenty runs of every column on every data set. Runs differ; columns differ from each other by the same in each
/// run, but for DO.
fn records(paper: &Paper, right: Right<'_>) -> Records {
    let of_run = |column: &str, run| if column == "do" { run % 3 } else { run };
    records_by_run(paper, &|row, column, run| right(row, column).map(|right| right + of_run(column, run)))
}

/// Twenty runs of every column on every data set.
fn records_by_run(paper: &Paper, right: &dyn Fn(&str, &str, u64) -> Option<u64>) -> Records {
    let catalog = Catalog::built_in();
    let mut records = Records::default();
    for entry in catalog.entries.iter().filter(|entry| entry.paper == "adversarial") {
        for column in COLUMNS {
            let family = place(&paper.spec, entry, "sound", column);
            for run in 0..20 {
                let cell = fabricated::cell(paper, entry, Place { run, ..family.clone() });
                let right = right(&entry.row, column, run as u64);
                records.insert(fabricated::record_of_classes(&cell, right));
            }
        }
    }
    records
}

fn claim_of(paper: &Paper, records: &Records) -> Claim {
    let source = Source::new(paper, &Catalog::built_in(), records);
    test_claims(&source).expect("well formed").remove(0)
}

fn answer(claim: &str, right: Right<'_>) -> Answer {
    let paper = with(claim);
    claim_of(&paper, &records(&paper, right)).answer
}

const LEADS: &str = "test = { leads = { column = \"do\", metric = \"acsa_score\", on = 6 } }";

/// DO is the best everywhere, but for one column on Yeast.
fn best_but(on_yeast: Option<u64>) -> impl Fn(&str, &str) -> Option<u64> {
    move |row, column| match (row, column) {
        (_, "do") => Some(800),
        ("Yeast", "adasyn") => on_yeast,
        _ => Some(700),
    }
}

#[test]
fn a_leader_has_to_be_ahead_of_every_column_that_can_be_applied() {
    assert_eq!(answer(LEADS, &best_but(Some(700))), Answer::Holds);
    assert_eq!(answer(LEADS, &best_but(None)), Answer::Holds, "what cannot be applied is not waited for");
    assert_eq!(answer(LEADS, &best_but(Some(900))), Answer::DoesNotHold, "behind one");
    let five = LEADS.replace("on = 6", "on = 5");
    assert_eq!(answer(&five, &best_but(Some(900))), Answer::Holds);
    let named = LEADS.replace("on = 6", "on = 1, datasets = [\"Yeast\"]");
    assert_eq!(answer(&named, &best_but(Some(900))), Answer::DoesNotHold, "it speaks of Yeast alone");
    let among = LEADS.replace("on = 6", "on = 6, among = [\"mlp\"]");
    assert_eq!(answer(&among, &best_but(Some(900))), Answer::Holds, "ADASYN is not asked");
}

/// SMOTE has the best mean and varies too much to decide anything; Q is a little worse, and surely ahead.
#[test]
fn a_lead_is_bounded_by_every_rival() {
    let right = |_: &str, column: &str, run: u64| match column {
        "do" => Some(700 + run % 3),
        "smote" => Some(if run.is_multiple_of(2) { 550 } else { 900 }),
        "mlp" => Some(720),
        _ => Some(600),
    };
    let by =
        "test = { leads_by = { column = \"do\", metric = \"acsa_score\", range = [1.0, 15.0], on = 6 } }";
    for claim in [LEADS, by] {
        let paper = with(claim);
        let told = claim_of(&paper, &records_by_run(&paper, &right));
        assert_eq!(told.answer, Answer::DoesNotHold, "{claim}");
        assert!(told.evidence.contains("`smote`"), "{}", told.evidence);
    }
    // DO is 20 points ahead of SMOTE, and of Q by any number: the lead over both may lie in the range.
    let noisy = |_: &str, column: &str, run: u64| match column {
        "do" => Some(800 + run % 3),
        "smote" => Some(600),
        "mlp" => Some(if run.is_multiple_of(2) { 300 } else { 880 }),
        _ => Some(100),
    };
    let paper = with(by);
    assert_eq!(claim_of(&paper, &records_by_run(&paper, &noisy)).answer, Answer::CannotTell);
}

#[test]
fn what_is_not_run_leaves_a_claim_open() {
    let paper = with(LEADS);
    let all = records(&paper, &best_but(Some(700)));
    let (mut few, mut some) = (Records::default(), Records::default());
    for record in all.iter() {
        if record.place.run < 4 {
            few.insert(record.clone());
        }
        let place = (&*record.place.dataset, &*record.place.column);
        if ![("pima", "smote"), ("haberman", "gamo")].contains(&place) {
            some.insert(record.clone());
        }
    }
    assert_eq!(claim_of(&paper, &few).answer, Answer::CannotTell, "four runs are too few");
    let open = claim_of(&paper, &some);
    assert_eq!(open.answer, Answer::CannotTell);
    assert!(open.evidence.ends_with("Not run yet: gamo on Haberman; smote on Pima"), "{}", open.evidence);
    let never = "runs = 0\nbecause = \"it takes a year\"\n";
    let mut without = with(LEADS);
    for at in
        ["datasets = [\"Haberman\"]\ncolumns = [\"gamo\"]", "datasets = [\"Pima\"]\ncolumns = [\"smote\"]"]
    {
        without.spec.runs.insert(0, toml::from_str(&format!("{never}{at}")).expect("a rule"));
    }
    assert_eq!(claim_of(&without, &some).answer, Answer::Holds, "what is never run is not waited for");
    let nothing = claim_of(&paper, &Records::default());
    assert_eq!((nothing.answer, nothing.runs), (Answer::CannotTell, 0));
}

/// Another protocol has an answer of its own, which the first screen does not count.
#[test]
fn a_claim_is_asked_under_another_protocol_too() {
    let paper = with(&format!("also_under = [\"as_printed\"]\n{LEADS}"));
    let records = records(&paper, &best_but(Some(700)));
    let source = Source::new(&paper, &Catalog::built_in(), &records);
    let claims = test_claims(&source).expect("well formed");
    let told: Vec<_> = claims.iter().map(|claim| (&*claim.protocol, claim.again, claim.answer)).collect();
    assert_eq!(told, [("sound", false, Answer::Holds), ("as_printed", true, Answer::CannotTell)]);
    let report = Report::new(&source, &[], None, Provenance::default()).expect("well formed");
    assert!(report.answer.contains("Of one claim of the paper, 1 holds."), "{}", report.answer);
}

#[test]
fn a_column_outperforms_another_but_on_what_is_excepted() {
    let claim = "test = { outperforms = { column = \"ao\", over = \"gamo\", metric = \"acsa_score\", except = [\"Yeast\"] } }";
    let right = |row: &str, column: &str| Some(if (row, column) == ("Yeast", "ao") { 500 } else { 600 });
    let ahead = |row: &str, column: &str| if column == "gamo" { Some(550) } else { right(row, column) };
    assert_eq!(answer(claim, &ahead), Answer::Holds);
    assert_eq!(answer(&claim.replace("\"Yeast\"", ""), &ahead), Answer::DoesNotHold);
    let paper = with(claim);
    let told = claim_of(&paper, &records(&paper, &ahead));
    assert!(told.evidence.contains("(not claimed: Yeast -"), "{}", told.evidence);
    assert_eq!(told.runs, 4 * 10 + 5, "those of Yeast do not count, and of Credit there are five");
}

#[test]
fn a_gain_comes_from_what_no_control_has() {
    let claim = "test = { beats_controls = { column = \"do\", controls = [\"gamo\", \"ao\"], metric = \"acsa_score\", margin = 0.01 } }";
    let with_controls = |row: u64| {
        move |_: &str, column: &str| match column {
            "do" => Some(800),
            "mlp" => Some(row),
            _ => Some(700),
        }
    };
    assert_eq!(answer(claim, &with_controls(600)), Answer::Holds);
    let as_good = |row: &str, column: &str| {
        if column == "ao" { Some(798) } else { with_controls(600)(row, column) }
    };
    assert_eq!(answer(claim, &as_good), Answer::DoesNotHold, "one control is as good");
    let paper = with(claim);
    let none = claim_of(&paper, &records(&paper, &with_controls(900)));
    assert_eq!(none.answer, Answer::DoesNotHold);
    assert!(none.evidence.starts_with("there is no gain: lead of `do` over `mlp`: -"), "{}", none.evidence);
}

#[test]
fn gains_are_relative_and_run_by_run() {
    let claim = "test = { improvement = { column = \"do\", over = \"mlp\", metric = \"acsa_score\", range = [0.7, 49.27] } }";
    // Some 4 % of Q's 509.5, and on Credit, of which five runs count, some 49.2 % of its 502.
    let right = |row: &str, column: &str| match (row, column) {
        ("Credit", "do") => Some(748),
        (_, "do") => Some(530),
        _ => Some(500),
    };
    let paper = with(claim);
    let found = claim_of(&paper, &records(&paper, &right));
    assert_eq!(found.answer, Answer::Holds, "{}", found.evidence);
    let behind = |row: &str, column: &str| {
        if (row, column) == ("Pima", "do") { Some(480) } else { right(row, column) }
    };
    assert_eq!(answer(claim, &behind), Answer::DoesNotHold);
}

#[test]
fn a_mean_lies_in_a_range_with_its_whole_interval() {
    let claim = |range: &str| {
        format!(
            "test = {{ mean_in = {{ column = \"mlp\", metric = \"acsa_score\", dataset = \"Pima\", range = {range} }} }}"
        )
    };
    let right = |_: &str, _: &str| Some(500);
    assert_eq!(answer(&claim("[0.48, 0.54]"), &right), Answer::Holds);
    assert_eq!(answer(&claim("[0.51, 0.54]"), &right), Answer::CannotTell, "the interval crosses the end");
    assert_eq!(answer(&claim("[0.60, 0.70]"), &right), Answer::DoesNotHold);
}

/// AO's values on Credit, a geometric mean above the mean, no runs can have. Some of DO's one run can have, on made-up
/// test rows, and others only a mean of runs: that leaves the claim open.
#[test]
fn printed_pairs_that_no_confusion_matrix_gives_decide_a_claim() {
    let claim = |column: &str| {
        format!(
            "test = {{ can_be_of_runs = {{ column = \"{column}\", metrics = [\"acsa_score\", \"geometric_mean_score\"], \
             runs = 5 }} }}"
        )
    };
    let right = |_: &str, _: &str| Some(500);
    let found = |column: &str| {
        let paper = with(&claim(column));
        claim_of(&paper, &records(&paper, &right))
    };
    let ao = found("ao");
    assert_eq!(ao.answer, Answer::DoesNotHold, "{}", ao.evidence);
    assert!(ao.evidence.contains("Credit (1000 and 1000 test rows): no runs can"), "{}", ao.evidence);
    let open = found("do");
    assert_eq!(open.answer, Answer::CannotTell, "{}", open.evidence);
    assert!(open.evidence.contains("Wafer (1000 and 1000 test rows): one run can"), "{}", open.evidence);
    let of_mean = "Pima (1000 and 1000 test rows): the mean of 5 runs may, one run cannot";
    assert!(open.evidence.contains(of_mean), "{}", open.evidence);
}

/// The stand-in for Connect4 says nothing of the data set on which the paper's runs take longest.
#[test]
fn a_stand_in_decides_no_claim() {
    let mut paper = papers(&["moods".to_owned()]).expect("well formed").remove(0);
    let claim = "says = \"it is so\"\nplace = \"here\"\nprotocol = \"sound\"\n\
                 test = { run_time = { column = \"moods\", runs = 5, hours = [2.0, 48.0] } }";
    paper.spec.claims = vec![toml::from_str(claim).expect("a claim")];
    let catalog = Catalog::built_in();
    let mut records = Records::default();
    for entry in catalog.entries.iter().filter(|entry| entry.paper == "moods") {
        let family = place(&paper.spec, entry, "sound", "moods");
        for run in 0..if entry.row == "Yeast" { 4 } else { 5 } {
            let cell = fabricated::cell(&paper, entry, Place { run, ..family.clone() });
            records.insert(fabricated::record_of_classes(&cell, Some(700)));
        }
    }
    let found = claim_of(&paper, &records);
    assert_eq!(found.answer, Answer::CannotTell);
    assert!(
        found.evidence.ends_with("Not compared: Yeast (too few runs), Connect4 (a stand-in)"),
        "{}",
        found.evidence
    );
}
