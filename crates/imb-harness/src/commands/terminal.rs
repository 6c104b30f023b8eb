//! What reaches the terminal: no control characters and no marks that turn the direction of writing, which
//! names in other people's files may hold.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

/// Prints text and a line end. A reader that has gone away is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", visible(text.trim_end())).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints text and a line end to standard error.
pub(crate) fn print_aside(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{}", visible(text.trim_end())));
}

/// Says on standard error why the program ends with a failure.
pub(crate) fn failure(why: &str) -> ExitCode {
    print_aside(&format!("imb: {why}"));
    ExitCode::FAILURE
}

/// A value as JSON, indented.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String> {
    // Such characters stand within strings only, where they may be written in this way.
    let text = serde_json::to_string_pretty(value)?;
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| safe.push_str(&format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    Ok(safe)
}

/// Prints JSON, indented.
pub(crate) fn print_json<T: Serialize>(value: &T) -> Result<()> {
    print(&json(value)?)
}

/// The text with what a terminal would obey written out.
pub(crate) fn visible(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    safe
}

fn is_unsafe(c: char) -> bool {
    let turns =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    turns || breaks || (c.is_control() && c != '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_turning_marks_are_written_out() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\né\t"), "a\\u{1b}[31m\\u{202e}b\né\\u{9}");
        assert_eq!(json(&"x\u{202e}\u{9b}\n").expect("text"), r#""x\u202e\u009b\n""#);
    }
}
