//! `imb resample` and `imb describe` with label columns.

use serde_json::Value;

use crate::program::{folder_with, imb, json, read, stderr, stdout};

/// Two columns of numbers, then three labels, of which `c` is rare.
const TABLE: &str = "x,y,a,b,c\n\
    0.50,1,1,0,0\n1.50,2,1,0,0\n2.5,3,1,1,0\n3.5,4,1,1,0\n4.5,5,1,0,0\n\
    5.5,6,1,0,0\n6.5,7,1,0,1\n7.5,8,1,0,1\n8.5,9,1,1,0\n9.5,9,1,1,0\n";

const XML: &str = "<labels xmlns=\"http://mulan.sourceforge.net/labels\"><label name=\"c\"/><label name=\"a\"/>\
    <label name=\"b\"/></labels>";

/// The same rows as sparse ARFF of Mulan; `kind` is a category, and `never` a label without a row.
const SPARSE: &str = "@relation t\n@attribute x numeric\n@attribute kind {u,v w}\n@attribute a {0,1}\n\
    @attribute b {0,1}\n@attribute never {0,1}\n@data\n\
    {0 1,2 1}\n{0 2.50, 2 1}\n{0 3,1 'v w',2 1}\n{0 4,2 1,3 1}\n{2 1}\n{0 6,2 1,3 1} % note\n{0 7,2 1}\n{0 8,2 1}\n";

/// What is reported of a label.
fn delivery<'a>(report: &'a Value, label: &str) -> &'a Value {
    let deliveries = report["delivery"].as_array().expect("a list");
    deliveries.iter().find(|delivery| delivery["name"] == label).expect(label)
}

/// The words of a resampling with MLSMOTE and one neighbour, followed by others.
fn mlsmote<'a>(file: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["resample", file, "--method", "mlsmote", "--set", "k_neighbors=1", "--out", out];
    words.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn kept_rows_stay_as_they_are_and_measures_are_reported() {
    let folder = folder_with(&[("t.csv", TABLE)]);
    let report = json(folder.path(), &mlsmote("t.csv", "o.csv", &["--labels", "3"]));
    let out = read(folder.path(), "o.csv");
    assert!(out.starts_with(TABLE), "byte for byte: {out}");
    let new: Vec<&str> = out[TABLE.len()..].lines().collect();
    // IRLbl is 1, 2.5 and 5: only c, with two rows, is rarer than the mean.
    assert_eq!(new.len(), 2);
    assert!(new.iter().all(|row| row.ends_with(",1,0,1")), "both parents have a and c: {new:?}");
    assert_eq!(report["before"]["mean_ir"], 8.5 / 3.0);
    assert_eq!(report["after"]["rows"], 12);
    assert_eq!(report["labels"][2]["ir_lbl_before"], 5.0);
    assert_eq!(report["labels"][2]["ir_lbl_after"], 3.0);
    assert_eq!(delivery(&report, "c")["delivered"], 2);
    let text = stdout(&imb(folder.path(), &mlsmote("t.csv", "o2.csv", &["--labels", "a,b,c"])));
    for word in ["MeanIR", "CVIR", "SCUMBLE", "IRLbl before", "2.8333", "o2.csv"] {
        assert!(text.contains(word), "{text}");
    }
    assert_eq!(read(folder.path(), "o2.csv"), out, "labels by name are the same labels");
    assert!(!folder.path().join("o.xml").exists(), "CSV has no label file");
}

#[test]
fn methods_for_labels_write_tables_that_are_read_again() {
    let folder = folder_with(&[("t.csv", TABLE)]);
    let settings = [
        ("mlsmote", "small_bags=shrink"),
        ("mlsol", "k_neighbors=2"),
        ("ml_ros", "sampling_rate=0.5"),
        ("ml_rus", "sampling_rate=0.2"),
        ("ml_random_over_sampler", "sampling_rate=0.2"),
        ("mltl", "k_neighbors=1"),
        ("mlbote", "loops=2"),
    ];
    for (method, setting) in settings {
        let words =
            ["resample", "t.csv", "--labels", "3", "--method", method, "--set", setting, "--out", "o.arff"];
        let report = json(folder.path(), &words);
        let again = json(folder.path(), &["describe", "o.arff", "--xml", "o.xml"]);
        assert_eq!(again["n_rows"], report["after"]["rows"], "{method}");
        assert_eq!(again["multi_label"]["mean_ir"], report["after"]["mean_ir"], "{method}");
        assert_eq!(again["multi_label"]["scumble"], report["after"]["scumble"], "{method}");
        let by_header = json(folder.path(), &["describe", "o.arff"]);
        assert_eq!(by_header["multi_label"], again["multi_label"], "MEKA's -C says the same");
        assert!(read(folder.path(), "o.arff").contains("@attribute c {0,1}\n"), "as Mulan reads labels");
    }
}

#[test]
fn labels_are_named_by_count_names_xml_or_the_file() {
    let meka = TABLE.split_once('\n').expect("rows").1;
    let meka = format!(
        "@relation 't: -C -3'\n@attribute x numeric\n@attribute y integer\n@attribute a {{0,1}}\n\
         @attribute b {{0,1}}\n@attribute c {{0,1}}\n@data\n{meka}"
    );
    let folder = folder_with(&[("t.csv", TABLE), ("l.xml", XML), ("meka.arff", &meka)]);
    let names = |words: &[&str]| -> Vec<String> {
        let described = json(folder.path(), &[&["describe"], words].concat());
        let labels = described["multi_label"]["labels"].as_array().expect("labels").clone();
        labels.iter().map(|label| label["name"].as_str().expect("a name").to_owned()).collect()
    };
    for words in [
        ["t.csv", "--labels", "3"],
        ["t.csv", "--labels", "-3"],
        ["t.csv", "--labels", "c,a,b"],
        ["t.csv", "--xml", "l.xml"],
    ] {
        assert_eq!(names(&words), ["a", "b", "c"], "{words:?}");
    }
    assert_eq!(names(&["meka.arff"]), ["a", "b", "c"]);
    assert_eq!(names(&["t.csv", "--labels", "c", "--labels", "b"]), ["b", "c"]);
    let report = json(folder.path(), &mlsmote("meka.arff", "o.arff", &[]));
    assert_eq!(report["rows_made"], 2);
    assert!(read(folder.path(), "o.arff").starts_with(&meka));
}

#[test]
fn conveniences_of_classes_hold_for_labels() {
    let with_id = TABLE.replace("x,y", "x,y,id,group").replace(",1,0,0\n", ",7,g 1,1,0,0\n");
    let with_id: String = with_id
        .lines()
        .map(|line| match line.split(',').count() {
            7 => format!("{line}\n"),
            _ => {
                let cells: Vec<&str> = line.split(',').collect();
                format!("{},8,g 2,{}\n", cells[..2].join(","), cells[2..].join(","))
            }
        })
        .collect();
    let folder = folder_with(&[("t.csv", &with_id)]);
    let words = ["--labels", "3", "--ignore", "id", "--copy", "group", "--origins"];
    stdout(&imb(folder.path(), &mlsmote("t.csv", "o.csv.gz", &words)));
    stdout(&imb(folder.path(), &mlsmote("t.csv", "o.csv", &words)));
    let out = read(folder.path(), "o.csv");
    let new = out.lines().last().expect("rows");
    let cells: Vec<&str> = new.split(',').collect();
    assert_eq!(cells[2..7], ["", "g 2", "1", "0", "1"], "{new}");
    assert!(["7", "8"].contains(&cells[7]) && ["7", "8"].contains(&cells[8]) && cells[9].is_empty(), "{new}");
    let twice = json(folder.path(), &["describe", "o.csv.gz", "--labels", "a,b,c"]);
    assert_eq!(twice["n_rows"], 12);
    let aside = imb(folder.path(), &mlsmote("t.csv", "-", &words));
    assert_eq!(stdout(&aside), out, "the table alone");
    assert!(String::from_utf8_lossy(&aside.stderr).contains("MeanIR"));
    let itself = stderr(&imb(folder.path(), &mlsmote("t.csv", "t.csv", &words)));
    assert!(itself.contains("--force"), "{itself}");
    let label = stderr(&imb(folder.path(), &mlsmote("t.csv", "o.csv", &["--labels", "3", "--ignore", "a"])));
    assert!(label.contains("is to be predicted"), "{label}");
    let both = ["--labels", "3", "--ignore", "id,group"];
    let both = stderr(&imb(folder.path(), &mlsmote("t.csv", "o.csv", &both)));
    assert!(both.contains("known: x, y, id, group") && both.contains("once for each column"), "{both}");
    let learner = stderr(&imb(
        folder.path(),
        &["resample", "t.csv", "--labels", "3", "--method", "mlsmot", "--out", "-"],
    ));
    assert!(learner.contains("known: mlsmote, ") && !learner.contains("ml_knn"), "{learner}");
}

#[test]
fn sparse_rows_stay_sparse_and_categories_have_their_texts() {
    let folder = folder_with(&[("s.arff", SPARSE)]);
    let words = ["--labels", "3", "--set", "label_rule=union"];
    let report = json(folder.path(), &mlsmote("s.arff", "o.arff", &words));
    let out = read(folder.path(), "o.arff");
    assert!(out.starts_with(SPARSE), "{out}");
    let new: Vec<&str> = out[SPARSE.len()..].lines().collect();
    assert!(
        !new.is_empty() && new.iter().all(|row| row.starts_with('{') && row.ends_with(",2 1,3 1}")),
        "{new:?}"
    );
    let never = delivery(&report, "never");
    assert!(never["remark"].as_str().expect("a remark").contains("no positive row"), "{never}");
    assert_eq!(report["labels"][2]["ir_lbl_before"], Value::Null);
    let origins = json(folder.path(), &mlsmote("s.arff", "p.arff", &["--labels", "3", "--origins"]));
    assert_eq!(origins["rows_made"], 2);
    assert!(read(folder.path(), "p.arff").contains("{0 6,2 1,3 1,5 ?,6 ?,7 ?}\n"));
    stdout(&imb(folder.path(), &mlsmote("s.arff", "o.csv", &["--labels", "3"])));
    // Quoted, so that they are read as categories again.
    assert!(read(folder.path(), "o.csv").contains("\n3,v w,\"1\",\"0\",\"0\"\n"));
}

/// Row 14 has a label that none of its neighbours has, far from the other rows of the label.
#[test]
fn a_label_that_is_cleared_is_cleared_in_the_written_row() {
    let row = |number: usize| {
        let at = if number < 7 { number } else { 100 + number };
        let on = number < 7 || number == 14;
        format!("{at}.0;\"{}\";{}\n", u8::from(on), u8::from(number.is_multiple_of(2)))
    };
    let table: String = std::iter::once("x;a;b\n".to_owned()).chain((0..24).map(row)).collect();
    let folder = folder_with(&[("t.csv", &table)]);
    let words = ["resample", "t.csv", "--labels", "2", "--method", "mlbote", "--set", "noise_neighbors=3"];
    let report = json(folder.path(), &[&words[..], &["--out", "o.csv"]].concat());
    let out = read(folder.path(), "o.csv");
    let expected = table.replace("114.0;\"1\";1\n", "114.0;\"0\";1\n");
    assert_ne!(expected, table);
    assert!(out.starts_with(&expected), "{out}\n{report}");
}

#[test]
fn what_is_wrong_with_labels_is_said() {
    let folder = folder_with(&[
        ("t.csv", TABLE),
        ("two.csv", "x,a,b\n1,1,0\n2,2,1\n"),
        ("mixed.csv", "x,a,b\n1,1,0\nfour,0,1\n3,1,1\n4,0,0\n"),
        ("gap.csv", "x,a,b\n1,1,0\n2,,1\n3,1,0\n"),
        ("none.csv", "x,a,b\n1,0,0\n2,0,0\n3,0,0\n"),
        ("l.xml", XML),
        ("other.xml", "<labels><label name=\"z\"/></labels>"),
        ("broken.xml", "<labels><label name=\"z\""),
    ]);
    let refused = |words: &[&str]| stderr(&imb(folder.path(), words));
    let says = |words: &[&str], expected: &str| {
        let said = refused(words);
        assert!(said.contains(expected), "{words:?}: {said}");
        assert!(!folder.path().join("o.csv").exists(), "{words:?}");
    };
    says(
        &mlsmote("two.csv", "o.csv", &["--labels", "2"]),
        "two.csv, line 3, column \"a\": \"2\" is no label: a label is 0 or 1",
    );
    says(&["describe", "two.csv", "--labels", "2"], "line 3, column \"a\"");
    says(&mlsmote("gap.csv", "o.csv", &["--labels", "2"]), "line 3, column \"a\": \"a gap\" is no label");
    says(&mlsmote("t.csv", "o.csv", &["--labels", "5"]), "5 labels are asked for, but there are 5 columns");
    says(&mlsmote("t.csv", "o.csv", &["--labels", "0"]), "0 labels are asked for");
    says(&mlsmote("t.csv", "o.csv", &["--labels", "first:x"]), "a positive number N of label columns");
    says(
        &mlsmote("t.csv", "o.csv", &["--labels", "a,z"]),
        "\"z\" is named as a label, but there is no such column",
    );
    says(&mlsmote("t.csv", "o.csv", &["--xml", "other.xml"]), "\"z\" is named as a label");
    says(&mlsmote("t.csv", "o.csv", &["--xml", "broken.xml"]), "is not well-formed XML");
    says(&mlsmote("none.csv", "o.csv", &["--labels", "2"]), "none of the 2 labels has a positive row");
    says(&mlsmote("mixed.csv", "o.csv", &["--labels", "2"]), "column \"x\" is text: \"four\" in line 3");
    says(&mlsmote("t.csv", "o.csv", &[]), "--labels N or --xml FILE for labels");
    says(&mlsmote("t.csv", "o.csv", &["--target", "c"]), "name them by --labels or --xml");
    let smote = ["resample", "t.csv", "--method", "smote", "--out", "o.csv", "--labels", "3"];
    says(&smote, "name the class column by --target");
    std::fs::write(folder.path().join("o.xml"), "<labels><label name=\"other\"/></labels>").expect("written");
    says(&mlsmote("t.csv", "o.arff", &["--labels", "3"]), "o.xml already exists and names other labels");
    assert!(!folder.path().join("o.arff").exists());
    stdout(&imb(folder.path(), &mlsmote("t.csv", "o.arff", &["--labels", "3", "--force"])));
    assert!(read(folder.path(), "o.xml").contains("<label name=\"a\"></label>"));
}

/// Equal rows of labels are balanced already: nothing changes, and the report says so.
#[test]
fn rows_with_the_same_labels_are_left_alone() {
    let table = "x,a,b\n1,1,1\n2,1,1\n3,1,1\n";
    let folder = folder_with(&[("t.csv", table)]);
    let report = json(folder.path(), &mlsmote("t.csv", "o.csv", &["--labels", "2"]));
    assert_eq!((report["rows_made"].as_u64(), report["after"]["mean_ir"].as_f64()), (Some(0), Some(1.0)));
    assert_eq!(read(folder.path(), "o.csv"), table);
}
