//! A paper's first screen: the answer, made from records.

mod own;
mod reason;
mod render;

pub(crate) use render::{CLAIM_LEGEND, CLAIMS, DIFFERENCES, READ_FIRST};

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::Serialize;

use crate::claims::{Answer, Claim, Run, paired_difference, test_claims, values_of};
use crate::comparison::Comparisons;
use crate::measure::Measure;
use crate::paper::Paper;
use crate::results::{Line, ResultTable, Setting, Source, Value};
use crate::spec::{Evaluation, PrintedSpec, Statistic};
use crate::verdict::{Printed, Verdict};

/// A paper's first screen.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The paper's folder.
    pub paper: String,
    /// The paper's title.
    pub title: String,
    /// Authors, place and year.
    pub citation: String,
    /// The paper's address.
    pub link: Option<String>,
    /// The answer in one or two sentences.
    pub answer: String,
    /// Printed values by verdict, for each protocol's main evaluation and all evaluations of the paper's own.
    pub tally: Vec<Tally>,
    /// The paper's own claims.
    pub claims: Vec<Claim>,
    /// A line a data set; a line a metric and learner where the paper averages ranks over data sets.
    pub lines: Vec<ReportLine>,
    /// Columns of the table of mean ranks; none where the paper has no such table.
    pub ranked_columns: Option<usize>,
    /// Why mean ranks are missing, or not judged.
    pub rank_notes: Vec<String>,
    /// The largest differences, with their reasons.
    pub differences: Vec<Difference>,
    /// What a reader should know first.
    pub read_first: Vec<String>,
    /// Columns without a run yet.
    pub missing_columns: Vec<String>,
    /// Cells of the full profile that are recorded, and all of them.
    pub progress: [usize; 2],
    /// Where the runs depart from the paper.
    pub deviations: Vec<String>,
    /// Data, machines and time behind the records.
    pub provenance: Provenance,
    /// What the values at a glance are, where a paper prints values.
    pub printed: Option<PrintedScope>,
    /// Protocols and what they are, in a few words.
    pub protocol_titles: Vec<(String, String)>,
    /// Columns and what they are.
    pub column_titles: Vec<(String, String)>,
    /// The learners that columns are crossed with, and what they are.
    pub learner_titles: Vec<(String, String)>,
    /// Whether it is an experiment of the user's own.
    pub is_own: bool,
    /// Whether runs are compared with others.
    pub has_comparisons: bool,
    /// Protocols that do not fit a data set: row, protocol and reason.
    pub skipped: Vec<[String; 3]>,
}

/// What the values at a glance are.
#[derive(Clone, Debug, Serialize)]
pub struct PrintedScope {
    /// What is measured, as the tables call it.
    pub metric: String,
    /// The paper's own method.
    pub method: String,
    /// The paper's own protocol.
    pub protocol: String,
    /// The protocol whose values are the main result.
    pub main_protocol: String,
}

/// Printed values by verdict.
#[derive(Clone, Debug, Serialize)]
pub struct Tally {
    /// The protocol and evaluation.
    pub label: String,
    /// Whether the protocol is the paper's own.
    pub is_papers: bool,
    /// Whether it is the protocol's main evaluation.
    pub is_main: bool,
    /// How many values have each verdict.
    pub counts: BTreeMap<Verdict, usize>,
}

/// What is said of a data set at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct ReportLine {
    /// The data set's row in the paper.
    pub row: String,
    /// What the paper prints of its own method.
    pub printed: Option<f64>,
    /// The paper's protocol: mean and verdict.
    pub papers: Option<(f64, Option<Verdict>)>,
    /// The percentile of the printed value there.
    pub percentile: Option<f64>,
    /// The main protocol: mean of the paper's method, or of the best column where it is not run.
    pub main: Option<f64>,
    /// The main protocol: the best other column, its mean, and the paper's method minus it.
    pub best_other: Option<(String, f64, Option<f64>)>,
    /// Digits printed after the point.
    pub decimals: usize,
}

/// A value that differs.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Data set, metric and column.
    pub what: String,
    /// What the paper prints.
    pub printed: f64,
    /// The mean of our runs.
    pub mean: f64,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, as far as it is known.
    pub reason: String,
}

/// Code, data, machines and time behind the records.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Provenance {
    /// Records.
    pub records: usize,
    /// CPU hours.
    pub hours: f64,
    /// Processors with their instructions.
    pub machines: Vec<String>,
    /// Versions of the program.
    pub programs: BTreeSet<String>,
    /// Versions of the methods, by name.
    pub methods: BTreeMap<&'static str, u32>,
    /// Fingerprints of data, by data set.
    pub data: BTreeMap<String, String>,
}

/// Differences that are shown.
const SHOWN: usize = 5;

impl Report {
    /// The first screen of a paper whose tables and comparisons have been made from the same source.
    ///
    /// # Errors
    /// If the specification does not fit together.
    pub fn new(
        source: &Source<'_>,
        tables: &[ResultTable],
        comparisons: Option<&Comparisons>,
        provenance: Provenance,
    ) -> Result<Self> {
        let spec = &source.paper.spec;
        let printed: Vec<&ResultTable> = tables.iter().filter(|table| table.printed).collect();
        let tally = tally(&printed);
        let claims = test_claims(source)?;
        let progress = source.progress()?;
        let is_of_ranks = |table: &&ResultTable| {
            let spec = spec.table(table.number);
            table.printed && spec.is_some_and(|spec| spec.statistic == Statistic::MeanRank)
        };
        let ranks = tables.iter().find(is_of_ranks);
        let lines = match ranks {
            Some(table) => rank_lines(source, table),
            None => report_lines(source)?,
        };
        Ok(Self {
            paper: spec.id.clone(),
            title: spec.title.clone(),
            citation: spec.citation.clone(),
            link: spec.link.clone(),
            answer: if source.paper.is_own {
                own::answer(source)?
            } else {
                answer(&tally, &claims, progress)
            },
            tally,
            claims,
            lines,
            ranked_columns: ranks.map(|table| table.columns.len()),
            rank_notes: ranks.map_or(Vec::new(), rank_notes),
            differences: differences(source.paper, &printed, comparisons),
            read_first: spec.read_first.clone(),
            missing_columns: missing_columns(source.paper, tables),
            progress,
            deviations: spec.deviations.clone(),
            provenance,
            printed: spec.printed.as_ref().map(|printed| PrintedScope::of(source.paper, printed)),
            protocol_titles: protocol_titles(source.paper),
            column_titles: column_titles(source.paper),
            learner_titles: (spec.learners.iter())
                .map(|(name, learner)| (name.clone(), learner.title.clone()))
                .collect(),
            is_own: source.paper.is_own,
            has_comparisons: !spec.comparisons.is_empty(),
            skipped: Vec::new(),
        })
    }
}

impl PrintedScope {
    fn of(paper: &Paper, printed: &PrintedSpec) -> Self {
        let mut lines = paper.spec.tables.iter().flat_map(|table| &table.lines);
        let line = lines.find(|line| line.metric == printed.metric);
        Self {
            metric: line.map_or(&printed.metric, |line| &line.title).clone(),
            method: printed.method.clone(),
            protocol: printed.protocol.clone(),
            main_protocol: printed.main_protocol.clone(),
        }
    }
}

/// The protocols that tables show and that say what they are.
fn protocol_titles(paper: &Paper) -> Vec<(String, String)> {
    let shown = paper.spec.protocols.iter().filter(|(_, protocol)| !protocol.aside);
    shown.filter_map(|(name, protocol)| Some((name.clone(), protocol.title.clone()?))).collect()
}

/// The columns that are run, in the order of the tables, with their titles.
fn column_titles(paper: &Paper) -> Vec<(String, String)> {
    let spec = &paper.spec;
    let of_tables = spec.tables.iter().filter(|table| table.of_column.is_none());
    let mut titles: Vec<(String, String)> = Vec::new();
    for name in of_tables.flat_map(|table| &table.columns).chain(spec.columns.keys()) {
        if let Some(column) = spec.columns.get(name)
            && titles.iter().all(|(known, _)| known != name)
        {
            titles.push((name.clone(), column.title.clone()));
        }
    }
    titles
}

/// The verdicts of all printed tables, by the main evaluation of each protocol and all evaluations of the paper's own.
fn tally(tables: &[&ResultTable]) -> Vec<Tally> {
    let mut tally: Vec<Tally> = Vec::new();
    let lines = tables.iter().flat_map(|table| &table.lines);
    let settings = lines.flat_map(|line| &line.settings);
    for setting in settings.filter(|setting| setting.is_main || setting.is_papers) {
        let label = setting.label();
        let place = tally.iter().position(|known| known.label == label).unwrap_or_else(|| {
            let Setting { is_papers, is_main, .. } = *setting;
            tally.push(Tally { label, is_papers, is_main, counts: BTreeMap::new() });
            tally.len() - 1
        });
        for verdict in setting.values.iter().filter_map(|value| value.verdict) {
            *tally[place].counts.entry(verdict).or_default() += 1;
        }
    }
    tally.retain(|tally| !tally.counts.is_empty());
    tally.sort_by_key(|tally| !tally.is_main);
    tally
}

impl Tally {
    /// How many values have one of these verdicts.
    pub fn count(&self, verdicts: &[Verdict]) -> usize {
        verdicts.iter().filter_map(|verdict| self.counts.get(verdict)).sum()
    }

    /// Values that were judged.
    pub fn judged(&self) -> usize {
        self.count(&[Verdict::Reproduced, Verdict::Compatible, Verdict::Doubtful, Verdict::Differs])
    }
}

/// One or two sentences, from what was tested.
fn answer(tally: &[Tally], claims: &[Claim], [recorded, planned]: [usize; 2]) -> String {
    let mut sentences = Vec::new();
    if let Some(papers) = tally.iter().find(|tally| tally.is_papers && tally.is_main) {
        let judged = papers.judged();
        let holds = papers.count(&[Verdict::Reproduced, Verdict::Compatible]);
        sentences.push(if judged == 0 {
            "No printed value could be judged under the paper's own protocol yet.".to_owned()
        } else {
            format!(
                "Of {judged} printed values that could be judged under the paper's own protocol, {holds} hold (are reproduced \
                 or compatible), {} are doubtful and {} differ.",
                papers.count(&[Verdict::Doubtful]),
                papers.count(&[Verdict::Differs])
            )
        });
    } else {
        sentences.push("No printed table has been run yet; what has been run is in tables.md.".to_owned());
    }
    let of_paper: Vec<&Claim> = claims.iter().filter(|claim| !claim.ours && !claim.again).collect();
    if !of_paper.is_empty() {
        let of_answer = |(answer, one, many): (Answer, &str, &str)| {
            let count = of_paper.iter().filter(|claim| claim.answer == answer).count();
            (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
        };
        let counts: Vec<String> = [
            (Answer::Holds, "holds", "hold"),
            (Answer::DoesNotHold, "does not hold", "do not hold"),
            (Answer::CannotTell, "cannot be decided", "cannot be decided"),
        ]
        .into_iter()
        .filter_map(of_answer)
        .collect();
        let whose = if of_paper.len() == 1 {
            "Of one claim".to_owned()
        } else {
            format!("Of {} claims", of_paper.len())
        };
        sentences.push(format!("{whose} of the paper, {}.", counts.join(", ")));
    }
    if recorded < planned {
        sentences.push(format!("Run so far: {recorded} of {planned} cells."));
    }
    sentences.join(" ")
}

/// The columns of tables of which nothing has been run.
fn missing_columns(paper: &Paper, tables: &[ResultTable]) -> Vec<String> {
    let of_methods =
        |table: &&ResultTable| paper.spec.table(table.number).is_none_or(|spec| spec.of_column.is_none());
    let tables: Vec<&ResultTable> = tables.iter().filter(of_methods).collect();
    let is_run = |column: &String| tables.iter().any(|table| table.has_run(column));
    let mut missing: Vec<String> = Vec::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        if !missing.contains(column) && !is_run(column) {
            missing.push(column.clone());
        }
    }
    missing
}

fn report_lines(source: &Source<'_>) -> Result<Vec<ReportLine>> {
    let Some(printed) = &source.paper.spec.printed else { return Ok(Vec::new()) };
    let measure = Measure::named(&printed.metric)?;
    let mut lines = Vec::new();
    let tables = &source.paper.spec.tables;
    let of_metric = tables.iter().find_map(|table| {
        let line = table.lines.iter().find(|line| line.metric == printed.metric)?;
        Some((table, line))
    });
    let Some((table, line)) = of_metric else { return Ok(lines) };
    let one =
        ResultTable::new(source, &crate::spec::TableSpec { lines: vec![line.clone()], ..table.clone() })?;
    for entry in &source.entries {
        let Some(of_entry) = one.lines.iter().find(|line| line.row == entry.row) else { continue };
        let column = table.columns.iter().position(|column| *column == printed.method);
        let of_protocol = |protocol: &str| {
            let setting = of_entry.settings.iter().find(|s| s.is_main && s.protocol == protocol)?;
            setting.values.get(column?)
        };
        let papers = of_protocol(&printed.protocol);
        let judged = papers.and_then(|value| value.judged.as_ref());
        let scale = if table.percent { 100.0 } else { 1.0 };
        let of = |column: &str| {
            values_of(source, entry, &printed.main_protocol, column, &measure, Evaluation::Last)
        };
        let mean = |values: &BTreeMap<Run, f64>| {
            (!values.is_empty()).then(|| scale * values.values().sum::<f64>() / values.len() as f64)
        };
        let ours = of(&printed.method)?;
        let mut best_other: Option<(String, f64, Option<f64>)> = None;
        for other in source.paper.spec.rivals(&printed.method) {
            let mut theirs = of(other)?;
            // On the same rows as ours.
            theirs.retain(|run, _| ours.is_empty() || ours.contains_key(run));
            let Some(value) = mean(&theirs) else { continue };
            let is_better = |best: f64| measure.direction().compare(value, best).is_gt();
            if best_other.as_ref().is_none_or(|(_, best, _)| is_better(*best)) {
                let difference = paired_difference(&ours, &theirs)?;
                let difference = difference.map(|d| scale * f64::midpoint(d.lower, d.upper));
                best_other = Some((other.to_owned(), value, difference));
            }
        }
        lines.push(ReportLine {
            row: entry.row.clone(),
            printed: column.and_then(|column| of_entry.printed[column]).and_then(Printed::value),
            papers: judged.and_then(|judged| Some((judged.mean?, papers?.verdict))),
            percentile: judged.and_then(|judged| judged.percentile),
            main: mean(&ours),
            best_other,
            decimals: of_entry.decimals,
        });
    }
    Ok(lines)
}

/// Why ranks are missing: each reason, or their number where there are more than a reader wants to see here.
fn rank_notes(table: &ResultTable) -> Vec<String> {
    let (few_data_sets, others): (Vec<&String>, Vec<&String>) =
        table.reasons.iter().partition(|reason| reason.contains("ranks are over"));
    let mut notes: Vec<String> =
        others.into_iter().filter(|reason| reason.contains("ranks")).cloned().collect();
    if few_data_sets.len() <= 3 {
        notes.extend(few_data_sets.into_iter().map(|reason| format!("{reason}; see tables.md.")));
    } else {
        notes.push(format!(
            "Mean ranks over all data sets are missing for {} pairs of protocol and learner, because not all data sets \
             have been run with all columns: tables.md names the data sets.",
            few_data_sets.len()
        ));
    }
    notes
}

/// The mean ranks of the paper's method and of the best other column, a line a metric and learner.
fn rank_lines(source: &Source<'_>, table: &ResultTable) -> Vec<ReportLine> {
    let Some(printed) = &source.paper.spec.printed else { return Vec::new() };
    let method = table.columns.iter().position(|column| *column == printed.method);
    let of_line = |line: &Line| {
        let under = |protocol: &str| line.settings.iter().find(|setting| setting.protocol == protocol);
        // Ranks over some of the data sets are in the table, and too easily misread here.
        let is_whole = |value: &Value| value.sample.values.len() == source.entries.len();
        let mean = |value: &Value| value.judged.as_ref().filter(|_| is_whole(value))?.mean;
        let papers = under(&printed.protocol).and_then(|setting| setting.values.get(method?));
        let main = under(&printed.main_protocol);
        let ours = main.and_then(|setting| mean(setting.values.get(method?)?));
        let others = main.into_iter().flat_map(|setting| setting.values.iter().enumerate());
        let others = others.filter(|(place, _)| Some(*place) != method);
        let others = others.filter_map(|(place, value)| Some((place, mean(value)?)));
        let best = others.min_by(|(_, a), (_, b)| a.total_cmp(b));
        ReportLine {
            row: format!("{}, {}", line.title, line.name()),
            printed: method.and_then(|place| line.printed[place]).and_then(Printed::value),
            papers: papers.and_then(|value| Some((mean(value)?, value.verdict))),
            percentile: papers.and_then(|value| value.judged.as_ref()?.percentile),
            main: ours,
            best_other: best
                .map(|(place, rank)| (table.columns[place].clone(), rank, ours.map(|ours| ours - rank))),
            decimals: line.decimals,
        }
    };
    table.lines.iter().map(of_line).collect()
}

/// The largest differences under the paper's own protocol, measured in tolerances.
fn differences(paper: &Paper, tables: &[&ResultTable], comparisons: Option<&Comparisons>) -> Vec<Difference> {
    let mut found: Vec<(f64, [String; 3], Difference)> = Vec::new();
    for table in tables {
        let Some(spec) = paper.spec.table(table.number) else { continue };
        for line in &table.lines {
            let of_line =
                spec.lines.iter().find(|known| known.metric == line.metric && known.title == line.title);
            let tolerance = of_line.and_then(|of_line| of_line.tolerance).unwrap_or(spec.tolerance);
            let is_papers = |setting: &&Setting| setting.is_papers && setting.is_main;
            for setting in line.settings.iter().filter(is_papers) {
                for (place, value) in setting.values.iter().enumerate() {
                    let verdict = value.verdict.filter(|verdict| *verdict == Verdict::Differs);
                    let mean = value.judged.as_ref().and_then(|judged| judged.mean);
                    let printed = line.printed[place].and_then(Printed::value);
                    if let (Some(verdict), Some(mean), Some(printed)) = (verdict, mean, printed) {
                        let column = &table.columns[place];
                        let what = format!("{}, {}, {column}", line.name(), line.title);
                        let reason = reason::of(paper, comparisons, table, line, setting, place);
                        let size = (printed - mean).abs() / tolerance;
                        let place = [line.name(), line.metric.clone(), column.clone()];
                        found.push((size, place, Difference { what, printed, mean, verdict, reason }));
                    }
                }
            }
        }
    }
    found.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    // A value may be printed in two tables.
    let mut places = BTreeSet::new();
    found.retain(|(_, place, _)| places.insert(place.clone()));
    found.into_iter().take(SHOWN).map(|(.., difference)| difference).collect()
}
