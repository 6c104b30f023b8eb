//! The first screen as Markdown, which a terminal shows as well.

use std::fmt::Write;

use super::{Report, ReportLine, Tally};
use crate::grid::Grid;
use crate::results::legend;
use crate::verdict::Verdict;

const NOTHING: &str = "–";

impl Report {
    /// The answer as one line, for the README.
    pub fn line(&self) -> String {
        format!("- [{}](experiments/{}/REPORT.md): {}", self.title, self.paper, self.answer)
    }

    /// The first screen.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        let title = match &self.link {
            Some(link) => format!("# [{}]({link})", self.title),
            None => format!("# {}", self.title),
        };
        let _ = write!(text, "{title}\n\n{}. **{}**\n", self.citation, self.answer);
        let list = |items: &[String]| items.iter().map(|item| format!("- {item}\n")).collect::<String>();
        if self.tally.iter().any(|tally| tally.judged() > 0) {
            let _ = write!(text, "\n{}", self.bars());
        }
        if !self.claims.is_empty() {
            let _ = write!(text, "\n## What the paper claims\n\n{}", self.claim_grid().to_markdown());
        }
        if self
            .lines
            .iter()
            .any(|line| line.papers.is_some() || line.main.is_some() || line.best_other.is_some())
        {
            let _ = write!(text, "\n## {}\n\n{}", self.line_heading(), self.line_grid().to_markdown());
            let _ = write!(text, "\nSigns: {}.\n", legend());
            if !self.rank_notes.is_empty() {
                let _ = write!(text, "\n{}", list(&self.rank_notes));
            }
        }
        if !self.differences.is_empty() {
            let _ = write!(text, "\n## The largest differences\n\n{}", self.difference_grid().to_markdown());
        }
        if !self.read_first.is_empty() {
            let _ = write!(text, "\n## Read this first\n\n{}", list(&self.read_first));
        }
        if !self.deviations.is_empty() {
            let _ = write!(text, "\n## Where our runs depart from the paper\n\n{}", list(&self.deviations));
        }
        let _ = write!(text, "\n## Run it again\n\n{}", list(&self.again()));
        text
    }

    /// A line a protocol: printed values by verdict.
    fn bars(&self) -> String {
        let header = ["printed values, by verdict", "", "", ""].map(String::from).into();
        let rows = self.tally.iter().filter(|tally| tally.judged() > 0).map(Tally::row).collect();
        let mut grid = Grid { header, rows, text_columns: 4 };
        grid.header = ["protocol", "printed values", "by verdict", "differ by chance, at most"]
            .map(String::from)
            .into();
        grid.to_markdown()
    }

    fn claim_grid(&self) -> Grid {
        let header = ["claim", "answer", "evidence", "runs"].map(String::from).into();
        let rows = self.claims.iter().map(|claim| {
            vec![
                format!("{} ({})", claim.says, claim.place),
                format!("**{}**", claim.answer),
                claim.evidence.clone(),
                claim.runs.to_string(),
            ]
        });
        Grid { header, rows: rows.collect(), text_columns: 3 }
    }

    fn line_heading(&self) -> String {
        match self.ranked_columns {
            Some(columns) => format!("Mean ranks over the data sets: 1 is the best of {columns} columns"),
            None => "Data set by data set".to_owned(),
        }
    }

    fn line_grid(&self) -> Grid {
        let header = [
            if self.ranked_columns.is_some() { "metric, learner" } else { "data set" },
            "printed",
            "paper's protocol",
            "percentile of the print",
            "sound: the paper's method",
            "sound: best other",
            if self.ranked_columns.is_some() { "difference" } else { "difference, run by run" },
        ];
        let rows = self.lines.iter().map(ReportLine::row).collect();
        Grid { header: header.map(String::from).into(), rows, text_columns: 1 }
    }

    fn difference_grid(&self) -> Grid {
        let header = ["value", "printed", "ours", "reason"].map(String::from).into();
        let rows = self.differences.iter().map(|difference| {
            vec![
                difference.what.clone(),
                difference.printed.to_string(),
                format!("{:.3}", difference.mean),
                difference.reason.clone(),
            ]
        });
        Grid { header, rows: rows.collect(), text_columns: 1 }
    }

    fn again(&self) -> Vec<String> {
        let paper = &self.paper;
        let mut lines = vec![
            format!(
                "`cargo xtask reproduce {paper} --data DIR` runs a sample of the cells again and compares each with \
                 its record; `--profile full` runs what is missing. All of it took {:.1} CPU hours for {} cells.",
                self.provenance.hours, self.provenance.records
            ),
            format!(
                "Tables: [tables.md](tables.md), [data sets](table1.md). Runs compared with others: \
                 {}.",
                if self.paper == "aemlo" { "none yet" } else { "[comparison.md](comparison.md)" }
            ),
        ];
        if !self.missing_columns.is_empty() {
            lines.push(format!("Not run yet: {}.", self.missing_columns.join(", ")));
        }
        if !self.provenance.machines.is_empty() {
            lines.push(format!("Ran on {}.", self.provenance.machines.join("; ")));
        }
        if !self.provenance.data.is_empty() {
            let data = self.provenance.data.iter();
            let data: Vec<String> = data.map(|(name, hash)| format!("{name} `{hash}`")).collect();
            lines.push(format!("Data, by the fingerprint of the table: {}.", data.join(", ")));
        }
        lines.push(format!("Cite: {}, \"{}\".", self.citation, self.title));
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
        let differs = self.count(&[Verdict::Differs]);
        let chance = 0.01 * self.judged() as f64;
        vec![
            self.label.clone(),
            format!("{} {total}", self.bar(total)),
            words.join(", "),
            format!("{chance:.1} (are {differs})"),
        ]
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
        let number = |value: Option<f64>| {
            value.map_or(NOTHING.to_owned(), |value| format!("{value:.*}", self.decimals))
        };
        let papers = self.papers.map(|(mean, verdict)| {
            let sign = verdict.map_or("", Verdict::sign);
            format!("{mean:.*} {sign}", self.decimals)
        });
        let other = self.best_other.as_ref();
        vec![
            self.row.clone(),
            number(self.printed),
            papers.unwrap_or(NOTHING.to_owned()),
            self.percentile.map_or(NOTHING.to_owned(), |percentile| format!("P{percentile:.0}")),
            number(self.main),
            other.map_or(NOTHING.to_owned(), |(name, value, _)| format!("{value:.*} {name}", self.decimals)),
            other
                .and_then(|(.., difference)| *difference)
                .map_or(NOTHING.to_owned(), |difference| format!("{difference:+.*}", self.decimals)),
        ]
    }
}
