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
        bytes.extend(b"@attribute ");
        append_declared(&mut bytes, name);
        match kind {
            ColumnKind::Numeric => bytes.extend(b" real"),
            ColumnKind::Integer => bytes.extend(b" integer"),
            ColumnKind::Categorical(values) => {
                bytes.extend(b" {");
                for (place, value) in values.iter().enumerate() {
                    bytes.extend(&b","[..place.min(1)]);
                    append_declared(&mut bytes, value);
                }
                bytes.push(b'}');
            }
        }
        bytes.push(b'\n');
    }
    bytes.extend(b"@data\n");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

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
