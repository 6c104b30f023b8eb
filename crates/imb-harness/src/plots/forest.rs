//! Forest: the difference of each column to the one without resampling, run by run on the same rows.

use anyhow::Result;
use imb_metrics::Direction;

use super::row_chart::{Group, Row, RowChart, Sign};
use super::{Difference, Plot, Scope};
use crate::grid::Grid;

/// The plot; none where no column has two runs beside the one without resampling.
pub(super) fn plot(scope: &Scope<'_>, learner: Option<&str>) -> Result<Option<Plot>> {
    let header = ["data set", "column", "runs", "mean difference", "95 % of the mean", "sign"];
    let mut numbers = Grid { header: header.map(String::from).into(), rows: Vec::new(), text_columns: 2 };
    let mut groups: Vec<Group> = Vec::new();
    let (mut better, mut worse, digits) = (0, 0, scope.digits());
    for Difference { row, column, runs, mean, interval } in scope.differences(learner)? {
        let sign = sign(interval.lower, interval.upper);
        if sign != OPEN {
            let is_better = (sign == "+") == (scope.measure.direction() == Direction::HigherIsBetter);
            *(if is_better { &mut better } else { &mut worse }) += 1;
        }
        numbers.rows.push(vec![
            row.clone(),
            column.clone(),
            runs.to_string(),
            format!("{mean:+.digits$}"),
            format!("{:+.digits$} to {:+.digits$}", interval.lower, interval.upper),
            sign.to_owned(),
        ]);
        if groups.last().is_none_or(|group| group.title != row) {
            groups.push(Group { title: row, rows: Vec::new() });
        }
        let remark = sign.to_owned();
        let row = Row { label: column, mean, of_mean: Some(interval), of_unit: None, printed: None, remark };
        groups.last_mut().expect("pushed above").rows.push(row);
    }
    let (metric, under, baseline) = (scope.metric_title(), scope.under(learner), scope.baseline);
    let unit = scope.unit();
    let x_label = format!("{metric}{unit}: column minus {baseline} ({under})");
    let n = numbers.rows.len();
    let title = format!("{metric} of each column minus {baseline}, run by run, {under}");
    let key = vec![(Sign::Mean, "mean difference with its 95 % interval")];
    let chart = RowChart { title: title.clone(), key, groups, x_label, reference: Some(0.0) };
    Ok(chart.draw().filter(|_| n > 0).map(|drawn| Plot {
        name: scope.name("forest", learner),
        title,
        alternative: format!(
            "{n} differences to {baseline}: {better} are better and {worse} worse with 95 % confidence, {} open.",
            n - better - worse
        ),
        legend: format!(
            "Dot: the mean over runs of the difference on the same training and test rows; line: its 95 % interval{}. \
             At the right: + or − where the interval leaves out 0, else {OPEN}. {}",
            if scope.allows_for_shared_rows() { SHARED_ROWS } else { "" },
            if scope.measure.direction() == Direction::LowerIsBetter { "Lower is better." } else { "" }
        ),
        drawn: Some(drawn),
        numbers,
    }))
}

/// What is said of intervals that are wider than Student's.
pub(crate) const SHARED_ROWS: &str = ", which allows for the rows that runs share (Nadeau and Bengio, 2003)";
/// The sign of an interval that holds 0.
const OPEN: &str = "○";

fn sign(lower: f64, upper: f64) -> &'static str {
    match (lower > 0.0, upper < 0.0) {
        (true, _) => "+",
        (_, true) => "−",
        _ => OPEN,
    }
}
