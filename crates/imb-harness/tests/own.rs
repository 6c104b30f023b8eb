//! Experiments of a user's own: from a CSV file to a report, and what is said of faults.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

use imb_harness::measure::Measure;
use imb_harness::records::Records;
use imb_harness::spec::Evaluation;
use imb_metrics::interval::resampled_interval;
use tempfile::TempDir;

/// `imb` with these words, which hold no blanks.
fn imb(folder: &TempDir, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imb"));
    command.args(line.split(' ')).env_remove("IMB_DATA").env("HOME", folder.path());
    command.current_dir(folder.path()).output().expect("the program starts")
}

fn done(folder: &TempDir, line: &str) -> String {
    let output = imb(folder, line);
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn refused(folder: &TempDir, line: &str) -> String {
    let output = imb(folder, line);
    assert_eq!(output.status.code(), Some(1), "{line}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).expect("UTF-8") + &String::from_utf8_lossy(&output.stdout)
}

fn read(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).expect("written")
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("written");
}

/// A sweep of SMOTE with these values and data sets.
macro_rules! sweep {
    ($values:literal, $datasets:literal) => {
        concat!(
            "[[sweep]]\ncolumn = \"smote\"\nvalues = { k_neighbors = ",
            $values,
            " }\nprotocols = []\nruns = 2\nchoose_by = \"macro_f1_score\"\n",
            $datasets,
            "\n"
        )
    };
}

/// A claim about SMOTE, with the rest of its test.
macro_rules! claim {
    ($test:literal) => {
        concat!(
            "[[claim]]\nsays = \"so\"\nplace = \"here\"\nprotocol = \"holdout\"\ntest = { ",
            $test,
            " column = \"smote\", metric = \"macro_f1_score\" } }\n"
        )
    };
}

/// A line of a table.
macro_rules! line {
    ($more:literal) => {
        concat!("    { title = \"more\", metric = \"macro_f1_score\", ", $more, " },")
    };
}

/// Patients with an id, a city, a note that no two share, and gaps; one in five is ill.
fn patients() -> String {
    let mut text = "id,city,age,pressure,note,ill\n".to_owned();
    for row in 0..120 {
        let ill = row % 5 == 0;
        let city = ["Bonn", "Ulm", ""][row % 3];
        let age = if row % 11 == 0 {
            String::new()
        } else {
            (40 + (row * 7) % 30 + 9 * usize::from(ill)).to_string()
        };
        let pressure = 120.5 + ((row * 13) % 40) as f64 + if ill { 11.0 } else { 0.0 };
        let _ = writeln!(
            text,
            "P{row:03},{city},{age},{pressure},seen on {row},{}",
            if ill { "yes" } else { "no" }
        );
    }
    text
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(&folder, "patients.csv", &patients());
    folder
}

#[test]
fn three_commands_make_a_report_of_a_table_with_ids_texts_and_gaps() {
    let folder = folder();
    let said = done(&folder, "new experiment clinic patients.csv --target ill");
    for ignored in ["\"id\" is not used as a feature", "\"note\" is not used as a feature"] {
        assert!(said.contains(ignored), "{said}");
    }
    let said = done(&folder, "run --spec clinic/spec.toml");
    assert!(said.contains("40 cells, 0 recorded before, 40 run now"), "{said}");
    std::fs::create_dir_all(folder.path().join("clinic/figures/of mine")).expect("made");
    write(&folder, "clinic/figures/photo.png", "mine");
    done(&folder, "reproduce --spec clinic/spec.toml --save .");
    assert_eq!(read(&folder, "clinic/figures/photo.png"), "mine", "what is not ours stays");
    let (page, report) = (read(&folder, "clinic/report.html"), read(&folder, "clinic/REPORT.md"));
    for text in [&page, &report] {
        assert!(
            text.contains("imb run --spec FILE") && text.contains("the specification of clinic"),
            "{report}"
        );
        assert!(text.contains("macro F1, holdout, against none run by run: random_over"), "{report}");
        assert!(!text.contains("printed"), "nothing is printed of an experiment of one's own: {report}");
    }
    assert!(page.contains("forest") && read(&folder, "clinic/tables.md").contains("borderline_smote"));
    // The committed records alone make the same again.
    std::fs::remove_dir_all(folder.path().join("results")).expect("removed");
    let said = done(&folder, "reproduce --spec clinic/spec.toml --check .");
    assert!(said.contains("clinic: . is current"), "{said}");
    write(&folder, "clinic/tables.md", "mine");
    let said = refused(&folder, "reproduce --spec clinic/spec.toml --check .");
    assert!(said.contains("`imb reproduce --spec FILE --save .` writes it"), "{said}");
    // What is cut off is called by its own name, not by that of a paper's folder.
    write(&folder, "clinic/records.jsonl.zst", "cut off");
    for command in ["plan", "reproduce"] {
        let said = refused(&folder, &format!("{command} --spec clinic/spec.toml"));
        assert!(said.contains("clinic/records.jsonl.zst: cut off or not compressed"), "{said}");
    }
}

/// Records that have not been saved are no sample, and the user is told so.
#[test]
fn a_sample_needs_saved_records() {
    let folder = folder();
    done(&folder, "new experiment clinic patients.csv --target ill");
    done(&folder, "run --spec clinic/spec.toml --column none");
    let said = done(&folder, "reproduce --spec clinic/spec.toml");
    assert!(said.contains("clinic/records.jsonl.zst does not hold any"), "{said}");
    assert!(said.contains("`--save DIR` saves those of results in DIR/clinic"), "{said}");
}

#[test]
fn one_off_changes_are_runs_of_their_own() {
    let folder = folder();
    done(&folder, "new experiment clinic patients.csv --target ill");
    done(&folder, "run --spec clinic/spec.toml");
    let said = done(&folder, "run --spec clinic/spec.toml --set smote.k_neighbors=3");
    assert!(said.contains("40 cells, 30 recorded before, 10 run now"), "{said}");
    let said = refused(&folder, "run --spec clinic/spec.toml --set smote.k_neighbours=3");
    assert!(said.contains("no parameter \"k_neighbours\"; known:") && said.contains("k_neighbors"), "{said}");
    let said = refused(&folder, "run --spec clinic/spec.toml --set smote.k_neighbors=many");
    assert!(said.contains("smote.k_neighbors=many"), "{said}");
    let said = refused(&folder, "reproduce --spec clinic/spec.toml --set smote.k_neighbors=3 --save .");
    assert!(said.contains("nothing is saved"), "{said}");
    assert!(refused(&folder, "run --set smote.k_neighbors=3").contains("name one paper"));
}

#[test]
fn a_protocol_that_does_not_fit_is_skipped_with_the_reason() {
    let folder = folder();
    done(&folder, "new experiment clinic patients.csv --target ill");
    let spec = read(&folder, "clinic/spec.toml");
    let second = "[protocols.bare]\nsplit = { stratified = { validation = 0.0, test = 0.3 } }\n\
                  learner = { method = \"cart\" }\n\n[protocols.holdout]";
    write(&folder, "clinic/spec.toml", &spec.replace("[protocols.holdout]", second));
    let said = done(&folder, "run --spec clinic/spec.toml");
    assert!(
        said.contains("clinic is not run under bare, which does not fit it") && said.contains("NaN"),
        "{said}"
    );
    assert!(said.contains("40 run now"), "{said}");
    done(&folder, "reproduce --spec clinic/spec.toml --save .");
    assert!(read(&folder, "clinic/REPORT.md").contains("clinic under bare, which does not fit it"));
    // Nor does a step on all rows that cannot be taken.
    let third = second.replace(
        "[protocols.bare]\n",
        "[protocols.bare]\nprepare_on_all_rows = [{ step = \"min_max_scaler\" }]\n",
    );
    write(&folder, "clinic/spec.toml", &spec.replace("[protocols.holdout]", &third));
    let said = done(&folder, "run --spec clinic/spec.toml");
    assert!(said.contains("clinic is not run under bare"), "{said}");
    // Where no protocol fits, nothing ran.
    let only = spec.replace("{ step = \"knn_imputer\", k = 5 }, ", "");
    write(&folder, "clinic/spec.toml", &only);
    assert!(refused(&folder, "run --spec clinic/spec.toml").contains("nothing could be run"));
}

/// A file that is no table is no protocol that does not fit.
#[test]
fn a_damaged_file_fails_the_run() {
    let folder = folder();
    done(&folder, "new experiment clinic patients.csv --target ill");
    write(&folder, "patients.csv", "\"cut off");
    let said = refused(&folder, "run --spec clinic/spec.toml");
    assert!(said.contains("patients.csv") && !said.contains("does not fit"), "{said}");
}

/// Ten splits of the same 120 rows say less than ten tables would.
#[test]
fn intervals_allow_for_the_rows_that_runs_share() {
    let folder = folder();
    done(&folder, "new experiment clinic patients.csv --target ill");
    done(&folder, "run --spec clinic/spec.toml --column none --column smote");
    let records = Records::read(&folder.path().join("results"), "clinic").expect("a folder");
    let measure = Measure::named("macro_f1_score").expect("known");
    let value = |column: &str, run: usize| {
        let mut all = records.iter();
        let record = all.find(|of| of.place.column == column && of.place.run == run).expect("recorded");
        let done = record.done().expect("it ran");
        let tested = done.evaluations[&Evaluation::Last].evidence.n_rows() as f64;
        let share = tested / done.training_rows.rows as f64;
        (measure.of(done, None, Evaluation::Last).expect("defined"), share)
    };
    let share = value("none", 0).1;
    assert!((share - 3.0 / 7.0).abs() < 0.05, "30 % of the rows are test rows: {share}");
    let differences: Vec<f64> = (0..10).map(|run| value("smote", run).0 - value("none", run).0).collect();
    let expected = resampled_interval(&differences, share, 0.95).expect("ten values");
    let mean = differences.iter().sum::<f64>() / 10.0;
    let said = done(&folder, "reproduce --spec clinic/spec.toml --no-run");
    let line = format!("smote {mean:+.4} ({:+.4} to {:+.4}", expected.lower, expected.upper);
    assert!(said.replace('\n', " ").contains(&line), "{line}\n{said}");
    assert!(said.contains("Nadeau and Bengio"), "{said}");
}

#[test]
fn a_changed_file_has_records_of_its_own() {
    let folder = folder();
    done(&folder, "new experiment clinic patients.csv --target ill");
    done(&folder, "run --spec clinic/spec.toml");
    let runs = |text: &str| text.contains("against none run by run");
    assert!(runs(&done(&folder, "reproduce --spec clinic/spec.toml --no-run")));
    write(&folder, "patients.csv", &(patients() + "P999,Ulm,50,130.5,late,yes\n"));
    assert!(!runs(&done(&folder, "reproduce --spec clinic/spec.toml --no-run")), "records of other data");
}

#[test]
fn labels_are_compared_as_well() {
    let folder = folder();
    let mut text = "x,y,a,b,c\n".to_owned();
    for row in 0..60 {
        let on = [row % 2, usize::from(row % 3 == 0), usize::from(row % 6 == 1)];
        let _ = writeln!(text, "{},{},{},{},{}", row % 7, (row * 5) % 11, on[0], on[1], on[2]);
    }
    write(&folder, "tags.csv", &text);
    done(&folder, "new experiment tags tags.csv --labels -3");
    let said = done(&folder, "run --spec tags/spec.toml");
    assert!(said.contains("40 run now") && !said.contains("failed"), "{said}");
}

/// A fault in the specification or the catalog: the text to change, the change, and what is said.
const FAULTS: [(&str, &str, &str, &[&str]); 13] = [
    (
        "spec.toml",
        "\"smote\", \"borderline_smote\"]",
        "\"smotte\"]",
        &["unknown column \"smotte\"", "known: borderline_smote"],
    ),
    (
        "spec.toml",
        "id = \"clinic\"",
        "id = \"moods\"",
        &["spec.toml, line 3", "name of a paper", "choose another id"],
    ),
    ("spec.toml", "id = \"clinic\"", "id = \"a/b\"", &["line 3", "letters, digits"]),
    ("spec.toml", "seed = 1", "seeds = 1", &["line 7: unknown field `seeds`", "`seed`"]),
    (
        "spec.toml",
        "\"macro_f1_score\"",
        "\"macro_f1\"",
        &["spec.toml, line", "\"macro_f1\"", "macro_f1_score"],
    ),
    (
        "spec.toml",
        "method = \"smote\"",
        "method = \"smot\"",
        &["unknown method \"smot\"", "imb list methods"],
    ),
    (
        "spec.toml",
        "method = \"smote\",",
        "method = \"smote\", k = 3,",
        &["no parameter \"k\"", "k_neighbors"],
    ),
    (
        "spec.toml",
        "\"cart\"",
        "\"smote\"",
        &["spec.toml, line", "unknown learner of classes \"smote\"", "cart"],
    ),
    ("spec.toml", "[[runs]]\nruns = 10", "", &["the last [[runs]] must be for every cell", "runs = 10"]),
    (
        "spec.toml",
        "[[runs]]\nruns = 10",
        "[[runs]]\nruns = 10\n\n[[runs]]\ncolumns = [\"smote\"]\nruns = 20",
        &["[[runs]] 2 decides nothing", "number 1 fits all of its cells"],
    ),
    (
        "spec.toml",
        "[[runs]]\nruns = 10",
        "[[runs]]\ncolumns = [\"smoot\"]\nruns = 20\n\n[[runs]]\nruns = 10",
        &["unknown column \"smoot\"", "smote"],
    ),
    (
        "catalog.toml",
        "../patients.csv",
        "../nothere.csv",
        &["catalog.toml, line 7", "no file ../nothere.csv", "searched:"],
    ),
    ("catalog.toml", "\"ill\"", "\"il\"", &["\"il\" is not a column", "known: city, age", "ill"]),
];

#[test]
fn faults_name_file_line_and_what_would_work() {
    let folder = folder();
    done(&folder, "new experiment clinic patients.csv --target ill");
    for (file, good, bad, said) in FAULTS {
        let path = format!("clinic/{file}");
        let whole = read(&folder, &path);
        assert!(whole.contains(good), "{good} in {whole}");
        write(&folder, &path, &whole.replace(good, bad));
        let error = refused(&folder, "run --spec clinic/spec.toml");
        for part in said {
            assert!(error.contains(part), "{bad}: {error}");
        }
        write(&folder, &path, &whole);
    }
    assert!(refused(&folder, "run --spec other.toml").contains("imb new experiment"));
    std::fs::remove_file(folder.path().join("clinic/catalog.toml")).expect("removed");
    assert!(refused(&folder, "plan --spec clinic/spec.toml").contains("--catalog FILE"));
}

/// What a specification may say beside what `imb new` writes, each with a name that nothing has: the line that it is put
/// before, itself, and what is said.
const MISSPELT: [(&str, &str, &str); 24] = [
    (SMOTE, "on.clinik = [{ method = \"smote\" }]", UNKNOWN),
    (SMOTE, "for_dataset.clinik = { k_neighbors = 1 }", UNKNOWN),
    (SMOTE, "for_dataset.clinic = { k_neigbors = 1 }", "smote has no parameter \"k_neigbors\""),
    (SMOTE, "for_dataset.clinic = { k_neighbors = \"many\" }", "k_neighbors must be"),
    ("[columns.random_over]", "for_dataset.clinic = { k_neighbors = 1 }", "\"none\" has no stage"),
    (CART, "learner_for = { clinik = { max_depth = 3 } }", UNKNOWN),
    (CART, "learner_for.clinic = { max_dept = 3 }", "cart has no parameter \"max_dept\""),
    (CART, "prepare_first = { clinik = [{ step = \"one_hot\" }] }", UNKNOWN),
    (CART, "variant = \"nonsense\"", "no data set has a variant \"nonsense\""),
    (CART, "evaluations = []", "protocol \"holdout\" evaluates nothing"),
    (TABLE, sweep!("[1, 2]", "datasets = [\"clinik\"]"), UNKNOWN),
    (TABLE, sweep!("[1, 0.5]", "datasets = [\"clinic\"]"), "k_neighbors must be"),
    (TABLE, sweep!("[1, 2], k_neigbors = [1]", "datasets = []"), "smote has no parameter \"k_neigbors\""),
    (TABLE, claim!("leads = { on = 1, datasets = [\"clinik\"],"), UNKNOWN),
    (TABLE, claim!("outperforms = { over = \"none\", except = [\"clinik\"],"), UNKNOWN),
    (TABLE, claim!("mean_in = { range = [0, 1], dataset = \"clinik\","), UNKNOWN),
    (
        TABLE,
        "[[claim]]\nsays = \"so\"\nplace = \"here\"\nprotocol = \"holdout\"\ntest = { no_rank_losses = { column = \
         \"smote\" } }\n",
        "needs a table with statistic = \"mean_rank\"",
    ),
    (TABLE, "[[figure]]\nnumber = 3\nkind = \"nonsense\"\ncolumns = []\n", "known: outputs, accepted_steps"),
    (TABLE, "[[figure]]\nnumber = 3\nkind = \"outputs\"\ncolumns = []\n", "\"outputs\" is of one data set"),
    (TABLE, "[[figure]]\nnumber = 3\nkind = \"outputs\"\ndataset = \"clinik\"\ncolumns = []\n", UNKNOWN),
    (
        TABLE,
        "[[sensitivity]]\nabout = \"x\"\nfirst = { name = \"a\", protocol = \"holdout\" }\nsecond = { name = \"b\", \
         protocol = \"holdout\" }\ncolumns = [\"smote\"]\ndatasets = [\"clinik\"]\nmetric = \"macro_f1_score\"\n",
        UNKNOWN,
    ),
    (LINE, line!("protocols = [\"holdot\"]"), "unknown protocol \"holdot\""),
    (LINE, line!("metric_under = { holdot = \"macro_f1_score\" }"), "unknown protocol \"holdot\""),
    (LINE, line!("metric_under = { holdout = \"macro_f1\" }"), "unknown metric \"macro_f1\""),
];
const UNKNOWN: &str = "unknown data set \"clinik\" (known: clinic)";
const SMOTE: &str = "[columns.borderline_smote]";
const CART: &str = "# Runs of every cell.";
const TABLE: &str = "[[table]]";
const LINE: &str = "    { title = \"minority F1\"";

/// A misspelt name would decide nothing, in silence, or fail every cell; so would one that is there twice.
#[test]
fn misspelt_names_are_refused_before_anything_is_run() {
    let folder = folder();
    done(&folder, "new experiment clinic patients.csv --target ill");
    let spec = read(&folder, "clinic/spec.toml");
    for (before, added, said) in MISSPELT {
        assert!(spec.contains(before), "{before} in {spec}");
        let changed = spec.replacen(before, &format!("{added}\n{before}"), 1);
        write(&folder, "clinic/spec.toml", &changed);
        let error = refused(&folder, "plan --spec clinic/spec.toml");
        assert!(error.contains("clinic/spec.toml") && error.contains(said), "{added}: {error}");
    }
    let right = spec.replacen(TABLE, &format!("{}\n{TABLE}", sweep!("[1, 2]", "datasets = [\"clinic\"]")), 1);
    write(&folder, "clinic/spec.toml", &right);
    done(&folder, "plan --spec clinic/spec.toml");
    let catalog = read(&folder, "clinic/catalog.toml");
    let file = "{ path = \"../patients.csv\" }";
    let (head, entry) = catalog.split_once("\n[[dataset]]").expect("a data set");
    for (changed, said) in [
        (catalog.replace("name = \"clinic\"", "name = \"\""), "an empty name"),
        (catalog.replace(file, &format!("{file}, {file}")), "lists the file ../patients.csv twice"),
        (
            format!(
                "{head}\n[[dataset]]\nrow = \"clinic\"{}\n[[dataset]]{entry}",
                entry.replace("\"clinic\"", "\"x\"")
            ),
            "\"x\" and \"clinic\" have the same row, \"clinic\"",
        ),
    ] {
        write(&folder, "clinic/catalog.toml", &changed);
        let error = refused(&folder, "plan --spec clinic/spec.toml");
        assert!(error.contains("clinic/catalog.toml, line") && error.contains(said), "{error}");
    }
    write(&folder, "clinic/catalog.toml", &catalog);
    write(
        &folder,
        "clinic/spec.toml",
        &spec.replace("seed = 1", "seed = 1\ndatasets = [\"ecoli4\", \"ecoli4\"]"),
    );
    assert!(refused(&folder, "plan --spec clinic/spec.toml").contains("\"ecoli4\" is listed twice"));
}

#[test]
fn a_first_experiment_is_written_whole_or_not_at_all() {
    let folder = folder();
    let exists = |name: &str| Path::new(folder.path()).join(name).exists();
    assert!(refused(&folder, "new experiment moods patients.csv --target ill").contains("name of a paper"));
    assert!(refused(&folder, "new experiment x patients.csv --target sick").contains("known: id, city"));
    assert!(
        refused(&folder, "new experiment x patients.csv --target city").contains("the target is missing")
    );
    assert!(refused(&folder, "new experiment x nothere.csv --target ill").contains("nothere.csv"));
    assert!(!exists("moods") && !exists("x"));
    done(&folder, "new experiment x patients.csv --target ill");
    assert!(refused(&folder, "new experiment x patients.csv --target ill").contains("already exists"));
    let nested = refused(&folder, "new experiment a/b patients.csv --target ill");
    assert!(nested.contains("\"a/b\" is no name of an experiment") && !folder.path().join("a").exists());
    write(&folder, "taken", "a file");
    assert!(
        refused(&folder, "new experiment taken patients.csv --target ill")
            .contains("the folder taken cannot be made")
    );
}

#[test]
fn data_sets_of_the_catalog_serve_an_experiment_too() {
    let folder = folder();
    done(&folder, "new experiment wine patients.csv --target ill");
    let spec = read(&folder, "wine/spec.toml")
        .replace("seed = 1", "seed = 1\ndatasets = [\"winequality-red-8_vs_6\"]");
    write(&folder, "wine/spec.toml", &spec);
    std::fs::remove_file(folder.path().join("wine/catalog.toml")).expect("removed");
    let said = done(&folder, "plan --spec wine/spec.toml");
    assert!(said.contains("winequality-red-8_vs_6"), "{said}");
    write(&folder, "wine/spec.toml", &spec.replace("8_vs_6", "8_vs_7"));
    let error = refused(&folder, "plan --spec wine/spec.toml");
    assert!(error.contains("line 8") && error.contains("known: ecoli4"), "{error}");
}

/// What is wrong is said when the files are written, not by forty failed cells.
#[test]
fn what_cannot_be_run_is_said_at_once() {
    let folder = folder();
    write(&folder, "one.csv", "x,y,c\n1,2,a\n2,3,a\n3,1,a\n4,2,a\n5,5,b\n");
    let output = imb(&folder, "new experiment one one.csv --target c");
    let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("it cannot be run yet") && error.contains("class \"b\""), "{said}{error}");
    write(&folder, "words.csv", "x,y,c\n1,2,yes\n2,3,no\n3,1,no\n4,2,yes\n");
    let output = imb(&folder, "new experiment words words.csv --labels -1");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("\"yes\" is no label"), "{error}");
    let ages: String = (0..80).map(|row| format!("{row},{},{}\n", row % 7, row % 40)).collect();
    write(&folder, "ages.csv", &format!("id,x,age\n{ages}"));
    assert!(refused(&folder, "new experiment ages ages.csv --target age").contains("--every-value-a-class"));
    done(&folder, "new experiment ages ages.csv --target age --every-value-a-class");
    done(&folder, "new experiment clinic patients.csv --target ill");
    let spec = read(&folder, "clinic/spec.toml");
    for (right, wrong, said) in [
        (
            "method = \"random_over_sampler\"",
            "method = \"mlsmote\"",
            "mlsmote does not fit data sets with classes",
        ),
        ("method = \"cart\"", "method = \"ml_knn\"", "ml_knn does not fit data sets with classes"),
        ("geometric_mean_score", "hamming_loss", "hamming_loss does not fit data sets with classes"),
    ] {
        let text = spec.replace(right, wrong);
        write(&folder, "clinic/spec.toml", &text);
        let line = 1 + text.lines().position(|line| line.contains(wrong)).expect("replaced");
        let error = refused(&folder, "run --spec clinic/spec.toml");
        assert!(error.contains(said) && error.contains(&format!("line {line}")), "{error}");
    }
}
