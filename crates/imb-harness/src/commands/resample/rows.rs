//! The rows as a method sees them: columns of numbers, or, for a method that does not read values, only how
//! many rows there are.

use anyhow::{Result, bail};
use imb_core::{Column, ColumnKind, Dataset, Feature, Values};
use imb_data::{ColumnNotes, NoNumber, matrix_of};
use imb_harness::own::are_names;
use imb_methods::Method;
use ndarray::Array2;

use super::kind::Kind;

/// A column of the file, and what the method does with it.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) kind: ColumnKind,
    pub(super) role: Role,
}

/// What a method does with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It holds the classes, or a label.
    Target,
    /// It is computed with.
    Feature,
    /// New rows have a gap there.
    Ignored,
    /// New rows have the cell of the row that they start from.
    Copied,
}

/// The rows that a method is given. Columns are given away, so that they are not held twice.
pub(super) fn rows_for<Y: Kind>(
    method: &Method,
    columns: Vec<Column>,
    places: &[Place],
    notes: &[ColumnNotes],
    targets: Y,
    with_categories: bool,
) -> Result<Dataset<Y>> {
    let n_rows = targets.n_rows();
    if !method.facts.reads_values {
        let numbers = Array2::from_shape_fn((n_rows, 1), |(row, _)| row as f64);
        return Ok(Dataset::unnamed(numbers, targets)?);
    }
    require_numbers(method.name, places, notes, n_rows, with_categories)?;
    let features = |place: &&Place| place.role == Role::Feature;
    let described: Vec<Feature> = places
        .iter()
        .filter(features)
        .map(|place| Feature { name: place.name.clone(), kind: place.kind.clone() })
        .collect();
    if described.is_empty() {
        bail!("{} needs a column of numbers beside the target, and none is left", method.name);
    }
    let used = columns.iter().zip(places).filter(|(_, place)| place.role == Role::Feature);
    let numbers: Vec<&Values> = used.map(|(column, _)| &column.values).collect();
    Ok(Dataset::new(described, matrix_of(&numbers, &(0..n_rows).collect::<Vec<_>>()), targets)?)
}

/// Refuses columns that a method cannot compute with, all of them in one message.
fn require_numbers(
    method: &str,
    places: &[Place],
    notes: &[ColumnNotes],
    n_rows: usize,
    with_categories: bool,
) -> Result<()> {
    const SHOWN: usize = 10;
    let features = places.iter().zip(notes).filter(|(place, _)| place.role == Role::Feature);
    let refused: Vec<(&Place, String)> = features
        .filter_map(|(place, notes)| Some((place, obstacle_for(place, notes, n_rows, with_categories)?)))
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = refused
        .iter()
        .take(SHOWN)
        .map(|(place, obstacle)| format!("  column \"{}\" {obstacle}", place.name))
        .collect();
    let ignored: Vec<String> =
        refused.iter().take(SHOWN).map(|(place, _)| format!("--ignore {}", quoted(&place.name))).collect();
    let rest = match refused.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("\n  and {more} more"),
    };
    bail!(
        "{method} computes with {}:\n{}{rest}\nFix or encode them first{}, or leave them out of the \
         computation: {}",
        if with_categories { "numbers and categories" } else { "numbers" },
        lines.join("\n"),
        if with_categories { "" } else { " (--encode onehot encodes categories)" },
        ignored.join(" ")
    );
}

/// The same, where categories may be no obstacle.
fn obstacle_for(place: &Place, notes: &ColumnNotes, n_rows: usize, with_categories: bool) -> Option<String> {
    let ColumnKind::Categorical(texts) = &place.kind else { return obstacle(place, notes) };
    // Numbers with a text among them are not meant as categories.
    if !with_categories || (notes.why_text.is_some() && notes.n_numbers > 0) {
        return obstacle(place, notes);
    }
    if let Some(first) = &notes.first_gap {
        return Some(format!("has {} gaps, first in line {}", notes.n_gaps, first.line));
    }
    are_names(texts.len(), n_rows).then(|| {
        format!("holds {} different texts in {n_rows} rows: names rather than categories", texts.len())
    })
}

/// What keeps a column from being computed with, and what may be done about it.
fn obstacle(place: &Place, notes: &ColumnNotes) -> Option<String> {
    let infinite = notes.first_infinite.as_ref().map(|first| {
        format!(
            "is infinite in {} of its cells, first \"{}\" in line {}",
            notes.n_infinite, first.text, first.line
        )
    });
    if let Some((first, why)) = &notes.why_text {
        let others = match notes.n_numbers {
            0 => String::new(),
            n => format!(", while {n} of its cells are numbers"),
        };
        let advice = match why {
            NoNumber::Text if is_decimal_comma(&first.text) => " (--decimal comma reads it as a number)",
            NoNumber::Text => "",
            // What stands between quotes may be a text in truth.
            _ if is_decimal_comma(&first.text) => " (--decimal comma and --numeric read it as a number)",
            _ if first.text.trim().parse::<f64>().is_ok() => " (--numeric reads it as a number)",
            _ => "",
        };
        let infinite = infinite.map(|infinite| format!("; it {infinite}")).unwrap_or_default();
        return Some(format!(
            "is text: \"{}\" in line {} {}{others}{advice}{infinite}",
            first.text,
            first.line,
            why.reason()
        ));
    }
    if matches!(place.kind, ColumnKind::Categorical(_)) {
        return Some("holds categories".to_owned());
    }
    let gaps = notes.first_gap.as_ref();
    infinite.or_else(|| gaps.map(|first| format!("has {} gaps, first in line {}", notes.n_gaps, first.line)))
}

fn is_decimal_comma(text: &str) -> bool {
    text.contains(',') && text.replacen(',', ".", 1).parse::<f64>().is_ok()
}

/// A name as a shell takes it.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_.-".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}

/// What the user ought to know before distances are measured with these columns.
pub(super) fn warnings(columns: &[Column], places: &[Place], notes: &[ColumnNotes]) -> Vec<String> {
    let mut warnings = Vec::new();
    for ((column, place), notes) in columns.iter().zip(places).zip(notes) {
        if place.role != Role::Feature {
            continue;
        }
        let name = &place.name;
        if is_index(column) {
            warnings.push(format!(
                "column \"{name}\" counts the rows, as an index does, and distances are measured with it: \
                 --ignore {} leaves it out",
                quoted(name)
            ));
        }
        if let Some(code) = &notes.looks_like_code {
            warnings.push(format!(
                "column \"{name}\" holds cells such as {} (line {}), which are read as numbers: --categorical {} \
                 reads them as texts",
                code.text,
                code.line,
                quoted(name)
            ));
        }
    }
    warnings
}

/// Whether a column is called as an index is, and counts the rows from 0 or 1.
fn is_index(column: &Column) -> bool {
    const NAMES: [&str; 8] = ["column_1", "unnamed: 0", "index", "id", "row", "rowid", "row_id", "rownames"];
    let Values::Dense(values) = &column.values else { return false };
    let counts = |first: f64| (0u32..).zip(values).all(|(row, value)| *value == first + f64::from(row));
    NAMES.contains(&column.name.trim().to_lowercase().as_str()) && (counts(0.0) || counts(1.0))
}
