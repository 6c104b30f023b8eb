//! A table of text, for a terminal or for Markdown.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use serde::Serialize;

/// A line below the header and none between rows, so that a table fits a screen.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A header and rows of cells; a cell may have several lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Grid {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
    /// How many columns at the left hold text; the others hold numbers.
    pub text_columns: usize,
}

impl Grid {
    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut table = Table::new();
        table.load_style(STYLE).set_header(&self.header).add_rows(&self.rows);
        for (number, column) in table.column_iter_mut().enumerate() {
            if number >= self.text_columns {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.to_string()
    }

    /// For a Markdown file. A row with cells of several lines becomes several rows.
    pub fn to_markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = (0..self.header.len())
            .map(|number| if number < self.text_columns { "---" } else { "---:" }.to_owned());
        let mut text = line(&self.header);
        text += &line(&rule.collect::<Vec<_>>());
        self.lines().iter().for_each(|row| text += &line(row));
        text
    }

    /// The rows, each with cells of several lines as several rows.
    pub fn lines(&self) -> Vec<Vec<String>> {
        self.rows.iter().flat_map(|row| lines_of(row)).collect()
    }
}

/// A row for each line of the highest cell.
fn lines_of(row: &[String]) -> Vec<Vec<String>> {
    let height = row.iter().map(|cell| cell.lines().count()).max().unwrap_or(0);
    let line =
        |number: usize| row.iter().map(|cell| cell.lines().nth(number).unwrap_or("").to_owned()).collect();
    (0..height).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_every_cell() {
        let grid = Grid {
            header: vec!["name".into(), "n".into()],
            rows: vec![vec!["a|b".into(), "1\n2".into()]],
            text_columns: 1,
        };
        assert_eq!(grid.to_markdown(), "| name | n |\n| --- | ---: |\n| a\\|b | 1 |\n|  | 2 |\n");
        let text = grid.to_text();
        assert!(["name", "a|b", "1", "2"].iter().all(|cell| text.contains(cell)), "{text}");
    }
}
