//! What the page shows, in the form that its template reads.

use anyhow::Result;
use serde::Serialize;

use super::embed::picture;
use crate::comparison::Comparisons;
use crate::export::Export;
use crate::figures::Details;
use crate::grid::Grid;
use crate::rendered::Rendered;
use crate::report::{CLAIM_LEGEND, CLAIMS, DIFFERENCES, READ_FIRST, Report, Tally};
use crate::results::ResultTable;
use crate::sensitivity::{Sensitivities, TITLE};
use crate::verdict::Verdict;

/// An entry of the table of contents.
#[derive(Serialize)]
pub(super) struct Content {
    id: String,
    title: String,
}

impl Content {
    pub(super) fn new(id: &str, title: &str) -> Self {
        Self { id: id.to_owned(), title: title.to_owned() }
    }
}

/// The first screen.
#[derive(Serialize)]
pub(super) struct Screen {
    id: String,
    page: String,
    title: String,
    citation: String,
    answer: String,
    bars: Vec<Bar>,
    claims_heading: &'static str,
    claims_legend: &'static str,
    claims: Option<Grid>,
    lines: Option<Grid>,
    lines_heading: String,
    lines_caption: String,
    legend: Vec<String>,
    differences_heading: &'static str,
    differences: Option<Grid>,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct Section {
    title: &'static str,
    items: Vec<String>,
}

/// Printed values by verdict, under one protocol.
#[derive(Serialize)]
struct Bar {
    label: String,
    total: usize,
    chance: String,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    class: Verdict,
    name: &'static str,
    sign: &'static str,
    count: usize,
}

impl Screen {
    pub(super) fn of(report: &Report) -> Self {
        let some = |grid: Grid| (!grid.rows.is_empty()).then_some(grid);
        Self {
            id: report.paper.clone(),
            page: format!("{}/report.html", report.paper),
            title: report.title.clone(),
            citation: report.citation.clone(),
            answer: report.answer.clone(),
            bars: report.tally.iter().map(Bar::of).collect(),
            claims_heading: CLAIMS,
            claims_legend: CLAIM_LEGEND,
            claims: some(report.claim_grid()),
            lines: some(report.line_grid()).filter(|_| report.has_lines()),
            lines_heading: report.line_heading(),
            lines_caption: report.lines_caption(),
            legend: report.line_legend(),
            differences_heading: DIFFERENCES,
            differences: some(report.difference_grid()),
            sections: report.sections().into_iter().map(|(title, items)| Section { title, items }).collect(),
        }
    }
}

impl Screen {
    /// The same with what a reader should know first, and without the other lists: they stand in the paper's
    /// own page.
    pub(super) fn shortened(mut self) -> Self {
        self.sections.retain(|section| section.title == READ_FIRST);
        self
    }
}

impl Bar {
    fn of(tally: &Tally) -> Self {
        let part = |class: Verdict| {
            let count = *tally.counts.get(&class)?;
            Some(Part { class, name: class.name(tally.is_papers), sign: class.sign(), count })
        };
        Self {
            label: tally.label.clone(),
            total: tally.counts.values().sum(),
            chance: tally.chance(),
            parts: Verdict::ALL.into_iter().filter_map(part).collect(),
        }
    }
}

/// Plots of one kind.
#[derive(Serialize)]
pub(super) struct PlotGroup {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    plots: Vec<PlotView>,
}

#[derive(Serialize)]
struct PlotView {
    name: String,
    title: String,
    legend: String,
    svg: Option<String>,
    numbers: Option<Grid>,
}

/// Where the plots stand: the beginning of their names, and the heading.
const GROUPS: [(&str, &str, &str); 4] = [
    ("dumb_bells", "printed-and-ours", "Printed and ours"),
    ("forest", "differences", "Differences to no resampling"),
    ("critical_difference wins", "ranks", "Ranks over data sets"),
    ("cost", "cost-and-score", "Cost against score"),
];

/// The plots by kind, then the paper's own figures.
pub(super) fn plots(rendered: &Rendered) -> Result<Vec<PlotGroup>> {
    let mut groups = Vec::new();
    for (kinds, id, title) in GROUPS {
        let is_of = |name: &str| kinds.split(' ').any(|kind| name.starts_with(kind));
        let of_group = rendered.plots.iter().filter(|plot| is_of(&plot.name));
        let plots = of_group.map(|plot| PlotView {
            name: plot.name.clone(),
            title: plot.title.clone(),
            legend: plot.legend.clone(),
            svg: plot.drawn.as_ref().map(|drawn| picture(&drawn.to_svg(), &plot.name, &plot.alternative)),
            numbers: Some(plot.numbers.clone()),
        });
        groups.push(PlotGroup { id, title, plots: plots.collect() });
    }
    let figures = rendered.figures.iter().map(|(name, drawn, _)| {
        let details = rendered.figure_details.get(name).cloned().unwrap_or_else(|| Details::named(name));
        PlotView {
            name: name.clone(),
            svg: Some(picture(&drawn.to_svg(), name, &details.alternative)),
            title: details.title,
            legend: details.alternative,
            numbers: details.numbers,
        }
    });
    groups.push(PlotGroup {
        id: "figures",
        title: "The paper's figures, drawn again",
        plots: figures.collect(),
    });
    groups.retain(|group| !group.plots.is_empty());
    Ok(groups)
}

/// A table of results.
#[derive(Serialize)]
pub(super) struct TableView {
    number: u32,
    title: String,
    summary: Grid,
    notes: Vec<String>,
    details: Grid,
}

impl TableView {
    pub(super) fn of(table: &ResultTable) -> Self {
        Self {
            number: table.number,
            title: table.heading(),
            summary: table.grid(),
            notes: table.notes(),
            details: table.detail_grid(),
        }
    }
}

/// How much choices weigh.
#[derive(Serialize)]
pub(super) struct SensitivityView {
    pub(super) title: &'static str,
    grid: Grid,
    note: &'static str,
}

impl SensitivityView {
    pub(super) fn of(choices: &Sensitivities) -> Self {
        Self { title: TITLE, grid: choices.grid(), note: Sensitivities::note() }
    }
}

/// Our runs against others.
#[derive(Serialize)]
pub(super) struct ComparisonView {
    title: String,
    grid: Grid,
    summary: String,
}

pub(super) fn comparisons(comparisons: &Comparisons) -> Vec<ComparisonView> {
    let view = |entry: &crate::comparison::Comparison| ComparisonView {
        title: entry.title.clone(),
        grid: entry.grid(),
        summary: entry.summary(&comparisons.paper),
    };
    comparisons.entries.iter().map(view).collect()
}
