//! What was found on reading a user's file: its columns, and what was guessed.

use imb_data::{
    ColumnNotes, ColumnSummary, Guess, NoNumber, Parsed, Place, count_duplicate_rows, summarize_columns,
};
use imb_harness::grid::Grid;
use serde::Serialize;

/// Columns that are shown; JSON has all.
const SHOWN: usize = 20;

/// What was found on reading.
#[derive(Serialize)]
pub(super) struct Reading {
    /// Rows that are equal to an earlier one.
    n_duplicate_rows: usize,
    n_infinite: usize,
    columns: Vec<Described>,
    guesses: Vec<Guess>,
}

/// A column, the target among them.
#[derive(Serialize)]
struct Described {
    #[serde(flatten)]
    summary: ColumnSummary,
    #[serde(flatten)]
    notes: ColumnNotes,
    remarks: Vec<String>,
}

impl Reading {
    pub(super) fn of(parsed: &Parsed) -> Self {
        let columns = summarize_columns(&parsed.table).into_iter().zip(&parsed.notes);
        let described = |(mut summary, notes): (ColumnSummary, &ColumnNotes)| {
            // Those that no double holds are counted with them.
            summary.n_infinite = notes.n_infinite;
            Described { remarks: remarks(&summary, notes), summary, notes: notes.clone() }
        };
        let columns: Vec<Described> = columns.map(described).collect();
        Self {
            n_duplicate_rows: count_duplicate_rows(&parsed.table),
            n_infinite: columns.iter().map(|column| column.summary.n_infinite).sum(),
            columns,
            guesses: parsed.guesses.clone(),
        }
    }

    pub(super) fn to_text(&self) -> String {
        let mut lines = vec![
            format!("infinite cells: {}", self.n_infinite),
            format!("rows equal to an earlier row: {}", self.n_duplicate_rows),
        ];
        // All columns where they are few, else those with something to say of.
        let few = self.columns.len() <= SHOWN;
        let worth: Vec<&Described> =
            self.columns.iter().filter(|column| few || !column.remarks.is_empty()).collect();
        let rows = worth.iter().take(SHOWN).map(|column| {
            let of = &column.summary;
            let counts = [of.n_missing, of.n_infinite, of.n_different].map(|count| count.to_string());
            let [missing, infinite, different] = counts;
            vec![of.name.clone(), of.kind.to_owned(), column.remarks.join("; "), missing, infinite, different]
        });
        let header =
            ["column", "kind", "remarks", "missing", "infinite", "different"].map(String::from).to_vec();
        lines.push(Grid { header, rows: rows.collect(), text_columns: 3 }.to_text());
        let more = worth.len().saturating_sub(SHOWN);
        if more > 0 {
            lines.push(format!("and {more} more columns with remarks (--json shows all)"));
        }
        lines.extend(
            self.guesses
                .iter()
                .map(|guess| format!("guessed: {} (override with {})", guess.what, guess.option)),
        );
        lines.join("\n")
    }
}

fn remarks(summary: &ColumnSummary, notes: &ColumnNotes) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some((first, why)) = &notes.why_text
        && (notes.n_numbers > 0 || could_be_number(first, *why))
    {
        let option = if *why == NoNumber::Text { "--missing" } else { "--numeric" };
        remarks.push(format!("text: {} {} ({option})", shown(first), why.reason()));
    }
    if let Some(first) = &notes.first_infinite {
        remarks.push(format!("first infinite cell: {}", shown(first)));
    }
    if let Some(first) = &notes.gap_as_text {
        remarks.push(format!("{} is a text, not a gap (--missing {})", shown(first), first.text));
    }
    if let Some(first) = &notes.looks_like_code {
        remarks.push(format!("{} is read as a number (--categorical)", shown(first)));
    }
    if notes.decimal_comma {
        remarks.push("numbers with a decimal comma (--decimal)".to_owned());
    }
    if summary.is_constant() {
        remarks.push("constant".to_owned());
    }
    if summary.all_differ {
        remarks.push("no two rows share a value: perhaps an id".to_owned());
    }
    remarks
}

/// Whether the user may have meant a number where there is a text.
fn could_be_number(place: &Place, why: NoNumber) -> bool {
    match why {
        NoNumber::Text => false,
        NoNumber::Quoted => place.text.parse::<f64>().is_ok(),
        _ => true,
    }
}

fn shown(place: &Place) -> String {
    format!("\"{}\" in line {}", place.text, place.line)
}
