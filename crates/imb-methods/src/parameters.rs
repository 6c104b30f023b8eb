//! Parameters from the command line.

use imb_core::{Error, Result};

/// A parameter written as `key=value`. The value is TOML, or text without quotes.
///
/// ```
/// use imb_methods::parse_parameter;
///
/// assert_eq!(parse_parameter("k_neighbors=3")?, ("k_neighbors".to_owned(), 3.into()));
/// assert_eq!(parse_parameter("small_classes=shrink")?, ("small_classes".to_owned(), "shrink".into()));
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] if there is no `=`.
pub fn parse_parameter(text: &str) -> Result<(String, toml::Value)> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(Error::invalid_parameter("--set", "key=value, such as k_neighbors=3", text));
    };
    let (key, value) = (key.trim(), value.trim());
    let parsed = toml::from_str::<toml::Table>(&format!("value = {value}")).ok();
    let value = parsed.and_then(|mut table| table.remove("value")).unwrap_or_else(|| value.into());
    Ok((key.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method;
    use imb_core::Labels;

    #[test]
    fn parameters_are_read_and_checked() {
        let smote = method("smote").expect("known");
        let table =
            |texts: &[&str]| texts.iter().map(|text| parse_parameter(text).expect("key=value")).collect();
        let build = |texts: &[&str]| smote.resampler::<Labels>(table(texts));
        assert!(build(&["k_neighbors=3", "sampling_strategy=minority"]).is_ok());
        assert!(build(&["sampling_strategy={ratio=0.5}", "small_classes=shrink"]).is_ok());
        let refused = |texts: &[&str]| build(texts).err().expect("refused").to_string();
        assert!(refused(&["neighbours=3"]).contains("k_neighbors"), "{}", refused(&["neighbours=3"]));
        assert!(refused(&["k_neighbors=-1"]).contains("k_neighbors"), "{}", refused(&["k_neighbors=-1"]));
        assert!(parse_parameter("k_neighbors").is_err());
    }
}
