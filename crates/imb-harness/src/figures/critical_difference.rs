//! Mean ranks with Nemenyi's distance, beside the data sets on which each column is ahead of each other one.
//!
//! On the left a column's line is half the distance long on either side of its mean rank: two columns differ
//! significantly where their lines do not overlap. The matrix on the right is what a mean rank hides: it does
//! not depend on which other columns take part.

use anyhow::Result;
use imb_metrics::Direction;
use imb_metrics::rank::{average_ranks, critical_difference};
use kuva::plot::ForestPlot;
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;
use ndarray::Array2;

use super::names::{colour_of, metric_title};
use super::number_grid::{NumberGrid, with_plain_counts};
use super::{Drawn, WithData};
use crate::grid::Grid;
use crate::measure::Measure;
use crate::results::{RankedValues, Source};
use crate::spec::{FigureSpec, Spec};

/// The level of the test.
const LEVEL: f64 = 0.05;

/// Room beside the least and the greatest rank, so that no mark is cut.
const MARGIN: f64 = 0.2;

/// Draws a pair of panels for each learner with ranks on at least two data sets.
pub(super) fn draw(source: &Source<'_>, figure: &FigureSpec, protocol: &str) -> Result<Option<WithData>> {
    let spec = &source.paper.spec;
    let table = spec.rank_table()?;
    let measure = Measure::named(table.metric_under(figure.measure()?, protocol))?;
    let values = RankedValues::read(source, table, protocol, &measure)?;
    let names: Vec<&str> = values.columns.iter().map(|column| table.columns[*column].as_str()).collect();
    let mut numbers = Grid { header: header(&names), rows: Vec::new(), text_columns: 2 };
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for (number, learner) in values.learners.iter().enumerate() {
        let means = values.means(number);
        if means.nrows() < 2 || means.ncols() < 2 {
            continue;
        }
        let ranks = Ranks::of(&names, &means, measure.direction())?;
        ranks.add_to(&mut numbers, learner, &names);
        let metric = metric_title(spec, figure.measure()?);
        let title = format!("Mean ranks by {metric}, {learner}, {protocol}: {} data sets", ranks.n_data_sets);
        let (left, layout) = ranks.lines(spec);
        layouts.push(layout.with_title(title));
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
    let scene = with_plain_counts(drawn.with_cell_size(640.0, 350.0).render());
    Ok(Some(WithData { drawn: Drawn(scene), numbers }))
}

fn header(names: &[&str]) -> Vec<String> {
    let first = ["learner", "column", "mean_rank", "nemenyi_distance", "data_sets"].map(String::from);
    first.into_iter().chain(names.iter().map(|name| format!("ahead_of_{name}"))).collect()
}

/// What to say where Nemenyi's test asks for more than mean ranks can differ.
pub(crate) fn cannot_separate(distance: f64, n_columns: usize) -> Option<String> {
    let largest = n_columns.saturating_sub(1);
    (distance > largest as f64).then(|| {
        format!(
            "Nemenyi's critical difference {distance:.2} exceeds the largest possible difference, {largest}: this \
             test cannot separate any two methods"
        )
    })
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

    /// The panel on the left. Lines end at the least and the greatest rank, which changes no overlap.
    fn lines(&self, spec: &Spec) -> (Vec<Plot>, Layout) {
        let (half, worst) = (self.distance / 2.0, self.names.len() as f64);
        let rows = self.names.iter().zip(&self.means);
        let plot = rows.fold(ForestPlot::new(), |plot, (name, mean)| {
            let (lower, upper) = ((mean - half).max(1.0), (mean + half).min(worst));
            plot.with_colored_row(name, *mean, lower, upper, colour_of(spec, name))
        });
        let plots = vec![Plot::Forest(plot.with_null_value(f64::midpoint(1.0, worst)))];
        let layout = Layout::auto_from_plots(&plots)
            .with_x_axis_min(1.0 - MARGIN)
            .with_x_axis_max(worst + MARGIN)
            .with_x_tick_step(1.0)
            .with_x_label(self.label())
            .with_x_label_wrap(70);
        (plots, layout)
    }

    fn label(&self) -> String {
        let differ = "methods whose lines do not overlap differ significantly (Nemenyi's test, 5 %)";
        let said = cannot_separate(self.distance, self.names.len()).unwrap_or(differ.to_owned());
        format!("mean rank, 1 is best; {said}")
    }

    fn matrix(&self) -> NumberGrid {
        let numbers = self.ahead.rows().into_iter().map(|row| row.to_vec()).collect();
        NumberGrid { rows: self.names.clone(), columns: self.names.clone(), numbers }
    }

    /// A line a column, the best first; the other columns stand in the order of the header.
    fn add_to(&self, numbers: &mut Grid, learner: &str, header: &[&str]) {
        for (row, (name, mean)) in self.names.iter().zip(&self.means).enumerate() {
            let ahead = header.iter().map(|other| {
                let place = self.names.iter().position(|name| name == other);
                place.map_or(0.0, |place| self.ahead[[row, place]]).to_string()
            });
            let first = [
                learner.to_owned(),
                name.clone(),
                format!("{mean:.6}"),
                format!("{:.6}", self.distance),
                self.n_data_sets.to_string(),
            ];
            numbers.rows.push(first.into_iter().chain(ahead).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::panels;
    use crate::paper::papers;
    use ndarray::array;

    #[test]
    fn a_distance_beyond_all_ranks_is_said_and_lines_stay_within_them() {
        let spec = papers(&["aemlo".to_owned()]).expect("well formed").remove(0).spec;
        let results = array![[0.9, 0.5, 0.1], [0.8, 0.4, 0.2]];
        let ranks =
            Ranks::of(&["origin", "mltl", "aemlo"], &results, Direction::HigherIsBetter).expect("finite");
        assert!(ranks.distance > 2.0, "{}", ranks.distance);
        let (plots, layout) = ranks.lines(&spec);
        let Plot::Forest(forest) = &plots[0] else { panic!("lines") };
        assert!(forest.rows.iter().all(|row| row.ci_lower >= 1.0 && row.ci_upper <= 3.0));
        let svg = panels(vec![plots], vec![layout], [640.0, 350.0]).to_svg();
        assert!(svg.contains("cannot separate") || svg.contains("test cannot"), "{svg}");
        assert_eq!(cannot_separate(1.5, 3), None);
        let said = cannot_separate(2.34, 3).expect("more than 2");
        assert!(
            said.starts_with(
                "Nemenyi's critical difference 2.34 exceeds the largest possible difference, 2:"
            )
        );
    }
}
