//! Reports as one HTML file each: everything is inside, nothing is loaded.
//!
//! The page is `page.html`, filled with the same grids and texts that the Markdown files show, so that a value
//! is written by one function wherever it stands. `style.css` and `sort.js` are put inside.

mod embed;
mod view;

use anyhow::Result;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

use crate::rendered::Rendered;
use crate::report::Report;
use embed::inline;
use view::{ComparisonView, Content, PlotGroup, Screen, SensitivityView, TableView};

/// The page of a paper or an experiment.
///
/// # Errors
/// If the template is at fault.
pub fn page(rendered: &Rendered) -> Result<String> {
    let report = &rendered.report;
    let plots = view::plots(rendered)?;
    let tables: Vec<TableView> = rendered.tables.iter().map(TableView::of).collect();
    let comparisons: Vec<ComparisonView> = rendered.comparisons.iter().flat_map(view::comparisons).collect();
    let mut contents = vec![Content::new("answer", "Answer")];
    contents.extend(plots.iter().map(|group: &PlotGroup| Content::new(group.id, group.title)));
    if !tables.is_empty() {
        contents.push(Content::new("tables", "Tables"));
    }
    let sensitivities = rendered.sensitivities.as_ref().map(SensitivityView::of);
    if let Some(view) = &sensitivities {
        contents.push(Content::new("choices", view.title));
    }
    if !comparisons.is_empty() {
        contents.push(Content::new("comparisons", "Our runs against others"));
    }
    render(&Page {
        title: report.title.clone(),
        link: report.link.clone(),
        contents,
        papers: vec![Screen::of(report)],
        plots,
        tables,
        sensitivities,
        comparisons,
    })
}

/// The first screens of several papers on one page.
///
/// # Errors
/// If the template is at fault.
pub fn overview(reports: &[Report]) -> Result<String> {
    let papers: Vec<Screen> = reports.iter().map(|report| Screen::of(report).shortened()).collect();
    let contents: Vec<Content> =
        reports.iter().map(|report| Content::new(&report.paper, &report.title)).collect();
    let title = "Do the printed values hold?".to_owned();
    render(&Page { title, contents, papers, ..Page::default() })
}

/// All that a page shows.
#[derive(Default, Serialize)]
struct Page {
    title: String,
    link: Option<String>,
    contents: Vec<Content>,
    papers: Vec<Screen>,
    plots: Vec<PlotGroup>,
    tables: Vec<TableView>,
    sensitivities: Option<SensitivityView>,
    comparisons: Vec<ComparisonView>,
}

fn render(page: &Page) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).build()?);
    environment.add_filter("inline", |text: String| Value::from_safe_string(inline(&text)));
    environment.add_global("style", include_str!("style.css"));
    environment.add_global("script", include_str!("sort.js"));
    environment.add_template("page.html", include_str!("page.html"))?;
    Ok(environment.get_template("page.html")?.render(Serde(page))?)
}
