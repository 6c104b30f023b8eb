//! From the texts of a column to numbers: what kind of column it is, and what each cell says.

use imb_core::{Column, ColumnKind, Labels, ReadError, ReadProblem, Values};

/// A cell's text and the line it stands on.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    /// The text, as it stands in the file.
    pub(crate) text: &'a str,
    /// The line, from 1.
    pub(crate) line: u64,
}

/// Texts that stand for a missing value, beside nothing at all.
const MISSING: [&str; 5] = ["NA", "NaN", "nan", "?", "<null>"];

/// Whether a text, without surrounding space, stands for a missing value.
pub(crate) fn is_missing(text: &str) -> bool {
    text.is_empty() || MISSING.contains(&text)
}

/// Below this, every whole number is an `f64` of its own.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// A column whose kind its cells decide.
///
/// All numbers: integer if every one is written without point or exponent, else numeric. No
/// number: categorical. Some numbers: categorical, unless they are more than half, since one
/// misprint must not turn a thousand measurements into categories. The error lacks its file.
pub(crate) fn infer<'a>(
    name: &str,
    cells: impl Iterator<Item = Cell<'a>> + Clone,
    categorical: bool,
) -> Result<Column, ReadError> {
    let present = || cells.clone().filter(|cell| !is_missing(cell.text.trim()));
    let total = present().count();
    let is_number = |cell: &Cell<'_>| cell.text.trim().parse::<f64>().is_ok();
    let numbers = if categorical { 0 } else { present().filter(is_number).count() };
    if numbers == total && !categorical {
        return Ok(numeric(name, cells));
    }
    if 2 * numbers > total {
        let culprit = present().find(|cell| !is_number(cell)).expect("not all are numbers");
        let problem = ReadProblem::NotANumber { numbers, cells: total };
        return Err(problem_at(culprit, name, problem));
    }
    Ok(categories(name, cells))
}

/// A kind that a file declares, ready to look texts up in.
pub(crate) struct Declared {
    kind: ColumnKind,
    /// The numbers of the categories, in the order of their texts.
    sorted: Vec<usize>,
}

impl Declared {
    /// Of a value that is declared twice, the first counts.
    pub(crate) fn new(kind: ColumnKind) -> Self {
        let mut sorted = Vec::new();
        if let ColumnKind::Categorical(values) = &kind {
            sorted.extend(0..values.len());
            sorted.sort_by_key(|&code| &values[code]);
            sorted.dedup_by_key(|code| &values[*code]);
        }
        Self { kind, sorted }
    }

    /// The number that a text (without surrounding space) stands for.
    pub(crate) fn value(&self, text: &str) -> Result<f64, ReadProblem> {
        let ColumnKind::Categorical(values) = &self.kind else {
            return match is_missing(text) {
                true => Ok(f64::NAN),
                false => text.parse().map_err(|_| ReadProblem::NotNumeric),
            };
        };
        match self.sorted.binary_search_by(|&code| values[code].as_str().cmp(text)) {
            Ok(place) => Ok(self.sorted[place] as f64),
            Err(_) if is_missing(text) => Ok(f64::NAN),
            Err(_) => Err(ReadProblem::Undeclared { declared: shortened(values) }),
        }
    }

    /// The column of these values. A declared integer column that holds fractions is numeric.
    pub(crate) fn column(self, name: String, values: Values) -> Column {
        let (Values::Dense(numbers) | Values::Sparse { values: numbers, .. }) = &values;
        let whole = |number: &f64| number.is_nan() || number.fract() == 0.0;
        let kind = match self.kind {
            ColumnKind::Integer if !numbers.iter().all(whole) => ColumnKind::Numeric,
            kind => kind,
        };
        Column { name, kind, values }
    }
}

/// A column that a file declares to be of a kind.
pub(crate) fn declared<'a>(
    name: String,
    kind: ColumnKind,
    cells: impl Iterator<Item = Cell<'a>>,
) -> Result<Column, ReadError> {
    let kind = Declared::new(kind);
    let value = |cell: Cell<'a>| kind.value(cell.text).map_err(|problem| problem_at(cell, &name, problem));
    let values: Vec<f64> = cells.map(value).collect::<Result<_, _>>()?;
    Ok(kind.column(name, Values::Dense(values)))
}

/// A list for a message: the first ten, each at most forty characters long.
pub(crate) fn shortened<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 10;
    const LENGTH: usize = 40;
    let cut = |name: &S| match name.as_ref().char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &name.as_ref()[..end]),
        None => name.as_ref().to_owned(),
    };
    let shown: Vec<String> = names.iter().take(SHOWN).map(cut).collect();
    let rest = names.len().saturating_sub(SHOWN);
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more", shown.join(", ")) }
}

fn numeric<'a>(name: &str, cells: impl Iterator<Item = Cell<'a>>) -> Column {
    let mut whole = true;
    let mut any = false;
    let values = cells.map(|cell| {
        let text = cell.text.trim();
        if is_missing(text) {
            return f64::NAN;
        }
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        any = true;
        whole &= text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'+')
            && number.abs() < EXACT_BELOW;
        number
    });
    let values = Values::Dense(values.collect());
    let kind = if whole && any { ColumnKind::Integer } else { ColumnKind::Numeric };
    Column { name: name.to_owned(), kind, values }
}

fn categories<'a>(name: &str, cells: impl Iterator<Item = Cell<'a>> + Clone) -> Column {
    let present: Vec<&str> =
        cells.clone().map(|cell| cell.text.trim()).filter(|text| !is_missing(text)).collect();
    let coded = Labels::from_texts(&present);
    let mut codes = coded.codes().iter();
    let values = cells.map(|cell| match is_missing(cell.text.trim()) {
        true => f64::NAN,
        false => codes.next().map_or(f64::NAN, |&code| f64::from(code)),
    });
    let values = Values::Dense(values.collect());
    let kind = ColumnKind::Categorical(coded.classes().to_vec());
    Column { name: name.to_owned(), kind, values }
}

/// An error whose file the caller adds.
fn problem_at(cell: Cell<'_>, name: &str, problem: ReadProblem) -> ReadError {
    ReadError::new(std::path::Path::new(""), problem)
        .at_line(cell.line)
        .in_column(name)
        .on_text(cell.text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Result<Column, ReadError> {
        infer("x", texts.iter().map(|text| Cell { text, line: 1 }), false)
    }

    #[test]
    fn cells_decide_the_kind() {
        let kind = |texts: &[&str]| read(texts).expect("readable").kind;
        assert_eq!(kind(&["1", "-2", "+3", "NA"]), ColumnKind::Integer);
        assert_eq!(kind(&["1", "2.0"]), ColumnKind::Numeric);
        assert_eq!(kind(&["1", "1e3"]), ColumnKind::Numeric);
        assert_eq!(kind(&["9007199254740993"]), ColumnKind::Numeric, "no longer exact");
        assert_eq!(kind(&["", "?"]), ColumnKind::Numeric, "nothing is known");
        assert_eq!(kind(&["b", "a", "b"]), ColumnKind::Categorical(vec!["a".into(), "b".into()]));
        assert_eq!(kind(&["1", "x"]), ColumnKind::Categorical(vec!["1".into(), "x".into()]));
    }

    #[test]
    fn a_misprint_among_numbers_is_an_error() {
        let error = read(&["1", "2", "3..5", "4"]).expect_err("a misprint").to_string();
        assert!(error.contains("\"3..5\" is not a number, yet 3 of 4 cells"), "{error}");
    }

    #[test]
    fn missing_cells_are_nan_in_either_kind() {
        let column = read(&["b", "NA", " a "]).expect("readable");
        let Values::Dense(values) = column.values else { panic!("dense") };
        assert_eq!((values[0], values[2]), (1.0, 0.0));
        assert!(values[1].is_nan());
    }

    #[test]
    fn a_declared_value_that_reads_like_a_gap_is_a_value() {
        let values = ["NA", "EU", "NA", "AS"].map(str::to_owned);
        let declared = Declared::new(ColumnKind::Categorical(values.to_vec()));
        let value = |text| declared.value(text);
        assert_eq!(value("NA").expect("declared"), 0.0, "the first of two");
        assert_eq!(value("EU").expect("declared"), 1.0);
        assert!(value("?").expect("a gap").is_nan());
        assert!(value("US").is_err());
    }
}
