//! Parameters as a user writes them: `k_neighbors=3`, and short forms for how many rows classes are to have.

use anyhow::{Result, bail};
use imb_methods::parse_parameter;

/// All parameters. `ratio=0.5` and `counts=rare:500` are short for a sampling strategy.
pub(super) fn all(texts: &[String]) -> Result<toml::Table> {
    let mut all = toml::Table::new();
    for text in texts {
        let (key, value) = one(text)?;
        if all.contains_key(&key) {
            bail!("--set {text}: {key} is set twice");
        }
        all.insert(key, value);
    }
    Ok(all)
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
