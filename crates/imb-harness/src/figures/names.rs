//! What columns, learners and metrics are called in figures, and how columns look: the same in every figure.

use kuva::plot::scatter::MarkerShape;

use crate::spec::Spec;

/// Okabe and Ito's colours, which the colour-blind can tell apart, after a grey for the column without resampling.
const COLUMN_COLOURS: [&str; 8] =
    ["#999999", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// Marks that can be told apart without colour.
pub(super) const SHAPES: [MarkerShape; 8] = [
    MarkerShape::Circle,
    MarkerShape::Square,
    MarkerShape::Triangle,
    MarkerShape::Diamond,
    MarkerShape::TriangleDown,
    MarkerShape::Plus,
    MarkerShape::Cross,
    MarkerShape::Star,
];

/// All columns in one order: the one without resampling, those of the tables, and the others by name.
pub(crate) fn columns_in_order(spec: &Spec) -> Vec<&str> {
    let baseline = spec.focus().map(|focus| focus.baseline);
    let of_methods = spec.tables.iter().filter(|table| table.of_column.is_none());
    let others = of_methods.flat_map(|table| &table.columns).chain(spec.columns.keys());
    let mut columns: Vec<&str> = Vec::new();
    for column in baseline.into_iter().chain(others.map(String::as_str)) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

/// The colour of a column. With more columns than colours, some share one.
pub(super) fn colour_of(spec: &Spec, column: &str) -> &'static str {
    COLUMN_COLOURS[place_of(spec, column) % COLUMN_COLOURS.len()]
}

/// The shape of a column's marks. Columns that share a colour have different shapes.
pub(super) fn shape_of(spec: &Spec, column: &str) -> MarkerShape {
    let place = place_of(spec, column);
    SHAPES[(place + place / COLUMN_COLOURS.len()) % SHAPES.len()]
}

fn place_of(spec: &Spec, column: &str) -> usize {
    let columns = columns_in_order(spec);
    columns.iter().position(|other| *other == column).unwrap_or(columns.len())
}

/// What a column is called.
pub(super) fn column_title<'a>(spec: &'a Spec, column: &'a str) -> &'a str {
    spec.columns.get(column).map_or(column, |column| short(&column.title))
}

/// What a learner is called.
pub(super) fn learner_title<'a>(spec: &'a Spec, learner: &'a str) -> &'a str {
    spec.learners.get(learner).map_or(learner, |learner| short(&learner.title))
}

/// What the tables call a metric, also one that a line measures under some protocol only; else its name.
pub(super) fn metric_title<'a>(spec: &'a Spec, metric: &'a str) -> &'a str {
    let lines = || spec.tables.iter().flat_map(|table| &table.lines);
    let stands_in = || lines().find(|line| line.metric_under.values().any(|other| other == metric));
    // Of several lines the one that says least besides.
    let of_metric = lines().filter(|line| line.metric == metric).min_by_key(|line| line.title.len());
    let line = of_metric.or_else(stands_in);
    line.map_or(metric, |line| &line.title)
}

/// A title without the details behind a colon or a semicolon.
fn short(title: &str) -> &str {
    title.split([':', ';']).next().unwrap_or(title).trim()
}

/// The text with a capital letter at its beginning.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().collect::<String>() + chars.as_str(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::paper::papers;

    fn spec(paper: &str) -> Spec {
        papers(&[paper.to_owned()]).expect("well formed").remove(0).spec
    }

    #[test]
    fn columns_stand_in_the_order_of_the_tables_and_each_has_a_colour() {
        let spec = spec("adversarial");
        let columns = columns_in_order(&spec);
        assert_eq!(columns[..3], ["mlp", "random_over", "cot"]);
        assert!(columns.len() > COLUMN_COLOURS.len(), "more columns than colours: {columns:?}");
        assert_eq!(colour_of(&spec, "mlp"), "#999999");
        let looks = |column: &&str| format!("{} {:?}", colour_of(&spec, column), shape_of(&spec, column));
        let different: BTreeSet<String> = columns.iter().map(looks).collect();
        assert_eq!(different.len(), columns.len(), "no two columns look alike");
    }

    #[test]
    fn names_are_those_of_the_tables() {
        let spec = spec("aemlo");
        assert_eq!(metric_title(&spec, "macro_f1_score"), "macro F1");
        assert_eq!(metric_title(&spec, "macro_auc_score"), "macro AUC");
        assert_eq!(metric_title(&spec, "f1_of_nothing"), "f1_of_nothing");
        assert_eq!(column_title(&spec, "aemlo"), "AEMLO");
        assert_eq!(learner_title(&spec, "mlknn"), "MLkNN");
        assert_eq!((capitalised("macro F1"), capitalised("")), ("Macro F1".to_owned(), String::new()));
    }
}
