//! Sweeps: one parameter of a column's method is turned like a dial.

use serde::Deserialize;

/// A column that is run with several values of one parameter: for a figure, and for the best of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepSpec {
    /// The column.
    pub column: String,
    /// The parameter of the column's last stage.
    pub parameter: String,
    /// Its values.
    pub values: Vec<toml::Value>,
    /// The data sets, by their row in the paper.
    pub datasets: Vec<String>,
    /// The protocols.
    pub protocols: Vec<String>,
    /// Runs of each value.
    pub runs: usize,
    /// The name under which tables of our own have the column with its best value.
    pub best: String,
    /// The metric by which the best value is chosen: on validation rows, run by run, where there are any;
    /// else on test rows, one value for all runs, which is peeking.
    pub choose_by: String,
}

impl SweepSpec {
    /// Whether the sweep is made of a data set, by its row in the paper, under a protocol.
    pub fn is_for(&self, protocol: &str, row: &str) -> bool {
        let among = |names: &[String], name: &str| names.iter().any(|other| other == name);
        among(&self.protocols, protocol) && among(&self.datasets, row)
    }

    /// The value with this text.
    pub fn value(&self, text: &str) -> Option<&toml::Value> {
        self.values.iter().find(|value| value.to_string() == text)
    }
}
