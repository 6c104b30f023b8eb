//! Critical-difference diagram and win matrix: the ranks of columns over data sets.

use anyhow::Result;
use imb_metrics::rank::{PairTest, average_ranks, compare_pairs, critical_difference};
use kuva::render::render::TextAnchor::{End, Middle, Start};
use ndarray::Array2;

use super::canvas::{Canvas, INK, LINE};
use super::{Plot, Scope};
use crate::figures::{Drawn, cannot_separate};
use crate::grid::Grid;

/// Means of columns on the data sets that all of them have.
pub(super) struct Results {
    pub(super) columns: Vec<String>,
    /// The data sets, by their row in the paper.
    pub(super) rows: Vec<String>,
    /// `(n_data_sets, n_columns)`
    pub(super) values: Array2<f64>,
}

impl Results {
    /// The columns that have more than half as many data sets as the one without resampling, on those data sets that
    /// they all have.
    pub(super) fn of(scope: &Scope<'_>, learner: Option<&str>) -> Result<Self> {
        let mut means: Vec<(String, Vec<Option<f64>>)> = Vec::new();
        for column in scope.columns() {
            let of_column: Result<Vec<Option<f64>>> =
                scope.entries().map(|entry| scope.mean(entry, column, learner)).collect();
            means.push((column.to_owned(), of_column?));
        }
        let count = |values: &[Option<f64>]| values.iter().flatten().count();
        let most = means.first().map_or(0, |(_, values)| count(values));
        // A column that lacks most data sets would leave too few to all.
        means.retain(|(_, values)| count(values) > 0 && 2 * count(values) > most);
        let all: Vec<String> = scope.entries().map(|entry| entry.row.clone()).collect();
        let shared: Vec<usize> =
            (0..all.len()).filter(|row| means.iter().all(|(_, values)| values[*row].is_some())).collect();
        let values = Array2::from_shape_fn((shared.len(), means.len()), |(row, column)| {
            means[column].1[shared[row]].unwrap_or(f64::NAN)
        });
        Ok(Self {
            columns: means.into_iter().map(|(column, _)| column).collect(),
            rows: shared.into_iter().map(|row| all[row].clone()).collect(),
            values,
        })
    }
}

const ALPHA: f64 = 0.05;

/// The diagram and the matrix; none with fewer than two columns or data sets.
pub(super) fn plots(scope: &Scope<'_>, learner: Option<&str>) -> Result<Vec<Plot>> {
    let results = Results::of(scope, learner)?;
    let (n, k) = (results.rows.len(), results.columns.len());
    if n < 2 || k < 2 {
        return Ok(Vec::new());
    }
    let direction = scope.measure.direction();
    let ranks = average_ranks(results.values.view(), direction)?;
    let distance = critical_difference(ALPHA, k, n)?;
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|&a, &b| ranks[a].total_cmp(&ranks[b]).then(a.cmp(&b)));
    let methods: Vec<(String, f64)> =
        order.iter().map(|&column| (results.columns[column].clone(), ranks[column])).collect();
    let (metric, under) = (scope.metric_title(), scope.under(learner));
    let rows = methods.iter().map(|(column, rank)| vec![column.clone(), format!("{rank:.2}")]);
    let header = ["column", "mean rank"].map(String::from).into();
    let apart = methods[k - 1].1 - methods[0].1 >= distance;
    let differ = if apart { "some columns differ" } else { "no column differs from another" };
    let powerless = cannot_separate(distance, k);
    let said = powerless.clone().unwrap_or(format!(
        "Columns under one thick bar do not differ by Nemenyi's test at {ALPHA}: their mean ranks are closer than the \
         critical difference, {distance:.2}"
    ));
    let diagram = Plot {
        name: scope.name("critical_difference", learner),
        title: format!("Mean ranks by {metric} over {n} data sets, {under}"),
        alternative: format!(
            "{} has the best mean rank, {:.2}, and {} the worst, {:.2}; {}.",
            methods[0].0,
            methods[0].1,
            methods[k - 1].0,
            methods[k - 1].1,
            powerless.unwrap_or(format!("the critical difference is {distance:.2}, so that {differ}"))
        ),
        legend: format!("1 is best. {said}. Data sets: {}.", results.rows.join(", ")),
        drawn: Some(draw(&methods, distance)),
        numbers: Grid { header, rows: rows.collect(), text_columns: 1 },
    };
    let matrix = Plot {
        name: scope.name("wins", learner),
        title: format!("Wins by {metric}, {under}"),
        alternative: String::new(),
        legend: format!(
            "On how many of the {n} data sets the row's column beats the other; a tie counts half. In brackets: p of \
             Wilcoxon's signed-rank test, corrected by Holm."
        ),
        drawn: None,
        numbers: wins(&results, &order, scope)?,
    };
    Ok(vec![diagram, matrix])
}

/// On how many data sets each column is better than each other, the best mean rank first.
fn wins(results: &Results, order: &[usize], scope: &Scope<'_>) -> Result<Grid> {
    let direction = scope.measure.direction();
    let pairs = compare_pairs(results.values.view(), direction, PairTest::WilcoxonHolm)?;
    let p = |a: usize, b: usize| {
        let pair = pairs.iter().find(|pair| (pair.first, pair.second) == (a.min(b), a.max(b)));
        pair.map_or(1.0, |pair| pair.p)
    };
    let won = |a: usize, b: usize| -> f64 {
        let rows = results.values.rows().into_iter();
        rows.map(|row| match direction.compare(row[a], row[b]) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum()
    };
    let name = |column: usize| results.columns[column].clone();
    let rows = order.iter().map(|&a| {
        let cells = order
            .iter()
            .map(|&b| if a == b { "–".to_owned() } else { format!("{} ({:.2})", won(a, b), p(a, b)) });
        [name(a)].into_iter().chain(cells).collect()
    });
    let header = ["better than".to_owned()].into_iter().chain(order.iter().map(|&column| name(column)));
    Ok(Grid { header: header.collect(), rows: rows.collect(), text_columns: 1 })
}

const WIDTH: f64 = 640.0;

/// Demšar's diagram: an axis of ranks, the better half of the methods named at the left.
fn draw(methods: &[(String, f64)], distance: f64) -> Drawn {
    let k = methods.len();
    let half = k.div_ceil(2);
    let bars = bars(methods, distance);
    let top = 62.0;
    let below = top + 14.0 + 9.0 * bars.len() as f64;
    let mut canvas = Canvas::new(WIDTH, below + LINE * half as f64 + 16.0);
    let at = |rank: f64| 170.0 + (WIDTH - 340.0) * (rank - 1.0) / (k as f64 - 1.0);
    canvas.line((at(1.0), top), (at(k as f64), top), INK, 1.0);
    for rank in 1..=k {
        canvas.line((at(rank as f64), top - 5.0), (at(rank as f64), top), INK, 1.0);
        canvas.text((at(rank as f64), top - 10.0), Middle, &rank.to_string());
    }
    let end = at(1.0) + distance.min(k as f64 - 1.0) * (WIDTH - 340.0) / (k as f64 - 1.0);
    canvas.line((at(1.0), 24.0), (end, 24.0), INK, 2.0);
    for x in [at(1.0), end] {
        canvas.line((x, 20.0), (x, 28.0), INK, 2.0);
    }
    let wider = if distance > k as f64 - 1.0 { ", wider than the axis" } else { "" };
    canvas.text((at(1.0), 14.0), Start, &format!("critical difference {distance:.2}{wider}"));
    for (number, &(from, to)) in bars.iter().enumerate() {
        let y = top + 10.0 + 9.0 * number as f64;
        canvas.line((at(methods[from].1) - 3.0, y), (at(methods[to].1) + 3.0, y), INK, 4.0);
    }
    for (place, (name, rank)) in methods.iter().enumerate() {
        let is_left = place < half;
        let line = if is_left { place } else { k - 1 - place };
        let y = below + LINE * (line as f64 + 0.5);
        let edge = if is_left { 160.0 } else { WIDTH - 160.0 };
        canvas.line((at(*rank), top), (at(*rank), y), INK, 1.0);
        canvas.line((at(*rank), y), (edge, y), INK, 1.0);
        let text = format!("{name} {rank:.2}");
        let (anchor, x) = if is_left { (End, edge - 6.0) } else { (Start, edge + 6.0) };
        canvas.text((x, y + 4.0), anchor, &text);
    }
    canvas.drawn()
}

/// The longest stretches of methods, by ascending rank, that lie within the critical difference.
fn bars(methods: &[(String, f64)], distance: f64) -> Vec<(usize, usize)> {
    let mut bars: Vec<(usize, usize)> = Vec::new();
    for from in 0..methods.len() {
        let within = |to: &usize| methods[*to].1 - methods[from].1 < distance;
        let Some(to) = (from..methods.len()).rev().find(within) else { continue };
        if to > from && bars.last().is_none_or(|(_, end)| *end < to) {
            bars.push((from, to));
        }
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_the_longest_stretches_within_the_critical_difference() {
        let methods = [1.0, 1.5, 2.4, 3.9, 4.0].map(|rank| (String::new(), rank));
        assert_eq!(bars(&methods, 1.7), [(0, 2), (2, 4)]);
        assert_eq!(bars(&methods, 9.0), [(0, 4)]);
        assert_eq!(bars(&methods, 0.01), []);
    }
}
