//! The HTML reports: every value is that of the records, nothing is loaded, and pictures say what they show.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use imb_data::Catalog;
use imb_harness::export::Export;
use imb_harness::html::overview;
use imb_harness::measure::Measure;
use imb_harness::paper::{Paper, papers};
use imb_harness::records::Records;
use imb_harness::rendered::Rendered;
use imb_harness::spec::{Evaluation, TableSpec, TrainingRows};
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
    let body = |table: &str| table.split_once("<tbody>").expect("a body").1.to_owned();
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
                expect_number(&csv[15], cells[10].trim_start_matches('P'), &place);
                let verdict = if csv[16].is_empty() { "–" } else { csv[16].as_str() };
                // A reconstruction says so behind its verdict.
                assert!(cells[11].starts_with(verdict), "{place}");
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "{compared} lines");
}

/// The cell that a table of results shows: printed and measured values with signs.
#[test]
fn cells_of_tables_are_those_of_the_lines() {
    for made in made() {
        let page_tables = tables(&made.page);
        for table in &made.rendered.tables {
            let whose = if table.printed { "Table" } else { "Table of our own" };
            let title = format!("{whose} {}. {}", table.number, table.caption);
            let is_of = |caption: &String| *caption == title;
            let (_, rows) = page_tables.iter().find(|(caption, _)| is_of(caption)).expect("the table");
            assert_eq!(rows.len(), table.lines.len());
            for (cells, line) in rows.iter().zip(&table.lines) {
                for (column, cell) in cells[2..].iter().enumerate() {
                    let parts: Vec<&str> = cell.split(" · ").collect();
                    if parts == ["–"] {
                        continue;
                    }
                    let settings = line.settings.iter().filter(|setting| setting.is_main);
                    let ours = settings.map(|setting| &setting.values[column]);
                    let first = usize::from(table.printed);
                    for (value, part) in ours.zip(parts.iter().skip(first)) {
                        let mean = value.judged.as_ref().and_then(|judged| judged.mean);
                        let number = part.split(' ').next().expect("a word");
                        match mean {
                            Some(mean) => assert_eq!(written_as(mean, number), number, "{cells:?}"),
                            None => assert!(["–", "NA", "failed"].contains(&number), "{cells:?}"),
                        }
                    }
                    if let Some(printed) = line.printed[column].and_then(|printed| printed.value()) {
                        assert_eq!(written_as(printed, parts[0]), parts[0], "{cells:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_first_screen_is_that_of_the_report() {
    for made in made() {
        let report: Value = serde_json::to_value(&made.rendered.report).expect("JSON");
        let page_tables = tables(&made.page);
        let rows_of = |begin: &str| {
            let found = page_tables.iter().find(|(caption, _)| caption.starts_with(begin));
            found.map(|(_, rows)| rows.clone()).unwrap_or_default()
        };
        assert!(made.page.contains(&made.rendered.report.answer.replace('\'', "&#x27;")));
        for (cells, claim) in rows_of("Claims").iter().zip(report["claims"].as_array().expect("claims")) {
            assert_eq!(cells[2], claim["evidence"].as_str().expect("text"));
            assert_eq!(cells[3], claim["runs"].to_string());
        }
        let scope = report["printed"]["method"].as_str();
        let lines = scope.map(|method| {
            rows_of(&format!("{} of {method}", report["printed"]["metric"].as_str().expect("text")))
        });
        for (cells, line) in lines.unwrap_or_default().iter().zip(report["lines"].as_array().expect("lines"))
        {
            let numbers = [
                &line["printed"],
                &line["papers"][0],
                &line["percentile"],
                &line["main"],
                &line["best_other"][1],
            ];
            for (cell, value) in cells[1..].iter().zip(numbers) {
                let text = cell.trim_start_matches('P').split(' ').next().expect("a word");
                expect_number(&value.as_f64().map_or(String::new(), |value| value.to_string()), text, cell);
            }
        }
        for (cells, difference) in rows_of("Printed values that differ")
            .iter()
            .zip(report["differences"].as_array().expect("a list"))
        {
            assert_eq!(cells[1], difference["reason"].as_str().expect("text"));
            expect_number(&difference["printed"].to_string(), &cells[2], "printed");
            expect_number(&difference["mean"].to_string(), &cells[3], "mean");
        }
    }
}

/// The records of a family of runs under the main protocol.
fn family<'a>(
    made: &'a Made,
    dataset: &'a str,
    column: &'a str,
) -> impl Iterator<Item = &'a imb_harness::record::Record> {
    let protocol = made.paper.spec.focus().expect("a focus").protocol;
    made.records.iter().filter(move |record| {
        let place = &record.place;
        (place.dataset.as_str(), place.protocol.as_str(), place.column.as_str())
            == (dataset, protocol, column)
            && place.rows == TrainingRows::Train
            && place.learner.is_none()
            && place.setting.is_empty()
            && record.key.device == imb_core::Device::Cpu
    })
}

/// The values of a metric of a family's runs, taken from the records and from nothing else.
fn values(made: &Made, dataset: &str, column: &str) -> BTreeMap<(Option<usize>, usize, Option<usize>), f64> {
    let focus = made.paper.spec.focus().expect("a focus");
    let measure = Measure::named(focus.metric).expect("known");
    let value = |record: &imb_harness::record::Record| {
        let value = measure.of(record.done()?, None, Evaluation::Last).ok()?;
        Some(((record.place.start, record.place.run, record.place.fold), value))
    };
    family(made, dataset, column).filter_map(value).collect()
}

#[test]
fn forests_show_differences_of_the_records() {
    let catalog = Catalog::built_in();
    let mut compared = 0;
    for made in made() {
        let Some(focus) = made.paper.spec.focus() else { continue };
        let shows = |table: &&TableSpec| table.lines.iter().any(|line| line.metric == focus.metric);
        let in_percent = made.paper.spec.tables.iter().find(shows).is_some_and(|table| table.percent);
        let scale = if in_percent { 100.0 } else { 1.0 };
        for plot in made.rendered.plots.iter().filter(|plot| plot.name == "forest") {
            for cells in &plot.numbers.rows {
                let is_row =
                    |entry: &&imb_data::Entry| entry.paper == made.paper.spec.id && entry.row == cells[0];
                let entry = catalog.entries.iter().find(is_row).expect("a data set");
                let (before, after) =
                    (values(made, &entry.name, focus.baseline), values(made, &entry.name, &cells[1]));
                let pairs: Vec<f64> =
                    after.iter().filter_map(|(run, value)| Some(value - before.get(run)?)).collect();
                assert_eq!(cells[2], pairs.len().to_string(), "{cells:?}");
                let mean = scale * pairs.iter().sum::<f64>() / pairs.len() as f64;
                assert_eq!(cells[3].trim_start_matches('+'), written_as(mean, &cells[3]), "{cells:?}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 10, "{compared} differences");
}

/// Seconds and scores of the plot of cost, as means of the records.
#[test]
fn costs_are_those_of_the_records() {
    let catalog = Catalog::built_in();
    let mut compared = 0;
    for made in made().iter().filter(|made| made.paper.spec.learners.is_empty()) {
        let Some(focus) = made.paper.spec.focus() else { continue };
        let shows = |table: &&TableSpec| table.lines.iter().any(|line| line.metric == focus.metric);
        let in_percent = made.paper.spec.tables.iter().find(shows).is_some_and(|table| table.percent);
        let scale = if in_percent { 100.0 } else { 1.0 };
        for plot in made.rendered.plots.iter().filter(|plot| plot.name == "cost") {
            let rows = plot.legend.split_once("have: ").and_then(|(_, rest)| rest.split_once(". Seconds"));
            let rows: Vec<&str> = rows.expect("the data sets").0.split(", ").collect();
            let named =
                |row: &&str| catalog.entries.iter().find(|e| e.paper == made.paper.spec.id && e.row == **row);
            let names: Vec<&str> =
                rows.iter().map(|row| named(row).expect("a data set").name.as_str()).collect();
            for cells in &plot.numbers.rows {
                let of_sets = |of: &dyn Fn(&str) -> Vec<f64>| mean(names.iter().map(|name| mean(of(name))));
                let seconds = of_sets(&|name| {
                    family(made, name, &cells[0]).map(|record| record.cost.seconds()).collect()
                });
                let score = of_sets(&|name| values(made, name, &cells[0]).into_values().collect());
                assert_eq!(written_as(seconds, &cells[1]), cells[1], "{cells:?}");
                assert_eq!(written_as(scale * score, &cells[2]), cells[2], "{cells:?}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 5, "{compared} columns");
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// Our side of a comparison with other runs: as many records, and their mean, least and greatest value.
#[test]
fn comparisons_are_those_of_the_records() {
    let catalog = Catalog::built_in();
    let mut compared = 0;
    for made in made() {
        let page_tables = tables(&made.page);
        for spec in made.paper.spec.comparisons.iter().filter(|spec| spec.against.is_none()) {
            let Some((_, rows)) = page_tables.iter().find(|(caption, _)| *caption == spec.title) else {
                continue;
            };
            for cells in rows {
                let is_row = |e: &&imb_data::Entry| e.paper == made.paper.spec.id && e.row == cells[0];
                let entry = catalog.entries.iter().find(is_row).expect("a data set");
                let measure = Measure::named(&cells[2]).expect("known");
                let ours: Vec<f64> = made
                    .records
                    .iter()
                    .filter(|record| {
                        let place = &record.place;
                        (&place.dataset, &place.protocol, &place.column)
                            == (&entry.name, &spec.protocol, &cells[1])
                            && place.start.is_none()
                            && place.run < spec.runs
                            && place.rows == TrainingRows::Train
                            && record.key.device == imb_core::Device::Cpu
                    })
                    .filter_map(|record| measure.of(record.done()?, None, Evaluation::Last).ok())
                    .collect();
                assert_eq!(cells[3].split(' ').next(), Some(ours.len().to_string().as_str()), "{cells:?}");
                let (shown, range) = cells[4].split_once(" (").expect("a mean and a range");
                let (least, most) = range.trim_end_matches(')').split_once(" to ").expect("a range");
                let ends = [f64::min, f64::max].map(|end| ours.iter().copied().reduce(end).expect("a run"));
                for (value, text) in [(mean(ours.clone()), shown), (ends[0], least), (ends[1], most)] {
                    assert_eq!(written_as(value, text), text, "{cells:?}");
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 9, "{compared} lines");
}

/// The printed values of a dumb-bell stand where its axis has them: places are a straight line of values.
#[test]
fn diamonds_stand_at_the_printed_values() {
    let mut compared = 0;
    for made in made() {
        for plot in made.rendered.plots.iter().filter(|plot| plot.name.starts_with("dumb_bells")) {
            let svg = plot.drawn.as_ref().expect("a picture").to_svg();
            let place =
                |path: &str| path.split(' ').next().and_then(|x| x.parse::<f64>().ok()).map(|x| x + 5.0);
            let places: Vec<f64> = svg.split("d=\"M").skip(1).filter_map(place).collect();
            let printed: Vec<f64> =
                plot.numbers.rows.iter().map(|row| row[2].parse().expect("a number")).collect();
            assert_eq!(places.len(), printed.len(), "{}", plot.name);
            let (first, last) = (
                (0..printed.len()).min_by(|&a, &b| printed[a].total_cmp(&printed[b])).expect("a row"),
                (0..printed.len()).max_by(|&a, &b| printed[a].total_cmp(&printed[b])).expect("a row"),
            );
            if printed[last] > printed[first] {
                let slope = (places[last] - places[first]) / (printed[last] - printed[first]);
                for (x, value) in places.iter().zip(&printed) {
                    let expected = places[first] + slope * (value - printed[first]);
                    assert!((x - expected).abs() < 0.05, "{}: {value} at {x}, not {expected}", plot.name);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 20, "{compared} marks");
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
