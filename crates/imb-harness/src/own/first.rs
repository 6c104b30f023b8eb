//! The first specification and catalog of an experiment, written from a file: they run as they are, and their
//! comments say what to change.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use imb_data::{Classes, ColumnSummary, Parsed, ReadOptions, TargetRule, summarize_columns};

/// What an experiment is made from.
pub struct First<'a> {
    /// The experiment's name.
    pub name: &'a str,
    /// The data file as the catalog is to name it: relative to the catalog, or absolute.
    pub path: &'a str,
    /// What was read from it.
    pub parsed: &'a Parsed,
    /// How it was read.
    pub options: &'a ReadOptions,
    /// What is to be predicted.
    pub kind: Kind,
}

/// What is to be predicted.
pub enum Kind {
    /// The class in this column.
    Classes(TargetRule),
    /// That many label columns at the start, or, if negative, at the end.
    Labels(i64),
}

/// Texts that may be categories in however few rows.
const FEW: usize = 30;

/// Whether the texts of a column are names rather than categories: there are many, and on average each stands in less
/// than two rows. What is learned of such a text hardly ever serves another row.
pub fn are_names(n_texts: usize, n_rows: usize) -> bool {
    n_texts > FEW && 2 * n_texts > n_rows
}

impl First<'_> {
    /// The text of `catalog.toml`.
    ///
    /// # Errors
    /// If the options cannot be written as TOML.
    pub fn catalog(&self) -> Result<String> {
        let name = quoted(self.name);
        let mut text = format!(
            "# The data sets of the experiment. Paths are relative to this file; add a [[dataset]] for each \
             further file.\n\n[[dataset]]\nname = {name}\n\n[[dataset.edition]]\nfiles = [{{ path = {} }}]\n",
            quoted(self.path)
        );
        let read = self.read_options()?;
        if !read.is_empty() {
            let _ = writeln!(text, "read = {}", inline(&read));
        }
        let targets = match &self.kind {
            Kind::Classes(rule) if rule.classes == Classes::EachValue => {
                format!("{{ class = {{ column = {}, classes = \"each_value\" }} }}", quoted(&rule.column))
            }
            Kind::Classes(rule) => format!("{{ class = {{ column = {} }} }}", quoted(&rule.column)),
            Kind::Labels(count) => format!("{{ label_count = {count} }}"),
        };
        let _ = writeln!(text, "targets = {targets}");
        let ignored = self.ignored();
        if !ignored.is_empty() {
            text += "# No features: ";
            let reasons: Vec<String> = ignored
                .iter()
                .map(|(column, why)| format!("{} ({why})", column.name.escape_debug()))
                .collect();
            let names: Vec<String> = ignored.iter().map(|(column, _)| quoted(&column.name)).collect();
            let _ = writeln!(text, "{}.\nignore = [{}]", reasons.join(", "), names.join(", "));
        }
        Ok(text)
    }

    /// The text of `spec.toml`.
    pub fn spec(&self) -> String {
        let mut text = format!(
            "# What is run. `imb plan --spec FILE` shows the cells, `imb run --spec FILE` runs those that have no \
             record yet.\n\nid = {}\ntitle = {}\n\n# The root of all seeds.\nseed = 1\n\n",
            quoted(self.name),
            quoted(&format!("Resamplers on {}", self.name))
        );
        text += &self.protocol();
        text += "# Runs of every cell. An earlier [[runs]] may ask for others of some columns or data sets.\n\
                 [[runs]]\nruns = 10\n\n";
        let columns = self.columns();
        text += "# The methods that are compared: each is a list of stages before the learner. `imb list methods` \
                 shows\n# all methods, `imb list methods NAME` one with its parameters.\n";
        for (name, title, stage) in columns {
            let _ = write!(text, "[columns.{name}]\ntitle = {}\n", quoted(title));
            if !stage.is_empty() {
                let _ = writeln!(text, "stages = [{stage}]");
            }
            text.push('\n');
        }
        let names: Vec<String> = columns.iter().map(|(name, ..)| quoted(name)).collect();
        let _ = write!(
            text,
            "# A table of results: the first metric of the first table is the one of the plots.\n[[table]]\n\
             number = 2\ncaption = \"Metrics on test rows\"\ncolumns = [{}]\nlines = [\n{}]\n",
            names.join(", "),
            self.lines()
        );
        text
    }

    /// The columns that are left out of the features, and why.
    pub fn ignored(&self) -> Vec<(ColumnSummary, String)> {
        let columns = summarize_columns(&self.parsed.table);
        let n_rows = self.parsed.table.n_rows();
        let all = columns.into_iter().enumerate();
        let features = all.filter(|(place, _)| !self.is_target(*place)).map(|(_, column)| column);
        features.filter_map(|column| why_ignored(&column, n_rows).map(|why| (column, why))).collect()
    }

    fn is_target(&self, place: usize) -> bool {
        match &self.kind {
            Kind::Classes(rule) => {
                self.parsed.place_of(&rule.column, Path::new("")).is_ok_and(|of| of == place)
            }
            Kind::Labels(count) => {
                let n_columns = self.parsed.table.n_columns();
                let labels = usize::try_from(count.unsigned_abs()).unwrap_or(n_columns);
                if *count < 0 { place + labels >= n_columns } else { place < labels }
            }
        }
    }

    /// The features that are used.
    fn features(&self) -> Vec<ColumnSummary> {
        let ignored: Vec<String> = self.ignored().into_iter().map(|(column, _)| column.name).collect();
        let all = summarize_columns(&self.parsed.table).into_iter().enumerate();
        let is_feature = |(place, column): &(usize, ColumnSummary)| {
            !self.is_target(*place) && !ignored.contains(&column.name)
        };
        all.filter(is_feature).map(|(_, column)| column).collect()
    }

    fn protocol(&self) -> String {
        let features = self.features();
        let mut steps = Vec::new();
        if features.iter().any(|column| column.n_missing > 0) {
            steps.push("{ step = \"knn_imputer\", k = 5 }");
        }
        if features.iter().any(|column| column.kind == "categorical") {
            steps.push("{ step = \"one_hot\" }");
        }
        let (scaler, learner) = match self.kind {
            Kind::Classes(_) => ("standard_scaler", "cart"),
            Kind::Labels(_) => ("min_max_scaler", "ml_knn"),
        };
        let scaler = format!("{{ step = \"{scaler}\" }}");
        steps.push(&scaler);
        format!(
            "# How data are split, prepared and learned. Steps are fitted on training rows only; test rows never \
             reach a\n# method. In place of the split: {{ folds = {{ n_folds = 5, validation = 0.0 }} }}.\n\
             [protocols.holdout]\nsplit = {{ stratified = {{ validation = 0.0, test = 0.3 }} }}\nprepare = [{}]\n\
             learner = {{ method = \"{learner}\" }}\n\n",
            steps.join(", ")
        )
    }

    /// Name, title and stages of the first columns.
    fn columns(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        match self.kind {
            Kind::Classes(_) => &[
                ("none", "no resampling", ""),
                ("random_over", "random over-sampling", "{ method = \"random_over_sampler\" }"),
                ("smote", "SMOTE", "{ method = \"smote\", small_classes = \"shrink\" }"),
                (
                    "borderline_smote",
                    "Borderline-SMOTE",
                    "{ method = \"borderline_smote\", small_classes = \"shrink\" }",
                ),
            ],
            Kind::Labels(_) => &[
                ("none", "no resampling", ""),
                ("ml_ros", "ML-ROS", "{ method = \"ml_ros\" }"),
                ("mlsmote", "MLSMOTE", "{ method = \"mlsmote\" }"),
                ("mlsol", "MLSOL", "{ method = \"mlsol\" }"),
            ],
        }
    }

    fn lines(&self) -> String {
        let metrics: &[(&str, &str)] = match self.kind {
            Kind::Classes(_) => &[
                ("macro F1", "macro_f1_score"),
                ("minority F1", "minority_f1_score"),
                ("balanced accuracy", "acsa_score"),
                ("geometric mean", "geometric_mean_score"),
            ],
            Kind::Labels(_) => &[
                ("macro F1", "macro_f1_score"),
                ("micro F1", "micro_f1_score"),
                ("Hamming loss", "hamming_loss"),
                ("ranking loss", "ranking_loss"),
            ],
        };
        let line = |(title, metric): &(&str, &str)| {
            format!("    {{ title = {}, metric = {} }},\n", quoted(title), quoted(metric))
        };
        metrics.iter().map(line).collect()
    }

    /// The options of reading that are not the default.
    fn read_options(&self) -> Result<toml::Table> {
        let defaults = toml::Table::try_from(ReadOptions::default())?;
        let options = toml::Table::try_from(self.options)?;
        Ok(options.into_iter().filter(|(name, value)| defaults.get(name) != Some(value)).collect())
    }
}

/// Why a column is no feature, if it is none.
fn why_ignored(column: &ColumnSummary, n_rows: usize) -> Option<String> {
    if column.n_missing == n_rows {
        return Some("no row has a value".to_owned());
    }
    if column.all_differ && column.kind != "numeric" {
        return Some("no two rows share a value".to_owned());
    }
    let are_names = column.kind == "categorical" && are_names(column.n_different, n_rows);
    are_names.then(|| format!("{} different texts in {n_rows} rows", column.n_different))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A table on one line.
fn inline(table: &toml::Table) -> String {
    let items: Vec<String> =
        table.iter().map(|(name, value)| format!("{name} = {}", value.to_string().trim())).collect();
    format!("{{ {} }}", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_texts_are_names_only_if_most_stand_alone() {
        assert!(are_names(60, 100), "most rows have a text of their own");
        assert!(!are_names(60, 200), "as in `imb resample`, which takes such a column");
        assert!(!are_names(8, 10), "few texts may be categories in a small table");
    }
}
