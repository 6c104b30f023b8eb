//! Generated rows of a class before the real ones, on two principal components: one panel a column.

use kuva::plot::ScatterPlot;
use kuva::plot::scatter::MarkerShape;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use super::shown::{Shown, first_run};
use super::{COLOURS, Drawn, panels};
use crate::grid::Grid;
use crate::projection::Projection;

/// The most letters of a line below the title.
const LINE: usize = 80;

/// Draws the first run of each column. Each panel has the components of its own run: splits are the same for all
/// columns, so real rows are too.
pub(super) fn draw(shown: &Shown<'_>) -> Option<Drawn> {
    let projections = projections(shown)?;
    let (mut plots, mut layouts) = (Vec::new(), Vec::new());
    for (projection, (column, records)) in projections.into_iter().zip(shown.columns()) {
        let points = panel_plots(projection);
        let [first, second] = projection.explained.map(percent);
        let layout = Layout::auto_from_plots(&points)
            .with_title(format!("{}, {}", shown.title(column), first_run(records)))
            .with_subtitle(sentence(projection))
            .with_subtitle_wrap(LINE)
            .with_x_label(format!("first principal component of the real rows ({first} % of their variance)"))
            .with_y_label(format!("second ({second} %)"));
        plots.push(points);
        layouts.push(layout);
    }
    (!plots.is_empty()).then(|| panels(plots, layouts, [900.0, 400.0]))
}

/// What the rows of each column's first run are like.
pub(super) fn numbers(shown: &Shown<'_>) -> Grid {
    let header = [
        "column",
        "real rows",
        "generated rows",
        "% of the real variance on component 1",
        "on component 2",
        "generated in % of the real variance, component 1",
        "component 2",
        "% outside the real range",
    ];
    let row = |(projection, (column, _)): (&Projection, (&str, _))| {
        let shares = [projection.explained, projection.variance_shares()].concat();
        let shares = shares.into_iter().chain([projection.outside()]).map(percent);
        let counts = [projection.real.len(), projection.generated.len()].map(|n| n.to_string());
        [column.to_owned()].into_iter().chain(counts).chain(shares).collect()
    };
    let rows = projections(shown).unwrap_or_default().into_iter().zip(shown.columns()).map(row);
    Grid { header: header.map(String::from).into(), rows: rows.collect(), text_columns: 1 }
}

/// What there is to see of each column.
pub(super) fn sentences(shown: &Shown<'_>) -> String {
    let of_column =
        |(projection, (column, _)): (&Projection, (&str, _))| format!("{column}: {}", sentence(projection));
    let projections = projections(shown).unwrap_or_default().into_iter().zip(shown.columns());
    projections.map(of_column).collect::<Vec<_>>().join(" ")
}

/// One of the first run of each column; none where one has none.
fn projections<'a>(shown: &Shown<'a>) -> Option<Vec<&'a Projection>> {
    let of_columns = shown
        .columns()
        .map(|(_, records)| records.iter().find_map(|record| record.done()?.projection.as_ref()));
    of_columns.collect()
}

/// What the picture shows, from its numbers.
fn sentence(projection: &Projection) -> String {
    let [first, second] = projection.variance_shares().map(percent);
    let outside = percent(projection.outside());
    format!(
        "Generated rows have {first} % and {second} % of the real variance; {outside} % of them lie outside the real \
         range."
    )
}

/// A share in percent. Equal rows have no variance to compare with.
fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.0}", 100.0 * share) } else { "–".to_owned() }
}

/// Generated rows behind, real ones before them.
fn panel_plots(projection: &Projection) -> Vec<Plot> {
    let points = |points: &[[f32; 2]]| -> Vec<(f64, f64)> {
        points.iter().map(|[x, y]| (f64::from(*x), f64::from(*y))).collect()
    };
    let kind = |rows: &[[f32; 2]], name: &str, colour: usize, shape: MarkerShape, size: f64| {
        let scatter = ScatterPlot::new()
            .with_data(points(rows))
            .with_color(COLOURS[colour])
            .with_marker(shape)
            .with_size(size)
            .with_legend(format!("{name}: {} rows", rows.len()));
        Plot::Scatter(scatter)
    };
    vec![
        kind(&projection.generated, "generated", 5, MarkerShape::Circle, 3.0),
        kind(&projection.real, "real", 1, MarkerShape::Triangle, 5.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_stands_below_the_title_in_lines_that_fit() {
        let real = vec![[-2.0, -1.0], [2.0, 1.0]];
        let projection =
            Projection { explained: [0.7, 0.2], real, generated: vec![[-1.0, 0.5], [1.0, -0.5]] };
        let text = sentence(&projection);
        assert_eq!(
            text,
            "Generated rows have 25 % and 25 % of the real variance; 0 % of them lie outside the real range."
        );
        let points = panel_plots(&projection);
        let layout = Layout::auto_from_plots(&points).with_subtitle(text).with_subtitle_wrap(LINE);
        let svg = panels(vec![points], vec![layout.with_title("t")], [900.0, 400.0]).to_svg();
        assert!(svg.contains(">range.<") || svg.contains(" range.<"), "{svg}");
        assert!(!svg.contains("variance; 0 % of them lie outside the real range."), "wrapped: {svg}");
    }

    #[test]
    fn equal_rows_have_no_share_of_variance() {
        let projection =
            Projection { explained: [0.0; 2], real: vec![[1.0, 1.0]; 2], generated: vec![[1.0, 1.0]; 2] };
        assert!(sentence(&projection).starts_with("Generated rows have – % and – %"));
    }
}
