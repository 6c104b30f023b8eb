//! Figures, drawn from records as SVG: one file a kind.

mod accepted_steps;
mod critical_difference;
mod details;
mod generated_rows;
mod learner_bars;
mod names;
mod number_grid;
mod outputs;
mod sampling_time;
mod shown;
mod sweep;
mod sweep_grid;

pub(crate) use critical_difference::cannot_separate;
pub use details::{Details, details_of};
pub(crate) use names::columns_in_order;

use anyhow::{Context, Result, bail};
use imb_data::Entry;
use kuva::backend::svg::SvgBackend;
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;
use kuva::render::render::Scene;

use self::shown::Shown;
use crate::experiment::{place, swept_places};
use crate::grid::Grid;
use crate::place::Place;
use crate::record::Record;
use crate::results::Source;
use crate::spec::FigureSpec;

/// How a kind of figure is drawn.
#[derive(Clone, Copy)]
enum Draw {
    /// From the records of one data set; none where a column or a value of a parameter has nothing to show.
    Runs(fn(&Shown<'_>) -> Option<Drawn>),
    /// From all data sets under a protocol, with the numbers; none where nothing has been run.
    DataSets(fn(&Source<'_>, &FigureSpec, &str) -> Result<Option<WithData>>),
}

/// The kinds of figures, by the name that `spec.toml` uses.
const FIGURES: [(&str, Draw); 8] = [
    ("outputs", Draw::Runs(outputs::draw)),
    ("accepted_steps", Draw::Runs(accepted_steps::draw)),
    ("generated_rows", Draw::Runs(generated_rows::draw)),
    ("sweep", Draw::Runs(sweep::draw)),
    ("sweep_grid", Draw::Runs(sweep_grid::draw)),
    ("learner_bars", Draw::DataSets(learner_bars::draw)),
    ("critical_difference", Draw::DataSets(critical_difference::draw)),
    ("sampling_time", Draw::DataSets(sampling_time::draw)),
];

/// Okabe and Ito's colours, which the colour-blind can tell apart; for what is no column.
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// A figure that has been drawn.
pub struct Drawn(pub(crate) Scene);

impl Drawn {
    /// As SVG.
    pub fn to_svg(&self) -> String {
        renumbered(&SvgBackend::default().render_scene(&self.0))
    }
}

/// A figure with the numbers that it shows.
struct WithData {
    drawn: Drawn,
    numbers: Grid,
}

/// Panels one below the other, all of one width and height.
fn panels(plots: Vec<Vec<Plot>>, layouts: Vec<Layout>, [width, height]: [f64; 2]) -> Drawn {
    let structure = (0..plots.len()).map(|panel| vec![panel]).collect();
    let drawn = Figure::new(plots.len(), 1).with_structure(structure).with_plots(plots);
    Drawn(drawn.with_layouts(layouts).with_cell_size(width, height).render())
}

/// A grid as CSV, its header first.
fn csv_of(grid: &Grid) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for record in [&grid.header].into_iter().chain(&grid.rows) {
        csv.write_record(record).expect("written to memory, as long as the header");
    }
    String::from_utf8(csv.into_inner().expect("written to memory")).expect("made of text")
}

/// The picture with its clip paths numbered from 0: kuva numbers those of all pictures that a process draws.
fn renumbered(svg: &str) -> String {
    const CLIP: &str = "kuva-clip-";
    let mut known: Vec<&str> = Vec::new();
    let mut parts = svg.split(CLIP);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(end);
        if !known.contains(&number) {
            known.push(number);
        }
        let place = known.iter().position(|other| *other == number).unwrap_or_default();
        text += &format!("{CLIP}{place}{rest}");
    }
    text
}

/// How a kind of figure is drawn.
fn draw_of(figure: &FigureSpec) -> Result<Draw> {
    let found = FIGURES.iter().find(|(kind, _)| *kind == figure.kind);
    found.map(|(_, draw)| *draw).with_context(|| {
        let known = FIGURES.map(|(kind, _)| kind).join(", ");
        format!("figure {}: unknown kind \"{}\"; known: {known}", figure.number, figure.kind)
    })
}

/// Checks that figures of this kind can be drawn, and that one of a data set names it.
///
/// # Errors
/// If the kind is unknown, or there is no data set to draw.
pub(crate) fn require_drawable(figure: &FigureSpec) -> Result<()> {
    if matches!(draw_of(figure)?, Draw::Runs(_)) && figure.dataset.is_empty() {
        bail!("figure {}: \"{}\" is of one data set: name it, dataset = ...", figure.number, figure.kind);
    }
    Ok(())
}

/// Draws every figure of a paper under each protocol whose runs are there, with a name for its file and, as CSV, the
/// numbers of those over all data sets and of sweeps.
///
/// # Errors
/// If the specification names an unknown kind or data set.
pub fn draw_all(source: &Source<'_>) -> Result<Vec<(String, Drawn, Option<String>)>> {
    let mut all = Vec::new();
    for figure in &source.paper.spec.figures {
        let number = figure.number;
        let draw = match draw_of(figure)? {
            Draw::Runs(draw) => draw,
            Draw::DataSets(draw) => {
                for protocol in source.protocol_names() {
                    if let Some(WithData { drawn, numbers }) = draw(source, figure, protocol)? {
                        all.push((figure.file_name(protocol), drawn, Some(csv_of(&numbers))));
                    }
                }
                continue;
            }
        };
        let entry = source.entry(&figure.dataset);
        let entry = entry.with_context(|| format!("figure {number}: no data set {}", figure.dataset))?;
        for (protocol, _) in source.protocols(entry) {
            let records = records_of(source, figure, entry, protocol)?;
            let shown = Shown { spec: &source.paper.spec, figure, protocol, records: &records };
            if !records.is_empty()
                && records.iter().all(|records| !records.is_empty())
                && let Some(drawn) = draw(&shown)
            {
                let numbers = figure.sweep.is_some().then(|| csv_of(&sweep::numbers(&shown)));
                all.push((figure.file_name(protocol), drawn, numbers));
            }
        }
    }
    Ok(all)
}

/// The records that a figure of one data set is made of.
fn records_of<'a>(
    source: &Source<'a>,
    figure: &FigureSpec,
    entry: &Entry,
    protocol: &str,
) -> Result<Vec<Vec<&'a Record>>> {
    let families = families(source, figure, entry, protocol);
    families.iter().map(|family| Ok(source.runs(entry, family)?.records)).collect()
}

/// The cells that a figure is made of: its columns, or each value of the parameter that it sweeps.
fn families(source: &Source<'_>, figure: &FigureSpec, entry: &Entry, protocol: &str) -> Vec<Place> {
    let spec = &source.paper.spec;
    let columns = figure.columns.iter().map(|column| place(spec, entry, protocol, column));
    match &figure.sweep {
        None => columns.collect(),
        Some(parameters) => {
            let columns = columns.map(|first| Place { learner: figure.learner.clone(), ..first });
            let swept = columns.flat_map(|first| swept_places(spec, entry, &first).collect::<Vec<_>>());
            swept.filter(|place| place.setting.keys().eq(parameters)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clip_paths_are_numbered_from_0_in_each_picture() {
        let svg = "<a id=\"kuva-clip-12\"/><a id=\"kuva-clip-7\"/><g clip-path=\"url(#kuva-clip-12)\"/>";
        let own = "<a id=\"kuva-clip-0\"/><a id=\"kuva-clip-1\"/><g clip-path=\"url(#kuva-clip-0)\"/>";
        assert_eq!((renumbered(svg), renumbered(own)), (own.to_owned(), own.to_owned()));
    }

    #[test]
    fn a_comma_in_a_name_does_not_make_a_column() {
        let texts = |texts: [&str; 2]| texts.map(String::from).to_vec();
        let grid =
            Grid { header: texts(["data set", "n"]), rows: vec![texts(["a, b", ""])], text_columns: 1 };
        assert_eq!(csv_of(&grid), "data set,n\n\"a, b\",\n");
    }
}
