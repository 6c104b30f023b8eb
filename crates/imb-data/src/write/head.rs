//! What stands above the rows.

use imb_core::ColumnKind;

use super::cell::{Style, append_declared};

/// The names of columns, parted and ended.
pub(crate) fn names(style: Style, names: &[&str], line_end: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            bytes.push(style.delimiter());
        }
        style.append_name(&mut bytes, name, place == 0);
    }
    bytes.extend(line_end.as_bytes());
    bytes
}

/// The declarations of ARFF and KEEL.
pub(crate) fn declarations(relation: &str, columns: &[(&str, &ColumnKind)]) -> Vec<u8> {
    let mut bytes = b"@relation ".to_vec();
    append_declared(&mut bytes, relation);
    bytes.push(b'\n');
    for (name, kind) in columns {
        append_attribute(&mut bytes, name, kind);
        bytes.push(b'\n');
    }
    bytes.extend(b"@data\n");
    bytes
}

fn append_attribute(bytes: &mut Vec<u8>, name: &str, kind: &ColumnKind) {
    bytes.extend(b"@attribute ");
    append_declared(bytes, name);
    match kind {
        ColumnKind::Numeric => bytes.extend(b" real"),
        ColumnKind::Integer => bytes.extend(b" integer"),
        ColumnKind::Categorical(values) => {
            bytes.extend(b" {");
            for (place, value) in values.iter().enumerate() {
                bytes.extend(&b","[..place.min(1)]);
                append_declared(bytes, value);
            }
            bytes.push(b'}');
        }
    }
}

/// The head of an ARFF or KEEL file with `extra` columns declared below its own, and with the ranges that KEEL
/// declares widened to those of the new rows, by column. None of a head whose lines do not end in line feeds.
pub(crate) fn extended(
    head: &str,
    extra: &[(&str, &ColumnKind)],
    new_ranges: &[Option<(f64, f64)>],
) -> Option<Vec<u8>> {
    let is_attribute =
        |line: &&str| line.trim_start().get(..10).is_some_and(|word| word.eq_ignore_ascii_case("@attribute"));
    let lines: Vec<&str> = head.split_inclusive('\n').collect();
    let last = lines.iter().rposition(is_attribute)?;
    if lines[..=last].iter().any(|line| line.trim_end_matches(['\r', '\n']).contains('\r')) {
        return None;
    }
    let (mut bytes, mut ranges) = (Vec::new(), new_ranges.iter());
    for line in &lines[..=last] {
        let range = if is_attribute(line) { ranges.next().copied().flatten() } else { None };
        match range.and_then(|range| widened(line, range)) {
            Some(line) => bytes.extend(line),
            None => bytes.extend(line.as_bytes()),
        }
    }
    let line_end = if lines[last].ends_with("\r\n") { "\r\n" } else { "\n" };
    for (name, kind) in extra {
        append_attribute(&mut bytes, name, kind);
        bytes.extend(line_end.as_bytes());
    }
    lines[last + 1..].iter().for_each(|line| bytes.extend(line.as_bytes()));
    Some(bytes)
}

/// A declaration such as `@attribute a real [1.0, 2.0]` with a range that holds new values too; none if it holds
/// them already, or declares no range.
fn widened(line: &str, (least, most): (f64, f64)) -> Option<Vec<u8>> {
    let (start, end) = (line.rfind('[')?, line.rfind(']')?);
    let (low, high) = line.get(start + 1..end)?.split_once(',')?;
    let (low, high): (f64, f64) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    if least >= low && most <= high {
        return None;
    }
    let kind = line[..start].trim_end().to_ascii_lowercase();
    // Brackets may stand in names and categories too.
    if !["real", "integer", "numeric"].iter().any(|word| kind.ends_with(word)) {
        return None;
    }
    let whole = kind.ends_with("integer");
    let mut bytes = line.as_bytes()[..=start].to_vec();
    Style::Declared.append_number(&mut bytes, low.min(least), whole, false);
    bytes.extend(b", ");
    Style::Declared.append_number(&mut bytes, high.max(most), whole, false);
    bytes.extend(&line.as_bytes()[end..]);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_kept_and_extended() {
        let head = "% a note\r\n@relation t\r\n@attribute a real [1.0, 2.0]\r\n@attribute n integer [0,10]\r\n\
                    @attribute c {p, n}\r\n@inputs a, n\r\n@outputs c\r\n@data\r\n";
        let ranges = [Some((1.5, 2.25)), Some((-1.0, 3.0)), Some((0.0, 1.0))];
        let text = |bytes: Option<Vec<u8>>| String::from_utf8(bytes.expect("lines")).expect("UTF-8");
        assert_eq!(text(extended(head, &[], &[None; 3])), head);
        let expected = head.replace("[1.0, 2.0]", "[1.0, 2.25]").replace("[0,10]", "[-1, 10]");
        assert_eq!(text(extended(head, &[], &ranges)), expected);
        let origin = "@attribute origin_seed integer\r\n@inputs";
        let with_origin = text(extended(head, &[("origin_seed", &ColumnKind::Integer)], &[]));
        assert_eq!(with_origin, head.replace("@inputs", origin));
        assert_eq!(extended("@attribute a real\r@data\r", &[], &[None]), None);
        let brackets = "@attribute 'x [0,1]' real\n@attribute age {'[18,30]','[31,50]'}\n@data\n";
        assert_eq!(text(extended(brackets, &[], &[Some((-5.0, 70.0)); 2])), brackets, "no ranges");
    }

    #[test]
    fn names_and_declarations_by_hand() {
        let comma = Style::Delimited { delimiter: b',', quote_all: false };
        assert_eq!(names(comma, &["#a", "b c", "d,e"], "\n"), b"\"#a\",b c,\"d,e\"\n");
        let values = ColumnKind::Categorical(vec!["x".into(), "y z".into()]);
        let head = declarations("table: -C 1", &[("n", &ColumnKind::Integer), ("b c", &values)]);
        let expected = "@relation 'table: -C 1'\n@attribute n integer\n@attribute 'b c' {x,'y z'}\n@data\n";
        assert_eq!(String::from_utf8(head).expect("UTF-8"), expected);
    }
}
