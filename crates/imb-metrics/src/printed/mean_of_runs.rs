//! Whether metrics can be means over several runs on the same test rows.
//!
//! The mean of points lies in their convex hull. Two printed metrics can therefore be means of runs only if
//! the rectangle of values that print so meets the hull of all outcomes. A recall or an accuracy alone must
//! moreover be a whole number of rows over all runs (Brown and Heathers, "The GRIM test", 2017,
//! doi:10.1177/1948550616673876). Both conditions are necessary, not sufficient.

use imb_core::{Error, Result};

use super::{PrintedMetric, Rounding, TestRows, TwoClassMetric};
use crate::interval::Interval;

/// The most confusion matrices of which a convex hull is made.
pub const HULL_LIMIT: u64 = 5_000_000;

/// A point of two metrics.
type Point = [f64; 2];

/// Whether printed metrics can be means over `n_runs` runs, each tested on these rows. An answer of `true`
/// says only that nothing speaks against it. One run alone is better asked of [`TestRows::matrices`].
///
/// Hulls are left out where there are more than [`HULL_LIMIT`] matrices: there the values are dense.
///
/// # Errors
/// [`Error::InvalidParameter`] if a class has no rows, or without runs.
///
/// ```
/// use imb_metrics::printed::{PrintedMetric, Rounding, TestRows, TwoClassMetric, is_mean_attainable};
///
/// // A recall of 0.47 on 6 rows: of 5 runs, 14 rows of 30; of one or two runs, nothing.
/// let recall = PrintedMetric {
///     metric: TwoClassMetric::MinorityRecall,
///     value: "0.47".parse()?,
///     percent: false,
/// };
/// let fits = |n_runs| is_mean_attainable(TestRows([50, 6]), n_runs, &[recall], Rounding::Rounded);
/// assert!(!fits(2)? && fits(5)?);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn is_mean_attainable(
    rows: TestRows,
    n_runs: u64,
    printed: &[PrintedMetric],
    rounding: Rounding,
) -> Result<bool> {
    rows.require_rows()?;
    if n_runs == 0 {
        return Err(Error::invalid_parameter("number of runs", "at least 1", n_runs));
    }
    if printed.iter().any(|metric| !is_whole_number_of_rows(rows, n_runs, metric, rounding)) {
        return Ok(false);
    }
    let [first, second] = rows.0;
    if (first + 1).saturating_mul(second + 1) > HULL_LIMIT {
        return Ok(true);
    }
    let values = outcomes(rows, printed);
    let ranges: Vec<Interval> = printed.iter().map(|metric| metric.range(rounding)).collect();
    let mut pairs = (0..printed.len()).flat_map(|b| (0..b).map(move |a| [a, b]));
    Ok(pairs.all(|[a, b]| meets_hull([&values[a], &values[b]], [ranges[a], ranges[b]])))
}

/// Whether a metric that is a share of rows can be printed so, of all runs together.
fn is_whole_number_of_rows(rows: TestRows, n_runs: u64, printed: &PrintedMetric, rounding: Rounding) -> bool {
    let [least, most] = [rows.0[0].min(rows.0[1]), rows.0[0].max(rows.0[1])];
    let of = match printed.metric {
        TwoClassMetric::MinorityRecall => least,
        TwoClassMetric::MajorityRecall => most,
        TwoClassMetric::Accuracy => least + most,
        _ => return true,
    };
    let all = of as f64 * n_runs as f64;
    let range = printed.range(rounding);
    (range.lower.max(0.0) * all - 1e-6).ceil() <= (range.upper.min(1.0) * all + 1e-6).floor()
}

/// The values of each metric, one an outcome.
fn outcomes(rows: TestRows, printed: &[PrintedMetric]) -> Vec<Vec<f64>> {
    let mut values = vec![Vec::new(); printed.len()];
    let [first, second] = rows.0;
    for right in (0..=first).flat_map(|a| (0..=second).map(move |b| [a, b])) {
        let matrix = rows.with(right).two_by_two();
        for (values, metric) in values.iter_mut().zip(printed) {
            values.push(metric.metric.of(&matrix));
        }
    }
    values
}

/// Whether a rectangle, given by its sides, meets the convex hull of points, given by their coordinates.
fn meets_hull(points: [&[f64]; 2], sides: [Interval; 2]) -> bool {
    let mut points: Vec<Point> = points[0].iter().zip(points[1]).map(|(x, y)| [*x, *y]).collect();
    points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let [x, y] = sides;
    let lowest = lowest_within(&chain(&points, 1.0), x);
    let highest = lowest_within(&chain(&points, -1.0), x).map(|height| -height);
    lowest.is_some_and(|lowest| lowest <= y.upper) && highest.is_some_and(|highest| highest >= y.lower)
}

/// The lower chain of the convex hull of sorted points, with the second coordinate times `sign`
/// (Andrew, 1979, doi:10.1016/0020-0190(79)90072-3).
fn chain(sorted: &[Point], sign: f64) -> Vec<Point> {
    let mut hull: Vec<Point> = Vec::new();
    for point in sorted.iter().map(|[x, y]| [*x, sign * y]) {
        if let Some(last) = hull.last_mut().filter(|last| last[0] == point[0]) {
            last[1] = last[1].min(point[1]);
            let corrected = hull.pop().expect("there is a last one");
            push(&mut hull, corrected);
        } else {
            push(&mut hull, point);
        }
    }
    hull
}

/// Adds a point to a lower chain and takes away those that then lie above it.
fn push(hull: &mut Vec<Point>, point: Point) {
    while let [.., before, last] = hull.as_slice() {
        let turn =
            (last[0] - before[0]) * (point[1] - before[1]) - (last[1] - before[1]) * (point[0] - before[0]);
        if turn > 0.0 {
            break;
        }
        hull.pop();
    }
    hull.push(point);
}

/// The lowest point of a chain within a range of the first coordinate; none if the chain does not reach it.
fn lowest_within(chain: &[Point], range: Interval) -> Option<f64> {
    let inside = chain.iter().filter(|[x, _]| (range.lower..=range.upper).contains(x)).map(|[_, y]| *y);
    let ends = [range.lower, range.upper];
    let crossed = chain.windows(2).flat_map(|edge| ends.iter().filter_map(|&end| height(edge, end)));
    inside.chain(crossed).reduce(f64::min)
}

/// The height of an edge at a place; none if it does not reach there.
fn height(edge: &[Point], at: f64) -> Option<f64> {
    let [[x0, y0], [x1, y1]] = [edge[0], edge[1]];
    (x0 <= at && at <= x1).then(|| y0 + (y1 - y0) * (at - x0) / (x1 - x0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(metric: TwoClassMetric, text: &str) -> PrintedMetric {
        PrintedMetric { metric, value: text.parse().expect("a number"), percent: false }
    }

    fn fits(rows: [u64; 2], n_runs: u64, pair: &[PrintedMetric]) -> bool {
        is_mean_attainable(TestRows(rows), n_runs, pair, Rounding::Rounded).expect("rows")
    }

    #[test]
    fn a_geometric_mean_lies_between_its_bounds() {
        let pair =
            |acsa, gm| [printed(TwoClassMetric::Acsa, acsa), printed(TwoClassMetric::GeometricMean, gm)];
        // Of recalls x and y: x + y - 1 <= sqrt(x y) <= (x + y) / 2, for means over runs too.
        assert!(fits([40, 12], 5, &pair("0.80", "0.80")));
        assert!(fits([40, 12], 5, &pair("0.80", "0.60")));
        assert!(!fits([40, 12], 5, &pair("0.80", "0.58")));
        assert!(!fits([40, 12], 5, &pair("0.80", "0.82")));
        assert!(!fits([40, 12], 5, &pair("1.20", "0.82")), "beyond the hull's ends");
    }

    #[test]
    fn a_share_is_a_whole_number_of_rows() {
        assert!(!fits([50, 6], 1, &[printed(TwoClassMetric::MinorityRecall, "0.40")]));
        assert!(fits([50, 6], 5, &[printed(TwoClassMetric::MinorityRecall, "0.40")]));
        assert!(!fits([5, 6], 1, &[printed(TwoClassMetric::Accuracy, "0.50")]));
        assert!(fits([5, 6], 2, &[printed(TwoClassMetric::Accuracy, "0.50")]));
        assert!(!fits([50, 6], 5, &[printed(TwoClassMetric::MinorityRecall, "1.10")]));
    }

    #[test]
    fn nothing_is_asked_of_no_runs() {
        assert!(is_mean_attainable(TestRows([5, 5]), 0, &[], Rounding::Either).is_err());
        assert!(is_mean_attainable(TestRows([0, 5]), 1, &[], Rounding::Either).is_err());
    }

    #[test]
    fn the_hull_of_a_square() {
        let mut points = vec![[0.0, 0.0], [0.0, 1.0], [0.5, 0.5], [1.0, 0.0], [1.0, 1.0], [0.5, -0.5]];
        points.sort_by(|a: &Point, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        assert_eq!(chain(&points, 1.0), [[0.0, 0.0], [0.5, -0.5], [1.0, 0.0]]);
        assert_eq!(chain(&points, -1.0), [[0.0, -1.0], [1.0, -1.0]]);
        assert_eq!(lowest_within(&chain(&points, 1.0), Interval { lower: 0.25, upper: 0.3 }), Some(-0.3));
        assert_eq!(lowest_within(&chain(&points, 1.0), Interval { lower: 1.25, upper: 1.3 }), None);
    }
}
