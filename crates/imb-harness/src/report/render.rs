//! The first screen as Markdown, which a terminal shows as well.

use std::fmt::Write;

use super::{Report, ReportLine, Tally};
use crate::grid::Grid;
use crate::results::{legend, percentile_text};
use crate::verdict::{Verdict, as_printed};

const NOTHING: &str = "–";

/// The heading of the claims.
pub(crate) const CLAIMS: &str = "What the paper claims, and what we ask";
/// What stands below them.
pub(crate) const CLAIM_LEGEND: &str = "Each claim is counted once, under the protocol of its first row: `sound`, \
     unless it is about the paper's own runs. Rows \"asked again\" show it under another protocol. Numbers in parentheses \
     are 95 % intervals; those of differences compare runs on the same rows. A column is best where it is ahead of every \
     rival at this level. It is behind where a rival is ahead of it at a level shared among all rivals and data sets \
     (Bonferroni), so a difference whose interval excludes 0 may still count as undecided. Mean ranks are compared by the \
     same two levels. The \"best other column\" is \
     the one with the smallest lead, run by run; further below, it is the one with the best mean. Runs: those of the \
     column that the claim is about.";
/// The heading of the largest differences.
pub(crate) const DIFFERENCES: &str =
    "The largest differences under the paper's protocol (sorted by multiples of the tolerance)";

/// What a percentile is.
const PERCENTILE: &str = "Percentile of the printed value: where it lies in the distribution that our runs predict for \
     one further unit (a unit is what one printed value was made from, such as one run): P50 is the middle, P2 and P98 \
     are near the edges. Only judged values have one.";

/// What the signs mean.
fn signs() -> String {
    let signs = legend(|verdict| format!("{verdict} ({})", verdict.meaning()));
    format!("Signs: {signs}. `tables.md` shows the tolerances and intervals.")
}

/// The heading of what a reader should know before the tables.
pub(crate) const READ_FIRST: &str = "Before you read the tables";

impl Report {
    /// The answer as one line, for the README.
    pub fn line(&self) -> String {
        if self.is_own {
            return self.answer.clone();
        }
        format!("- [{}](experiments/{}/REPORT.md): {}", self.title, self.paper, self.answer)
    }

    /// The first screen.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        let title = match &self.link {
            Some(link) => format!("# [{}]({link})", self.title),
            None => format!("# {}", self.title),
        };
        let citation = if self.citation.is_empty() { String::new() } else { format!("{}. ", self.citation) };
        let _ = write!(text, "{title}\n\n{citation}**{}**\n", self.answer);
        let list = |items: &[String]| items.iter().map(|item| format!("- {item}\n")).collect::<String>();
        if !self.tally.is_empty() {
            let _ = write!(text, "\n{}", self.bars());
        }
        if !self.claims.is_empty() {
            let _ = write!(text, "\n## {CLAIMS}\n\n{}\n{CLAIM_LEGEND}\n", self.claim_grid().to_markdown());
        }
        if self.has_lines() {
            let _ = write!(text, "\n## {}\n\n{}", self.line_heading(), self.line_grid().to_markdown());
            let _ = write!(text, "\n{}", list(&self.line_legend()));
        }
        if !self.differences.is_empty() {
            let _ = write!(text, "\n## {DIFFERENCES}\n\n{}", self.difference_grid().to_markdown());
        }
        for (title, items) in self.sections() {
            let _ = write!(text, "\n## {title}\n\n{}", list(&items));
        }
        text
    }

    /// The lists at the end, with their headings.
    pub(crate) fn sections(&self) -> Vec<(&'static str, Vec<String>)> {
        let title = |(name, title): &(String, String)| format!("`{name}`: {title}");
        let skipped = |[row, protocol, why]: &[String; 3]| {
            format!("{row} under {protocol}, which does not fit it: {why}")
        };
        let sections = [
            (READ_FIRST, self.read_first.clone()),
            ("Where our runs depart from the paper", self.deviations.clone()),
            ("Not run", self.skipped.iter().map(skipped).collect()),
            ("The protocols", self.protocol_titles.iter().map(title).collect()),
            ("The columns", self.column_titles.iter().map(title).collect()),
            ("The learners", self.learner_titles.iter().map(title).collect()),
            ("Run it again", self.again()),
        ];
        sections.into_iter().filter(|(_, items)| !items.is_empty()).collect()
    }

    /// Whether anything is known of a data set at a glance.
    pub(crate) fn has_lines(&self) -> bool {
        let is_known =
            |line: &ReportLine| line.papers.is_some() || line.main.is_some() || line.best_other.is_some();
        self.lines.iter().any(is_known)
    }

    /// What the values at a glance are, in a few words.
    pub(crate) fn lines_caption(&self) -> String {
        let scope = self.printed.as_ref();
        scope.map_or(String::new(), |scope| format!("{} of {} on each data set", scope.metric, scope.method))
    }

    /// How the values at a glance are read.
    pub(crate) fn line_legend(&self) -> Vec<String> {
        let Some(scope) = &self.printed else { return Vec::new() };
        if self.ranked_columns.is_some() {
            let lines = [
                format!(
                    "Ranks of `{}`, the paper's method. Difference: its mean rank minus that of the best other column; \
                     below 0 is better. `avg`: the mean over the learners.",
                    scope.method
                ),
                signs(),
                PERCENTILE.to_owned(),
            ];
            return lines.into_iter().chain(self.rank_notes.iter().cloned()).collect();
        }
        vec![
            format!(
                "Values are {} of `{}`, the paper's method, on test rows. Printed: by the paper. Paper's protocol: the mean of our runs under `{}`, with the sign of the verdict on the printed value.",
                scope.metric, scope.method, scope.protocol
            ),
            signs(),
            PERCENTILE.to_owned(),
            format!(
                "Sound: under `{}`, where nothing leaks and nothing is chosen on test rows. Best other: the best mean of the paper's other columns, over the same runs, with its name. Difference: `{}` minus that column, run by run where both have the run.",
                scope.main_protocol, scope.method
            ),
        ]
    }

    /// A line a protocol: printed values by verdict.
    fn bars(&self) -> String {
        let header = [
            "protocol",
            "printed values (signs: shares of verdicts)",
            "by verdict",
            "\"differs\" expected by chance",
        ]
        .map(String::from)
        .into();
        let rows = self.tally.iter().map(Tally::row).collect();
        Grid { header, rows, text_columns: 4 }.to_markdown()
    }

    pub(crate) fn claim_grid(&self) -> Grid {
        let header = ["claim", "protocol", "answer", "evidence", "runs"].map(String::from).into();
        let rows = self.claims.iter().map(|claim| {
            let whose = if claim.ours { "our question; " } else { "" };
            // Each row stands for itself, wherever a reader sorts it.
            let again = if claim.again { "; asked again, not counted" } else { "" };
            vec![
                format!("{} ({whose}{}{again})", claim.says, claim.place),
                claim.protocol.clone(),
                format!("**{}**", claim.answer),
                claim.evidence.clone(),
                claim.runs.to_string(),
            ]
        });
        Grid { header, rows: rows.collect(), text_columns: 4 }
    }

    pub(crate) fn line_heading(&self) -> String {
        match self.ranked_columns {
            Some(columns) => format!("Mean ranks over the data sets: 1 is the best of {columns} columns"),
            None => "Data set by data set".to_owned(),
        }
    }

    pub(crate) fn line_grid(&self) -> Grid {
        let header = [
            if self.ranked_columns.is_some() { "metric, learner" } else { "data set" },
            "printed",
            "paper's protocol",
            "percentile of the printed value",
            "sound: the paper's method",
            "sound: best other",
            "difference",
        ];
        let rows = self.lines.iter().map(ReportLine::row).collect();
        Grid { header: header.map(String::from).into(), rows, text_columns: 1 }
    }

    pub(crate) fn difference_grid(&self) -> Grid {
        let header = ["value", "reason", "printed", "ours"].map(String::from).into();
        let rows = self.differences.iter().map(|difference| {
            vec![
                difference.what.clone(),
                difference.reason.clone(),
                difference.printed.to_string(),
                format!("{:.3}", difference.mean),
            ]
        });
        Grid { header, rows: rows.collect(), text_columns: 2 }
    }

    fn again(&self) -> Vec<String> {
        let paper = &self.paper;
        let cost = format!(
            "All {} recorded cells, including those run only for comparisons, took {:.1} CPU hours.",
            self.provenance.records, self.provenance.hours
        );
        let mut lines = vec![if self.is_own {
            format!(
                "`imb run --spec FILE`, where FILE is the specification of {paper}, runs what has no record in the results \
                 folder yet. {cost}"
            )
        } else {
            format!(
                "`cargo xtask reproduce {paper} --data DIR` runs a sample of the cells again and compares each with \
                 its record; `--profile full` runs every cell without a record in the results folder (the README says how to \
                 copy the committed records there first). {cost}"
            )
        }];
        let mut files = vec!["[tables](tables.md)", "[tables and plots on one page](report.html)"];
        files.extend((!self.is_own).then_some("[data sets](table1.md)"));
        files.extend(self.has_comparisons.then_some("[runs compared with others](comparison.md)"));
        lines.push(format!("Files: {}.", files.join(", ")));
        if !self.missing_columns.is_empty() {
            lines.push(format!("No run yet of {}.", self.missing_columns.join(", ")));
        }
        if !self.provenance.machines.is_empty() {
            lines.push(format!("Ran on {}.", self.provenance.machines.join("; ")));
        }
        if !self.provenance.programs.is_empty() {
            let programs: Vec<&str> = self.provenance.programs.iter().map(String::as_str).collect();
            let methods = self.provenance.methods.iter();
            let methods: Vec<String> = methods.map(|(name, version)| format!("{name} {version}")).collect();
            lines.push(format!(
                "Code: `imb` {}; versions of the methods: {}. A method that changes its results has a new version, and \
                 earlier records no longer count.",
                programs.join(", "),
                methods.join(", ")
            ));
        }
        if !self.provenance.data.is_empty() {
            let data = self.provenance.data.iter();
            let data: Vec<String> = data.map(|(name, hash)| format!("{name} `{hash}`")).collect();
            lines.push(format!("Data, by the fingerprint of the table: {}.", data.join(", ")));
        }
        if !self.citation.is_empty() {
            lines.push(format!("Cite: {}, \"{}\".", self.citation, self.title));
        }
        lines
    }
}

impl Tally {
    fn row(&self) -> Vec<String> {
        let total: usize = self.counts.values().sum();
        let named = |verdict: &Verdict| {
            let count = self.counts.get(verdict)?;
            Some(format!("{count} {}", verdict.name(self.is_papers)))
        };
        let words: Vec<String> = Verdict::ALL.iter().filter_map(named).collect();
        vec![
            self.label.clone(),
            format!("{} {total}", self.bar(total)),
            words.join(", "),
            if self.judged() > 0 { format!("about {:.2}", self.by_chance()) } else { NOTHING.to_owned() },
        ]
    }

    /// About how many values chance alone would call different: one in a hundred, fewer where the tolerance is wide. The
    /// tests simulate it.
    fn by_chance(&self) -> f64 {
        0.01 * self.judged() as f64
    }

    /// The number of judged values, and how many chance alone would call different.
    pub(crate) fn chance(&self) -> String {
        if self.judged() == 0 {
            return "None could be judged yet.".to_owned();
        }
        format!(
            "Of {} that could be judged, chance alone would call about {:.2} of them different.",
            self.judged(),
            self.by_chance()
        )
    }

    /// A bar of signs, one for each twentieth of the values.
    fn bar(&self, total: usize) -> String {
        const WIDTH: usize = 20;
        let mut bar = String::new();
        for verdict in Verdict::ALL {
            let count = self.counts.get(&verdict).copied().unwrap_or(0);
            let width = (count * WIDTH + total / 2).checked_div(total).unwrap_or(0);
            bar += &verdict.sign().repeat(width);
        }
        format!("`{bar}`")
    }
}

impl ReportLine {
    fn row(&self) -> Vec<String> {
        let papers = self.papers.map(|(mean, verdict)| {
            let sign = verdict.filter(|verdict| *verdict != Verdict::NotAttempted).map_or("", Verdict::sign);
            format!("{mean:.*} {sign}", self.decimals)
        });
        let other = self.best_other.as_ref();
        vec![
            self.row.clone(),
            self.printed.map_or(NOTHING.to_owned(), |value| as_printed(value, self.decimals)),
            papers.unwrap_or(NOTHING.to_owned()),
            self.percentile.map_or(NOTHING.to_owned(), percentile_text),
            self.main.map_or(NOTHING.to_owned(), |value| format!("{value:.*}", self.decimals)),
            other.map_or(NOTHING.to_owned(), |(name, value, _)| format!("{value:.*} {name}", self.decimals)),
            other
                .and_then(|(.., difference)| *difference)
                .map_or(NOTHING.to_owned(), |difference| format!("{difference:+.*}", self.decimals)),
        ]
    }
}
