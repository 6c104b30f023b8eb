//! Claims on mean ranks over data sets and learners.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::{Answer, Finding};
use crate::results::{RankBlock, Source};
use crate::spec::TableSpec;

/// The ranks of every metric of the paper's table of mean ranks, by protocol: folds are drawn once for all
/// claims.
#[derive(Default)]
pub(super) struct Ranks(BTreeMap<String, Vec<RankBlock>>);

impl Ranks {
    fn under<'a>(&'a mut self, source: &Source<'_>, protocol: &str) -> Result<&'a [RankBlock]> {
        if !self.0.contains_key(protocol) {
            let table = source.paper.spec.rank_table()?;
            let blocks = table.lines.iter().map(|line| RankBlock::new(source, table, line, protocol));
            self.0.insert(protocol.to_owned(), blocks.collect::<Result<_>>()?);
        }
        Ok(&self.0[protocol])
    }

    /// Whether each of some columns has a better mean rank over all learners than each of some others, in
    /// every metric: yes if each comparison says so at 95 %. One that says the opposite refutes it, at a level that
    /// all comparisons share (Bonferroni).
    pub(super) fn ahead(
        &mut self,
        source: &Source<'_>,
        protocol: &str,
        columns: &[String],
        others: &[String],
    ) -> Result<Finding> {
        let table = source.paper.spec.rank_table()?;
        let pairs = columns.iter().flat_map(|column| others.iter().map(move |other| (column, other)));
        let pairs: Vec<(&String, &String)> = pairs.filter(|(column, other)| column != other).collect();
        let all = pairs.len() * table.lines.len();
        let (mut clear, mut lost, mut absent) = (0, 0, 0);
        let (mut words, mut runs, mut not_run) = (Vec::new(), 0, Vec::new());
        for block in self.under(source, protocol)? {
            not_run = block.not_run();
            for (column, other) in &pairs {
                let difference = block.difference(place(table, column)?, place(table, other)?)?;
                let Some(difference) = difference else {
                    absent += 1;
                    continue;
                };
                runs = runs.max(difference.runs);
                clear += usize::from(difference.interval(0.95)?.upper < 0.0);
                if difference.interval(1.0 - 0.05 / all as f64)?.lower > 0.0 {
                    lost += 1;
                    let by = difference.mean;
                    words.push(format!("{}: {column} is {by:.2} ranks behind {other}", block.title));
                }
            }
        }
        // A mean rank is one over all data sets: what some of them say is shown and not judged.
        let answer = if !not_run.is_empty() {
            Answer::CannotTell
        } else if lost > 0 {
            Answer::DoesNotHold
        } else if clear == all && all > 0 {
            Answer::Holds
        } else {
            Answer::CannotTell
        };
        let n_datasets = source.entries.len();
        let on = if not_run.is_empty() {
            format!("on all {n_datasets} data sets")
        } else {
            format!("on {} of {n_datasets} data sets so far", n_datasets - not_run.len())
        };
        let mut evidence = format!(
            "{on}: clearly better mean rank in {clear} of {all} comparisons, clearly worse in {lost}, undecided in {}",
            all - clear - lost - absent
        );
        if absent > 0 {
            evidence += &format!(", not run in {absent}");
        }
        if !words.is_empty() {
            evidence += &format!(" ({})", words.join("; "));
        }
        Ok((answer, evidence, runs))
    }

    /// Whether no column is significantly better than a column, with any learner in any metric, by the
    /// uncorrected signed-rank test.
    pub(super) fn no_losses(&mut self, source: &Source<'_>, protocol: &str, column: &str) -> Result<Finding> {
        let table = source.paper.spec.rank_table()?;
        let place = place(table, column)?;
        let (mut tested, mut asked, mut words, mut folds) = (0, 0, Vec::new(), 0);
        let mut is_whole = true;
        for block in self.under(source, protocol)? {
            is_whole &= block.not_run().is_empty();
            folds = folds.max(block.n_folds());
            for (learner, won) in block.uncorrected(place)? {
                asked += 1;
                let Some(won) = won else { continue };
                tested += 1;
                if won.losses > 0 {
                    words.push(format!("{}, {learner}: {}", block.title, won.losses));
                }
            }
        }
        if tested == 0 {
            let evidence = "the signed-rank test needs two data sets that were run with every column";
            return Ok((Answer::CannotTell, evidence.to_owned(), folds));
        }
        let answer = match (words.is_empty(), tested == asked) {
            _ if !is_whole => Answer::CannotTell,
            (false, _) => Answer::DoesNotHold,
            (true, true) => Answer::Holds,
            (true, false) => Answer::CannotTell,
        };
        let lost = if words.is_empty() { "none".to_owned() } else { words.join("; ") };
        let evidence = format!(
            "columns significantly better than `{column}` ({tested} of {asked} pairs of metric and learner tested): {lost}"
        );
        Ok((answer, evidence, folds))
    }
}

fn place(table: &TableSpec, column: &str) -> Result<usize> {
    let mut columns = table.columns.iter();
    columns
        .position(|other| other == column)
        .with_context(|| format!("table {} lacks {column}", table.number))
}
