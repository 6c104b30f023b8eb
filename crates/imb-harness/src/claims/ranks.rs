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
    /// every metric.
    pub(super) fn ahead(
        &mut self,
        source: &Source<'_>,
        protocol: &str,
        columns: &[String],
        others: &[String],
    ) -> Result<Finding> {
        let table = source.paper.spec.rank_table()?;
        let (mut clear, mut lost, mut open, mut absent) = (0, 0, 0, 0);
        let (mut words, mut runs, mut not_run) = (Vec::new(), 0, Vec::new());
        for block in self.under(source, protocol)? {
            not_run = block.not_run();
            for column in columns {
                for other in others.iter().filter(|other| *other != column) {
                    let Some(difference) = block.difference(place(table, column)?, place(table, other)?)?
                    else {
                        absent += 1;
                        continue;
                    };
                    let interval = difference.interval;
                    let counter = match (interval.upper < 0.0, interval.lower > 0.0) {
                        (true, _) => &mut clear,
                        (_, true) => &mut lost,
                        _ => &mut open,
                    };
                    *counter += 1;
                    runs = runs.max(difference.runs);
                    words.push(format!("{}: {column} {:+.2} against {other}", block.title, difference.mean));
                }
            }
        }
        let all = clear + lost + open + absent;
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
        let mut evidence = format!(
            "mean rank over all learners: clearly better in {clear} of {all} comparisons, clearly worse in {lost}, \
             open in {open}"
        );
        if !not_run.is_empty() {
            evidence = format!(
                "{} of {} data sets are run; {evidence}",
                source.entries.len() - not_run.len(),
                source.entries.len()
            );
        }
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
        let (mut tested, mut asked, mut words, mut runs) = (0, 0, Vec::new(), 0);
        let mut is_whole = true;
        for block in self.under(source, protocol)? {
            is_whole &= block.not_run().is_empty();
            for (learner, won) in block.uncorrected(place)? {
                asked += 1;
                let Some(won) = won else { continue };
                tested += 1;
                runs = runs.max(block.n_folds());
                if won.losses > 0 {
                    words.push(format!("{}, {learner}: {}", block.title, won.losses));
                }
            }
        }
        if tested == 0 {
            return Ok((Answer::CannotTell, format!("{column} is not run yet"), 0));
        }
        let answer = match (words.is_empty(), tested == asked) {
            _ if !is_whole => Answer::CannotTell,
            (false, _) => Answer::DoesNotHold,
            (true, true) => Answer::Holds,
            (true, false) => Answer::CannotTell,
        };
        let lost = if words.is_empty() { "none".to_owned() } else { words.join("; ") };
        let evidence = format!("significantly better columns, in {tested} of {asked} rows: {lost}");
        Ok((answer, evidence, runs))
    }
}

fn place(table: &TableSpec, column: &str) -> Result<usize> {
    let mut columns = table.columns.iter();
    columns
        .position(|other| other == column)
        .with_context(|| format!("table {} lacks {column}", table.number))
}
