//! Parameters as a user writes them: `k_neighbors=3`, and short forms for how many rows classes are to have.

use anyhow::Result;
use imb_methods::parse_parameter;

/// All parameters. `ratio=0.5` and `counts=rare:500` are short for a sampling strategy.
pub(super) fn all(texts: &[String]) -> Result<toml::Table> {
    texts.iter().map(|text| one(text)).collect()
}

fn one(text: &str) -> Result<(String, toml::Value)> {
    let (key, value) = parse_parameter(text)?;
    Ok(match key.as_str() {
        "ratio" => (STRATEGY.to_owned(), value),
        "counts" => match value {
            toml::Value::String(counts) => (STRATEGY.to_owned(), format!("counts={counts}").into()),
            counts => (STRATEGY.to_owned(), toml::Table::from_iter([(key, counts)]).into()),
        },
        _ => (key, value),
    })
}

const STRATEGY: &str = "sampling_strategy";
