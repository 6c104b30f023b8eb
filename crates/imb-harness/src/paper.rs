//! The papers: what they print, what is asked for, and the records that are committed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use imb_metrics::rank::WinsLosses;
use serde::Deserialize;

use crate::figures::require_drawable;
use crate::measure::Measure;
use crate::records::{Records, committed_lines};
use crate::spec::{LineSpec, Spec, TableSpec};
use crate::verdict::Printed;

/// A paper, with the values that it prints.
#[derive(Clone, Debug)]
pub struct Paper {
    /// What is run and how it is judged.
    pub spec: Spec,
    /// What the paper prints.
    pub published: Published,
    /// Runs of the authors' code, where there are any.
    pub reference_runs: Option<ReferenceRuns>,
    /// Whether it is an experiment of the user's own, whose files are read when the program runs.
    pub is_own: bool,
    committed: Cow<'static, [u8]>,
    /// The file that these are from.
    committed_in: PathBuf,
}

/// A paper's `published.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Published {
    /// The table of data sets.
    pub table1: PublishedTable,
    /// Where the paper says two things.
    #[serde(default, rename = "contradiction")]
    pub contradictions: Vec<Contradiction>,
    #[serde(flatten)]
    others: toml::Table,
}

/// A printed table of numbers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedTable {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Digits printed after the point, by column.
    pub decimals: Vec<usize>,
    /// Its rows, by name, with one value a column.
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

/// Runs of the authors' code: a paper's `reference-runs.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceRuns {
    /// What was run.
    pub what: Vec<String>,
    /// With which versions.
    pub versions: String,
    /// What was measured of each run, by the data set's row in the paper, column and measure.
    pub runs: BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<f64>>>>,
}

/// The folders of `experiments/`, in the order in which papers are reported.
const FOLDERS: [Folder; 3] = [
    Folder {
        id: "moods",
        spec: include_str!("../experiments/moods/spec.toml"),
        published: include_str!("../experiments/moods/published.toml"),
        reference_runs: Some(include_str!("../experiments/moods/reference-runs.json")),
        committed: include_bytes!("../experiments/moods/records.jsonl.zst"),
    },
    Folder {
        id: "adversarial",
        spec: include_str!("../experiments/adversarial/spec.toml"),
        published: include_str!("../experiments/adversarial/published.toml"),
        reference_runs: None,
        committed: include_bytes!("../experiments/adversarial/records.jsonl.zst"),
    },
    Folder {
        id: "aemlo",
        spec: include_str!("../experiments/aemlo/spec.toml"),
        published: include_str!("../experiments/aemlo/published.toml"),
        reference_runs: None,
        committed: include_bytes!("../experiments/aemlo/records.jsonl.zst"),
    },
];

/// What a folder of `experiments/` holds.
struct Folder {
    id: &'static str,
    spec: &'static str,
    published: &'static str,
    reference_runs: Option<&'static str>,
    committed: &'static [u8],
}

/// The file of a paper's folder that holds its records.
pub const COMMITTED: &str = "records.jsonl.zst";

/// The names of the papers.
pub fn paper_names() -> Vec<&'static str> {
    FOLDERS.iter().map(|folder| folder.id).collect()
}

/// The papers of these names; all if none is named.
///
/// # Errors
/// If a name is unknown, with the known ones, or a paper's files do not fit together.
pub fn papers(names: &[String]) -> Result<Vec<Paper>> {
    if let Some(unknown) = names.iter().find(|name| FOLDERS.iter().all(|folder| folder.id != *name)) {
        bail!("unknown paper \"{unknown}\"; known: {}", paper_names().join(", "));
    }
    let is_asked = |id: &str| names.is_empty() || names.iter().any(|name| name == id);
    FOLDERS
        .into_iter()
        .filter(|folder| is_asked(folder.id))
        .map(|folder| {
            let paper = Paper::parse(folder.spec, Some(folder.published), folder.reference_runs);
            let paper = paper.with_context(|| format!("experiments/{}", folder.id))?;
            let committed_in = Path::new("experiments").join(folder.id).join(COMMITTED);
            Ok(Paper { committed: Cow::Borrowed(folder.committed), committed_in, ..paper })
        })
        .collect()
}

impl Paper {
    /// A paper from the content of its files, without records. One that prints nothing has tables of our
    /// own only.
    ///
    /// # Errors
    /// If the files do not fit together.
    pub fn parse(spec: &str, published: Option<&str>, reference_runs: Option<&str>) -> Result<Self> {
        let mut spec: Spec = toml::from_str(spec).context("spec.toml")?;
        spec.check().context("spec.toml")?;
        spec.measures().try_for_each(|name| Measure::named(name).map(drop)).context("spec.toml")?;
        spec.figures.iter().try_for_each(require_drawable).context("spec.toml")?;
        if published.is_none() {
            spec.tables.iter_mut().for_each(|table| table.printed = false);
        }
        let published = published.map(toml::from_str::<Published>).transpose();
        let published = published.context("published.toml")?.unwrap_or_default();
        let table = &published.table1;
        for column in &table.columns {
            if !spec.table1.tolerance.contains_key(column) {
                bail!("spec.toml states no tolerance for column {column} of table 1");
            }
        }
        let lengths = table.rows.values().map(Vec::len).chain([table.decimals.len()]);
        if lengths.into_iter().any(|length| length != table.columns.len()) {
            bail!("published.toml: table 1 needs one value and one count of decimals a column");
        }
        let reference_runs = reference_runs.map(serde_json::from_str).transpose();
        Ok(Self {
            spec,
            published,
            reference_runs: reference_runs.context("reference-runs.json")?,
            is_own: false,
            committed: Cow::Borrowed(&[]),
            committed_in: PathBuf::from(COMMITTED),
        })
    }

    /// An experiment of the user's own, from the text of its specification and, where they are there, the
    /// files beside it that a paper's folder has.
    ///
    /// # Errors
    /// If a file cannot be read, or the files do not fit together.
    pub fn own(spec: &str, folder: &Path) -> Result<Self> {
        let text = |name: &str| match std::fs::read_to_string(folder.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| folder.join(name).display().to_string()),
        };
        let (published, runs) = (text("published.toml")?, text("reference-runs.json")?);
        let paper = Self::parse(spec, published.as_deref(), runs.as_deref())?;
        let committed_in = folder.join(COMMITTED);
        let committed = match std::fs::read(&committed_in) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| committed_in.display().to_string());
            }
            committed => committed.unwrap_or_default(),
        };
        Ok(Self { is_own: true, committed: Cow::Owned(committed), committed_in, ..paper })
    }

    /// The records from which the committed tables are made.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn committed_records(&self) -> Result<Records> {
        Records::from_committed(&self.committed).with_context(|| self.committed_in.display().to_string())
    }

    /// The file of the committed records, which an experiment of the user's own may not have yet.
    pub fn committed_in(&self) -> &Path {
        &self.committed_in
    }

    /// Whether the paper prints a table of data sets.
    pub fn prints_data_sets(&self) -> bool {
        !self.published.table1.rows.is_empty()
    }

    /// The lines of the committed records, for those who need a little of each.
    ///
    /// # Errors
    /// If the file is damaged, in a line at the latest.
    pub(crate) fn committed_lines(&self) -> Result<impl Iterator<Item = Result<String>>> {
        let lines =
            committed_lines(&self.committed).with_context(|| self.committed_in.display().to_string())?;
        Ok(lines.map(|line| line.with_context(|| self.committed_in.display().to_string())))
    }

    /// What a table prints at a place; none if it prints nothing there.
    pub fn printed(&self, table: &TableSpec, row: &str, line: &LineSpec, column: &str) -> Option<Printed> {
        let (name, key) = if line.printed_as.is_empty() {
            (column, line.key.as_ref())
        } else {
            (line.printed_as.get(column)?.as_str(), None)
        };
        let printed = self.published.others.get(&format!("table{}", table.number))?;
        let place =
            printed.get("columns")?.as_array()?.iter().position(|other| other.as_str() == Some(name))?;
        let missing_is_not_applicable =
            printed.get("nan").and_then(toml::Value::as_str) == Some("not applicable");
        let row = printed.get(row)?;
        let values = key.map_or(Some(row), |key| row.get(key))?;
        let value = values.as_array()?.get(place)?;
        let value = value.as_float().or(value.as_integer().map(|whole| whole as f64))?;
        if value.is_finite() {
            Some(Printed::Value(value))
        } else {
            missing_is_not_applicable.then_some(Printed::NotApplicable)
        }
    }

    /// Whether the paper says on how many test rows of each class a table's values of a data set were measured.
    pub fn states_test_rows(&self, table: &TableSpec, row: &str) -> bool {
        let printed = self.published.others.get(&format!("table{}", table.number));
        printed.and_then(|printed| printed.get("test_rows")?.get(row)).is_some()
    }

    /// The mean rank that a table prints of a column with a learner, and its wins and losses.
    pub fn printed_rank(
        &self,
        table: &TableSpec,
        line: &LineSpec,
        learner: &str,
        column: &str,
    ) -> (Option<f64>, Option<WinsLosses>) {
        let printed = || {
            let printed = self.published.others.get(&format!("table{}", table.number))?;
            let mut columns = printed.get("columns")?.as_array()?.iter();
            let place = columns.position(|other| other.as_str() == Some(column))?;
            Some((printed.get(line.key.as_ref()?)?.get(learner)?, place))
        };
        let Some((row, place)) = printed() else { return (None, None) };
        let of = |key: &str| row.get(key)?.as_array()?.get(place);
        let wins = || {
            let pair = of("wins")?.as_array()?;
            let count = |place: usize| usize::try_from(pair.get(place)?.as_integer()?).ok();
            Some(WinsLosses { wins: count(0)?, losses: count(1)? })
        };
        (of("rank").and_then(toml::Value::as_float), wins())
    }

    /// The contradictions to print under a table.
    pub fn contradictions(&self, table: u32) -> impl Iterator<Item = &Contradiction> {
        self.published.contradictions.iter().filter(move |entry| entry.tables.contains(&table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Measure;

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
            for line in paper.spec.tables.iter().flat_map(|table| &table.lines) {
                Measure::named(&line.metric).expect(&line.metric);
            }
        }
    }

    #[test]
    fn an_unknown_paper_is_refused_with_the_known_names() {
        let error = papers(&["modos".to_owned()]).expect_err("unknown").to_string();
        assert!(error.contains("moods, adversarial, aemlo"), "{error}");
    }

    #[test]
    fn what_is_not_applicable_is_told_from_what_is_not_printed() {
        let of = |name: &str, row: &str, column: &str| {
            let paper = papers(&[name.to_owned()]).expect("well formed").remove(0);
            let table = paper.spec.table(2).expect("a table").clone();
            paper.printed(&table, row, &table.lines[0], column)
        };
        assert_eq!(of("adversarial", "Yeast", "adasyn"), Some(Printed::NotApplicable));
        assert_eq!(of("adversarial", "Yeast", "mlp"), Some(Printed::Value(61.67)));
        assert_eq!(of("moods", "Shuttle", "smotified_gan"), None);
    }
}
