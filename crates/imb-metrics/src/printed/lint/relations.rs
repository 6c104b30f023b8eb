//! Values that a reader says follow from others: means, sums and differences of cells.

use std::fmt;

use imb_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{FindingKind, LintReport, PrintedTables, TableCell};
use crate::printed::{Combination, Rounding};

/// A printed value that is the mean, the sum or the difference of others.
///
/// ```
/// use imb_metrics::printed::{Combination, Relation, Selector};
///
/// // In every table and column, the row "a.avg" is the mean of "a.svm" and "a.tree", and so for b.
/// let row = |row: &str| Selector { row: Some(row.into()), ..Selector::default() };
/// let whole = row("*.avg");
/// let parts = vec![row("*.svm"), row("*.tree")];
/// let relation = Relation { whole, is: Combination::Mean, of: parts };
/// assert_eq!(relation.of.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The cells that follow from others.
    pub whole: Selector,
    /// How they follow.
    pub is: Combination,
    /// The parts of each.
    pub of: Vec<Selector>,
}

/// Chooses cells by place. In a whole, what is not given is anything, and one `*` stands for any text. In a
/// part, what is not given is that of its whole, and `*` is what it stood for there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selector {
    /// The table.
    pub table: Option<String>,
    /// The row.
    pub row: Option<String>,
    /// The line.
    pub line: Option<String>,
    /// The column.
    pub column: Option<String>,
}

impl PrintedTables {
    pub(super) fn check_relations(&self, report: &mut LintReport) -> Result<()> {
        for relation in &self.relations {
            relation.require_one_star()?;
            let mut n_found = 0;
            for whole in &self.cells {
                let Some(parts) = self.parts(relation, whole) else { continue };
                n_found += 1;
                let values: Vec<_> = parts.iter().map(|part| part.value).collect();
                let made = relation.is.contradicts(&values, whole.value, self.rounding_of(whole));
                if let Some(made) = made {
                    let place = [&*whole.table, &whole.row, &whole.line, &whole.column];
                    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                    let proof = format!(
                        "{} of {} is {made:.*}, not {}",
                        relation.is.name(),
                        values.join(", "),
                        whole.value.decimals + usize::from(self.rounding_of(whole) != Rounding::Exact),
                        whole.value
                    );
                    report.add(FindingKind::Contradiction, &place, proof);
                }
            }
            if n_found == 0 {
                let needed = "a whole and parts that the tables have: it fits no value";
                return Err(Error::invalid_parameter(
                    "relation",
                    needed,
                    format!("whole = {}", relation.whole),
                ));
            }
        }
        Ok(())
    }

    fn rounding_of(&self, cell: &TableCell) -> Rounding {
        if matches!(&*cell.line, "wins" | "losses") { Rounding::Exact } else { self.rounding }
    }

    /// How many rows of a table a row sums up: the parts of a relation of which it is the whole; else 1.
    pub(super) fn rows_within(&self, cell: &TableCell) -> Result<u64> {
        for relation in &self.relations {
            relation.require_one_star()?;
            let by_row = relation.of.iter().all(|part| part.row.is_some());
            if by_row && let Some(parts) = self.parts(relation, cell) {
                return Ok(parts.len() as u64);
            }
        }
        Ok(1)
    }

    /// The parts of a cell by a relation; none if the relation is not about it, or a part is not printed.
    fn parts(&self, relation: &Relation, whole: &TableCell) -> Option<Vec<&TableCell>> {
        let stars = relation.whole.matches(whole)?;
        relation
            .of
            .iter()
            .map(|part| self.cells.iter().find(|cell| part.is_part(cell, whole, &stars)))
            .collect()
    }
}

impl Relation {
    fn require_one_star(&self) -> Result<()> {
        let texts = std::iter::once(&self.whole).chain(&self.of).flat_map(Selector::texts).flatten();
        match texts.into_iter().find(|text| text.matches('*').count() > 1) {
            None => Ok(()),
            Some(text) => Err(Error::invalid_parameter("selector", "at most one *", text)),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = ["table", "row", "line", "column"].into_iter().zip(self.texts());
        let given = given.filter_map(|(axis, text)| Some(format!("{axis} = \"{}\"", text?)));
        write!(f, "{{ {} }}", given.collect::<Vec<_>>().join(", "))
    }
}

impl Selector {
    fn texts(&self) -> [Option<&String>; 4] {
        [self.table.as_ref(), self.row.as_ref(), self.line.as_ref(), self.column.as_ref()]
    }

    /// What `*` stands for in table, row, line and column, if the cell is selected.
    fn matches<'a>(&self, cell: &'a TableCell) -> Option<[&'a str; 4]> {
        let mut stars = [""; 4];
        for (axis, (pattern, text)) in self.texts().into_iter().zip(cell.place()).enumerate() {
            stars[axis] = star(pattern.map_or("*", String::as_str), text)?;
        }
        Some(stars)
    }

    fn is_part(&self, cell: &TableCell, whole: &TableCell, stars: &[&str; 4]) -> bool {
        let axes = self.texts().into_iter().zip(cell.place()).zip(whole.place()).zip(stars);
        axes.into_iter().all(|(((pattern, text), of_whole), star)| match pattern {
            None => text == of_whole,
            Some(pattern) => text == pattern.replace('*', star),
        })
    }
}

impl TableCell {
    fn place(&self) -> [&str; 4] {
        [&self.table, &self.row, &self.line, &self.column]
    }
}

impl Combination {
    fn name(self) -> &'static str {
        match self {
            Self::Mean => "the mean",
            Self::Sum => "the sum",
            Self::Difference => "the difference",
        }
    }
}

/// The text that `*` stands for; none if the pattern does not match. A pattern without `*` has an empty one.
fn star<'a>(pattern: &str, text: &'a str) -> Option<&'a str> {
    match pattern.split_once('*') {
        None => (pattern == text).then_some(""),
        Some((before, after)) => text.strip_prefix(before)?.strip_suffix(after),
    }
}

#[cfg(test)]
mod tests {
    use super::star;

    #[test]
    fn a_star_stands_for_any_text() {
        assert_eq!(star("*.avg", "macro_f.avg"), Some("macro_f"));
        assert_eq!(star("*.avg", "avg"), None);
        assert_eq!(star("*", "x"), Some("x"));
        assert_eq!(star("a*a", "a"), None, "before and after do not overlap");
        assert_eq!(star("a", "a"), Some(""));
        assert_eq!(star("a", "ab"), None);
    }
}
