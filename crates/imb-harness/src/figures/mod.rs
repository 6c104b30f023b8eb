//! Figures, drawn from records as SVG and PNG: one file a kind.

mod accepted_steps;
mod critical_difference;
mod details;
mod generated_rows;
mod learner_bars;
mod number_grid;
mod outputs;
mod sampling_time;
mod sweep;
mod sweep_grid;

pub use details::{Details, details_of};

use anyhow::{Context, Result, anyhow};
use imb_data::Entry;
use kuva::backend::png::PngBackend;
use kuva::backend::svg::SvgBackend;
use kuva::render::render::Scene;

use crate::experiment::{place, swept_places};
use crate::place::Place;
use crate::record::Record;
use crate::results::Source;
use crate::spec::FigureSpec;

/// How a kind of figure is drawn.
#[derive(Clone, Copy)]
pub enum Draw {
    /// From the records of one data set, a list a column, or a value of the parameter that is swept, in the order
    /// of runs; none where one has nothing to show. The text says what the runs are.
    Runs(fn(&FigureSpec, &str, &[Vec<&Record>]) -> Option<Drawn>),
    /// From all data sets under a protocol, with the numbers as CSV; none where nothing has been run.
    DataSets(fn(&Source<'_>, &FigureSpec, &str) -> Result<Option<WithData>>),
}

/// The kinds of figures, by the name that `spec.toml` uses.
pub const FIGURES: [(&str, Draw); 8] = [
    ("outputs", Draw::Runs(outputs::draw)),
    ("accepted_steps", Draw::Runs(accepted_steps::draw)),
    ("generated_rows", Draw::Runs(generated_rows::draw)),
    ("sweep", Draw::Runs(sweep::draw)),
    ("sweep_grid", Draw::Runs(sweep_grid::draw)),
    ("learner_bars", Draw::DataSets(learner_bars::draw)),
    ("critical_difference", Draw::DataSets(critical_difference::draw)),
    ("sampling_time", Draw::DataSets(sampling_time::draw)),
];

/// Okabe and Ito's colours, which the colour-blind can tell apart.
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// The same with a grey for the first of eight columns, the one without resampling.
const RANKED_COLOURS: [&str; 8] =
    ["#999999", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// A figure that has been drawn.
pub struct Drawn(pub(crate) Scene);

impl Drawn {
    /// As SVG.
    pub fn to_svg(&self) -> String {
        renumbered(&SvgBackend::default().render_scene(&self.0))
    }

    /// As PNG, at twice the size in points.
    ///
    /// # Errors
    /// If the picture cannot be encoded.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        PngBackend::new().render_scene(&self.0).map_err(|error| anyhow!("PNG: {error}"))
    }
}

/// A figure with the numbers that it shows, as CSV.
pub struct WithData {
    drawn: Drawn,
    csv: String,
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

/// Draws every figure of a paper under each protocol whose runs are there, with a name for its file and the
/// numbers that it shows, where these stand in no table.
///
/// # Errors
/// If the specification names an unknown kind or data set.
pub fn draw_all(source: &Source<'_>) -> Result<Vec<(String, Drawn, Option<String>)>> {
    let mut drawn = Vec::new();
    for figure in &source.paper.spec.figures {
        let number = figure.number;
        let draw = FIGURES.iter().find(|(kind, _)| *kind == figure.kind).map(|(_, draw)| draw);
        let draw = *draw.with_context(|| format!("figure {number}: unknown kind \"{}\"", figure.kind))?;
        let draw = match draw {
            Draw::Runs(draw) => draw,
            Draw::DataSets(draw) => {
                for protocol in source.protocol_names() {
                    if let Some(WithData { drawn: picture, csv }) = draw(source, figure, protocol)? {
                        drawn.push((figure.file_name(protocol), picture, Some(csv)));
                    }
                }
                continue;
            }
        };
        let entry = source.entry(&figure.dataset);
        let entry = entry.with_context(|| format!("figure {number}: no data set {}", figure.dataset))?;
        for (protocol, _) in source.protocols(entry) {
            let mut records = Vec::new();
            for family in families(source, figure, entry, protocol) {
                records.push(source.runs(entry, &family)?.records);
            }
            if !records.is_empty()
                && records.iter().all(|records| !records.is_empty())
                && let Some(picture) = draw(figure, protocol, &records)
            {
                drawn.push((figure.file_name(protocol), picture, None));
            }
        }
    }
    Ok(drawn)
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
}
