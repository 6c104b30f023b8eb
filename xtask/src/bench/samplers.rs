//! Borderline-SMOTE, ADASYN and SVM-SMOTE: `imb-resample` compared with imbalanced-learn, in time and memory.

use std::path::PathBuf;

use super::{Options, Report, Sides, Worker, median, medians, ratio, thread_counts, with_threads};

const PACKAGES: [&str; 3] = ["imbalanced-learn==0.14.2", "scikit-learn==1.9.1", "numpy==2.4.6"];

/// The kind of rows, their number, and the number of features.
type Rows = [&'static str; 3];

const SMALL: Rows = ["normal", "20000", "20"];
const LARGE: Rows = ["normal", "100000", "20"];
const SHUTTLE: Rows = ["shuttle", "43500", "9"];
const CREDIT: Rows = ["credit", "150000", "10"];
const CONNECT4: Rows = ["connect4", "40534", "42"];

/// A method, the rows that it is measured on, and how many times faster than imbalanced-learn it should be.
struct Case {
    method: &'static str,
    rows: &'static [Rows],
    target: &'static str,
}

const CASES: [Case; 3] = [
    Case { method: "borderline_smote", rows: &[SMALL, LARGE, SHUTTLE, CREDIT], target: "3.0" },
    Case { method: "adasyn", rows: &[SMALL, LARGE, SHUTTLE, CREDIT], target: "3.0" },
    Case { method: SVM_SMOTE, rows: &[SMALL, LARGE, SHUTTLE, CREDIT, CONNECT4], target: "0.4" },
];

/// Measured with one thread only, since the support vector machine of neither side uses more.
const SVM_SMOTE: &str = "svm_smote";

/// No further pair is started after this many seconds.
const TIME_LIMIT: f64 = 60.0;

/// Measures every case. Real data are read from the folder in `IMB_DATA`.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare(["imb-resample", "samplers_bench"], "samplers.py", &PACKAGES)?;
    // All data are made first, so that missing data are reported before anything is measured.
    for rows in CASES.iter().flat_map(|case| case.rows) {
        data(&sides, rows)?;
    }
    let head = [
        "method",
        "rows, features",
        "threads",
        "ours, s",
        "imbalanced-learn, s",
        "ours, MB",
        "imbalanced-learn, MB",
        "SVM's share",
        "pairs",
        "ratio",
        "target",
    ];
    let mut report = Report::new("samplers", &head);
    for threads in thread_counts() {
        for case in CASES.iter().filter(|case| threads == 1 || case.method != SVM_SMOTE) {
            for rows in case.rows {
                measure(&sides, case, rows, threads, options.repeats, &mut report)?;
            }
        }
    }
    report.publish("medians", "", options)
}

/// Adds the row of a method on some rows.
fn measure(
    sides: &Sides,
    case: &Case,
    rows: &Rows,
    threads: usize,
    repeats: usize,
    report: &mut Report,
) -> Result<(), String> {
    let file = data(sides, rows)?;
    let start =
        |command| Worker::start(with_threads(command, threads).arg(case.method).arg(&file).args(&rows[1..]));
    let (mut ours, mut theirs) = (start(sides.ours())?, start(sides.theirs(&["serve"]))?);
    let mut pairs = Vec::new();
    while pairs.len() < repeats && pairs.iter().flatten().sum::<f64>() < TIME_LIMIT {
        pairs.push([ours.number("run")?, theirs.number("run")?]);
    }
    let megabytes = [ours.number("memory")?, theirs.number("memory")?];
    let seconds = medians(&pairs);
    let mut svm_share = String::new();
    if case.method == SVM_SMOTE {
        let alone: Result<Vec<f64>, String> = pairs.iter().map(|_| ours.number("svm")).collect();
        svm_share = format!("{:.0} %", 100.0 * median(alone?) / seconds[0]);
    }
    report.add(vec![
        case.method.to_owned(),
        rows.join(" "),
        threads.to_string(),
        format!("{:.3}", seconds[0]),
        format!("{:.3}", seconds[1]),
        format!("{:.0}", megabytes[0]),
        format!("{:.0}", megabytes[1]),
        svm_share,
        pairs.len().to_string(),
        format!("{:.1}", ratio(&pairs)),
        case.target.to_owned(),
    ]);
    report.versions = format!("{}, {}", ours.version, theirs.version);
    Ok(())
}

/// The file with the rows of a case.
fn data(sides: &Sides, rows: &Rows) -> Result<PathBuf, String> {
    let name = format!("samplers-{}.f64", rows.join("-"));
    let needs_data = rows[0] != "normal" && !sides.file(&name).exists();
    if needs_data && std::env::var_os("IMB_DATA").is_none() {
        return Err(format!("{}: IMB_DATA must name the folder of the data sets", rows[0]));
    }
    let [file] = sides.make(rows, [name])?;
    Ok(file)
}
