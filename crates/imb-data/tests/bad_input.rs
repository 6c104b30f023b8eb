//! Files that are at fault, and the message that each gets: file, line, column and the text at
//! fault. Nothing here may panic, hang or fill the memory.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use imb_data::{
    Header, LabelSet, ReadOptions, TargetRule, read, read_bytes, read_label_names, read_label_names_bytes,
};

/// The message that a file gets. The ending of its name tells the format.
fn message(name: &str, content: impl AsRef<[u8]>) -> String {
    let (name, bytes) = (Path::new(name), content.as_ref().to_vec());
    let outcome = if name.extension().is_some_and(|ending| ending == "xml") {
        read_label_names_bytes(name, bytes).map(drop)
    } else {
        read_bytes(name, bytes, &ReadOptions::default()).map(drop)
    };
    outcome.expect_err("a file at fault").to_string()
}

/// Each file gets its message, which begins with the file's name.
fn check<C: AsRef<[u8]>>(name: &str, cases: &[(C, &str)]) {
    for (content, expected) in cases {
        let shown = String::from_utf8_lossy(content.as_ref()).into_owned();
        assert_eq!(message(name, content), format!("{name}{expected}"), "of {shown:?}");
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("to memory");
    encoder.finish().expect("to memory")
}

#[test]
fn bytes_that_are_no_text() {
    let encoding = |place: &str, detail: &str| {
        format!("{place}: is not UTF-8 text ({detail}): convert it, for example with iconv -t utf-8")
    };
    let damaged = |detail: &str| format!(": gzip data cut short or damaged ({detail}): get the file again");
    let gz = gzip(b"a,b\n1,2\n");
    let zero = "it holds a zero byte, as programs and spreadsheets do";
    let cases = [
        (b"\xff\xfea\0,\0b\0".to_vec(), encoding("", "it is UTF-16")),
        (b"\xfe\xff\0a\0,\0b".to_vec(), encoding("", "it is UTF-16")),
        (b"a,b\nx,\0y\n".to_vec(), encoding(", line 2", zero)),
        (b"a,b\nx,y\nM\xfcller,z\n".to_vec(), encoding(", line 3", "perhaps it is Latin-1")),
        (gzip(b"a,b\n\xe9,1\n"), encoding(", line 2", "perhaps it is Latin-1")),
        (gz[..gz.len() - 9].to_vec(), damaged("it ends early")),
        (gz[..5].to_vec(), damaged("it ends early")),
        ([&gz[..], b"no gzip stream"].concat(), damaged("invalid gzip header")),
        (gzip(b"a,b\nx\n"), ", line 2: \"x\" has 1 cells where 2 are needed".to_owned()),
    ];
    for (content, expected) in cases {
        assert_eq!(message("bad.csv", content), format!("bad.csv{expected}"));
    }
}

#[test]
fn a_file_that_is_made_to_fill_the_memory_is_refused() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let megabyte = "a,b\n".repeat(1 << 18);
    (0..257).for_each(|_| encoder.write_all(megabyte.as_bytes()).expect("to memory"));
    let packed = encoder.finish().expect("to memory");
    let expected = format!("is packed in {} bytes and unpacks to more than {}", packed.len(), 256 << 20);
    let message = message("bomb.csv.gz", packed);
    assert!(message.contains(&expected), "{message}");
}

#[test]
fn delimited_text() {
    check(
        "bad.csv",
        &[
            ("", ", line 1: holds no data rows"),
            ("\n \r\n\n", ", line 1: holds no data rows"),
            ("a,b\n", ", line 1: holds no data rows"),
            ("a,b\n\n\n", ", line 1: holds no data rows"),
            ("\u{feff}", ", line 1: holds no data rows"),
            (
                "\n1.5,x\n2,y\n",
                ", line 2: \"1.5\" is a number in the first row, which may be data: say --no-header to keep the row, --header if it holds column names",
            ),
            ("\u{feff}a,b\r\n1,2\r\n1\r\n", ", line 3: \"1\" has 1 cells where 2 are needed"),
            ("a,b\n1,2\n\n\n1,2,3\n", ", line 5: \"1,2,3\" has 3 cells where 2 are needed"),
            ("a,b\n\"x\ny\n\",1\n\n1\n", ", line 6: \"1\" has 1 cells where 2 are needed"),
            ("a,b\r\r1,2\r1\r", ", line 4: \"1\" has 1 cells where 2 are needed"),
            ("a b\n1 2\n\n1 2 3\n", ", line 4: \"1,2,3\" has 3 cells where 2 are needed"),
            ("@time,b\n1\n", ", line 2: \"1\" has 1 cells where 2 are needed"),
            ("a,b,a\n1,2,3\n", ", line 1: \"a\" is the name of column 1 already: rename one of them"),
        ],
    );
}

#[test]
fn open_quotes() {
    let open = "a quote is opened and not closed: the file may be cut short";
    for (content, place) in [
        ("a,b\n1,2\n3,\"x\n4,5\n", ", line 3: \"3,\"x\n4,5\""),
        ("a,b\n1,2\n\"", ", line 3: \"\"\""),
        ("a,b\n1,2\n\n\n\"  \n", ", line 5: \"\"\""),
        ("a b\n1 2\n3 \"x\n", ", line 3: \"3 \"x\""),
    ] {
        assert_eq!(message("bad.csv", content), format!("bad.csv{place} {open}"), "of {content:?}");
    }
    let long = "\"".repeat(10_000_001);
    for name in ["bad.csv", "bad.dat", "bad.arff", "bad.xml"] {
        let message = message(name, &long);
        assert!(message.len() < 500, "{name}: {} bytes", message.len());
    }
}

#[test]
fn declarations() {
    for name in ["bad.arff", "bad.dat"] {
        check(
            name,
            &[
                (
                    "@relation r\n@attribute note relational\n@data\nx\n",
                    ", line 2: \"@attribute note relational\" attributes of type relational are not supported: \
                     remove it",
                ),
                (
                    "@relation r\n@attribute a real\n@attribute a real\n@data\n1,2\n",
                    ", line 4: \"a\" is the name of column 1 already: rename one of them",
                ),
                ("@relation r\n@attribute a real\n\n", ", line 2: no @data line: the file may be cut short"),
                ("@relation r\n@data\n{}\n", ", line 2: no @attribute line before @data"),
                (
                    "@attribute a real\n@data 1\n2\n",
                    ", line 2: \"@data 1\" rows begin on the line below @data",
                ),
                (
                    "@attribute a {x, y\n@data\nx\n",
                    ", line 1: \"@attribute a {x, y\" the list of values is not closed with }",
                ),
                (
                    "@attribute a\n@data\nx\n",
                    ", line 1: \"@attribute a\" an attribute needs a name and a type",
                ),
                ("@attribute a real\n@what\n", ", line 2: \"@what\" is no declaration known here"),
                ("@attribute a real\n@data\n", ", line 2: holds no data rows"),
                (
                    "@attribute a {x, y}\n@data\nx\n\nz\n",
                    ", line 5, column \"a\": \"z\" is none of the declared values: x, y",
                ),
                ("@attribute a real\n@data\n1\n\n1,2\n", ", line 5: \"1,2\" has 2 cells where 1 are needed"),
            ],
        );
    }
    check("bad.arff", &[("1,2\n", ", line 1: \"1,2\" is no declaration known here")]);
}

#[test]
fn rows_of_arff() {
    let head = "@relation r\n@attribute n numeric\n% note\n\n@attribute 'c d' {x, 'y, z', \"it's\"}\n@data\n";
    let second = "\"2\" is the second value of this attribute in one row";
    let unclosed = "a sparse row is not closed with } outside quotes: the file may be cut short";
    let misshaped = "a sparse cell is a number of an attribute and a value";
    for (rows, place, problem) in [
        ("1,w\n", "7, column \"c d\": \"w\"", "is none of the declared values: x, y, z, it's"),
        (
            "1,x\n\n% note\nz,x\n",
            "10, column \"n\": \"z\"",
            "is not a number, as the attribute's declaration asks",
        ),
        ("1,x\n\n1,y, z\n", "9: \"1,y, z\"", "has 3 cells where 2 are needed"),
        ("1\n", "7: \"1\"", "has 1 cells where 2 are needed"),
        ("1,'x\n", "7: \"1,'x\"", "a quote is opened and not closed: the file may be cut short"),
        ("1,'x' y\n", "7: \"1,'x' y\"", "a comma is missing after a quoted text"),
        ("{0 1}\n{2 1}\n", "8: \"2 1\"", "there are 2 attributes, numbered from 0"),
        ("{4294967295 1}\n", "7: \"4294967295 1\"", "there are 2 attributes, numbered from 0"),
        ("{99999999999999999999 1}\n", "7: \"99999999999999999999 1\"", misshaped),
        ("{-1 1}\n", "7: \"-1 1\"", misshaped),
        ("{0 1,}\n", "7: \"\"", misshaped),
        ("{0 1\n", "7: \"0 1\"", unclosed),
        ("{1 'y, z}\n", "7: \"1 'y, z}\"", unclosed),
        ("{0 1,0 2}\n", "7, column \"n\":", second),
        ("1,x\n{0 0,0 2}\n", "8, column \"n\":", second),
        ("{1 'x' y}\n", "7: \"1 'x' y\"", "a comma is missing after a quoted text"),
        ("{1 y 'a, b'}\n", "7: \"1 y 'a, b'\"", "holds commas: put all of it between quotes"),
        ("{0 1}, {5}\n", "7: \", {5}\"", "follows a sparse row; instance weights are not supported"),
    ] {
        let expected = format!("bad.arff, line {place} {problem}");
        assert_eq!(message("bad.arff", format!("{head}{rows}")), expected, "of {rows:?}");
    }
}

#[test]
fn label_files() {
    check(
        "bad.xml",
        &[
            ("", ", line 1: is not well-formed XML: the document does not have a root node"),
            (
                "<labels>\n<label name=\"a\">\n</labels>",
                ", line 3: is not well-formed XML: expected 'label' tag, not 'labels' at 3:1",
            ),
            ("<labels/>", ", line 1: names no <label>"),
            ("<labels>\n<label/></labels>", ", line 2: a label without a name"),
            ("<l><label name=\"a\"/>\n<label name=\"a\"/></l>", ", line 2: \"a\" is the name of two labels"),
            (
                "<!DOCTYPE l [<!ENTITY e \"e\">]><l/>",
                ", line 1: is not well-formed XML: XML with DTD detected",
            ),
        ],
    );
    let depth = 100_000;
    let deep = format!("{}<label name=\"a\"/>{}", "<l>".repeat(depth), "</l>".repeat(depth));
    let names = read_label_names_bytes(Path::new("deep.xml"), deep.into_bytes()).expect("well-formed");
    assert_eq!(names, ["a"]);
    assert!(message("bad.xml", "<l>".repeat(depth)).contains("not well-formed"));

    let attributes: String = (0..50_000).map(|number| format!(" a{number}=\"\"")).collect();
    let namespaces: String = (0..20_000).map(|number| format!("<l xmlns:n{number}=\"u\">")).collect();
    let refused = ", line 1: has too many attributes or namespaces for a file of labels";
    check("bad.xml", &[(format!("<l{attributes}/>"), refused), (namespaces, refused)]);
}

#[test]
fn targets() {
    let file = Path::new("bad.csv");
    let table = |content: &str| {
        let parsed = read_bytes(file, content.as_bytes().to_vec(), &ReadOptions::default());
        parsed.expect("readable").table
    };
    let class = |column: &str, content: &str| {
        TargetRule::classes_of(column).apply(table(content), file).expect_err("no target").to_string()
    };
    assert_eq!(class("c", "a,c\n1,x\n2,\n"), "bad.csv, column \"c\": the target is missing in data row 2");
    assert_eq!(class("d", "a,c\n1,x\n"), "bad.csv: \"d\" is not a column; known: a, c");
    assert_eq!(class("3", "a,c\n1,x\n"), "bad.csv: \"3\" is not a column; known: a, c");

    let labels = |name: &str, content: &str| {
        let set = LabelSet::Names(vec![name.to_owned()]);
        set.apply(table(content), file).expect_err("no labels").to_string()
    };
    assert_eq!(
        labels("absent", "a,l\n1,0\n"),
        "bad.csv: \"absent\" is named as a label, but there is no such column"
    );
    assert_eq!(labels("l", "a,l\n1,0\n1,2\n"), "bad.csv, column \"l\": \"2\" is no label: a label is 0 or 1");
    assert_eq!(
        labels("l", "a,l\n1,0\n1,\n"),
        "bad.csv, column \"l\": \"a gap\" is no label: a label is 0 or 1"
    );
}

#[test]
fn folders_and_files_that_are_not_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fails = |path: &Path| {
        let table = read(path, &ReadOptions::default()).map(drop).expect_err("no file").to_string();
        let labels = read_label_names(path).map(drop).expect_err("no file").to_string();
        assert_eq!(table, labels);
        table.replace(&path.display().to_string(), "FILE")
    };
    assert_eq!(fails(folder.path()), "FILE: is a folder: name a file in it");
    assert!(fails(&folder.path().join("absent.csv")).starts_with("FILE: cannot be read: "));
}

#[test]
fn a_long_line_is_read_and_its_message_stays_short() {
    let long = "x".repeat(10_000_000);
    let good = format!("a,b\n1,{long}\n2,y\n").into_bytes();
    let table = read_bytes(Path::new("long.csv"), good, &ReadOptions::default()).expect("valid").table;
    assert_eq!(table.n_rows(), 2);

    for (name, content) in [
        ("bad.csv", format!("{long}\n")),
        ("bad.csv", format!("a,b\n{long}\n")),
        ("bad.csv", format!("a,{long},{long}\n1,2,3\n")),
        ("bad.csv", format!("a,b\n1,\"{long}\n")),
        ("bad.arff", format!("@attribute a numeric\n@data\n{long}\n")),
        ("bad.arff", format!("@attribute a numeric\n@data\n{{{long}\n")),
        ("bad.arff", format!("@attribute a numeric\n@data\n{{0 {long}}}\n")),
        ("bad.arff", format!("@attribute {long} numeric\n@data\nx\n")),
        ("bad.arff", format!("@attribute a {long}\n@data\n1\n")),
        ("bad.arff", format!("@attribute a {{{long},y}}\n@data\nz\n")),
        ("bad.dat", format!("@attribute a {{x,y}}\n@data\n{long}\n")),
        ("bad.xml", long.clone()),
        ("bad.xml", format!("<{long}></label>")),
        ("bad.xml", format!("<l><label name=\"{long}\"/><label name=\"{long}\"/></l>")),
    ] {
        let start: String = content.chars().take(60).collect();
        let message = message(name, content);
        assert!(message.len() < 500, "{name}, {start}: {} bytes", message.len());
    }
}

#[test]
fn few_bytes_never_stand_for_many_cells() {
    let attributes: String = (0..100_000).map(|number| format!("@attribute a{number} numeric\n")).collect();
    let content = format!("{attributes}@data\n{}1\n{}", "1,".repeat(99_999), "{}\n".repeat(100_000));
    let parsed = read_bytes(Path::new("x.arff"), content.into_bytes(), &ReadOptions::default());
    let table = parsed.expect("ten thousand million cells, nearly all of them 0").table;
    assert_eq!((table.n_rows(), table.n_columns()), (100_001, 100_000));
    assert_eq!((table.columns()[7].values.get(0), table.columns()[7].values.get(1)), (1.0, 0.0));
}

#[test]
fn odd_numbers_are_read_as_rust_writes_them() {
    let options = ReadOptions { header: Header::Present, ..ReadOptions::default() };
    let content = "x,y\n1e-999,a\n-0,a\ninf,a\n-Infinity,a\n5e-324,a\nNaN,a\nnan,a\nNA,a\n NAN ,a\n";
    let table = read_bytes(Path::new("odd.csv"), content.into(), &options).expect("all are numbers").table;
    let values = table.columns()[0].values.to_dense(9);
    let (infinity, least) = (f64::INFINITY, f64::from_bits(1));
    assert_eq!(values[..5], [0.0, 0.0, infinity, -infinity, least]);
    assert!(values[1].is_sign_negative());
    assert!(values[5..].iter().all(|value| value.is_nan()));
}

#[test]
fn numbers_that_are_said_to_be_some_are_named_where_they_are_none() {
    let options = ReadOptions { numeric: vec!["b".to_owned()], ..ReadOptions::default() };
    let read = |content: &str| read_bytes(Path::new("bad.csv"), content.as_bytes().to_vec(), &options);
    let error = read("a,b\nx,01\n\nx,2\nx,3..5\n").expect_err("a misprint").to_string();
    let expected = "bad.csv, line 5, column \"b\": \"3..5\" is not a number, as --numeric says of its column: mend \
                    the cell, or name it with --missing";
    assert_eq!(error, expected);
    let table = read("a,b\nx,01\n\nx,\"2\"\n").expect("numbers").table;
    assert_eq!(table.columns()[1].values.to_dense(2), [1.0, 2.0]);
}
