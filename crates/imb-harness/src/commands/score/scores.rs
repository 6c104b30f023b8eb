//! One score a class, in columns of their names.

use std::path::Path;

use anyhow::{Result, bail};
use imb_core::{Column, ColumnKind, Labels};
use imb_data::{Header, Input, Parsed, ReadOptions};
use ndarray::Array2;

use super::{Arguments, require_rows};

/// One score a class.
pub(super) struct ClassScores {
    /// The truth, over all classes that have scores.
    pub(super) truth: Labels,
    /// `(n_rows, n_classes)`.
    pub(super) all: Array2<f64>,
    /// The class that metrics of one class are about, where that is known.
    pub(super) positive: Option<u32>,
    /// Why the scores are no probabilities, if they are none.
    pub(super) no_probabilities: Option<String>,
    pub(super) notes: Vec<String>,
}

impl ClassScores {
    pub(super) fn read(arguments: &Arguments, path: &Path, truth: &Labels) -> Result<Self> {
        let input = Input::open(path)?;
        let parsed = parsed(arguments, &input, truth)?;
        require_rows(path, truth.codes().len(), parsed.table.n_rows())?;
        let named = arguments.positive.as_deref().map(|name| class_of(truth, name)).transpose()?;
        if let ([column], [_, _]) = (parsed.table.columns(), truth.classes()) {
            return Self::of_one_column(path, truth, column, &parsed, named);
        }
        let n_columns = parsed.table.n_columns();
        let every: Vec<usize> = (0..n_columns).collect();
        let is_class = |&place: &usize| truth.classes().contains(&name_of(&parsed, place));
        let (classes, others): (Vec<usize>, Vec<usize>) = every.into_iter().partition(is_class);
        if let Some(class) = truth
            .classes()
            .iter()
            .find(|class| !classes.iter().any(|&place| name_of(&parsed, place) == **class))
        {
            bail!("{}: no score column for class \"{class}\"", path.display());
        }
        // A class that no row has, neither in the truth nor in the prediction, is told by its part in a sum of 1.
        let everything = (0..n_columns).collect::<Vec<usize>>();
        let all_sum_to_one = !others.is_empty()
            && numbers(path, &parsed, &everything)
                .is_ok_and(|all| why_no_probabilities(&parsed, &all).is_none());
        let used = if all_sum_to_one { everything } else { classes };
        let mut scores = Self::of_columns(path, truth, &parsed, &used, named)?;
        if !all_sum_to_one {
            let left_out = others.iter().map(|&place| name_of(&parsed, place));
            scores
                .notes
                .extend(left_out.map(|name| format!("score column {name} matches no class and is left out")));
        }
        Ok(scores)
    }

    /// The scores of one of two classes: the one that the column is named after, or else that the user names. The other
    /// class has what is left of 1. Metrics are of the class that the user names, if any.
    fn of_one_column(
        path: &Path,
        truth: &Labels,
        column: &Column,
        parsed: &Parsed,
        named: Option<u32>,
    ) -> Result<Self> {
        let by_name = class_of(truth, column.name.trim()).ok();
        let Some(class) = by_name.or(named) else {
            bail!(
                "{}: whose score is column \"{}\"? Name it after a class ({}), or say --positive CLASS",
                path.display(),
                column.name,
                truth.classes().join(" or ")
            );
        };
        let single = numbers(path, parsed, &[0])?;
        let mut all = Array2::zeros((truth.codes().len(), 2));
        for (score, mut row) in single.iter().zip(all.rows_mut()) {
            row[class as usize] = *score;
            row[1 - class as usize] = 1.0 - score;
        }
        Ok(Self::new(truth.clone(), all, named.or(Some(class)), parsed))
    }

    fn of_columns(
        path: &Path,
        truth: &Labels,
        parsed: &Parsed,
        used: &[usize],
        named: Option<u32>,
    ) -> Result<Self> {
        let names: Vec<String> = used.iter().map(|&place| name_of(parsed, place)).collect();
        let mut classes = truth.classes().to_vec();
        classes.extend(names.iter().filter(|name| !truth.classes().contains(name)).cloned());
        let new = classes.len() - truth.classes().len();
        let from = numbers(path, parsed, used)?;
        let mut all = Array2::zeros((truth.codes().len(), classes.len()));
        for (class, mut column) in classes.iter().zip(all.columns_mut()) {
            if let Some(place) = names.iter().position(|name| name == class) {
                column.assign(&from.column(place));
            }
        }
        let second = (classes.len() == 2).then_some(1);
        let mut scores =
            Self::new(Labels::new(truth.codes().to_vec(), classes)?, all, named.or(second), parsed);
        let added = scores.truth.classes().iter().rev().take(new);
        scores
            .notes
            .extend(added.map(|class| format!("class {class} has scores, but no row")).collect::<Vec<_>>());
        Ok(scores)
    }

    fn new(truth: Labels, all: Array2<f64>, positive: Option<u32>, parsed: &Parsed) -> Self {
        let no_probabilities = why_no_probabilities(parsed, &all);
        let about = positive.map(|class| {
            format!("ROC AUC and average precision are of class {}", truth.classes()[class as usize])
        });
        Self { truth, all, positive, no_probabilities, notes: about.into_iter().collect() }
    }
}

/// Reads the scores. Numbers in the first line are names if they are those of classes.
fn parsed(arguments: &Arguments, input: &Input, truth: &Labels) -> Result<Parsed> {
    let options = arguments.reading.options(None);
    let parsed = input.parse(&options);
    if parsed.is_ok() || arguments.reading.says_header() {
        return Ok(parsed?);
    }
    let named = input.parse(&ReadOptions { header: Header::Present, ..options });
    let by_class = named.ok().filter(|named| {
        let classes = truth.classes();
        let known =
            classes.iter().filter(|class| named.table.columns().iter().any(|c| c.name.trim() == **class));
        known.count() == classes.len().min(named.table.n_columns())
    });
    match by_class {
        Some(named) => Ok(named),
        None => Ok(parsed?),
    }
}

fn class_of(truth: &Labels, name: &str) -> Result<u32> {
    let found = (0u32..).zip(truth.classes()).find(|(_, class)| *class == name);
    match found {
        Some((class, _)) => Ok(class),
        None => bail!("unknown class \"{name}\"; known: {}", truth.classes().join(", ")),
    }
}

fn name_of(parsed: &Parsed, place: usize) -> String {
    parsed.table.columns()[place].name.trim().to_owned()
}

/// Columns of finite numbers, `(n_rows, n_columns)`.
pub(super) fn numbers(path: &Path, parsed: &Parsed, places: &[usize]) -> Result<Array2<f64>> {
    let n_rows = parsed.table.n_rows();
    let mut all = Array2::zeros((n_rows, places.len()));
    for (&place, mut cells) in places.iter().zip(all.columns_mut()) {
        let (column, notes) = (&parsed.table.columns()[place], &parsed.notes[place]);
        let refused = match (&column.kind, &notes.why_text, &notes.first_gap, &notes.first_infinite) {
            (ColumnKind::Categorical(_), Some((first, why)), ..) => {
                Some((first, format!("\"{}\" {}", first.text, why.reason())))
            }
            (_, _, Some(gap), _) => Some((gap, "the score is missing".to_owned())),
            (.., Some(infinite)) => Some((infinite, format!("the score is {}", infinite.text))),
            _ => None,
        };
        if let Some((first, problem)) = refused {
            bail!("{}, line {}, column \"{}\": {problem}", path.display(), first.line, column.name);
        }
        cells.iter_mut().zip(column.values.to_dense(n_rows)).for_each(|(cell, value)| *cell = value);
    }
    Ok(all)
}

/// Why scores are not probabilities: the first that is outside of 0 to 1, or the first row that does not sum
/// to 1.
fn why_no_probabilities(parsed: &Parsed, all: &Array2<f64>) -> Option<String> {
    all.rows().into_iter().enumerate().find_map(|(row, scores)| {
        let line = parsed.layout.line(row);
        if let Some(score) = scores.iter().find(|score| !(0.0..=1.0).contains(*score)) {
            return Some(format!("not probabilities: {score} in line {line}"));
        }
        let sum = scores.sum();
        ((sum - 1.0).abs() >= 1e-6).then(|| format!("not probabilities: line {line} sums to {sum}"))
    })
}
