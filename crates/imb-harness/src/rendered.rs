//! Everything that a paper's folder shows, made from records: saved, or compared with what is there.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use imb_core::Device;
use imb_data::{Catalog, DataDirs, write_whole};
use imb_methods::{Method, method};

use crate::audit::stale;
use crate::choices::Choices;
use crate::comparison::Comparisons;
use crate::experiment::{Experiment, Selection};
use crate::export::Export;
use crate::figures::{Details, Drawn, details_of, draw_all};
use crate::html;
use crate::paper::{COMMITTED, Paper, papers};
use crate::plots::{Plot, draw_plots};
use crate::profile::Profile;
use crate::records::{Records, listed};
use crate::report::{Provenance, Report};
use crate::results::{ResultTable, Source};
use crate::sensitivity::Sensitivities;
use crate::spec::Spec;
use crate::table1::Table1;

/// Everything that records say of a paper.
pub struct Rendered {
    /// The first screen.
    pub report: Report,
    /// The tables of results.
    pub tables: Vec<ResultTable>,
    /// How much choices weigh.
    pub sensitivities: Option<Sensitivities>,
    /// Our runs against others.
    pub comparisons: Option<Comparisons>,
    /// The figures, by name, with the numbers that they show where these stand in no table.
    pub figures: Vec<(String, Drawn, Option<String>)>,
    /// What the figures show, by name.
    pub figure_details: BTreeMap<String, Details>,
    /// Plots of the results.
    pub plots: Vec<Plot>,
}

impl Rendered {
    /// Makes tables, figures and the first screen.
    ///
    /// # Errors
    /// If the paper's specification does not fit together.
    pub fn new(paper: &Paper, catalog: &Catalog, records: &Records) -> Result<Self> {
        let source = Source::new(paper, catalog, records);
        let tables: Vec<ResultTable> =
            paper.spec.tables.iter().map(|table| ResultTable::new(&source, table)).collect::<Result<_>>()?;
        let comparisons = Comparisons::new(paper, catalog, records, &[])?;
        Ok(Self {
            report: Report::new(&source, &tables, comparisons.as_ref(), provenance(paper, records))?,
            sensitivities: Sensitivities::of(&source)?,
            comparisons,
            figures: draw_all(&source)?,
            figure_details: details_of(&source)?,
            plots: draw_plots(&source, &tables)?,
            tables,
        })
    }

    /// The files of the paper's folder, by name.
    ///
    /// # Errors
    /// If the template of the page is at fault.
    pub fn files(&self) -> Result<BTreeMap<String, String>> {
        let mut files = BTreeMap::new();
        files.insert("report.html".to_owned(), html::page(self)?);
        files.insert("REPORT.md".to_owned(), self.report.to_markdown());
        if !self.tables.is_empty() {
            let sensitivities = self.sensitivities.iter().map(Sensitivities::to_markdown);
            let tables: Vec<String> =
                self.tables.iter().map(ResultTable::to_markdown).chain(sensitivities).collect();
            let text = format!("# Tables: {}\n\n{}", self.report.title, tables.join("\n"));
            files.insert("tables.md".to_owned(), text);
        }
        if let Some(comparisons) = &self.comparisons {
            files.insert("comparison.md".to_owned(), comparisons.to_markdown());
        }
        for (name, drawn, data) in &self.figures {
            files.insert(format!("figures/{name}.svg"), drawn.to_svg());
            files.extend(data.iter().map(|data| (format!("figures/{name}.csv"), data.clone())));
        }
        // The first plot stands for the report where no page can be shown.
        if let Some((plot, drawn)) = self.plots.iter().find_map(|plot| Some((plot, plot.drawn.as_ref()?))) {
            files.insert(format!("figures/{}.svg", plot.name), drawn.to_svg());
        }
        Ok(files)
    }
}

/// Code, data, machines and time behind records.
fn provenance(paper: &Paper, records: &Records) -> Provenance {
    let mut provenance =
        Provenance { records: records.len(), methods: versions(&paper.spec), ..Provenance::default() };
    let mut seconds = 0.0;
    for record in records.iter() {
        seconds += record.cost.seconds();
        provenance.programs.insert(record.cost.version.clone());
        let machine = format!("{} ({})", record.cost.processor, record.cost.instructions);
        if !provenance.machines.contains(&machine) {
            provenance.machines.push(machine);
        }
        // The shape and the first digits of the hash tell tables apart.
        let short: String = record.key.data.chars().take(28).collect();
        provenance.data.insert(record.place.dataset.clone(), short);
    }
    provenance.machines.sort();
    provenance.hours = seconds / 3600.0;
    provenance
}

/// The versions of the methods that a specification names, and of those inside them. Records of any other version do
/// not count.
fn versions(spec: &Spec) -> BTreeMap<&'static str, u32> {
    let columns = spec.columns.values();
    let samplers = columns.flat_map(|column| {
        column.stages.iter().chain(column.under.values().flatten()).chain(column.on.values().flatten())
    });
    let learners = spec.learners.values();
    let learners = learners.flat_map(|learner| [&learner.stage].into_iter().chain(learner.under.values()));
    let protocols = spec.protocols.values().filter_map(|protocol| protocol.learner.as_ref());
    let stages = samplers.chain(learners).chain(protocols);
    stages.filter_map(|stage| method(&stage.method).ok()).flat_map(Method::versions).collect()
}

/// Writes a paper's folder: the records of the full profile and of comparisons, from a results folder
/// and from those committed before, and everything that they make.
///
/// # Errors
/// If a data set cannot be read, or a file cannot be written.
pub fn save(
    experiment: &Experiment,
    catalog: &Catalog,
    dirs: &DataDirs,
    results: &Path,
    folder: &Path,
) -> Result<Report> {
    let paper = &experiment.paper;
    if !experiment.absent.is_empty() {
        let absent: Vec<&str> = experiment.absent.keys().map(String::as_str).collect();
        bail!("nothing is saved for {}: {} cannot be read", paper.spec.id, absent.join(", "));
    }
    let mut all = paper.committed_records()?;
    all.extend(Records::read(results, &paper.spec.id)?);
    if !all.problems.is_empty() {
        bail!(
            "nothing is saved for {}, because the records would be written without these, which cannot be read:\n{}",
            paper.spec.id,
            listed(&all.problems)
        );
    }
    let mut records = Records::default();
    for cell in committed_cells(experiment, experiment.choices(&all)?)? {
        if let Some(record) = all.of(&cell) {
            records.insert(record.clone());
        }
    }
    let folder = folder.join(&paper.spec.id);
    let mut rendered = Rendered::new(paper, catalog, &records)?;
    rendered.report.skipped.clone_from(&experiment.skipped);
    let table1 = paper.prints_data_sets().then(|| Table1::measure(paper, catalog, dirs).to_markdown());
    let mut files = rendered.files()?;
    files.extend(table1.map(|text| ("table1.md".to_owned(), text)));
    // Nothing is written before everything is made.
    write_whole(&folder.join(COMMITTED), &records.to_committed()?)?;
    for (name, text) in &files {
        write_whole(&folder.join(name), text.as_bytes())?;
    }
    for name in stray_figures(paper, &folder, &files)? {
        std::fs::remove_file(folder.join(&name)).with_context(|| name)?;
    }
    Ok(rendered.report)
}

/// The files among a paper's figures that are not made any more. Beside those of an experiment of one's own, a user may
/// keep other pictures.
fn stray_figures(paper: &Paper, folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let figures = folder.join("figures");
    let mut stray = Vec::new();
    if figures.exists() && !paper.is_own {
        for file in std::fs::read_dir(&figures).with_context(|| figures.display().to_string())? {
            let file = file?;
            let name = format!("figures/{}", file.file_name().to_string_lossy());
            if file.file_type()?.is_file() && !files.contains_key(&name) {
                stray.push(name);
            }
        }
    }
    stray.sort();
    Ok(stray)
}

/// The cells whose records are committed.
fn committed_cells(experiment: &Experiment, choices: Choices) -> Result<Vec<crate::cell::Cell>> {
    let all = |device| Selection {
        profile: Profile::Full,
        datasets: Vec::new(),
        columns: Vec::new(),
        protocols: Vec::new(),
        most_runs: None,
        device,
        choices: choices.clone(),
    };
    let mut cells = experiment.cells(&all(Device::Cpu))?;
    let others = experiment.paper.spec.comparisons.iter().filter_map(|comparison| comparison.against);
    for device in [Device::Cpu].into_iter().chain(others.map(|others| others.device)) {
        cells.extend(experiment.comparison_cells(&all(device))?);
    }
    Ok(cells)
}

/// The README beside the folder of experiments, and where its answers begin and end.
const README: &str = "../README.md";
const ANSWERS: [&str; 2] = ["<!-- answers -->\n", "<!-- end of answers -->"];

/// Writes the answers of all papers, a line each, into the README beside the folder, where it has a place
/// for them.
///
/// # Errors
/// If the README cannot be read or written.
pub fn save_answers(lines: &[String], folder: &Path) -> Result<()> {
    let path = folder.join(README);
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(()) };
    let Some((before, rest)) = text.split_once(ANSWERS[0]) else { return Ok(()) };
    let Some((_, after)) = rest.split_once(ANSWERS[1]) else { return Ok(()) };
    let text = format!("{before}{}{}\n{}{after}", ANSWERS[0], lines.join("\n"), ANSWERS[1]);
    Ok(write_whole(&path, text.as_bytes())?)
}

/// The reports of all papers of a folder, in their order: those that were made now, and what the saved records make of
/// the others.
///
/// # Errors
/// If saved records cannot be read.
pub fn reports_in(folder: &Path, made: Vec<Report>, catalog: &Catalog) -> Result<Vec<Report>> {
    let mut reports = Vec::new();
    for paper in papers(&[])? {
        if let Some(report) = made.iter().find(|report| report.paper == paper.spec.id) {
            reports.push(report.clone());
        } else if let Some(records) = saved_records(&folder.join(&paper.spec.id))? {
            reports.push(Rendered::new(&paper, catalog, &records)?.report);
        }
    }
    Ok(reports)
}

/// The records in a paper's folder; none if it has none.
fn saved_records(folder: &Path) -> Result<Option<Records>> {
    let path = folder.join(COMMITTED);
    if !path.exists() {
        return Ok(None);
    }
    let records = std::fs::read(&path).map_err(Into::into).and_then(|bytes| Records::from_committed(&bytes));
    records.map(Some).with_context(|| path.display().to_string())
}

/// The page over all papers, beside their folders.
const OVERVIEW: &str = "report.html";

/// Writes the first screens of all papers on one page.
///
/// # Errors
/// If the page cannot be written.
pub fn save_overview(reports: &[Report], folder: &Path) -> Result<()> {
    Ok(write_whole(&folder.join(OVERVIEW), html::overview(reports)?.as_bytes())?)
}

/// Compares the page over all papers with what is made now.
///
/// # Errors
/// If it is not what is made now.
pub fn check_overview(reports: &[Report], folder: &Path) -> Result<()> {
    require_same(&folder.join(OVERVIEW), &html::overview(reports)?, &saving_papers(folder))
}

/// Compares a paper's folder with what the records there, and the data, make now.
///
/// # Errors
/// With the first file that is not what is made now, and with records that belong to nothing asked for.
pub fn check(paper: &Paper, catalog: &Catalog, dirs: Option<&DataDirs>, folder: &Path) -> Result<Report> {
    let saving = if paper.is_own {
        format!("imb reproduce --spec FILE --save {}", folder.display())
    } else {
        saving_papers(folder)
    };
    let folder = folder.join(&paper.spec.id);
    let path = folder.join(COMMITTED);
    let records = saved_records(&folder)?.with_context(|| format!("{}: no such file", path.display()))?;
    let stale = stale(paper, catalog, &records);
    if !stale.is_empty() {
        bail!("{}: {} records do not belong:\n{}", path.display(), stale.len(), listed(&stale));
    }
    let mut rendered = Rendered::new(paper, catalog, &records)?;
    if let Some(dirs) = dirs.filter(|_| paper.is_own) {
        rendered.report.skipped = Experiment::read(paper.clone(), catalog, dirs)?.skipped;
    }
    let files = rendered.files()?;
    for (name, text) in &files {
        require_same(&folder.join(name), text, &saving)?;
    }
    let stray = stray_figures(paper, &folder, &files)?;
    ensure!(stray.is_empty(), "{}: {} are not made any more", folder.display(), stray.join(", "));
    let readme = std::fs::read_to_string(folder.join("..").join(README)).unwrap_or_default();
    if readme.contains(ANSWERS[0]) && !readme.contains(&rendered.report.line()) {
        bail!("README.md does not have the present answer of {}: {}", paper.spec.id, rendered.report.line());
    }
    if let Some(dirs) = dirs.filter(|_| paper.prints_data_sets()) {
        let table = Table1::measure(paper, catalog, dirs);
        require_same(&folder.join("table1.md"), &table.to_markdown(), &saving)?;
    }
    Ok(rendered.report)
}

/// The command that saves the papers in a folder.
fn saving_papers(folder: &Path) -> String {
    format!("cargo xtask reproduce --save {}", folder.display())
}

/// Whether a file holds a text; `saving` is the command that writes it.
fn require_same(path: &Path, text: &str, saving: &str) -> Result<()> {
    let saved = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    ensure!(saved == text, "{} is not what is made now; `{saving}` writes it", path.display());
    Ok(())
}
