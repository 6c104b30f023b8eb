//! Plots and figures: every value is that of the records, and pictures say what they show.

use std::collections::BTreeMap;

use imb_data::Catalog;
use imb_harness::measure::Measure;
use imb_harness::spec::{Evaluation, Statistic, TableSpec, TrainingRows};

use super::{Made, made, tables, written_as};

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

/// Seconds of the plot of cost, as the means of the last stage and of those before it, and scores, as means of the
/// records.
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
                    let costs: Vec<_> = family(made, name, &cells[0]).map(|record| &record.cost).collect();
                    let own = mean(costs.iter().filter_map(|cost| Some(cost.cpu_seconds.last()?.1)));
                    let resampling: Vec<f64> = costs.iter().filter_map(|cost| cost.resampling()).collect();
                    vec![own + if resampling.is_empty() { 0.0 } else { mean(resampling) }]
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

/// The printed values of a dumb-bell stand where its axis has them: places are a straight line of values. The first
/// diamond is that of the key.
#[test]
fn diamonds_stand_at_the_printed_values() {
    let mut compared = 0;
    for made in made() {
        for plot in made.rendered.plots.iter().filter(|plot| plot.name.starts_with("dumb_bells")) {
            let svg = plot.drawn.as_ref().expect("a picture").to_svg();
            let place =
                |path: &str| path.split(' ').next().and_then(|x| x.parse::<f64>().ok()).map(|x| x + 5.0);
            let places: Vec<f64> = svg.split("d=\"M").skip(2).filter_map(place).collect();
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

/// A dumb-bell says what it shows, in which unit, and what its signs mean; ranks are shown only where they are judged.
#[test]
fn dumb_bells_say_what_they_are() {
    let mut seen = 0;
    for made in made() {
        for table in made.paper.spec.tables.iter().filter(|table| table.printed) {
            // An apostrophe is written otherwise in a picture.
            for line in table.lines.iter().filter(|line| !line.title.contains('\'')) {
                let name = format!("dumb_bells_{}_{}", table.number, line.metric);
                let Some(plot) = made.rendered.plots.iter().find(|plot| plot.name == name) else { continue };
                let svg = plot.drawn.as_ref().expect("a picture").to_svg();
                let axis = match (table.statistic, table.percent) {
                    (Statistic::MeanRank, _) => format!("mean rank by {} (1 is best) (", line.title),
                    (_, true) => format!(">{}, % (", line.title),
                    (_, false) => format!(">{} (", line.title),
                };
                assert!(svg.contains(&axis), "{name}: {axis}");
                for text in ["printed", "our mean, its 95 % interval", "95 % of one further unit"] {
                    assert!(svg.contains(&format!(">{text}<")), "{name}: {text}");
                }
                let verdicts = plot.numbers.rows.iter().map(|row| row[6].as_str());
                let is_judged = |verdict: &str| !["–", "undecided"].contains(&verdict);
                assert!(
                    table.statistic != Statistic::MeanRank || verdicts.into_iter().any(is_judged),
                    "{name}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "{seen} dumb-bells");
}

/// Every figure of a sweep, and every one over all data sets, has its numbers beside it.
#[test]
fn figures_without_a_table_have_their_numbers_beside_them() {
    for made in made() {
        for figure in &made.paper.spec.figures {
            if figure.sweep.is_none() && !figure.dataset.is_empty() {
                continue;
            }
            for protocol in made.paper.spec.protocols.keys() {
                let name = figure.file_name(protocol);
                let Some((.., csv)) = made.rendered.figures.iter().find(|(other, ..)| *other == name) else {
                    continue;
                };
                let csv = csv.as_ref().unwrap_or_else(|| panic!("{name} has no numbers"));
                assert!(csv.lines().count() > 1, "{name}: {csv}");
            }
        }
    }
}
