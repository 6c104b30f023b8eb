//! Trees and multi-label learners: `imb-classify` compared with Weka, scikit-multilearn-ng and scikit-learn.

use super::{Options, Report, Sides, Worker, medians, ratio, with_threads};

const PACKAGES: [&str; 3] = ["scikit-multilearn-ng==0.0.8", "scikit-learn==1.9.1", "numpy==2.4.6"];

/// A method on a data set, the library it is compared with, and how many times faster than it ours should be.
struct Case {
    method: &'static str,
    shown: &'static str,
    dataset: &'static str,
    /// One training row in so many is kept.
    every: &'static str,
    library: &'static str,
    target: &'static str,
}

const CASES: [Case; 4] = [
    Case {
        method: "c45",
        shown: "C4.5, one label",
        dataset: "bibtex",
        every: "1",
        library: "Weka's J48",
        target: "10",
    },
    Case {
        method: "mlknn",
        shown: "MLkNN",
        dataset: "yeast-ml",
        every: "1",
        library: "scikit-multilearn-ng",
        target: "10",
    },
    // Fewer rows keep the bench short.
    Case {
        method: "mlknn",
        shown: "MLkNN",
        dataset: "bibtex",
        every: "20",
        library: "scikit-multilearn-ng",
        target: "10",
    },
    Case {
        method: "br_svm",
        shown: "binary relevance, linear SVM",
        dataset: "bibtex",
        every: "1",
        library: "scikit-learn's LinearSVC",
        target: "1",
    },
];

/// No further pair is started after this many seconds.
const TIME_LIMIT: f64 = 60.0;

/// Measures every case on one thread. The data are read from the folder in `IMB_DATA`.
pub(super) fn run(options: &Options) -> Result<(), String> {
    let sides = Sides::prepare(["imb-classify", "multi_label_bench"], "multi_label.py", &PACKAGES)?;
    let head = [
        "method",
        "rows, features, labels",
        "compared with",
        "ours, s",
        "theirs, s",
        "ours",
        "theirs",
        "pairs",
        "ratio",
        "target",
    ];
    let mut report = Report::new("multi-label", &head);
    for case in &CASES {
        measure(&sides, case, options.repeats, &mut report)?;
    }
    report.publish("medians", "", options)
}

/// Adds the row of a case.
fn measure(sides: &Sides, case: &Case, repeats: usize, report: &mut Report) -> Result<(), String> {
    // Our side runs first and writes the rows for the other.
    let file = sides.file(&format!("multi-label-{}-{}.f64", case.dataset, case.every));
    let mut ours = Worker::start(with_threads(sides.ours(), 1).args([case.dataset, case.every]).arg(&file))?;
    let answer = ours.version.clone();
    let [name, version, n_train, n_test, n_features, n_labels] = answer.split(' ').collect::<Vec<_>>()[..]
    else {
        return Err(format!("multi_label_bench says: {answer}"));
    };
    let counts = [n_train, n_test, n_features, n_labels];
    let mut theirs = Worker::start(with_threads(sides.theirs(&[]), 1).arg(&file).args(counts))?;
    report.versions = format!("{name} {version}; {}", theirs.version);
    let rows = format!("{} {n_train} × {n_features}, {n_labels}", case.dataset);
    let mut row = vec![case.shown.to_owned(), rows, case.library.to_owned()];
    row.extend(compare(&mut ours, &mut theirs, case.method, repeats)?);
    row.push(case.target.to_owned());
    report.add(row);
    Ok(())
}

/// The cells of the seconds, the results, the number of pairs and the ratio.
fn compare(
    ours: &mut Worker,
    theirs: &mut Worker,
    method: &str,
    repeats: usize,
) -> Result<[String; 6], String> {
    let command = format!("run {method}");
    let mut pairs = Vec::new();
    loop {
        let (our_seconds, our_result) = seconds_and_result(&ours.ask(&command)?)?;
        let answer = theirs.ask(&command)?;
        if answer.starts_with("missing") {
            let nothing = String::new;
            return Ok([format!("{our_seconds:.3}"), answer, our_result, nothing(), nothing(), nothing()]);
        }
        let (their_seconds, their_result) = seconds_and_result(&answer)?;
        pairs.push([our_seconds, their_seconds]);
        if pairs.len() >= repeats || pairs.iter().flatten().sum::<f64>() > TIME_LIMIT {
            let [our_seconds, their_seconds] = medians(&pairs).map(|seconds| format!("{seconds:.3}"));
            let [n_pairs, ratio] = [pairs.len().to_string(), format!("{:.1}", ratio(&pairs))];
            return Ok([our_seconds, their_seconds, our_result, their_result, n_pairs, ratio]);
        }
    }
}

/// The parts of an answer such as `1.5 12 leaves`.
fn seconds_and_result(answer: &str) -> Result<(f64, String), String> {
    let parts =
        answer.split_once(' ').and_then(|(seconds, result)| Some((seconds.parse().ok()?, result.to_owned())));
    parts.ok_or_else(|| format!("not seconds and a result: {answer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_seconds_and_a_result() {
        assert_eq!(seconds_and_result("1.5 12 leaves"), Ok((1.5, "12 leaves".to_owned())));
        assert!(seconds_and_result("1.5").is_err());
        assert!(seconds_and_result("no seconds").is_err());
    }
}
