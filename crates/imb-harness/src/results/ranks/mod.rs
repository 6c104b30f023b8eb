//! Tables of mean ranks: columns are ranked on each data set, learner by learner, and the ranks averaged.
//!
//! The value of a data set is the mean over its folds; equal values share the mean of their ranks. Besides the
//! mean ranks there are the tests that such a table rests on, with and without correction for many pairs.

mod printed;
mod render;
mod resampled;
mod values;

pub(crate) use self::values::RankedValues;

use anyhow::Result;
use imb_core::Seed;
use imb_metrics::interval::{Interval, normal_interval};
use imb_metrics::rank::{
    Friedman, PairTest, WinsLosses, critical_difference, friedman, rank_rows, wins_and_losses,
};
use ndarray::{Array2, Axis};
use serde::Serialize;

use self::printed::PrintedRanks;
use self::resampled::{Resampled, resample};
use super::{Lacking, Line, Setting, Source, Value};
use crate::measure::Measure;
use crate::spec::{Evaluation, LineSpec, TableSpec, TrainingRows};
use crate::verdict::{Judged, Rule, Sample, Verdict};

/// The name of the line that averages over all learners.
pub(crate) const ALL_LEARNERS: &str = "avg";

/// The level of all tests.
const LEVEL: f64 = 0.05;

/// Fewer columns than this are not ranked.
const LEAST_COLUMNS: usize = 2;

/// Fewer folds than this decide nothing.
const LEAST_FOLDS: usize = 5;

/// A table of mean ranks.
pub(super) struct RankTable {
    pub(super) lines: Vec<Line>,
    pub(super) tests: Vec<RankTests>,
    pub(super) proofs: Vec<String>,
    pub(super) reasons: Vec<String>,
}

/// The tests behind the mean ranks of a metric with a learner under a protocol.
#[derive(Clone, Debug, Serialize)]
pub struct RankTests {
    /// The metric.
    pub title: String,
    /// The learner; `avg` for all of them together.
    pub learner: String,
    /// The protocol.
    pub protocol: String,
    /// The data sets that are ranked.
    pub data_sets: usize,
    /// Whether the columns differ at all; none for all learners together.
    pub friedman: Option<Friedman>,
    /// The difference of mean ranks that Nemenyi's test needs.
    pub critical_difference: Option<f64>,
    /// Wins and losses of each column of the table; none of a column that is not ranked.
    pub columns: Vec<ColumnTests>,
}

/// Wins and losses of a column at 5 %.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct ColumnTests {
    /// As the paper prints them.
    pub printed: Option<WinsLosses>,
    /// By Wilcoxon's signed-rank test, not corrected for many pairs.
    pub uncorrected: Option<WinsLosses>,
    /// By the same test with Holm's correction.
    pub holm: Option<WinsLosses>,
    /// By Nemenyi's test.
    pub nemenyi: Option<WinsLosses>,
}

/// A metric under a protocol: values, ranks in every draw, and tests.
pub(crate) struct RankBlock {
    /// The metric.
    pub(crate) title: String,
    protocol: String,
    measure: Measure,
    values: RankedValues,
    resampled: Vec<Option<Resampled>>,
    /// Whether every column of the table is ranked.
    all_columns: bool,
    n_sets: usize,
}

/// Makes a table of mean ranks.
///
/// # Errors
/// If the specification does not fit together.
pub(super) fn make(source: &Source<'_>, table: &TableSpec) -> Result<RankTable> {
    let mut made =
        RankTable { lines: Vec::new(), tests: Vec::new(), proofs: Vec::new(), reasons: Vec::new() };
    let mut learners = table.learners_of(&source.paper.spec);
    learners.push(ALL_LEARNERS.to_owned());
    for spec in &table.lines {
        let printed = PrintedRanks::read(source.paper, table, spec);
        made.proofs.extend(printed.proofs());
        let protocols = source.protocol_names().filter(|protocol| spec.is_for(protocol));
        let blocks = protocols.map(|protocol| RankBlock::new(source, table, spec, protocol));
        let blocks = blocks.collect::<Result<Vec<RankBlock>>>()?;
        for reason in blocks.iter().flat_map(|block| block.reasons(table)) {
            if !made.reasons.contains(&reason) {
                made.reasons.push(reason);
            }
        }
        for (number, learner) in learners.iter().enumerate() {
            let mut settings = Vec::new();
            for block in &blocks {
                settings.push(block.setting(source, table, spec, number, &printed)?);
                made.tests.extend(block.tests(table, spec, number, &printed)?);
            }
            made.lines.push(Line {
                row: String::new(),
                learner: Some(learner.clone()),
                title: spec.title.clone(),
                metric: spec.metric.clone(),
                printed: printed.ranks(number),
                decimals: spec.decimals.unwrap_or(table.decimals),
                settings,
            });
        }
    }
    Ok(made)
}

impl RankBlock {
    /// Reads the values and draws the folds.
    ///
    /// # Errors
    /// If the specification does not fit together.
    pub(crate) fn new(
        source: &Source<'_>,
        table: &TableSpec,
        spec: &LineSpec,
        protocol: &str,
    ) -> Result<Self> {
        let measure = Measure::named(spec.metric_under(protocol))?;
        let values = RankedValues::read(source, table, protocol, &measure)?;
        let seed = Seed::new(source.paper.spec.seed).child("mean ranks").child(&spec.metric).child(protocol);
        let resampled = resample(&values, measure.direction(), seed)?;
        let all_columns = values.columns.len() == table.columns.len();
        let (title, protocol, n_sets) = (spec.title.clone(), protocol.to_owned(), source.entries.len());
        Ok(Self { title, protocol, measure, values, resampled, all_columns, n_sets })
    }

    /// The values of a line under the protocol. The learner after the last is all of them together.
    fn setting(
        &self,
        source: &Source<'_>,
        table: &TableSpec,
        spec: &LineSpec,
        learner: usize,
        printed: &PrintedRanks,
    ) -> Result<Setting> {
        let papers = source.paper.spec.printed.as_ref();
        let mut values = Vec::new();
        let ranked = self.ranked(learner)?;
        for (place, column) in table.columns.iter().enumerate() {
            let mut value = match (&ranked, self.values.columns.iter().position(|other| *other == place)) {
                (Some(ranked), Some(column)) => {
                    self.value(ranked, column, table, spec, printed.at(learner, place))?
                }
                _ => {
                    let is_there = source.paper.spec.columns.contains_key(column);
                    let lacking = if is_there { Lacking::NotRun } else { Lacking::Method };
                    Value::lacking(lacking, printed.at(learner, place))
                }
            };
            if printed.is_impossible(learner, place) {
                value.set_aside(Verdict::CannotBeRight);
            }
            values.push(value);
        }
        Ok(Setting {
            protocol: self.protocol.clone(),
            rows: TrainingRows::Train,
            evaluation: Evaluation::Last,
            is_papers: papers.is_some_and(|printed| printed.protocol == self.protocol),
            is_main: true,
            values,
        })
    }

    /// The mean ranks of a learner; none where nothing is ranked.
    fn ranked(&self, learner: usize) -> Result<Option<Ranked>> {
        if learner < self.values.learners.len() {
            return self.ranked_with(learner);
        }
        if learner == 0 {
            return Ok(None);
        }
        let all: Option<Vec<Ranked>> = (0..learner)
            .map(|learner| self.ranked_with(learner))
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .collect();
        Ok(all.map(|all| Ranked::mean(&all)))
    }

    /// The data sets that are not run whole yet, by their row in the paper.
    pub(crate) fn not_run(&self) -> Vec<&str> {
        self.values.not_run()
    }

    fn ranked_with(&self, learner: usize) -> Result<Option<Ranked>> {
        let Some(resampled) = &self.resampled[learner] else { return Ok(None) };
        let ranks = rank_rows(self.values.means(learner).view(), self.measure.direction())?;
        let n_folds = self.values.sets.iter().filter(|set| set.by_learner[learner].is_some());
        let n_folds: Vec<usize> = n_folds.map(values::RankedSet::n_folds).collect();
        Ok(Some(Ranked {
            of_sets: ranks,
            ours: resampled.ours.clone(),
            others: resampled.others.clone(),
            runs: n_folds.iter().sum(),
            is_whole: n_folds.len() == self.n_sets && n_folds.iter().all(|n| *n >= LEAST_FOLDS),
        }))
    }

    fn value(
        &self,
        ranked: &Ranked,
        column: usize,
        table: &TableSpec,
        spec: &LineSpec,
        printed: Option<crate::verdict::Printed>,
    ) -> Result<Value> {
        let rule = Rule {
            tolerance: spec.tolerance.unwrap_or(table.tolerance),
            decimals: spec.decimals.unwrap_or(table.decimals),
            range: (1.0, table.columns.len() as f64),
        };
        let of_sets = ranked.of_sets.column(column).to_vec();
        let mean = of_sets.iter().sum::<f64>() / of_sets.len() as f64;
        let draws = [ranked.ours.column(column).to_vec(), ranked.others.column(column).to_vec()];
        // Ranks among fewer columns are other ranks than the printed ones.
        let judged_against = printed.filter(|_| self.all_columns);
        let judged = Judged::by_draws(mean, draws, judged_against, rule, ranked.is_whole)?;
        let sample = Sample { values: of_sets, runs: ranked.runs, ..Sample::default() };
        let verdict = judged.verdict;
        Ok(Value { sample, judged: Some(judged), lacking: None, verdict })
    }

    /// The tests of a learner; of all learners together the sums of wins and losses.
    fn tests(
        &self,
        table: &TableSpec,
        spec: &LineSpec,
        learner: usize,
        printed: &PrintedRanks,
    ) -> Result<Option<RankTests>> {
        let n_learners = self.values.learners.len();
        let learners: Vec<usize> =
            if learner < n_learners { vec![learner] } else { (0..n_learners).collect() };
        let results: Vec<Array2<f64>> = learners.iter().map(|learner| self.values.means(*learner)).collect();
        if results.iter().any(|results| results.nrows() < 2 || results.ncols() < 2) {
            return Ok(None);
        }
        let direction = self.measure.direction();
        let mut columns: Vec<ColumnTests> = (0..table.columns.len())
            .map(|place| ColumnTests { printed: printed.wins_at(learner, place), ..ColumnTests::default() })
            .collect();
        for results in &results {
            for test in [PairTest::Wilcoxon, PairTest::WilcoxonHolm, PairTest::Nemenyi] {
                let won = wins_and_losses(results.view(), direction, test, LEVEL)?;
                for (place, won) in self.values.columns.iter().zip(won) {
                    columns[*place].add(test, won);
                }
            }
        }
        let alone = (results.len() == 1).then(|| &results[0]);
        Ok(Some(RankTests {
            title: spec.title.clone(),
            learner: self.values.learners.get(learner).map_or(ALL_LEARNERS, String::as_str).to_owned(),
            protocol: self.protocol.clone(),
            data_sets: results.iter().map(Array2::nrows).min().unwrap_or(0),
            friedman: alone.map(|results| friedman(results.view())).transpose()?,
            critical_difference: alone
                .map(|results| critical_difference(LEVEL, results.ncols(), results.nrows()))
                .transpose()?,
            columns,
        }))
    }

    /// How far the mean ranks of two columns over all learners lie apart, by their places in the table; none
    /// where one is not ranked.
    ///
    /// # Errors
    /// If a value is not finite.
    pub(crate) fn difference(&self, column: usize, other: usize) -> Result<Option<RankDifference>> {
        let at = |place: usize| self.values.columns.iter().position(|ranked| *ranked == place);
        let (Some(column), Some(other)) = (at(column), at(other)) else { return Ok(None) };
        let Some(ranked) = self.ranked(self.values.learners.len())? else { return Ok(None) };
        let between = |ranks: &Array2<f64>| &ranks.column(column) - &ranks.column(other);
        let mean = between(&ranked.of_sets).mean().unwrap_or(f64::NAN);
        Ok(Some(RankDifference { mean, deviation: between(&ranked.ours).std(1.0), runs: ranked.runs }))
    }

    /// Wins and losses of a column with each learner by the uncorrected signed-rank test; none where it is
    /// not ranked.
    ///
    /// # Errors
    /// If a value is not finite.
    pub(crate) fn uncorrected(&self, column: usize) -> Result<Vec<(&str, Option<WinsLosses>)>> {
        let column = self.values.columns.iter().position(|ranked| *ranked == column);
        let mut all = Vec::new();
        for (number, learner) in self.values.learners.iter().enumerate() {
            let results = self.values.means(number);
            let won = match column.filter(|_| results.nrows() >= 2 && results.ncols() >= 2) {
                Some(column) => {
                    let direction = self.measure.direction();
                    Some(wins_and_losses(results.view(), direction, PairTest::Wilcoxon, LEVEL)?[column])
                }
                None => None,
            };
            all.push((learner.as_str(), won));
        }
        Ok(all)
    }

    /// Folds of all data sets together.
    pub(crate) fn n_folds(&self) -> usize {
        self.values.sets.iter().map(values::RankedSet::n_folds).sum()
    }

    /// Why ranks are missing, or are not judged.
    fn reasons(&self, table: &TableSpec) -> Vec<String> {
        let (protocol, n_ranked) = (&self.protocol, self.values.columns.len());
        if n_ranked < LEAST_COLUMNS {
            return vec![format!("{protocol}: ranks need two columns, and {n_ranked} has been run")];
        }
        let mut reasons = Vec::new();
        let absent = (0..table.columns.len()).filter(|place| !self.values.columns.contains(place));
        let absent: Vec<&str> = absent.map(|place| table.columns[place].as_str()).collect();
        if !absent.is_empty() {
            reasons.push(format!(
                "{protocol}: ranks are among the {n_ranked} of {} columns that have been run, without {}, and are \
                 not judged",
                table.columns.len(),
                absent.join(", ")
            ));
        }
        for (number, learner) in self.values.learners.iter().enumerate() {
            let ranked = self.values.ranked_sets(number);
            if ranked.len() < self.n_sets {
                let others = self.values.sets.iter().filter(|set| !ranked.contains(&set.row.as_str()));
                let others: Vec<&str> = others.map(|set| set.row.as_str()).collect();
                reasons.push(format!(
                    "{protocol}, {learner}: ranks are over {} of {} data sets, without {}",
                    ranked.len(),
                    self.n_sets,
                    others.join(", ")
                ));
            }
        }
        reasons.extend(self.values.errors.iter().cloned());
        reasons
    }
}

/// How far the mean ranks of two columns lie apart.
pub(crate) struct RankDifference {
    /// The first less the second: negative where the first is better.
    pub(crate) mean: f64,
    /// Its standard deviation. A sum over data sets and learners, it is close to normally distributed.
    deviation: f64,
    /// Folds behind it.
    pub(crate) runs: usize,
}

impl RankDifference {
    /// Its interval.
    ///
    /// # Errors
    /// If `confidence` is not above 0 and below 1.
    pub(crate) fn interval(&self, confidence: f64) -> imb_core::Result<Interval> {
        normal_interval(self.mean, self.deviation, confidence)
    }
}

/// Mean ranks and how they vary.
struct Ranked {
    /// The rank of each column on each data set, `(n_data_sets, n_columns)`.
    of_sets: Array2<f64>,
    /// Mean ranks with other folds, `(n_draws, n_columns)`.
    ours: Array2<f64>,
    others: Array2<f64>,
    /// Folds behind them.
    runs: usize,
    /// Whether all data sets are ranked, with as many folds as a verdict needs.
    is_whole: bool,
}

impl Ranked {
    /// The mean over learners. Data sets are those that every learner has, where these differ.
    fn mean(all: &[Self]) -> Self {
        let n = all.len() as f64;
        let mean = |of: fn(&Self) -> &Array2<f64>| {
            all.iter().skip(1).fold(of(&all[0]).clone(), |sum, next| sum + of(next)) / n
        };
        let same_sets = all.iter().all(|ranked| ranked.of_sets.nrows() == all[0].of_sets.nrows());
        let of_sets = if same_sets {
            mean(|ranked| &ranked.of_sets)
        } else {
            let means = all.iter().filter_map(|ranked| ranked.of_sets.mean_axis(Axis(0)));
            let sum = means.reduce(|sum, next| sum + next).expect("a learner");
            (sum / n).insert_axis(Axis(0))
        };
        Self {
            of_sets,
            ours: mean(|ranked| &ranked.ours),
            others: mean(|ranked| &ranked.others),
            runs: all.iter().map(|ranked| ranked.runs).sum(),
            is_whole: all.iter().all(|ranked| ranked.is_whole),
        }
    }
}

impl ColumnTests {
    fn add(&mut self, test: PairTest, won: WinsLosses) {
        let sum = match test {
            PairTest::WilcoxonHolm => &mut self.holm,
            PairTest::Nemenyi => &mut self.nemenyi,
            _ => &mut self.uncorrected,
        };
        let before = sum.unwrap_or_default();
        *sum = Some(WinsLosses { wins: before.wins + won.wins, losses: before.losses + won.losses });
    }
}
