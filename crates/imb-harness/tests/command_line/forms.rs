//! Files of many forms: what a user gave is never replaced, and what is written says what was read.

use std::path::Path;

use crate::program::{folder_with, imb, json, read, stderr, stdout};

/// Runs `imb` with these words, which hold no blanks.
fn done(folder: &Path, line: &str) -> String {
    stdout(&imb(folder, &line.split(' ').collect::<Vec<_>>()))
}

fn refused(folder: &Path, line: &str) -> String {
    stderr(&imb(folder, &line.split(' ').collect::<Vec<_>>()))
}

#[test]
fn a_trajectory_replaces_nothing_that_is_read_or_written() {
    let table = "x,class\n1,a\n2,a\n3,b\n";
    let labels = "<labels><label name=\"p\"/></labels>";
    let arff = "@relation t\n@attribute x real\n@attribute p {0,1}\n@data\n1,0\n2,1\n3,0\n";
    let folder = folder_with(&[("t.csv", table), ("l.arff", arff), ("l.xml", labels)]);
    let at = folder.path();
    let line = "resample t.csv --target class --method random_over_sampler --out o.csv --trajectory";
    for (file, replaced) in [("t.csv", "t.csv"), ("./o.csv", "o.csv")] {
        let said = refused(at, &format!("{line} {file}"));
        assert!(said.contains(&format!("would replace {replaced}")), "{said}");
    }
    assert!(refused(at, &format!("{line} nowhere/t.json")).contains("its folder does not exist"));
    let line = "resample l.arff --xml l.xml --method ml_ros --out o.arff --trajectory";
    for file in ["l.xml", "o.xml"] {
        assert!(refused(at, &format!("{line} {file}")).contains(&format!("would replace {file}")));
    }
    assert_eq!([read(at, "t.csv"), read(at, "l.xml")], [table, labels]);
    assert!(!at.join("o.csv").exists() && !at.join("o.arff").exists());
}

#[test]
fn a_folder_in_the_place_of_the_label_file_is_noticed_before_anything_is_written() {
    let arff = "@relation 't: -C -1'\n@attribute x real\n@attribute p {0,1}\n@data\n1,0\n2,1\n3,0\n";
    let folder = folder_with(&[("l.arff", arff), ("o.xml/keep", "")]);
    for force in ["", " --force"] {
        let said = refused(folder.path(), &format!("resample l.arff --method ml_ros --out o.arff{force}"));
        assert!(said.contains("o.xml") && said.contains("is a folder"), "{said}");
    }
    assert!(!folder.path().join("o.arff").exists());
}

#[test]
fn decimal_commas_are_told_from_commas_between_cells() {
    let between = "x,class\n\"1,5\",a\n\"2,5\",a\n\"3,25\",b\n\"4,1\",b\n\"5,1\",b\n\"9,1\",b\n";
    let folder = folder_with(&[("c.csv", between), ("s.csv", &between.replace(',', ";").replace("\"", ""))]);
    let at = folder.path();
    let line = "resample c.csv --target class --decimal comma --numeric x --method smote --set k_neighbors=1 --out o.csv";
    done(at, line);
    assert!(read(at, "o.csv").starts_with(between));
    let again = json(at, &["describe", "o.csv", "--target", "class", "--decimal", "comma", "--numeric", "x"]);
    assert_eq!((again["n_rows"].as_u64(), again["n_categorical"].as_u64()), (Some(8), Some(0)));
    let semicolons = "x;class\n1,5;a\n2,5;a\n3,25;b\n4,1;b\n5,1;b\n9,1;b\n";
    std::fs::write(at.join("s.csv"), semicolons).expect("written");
    done(at, "resample s.csv --target class --method smote --set k_neighbors=1 --out so.csv --origins");
    let out = read(at, "so.csv");
    let new = out.lines().last().expect("a row");
    assert!(new.contains(",") && !new.contains('.'), "{new}");
}

#[test]
fn a_first_row_that_may_be_names_is_asked_about() {
    let folder = folder_with(&[("t.csv", "x,s,a\ny,s,b\nx,f,a\nz,s,a\nx,f,b\nx,s,a\nx,f,a\n")]);
    let line = "resample t.csv --target last --method random_over_sampler --out o.csv";
    let said = refused(folder.path(), line);
    assert!(said.contains("\"a\" is taken for the name") && said.contains("--no-header"), "{said}");
    assert!(refused(folder.path(), "new experiment e t.csv --target last").contains("--no-header"));
    done(folder.path(), &format!("{line} --no-header"));
    assert!(read(folder.path(), "o.csv").starts_with("x,s,a\ny,s,b\n"));
}

#[test]
fn a_stray_tab_in_the_first_line_parts_nothing() {
    let folder =
        folder_with(&[("t.data", "a1  0.5\t0.1  p\na2  0.25  0.3  q\na3  0.1  0.7  p\na4  0.2  0.2  q\n")]);
    let described = json(folder.path(), &["describe", "t.data", "--target", "last", "--no-header"]);
    assert_eq!((described["n_rows"].as_u64(), described["n_features"].as_u64()), (Some(4), Some(3)));
}

#[test]
fn a_file_without_names_gets_none_in_another_form() {
    let folder = folder_with(&[("t.csv", "1,a\n2,a\n3,b\n")]);
    let line = "resample t.csv --target last --no-header --method random_over_sampler --out o.tsv";
    done(folder.path(), line);
    assert!(read(folder.path(), "o.tsv").starts_with("1\ta\n2\ta\n3\tb\n"));
}

const KEEL: &str = "@relation t\n@attribute a real [1.0,2.0]\n@attribute n integer [0, 10]\n@attribute c {p, n}\n\
                    @inputs a,n\n@outputs c\n@data\n1.0, 1, p\n1.1, 2, p\n1.2, 3, p\n2.0, 8, n\n1.9, 10, n\n";

#[test]
fn the_head_of_a_declared_file_is_kept_beside_origins() {
    let arff = "% a note\n@relation t\n@attribute when date yyyy-MM-dd\n@attribute x real\n@attribute c {p,n}\n@data\n\
                2020-01-01,1,p\n2020-01-02,2,p\n2020-01-03,3,n\n";
    let folder = folder_with(&[("k.dat", KEEL), ("a.arff", arff)]);
    let at = folder.path();
    done(at, "resample k.dat --method random_over_sampler --origins --out o.dat");
    let out = read(at, "o.dat");
    let added = "@attribute origin_seed integer\n@attribute origin_neighbor integer\n@attribute origin_gap real\n@inputs";
    assert!(out.starts_with(&KEEL[..KEEL.find("1.0, 1").expect("a row")].replace("@inputs", added)), "{out}");
    // Its outputs are still named.
    done(at, "resample o.dat --method random_over_sampler --out again.dat");
    done(at, "resample a.arff --target c --method random_over_sampler --origins --out o.arff");
    let out = read(at, "o.arff");
    assert!(out.starts_with("% a note\n@relation t\n@attribute when date yyyy-MM-dd\n"), "{out}");
    assert!(out.contains("@attribute c {p,n}\n@attribute origin_seed integer\n"), "{out}");
}

/// SVM-SMOTE places rows beyond those that there are.
#[test]
fn declared_ranges_hold_new_rows() {
    let more = "1.5, 5, p\n1.3, 0, p\n1.4, 1, p\n1.3, 2, p\n1.2, 3, p\n1.8, 9, n\n1.55, 6, p\n";
    let folder = folder_with(&[("k.dat", &format!("{KEEL}{more}"))]);
    let at = folder.path();
    done(at, "resample k.dat --method svm_smote --set k_neighbors=2 --set m_neighbors=3 --out o.dat");
    let out = read(at, "o.dat");
    let range = out.lines().nth(1).and_then(|line| line.split(['[', ',', ']']).nth(2)).expect("a range");
    let most: f64 = range.trim().parse().expect("a number");
    let rows = out.lines().skip_while(|line| *line != "@data").skip(1);
    let values = rows.map(|row| row.split(',').next().and_then(|cell| cell.parse().ok()).expect("a number"));
    let largest = values.fold(f64::MIN, f64::max);
    assert!(largest > 2.0, "the test needs a row beyond the range");
    assert!(most >= largest, "{most} {largest}");
}

#[test]
fn advice_works() {
    let rows = |class: &str, n: usize| (0..n).map(|row| format!("{row},{class}\n")).collect::<String>();
    let classes =
        format!("x,class\n{}{}{}{}", rows("big", 20), rows("five", 5), rows("four", 4), rows("two", 2));
    let quoted = "x,note,class\n1,\"a, b\",p\n2,\"c, d\",p\n3,\"e, f\",q\n4,\"g, h\",q\n";
    let infinite = "x,y,class\n1,1,a\ninf,2,a\n3,3,a\n4,4,b\n5,5,b\n";
    let empty = "x,y,class\n1,,a\n2,,a\n3,,a\n4,,b\n5,,b\n";
    let files = [("c.csv", classes.as_str()), ("q.csv", quoted), ("i.csv", infinite), ("e.csv", empty)];
    let folder = folder_with(&files);
    let at = folder.path();
    let line = |file: &str| format!("resample {file} --target class --method smote --out o.csv");
    for method in ["smote", "borderline_smote", "svm_smote", "adasyn"] {
        let said = refused(at, &line("c.csv").replace("smote", method));
        assert!(said.contains("class two has 2 rows") && said.contains("k_neighbors = 1 works"), "{said}");
        done(at, &format!("{} --set k_neighbors=1", line("c.csv").replace("smote", method)));
    }
    let said = refused(at, &line("q.csv"));
    assert!(said.contains("stands between quotes") && !said.contains("--numeric"), "{said}");
    let smote = "--set k_neighbors=1 --impute knn";
    let said = refused(at, &format!("{} {smote}", line("i.csv")));
    assert!(said.contains("\"inf\" in line 3") && said.contains("--missing inf"), "{said}");
    done(at, &format!("{} {smote} --missing inf", line("i.csv")));
    let said = refused(at, &format!("{} {smote}", line("e.csv")));
    assert!(said.contains("column \"y\" has no value: --ignore y leaves"), "{said}");
    done(at, &format!("{} {smote} --ignore y", line("e.csv")));
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let folder = folder_with(&[("t.csv", "x,y,class\n1,1,a\n2,2,a\n3,3,b\n4,4,b\n5,5,a\n")]);
    let line = "resample t.csv --target class --method random_over_sampler --out o.csv";
    let twice = format!("{line} --set ratio=0.9 --set counts=b:4");
    assert!(refused(folder.path(), &twice).contains("sampling_strategy is set twice"));
    let both = format!("{line} --ignore x --copy x");
    assert!(refused(folder.path(), &both).contains("cannot be ignored and copied"));
}

#[test]
fn copies_are_counted_as_copies() {
    let folder = folder_with(&[("t.csv", "x,class\n1,a\n2,a\n3,a\n4,b\n")]);
    let words = "resample t.csv --target class --method random_over_sampler --out o.csv";
    let report = json(folder.path(), &words.split(' ').collect::<Vec<_>>());
    let count = |name: &str| report[name].as_u64();
    assert_eq!([count("rows_read"), count("rows_kept")], [Some(4), Some(4)]);
    assert_eq!([count("rows_copied"), count("rows_made")], [Some(2), Some(0)]);
}
