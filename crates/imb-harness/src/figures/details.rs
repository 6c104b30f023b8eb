//! What figures show, in words and in numbers.

use std::collections::BTreeMap;

use anyhow::Result;

use super::names::{column_title, metric_title};
use super::shown::Shown;
use super::{accepted_steps, generated_rows, records_of, sweep};
use crate::grid::Grid;
use crate::results::Source;
use crate::spec::{FigureSpec, Spec};

/// What a figure shows.
#[derive(Clone, Debug)]
pub struct Details {
    /// Its number, data set and protocol.
    pub title: String,
    /// What there is to see, for those who do not see it.
    pub alternative: String,
    /// Its numbers, where they are in no table and in no file that `alternative` names.
    pub numbers: Option<Grid>,
}

/// What each figure of a paper shows, by the name of its file.
///
/// # Errors
/// If the specification names an unknown column.
pub fn details_of(source: &Source<'_>) -> Result<BTreeMap<String, Details>> {
    let spec = &source.paper.spec;
    let mut details = BTreeMap::new();
    for figure in &spec.figures {
        let Some(entry) = source.entry(&figure.dataset) else {
            for protocol in source.protocol_names() {
                details.insert(figure.file_name(protocol), Details::of_data_sets(spec, figure, protocol));
            }
            continue;
        };
        for (protocol, _) in source.protocols(entry) {
            let records = records_of(source, figure, entry, protocol)?;
            let shown = Shown { spec, figure, protocol, records: &records };
            details.insert(figure.file_name(protocol), Details::of(&shown));
        }
    }
    Ok(details)
}

impl Details {
    /// What can be said of a figure by its name alone.
    pub(crate) fn named(name: &str) -> Self {
        let alternative = format!("{}; {}", name.replace('_', " "), in_file(name));
        Self { title: name.replace('_', " "), alternative, numbers: None }
    }

    /// Of a figure of all data sets.
    fn of_data_sets(spec: &Spec, figure: &FigureSpec, protocol: &str) -> Self {
        let metric = figure.measures.first().map_or("the metric", |metric| metric_title(spec, metric));
        let columns = figure.columns.join(", ");
        let (what, words) = match figure.kind.as_str() {
            "learner_bars" => (
                format!("{metric} on each data set"),
                format!(
                    "Bars of {metric} on each data set, a panel for each learner that was run and a bar for each of \
                     {columns}; a dash stands where a column was not run"
                ),
            ),
            "critical_difference" => (
                format!("mean ranks by {metric}"),
                format!(
                    "For each learner, mean ranks by {metric} of the columns that were run, with Nemenyi's critical \
                     difference, and on how many data sets each is ahead of each other one"
                ),
            ),
            "sampling_time" => (
                "the cost of resampling".to_owned(),
                format!(
                    "Processor seconds of one fold's resampling on each data set, a mark for each of {columns}"
                ),
            ),
            kind => (kind.replace('_', " "), format!("{} of {columns}", kind.replace('_', " "))),
        };
        let alternative = format!("{words}; {}", in_file(&figure.file_name(protocol)));
        Self { title: format!("{}: {what}, {protocol}", number_of(figure)), alternative, numbers: None }
    }

    /// Of a figure of one data set.
    fn of(shown: &Shown<'_>) -> Self {
        let figure = shown.figure;
        let titles: Vec<&str> =
            figure.columns.iter().map(|column| column_title(shown.spec, column)).collect();
        let columns = titles.join(" and ");
        let (alternative, numbers) = match figure.kind.as_str() {
            "outputs" => (
                format!(
                    "Shares of rows by z, the logit of the minority: the majority filled, the minority as an outline; \
                     one panel each for the first run of {columns}. The line at z = 1/2 is where the paper's \
                     measure of overlap begins; the network itself decides for the larger of two logits."
                ),
                Some(outputs(shown)),
            ),
            "accepted_steps" => (
                format!(
                    "1 − {} of each set that {columns} accepted, on validation rows: one mark per step, for {}.",
                    accepted_steps::metrics_of(figure)
                        .map(|metric| metric_title(shown.spec, metric))
                        .join(" against 1 − "),
                    shown
                        .records
                        .first()
                        .map_or("no run".to_owned(), |records| accepted_steps::which_runs(records))
                ),
                Some(accepted_steps::numbers(shown)),
            ),
            "generated_rows" => (
                format!(
                    "Generated minority rows, drawn in front of the real ones. {}",
                    generated_rows::sentences(shown)
                ),
                Some(generated_rows::numbers(shown)),
            ),
            "sweep" => (
                format!("{}, with 95 % intervals as bands.", swept(shown, &columns)),
                Some(sweep::numbers(shown)),
            ),
            "sweep_grid" => {
                (format!("{}, for each pair of values.", swept(shown, &columns)), Some(sweep::numbers(shown)))
            }
            kind => (format!("{}: {columns}", kind.replace('_', " ")), None),
        };
        Self {
            title: format!("{}: {}, {}", number_of(figure), figure.dataset, shown.protocol),
            alternative,
            numbers: numbers.filter(|grid| !grid.rows.is_empty()),
        }
    }
}

/// A figure's number in the paper; 0 stands for one that the paper does not have.
fn number_of(figure: &FigureSpec) -> String {
    match figure.number {
        0 => "A figure of our own".to_owned(),
        number => format!("Figure {number}"),
    }
}

fn in_file(name: &str) -> String {
    format!("its numbers are in the CSV file of the same name, figures/{name}.csv.")
}

/// What a sweep measures against which parameters, and of how many runs.
fn swept(shown: &Shown<'_>, columns: &str) -> String {
    let measures = shown.figure.measures.iter().map(|measure| metric_title(shown.spec, measure));
    let measures = measures.collect::<Vec<_>>().join(" and ");
    let parameters = shown.figure.sweep.iter().flatten().cloned().collect::<Vec<_>>().join(" and ");
    let (row, count) = (&shown.figure.dataset, sweep::count_of(shown));
    format!("{measures} of {columns} on {row} against {parameters}: means of {count}")
}

/// Rows of each class in bins of z that hold some, of the first run of each column.
fn outputs(shown: &Shown<'_>) -> Grid {
    let header = ["column", "z from", "z to", "majority rows", "minority rows"];
    let mut rows = Vec::new();
    for (column, records) in shown.columns() {
        let histogram = records.iter().find_map(|record| record.done()?.outputs.as_ref());
        let Some(histogram) = histogram else { continue };
        let width = (histogram.greatest - histogram.least) / histogram.majority.len() as f64;
        for (bin, (majority, minority)) in histogram.majority.iter().zip(&histogram.minority).enumerate() {
            if majority + minority > 0 {
                let edge = |bin: usize| format!("{:.2}", histogram.least + width * bin as f64);
                rows.push(vec![
                    column.to_owned(),
                    edge(bin),
                    edge(bin + 1),
                    majority.to_string(),
                    minority.to_string(),
                ]);
            }
        }
    }
    Grid { header: header.map(String::from).into(), rows, text_columns: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;

    #[test]
    fn every_figure_is_described() {
        for paper in papers(&[]).expect("well formed") {
            let spec = &paper.spec;
            for figure in &spec.figures {
                let details = if figure.dataset.is_empty() {
                    Details::of_data_sets(spec, figure, "sound")
                } else {
                    Details::of(&Shown { spec, figure, protocol: "sound", records: &[] })
                };
                let is_known = !details.alternative.starts_with(&figure.kind.replace('_', " "));
                assert!(is_known, "{}", details.alternative);
                let is_ours = figure.number == 0;
                assert_eq!(details.title.starts_with("A figure of our own"), is_ours, "{}", details.title);
            }
        }
    }

    #[test]
    fn a_figure_of_all_data_sets_names_the_file_of_its_numbers() {
        let paper = papers(&["aemlo".to_owned()]).expect("well formed").remove(0);
        let figure = paper.spec.figures.iter().find(|figure| figure.number == 4).expect("a figure");
        let details = Details::of_data_sets(&paper.spec, figure, "as_released");
        assert_eq!(details.title, "Figure 4: macro F1 on each data set, as_released");
        assert!(details.alternative.ends_with("figures/figure4_as_released.csv."), "{}", details.alternative);
    }
}
