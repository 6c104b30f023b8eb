//! A table in the form that another program reads: CSV, JSON, LaTeX, Markdown.

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;

use crate::grid::Grid;

/// The form of a table that is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// A line a value, with a header; of several tables one below the other.
    Csv,
    /// A list of tables, with every number.
    Json,
    /// A table environment with the rules of the package booktabs.
    Latex,
    /// For a Markdown file.
    Markdown,
}

/// A table that can be printed in each form.
pub trait Export: Serialize {
    /// What stands above it.
    fn heading(&self) -> String;

    /// What a reader of a page sees.
    fn grid(&self) -> Grid;

    /// For a terminal, with notes.
    fn to_text(&self) -> String;

    /// For a Markdown file, with notes.
    fn to_markdown(&self) -> String;

    /// The header and a line a value.
    fn to_records(&self) -> Vec<Vec<String>>;
}

impl Format {
    /// Tables of one kind in this form.
    ///
    /// # Errors
    /// If a table cannot be written as JSON.
    ///
    /// # Panics
    /// Never: lines of CSV are written to memory.
    pub fn of<T: Export>(self, tables: &[T]) -> Result<String> {
        let join = |text: fn(&T) -> String| tables.iter().map(text).collect::<Vec<_>>().join("\n");
        Ok(match self {
            Self::Text => join(T::to_text),
            Self::Markdown => join(T::to_markdown),
            Self::Latex => join(|table| latex(&table.heading(), &table.grid())),
            Self::Json => serde_json::to_string_pretty(tables)?,
            Self::Csv => csv(tables),
        })
    }
}

/// The lines of all tables below one header.
fn csv<T: Export>(tables: &[T]) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for (number, table) in tables.iter().enumerate() {
        for record in table.to_records().iter().skip(usize::from(number > 0)) {
            csv.write_record(record).expect("written to memory, as long as the header");
        }
    }
    String::from_utf8(csv.into_inner().expect("written to memory")).expect("made of text")
}

/// A table environment. It needs the packages booktabs and amssymb.
fn latex(caption: &str, grid: &Grid) -> String {
    let columns: String =
        (0..grid.header.len()).map(|number| if number < grid.text_columns { 'l' } else { 'r' }).collect();
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        format!("    {} \\\\\n", cells.join(" & "))
    };
    let rows: String = grid.lines().iter().map(|row| line(row)).collect();
    format!(
        "% \\usepackage{{booktabs, amssymb}}\n\\begin{{table}}\n  \\centering\n  \\caption{{{}}}\n  \
         \\begin{{tabular}}{{{columns}}}\n    \\toprule\n{}    \\midrule\n{rows}    \\bottomrule\n  \
         \\end{{tabular}}\n\\end{{table}}\n",
        escaped(caption),
        line(&grid.header),
    )
}

/// Text without characters that LaTeX obeys, and signs of verdicts as it knows them.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => safe.extend(['\\', c]),
            '\\' => safe += "\\textbackslash{}",
            '~' => safe += "\\textasciitilde{}",
            '^' => safe += "\\textasciicircum{}",
            '<' => safe += "\\textless{}",
            '>' => safe += "\\textgreater{}",
            '✓' => safe += "\\checkmark{}",
            '✗' => safe += "$\\times$",
            '≈' => safe += "$\\approx$",
            '·' => safe += "$\\cdot$",
            '±' => safe += "$\\pm$",
            '–' => safe += "--",
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latex_obeys_nothing_that_stands_in_a_cell() {
        assert_eq!(escaped("a_b & 5 % ~ \\x"), "a\\_b \\& 5 \\% \\textasciitilde{} \\textbackslash{}x");
        assert_eq!(escaped("0.9 ✓ · 0.8 ✗"), "0.9 \\checkmark{} $\\cdot$ 0.8 $\\times$");
    }

    #[test]
    fn a_latex_table_has_the_rules_of_booktabs_and_a_line_a_row() {
        let grid = Grid {
            header: vec!["name".into(), "n".into()],
            rows: vec![vec!["a_b".into(), "1\n2".into()]],
            text_columns: 1,
        };
        let text = latex("100 %", &grid);
        assert!(text.contains("\\caption{100 \\%}") && text.contains("\\begin{tabular}{lr}"), "{text}");
        let body = "\\toprule\n    name & n \\\\\n    \\midrule\n    a\\_b & 1 \\\\\n     & 2 \\\\\n    \\bottomrule";
        assert!(text.contains(body), "{text}");
    }
}
