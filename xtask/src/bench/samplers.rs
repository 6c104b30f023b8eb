//! Borderline-SMOTE, ADASYN and SVM-SMOTE: `imb-resample` against imbalanced-learn, in time and memory.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{
    Options, Worker, built_example, load, median, processor, publish, ratio, scratch, script, table,
    with_threads,
};
use super::{thread_counts, venv};

const PACKAGES: [&str; 3] = ["imbalanced-learn==0.14.2", "scikit-learn==1.9.1", "numpy==2.4.6"];

/// What the rows are, how many there are, and how many features.
type Rows = [&'static str; 3];

const SMALL: Rows = ["normal", "20000", "20"];
const LARGE: Rows = ["normal", "100000", "20"];
const SHUTTLE: Rows = ["shuttle", "43500", "9"];
const CREDIT: Rows = ["credit", "150000", "10"];
const CONNECT4: Rows = ["connect4", "40534", "42"];

/// A method, the rows that it is measured on and how many times faster than imbalanced-learn's it is meant
/// to be.
const CASES: [(&str, &[Rows], &str); 3] = [
    ("borderline_smote", &[SMALL, LARGE, SHUTTLE, CREDIT], "3.0"),
    ("adasyn", &[SMALL, LARGE, SHUTTLE, CREDIT], "3.0"),
    (SVM_SMOTE, &[SMALL, LARGE, SHUTTLE, CREDIT, CONNECT4], "0.4"),
];

/// Whose support vector machine has one thread on either side.
const SVM_SMOTE: &str = "svm_smote";

/// Seconds after which no further pair is begun.
const LONG: f64 = 60.0;

/// Measures every case. Rows of real data are read from the folder in `IMB_DATA`.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare()?;
    // What is lacking is said before anything is measured.
    for case in CASES.iter().flat_map(|(_, cases, _)| *cases) {
        sides.data(*case)?;
    }
    let load_before = load();
    let mut rows = Vec::new();
    let mut versions = String::new();
    for threads in thread_counts() {
        for (method, cases, wanted) in CASES.iter().filter(|case| threads == 1 || case.0 != SVM_SMOTE) {
            for &case in *cases {
                let (measured, measured_versions) = sides.measure(method, case, threads, options.repeats)?;
                let row =
                    [vec![(*method).to_owned(), case.join(" "), threads.to_string()], measured].concat();
                let row = [row, vec![(*wanted).to_owned()]].concat();
                println!("bench: {}", row.join(", "));
                rows.push(row);
                versions = measured_versions;
            }
        }
    }
    let head = [
        "method",
        "rows, features",
        "threads",
        "ours, s",
        "imbalanced-learn, s",
        "ours, MB",
        "imbalanced-learn, MB",
        "SVM's part",
        "pairs",
        "ratio",
        "wanted",
    ];
    let text = format!(
        "{versions}; {}; load {load_before} before, {} after; medians.\n\n{}",
        processor(),
        load(),
        table(&head, &rows)
    );
    publish("samplers", &text, options)
}

/// The two programs, and where the data are.
struct Sides {
    ours: PathBuf,
    python: PathBuf,
    folder: PathBuf,
}

impl Sides {
    fn prepare() -> Result<Self, String> {
        let python = venv(&PACKAGES)?;
        let ours = built_example("imb-resample", "samplers_bench")?;
        Ok(Self { ours, python, folder: scratch("bench-data")? })
    }

    /// Seconds, megabytes, the part of the support vector machine and the ratio; and the versions.
    fn measure(
        &self,
        method: &str,
        [kind, n_rows, n_features]: Rows,
        threads: usize,
        repeats: usize,
    ) -> Result<(Vec<String>, String), String> {
        let data = self.data([kind, n_rows, n_features])?;
        let start = |command: &mut Command| {
            Worker::start(with_threads(command, threads).arg(method).arg(&data).args([n_rows, n_features]))
        };
        let mut ours = start(&mut Command::new(&self.ours))?;
        let mut theirs = start(Command::new(&self.python).arg(script("samplers.py")).arg("serve"))?;
        let mut pairs = Vec::new();
        while pairs.len() < repeats && pairs.iter().flatten().sum::<f64>() < LONG {
            pairs.push([ask(&mut ours, "run")?, ask(&mut theirs, "run")?]);
        }
        let megabytes = [ask(&mut ours, "memory")?, ask(&mut theirs, "memory")?];
        let seconds = [0, 1].map(|side| median(pairs.iter().map(|pair| pair[side]).collect()));
        let svm = match method {
            SVM_SMOTE => {
                let alone: Result<Vec<f64>, String> = pairs.iter().map(|_| ask(&mut ours, "svm")).collect();
                format!("{:.0} %", 100.0 * median(alone?) / seconds[0])
            }
            _ => String::new(),
        };
        let figures = [
            seconds.map(|seconds| format!("{seconds:.3}")).to_vec(),
            megabytes.map(|megabytes| format!("{megabytes:.0}")).to_vec(),
            vec![svm, pairs.len().to_string(), format!("{:.1}", ratio(&pairs))],
        ];
        Ok((figures.concat(), format!("{}, {}", ours.version, theirs.version)))
    }

    /// The file with the rows of a case, made when first asked for.
    fn data(&self, rows: Rows) -> Result<PathBuf, String> {
        let file = self.folder.join(format!("samplers-{}.f64", rows.join("-")));
        if !file.exists() {
            if rows[0] != "normal" && std::env::var_os("IMB_DATA").is_none() {
                return Err(format!("{}: IMB_DATA must name the folder of the data sets", rows[0]));
            }
            let mut make = Command::new(&self.python);
            crate::run(make.arg(script("samplers.py")).arg("make").args(rows).arg::<&Path>(&file))?;
        }
        Ok(file)
    }
}

/// The first number of an answer.
fn ask(worker: &mut Worker, question: &str) -> Result<f64, String> {
    let answer = worker.ask(question)?;
    let number = answer.split(' ').next().and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("{}: not a number: {answer}", worker.version))
}
