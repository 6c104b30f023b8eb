//! What is to be predicted: a class column, or a set of label columns.

use std::path::Path;

use imb_core::{
    Column, ColumnKind, Error, LabelMatrix, Labels, ReadError, ReadProblem, Result, Table, Target,
};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::read::value::class_name;
use crate::read::{Layout, Parsed, place_among, shortened};

/// Which column holds the class, and how its values become classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetRule {
    /// The column: its name, its number from 1 (from the end if negative), or `last`.
    pub column: String,
    /// How values become classes.
    #[serde(default)]
    pub classes: Classes,
}

/// How the values of a target column become classes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classes {
    /// Each value is a class. Measurements, and texts that hardly any two rows share, are refused.
    #[default]
    AsWritten,
    /// Each value is a class, however many there are.
    EachValue,
    /// This value against the rest. The positive class has number 1.
    Positive(String),
    /// Numbers up to this one against those above. The class up to it has number 1.
    AtMost(f64),
}

impl TargetRule {
    /// Each value of a column is a class.
    pub fn classes_of(column: &str) -> Self {
        Self { column: column.to_owned(), classes: Classes::AsWritten }
    }

    /// One value of a column against the rest.
    pub fn positive(column: &str, value: &str) -> Self {
        Self { column: column.to_owned(), classes: Classes::Positive(value.to_owned()) }
    }

    /// Takes the target out of a table read from `file`.
    ///
    /// # Errors
    /// [`Error::Read`] if there is no such column or it has a gap; [`Error::InvalidParameter`] if
    /// its values are no classes; [`Error::UnknownName`] if no row has the positive value.
    pub fn apply(&self, table: Table<()>, file: &Path) -> Result<Table<Labels>> {
        let labels = self.labels(&table, file)?;
        let place = find_column(&table, file, &self.column)?;
        let n_rows = table.n_rows();
        let (mut columns, ()) = table.into_parts();
        columns.remove(place);
        Table::new(columns, n_rows)?.with_target(labels)
    }

    /// The classes of the rows of a table read from `file`, `(n_rows)`.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    pub fn labels(&self, table: &Table<()>, file: &Path) -> Result<Labels> {
        let target = &table.columns()[find_column(table, file, &self.column)?];
        let n_rows = table.n_rows();
        let numbers = target.values.to_dense(n_rows);
        if let Some(gap) = numbers.iter().position(|number| number.is_nan()) {
            let problem = ReadProblem::MissingTarget { row: Some(gap + 1) };
            return Err(ReadError::new(file, problem).in_column(&target.name).into());
        }
        match &self.classes {
            Classes::AsWritten => {
                let labels = as_written(target, &numbers)?;
                require_classes(&target.name, &labels)?;
                Ok(labels)
            }
            Classes::EachValue => as_written(target, &numbers),
            Classes::Positive(value) => one_against_rest(&texts(target, &numbers), class_name(value)),
            Classes::AtMost(limit) => up_to(target, &numbers, *limit),
        }
    }
}

impl Parsed {
    /// The place of a column: by its name, by `last`, or by its number from 1 (negative: from the end).
    ///
    /// # Errors
    /// [`Error::Read`] if there is no such column.
    pub fn place_of(&self, column: &str, file: &Path) -> Result<usize> {
        find_column(&self.table, file, column)
    }

    /// Refuses a target column with a gap, and names its line.
    ///
    /// # Errors
    /// [`Error::Read`] if there is no such column or it has a gap.
    pub fn require_whole_target(&self, column: &str, file: &Path) -> Result<()> {
        let place = self.place_of(column, file)?;
        let Some(gap) = &self.notes[place].first_gap else { return Ok(()) };
        let problem = ReadProblem::MissingTarget { row: None };
        let error = ReadError::new(file, problem).at_line(gap.line);
        let error = error.in_column(&self.table.columns()[place].name);
        Err(if gap.text.is_empty() { error } else { error.on_text(&gap.text) }.into())
    }
}

impl Parsed {
    /// The labels of the rows, and the numbers of their columns, ascending. Errors name the line.
    ///
    /// # Errors
    /// As [`LabelSet::apply`].
    pub fn labels(&self, set: &LabelSet, file: &Path) -> Result<(LabelMatrix, Vec<usize>)> {
        let is_label = set.mark(&self.table, file)?;
        let places: Vec<usize> = (0..is_label.len()).filter(|place| is_label[*place]).collect();
        let columns: Vec<&Column> = places.iter().map(|place| &self.table.columns()[*place]).collect();
        Ok((matrix_of(&columns, self.table.n_rows(), file, Some(&self.layout))?, places))
    }
}

/// Which columns are labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelSet {
    /// The columns of these names, in the order of the table.
    Names(Vec<String>),
    /// That many columns at the start, or, if negative, at the end: MEKA's `-C`.
    Count(i64),
}

impl LabelSet {
    /// Takes the labels out of a table read from `file`.
    ///
    /// # Errors
    /// [`Error::Read`] if a named label is no column, a label column holds something other than 0
    /// and 1, or no feature would remain.
    pub fn apply(&self, table: Table<()>, file: &Path) -> Result<Table<LabelMatrix>> {
        let is_label = self.mark(&table, file)?;
        let n_rows = table.n_rows();
        let (columns, ()) = table.into_parts();
        let (mut features, mut labels) = (Vec::new(), Vec::new());
        for (column, is_label) in columns.into_iter().zip(is_label) {
            if is_label { labels.push(column) } else { features.push(column) }
        }
        let matrix = matrix_of(&labels.iter().collect::<Vec<_>>(), n_rows, file, None)?;
        Table::new(features, n_rows)?.with_target(matrix)
    }

    /// For each column, whether it is a label.
    fn mark(&self, table: &Table<()>, file: &Path) -> Result<Vec<bool>> {
        let n_columns = table.n_columns();
        match self {
            Self::Names(names) => {
                let mut is_label = vec![false; n_columns];
                let places: std::collections::BTreeMap<&str, usize> =
                    table.columns().iter().map(|column| column.name.as_str()).zip(0..).collect();
                for name in names {
                    let place = places
                        .get(name.as_str())
                        .ok_or_else(|| ReadError::new(file, ReadProblem::AbsentLabel).on_text(name))?;
                    is_label[*place] = true;
                }
                require_features(names.len(), n_columns, file)?;
                Ok(is_label)
            }
            Self::Count(count) => {
                let asked = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
                require_features(asked, n_columns, file)?;
                let at_start = *count > 0;
                Ok((0..n_columns)
                    .map(|place| if at_start { place < asked } else { place >= n_columns - asked })
                    .collect())
            }
        }
    }
}

/// A table read from `file` of which every column is a label.
///
/// # Errors
/// [`Error::Read`] if a cell is neither 0 nor 1.
pub fn all_labels(table: &Table<()>, file: &Path) -> Result<LabelMatrix> {
    matrix_of(&table.columns().iter().collect::<Vec<_>>(), table.n_rows(), file, None)
}

/// With a layout, an error names the line.
fn matrix_of(labels: &[&Column], n_rows: usize, file: &Path, layout: Option<&Layout>) -> Result<LabelMatrix> {
    let mut on = Array2::from_elem((n_rows, labels.len()), false);
    for (label, column) in labels.iter().enumerate() {
        for (row, code) in label_codes(column, n_rows) {
            on[[row, label]] = is_on(column, code).ok_or_else(|| {
                let error = ReadError::new(file, ReadProblem::NotALabel).in_column(&column.name);
                let error = error.on_text(&text_of(column, code));
                match layout {
                    Some(layout) => error.at_line(layout.line(row)),
                    None => error,
                }
            })?;
        }
    }
    LabelMatrix::new(on, labels.iter().map(|label| label.name.clone()).collect())
}

/// The cells that need a look: all of a column of categories whose first is not 0, else those that
/// are not 0.
fn label_codes(column: &Column, n_rows: usize) -> Box<dyn Iterator<Item = (usize, f64)> + '_> {
    match &column.kind {
        ColumnKind::Categorical(values) if is_on(column, 0.0) != Some(false) && !values.is_empty() => {
            Box::new((0..n_rows).map(|row| (row, column.values.get(row))))
        }
        _ => column.values.non_zero(),
    }
}

fn require_features(asked: usize, columns: usize, file: &Path) -> Result<()> {
    if asked == 0 || asked >= columns {
        return Err(ReadError::new(file, ReadProblem::TooManyLabels { asked, columns }).into());
    }
    Ok(())
}

/// Whether a label column's code means on; `None` if it is neither on nor off, as a gap is.
fn is_on(column: &Column, code: f64) -> Option<bool> {
    let number = match &column.kind {
        _ if code.is_nan() => return None,
        ColumnKind::Categorical(values) => values.get(code as usize)?.parse::<f64>().ok()?,
        ColumnKind::Numeric | ColumnKind::Integer => code,
    };
    match number {
        1.0 => Some(true),
        0.0 => Some(false),
        _ => None,
    }
}

/// The number of a column by its name, by `last`, or by its number from 1 (negative: from the end).
pub(crate) fn find_column(table: &Table<()>, file: &Path, wanted: &str) -> Result<usize> {
    let names: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
    place_among(&names, wanted).ok_or_else(|| {
        let problem = ReadProblem::NoSuchColumn { known: shortened(&names) };
        ReadError::new(file, problem).on_text(wanted).into()
    })
}

/// The most different numbers that are taken for classes without a question: of the sets in use with
/// classes that are numbers, Abalone has the most, 28.
const MOST_NUMBERS: usize = 30;

/// Refuses what is a measurement or a name for each row rather than a class.
fn require_classes(target: &str, labels: &Labels) -> Result<()> {
    let classes = labels.classes();
    let numbers: Vec<f64> = classes.iter().filter_map(|class| class.parse().ok()).collect();
    let all_numbers = numbers.len() == classes.len();
    let fraction = numbers.iter().find(|number| number.fract() != 0.0);
    let refused = |value: String| {
        Err(Error::invalid_parameter(
            format!("target column \"{target}\""),
            "classes (--every-value-a-class, or classes = \"each_value\" in a catalog, treats every value as \
                          one)",
            value,
        ))
    };
    match fraction {
        Some(fraction) if all_numbers => {
            refused(format!("a measurement ({} different numbers, such as {fraction})", classes.len()))
        }
        _ if all_numbers && classes.len() > MOST_NUMBERS => {
            refused(format!("a measurement ({} different whole numbers)", classes.len()))
        }
        _ if classes.len() > MOST_NUMBERS && 2 * classes.len() > labels.n_rows() => {
            refused(format!("{} different texts in {} rows", classes.len(), labels.n_rows()))
        }
        _ => Ok(()),
    }
}

/// Each value is a class. Of a column of categories only those that a row has are looked at.
fn as_written(target: &Column, numbers: &[f64]) -> Result<Labels> {
    let ColumnKind::Categorical(values) = &target.kind else {
        return Ok(Labels::from_texts(&texts(target, numbers)));
    };
    let mut is_used = vec![false; values.len()];
    numbers.iter().for_each(|code| is_used[*code as usize] = true);
    let used: Vec<usize> = (0..values.len()).filter(|&code| is_used[code]).collect();
    let names: Vec<&str> = used.iter().map(|&code| class_name(&values[code])).collect();
    let named = Labels::from_texts(&names);
    let mut class_of = vec![0; values.len()];
    used.iter().zip(named.codes()).for_each(|(&code, &class)| class_of[code] = class);
    let codes = numbers.iter().map(|code| class_of[*code as usize]).collect();
    Labels::new(codes, named.classes().to_vec())
}

/// The values of a target column as names of classes.
fn texts(target: &Column, numbers: &[f64]) -> Vec<String> {
    numbers.iter().map(|number| class_name(&text_of(target, *number)).to_owned()).collect()
}

fn text_of(column: &Column, code: f64) -> String {
    match &column.kind {
        _ if code.is_nan() => "a gap".to_owned(),
        ColumnKind::Categorical(values) => values.get(code as usize).cloned().unwrap_or_default(),
        ColumnKind::Numeric | ColumnKind::Integer => code.to_string(),
    }
}

/// Class 1 is the positive value; class 0 the other one, or `rest` if there are several (`others` if `rest` is
/// the positive one).
fn one_against_rest(texts: &[String], positive: &str) -> Result<Labels> {
    let written = Labels::from_texts(texts);
    let others: Vec<&String> = written.classes().iter().filter(|class| *class != positive).collect();
    if others.len() == written.classes().len() {
        return Err(Error::UnknownName {
            what: "class".into(),
            name: positive.into(),
            known: shortened(written.classes()),
        });
    }
    let rest = match others.as_slice() {
        [other] => (*other).clone(),
        _ if positive == "rest" => "others".to_owned(),
        _ => "rest".to_owned(),
    };
    let codes = texts.iter().map(|text| u32::from(text == positive)).collect();
    Labels::new(codes, vec![rest, positive.to_owned()])
}

/// Class 1 are the rows up to the limit.
fn up_to(target: &Column, numbers: &[f64], limit: f64) -> Result<Labels> {
    if let ColumnKind::Categorical(values) = &target.kind {
        return Err(Error::invalid_parameter(
            format!("target column \"{}\"", target.name),
            format!("numbers, to be at most {limit}"),
            shortened(values),
        ));
    }
    let codes = numbers.iter().map(|number| u32::from(*number <= limit)).collect();
    Labels::new(codes, vec![format!("{} > {limit}", target.name), format!("{} <= {limit}", target.name)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::Values;

    fn table() -> Table<()> {
        let column = |name: &str, kind, values: &[f64]| Column {
            name: name.into(),
            kind,
            values: Values::Dense(values.to_vec()),
        };
        let kind = ColumnKind::Categorical(vec!["a".into(), "b".into(), "c".into()]);
        let columns = vec![
            column("rings", ColumnKind::Integer, &[7.0, 8.0, 1.0]),
            column("height", ColumnKind::Numeric, &[0.5, 1.0, 2.0]),
            column("class", kind, &[2.0, 0.0, 2.0]),
        ];
        Table::new(columns, 3).expect("valid")
    }

    fn labels(rule: TargetRule) -> Result<Labels> {
        Ok(rule.apply(table(), Path::new("f"))?.target().clone())
    }

    #[test]
    fn rules_by_hand() {
        let written = labels(TargetRule::classes_of("class")).expect("valid");
        assert_eq!((written.classes(), written.codes()), (&["a".into(), "c".into()][..], &[1, 0, 1][..]));
        let positive = labels(TargetRule::positive("last", "a")).expect("valid");
        assert_eq!((positive.classes(), positive.codes()), (&["c".into(), "a".into()][..], &[0, 1, 0][..]));
        let rule = TargetRule { column: "1".into(), classes: Classes::AtMost(7.0) };
        let young = labels(rule).expect("valid");
        assert_eq!(young.classes(), ["rings > 7", "rings <= 7"]);
        assert_eq!(young.codes(), [1, 0, 1]);
        let three = labels(TargetRule::positive("rings", "8")).expect("valid");
        assert_eq!(three.classes(), ["rest", "8"]);
        let texts = ["rest", "b", "d"].map(String::from);
        assert_eq!(one_against_rest(&texts, "rest").expect("three").classes(), ["others", "rest"]);
    }

    #[test]
    fn what_is_no_target_is_refused() {
        let message = |rule| labels(rule).expect_err("no target").to_string();
        assert!(message(TargetRule::classes_of("age")).contains("rings, height, class"));
        assert!(message(TargetRule::classes_of("4")).contains("is not a column"));
        assert!(
            message(TargetRule::classes_of("height"))
                .contains("a measurement (3 different numbers, such as 0.5)")
        );
        let each = TargetRule { column: "height".into(), classes: Classes::EachValue };
        assert_eq!(labels(each).expect("asked for").classes(), ["0.5", "1", "2"]);
        assert!(message(TargetRule::positive("class", "b")).contains("known: a, c"));
        let rule = TargetRule { column: "class".into(), classes: Classes::AtMost(7.0) };
        assert!(message(rule).contains("numbers, to be at most 7"));
    }

    #[test]
    fn labels_stand_at_either_end_or_by_name() {
        let bits = |name: &str, values: &[f64]| Column {
            name: name.into(),
            kind: ColumnKind::Categorical(vec!["0".into(), "1".into()]),
            values: Values::Dense(values.to_vec()),
        };
        let table =
            || Table::new(vec![bits("x", &[1.0, 0.0]), bits("y", &[0.0, 1.0]), bits("z", &[1.0, 1.0])], 2);
        let names = |set: LabelSet| {
            let table = set.apply(table().expect("valid"), Path::new("f"))?;
            Ok::<_, Error>(table.target().names().to_vec())
        };
        assert_eq!(names(LabelSet::Count(1)).expect("valid"), ["x"]);
        assert_eq!(names(LabelSet::Count(-2)).expect("valid"), ["y", "z"]);
        assert_eq!(names(LabelSet::Names(vec!["z".into(), "x".into()])).expect("valid"), ["x", "z"]);
        assert!(names(LabelSet::Count(3)).is_err());
        assert!(names(LabelSet::Count(0)).is_err());
        assert!(names(LabelSet::Names(vec!["w".into()])).is_err());
        let error =
            LabelSet::Count(1).apply(super::tests::table(), Path::new("f")).expect_err("7 is no label");
        assert_eq!(error.to_string(), "f, column \"rings\": \"7\" is no label: a label is 0 or 1");
    }

    #[test]
    fn labels_are_told_by_the_text_of_their_values_and_gaps_are_refused() {
        let column = |values: &[f64]| Column {
            name: "x".into(),
            kind: ColumnKind::Categorical(vec!["1".into(), "0".into()]),
            values: Values::Dense(values.to_vec()),
        };
        let labels = |values: &[f64]| {
            let table = Table::new(vec![column(values)], values.len()).expect("valid");
            all_labels(&table, Path::new("f"))
        };
        assert_eq!(labels(&[0.0, 1.0, 0.0]).expect("0 and 1").positives(), [2], "the first value is 1");
        let gap = labels(&[0.0, f64::NAN]).expect_err("a gap").to_string();
        assert_eq!(gap, "f, column \"x\": \"a gap\" is no label: a label is 0 or 1");
    }
}
