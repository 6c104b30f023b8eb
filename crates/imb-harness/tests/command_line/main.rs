//! The program `imb` as a user meets it: what it prints, what it refuses, what it returns.

mod exports;
mod forms;
mod labels;
mod networks;
mod program;

use serde_json::Value;

use program::{folder_with, imb, stderr, stdout};

#[test]
fn lists_every_data_set() {
    let folder = folder_with(&[]);
    let listed: Value =
        serde_json::from_str(&stdout(&imb(folder.path(), &["list", "datasets", "--json"]))).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(22));
    assert!(stdout(&imb(folder.path(), &["list", "datasets"])).contains("rcv1subset3"));
}

#[test]
fn describes_the_set_that_is_built_in() {
    let folder = folder_with(&[]);
    let words = ["describe", "winequality-red-8_vs_6", "--json"];
    let described: Value = serde_json::from_str(&stdout(&imb(folder.path(), &words))).expect("JSON");
    assert_eq!(described["n_rows"], 656);
    assert_eq!(described["single_label"]["class_counts"][1][1], 18);
    assert!(described["from_catalog"]["verified_as"].is_string());
}

#[test]
fn describes_files_of_a_user() {
    let folder = folder_with(&[
        ("a.csv", "size,colour,sick\n1,red,no\n2,,no\n4,blue,yes\n"),
        (
            "b.arff",
            "@relation 'b: -C -2'\n@attribute x numeric\n@attribute p {0,1}\n@attribute q {0,1}\n@data\n1,0,1\n2,1,1\n",
        ),
        ("b.xml", "<labels><label name=\"q\"/></labels>"),
    ]);
    let json = |words: &[&str]| -> Value {
        serde_json::from_str(&stdout(&imb(folder.path(), words))).expect("JSON")
    };
    let classes = json(&["describe", "a.csv", "--target", "sick", "--json"]);
    assert_eq!((classes["n_missing"].as_u64(), classes["n_categorical"].as_u64()), (Some(1), Some(1)));
    assert_eq!(classes["single_label"]["imbalance_ratio"], 2.0);
    let own_count = json(&["describe", "b.arff", "--json"]);
    assert_eq!(own_count["multi_label"]["n_labels"], 2);
    let by_xml = json(&["describe", "b.arff", "--xml", "b.xml", "--json"]);
    assert_eq!(
        (by_xml["n_features"].as_u64(), by_xml["multi_label"]["n_labels"].as_u64()),
        (Some(2), Some(1))
    );
}

#[test]
fn resamples_a_table() {
    let folder = folder_with(&[("rows.csv", "n,kind,sick\n1,a,no\n2,a,no\n3,b,no\n9,,yes\n8,b,yes\n")]);
    std::fs::create_dir(folder.path().join("o")).expect("a folder");
    let resampled = imb(
        folder.path(),
        &[
            "resample",
            "rows.csv",
            "--target",
            "sick",
            "--method",
            "random_over_sampler",
            "--out",
            "out.csv",
            "--origins",
        ],
    );
    assert!(stdout(&resampled).contains("out.csv"));
    let out = std::fs::read_to_string(folder.path().join("out.csv")).expect("written");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "n,kind,sick,origin_seed,origin_neighbor,origin_gap",
            "1,a,no,,,",
            "2,a,no,,,",
            "3,b,no,,,",
            "9,,yes,,,"
        ]
    );
    assert!(lines[6] == "9,,yes,4,," || lines[6] == "8,b,yes,5,,", "{}", lines[6]);
}

#[test]
fn scores_predictions() {
    let folder = folder_with(&[
        ("truth.csv", "sick\nno\nno\nyes\nyes\n"),
        ("guess.csv", "guess\nno\nyes\nyes\nyes\n"),
        ("chance.csv", "yes\n0.1\n0.6\n0.9\n0.7\n"),
        ("labels.csv", "a,b\n1,0\n0,1\n1,1\n"),
        ("swapped.csv", "b,a\n0,1\n0,0\n1,1\n"),
        ("both.csv", "no,yes\n0.9,0.1\n0.4,0.6\n0.1,0.9\n0.3,0.7\n"),
        ("comma.csv", "a,b\n0.9,0.1\n\"0,2\",0.8\n0.7,0.6\n"),
    ]);
    let json = |words: &[&str]| -> Value {
        serde_json::from_str(&stdout(&imb(folder.path(), words))).expect("JSON")
    };
    let scored = json(&[
        "score",
        "--truth",
        "truth.csv",
        "--prediction",
        "guess.csv",
        "--scores",
        "chance.csv",
        "--json",
    ]);
    assert_eq!(scored["metrics"]["acsa_score"], 0.75);
    assert_eq!(scored["metrics"]["roc_auc_score"], 1.0);
    assert_eq!(scored["confusion"], serde_json::json!([[1, 1], [0, 2]]));
    // The class that is asked for decides, whatever the columns are named after.
    let positive = |scores: &str, class: &str| {
        let words = ["score", "--truth", "truth.csv", "--prediction", "guess.csv", "--scores", scores];
        json(&[&words[..], &["--positive", class, "--json"]].concat())["metrics"].clone()
    };
    for class in ["no", "yes"] {
        assert_eq!(positive("chance.csv", class), positive("both.csv", class), "{class}");
    }
    let labels =
        json(&["score", "--truth", "labels.csv", "--prediction", "swapped.csv", "--multi-label", "--json"]);
    assert_eq!(labels["metrics"]["hamming_loss"], 1.0 / 6.0);
    let words = ["score", "--truth", "labels.csv", "--prediction", "swapped.csv", "--multi-label"];
    let comma = stderr(&imb(folder.path(), &[&words[..], &["--scores", "comma.csv"]].concat()));
    assert!(comma.contains("comma.csv, line 3, column \"a\": \"0,2\""), "{comma}");
    let short = imb(
        folder.path(),
        &["score", "--truth", "truth.csv", "--prediction", "labels.csv", "--target", "last"],
    );
    assert!(stderr(&short).contains("3 rows, but the truth has 4"));
}

#[test]
fn says_what_is_wrong_and_what_would_work() {
    let folder = folder_with(&[
        ("data.csv", "1,2,0\n3,4,1\n"),
        ("short.csv", "a,b\n1,2\n\n3\n"),
        ("ok.csv", "a,b\n1,x\n2,y\n"),
    ]);
    let refused = |words: &[&str]| stderr(&imb(folder.path(), words));
    assert!(
        refused(&["describe", "data.csv", "--target", "last"])
            .contains("data.csv, line 1: \"1\" is a number in the first row")
    );
    assert!(
        refused(&["describe", "short.csv", "--target", "b"])
            .contains("short.csv, line 4: \"3\" has 1 cells where 2")
    );
    let columns_alone = stdout(&imb(folder.path(), &["describe", "ok.csv"]));
    assert!(columns_alone.contains("column") && columns_alone.contains("--target COL"), "{columns_alone}");
    assert!(refused(&["describe", "ok.csv", "--target", "c"]).contains("known: a, b"));
    assert!(refused(&["describe", "no.csv"]).contains("neither a file nor a data set"));
    assert!(refused(&["describe", "ecoli4"]).contains("Put ecoli4/ecoli4.dat"));
    assert!(refused(&["describe", "ecoli4", "--data", "nowhere"]).contains("an existing folder"));
    assert!(refused(&["reproduce", "modos"]).contains("moods, adversarial, aemlo"));
    assert!(refused(&["reproduce", "--table", "9"]).contains("aemlo: 1"));
}

#[test]
fn reproduces_what_it_can_without_data() {
    let folder = folder_with(&[]);
    let text = stdout(&imb(folder.path(), &["reproduce", "--table", "1"]));
    assert!(text.contains("read from the copy that is built in"), "{text}");
    assert!(text.contains("3 values reproduced, 0 differ, 117 not attempted"), "{text}");
    assert!(text.contains("cargo xtask data import"), "{text}");
}

#[test]
fn a_file_that_is_not_what_it_should_be_stops_the_run_and_is_named() {
    let folder = folder_with(&[("data/ecoli4/ecoli4.dat", "0.1,0.2,positive\n0.3,0.4,negative\n")]);
    let refused = stderr(&imb(folder.path(), &["describe", "ecoli4", "--data", "data"]));
    assert!(refused.contains("ecoli4.dat: not the data expected"), "{refused}");
    let verified = imb(folder.path(), &["data", "verify", "ecoli4", "--data", "data"]);
    assert!(stderr(&verified).contains("data sets: 1 wrong"));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("ecoli4.dat: not the data expected"));
    let words = ["reproduce", "moods", "--data", "data", "--skip-answers", "--dataset", "ecoli4"];
    assert!(!imb(folder.path(), &words).status.success(), "no cell is run, and that is no success");
    // With JSON on standard output, standard error says so.
    let refused = stderr(&imb(folder.path(), &[&words[..], &["--json"]].concat()));
    assert!(
        refused.contains("is not run") && refused.contains("imb: not every cell could be run"),
        "{refused}"
    );
    let imported = imb(folder.path(), &["data", "import", "data", "--data", "kept"]);
    assert!(stderr(&imported).contains("data sets: 0 copied, 1 wrong"));
    assert!(!folder.path().join("kept/ecoli4").exists(), "a wrong file is not copied");
}
