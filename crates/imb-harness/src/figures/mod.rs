//! Figures, drawn from records as SVG and PNG: one file a kind.

mod accepted_steps;
mod outputs;

use anyhow::{Context, Result, anyhow};
use kuva::backend::png::PngBackend;
use kuva::backend::svg::SvgBackend;
use kuva::render::render::Scene;

use crate::experiment::place;
use crate::record::Record;
use crate::results::Source;
use crate::spec::FigureSpec;

/// Draws a figure from the records of each of its columns, in the order of runs; none where a column has
/// nothing to show. The text says what the runs are.
type Draw = fn(&FigureSpec, &str, &[Vec<&Record>]) -> Option<Drawn>;

/// The kinds of figures, by the name that `spec.toml` uses.
pub const FIGURES: [(&str, Draw); 2] = [("outputs", outputs::draw), ("accepted_steps", accepted_steps::draw)];

/// Okabe and Ito's colours, which the colour-blind can tell apart.
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// A figure that has been drawn.
pub struct Drawn(Scene);

impl Drawn {
    /// As SVG.
    pub fn to_svg(&self) -> String {
        SvgBackend::default().render_scene(&self.0)
    }

    /// As PNG, at twice the size in points.
    ///
    /// # Errors
    /// If the picture cannot be encoded.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        PngBackend::new().render_scene(&self.0).map_err(|error| anyhow!("PNG: {error}"))
    }
}

/// Draws every figure of a paper under each protocol whose runs are there, with a name for its file.
///
/// # Errors
/// If the specification names an unknown kind or data set.
pub fn draw_all(source: &Source<'_>) -> Result<Vec<(String, Drawn)>> {
    let mut drawn = Vec::new();
    for figure in &source.paper.spec.figures {
        let number = figure.number;
        let draw = FIGURES.iter().find(|(kind, _)| *kind == figure.kind).map(|(_, draw)| draw);
        let draw = draw.with_context(|| format!("figure {number}: unknown kind \"{}\"", figure.kind))?;
        let entry = source.entry(&figure.dataset);
        let entry = entry.with_context(|| format!("figure {number}: no data set {}", figure.dataset))?;
        for (protocol, _) in source.protocols(entry) {
            let mut records = Vec::new();
            for column in &figure.columns {
                let family = place(&source.paper.spec, entry, protocol, column);
                records.push(source.runs(entry, &family)?.records);
            }
            if records.iter().all(|records| !records.is_empty())
                && let Some(picture) = draw(figure, protocol, &records)
            {
                drawn.push((format!("figure{number}_{protocol}"), picture));
            }
        }
    }
    Ok(drawn)
}
