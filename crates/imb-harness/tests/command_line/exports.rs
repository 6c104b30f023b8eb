//! Printed tables are checked, tables exported, predictions asked for, and shells served.

use serde_json::Value;

use crate::program::{folder_with, imb, stderr, stdout};

/// The example of docs/table-lint.md.
const PAPER: &str = r#"
rounding = "either"
[table2]
columns = ["SMOTE", "AO"]
percent = true
decimals = 2
runs = 1
test_rows = { Haberman = [65, 26] }
Haberman.acsa = [69.61, 60.00]
Haberman.geometric_mean = [69.48, 58.38]
Credit.acsa = [50.00, 61.65]
Credit.geometric_mean = [0.48, 62.19]
"#;

#[test]
fn a_printed_table_is_checked_and_its_matrices_are_shown() {
    let right = PAPER.replace("62.19", "61.60");
    let folder = folder_with(&[("paper.toml", PAPER), ("right.toml", &right)]);
    let found = imb(folder.path(), &["lint-table", "paper.toml"]);
    assert_eq!(found.status.code(), Some(1));
    let error = String::from_utf8_lossy(&found.stderr).into_owned();
    assert!(error.contains("paper.toml: findings: "), "{error}");
    let text = String::from_utf8(found.stdout).expect("UTF-8");
    assert!(
        text.contains("table2, Credit, AO: the geometric mean 62.19 cannot be above the mean 61.65"),
        "{text}"
    );
    assert!(
        text.contains("48 of 65") && text.contains("12 of 26") && text.contains("[0.266, 0.666]"),
        "{text}"
    );
    let json: Value =
        serde_json::from_str(&stdout(&imb(folder.path(), &["lint-table", "right.toml", "--json"])))
            .expect("JSON");
    assert_eq!((json["values"].as_u64(), json["findings"].as_array().map(Vec::len)), (Some(8), Some(0)));
    assert_eq!(json["revealed"][0]["matrix"], serde_json::json!([[48, 17], [9, 17]]));
}

#[test]
fn a_table_that_cannot_be_read_is_refused_with_the_place() {
    let short = PAPER.replace("[69.61, 60.00]", "[69.61]");
    let folder = folder_with(&[("short.toml", &short), ("no-rows.toml", &PAPER.replace("65, 26", "65, 0"))]);
    let error = |file: &str| stderr(&imb(folder.path(), &["lint-table", file]));
    let short = error("short.toml");
    assert!(short.contains("short.toml: table2: Haberman.acsa: 1 values for 2 columns"), "{short}");
    assert!(error("no-rows.toml").contains("65 and 0"));
    assert!(error("missing.toml").contains("missing.toml"));
}

#[test]
fn a_table_is_printed_in_every_form() {
    let folder = folder_with(&[]);
    let table = |format: &str| {
        stdout(&imb(folder.path(), &["reproduce", "adversarial", "--table", "2", "--format", format]))
    };
    let csv = table("csv");
    let mut lines = csv.lines();
    assert!(
        lines.next().is_some_and(|header| header.starts_with("paper,table,data_set,learner,metric,column"))
    );
    assert!(lines.any(|line| line.starts_with("adversarial,2,Credit,,geometric_mean_score,ao,")), "{csv}");
    let latex = table("latex");
    assert!(
        latex.contains("\\toprule") && latex.contains("random\\_over") && latex.contains("62.19"),
        "{latex}"
    );
    assert!(table("markdown").contains("| data set | metric | mlp |"));
    let json: Value = serde_json::from_str(&table("json")).expect("JSON");
    assert_eq!(json[0]["number"], 2);
    let without_table = imb(folder.path(), &["reproduce", "adversarial", "--format", "csv"]);
    assert_eq!(without_table.status.code(), Some(2));
}

#[test]
fn predictions_of_an_unknown_cell_are_refused() {
    let folder = folder_with(&[]);
    let error = |words: &[&str]| stderr(&imb(folder.path(), words));
    assert!(error(&["predictions", "nothing like it"]).contains("no record fits \"nothing like it\""));
    let many = error(&["predictions", "moods ecoli4 sound"]);
    assert!(many.contains("records fit") && many.contains("moods ecoli4 sound"), "{many}");
    assert!(error(&["predictions", "x", "--evaluation", "best"]).contains("best_on_test"));
}

/// A smoke record of the same place does not hide the committed one.
#[test]
fn predictions_are_of_the_record_that_is_planned() {
    let folder = folder_with(&[]);
    let name = "winequality-red-8_vs_6";
    let words =
        ["run", "moods", "--profile", "smoke", "--dataset", name, "--column", "none", "--protocol", "sound"];
    stdout(&imb(folder.path(), &words));
    let cell = format!("moods {name} sound none run 0");
    // On another instruction set the predictions may differ, which the exit status says.
    let output = imb(folder.path(), &["predictions", &cell, "--out", "p.csv"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the predictions") && !said.contains("recorded with another"), "{said}");
    assert!(folder.path().join("p.csv").exists(), "{said}");
}

/// The rows that are shown are those of cells: where runs share a start, of a start.
#[test]
fn a_split_is_one_that_cells_use() {
    let folder = folder_with(&[]);
    let split = |more: &[&str]| imb(folder.path(), &[&["split", "winequality-red-8_vs_6"], more].concat());
    let released = stdout(&split(&["--protocol", "as_released"]));
    assert!(released.contains("as_released of moods, start 0, run 0"), "{released}");
    assert_eq!(
        released,
        stdout(&split(&["--protocol", "as_released", "--start", "0", "--run", "3"]))
            .replace("run 3", "run 0")
    );
    assert!(stdout(&split(&[])).contains("sound of moods, run 0"));
    let refused = stderr(&split(&["--start", "0"]));
    assert!(refused.contains("--start does not apply: each run"), "{refused}");
    let refused = stderr(&split(&["--protocol", "as_released", "--fold", "7"]));
    assert!(refused.contains("--fold does not apply") && refused.contains("no folds"), "{refused}");
}

/// An option that would do nothing is refused, not dropped.
#[test]
fn options_of_runs_are_refused_where_nothing_is_run() {
    let folder = folder_with(&[]);
    let refused = |words: &[&str]| {
        let output = imb(folder.path(), &[&["reproduce", "moods"], words].concat());
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        stderr(&output)
    };
    for nothing in [["--table", "2"], ["--save", "x"], ["--check", "x"], ["--no-run", "--skip-answers"]] {
        for of_runs in [["--dataset", "ecoli4"], ["--column", "moods"], ["--runs", "3"]] {
            let error = refused(&[nothing, of_runs].concat());
            assert!(error.contains("cannot be used with"), "{error}");
        }
    }
    assert!(refused(&["--table", "2", "--save", "x"]).contains("cannot be used with"));
    for minutes in ["nan", "-1", "1e400", "inf"] {
        let error = refused(&["--minutes", minutes]);
        assert!(error.contains("a number of minutes from 0 on"), "{error}");
    }
}

#[test]
fn shells_complete_every_command() {
    let folder = folder_with(&[]);
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(&imb(folder.path(), &["completions", shell]));
        assert!(script.contains("lint-table") && script.contains("predictions"), "{shell}");
    }
    assert_eq!(imb(folder.path(), &["completions", "dos"]).status.code(), Some(2));
}

#[test]
fn categories_are_encoded_for_a_method_and_come_back() {
    let rows = "a,colour,class\n1,red,x\n2,blue,x\n3,red,x\n4,blue,x\n9,green,y\n8,red,y\n7,green,y\n";
    let folder = folder_with(&[("rows.csv", rows)]);
    let resample = |more: &[&str]| {
        let words = ["resample", "rows.csv", "--target", "class", "--method", "smote", "--out", "out.csv"];
        imb(folder.path(), &[words.as_slice(), &["--set", "k_neighbors=2"], more].concat())
    };
    let refused = stderr(&resample(&[]));
    assert!(refused.contains("colour") && refused.contains("--encode onehot"), "{refused}");
    stdout(&resample(&["--encode", "onehot"]));
    let out = std::fs::read_to_string(folder.path().join("out.csv")).expect("written");
    let new: Vec<&str> = out.strip_prefix(rows).expect("kept rows as they were").lines().collect();
    assert_eq!(new.len(), 1, "{out}");
    let cells: Vec<&str> = new[0].split(',').collect();
    assert!(["red", "green"].contains(&cells[1]) && cells[2] == "y", "{out}");
}

#[test]
fn gaps_are_filled_in_new_rows_and_stay_in_kept_ones() {
    let rows = "a,b,class\n1,5,x\n2,,x\n3,6,x\n4,7,x\n9,1,y\n8,,y\n7,2,y\n";
    let folder = folder_with(&[("rows.csv", rows), ("empty.csv", "a,b,class\n1,,x\n2,,x\n3,,y\n4,,y\n")]);
    let resample = |file: &str, more: &[&str]| {
        let words = ["resample", file, "--target", "class", "--method", "smote", "--set", "k_neighbors=1"];
        imb(folder.path(), &[words.as_slice(), &["--out", "out.csv"], more].concat())
    };
    assert!(stderr(&resample("rows.csv", &[])).contains("has 2 gaps"));
    for how in ["knn", "mean"] {
        stdout(&resample("rows.csv", &["--impute", how]));
        let out = std::fs::read_to_string(folder.path().join("out.csv")).expect("written");
        assert!(out.starts_with(rows), "kept rows are as they were: {out}");
        let new: Vec<&str> = out.lines().skip(8).collect();
        assert_eq!(new.len(), 1, "{out}");
        assert!(new[0].split(',').all(|cell| !cell.is_empty()), "{out}");
    }
    assert!(stderr(&resample("empty.csv", &["--impute", "mean"])).contains("column \"b\" has no value"));
}
