//! Printed tables as a reader types them: the TOML form that `imb lint-table` reads, and in which
//! `published.toml` keeps what a paper prints. docs/table-lint.md describes it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use imb_metrics::printed::{
    PrintedTables, PrintedValue, Relation, Rounding, TableCell, TableFacts, TwoClassMetric,
};
use serde::Deserialize;
use toml::{Table, Value};

/// Reads printed tables.
///
/// # Errors
/// If the text is no TOML, or a row does not fit its columns, with the table and the row.
pub fn read(text: &str) -> Result<PrintedTables> {
    let mut file: Table = text.parse()?;
    let mut tables = PrintedTables {
        rounding: take::<Rounding>(&mut file, "rounding")?.unwrap_or_default(),
        relations: take::<Vec<Relation>>(&mut file, "relation")?.unwrap_or_default(),
        ..PrintedTables::default()
    };
    for (name, section) in file {
        match section {
            Value::Table(section) if section.contains_key("columns") => {
                read_table(&name, section, &mut tables).with_context(|| name.clone())?;
            }
            Value::Table(_) | Value::Array(_) => {}
            Value::String(_) if name == "title" => {}
            _ => bail!("\"{name}\" is neither title, rounding, relation nor a table with columns"),
        }
    }
    if tables.cells.is_empty() {
        bail!("there is no table: one is a section with a list of columns and a row of values for each name");
    }
    Ok(tables)
}

/// What stands in a table's section beside its rows.
#[derive(Deserialize)]
struct Options {
    columns: Vec<String>,
    decimals: Option<Decimals>,
    /// What a key at the end of a row stands for.
    #[serde(default)]
    metrics: BTreeMap<String, String>,
    /// The method and the metric that a column is about, where it is not called after a method.
    #[serde(default)]
    stands_for: BTreeMap<String, [String; 2]>,
    /// What values are, where rows have no further keys.
    metric: Option<String>,
    #[serde(flatten)]
    facts: TableFacts,
}

/// Digits after the point: of all columns, or one count a column.
#[derive(Deserialize)]
#[serde(untagged)]
enum Decimals {
    All(usize),
    Each(Vec<usize>),
}

/// The keys of [`Options`], and those that only a reader needs.
const OPTIONS: [&str; 11] = [
    "columns",
    "decimals",
    "metrics",
    "metric",
    "stands_for",
    "percent",
    "runs",
    "test_rows",
    "search",
    "data_sets",
    "no_ties",
];
const FOR_READERS: [&str; 2] = ["caption", "nan"];

fn read_table(name: &str, mut section: Table, tables: &mut PrintedTables) -> Result<()> {
    FOR_READERS.iter().for_each(|key| drop(section.remove(*key)));
    let options = OPTIONS.iter().filter_map(|key| Some(((*key).to_owned(), section.remove(*key)?)));
    let options = Options::read(options.collect())?;
    if let Some(Value::Table(rows)) = section.remove("rows") {
        section.extend(rows);
    }
    let mut rows = Vec::new();
    for (key, value) in section {
        flatten(vec![key], value, &mut rows)?;
    }
    options.require_test_rows(&rows)?;
    let mut cells = Vec::new();
    for (path, values) in rows {
        let row = options.row(name, &path, &values).with_context(|| path.join("."))?;
        cells.extend(row);
    }
    options.complete_decimals(&mut cells)?;
    tables.cells.extend(cells.into_iter().map(|cell| options.placed(cell)));
    // A column that holds another value of a method is no method.
    let n_columns = options.columns.iter().filter(|name| !options.stands_for.contains_key(*name)).count();
    tables.facts.insert(name.to_owned(), TableFacts { n_columns, ..options.facts });
    Ok(())
}

/// The lists below a key, each with its path.
fn flatten(path: Vec<String>, value: Value, rows: &mut Vec<(Vec<String>, Vec<Value>)>) -> Result<()> {
    match value {
        Value::Array(values) => rows.push((path, values)),
        Value::Table(table) => {
            for (key, value) in table {
                flatten([path.clone(), vec![key]].concat(), value, rows)?;
            }
        }
        _ => bail!("\"{}\" is neither a row of values nor one of {}", path.join("."), OPTIONS.join(", ")),
    }
    Ok(())
}

/// More digits than a paper prints.
const MOST_DECIMALS: usize = 15;

impl Options {
    /// The options of a section. Errors name the option.
    fn read(given: Table) -> Result<Self> {
        let columns = given.get("columns").cloned();
        let one = |(key, value): (&String, &Value)| {
            let mut alone: Table =
                columns.iter().map(|columns| ("columns".to_owned(), columns.clone())).collect();
            alone.insert(key.clone(), value.clone());
            Self::deserialize(Value::Table(alone))
                .err()
                .map(|_| format!("{key} = {value} has the wrong form"))
        };
        let options = match Self::deserialize(Value::Table(given.clone())) {
            Ok(options) => options,
            Err(error) => {
                return Err(match given.iter().find_map(one) {
                    Some(option) => anyhow::Error::from(error).context(option),
                    None => error.into(),
                });
            }
        };
        if let Some(twin) =
            options.columns.iter().enumerate().find(|(at, name)| options.columns[..*at].contains(name))
        {
            bail!("column \"{}\" is named twice", twin.1);
        }
        let decimals = match &options.decimals {
            Some(Decimals::All(decimals)) => vec![*decimals],
            Some(Decimals::Each(each)) if each.len() != options.columns.len() => {
                bail!("decimals: {} counts for {} columns", each.len(), options.columns.len())
            }
            Some(Decimals::Each(each)) => each.clone(),
            None => Vec::new(),
        };
        if let Some(many) = decimals.into_iter().find(|decimals| *decimals > MOST_DECIMALS) {
            bail!("decimals: at most {MOST_DECIMALS}, not {many}");
        }
        Ok(options)
    }

    /// Refuses test rows of a row that is not there, which would not be looked at.
    fn require_test_rows(&self, rows: &[(Vec<String>, Vec<Value>)]) -> Result<()> {
        let is_row = |name: &String, path: &[String]| match path {
            [row] => name == row,
            [row @ .., _] => *name == row.join("."),
            [] => false,
        };
        match self.facts.test_rows.keys().find(|name| !rows.iter().any(|(path, _)| is_row(name, path))) {
            Some(name) => bail!("test_rows: there is no row \"{name}\""),
            None => Ok(()),
        }
    }

    /// The cells of a row. Wins and losses stand in pairs.
    fn row(&self, table: &str, path: &[String], values: &[Value]) -> Result<Vec<TableCell>> {
        if values.len() != self.columns.len() {
            bail!("{} values for {} columns", values.len(), self.columns.len());
        }
        let (row, line) = match path {
            [row] => (row.clone(), self.metric.clone().unwrap_or_default()),
            [row @ .., line] => (row.join("."), self.metrics.get(line).unwrap_or(line).clone()),
            [] => bail!("a row without a name"),
        };
        let line = TwoClassMetric::named(&line).map_or(line, |metric| metric.to_string());
        let mut cells = Vec::new();
        for (column, value) in self.columns.iter().zip(values) {
            let mut add = |line: &str, value: &Value| -> Result<()> {
                if let Some(value) = printed(value).with_context(|| format!("column {column}"))? {
                    let [table, row, line, column] = [table, &*row, line, column].map(str::to_owned);
                    cells.push(TableCell { table, row, line, column, value });
                }
                Ok(())
            };
            match value {
                Value::Array(pair) if pair.len() == 2 => {
                    let is_count = |value: &Value| value.as_integer().is_some_and(|count| count >= 0);
                    if !pair.iter().all(is_count) {
                        bail!("column {column}: {value} is no pair of counts [wins, losses]");
                    }
                    add("wins", &pair[0])?;
                    add("losses", &pair[1])?;
                }
                value if line == "wins" && !value.as_float().is_some_and(f64::is_nan) => {
                    bail!("column {column}: a pair [wins, losses] is needed, not {value}")
                }
                value => add(&line, value)?,
            }
        }
        Ok(cells)
    }

    /// TOML drops zeros at the end of a number. A stated count of decimals replaces what was read; else a
    /// column of one line has as many as its longest number.
    fn complete_decimals(&self, cells: &mut [TableCell]) -> Result<()> {
        let mut longest: BTreeMap<(String, String), usize> = BTreeMap::new();
        for cell in cells.iter() {
            let most = longest.entry((cell.line.clone(), cell.column.clone())).or_default();
            *most = cell.value.decimals.max(*most);
        }
        for cell in cells {
            let place = self.columns.iter().position(|column| *column == cell.column).unwrap_or(0);
            let of_counts = matches!(&*cell.line, "wins" | "losses");
            cell.value.decimals = match &self.decimals {
                _ if of_counts => 0,
                Some(Decimals::All(decimals)) => *decimals,
                Some(Decimals::Each(each)) => each.get(place).copied().unwrap_or(cell.value.decimals),
                None => longest[&(cell.line.clone(), cell.column.clone())],
            };
            let scaled = cell.value.value * 10f64.powi(cell.value.decimals as i32);
            if (scaled - scaled.round()).abs() > 1e-6 * scaled.abs().max(1.0) {
                let (TableCell { row, column, .. }, PrintedValue { value, decimals }) = (&*cell, cell.value);
                bail!("{row}, {column}: {value} has more digits than decimals = {decimals} says");
            }
        }
        Ok(())
    }

    /// The cell at the place that its column stands for.
    fn placed(&self, mut cell: TableCell) -> TableCell {
        if let Some([column, metric]) = self.stands_for.get(&cell.column) {
            cell.line = TwoClassMetric::named(metric).map_or(metric.clone(), |metric| metric.to_string());
            cell.column.clone_from(column);
        }
        cell
    }
}

/// A printed value; none for `nan`. A text keeps its zeros.
fn printed(value: &Value) -> Result<Option<PrintedValue>> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Integer(whole) => whole.to_string(),
        Value::Float(number) if number.is_nan() => return Ok(None),
        Value::Float(number) => number.to_string(),
        other => bail!("{other} is no number"),
    };
    Ok(Some(text.parse()?))
}

fn take<T: for<'de> Deserialize<'de>>(file: &mut Table, key: &str) -> Result<Option<T>> {
    file.remove(key).map(|value| value.try_into().with_context(|| key.to_owned())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_options_and_pairs_are_told_apart() {
        let text = r#"
            title = "A paper"
            rounding = "rounded"
            [table2]
            columns = ["a", "b", "kappa"]
            percent = true
            metrics = { gm = "geometric_mean_score" }
            stands_for = { kappa = ["b", "overlap_percent"] }
            Credit.acsa = [61.5, "61.50", nan]
            Credit.gm = [62, 1.25, 100]
            x.y.wins = [[1, 0], [0, 1], [0, 0]]
        "#;
        let tables = read(text).expect("well formed");
        assert_eq!(tables.rounding, Rounding::Rounded);
        assert!(tables.facts["table2"].percent);
        let of = |line: &str, column: &str| {
            let cell = tables.cells.iter().find(|cell| cell.line == line && cell.column == column);
            cell.map(|cell| (cell.row.as_str(), cell.value.to_string()))
        };
        assert_eq!(of("acsa_score", "a"), Some(("Credit", "61.5".to_owned())));
        assert_eq!(of("acsa_score", "b"), Some(("Credit", "61.50".to_owned())));
        assert_eq!(of("geometric_mean_score", "b"), Some(("Credit", "1.25".to_owned())));
        assert_eq!(of("overlap_percent", "b"), Some(("Credit", "100".to_owned())));
        assert_eq!(of("wins", "a"), Some(("x.y", "1".to_owned())));
        assert_eq!(of("acsa_score", "kappa"), None, "nothing is printed there");
    }

    fn findings(text: &str) -> Vec<String> {
        let report = read(text).and_then(|tables| Ok(tables.lint()?)).expect("well formed");
        report.findings.iter().map(ToString::to_string).collect()
    }

    fn require(found: &[String], parts: &[&str]) {
        let holds = |text: &&String| parts.iter().all(|part| text.contains(part));
        assert!(found.iter().any(|text| holds(&text)), "{parts:?} is not in {found:#?}");
    }

    #[test]
    fn what_is_wrong_in_three_papers_is_found_in_what_they_print() {
        let moods = findings(include_str!("../experiments/moods/published.toml"));
        require(&moods, &["table3, Yeast, none", "0.47 = (0 + 0.95) / 2"]);
        require(&moods, &["Spambase", "is printed as 3 and as 10"]);
        require(&moods, &["table4, Spambase", "the difference of 13, 10.0 is 3.00, not 10.0"]);
        assert_eq!(moods.len(), 3, "{moods:#?}");
        let adversarial = findings(include_str!("../experiments/adversarial/published.toml"));
        require(&adversarial, &["Credit, ao", "62.19 cannot be above the mean 61.65"]);
        require(&adversarial, &["Secom", "439 and 31 rows explain 8 of 9 columns"]);
        require(&adversarial, &["Pima", "98 and 55 rows explain 8 of 9 columns"]);
        require(&adversarial, &["Haberman", "65 and 26 rows explain 8 of 9 columns"]);
        assert_eq!(adversarial.len(), 4, "{adversarial:#?}");
        let aemlo = findings(include_str!("../experiments/aemlo/published.toml"));
        require(&aemlo, &["macro_auc.ecc", "add up to 36, these to 35.80"]);
        require(&aemlo, &["macro_auc.clr", "add up to 36, these to 35.83"]);
        require(&aemlo, &["macro_auc.ecc, mlsmote", "no mean of 9 ranks is 5.02; 5.22"]);
        require(&aemlo, &["macro_auc.clr, mlsol", "no mean of 9 ranks is 3.16; 3.33"]);
        require(&aemlo, &["macro_auc.avg, losses, mlros", "the sum of 0, 0, 0, 0, 1 is 1, not 0"]);
        require(&aemlo, &["macro_auc.avg, rank, aemlo", "is 1.978, not 2.18"]);
        for (row, wins, losses) in [
            ("macro_f.mlknn", 13, 14),
            ("macro_f.rakel", 13, 17),
            ("macro_auc.rakel", 7, 8),
            ("ranking_loss.mlknn", 8, 14),
        ] {
            require(&aemlo, &[row, &format!("{wins} wins and {losses} losses")]);
        }
    }

    #[test]
    fn what_would_not_be_checked_is_refused() {
        let error = |text: &str| {
            let tables = read(&format!("[t]\ncolumns = [\"a\", \"b\"]\nR.acsa = [0.55, 0.5137]\n{text}"));
            format!("{:#}", tables.expect("well formed").lint().expect_err("refused"))
        };
        let of_rows = |name: &str| {
            let text = "[t]\ncolumns = [\"a\"]\nR.acsa = [0.5]\nS = [nan]\ntest_rows";
            read(&format!("{text} = {{ {name} = [65, 26] }}"))
        };
        let unknown = format!("{:#}", of_rows("r").expect_err("refused"));
        assert!(unknown.contains("t: test_rows: there is no row \"r\""), "{unknown}");
        assert!(of_rows("R").is_ok() && of_rows("S").is_ok());
        let relation =
            error("[[relation]]\nwhole = { row = \"*.avg\" }\nis = \"mean\"\nof = [{ row = \"*.svm\" }]");
        assert!(relation.contains("whole = { row = \"*.avg\" }"), "{relation}");
        let search =
            "search = 100000\nruns = 1\ntest_rows = { R = [1000, 1000] }\nR.geometric_mean = [0.54, 0.5123]";
        assert!(error(search).contains("at most 48 with the test rows of R"), "{}", error(search));
    }

    #[test]
    fn values_beyond_a_metrics_limits_and_ranks_that_are_not_printed() {
        let found = findings(
            "[t]\ncolumns = [\"a\", \"b\", \"c\"]\nR.acsa = [1.5, 61.65, -0.2]\nR.mcc = [-1.01, -0.5, 1]\n\
             [u]\ncolumns = [\"a\", \"b\", \"c\"]\nR.rank = [1.2, nan, 2.4]\nS.rank = [2.7, nan, 2.9]",
        );
        require(&found, &["t, R, a", "acsa_score 1.5 does not lie between 0 and 1"]);
        require(&found, &["t, R, b", "percent = true"]);
        require(&found, &["t, R, c", "-0.2"]);
        require(&found, &["t, R, a", "mcc_score -1.01"]);
        require(&found, &["u, S", "add up to 6, these to 5.6, and none that is not printed mends that"]);
        assert_eq!(found.len(), 5, "{found:#?}");
    }

    #[test]
    fn faults_are_named_by_table_and_row() {
        let error = |text: &str| format!("{:#}", read(text).expect_err("a fault"));
        assert!(error("[t]\ncolumns = [\"a\"]\nx = [1, 2]").contains("t: x: 2 values for 1 columns"));
        let typo = error("[t]\ncolumns = [\"a\"]\ndecimal = 2\nx = [1]");
        assert!(
            typo.contains("\"decimal\" is neither a row of values nor one of columns, decimals"),
            "{typo}"
        );
        let of_table = |text: &str| error(&format!("[t]\ncolumns = [\"a\", \"b\"]\n{text}"));
        for (text, fault) in [
            ("percent = \"yes\"\nx = [1, 2]", "t: percent = \"yes\" has the wrong form"),
            ("decimals = -1\nx = [1, 2]", "t: decimals = -1 has the wrong form"),
            ("decimals = 400\nx = [1, 2]", "at most 15, not 400"),
            ("decimals = [1]\nx = [1, 2]", "1 counts for 2 columns"),
            ("decimals = 1\nx = [0.5, 0.55]", "x, b: 0.55 has more digits than decimals = 1 says"),
            ("x.wins = [1, 2]", "column a: a pair [wins, losses] is needed, not 1"),
            ("x.wins = [[-1, 2], [2, -1]]", "is no pair of counts"),
        ] {
            assert!(of_table(text).contains(fault), "{text}: {}", of_table(text));
        }
        assert!(error("[t]\ncolumns = [\"a\", \"a\"]\nx = [1, 2]").contains("column \"a\" is named twice"));
        assert!(error("[t]\ncolumns = [\"a\"]\nx = [true]").contains("column a: true is no number"));
        assert!(error("rouding = \"rounded\"").contains("\"rouding\""));
        assert!(error("rounding = \"up\"").contains("rounding"));
        assert!(error("[setup]\nruns = 5").contains("there is no table"));
        assert!(error("[t").contains("TOML"));
    }
}
