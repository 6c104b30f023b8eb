//! What a cell is: a number, a gap, or a text, and why it is no number.

use serde::Serialize;

/// The largest whole number below which every whole number is an `f64` of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Texts that stand for a gap among numbers, beside the empty cell.
const GAPS_AMONG_NUMBERS: [&str; 14] =
    ["NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "-nan", "NULL", "Null", "null", "None", "?", "<null>"];

/// Texts that stand for a gap among texts, beside the empty cell. `NA` is none of them: it may be a
/// country or a continent.
const GAPS_AMONG_TEXTS: [&str; 2] = ["?", "<null>"];

/// What the cells of a column are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Among {
    Numbers,
    Texts,
}

/// The texts that stand for a gap: the usual ones and those that the user names.
#[derive(Clone, Copy, Default)]
pub(crate) struct Gaps<'a> {
    /// Named by the user; they count in every column.
    pub(crate) named: &'a [String],
}

impl Gaps<'_> {
    /// Whether a cell of a column whose categories are declared stands for a gap. A category that looks like a
    /// gap among numbers, such as `NA`, is none; one that always is a gap, such as `?`, is quoted where it is
    /// meant as a category.
    pub(crate) fn among_declared(
        self,
        text: &str,
        is_quoted: bool,
        is_declared: impl FnOnce() -> bool,
    ) -> bool {
        let is_gap = |among| !is_quoted && self.has(text, among);
        is_gap(Among::Texts) || (is_gap(Among::Numbers) && !is_declared())
    }

    /// Whether a text, without surrounding space and never between quotes, stands for a gap.
    pub(crate) fn has(self, text: &str, among: Among) -> bool {
        let usual = match among {
            Among::Numbers => &GAPS_AMONG_NUMBERS[..],
            Among::Texts => &GAPS_AMONG_TEXTS[..],
        };
        text.is_empty() || usual.contains(&text) || self.named.iter().any(|named| named == text)
    }
}

/// Whether a text may be read as a gap somewhere, so that a text of that kind is to be quoted.
pub(crate) fn may_be_gap(text: &str) -> bool {
    Gaps::default().has(text, Among::Numbers)
}

/// Whether a text may be read as a number somewhere, so that a text of that kind is to be quoted.
pub(crate) fn may_be_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() || text.replacen(',', ".", 1).parse::<f64>().is_ok()
}

/// A number, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    /// Written without point and exponent.
    pub(crate) whole: bool,
    /// Written with an exponent and without a point, such as `99e0`: perhaps it is a code.
    pub(crate) looks_like_code: bool,
}

/// Why a cell keeps its column from being numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoNumber {
    /// It is a word, a date, or the like.
    Text,
    /// It stands between quotes, in a file that does not quote all of its cells.
    Quoted,
    /// It begins with a zero that a number does not need, as codes do.
    LeadingZero,
    /// It is a whole number of which a double holds no exact copy.
    BigInteger,
    /// It is beyond the range of a double.
    BeyondDouble,
}

impl NoNumber {
    /// Why, in words that follow the cell's text.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Text => "is no number",
            Self::Quoted => "stands between quotes",
            Self::LeadingZero => "begins with a zero that a number does not need",
            Self::BigInteger => "is a whole number above 2^53, which a double does not hold exactly",
            Self::BeyondDouble => "is beyond the range of a double",
        }
    }
}

/// Reads a text without surrounding space as a number; with `comma`, a comma is its decimal point.
pub(crate) fn number(text: &str, comma: bool) -> Result<Number, NoNumber> {
    if !comma {
        return plain_number(text);
    }
    if text.contains('.') {
        return Err(NoNumber::Text);
    }
    plain_number(&text.replacen(',', ".", 1))
}

fn plain_number(text: &str) -> Result<Number, NoNumber> {
    let value: f64 = text.parse().map_err(|_| NoNumber::Text)?;
    let digits = text.as_bytes().strip_prefix(b"-").or_else(|| text.as_bytes().strip_prefix(b"+"));
    let digits = digits.unwrap_or(text.as_bytes());
    if value.is_infinite() && digits.iter().any(u8::is_ascii_digit) {
        return Err(NoNumber::BeyondDouble);
    }
    if let [b'0', next, ..] = digits
        && next.is_ascii_digit()
    {
        return Err(NoNumber::LeadingZero);
    }
    let whole = digits.iter().all(u8::is_ascii_digit);
    if whole && value.abs() >= EXACT && digits != b"9007199254740992" {
        return Err(NoNumber::BigInteger);
    }
    let signs = |byte: &u8| b".+-".contains(byte);
    let looks_like_code = !whole && value.is_finite() && !digits.iter().any(signs);
    Ok(Number { value, whole, looks_like_code })
}

/// The name of a class: its text. Plain decimals that are equal have one name, so that `1.0` is `1` and
/// `-0` is `0`; `001`, `1E2` and `.5` stay as they are.
pub(crate) fn class_name(text: &str) -> &str {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return text;
    }
    let short =
        if unsigned.contains('.') { unsigned.trim_end_matches('0').trim_end_matches('.') } else { unsigned };
    // A minus stays, unless the number is 0.
    if text.starts_with('-') && short != "0" { &text[..=short.len()] } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_number() {
        for text in ["0.50", "+3", ".5", "1e-05", "-0", "0", "0.0", "-1.", "9007199254740992", "inf", "1E5"] {
            assert!(number(text, false).is_ok(), "{text}");
        }
        for (text, why) in [
            ("00501", NoNumber::LeadingZero),
            ("-007.5", NoNumber::LeadingZero),
            ("9007199254740993", NoNumber::BigInteger),
            ("-12345678901234567890", NoNumber::BigInteger),
            ("1e400", NoNumber::BeyondDouble),
            ("47583311587E590003", NoNumber::BeyondDouble),
            ("1,5", NoNumber::Text),
            ("1_000", NoNumber::Text),
            ("18.00.00", NoNumber::Text),
            ("", NoNumber::Text),
        ] {
            assert_eq!(number(text, false), Err(why), "{text}");
        }
        assert!(number("99e0", false).expect("a number").looks_like_code);
        assert!(!number("1e-05", false).expect("a number").looks_like_code);
    }

    #[test]
    fn a_decimal_comma_is_one_point_and_no_other() {
        assert_eq!(number("-0,7578", true).map(|number| number.value), Ok(-0.7578));
        assert_eq!(number("2", true).map(|number| number.whole), Ok(true));
        assert!(number("1.234,5", true).is_err() && number("1,2,3", true).is_err());
        assert!(number("2.5", true).is_err());
    }

    #[test]
    fn only_plain_decimals_share_a_class_name() {
        for (text, name) in [
            ("1.0", "1"),
            ("1", "1"),
            ("+1.50", "1.5"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("-2.0", "-2"),
            ("100", "100"),
            ("001", "001"),
            ("1E2", "1E2"),
            (".5", ".5"),
            ("1.", "1."),
            ("a", "a"),
            ("-", "-"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            assert_eq!(class_name(text), name, "{text}");
        }
    }

    #[test]
    fn na_is_a_gap_among_numbers_only_unless_it_is_named() {
        let usual = Gaps::default();
        assert!(usual.has("NA", Among::Numbers) && !usual.has("NA", Among::Texts));
        assert!(usual.has("", Among::Texts) && usual.has("?", Among::Texts));
        let named = ["NA".to_owned()];
        assert!(Gaps { named: &named }.has("NA", Among::Texts));
    }
}
