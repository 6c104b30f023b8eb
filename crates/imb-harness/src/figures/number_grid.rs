//! A grid of numbers with named rows and columns, on colours so pale that the numbers can be read.

use std::sync::Arc;

use kuva::plot::{ColorMap, Heatmap};
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;
use kuva::render::render::{Primitive, Scene};

/// Numbers, row after row from the top.
pub(super) struct NumberGrid {
    pub(super) rows: Vec<String>,
    pub(super) columns: Vec<String>,
    pub(super) numbers: Vec<Vec<f64>>,
}

impl NumberGrid {
    /// One panel. kuva counts rows, and their names, from the bottom.
    pub(super) fn panel(self) -> (Vec<Plot>, Layout) {
        let map = Heatmap::new().with_data(self.numbers.into_iter().rev());
        let plots = vec![Plot::Heatmap(map.with_color_map(ColorMap::Custom(Arc::new(pale))).with_values())];
        let layout = Layout::auto_from_plots(&plots)
            .with_x_categories(self.columns)
            .with_y_categories(self.rows.into_iter().rev().collect());
        (plots, layout)
    }
}

/// Writes the counts of grids, and halves of them, as counts: kuva writes all numbers of a grid with two decimals.
pub(super) fn with_plain_counts(mut scene: Scene) -> Scene {
    for element in &mut scene.elements {
        if let Primitive::Text { content, .. } = element
            && let Some((whole, decimals @ ("00" | "50"))) = content.split_once('.')
            && whole.parse::<usize>().is_ok()
        {
            *content = if decimals == "00" { whole.to_owned() } else { format!("{whole}.5") };
        }
    }
    scene
}

/// From white to sky blue.
fn pale(share: f64) -> String {
    let between = |to: f64| (255.0 + share.clamp(0.0, 1.0) * (to - 255.0)).round();
    format!("rgb({},{},{})", between(120.0), between(190.0), between(235.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Drawn;
    use kuva::render::figure::Figure;

    /// The places of texts in a picture, from its top.
    fn heights(svg: &str, text: &str) -> Vec<f64> {
        let of = |part: &str| {
            let tag = &part[part.rfind("<text").expect("a text")..];
            let y = tag.split(" y=\"").nth(1).expect("a height").split('"').next().expect("a number");
            y.parse().expect("a number")
        };
        let parts: Vec<&str> = svg.split(&format!(">{text}<")).collect();
        parts[..parts.len() - 1].iter().map(|part| of(part)).collect()
    }

    #[test]
    fn names_and_numbers_of_a_row_stand_at_the_same_height() {
        let names = |names: [&str; 2]| names.map(String::from).to_vec();
        let grid = NumberGrid {
            rows: names(["upper", "lower"]),
            columns: names(["left", "right"]),
            numbers: vec![vec![11.0, 12.0], vec![21.0, 22.0]],
        };
        let (plots, layout) = grid.panel();
        let figure = Figure::new(1, 1).with_structure(vec![vec![0]]).with_plots(vec![plots]);
        let svg = Drawn(figure.with_layouts(vec![layout]).render()).to_svg();
        let height = |text: &str| heights(&svg, text)[0];
        assert!(height("11.00") < height("21.00") && height("upper") < height("lower"));
        assert!((height("upper") - height("12.00")).abs() < 12.0, "in one row");
        assert!((height("lower") - height("22.00")).abs() < 12.0, "in one row");
    }

    #[test]
    fn counts_have_no_decimals_and_halves_have_one() {
        let name = || vec!["mlsol".to_owned(), "1.25".to_owned()];
        let grid =
            NumberGrid { rows: name(), columns: name(), numbers: vec![vec![7.0, 8.5], vec![0.0, 9.25]] };
        let (plots, layout) = grid.panel();
        let figure = Figure::new(1, 1).with_structure(vec![vec![0]]).with_plots(vec![plots]);
        let svg = Drawn(with_plain_counts(figure.with_layouts(vec![layout]).render())).to_svg();
        for text in ["7", "8.5", "0", "9.25", "mlsol", "1.25"] {
            assert!(svg.contains(&format!(">{text}<")), "{text}");
        }
        assert!(!svg.contains(">7.00<") && !svg.contains(">8.50<"));
    }
}
