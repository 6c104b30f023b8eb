//! How a sampling strategy is written: a name, a number, a table, or a short text.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::SamplingStrategy;

/// What a sampling strategy is read from. Whatever is none is read as well, so that the error can say what
/// would be one.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Form {
    Number(f64),
    Text(String),
    Ratio { ratio: f64 },
    Counts { counts: BTreeMap<String, usize> },
    Other(IgnoredAny),
}

const NAMES: [(&str, SamplingStrategy); 6] = [
    ("auto", SamplingStrategy::Auto),
    ("minority", SamplingStrategy::Minority),
    ("majority", SamplingStrategy::Majority),
    ("not_minority", SamplingStrategy::NotMinority),
    ("not_majority", SamplingStrategy::NotMajority),
    ("all", SamplingStrategy::All),
];

impl TryFrom<Form> for SamplingStrategy {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        let strategy = match form {
            Form::Number(ratio) | Form::Ratio { ratio } => Some(Self::Ratio(ratio)),
            Form::Counts { counts } => Some(Self::Counts(counts)),
            Form::Text(text) => of_text(&text),
            Form::Other(_) => None,
        };
        strategy.ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            format!(
                "a sampling_strategy is one of {}, a ratio such as 0.5 or ratio=0.5, or counts=CLASS:ROWS,CLASS:ROWS",
                names.join(", ")
            )
        })
    }
}

fn of_text(text: &str) -> Option<SamplingStrategy> {
    let text = text.trim();
    if let Some((_, strategy)) = NAMES.into_iter().find(|(name, _)| *name == text) {
        return Some(strategy);
    }
    if let Some(counts) = text.strip_prefix("counts=") {
        let counts: Vec<(String, usize)> = counts.split(',').map(count).collect::<Option<_>>()?;
        let n_named = counts.len();
        let counts: BTreeMap<String, usize> = counts.into_iter().collect();
        // A class that is named twice has no number of rows.
        return (counts.len() == n_named).then_some(SamplingStrategy::Counts(counts));
    }
    text.strip_prefix("ratio=").unwrap_or(text).trim().parse().ok().map(SamplingStrategy::Ratio)
}

/// A class, whose name may hold colons, and its rows.
fn count(text: &str) -> Option<(String, usize)> {
    let (class, rows) = text.rsplit_once(':')?;
    Some((class.trim().to_owned(), rows.trim().parse().ok()?))
}
