//! The papers: what they print, and by which rule it is judged.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::protocol::Protocols;
use crate::verdict::Tolerance;

/// A paper and the figures that it prints.
#[derive(Clone, Debug)]
pub struct Paper {
    /// What is run and how it is judged.
    pub spec: Spec,
    /// What the paper prints.
    pub published: Published,
}

/// A paper's `spec.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The name of the paper's folder.
    pub id: String,
    /// The paper's title.
    pub title: String,
    /// Authors, place and year.
    pub citation: String,
    /// The table of data sets.
    pub table1: Table1Spec,
    /// How data sets are split and prepared.
    pub protocols: Protocols,
}

/// How the table of data sets is judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table1Spec {
    /// The tolerance of each column.
    pub tolerance: BTreeMap<String, Tolerance>,
}

/// A paper's `published.toml`, as far as tables are reproduced yet.
#[derive(Clone, Debug, Deserialize)]
pub struct Published {
    /// The table of data sets.
    pub table1: PublishedTable,
    /// Where the paper says two things.
    #[serde(default, rename = "contradiction")]
    pub contradictions: Vec<Contradiction>,
}

/// A printed table of numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedTable {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Digits printed after the point, by column.
    pub decimals: Vec<usize>,
    /// Its rows, by name, with one figure a column.
    pub rows: BTreeMap<String, Vec<f64>>,
}

/// Two statements of a paper that cannot both hold, or one that cannot hold at all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// Where it stands.
    #[serde(rename = "where")]
    pub place: String,
    /// The tables that it is printed under.
    #[serde(default)]
    pub tables: Vec<u32>,
    /// What contradicts what.
    pub what: String,
}

/// The folders of `experiments/`, in the order in which papers are reported.
const FOLDERS: [(&str, &str, &str); 3] = [
    (
        "moods",
        include_str!("../experiments/moods/spec.toml"),
        include_str!("../experiments/moods/published.toml"),
    ),
    (
        "adversarial",
        include_str!("../experiments/adversarial/spec.toml"),
        include_str!("../experiments/adversarial/published.toml"),
    ),
    (
        "aemlo",
        include_str!("../experiments/aemlo/spec.toml"),
        include_str!("../experiments/aemlo/published.toml"),
    ),
];

/// The papers of these names; all if none is named.
///
/// # Errors
/// If a name is unknown, with the names there are, or a paper's files do not fit together.
pub fn papers(names: &[String]) -> Result<Vec<Paper>> {
    if let Some(unknown) = names.iter().find(|name| FOLDERS.iter().all(|(id, ..)| id != name)) {
        bail!("no paper is called \"{unknown}\"; there is: {}", FOLDERS.map(|(id, ..)| id).join(", "));
    }
    let wanted = |id: &str| names.is_empty() || names.iter().any(|name| name == id);
    FOLDERS
        .into_iter()
        .filter(|(id, ..)| wanted(id))
        .map(|(id, spec, published)| {
            Paper::parse(spec, published).with_context(|| format!("experiments/{id}"))
        })
        .collect()
}

impl Paper {
    fn parse(spec: &str, published: &str) -> Result<Self> {
        let spec: Spec = toml::from_str(spec).context("spec.toml")?;
        let published: Published = toml::from_str(published).context("published.toml")?;
        let table = &published.table1;
        for column in &table.columns {
            if !spec.table1.tolerance.contains_key(column) {
                bail!("spec.toml states no tolerance for column {column} of table 1");
            }
        }
        let lengths = table.rows.values().map(Vec::len).chain([table.decimals.len()]);
        if lengths.into_iter().any(|length| length != table.columns.len()) {
            bail!("published.toml: table 1 needs one figure and one count of decimals a column");
        }
        Ok(Self { spec, published })
    }

    /// The contradictions to print under a table.
    pub fn contradictions(&self, table: u32) -> impl Iterator<Item = &Contradiction> {
        self.published.contradictions.iter().filter(move |entry| entry.tables.contains(&table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_are_whole_and_the_catalog_has_their_rows() {
        let catalog = imb_data::Catalog::built_in();
        for paper in papers(&[]).expect("well formed") {
            let entries: Vec<_> =
                catalog.entries.iter().filter(|entry| entry.paper == paper.spec.id).collect();
            let rows = &paper.published.table1.rows;
            assert_eq!(entries.len(), rows.len(), "{}", paper.spec.id);
            for entry in entries {
                assert!(rows.contains_key(&entry.row), "{}", entry.row);
                for lack in entry.editions.iter().filter_map(|edition| edition.lacks.as_ref()) {
                    for column in &lack.columns {
                        assert!(paper.published.table1.columns.contains(column), "{column}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_unknown_paper_is_refused_with_the_names_there_are() {
        let error = papers(&["modos".to_owned()]).expect_err("unknown").to_string();
        assert!(error.contains("moods, adversarial, aemlo"), "{error}");
    }
}
