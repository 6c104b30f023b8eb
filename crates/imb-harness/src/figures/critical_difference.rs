//! Mean ranks with Nemenyi's distance, beside the data sets on which each column is ahead of each other one.
//!
//! On the left a column's line is half the distance long on either side of its mean rank: two columns differ
//! significantly where their lines do not overlap. The matrix on the right is what a mean rank hides: it does
//! not depend on which other columns take part.

use std::fmt::Write;

use anyhow::Result;
use imb_metrics::Direction;
use imb_metrics::rank::{average_ranks, critical_difference};
use kuva::plot::ForestPlot;
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;
use ndarray::Array2;

use super::number_grid::NumberGrid;
use super::{COLOURS, Drawn, WithData};
use crate::measure::Measure;
use crate::results::{RankedValues, Source};
use crate::spec::FigureSpec;

/// The level of the test.
const LEVEL: f64 = 0.05;

/// Draws a pair of panels for each learner with ranks on at least two data sets.
pub(super) fn draw(source: &Source<'_>, figure: &FigureSpec, protocol: &str) -> Result<Option<WithData>> {
    let table = source.paper.spec.rank_table()?;
    let metric = table.metric_under(figure.measure()?, protocol);
    let measure = Measure::named(metric)?;
    let values = RankedValues::read(source, table, protocol, &measure)?;
    let names: Vec<&str> = values.columns.iter().map(|column| table.columns[*column].as_str()).collect();
    let mut csv = "learner,column,mean_rank,nemenyi_distance,data_sets".to_owned();
    names.iter().for_each(|name| csv += &format!(",ahead_of_{name}"));
    csv.push('\n');
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for (number, learner) in values.learners.iter().enumerate() {
        let means = values.means(number);
        if means.nrows() < 2 || means.ncols() < 2 {
            continue;
        }
        let ranks = Ranks::of(&names, &means, measure.direction())?;
        ranks.write_csv(&mut csv, learner, &names);
        let title = format!("{metric}, {learner}, {protocol}: {} data sets", ranks.n_data_sets);
        let left = vec![Plot::Forest(ranks.forest())];
        let label = format!("mean rank; lines that do not overlap are {:.2} apart or more", ranks.distance);
        layouts.push(Layout::auto_from_plots(&left).with_title(title).with_x_label(label));
        plots.push(left);
        let (right, layout) = ranks.matrix().panel();
        layouts.push(layout.with_title("data sets on which the row is ahead of the column"));
        plots.push(right);
    }
    if plots.is_empty() {
        return Ok(None);
    }
    let (rows, structure) = (plots.len() / 2, (0..plots.len()).map(|panel| vec![panel]).collect());
    let drawn = Figure::new(rows, 2).with_structure(structure).with_plots(plots).with_layouts(layouts);
    Ok(Some(WithData { drawn: Drawn(drawn.with_cell_size(640.0, 330.0).render()), csv }))
}

/// The ranks of a learner's columns, the best first.
struct Ranks {
    names: Vec<String>,
    means: Vec<f64>,
    /// Data sets on which a column is ahead of another, `(n_columns, n_columns)`; half for a tie.
    ahead: Array2<f64>,
    distance: f64,
    n_data_sets: usize,
}

impl Ranks {
    fn of(names: &[&str], results: &Array2<f64>, direction: Direction) -> Result<Self> {
        let (n_data_sets, n_columns) = results.dim();
        let ranks = average_ranks(results.view(), direction)?;
        let mut order: Vec<usize> = (0..n_columns).collect();
        order.sort_by(|&a, &b| ranks[a].total_cmp(&ranks[b]));
        let is_ahead = |a: f64, b: f64| match direction {
            _ if a == b => 0.5,
            Direction::HigherIsBetter => f64::from(u8::from(a > b)),
            Direction::LowerIsBetter => f64::from(u8::from(a < b)),
        };
        let ahead = Array2::from_shape_fn((n_columns, n_columns), |(row, column)| {
            let (a, b) = (results.column(order[row]), results.column(order[column]));
            if row == column { 0.0 } else { a.iter().zip(b).map(|(a, b)| is_ahead(*a, *b)).sum() }
        });
        Ok(Self {
            names: order.iter().map(|&column| names[column].to_owned()).collect(),
            means: order.iter().map(|&column| ranks[column]).collect(),
            ahead,
            distance: critical_difference(LEVEL, n_columns, n_data_sets)?,
            n_data_sets,
        })
    }

    fn forest(&self) -> ForestPlot {
        let half = self.distance / 2.0;
        let rows = self.names.iter().zip(&self.means);
        let plot = rows.fold(ForestPlot::new(), |plot, (name, mean)| {
            plot.with_row(name, *mean, mean - half, mean + half)
        });
        plot.with_color(COLOURS[0]).with_null_value((self.names.len() + 1) as f64 / 2.0)
    }

    fn matrix(&self) -> NumberGrid {
        let numbers = self.ahead.rows().into_iter().map(|row| row.to_vec()).collect();
        NumberGrid { rows: self.names.clone(), columns: self.names.clone(), numbers }
    }

    /// A line a column, the best first; the other columns stand in the order of the header.
    fn write_csv(&self, csv: &mut String, learner: &str, header: &[&str]) {
        for (row, (name, mean)) in self.names.iter().zip(&self.means).enumerate() {
            let _ = write!(csv, "{learner},{name},{mean:.6},{:.6},{}", self.distance, self.n_data_sets);
            for other in header {
                let place = self.names.iter().position(|name| name == other);
                let _ = write!(csv, ",{}", place.map_or(0.0, |place| self.ahead[[row, place]]));
            }
            csv.push('\n');
        }
    }
}
