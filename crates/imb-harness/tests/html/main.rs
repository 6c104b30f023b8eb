//! The HTML reports: every value is that of the records, nothing is loaded, and pictures say what they show.

mod plots;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use imb_data::Catalog;
use imb_harness::export::Export;
use imb_harness::html::overview;
use imb_harness::paper::{Paper, papers};
use imb_harness::records::Records;
use imb_harness::rendered::{Rendered, reports_in};
use imb_harness::results::{Line, ResultTable, Setting};
use serde_json::Value;

/// A paper and its page.
struct Made {
    paper: Paper,
    records: Records,
    rendered: Rendered,
    page: String,
}

fn made() -> &'static [Made] {
    static MADE: OnceLock<Vec<Made>> = OnceLock::new();
    MADE.get_or_init(|| {
        let make = |paper: Paper| {
            let records = paper.committed_records().expect("readable");
            let rendered = Rendered::new(&paper, &Catalog::built_in(), &records).expect("fits");
            let page = rendered.files().expect("a page")["report.html"].clone();
            Made { paper, records, rendered, page }
        };
        papers(&[]).expect("well formed").into_iter().map(make).collect()
    })
}

/// The tables of a page: caption and cells, without tags.
fn tables(page: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let body = |table: &str| table.split_once("<tbody").expect("a body").1.to_owned();
    let rows = |table: &str| -> Vec<Vec<String>> {
        let rows = body(table);
        rows.split("<tr>").skip(1).map(|row| row.split("<td").skip(1).map(text_of).collect()).collect()
    };
    let caption = |table: &str| {
        let caption = table.split_once("<caption>").expect("a caption").1;
        text_of(&format!(">{}", caption.split("</caption>").next().expect("an end")))
    };
    let all = page.split("<table>").skip(1).map(|table| table.split("</table>").next().expect("an end"));
    all.map(|table| (caption(table), rows(table))).collect()
}

/// The text after the end of the first tag.
fn text_of(cell: &str) -> String {
    let mut text = String::new();
    let mut inside_tag = true;
    for c in cell.chars() {
        match c {
            '<' => inside_tag = true,
            '>' if inside_tag => inside_tag = false,
            c if !inside_tag => text.push(c),
            _ => {}
        }
    }
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, c)| text.replace(entity, c)).trim().to_owned()
}

/// A value written with as many digits as a cell has.
fn written_as(value: f64, cell: &str) -> String {
    let digits =
        cell.split_once('.').map_or(0, |(_, after)| after.chars().take_while(char::is_ascii_digit).count());
    format!("{value:.digits$}")
}

fn expect_number(value: &str, cell: &str, place: &str) {
    if value.is_empty() {
        assert!(cell == "–" || cell == "NA", "{place}: {cell} of nothing");
    } else if let Ok(number) = value.parse::<f64>() {
        assert_eq!(written_as(number, cell), cell, "{place}");
    } else {
        assert_eq!(value, cell, "{place}");
    }
}

/// A percentile; one beyond what was seen says so.
fn expect_percentile(value: Option<f64>, cell: &str, place: &str) {
    let expected = match value {
        None => "–".to_owned(),
        Some(low) if low <= 0.5 => "below P1".to_owned(),
        Some(high) if high >= 99.5 => "above P99".to_owned(),
        Some(middle) => format!("P{middle:.0}"),
    };
    assert_eq!(cell, expected, "{place}");
}

/// The rows of the table whose caption begins so; none where the page has no such table.
fn rows_of<'a>(tables: &'a [(String, Vec<Vec<String>>)], begin: &str) -> &'a [Vec<String>] {
    let found = tables.iter().find(|(caption, _)| caption.starts_with(begin));
    found.map_or(&[][..], |(_, rows)| &rows[..])
}

#[test]
fn details_of_tables_are_those_of_the_csv() {
    let mut compared = 0;
    for made in made() {
        let page_tables = tables(&made.page);
        let details: Vec<_> =
            page_tables.iter().filter(|(caption, _)| caption.starts_with("Details: ")).collect();
        let with_values = made.rendered.tables.iter().filter(|table| {
            let values =
                table.lines.iter().flat_map(|line| &line.settings).flat_map(|setting| &setting.values);
            values.into_iter().any(|value| !value.sample.values.is_empty())
        });
        let with_values: Vec<_> = with_values.collect();
        assert_eq!(details.len(), with_values.len(), "{}", made.paper.spec.id);
        for ((caption, rows), table) in details.into_iter().zip(with_values) {
            let expected: Vec<Vec<String>> = table.to_records().into_iter().skip(1).collect();
            let expected: Vec<_> = expected.iter().filter(|record| record[13] != "0").collect();
            assert_eq!(rows.len(), expected.len(), "{caption}");
            for (cells, csv) in rows.iter().zip(expected) {
                let mut cells = cells.clone();
                if !table.printed {
                    // No printed value, percentile and verdict.
                    cells.insert(4, "–".to_owned());
                    cells.extend(["–".to_owned(), "–".to_owned()]);
                }
                // Mean ranks are of a learner and of no data set.
                let name = match (csv[2].as_str(), csv[3].as_str()) {
                    (row, "") => row.to_owned(),
                    ("", learner) => learner.to_owned(),
                    (row, learner) => format!("{row}, {learner}"),
                };
                assert_eq!([&cells[0], &cells[2], &cells[3]], [&name, &csv[5], &csv[6]], "{caption}");
                let place = format!("{caption}, {cells:?}");
                expect_number(&csv[7], &cells[4], &place);
                expect_number(&csv[8], &cells[5], &place);
                for (cell, [lower, upper]) in [(&cells[6], [9, 10]), (&cells[7], [11, 12])] {
                    let (from, to) = cell.split_once(" to ").unwrap_or((cell, cell));
                    expect_number(&csv[lower], from, &place);
                    expect_number(&csv[upper], to, &place);
                }
                assert_eq!([&cells[8], &cells[9]], [&csv[13], &csv[14]], "{place}");
                expect_percentile(csv[15].parse().ok(), &cells[10], &place);
                let verdict = if csv[16].is_empty() { "–" } else { csv[16].as_str() };
                // A reconstruction says so behind its verdict.
                assert!(cells[11].starts_with(verdict), "{place}");
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "{compared} lines");
}

/// The cell that a table of results shows: the printed value and one of each protocol, with signs.
#[test]
fn cells_of_tables_are_those_of_the_lines() {
    let mut compared = 0;
    for made in made() {
        let page_tables = tables(&made.page);
        for table in &made.rendered.tables {
            let whose = if table.printed { "Table" } else { "Our table" };
            let title = format!("{whose} {}. {}", table.number, table.caption);
            let is_of = |caption: &String| *caption == title;
            let (_, rows) = page_tables.iter().find(|(caption, _)| is_of(caption)).expect("the table");
            assert_eq!(rows.len(), table.lines.len(), "{title}");
            for (cells, line) in rows.iter().zip(&table.lines) {
                assert_eq!(cells.len(), 2 + table.columns.len(), "{cells:?}");
                compared += compare_cells(&cells[2..], line, table);
            }
        }
    }
    assert!(compared > 300, "{compared} values");
}

/// Compares the cells of a line with its values, and tells how many there are.
fn compare_cells(cells: &[String], line: &Line, table: &ResultTable) -> usize {
    let mut protocols: Vec<&str> = Vec::new();
    let settings = table.lines.iter().flat_map(|line| &line.settings);
    for setting in settings.filter(|setting| setting.is_main) {
        if !protocols.contains(&setting.protocol.as_str()) {
            protocols.push(&setting.protocol);
        }
    }
    let mut compared = 0;
    for (column, cell) in cells.iter().enumerate() {
        let of = |protocol: &str| {
            let is_of = |setting: &&Setting| setting.is_main && setting.protocol == protocol;
            line.settings.iter().find(is_of)?.values[column].judged.as_ref()?.mean
        };
        let printed = line.printed[column].filter(|_| table.printed);
        if cell == "–" {
            assert!(
                printed.is_none() && protocols.iter().all(|protocol| of(protocol).is_none()),
                "{cells:?}"
            );
            continue;
        }
        let parts: Vec<&str> = cell.split(" · ").collect();
        let first = usize::from(table.printed);
        assert_eq!(parts.len(), first + protocols.len(), "{cells:?}");
        for (protocol, part) in protocols.iter().zip(&parts[first..]) {
            let number = part.split(' ').next().expect("a word");
            match of(protocol) {
                Some(mean) => {
                    assert_eq!(written_as(mean, number), number, "{cells:?}");
                    compared += 1;
                }
                None => assert!(["–", "NA", "failed"].contains(&number), "{cells:?}"),
            }
        }
        if let Some(printed) = printed.and_then(|printed| printed.value()) {
            assert_eq!(written_as(printed, parts[0]), parts[0], "{cells:?}");
            compared += 1;
        }
    }
    compared
}

#[test]
fn the_first_screen_is_that_of_the_report() {
    let mut compared = 0;
    for made in made() {
        let report: Value = serde_json::to_value(&made.rendered.report).expect("JSON");
        let list = |name: &str| report[name].as_array().expect("a list").clone();
        let page_tables = tables(&made.page);
        assert!(made.page.contains(&made.rendered.report.answer.replace('\'', "&#x27;")));
        let (claims, rows) = (list("claims"), rows_of(&page_tables, "Claims of the paper"));
        assert_eq!(rows.len(), claims.len(), "claims of {}", made.paper.spec.id);
        for (cells, claim) in rows.iter().zip(&claims) {
            assert_eq!(cells[1], claim["protocol"].as_str().expect("text"));
            // Names in backticks are set as code.
            assert_eq!(cells[3], claim["evidence"].as_str().expect("text").replace('`', ""));
            assert_eq!(cells[4], claim["runs"].to_string());
        }
        let (lines, rows) = (shown_lines(&report), lines_of(&page_tables, &report));
        assert_eq!(rows.len(), lines.len(), "lines of {}", made.paper.spec.id);
        for (cells, line) in rows.iter().zip(&lines) {
            compare_line(cells, line);
        }
        let (differences, rows) = (list("differences"), rows_of(&page_tables, "Printed values that differ"));
        assert_eq!(rows.len(), differences.len(), "differences of {}", made.paper.spec.id);
        for (cells, difference) in rows.iter().zip(&differences) {
            assert_eq!(cells[1], difference["reason"].as_str().expect("text"));
            expect_number(&difference["printed"].to_string(), &cells[2], "printed");
            expect_number(&difference["mean"].to_string(), &cells[3], "mean");
        }
        compared += claims.len() + lines.len() + differences.len();
    }
    assert!(compared >= 20, "{compared} rows");
}

/// The lines of a report; none where nothing is known of any.
fn shown_lines(report: &Value) -> Vec<Value> {
    let lines = report["lines"].as_array().expect("lines").clone();
    let is_known = |line: &Value| ["papers", "main", "best_other"].iter().any(|name| !line[*name].is_null());
    if lines.iter().any(is_known) { lines } else { Vec::new() }
}

/// The rows of a page for them.
fn lines_of<'a>(tables: &'a [(String, Vec<Vec<String>>)], report: &Value) -> &'a [Vec<String>] {
    let text = |name: &str| report["printed"][name].as_str().expect("text");
    rows_of(tables, &format!("{} of {} on each data set", text("metric"), text("method")))
}

fn compare_line(cells: &[String], line: &Value) {
    let place = format!("{cells:?}");
    let numbers = [
        (1, &line["printed"]),
        (2, &line["papers"][0]),
        (4, &line["main"]),
        (5, &line["best_other"][1]),
        (6, &line["best_other"][2]),
    ];
    for (column, value) in numbers {
        let text = cells[column].trim_start_matches('+').split(' ').next().expect("a word");
        expect_number(&value.as_f64().map_or(String::new(), |value| value.to_string()), text, &place);
    }
    expect_percentile(line["percentile"].as_f64(), &cells[3], &place);
}

/// A page has the headings of the Markdown report.
#[test]
fn headings_are_those_of_the_report() {
    for made in made() {
        let report = made.rendered.report.to_markdown();
        let headings: Vec<&str> = report.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert!(headings.len() >= 3, "{headings:?}");
        for heading in headings {
            let html = format!("<h2>{}</h2>", heading.replace('\'', "&#x27;"));
            assert!(made.page.contains(&html), "{}: {html}", made.paper.spec.id);
        }
    }
}

#[test]
fn a_page_loads_nothing_and_says_what_its_pictures_show() {
    let pages = made().iter().map(|made| made.page.clone());
    let reports: Vec<_> = made().iter().map(|made| made.rendered.report.clone()).collect();
    for page in pages.chain([overview(&reports).expect("a page")]) {
        for loads in [" src=", "<link", "@import", "url(http", "<iframe", "<object", "<base", "xlink:href"] {
            assert!(!page.contains(loads), "{loads}");
        }
        assert!(page.len() < 1_500_000, "{} bytes", page.len());
        let pictures = page.matches("<svg ").count();
        assert_eq!(page.matches("role=\"img\" aria-label=\"").count(), pictures);
        assert!(!page.contains("aria-label=\"\""), "a picture without words");
        let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique: {ids:?}");
        for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.contains(&link), "#{link}");
        }
    }
}

#[test]
fn a_page_is_made_byte_for_byte_again() {
    for made in made() {
        let again = Rendered::new(&made.paper, &Catalog::built_in(), &made.records).expect("fits");
        assert!(again.files().expect("a page")["report.html"] == made.page, "{}", made.paper.spec.id);
    }
}

/// What is said of all papers beside their folders speaks of the one that was made now and of those saved before, also
/// where only one is saved.
#[test]
fn a_folder_has_the_reports_of_all_its_papers() {
    let folder = tempfile::tempdir().expect("a folder");
    let [moods, adversarial, _] = made() else { panic!("three papers") };
    let place = folder.path().join("moods");
    std::fs::create_dir(&place).expect("created");
    std::fs::write(place.join("records.jsonl.zst"), moods.records.to_committed().expect("a file"))
        .expect("written");
    let now = vec![adversarial.rendered.report.clone()];
    let reports = reports_in(folder.path(), now, &Catalog::built_in()).expect("readable");
    let lines: Vec<String> = reports.iter().map(|report| report.line()).collect();
    assert_eq!(lines, [&moods.rendered.report, &adversarial.rendered.report].map(|report| report.line()));
    std::fs::write(place.join("records.jsonl.zst"), "cut").expect("written");
    let error = reports_in(folder.path(), vec![], &Catalog::built_in()).expect_err("damaged");
    assert!(format!("{error:#}").contains("moods/records.jsonl.zst"), "{error:#}");
}
