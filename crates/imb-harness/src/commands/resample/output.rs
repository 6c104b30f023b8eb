//! From a resampled set to the table that is written.

use imb_core::{Gap, Labels, Origin, Parent, Resampled};
use imb_data::{ExtraCells, ExtraColumn, NewCells, OutTable};

use super::rows::{Place, Role};

/// The table that is written: kept rows as they were read, then new ones.
pub(super) fn table<'a>(
    places: &'a [Place],
    labels: &Labels,
    resampled: &'a Resampled<Labels>,
    origins: bool,
) -> OutTable<'a> {
    let n_new = resampled.synthetic.nrows();
    let seeds = || resampled.seed_rows();
    let mut feature = 0;
    let mut cells = |place: &Place| match place.role {
        _ if n_new == 0 => NewCells::Gaps,
        Role::Feature => {
            feature += 1;
            NewCells::Numbers(resampled.synthetic.column(feature - 1))
        }
        Role::Target => NewCells::CopiesOf(examples(labels, resampled)),
        Role::Copied => NewCells::CopiesOf(seeds()),
        Role::Ignored => NewCells::Gaps,
    };
    OutTable {
        names: places.iter().map(|place| place.name.as_str()).collect(),
        kinds: places.iter().map(|place| place.kind.clone()).collect(),
        kept: &resampled.kept,
        n_new,
        new: places.iter().map(&mut cells).collect(),
        extra: if origins { origin_columns(labels.codes().len(), resampled) } else { Vec::new() },
    }
}

/// For each new row, the first row of the file that has its class.
fn examples(labels: &Labels, resampled: &Resampled<Labels>) -> Vec<usize> {
    let first = |class: u32| labels.codes().iter().position(|&code| code == class).unwrap_or(0);
    let firsts: Vec<usize> = (0u32..).take(labels.classes().len()).map(first).collect();
    resampled.synthetic_targets.codes().iter().map(|&code| firsts[code as usize]).collect()
}

/// Row numbers of seed and neighbour, from 1, and the gap between them; nothing for rows that stand where
/// they stood. A copy has only a seed.
fn origin_columns(n_read: usize, resampled: &Resampled<Labels>) -> Vec<ExtraColumn> {
    const NONE: [f64; 3] = [f64::NAN; 3];
    let number = |row: usize| (row + 1) as f64;
    let kept = resampled.kept.iter().enumerate().map(|(place, &row)| match place < n_read && place == row {
        true => NONE,
        false => [number(row), f64::NAN, f64::NAN],
    });
    let n_kept = resampled.kept.len();
    let parent = |parent: Parent| match parent {
        Parent::Row(row) => number(row),
        Parent::Synthetic(earlier) => number(n_kept + earlier),
    };
    let made = resampled.origins.iter().map(|origin| match origin {
        Origin::Interpolated { seed, neighbor, gap } => {
            let gap = if let Gap::Same(gap) = gap { *gap } else { f64::NAN };
            [parent(*seed), parent(*neighbor), gap]
        }
        Origin::Latent { .. } | Origin::Mixture { .. } => [parent(origin.seed()), f64::NAN, f64::NAN],
    });
    let all: Vec<[f64; 3]> = kept.chain(made).collect();
    let column = |place: usize| all.iter().map(|origin| origin[place]).collect();
    let named = |name: &str, cells| ExtraColumn { name: name.to_owned(), cells };
    vec![
        named("origin_seed", ExtraCells::Integers(column(0))),
        named("origin_neighbor", ExtraCells::Integers(column(1))),
        named("origin_gap", ExtraCells::Numbers(column(2))),
    ]
}
