//! `imb` on tables of a user's own: nothing is changed in silence, nothing else is touched.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imb"));
    command.args(line.split(' ')).env_remove("IMB_DATA").env("HOME", folder).current_dir(folder);
    command
}

/// `imb` with these words, which hold no blanks.
fn imb(folder: &TempDir, line: &str) -> Output {
    command(folder.path(), line).output().expect("the program starts")
}

/// What it prints if all is well.
fn done(folder: &TempDir, line: &str) -> String {
    let output = imb(folder, line);
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(folder: &TempDir, line: &str) -> Value {
    serde_json::from_str(&done(folder, &format!("{line} --json"))).expect("JSON")
}

/// What it says if it refuses.
fn refused(folder: &TempDir, line: &str) -> String {
    let output = imb(folder, line);
    assert_eq!(output.status.code(), Some(1), "{line}: {}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty(), "{line}: half a result");
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    files
        .iter()
        .for_each(|(name, content)| std::fs::write(folder.path().join(name), content).expect("written"));
    folder
}

fn read(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).expect("written")
}

fn classes(described: &Value) -> Vec<(String, u64)> {
    let counts = described["single_label"]["class_counts"].as_array().expect("classes");
    let pair =
        |pair: &Value| (pair[0].as_str().expect("a name").to_owned(), pair[1].as_u64().expect("a count"));
    counts.iter().map(pair).collect()
}

fn expect_classes(described: &Value, expected: &[(&str, u64)]) {
    let expected: Vec<(String, u64)> =
        expected.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect();
    assert_eq!(classes(described), expected);
}

/// Rows, features, categorical features, gaps.
fn size(described: &Value) -> [u64; 4] {
    ["n_rows", "n_features", "n_categorical", "n_missing"].map(|name| described[name].as_u64().expect(name))
}

#[test]
fn kept_rows_are_written_byte_for_byte() {
    for content in [
        "id,small,class\n740245381351497730,1,a\n740245381351497731,2,a\n9007199254740993,3,a\n12345678901234567890,5,b\n",
        "zip,phone,class\r\n00501,0123456789,a\r\n02139,0123456780,a\r\n90210,0000000001,b",
        "hash,x,class\n713752e1,1,a\n8245e117,2,a\n47583311587E590003,3,a\n99e0,5,b\n",
        "x,y,class\n1,1,a\n2,1e400,a\n3,3,b\n4,-1e400,a\n",
        "country,continent,x,class\nNA,AF,1.50,poor\n\"US\", NA,+3,rich\nCA,NA,,rich\n",
        ", y z,class\n0,1,a\n1,2,a\n2,2,b\n",
        "\u{feff}# a note\nx;y;class\n1,5;?;a\n2,50;N/A;a\n3,5;3..5;b\n",
    ] {
        let folder = folder_with(&[("table.csv", content)]);
        done(&folder, "resample table.csv --target class --method random_over_sampler --out out.csv");
        let out = read(&folder, "out.csv");
        assert!(out.starts_with(content), "{out:?} of {content:?}");
        let rows: Vec<&str> = content.lines().collect();
        let added = &out[content.len()..];
        assert!(added.lines().filter(|row| !row.is_empty()).all(|row| rows.contains(&row)), "{added:?}");
    }
}

#[test]
fn gaps_are_what_the_user_says() {
    let folder = folder_with(&[
        ("continents.csv", "x,continent\n1.5,AF\n2.5,NA\n3.5,NA\n4.5,AF\n5,AF\n"),
        ("marks.csv", "x,y,class\n1,N/A,a\n2,null,a\n3,#N/A,b\n4,4,b\n5,-999,b\n"),
    ]);
    expect_classes(&json(&folder, "describe continents.csv --target continent"), &[("AF", 3), ("NA", 2)]);
    let error = refused(&folder, "describe continents.csv --target continent --missing NA");
    assert!(error.contains("line 3, column \"continent\": \"NA\" the target is missing"), "{error}");
    assert_eq!(size(&json(&folder, "describe marks.csv --target class")), [5, 2, 0, 3]);
    assert_eq!(size(&json(&folder, "describe marks.csv --target class --missing -999")), [5, 2, 0, 4]);
}

#[test]
fn files_are_read_as_others_write_them() {
    let folder = folder_with(&[
        ("comma.csv", "x;y;class\n1,5;2,5;a\n2,5;3,5;a\n3,5;1,5;a\n4,0;2,0;b\n5,0;2,5;b\n"),
        ("sep.csv", "sep=;\nx;y;class\n1;2;a\n2;3;a\n4;2;b\n"),
        ("ends.csv", "A,B,class\n1,4,x,\n2,5,y,\n3,6,x,\n"),
        (
            "ends.arff",
            "@relation 'SEA'\n@attribute a numeric\n@attribute class {A,B}\n@data\n7.3,B,\n1.17,B,\n3.13,A,\n",
        ),
        ("tabs.arff", "@relation t\n@attribute a numeric\n@attribute c {x,y}\n@data\n1\tx\n2\ty\n3\tx\n"),
        (
            "blanks.arff",
            "@relation t\n@attribute a numeric\n@attribute c {x,'y z'}\n@data\n0 \"x\"\n1 \"y z\"\n",
        ),
        (
            "auto.data",
            "18.0   8   307.0\t\"chevrolet\"\n15.0   8   350.0\t\"buick skylark\"\n24.0   4   113.0\t\"toyota\"\n",
        ),
        (
            "texts.arff",
            "@relation t\n@attribute name string\n@attribute when date \"yyyy-MM-dd\"\n@attribute x numeric\n\
             @attribute c {a,b}\n@data\n'item 1',2020-01-01,1,a\n'item 2',2020-01-02,2,a\n\"item 3\",2020-01-03,3,b\n",
        ),
    ]);
    assert_eq!(size(&json(&folder, "describe comma.csv --target class")), [5, 2, 0, 0]);
    done(&folder, "resample comma.csv --target class --method smote --set k_neighbors=1 --out out.csv");
    let new = read(&folder, "out.csv").lines().last().expect("a row").replace(',', ".");
    let x: f64 = new.split(';').next().expect("a cell").parse().expect("a number");
    assert!((4.0..=5.0).contains(&x) && new.ends_with(";b"), "{new}");
    expect_classes(&json(&folder, "describe sep.csv --target class"), &[("a", 2), ("b", 1)]);
    assert_eq!(size(&json(&folder, "describe ends.csv --target class")), [3, 2, 0, 0]);
    expect_classes(&json(&folder, "describe ends.arff --target class"), &[("A", 1), ("B", 2)]);
    expect_classes(&json(&folder, "describe tabs.arff --target c"), &[("x", 2), ("y", 1)]);
    expect_classes(&json(&folder, "describe blanks.arff --target c"), &[("x", 1), ("y z", 1)]);
    let auto = json(&folder, "describe auto.data --target 2 --no-header");
    assert_eq!(size(&auto), [3, 3, 1, 0]);
    expect_classes(&auto, &[("4", 1), ("8", 2)]);
    assert!(refused(&folder, "describe auto.data --target last").contains("--header"));

    assert_eq!(size(&json(&folder, "describe texts.arff --target c")), [3, 3, 2, 0]);
    done(&folder, "resample texts.arff --target c --method random_over_sampler --out out.arff");
    assert!(read(&folder, "out.arff").ends_with("3,b\n\"item 3\",2020-01-03,3,b\n"));
    let error = refused(&folder, "resample texts.arff --target c --method smote --out out2.csv");
    assert!(error.contains("column \"name\"") && error.contains("column \"when\""), "{error}");
    assert!(error.contains("--ignore name --ignore when"), "{error}");
}

#[test]
fn texts_are_no_obstacle_when_they_are_ignored_or_copied() {
    let folder = folder_with(&[(
        "table.csv",
        "id,city,x,class\n1,Bonn,1,a\n2,Ulm,2,a\n3,Jena,3,a\n4,\"New, York\",4,b\n5,Rom,5,b\n",
    )]);
    let line = "resample table.csv --target class --method smote --set k_neighbors=1 --out out.csv";
    let report = json(&folder, &format!("{line} --ignore city --copy id"));
    assert_eq!(report["rows_made"], 1);
    let out = read(&folder, "out.csv");
    let new = out.lines().last().expect("a row");
    assert!((new.starts_with("4,,") || new.starts_with("5,,")) && new.ends_with(",b"), "{new}");
    let report = json(&folder, &format!("{line} --ignore city"));
    assert!(report["notes"][0].as_str().expect("a note").contains("--ignore id"), "{report}");
    assert!(refused(&folder, &format!("{line} --ignore class")).contains("is to be predicted"));
}

#[test]
fn counts_and_ratios_have_short_forms() {
    let rows: String = (1..=8).map(|x| format!("{x},a\n")).collect();
    let folder = folder_with(&[("table.csv", &format!("x,class\n{rows}9,b\n10,b\n"))]);
    let line = "resample table.csv --target class --method smote --set k_neighbors=1 --out out.csv --set";
    for strategy in ["sampling_strategy=0.5", "ratio=0.5", "sampling_strategy={ratio=0.5}", "counts=b:4"] {
        assert_eq!(json(&folder, &format!("{line} {strategy}"))["classes"][1][1], 4, "{strategy}");
    }
    let error = refused(&folder, &format!("{line} sampling_strategy=often"));
    assert!(error.contains("ratio=0.5") && !error.contains("variant"), "{error}");
    let error = refused(&folder, &format!("{line} counts=b:99999999999"));
    assert!(error.contains("99999999997 new rows") && error.contains("GiB"), "{error}");
}

#[test]
fn messages_name_lines_and_ask_before_they_guess() {
    let folder = folder_with(&[
        ("inf.csv", "x,y,class\n1,1,a\n2,inf,a\n3,3,a\n4,4,a\n5,5,b\n6,6,b\n7,1e400,b\n"),
        ("gap.csv", "x,class\n1,a\n2,\n3,b\n"),
        ("one.csv", "a,b,class\n1,2,0\n2,3,0\n3,4,0\n"),
        ("many.csv", &format!("x,y\n{}", (0..72).map(|x| format!("{x},{x}\n")).collect::<String>())),
    ]);
    let error = refused(&folder, "resample inf.csv --target class --method smote --out out.csv");
    assert!(error.contains("\"inf\" in line 3") && error.contains("\"1e400\" in line 8"), "{error}");
    assert_eq!(json(&folder, "describe inf.csv --target class")["n_infinite"], 2);
    let error = refused(&folder, "describe gap.csv --target class");
    assert!(error.contains("gap.csv, line 3, column \"class\": the target is missing"), "{error}");
    let error = refused(&folder, "resample one.csv --target class --method smote --out out.csv");
    assert!(error.contains("column \"class\" holds one class only (0, 3 rows)"), "{error}");
    assert!(refused(&folder, "describe many.csv --target y").contains("--every-value-a-class"));
    let all = json(&folder, "describe many.csv --target y --every-value-a-class");
    assert_eq!(classes(&all).len(), 72);
}

#[test]
fn what_is_written_is_read_back_as_the_same_table() {
    let folder = folder_with(&[(
        "table.arff",
        "@relation t\n@attribute comfort {05,07,10}\n@attribute x numeric\n@attribute region {NA,'  EU',EU}\n@data\n\
         05,1,NA\n07,2,NA\n10,3,'  EU'\n05,4,EU\n05,5,EU\n10,6,'  EU'\n",
    )]);
    let expected = [("  EU", 2), ("EU", 2), ("NA", 2)];
    expect_classes(&json(&folder, "describe table.arff --target region"), &expected);
    for out in ["out.csv", "out.tsv.gz", "out.arff", "out.dat"] {
        done(
            &folder,
            &format!("resample table.arff --target region --method random_under_sampler --out {out}"),
        );
        let described = json(&folder, &format!("describe {out} --target region"));
        expect_classes(&described, &expected);
        assert_eq!(size(&described), [6, 2, 1, 0], "{out}");
    }
}

#[test]
fn outputs_that_make_no_sense_are_refused_and_nothing_is_touched() {
    let folder = folder_with(&[("table.csv", "x,class\n1,a\n2,a\n3,b\n")]);
    let line = "resample table.csv --target class --method random_over_sampler --out";
    for (out, why) in
        [("no/out.csv", "make it first"), ("out.xlsx", "ends in .csv"), ("table.csv", "--force")]
    {
        assert!(refused(&folder, &format!("{line} {out}")).contains(why), "{out}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1);
    done(&folder, &format!("{line} table.csv --force"));
    assert_eq!(read(&folder, "table.csv"), "x,class\n1,a\n2,a\n3,b\n3,b\n");
}

#[test]
fn pipes_hold_the_table_and_nothing_else() {
    let folder = folder_with(&[]);
    let line = "resample - --target class --method random_over_sampler --out - --json";
    let mut child = command(folder.path(), line)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(b"x,class\n01,a\n2,a\n3,b\n").expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stdout, b"x,class\n01,a\n2,a\n3,b\n3,b\n");
    let report: Value = serde_json::from_slice(&output.stderr).expect("JSON beside the table");
    assert_eq!((&report["rows_kept"], &report["rows_copied"]), (&3.into(), &1.into()));
    done(&folder_with(&[("t.csv", "x,class\n1,a\n2,b\n")]), "describe t.csv --target class");
}

#[cfg(unix)]
#[test]
fn devices_stay_and_names_cannot_command_the_terminal() {
    use std::os::unix::fs::FileTypeExt;
    let folder = folder_with(&[("table.csv", "x,\u{1b}[31mclass\n1,a\u{202e}\n2,a\u{202e}\n3,b\u{7}\n")]);
    done(&folder, "resample table.csv --target last --method random_over_sampler --out /dev/null");
    assert!(std::fs::metadata("/dev/null").expect("there").file_type().is_char_device());
    for line in ["describe table.csv --target last", "describe table.csv --target last --json"] {
        let shown = done(&folder, line);
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{shown:?}");
    }
    assert!(!refused(&folder, "describe table.csv --target none").contains('\u{1b}'));
}

#[test]
fn scores_belong_to_whom_their_column_says() {
    let folder = folder_with(&[
        ("truth.csv", "y\n0\n0\n1\n1\n"),
        ("single.csv", "score\n0.1\n0.2\n0.8\n0.9\n"),
        ("named.csv", "1\n0.1\n0.2\n0.8\n0.9\n"),
        ("abc-truth.csv", "y\na\nb\nb\na\n"),
        ("abc.csv", "a,b,c\n0.7,0.2,0.1\n0.1,0.8,0.1\n0.2,0.5,0.3\n0.6,0.1,0.3\n"),
        ("rounded.csv", "a,b,id\n0.7,0.3,1\n0.1,0.8,2\n0.5,0.5,3\n0.6,0.4,4\n"),
    ]);
    let line = "score --truth truth.csv --prediction truth.csv --scores";
    assert!(refused(&folder, &format!("{line} single.csv")).contains("whose score is column \"score\""));
    for scores in ["single.csv --positive 1", "named.csv"] {
        let metrics = &json(&folder, &format!("{line} {scores}"))["metrics"];
        assert_eq!(
            (&metrics["roc_auc_score"], &metrics["average_precision_score"]),
            (&1.0.into(), &1.0.into())
        );
        for name in ["mcc_score", "cohen_kappa_score", "balanced_accuracy_score"] {
            assert_eq!(metrics[name], 1.0, "{name}");
        }
    }
    let line = "score --truth abc-truth.csv --prediction abc-truth.csv --scores";
    let absent = json(&folder, &format!("{line} abc.csv"));
    let log_loss = absent["metrics"]["log_loss"].as_f64().expect("a number");
    assert!((log_loss - 0.445_948).abs() < 1e-6, "{log_loss}");
    assert!(absent["notes"].to_string().contains("class c has scores, but no row"), "{absent}");
    let rounded = json(&folder, &format!("{line} rounded.csv"));
    assert!(rounded["metrics"]["log_loss"].is_null() && rounded["metrics"]["roc_auc_score"].is_f64());
    assert!(rounded["not_applicable"]["log_loss"].as_str().expect("a reason").contains("line 3 sums to 0.9"));
}

#[test]
fn pairs_are_never_shifted() {
    let folder = folder_with(&[
        ("blank-truth.csv", "y\n0\n\n1\n1\n0\n"),
        ("blank.csv", "y\n0\n1\n1\n\n0\n"),
        ("truth.txt", "cat\ndog\ndog\ncat\n"),
        ("prediction.txt", "dog\ndog\ndog\ncat\n"),
        ("other.csv", "y\ncat\nbird\n"),
        ("two.csv", "y\ncat\ndog\n\n\n"),
    ]);
    let error = refused(&folder, "score --truth blank-truth.csv --prediction blank.csv");
    assert!(error.contains("blank-truth.csv, line 3"), "{error}");
    assert!(refused(&folder, "score --truth truth.txt --prediction prediction.txt").contains("--no-header"));
    let scored = json(&folder, "score --truth truth.txt --prediction prediction.txt --no-header");
    assert_eq!((&scored["n_rows"], &scored["metrics"]["accuracy_score"]), (&4.into(), &0.75.into()));
    let notes = json(&folder, "score --truth two.csv --prediction other.csv")["notes"].to_string();
    assert!(
        notes.contains("class bird is predicted") && notes.contains("class dog is never predicted"),
        "{notes}"
    );
}

#[test]
fn new_rows_stay_between_their_parents_at_the_ends_of_the_range() {
    let content = "a,b,class\n1e308,1,0\n-1e308,2,0\n3,3,0\n4,4,0\n5,5,0\n1.7e308,6,1\n-1.7e308,8,1\n9,9,1\n";
    let folder = folder_with(&[("table.csv", content)]);
    for method in ["smote", "adasyn"] {
        let line =
            format!("resample table.csv --target class --method {method} --set k_neighbors=2 --out out.csv");
        done(&folder, &line);
        for row in read(&folder, "out.csv").lines().skip(9) {
            let a: f64 = row.split(',').next().expect("a cell").parse().expect("a number");
            assert!(a.abs() <= 1.7e308, "{method}: {row}");
        }
    }
}
