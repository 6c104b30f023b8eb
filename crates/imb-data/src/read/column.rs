//! From the texts of columns to numbers: what kind of column each is, and what each cell says.

use std::borrow::Cow;
use std::collections::HashMap;

use imb_core::{Column, ColumnKind, Labels, ReadProblem, Result, Values};
use serde::Serialize;

use super::source::Text;
use super::value::{Among, Gaps, NoNumber, number};

/// What was found in a column of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ColumnNotes {
    /// Cells that are gaps.
    pub n_gaps: usize,
    /// The first gap.
    pub first_gap: Option<Place>,
    /// Cells that are numbers, infinite ones among them.
    pub n_numbers: usize,
    /// Cells that are infinite, or beyond the range of a double.
    pub n_infinite: usize,
    /// The first of them.
    pub first_infinite: Option<Place>,
    /// The first cell that keeps the column from being numbers, and why.
    pub why_text: Option<(Place, NoNumber)>,
    /// The first number that has an exponent and no point, such as `99e0`.
    pub looks_like_code: Option<Place>,
    /// The first cell of a column of texts that is a gap in columns of numbers, such as `NA`.
    pub gap_as_text: Option<Place>,
    /// Whether a comma is the decimal point of its numbers.
    pub decimal_comma: bool,
}

/// A cell's place in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line, from 1.
    pub line: u64,
    /// The text, cut to a readable length.
    pub text: String,
}

impl Place {
    pub(crate) fn new(line: u64, text: &str) -> Self {
        Self { line, text: shortened(&[text]) }
    }
}

/// What the cells of a column are taken for until one shows that they are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The column is known already.
    Done,
    /// Numbers with this decimal sign; if they are forced to be, codes and quotes do not matter.
    Numbers { comma: bool, forced: bool },
    /// Texts, of which there are not many different ones.
    Texts,
}

/// A bare or quoted cell of a column.
#[derive(Clone)]
pub(crate) struct Cell<'a> {
    /// Without quotes or surrounding space.
    pub(crate) text: Cow<'a, str>,
    pub(crate) is_quoted: bool,
    /// The line, from 1.
    pub(crate) line: u32,
}

/// What is found in a block of rows of one column.
#[derive(Default)]
pub(crate) struct Found<'a> {
    pub(crate) notes: ColumnNotes,
    /// The texts of a column of texts, by their first row.
    pub(crate) texts: Texts<'a>,
    /// Every number is written without point and exponent.
    pub(crate) has_fractions: bool,
    /// A cell that is not empty stands without quotes.
    pub(crate) has_bare: bool,
    pub(crate) has_quoted: bool,
}

/// Different texts, each with a number.
#[derive(Default)]
pub(crate) struct Texts<'a> {
    numbers: HashMap<Cow<'a, str>, u32>,
    in_order: Vec<Cow<'a, str>>,
}

impl<'a> Texts<'a> {
    pub(crate) fn number_of(&mut self, text: Cow<'a, str>) -> u32 {
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = self.in_order.len() as u32;
        self.numbers.insert(text.clone(), number);
        self.in_order.push(text);
        number
    }

    pub(crate) fn in_order(&self) -> &[Cow<'a, str>] {
        &self.in_order
    }
}

impl<'a> Found<'a> {
    /// Notes a cell and returns its value: a number, the number of its text, or NaN for a gap.
    pub(crate) fn take(&mut self, cell: Cell<'a>, plan: Plan, gaps: Gaps<'_>, quotes_count: bool) -> f64 {
        let is_quoted = cell.is_quoted && quotes_count;
        self.has_quoted |= cell.is_quoted;
        self.has_bare |= !cell.is_quoted && !cell.text.is_empty();
        let among = if plan == Plan::Texts { Among::Texts } else { Among::Numbers };
        let forced = matches!(plan, Plan::Numbers { forced: true, .. });
        // A quoted cell is never a gap among texts, and among numbers only an empty one.
        let empty_number = cell.text.is_empty() && plan != Plan::Texts && (!quotes_count || forced);
        let may_be_gap = !cell.is_quoted || empty_number;
        if may_be_gap && gaps.has(&cell.text, among) {
            self.note_gap(&cell);
            return f64::NAN;
        }
        let comma = matches!(plan, Plan::Numbers { comma: true, .. });
        let read = if is_quoted && !forced { Err(NoNumber::Quoted) } else { number(&cell.text, comma) };
        match read {
            Ok(number) if number.value.is_nan() && plan != Plan::Texts => {
                self.note_gap(&cell);
                return f64::NAN;
            }
            Ok(number) => self.note_number(number.value, number.looks_like_code, number.whole, &cell),
            Err(why) => {
                let value = if forced && why != NoNumber::Text { value_of(&cell.text, comma) } else { None };
                match value {
                    Some(value) => self.note_number(value, false, why != NoNumber::LeadingZero, &cell),
                    None => self.note_text(why, &cell),
                }
            }
        }
        match (plan, read) {
            (Plan::Texts, _) => {
                if self.notes.gap_as_text.is_none() && !is_quoted && gaps.has(&cell.text, Among::Numbers) {
                    self.notes.gap_as_text = Some(cell.place());
                }
                f64::from(self.texts.number_of(cell.text))
            }
            (_, Ok(number)) => number.value,
            (_, Err(_)) => value_of(&cell.text, comma).unwrap_or(f64::NAN),
        }
    }

    fn note_gap(&mut self, cell: &Cell<'_>) {
        self.notes.n_gaps += 1;
        if self.notes.first_gap.is_none() {
            self.notes.first_gap = Some(cell.place());
        }
    }

    fn note_number(&mut self, value: f64, looks_like_code: bool, whole: bool, cell: &Cell<'_>) {
        self.notes.n_numbers += 1;
        self.has_fractions |= !whole;
        if value.is_infinite() {
            self.note_infinite(cell);
        }
        if looks_like_code && self.notes.looks_like_code.is_none() {
            self.notes.looks_like_code = Some(cell.place());
        }
    }

    fn note_text(&mut self, why: NoNumber, cell: &Cell<'_>) {
        if why == NoNumber::BeyondDouble {
            self.note_infinite(cell);
        }
        if self.notes.why_text.is_none() {
            self.notes.why_text = Some((cell.place(), why));
        }
    }

    fn note_infinite(&mut self, cell: &Cell<'_>) {
        self.notes.n_infinite += 1;
        if self.notes.first_infinite.is_none() {
            self.notes.first_infinite = Some(cell.place());
        }
    }

    /// Adds what was found in the rows below, but for their texts.
    pub(crate) fn extend(&mut self, below: &Found<'_>) {
        let (ours, theirs) = (&mut self.notes, &below.notes);
        ours.n_gaps += theirs.n_gaps;
        ours.n_numbers += theirs.n_numbers;
        ours.n_infinite += theirs.n_infinite;
        ours.first_gap = ours.first_gap.take().or_else(|| theirs.first_gap.clone());
        ours.first_infinite = ours.first_infinite.take().or_else(|| theirs.first_infinite.clone());
        ours.why_text = ours.why_text.take().or_else(|| theirs.why_text.clone());
        ours.looks_like_code = ours.looks_like_code.take().or_else(|| theirs.looks_like_code.clone());
        ours.gap_as_text = ours.gap_as_text.take().or_else(|| theirs.gap_as_text.clone());
        self.has_fractions |= below.has_fractions;
        self.has_bare |= below.has_bare;
        self.has_quoted |= below.has_quoted;
    }
}

/// The value of a number, however it is written; with `comma`, a comma is its decimal point.
fn value_of(text: &str, comma: bool) -> Option<f64> {
    if comma { text.replacen(',', ".", 1).parse().ok() } else { text.parse().ok() }
}

impl Cell<'_> {
    fn place(&self) -> Place {
        Place::new(u64::from(self.line), &self.text)
    }
}

/// A column of texts from the numbers of its texts, `(n_rows)`. Categories are ordered as numbers where
/// all are numbers, else by their text.
pub(crate) fn of_texts(name: String, texts: &[impl AsRef<str>], mut numbers: Vec<f64>) -> Column {
    let sorted = Labels::from_texts(texts);
    for number in numbers.iter_mut().filter(|number| !number.is_nan()) {
        *number = f64::from(sorted.codes()[*number as usize]);
    }
    let kind = ColumnKind::Categorical(sorted.classes().to_vec());
    Column { name, kind, values: Values::Dense(numbers) }
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
    pub(crate) fn value(&self, text: &str, is_quoted: bool, gaps: Gaps<'_>) -> Result<f64, ReadProblem> {
        let ColumnKind::Categorical(values) = &self.kind else {
            return if !is_quoted && gaps.has(text, Among::Numbers) {
                Ok(f64::NAN)
            } else {
                text.parse().map_err(|_| ReadProblem::NotNumeric)
            };
        };
        let place = self.sorted.binary_search_by(|&code| values[code].as_str().cmp(text));
        if gaps.among_declared(text, is_quoted, || place.is_ok()) {
            return Ok(f64::NAN);
        }
        match place {
            Ok(place) => Ok(self.sorted[place] as f64),
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

/// Refuses a column name that stands twice.
pub(crate) fn require_distinct<S: AsRef<str>>(text: &Text, line: u64, names: &[S]) -> Result<()> {
    let mut seen = std::collections::BTreeMap::new();
    for (number, name) in (1..).zip(names) {
        if let Some(first) = seen.insert(name.as_ref(), number) {
            let problem = ReadProblem::DuplicateColumn { first };
            return Err(text.error(line, problem).on_text(name.as_ref()).into());
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: Plan = Plan::Numbers { comma: false, forced: false };

    /// The notes and values of bare cells; those that begin with a quote are quoted.
    fn take<'a>(texts: &[&'a str], plan: Plan) -> (Found<'a>, Vec<f64>) {
        let mut found = Found::default();
        let cell = |(line, text): (u32, &&'a str)| {
            let is_quoted = text.starts_with('"');
            Cell { text: Cow::Borrowed(text.trim_matches('"')), is_quoted, line }
        };
        let cells: Vec<Cell<'a>> = (2..).zip(texts).map(cell).collect();
        let values =
            cells.into_iter().map(|cell| found.take(cell, plan, Gaps::default(), true)).collect::<Vec<f64>>();
        (found, values)
    }

    #[test]
    fn the_first_cell_that_is_no_number_is_noted() {
        let (found, values) = take(&["1", "NA", "3..5", "00501", "4"], NUMBERS);
        let (place, why) = found.notes.why_text.expect("there is");
        assert_eq!((place.line, place.text.as_str(), why), (4, "3..5", NoNumber::Text));
        assert_eq!((found.notes.n_numbers, found.notes.n_gaps), (2, 1));
        assert_eq!((values[0], values[4]), (1.0, 4.0));
    }

    #[test]
    fn quoted_cells_are_neither_numbers_nor_gaps() {
        let (found, _) = take(&["1", "\"2\""], NUMBERS);
        assert_eq!(found.notes.why_text.map(|(_, why)| why), Some(NoNumber::Quoted));
        let (found, values) = take(&["\"NA\"", "\"\"", "?", ""], Plan::Texts);
        assert_eq!(found.texts.in_order(), ["NA", ""]);
        assert_eq!(values[..2], [0.0, 1.0]);
        assert!(values[2].is_nan() && values[3].is_nan());
        let (found, values) = take(&["\"2\"", "007", "\"\""], Plan::Numbers { comma: false, forced: true });
        assert!(found.notes.why_text.is_none());
        assert_eq!(values[..2], [2.0, 7.0]);
        assert!(values[2].is_nan());
    }

    #[test]
    fn infinities_are_counted_whether_or_not_a_double_holds_them() {
        let (found, _) = take(&["1", "inf", "1e400"], NUMBERS);
        assert_eq!(found.notes.n_infinite, 2);
        assert_eq!(found.notes.first_infinite.map(|place| place.line), Some(3));
        assert_eq!(found.notes.why_text.map(|(place, _)| place.line), Some(4));
    }

    #[test]
    fn categories_are_sorted_by_value() {
        let column = of_texts("x".into(), &["10", "9"], vec![0.0, f64::NAN, 1.0]);
        assert_eq!(column.kind, ColumnKind::Categorical(vec!["9".into(), "10".into()]));
        assert_eq!((column.values.get(0), column.values.get(2)), (1.0, 0.0));
    }

    #[test]
    fn a_declared_value_that_reads_like_a_gap_is_a_value() {
        let values = ["NA", "EU", "NA", "AS"].map(str::to_owned);
        let declared = Declared::new(ColumnKind::Categorical(values.to_vec()));
        let value = |text| declared.value(text, false, Gaps::default());
        assert_eq!(value("NA").expect("declared"), 0.0, "the first of two");
        assert_eq!(value("EU").expect("declared"), 1.0);
        assert!(value("?").expect("a gap").is_nan());
        assert!(value("US").is_err());
    }
}
