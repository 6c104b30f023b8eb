//! From a resampled set to the table that is written.

use imb_core::{ColumnKind, Gap, Origin, Parent, Resampled, Target};
use imb_data::{ExtraCells, ExtraColumn, NewCells, OutTable};

use super::kind::Kind;
use super::rows::{Place, Role};

/// The table that is written: kept rows as they were read, then new ones.
pub(super) fn table<'a, Y: Kind>(
    places: &'a [Place],
    targets: &Y,
    resampled: &'a Resampled<Y>,
    origins: bool,
) -> OutTable<'a> {
    let n_new = resampled.synthetic.nrows();
    let (mut feature, mut target) = (0, 0);
    let mut cells = |place: &Place| match place.role {
        _ if n_new == 0 => NewCells::Gaps,
        Role::Feature => {
            feature += 1;
            NewCells::Numbers(resampled.synthetic.column(feature - 1).into())
        }
        Role::Target => {
            target += 1;
            targets.new_cells(resampled, target - 1, &place.kind)
        }
        Role::Copied => NewCells::CopiesOf(resampled.seed_rows()),
        Role::Ignored => NewCells::Gaps,
    };
    let columns: Vec<(usize, &ColumnKind)> = (places.iter().enumerate())
        .filter(|(_, place)| place.role == Role::Target)
        .map(|(number, place)| (number, &place.kind))
        .collect();
    let extra = if origins { origin_columns(targets.n_rows(), resampled) } else { Vec::new() };
    let numbers: Vec<usize> = columns.iter().map(|(number, _)| *number).collect();
    OutTable {
        names: places.iter().map(|place| place.name.as_str()).collect(),
        kinds: places.iter().map(|place| place.kind.clone()).collect(),
        kept: &resampled.kept,
        changed: targets.changed(resampled, &columns),
        n_new,
        new: places.iter().map(&mut cells).collect(),
        relation: Y::relation(&numbers, places.len() + extra.len()),
        labels: if Y::ARE_LABELS { numbers } else { Vec::new() },
        extra,
    }
}

/// Row numbers of seed and neighbour, from 1, and the gap between them; nothing for rows that stand where
/// they stood. A copy has only a seed, and a row with a gap for each feature has no gap of its own. Of a row that a
/// generator moved they are those of the row that it moved.
fn origin_columns<Y: Target>(n_read: usize, resampled: &Resampled<Y>) -> Vec<ExtraColumn> {
    const NONE: [f64; 3] = [f64::NAN; 3];
    let number = |row: usize| (row + 1) as f64;
    let kept = resampled.kept.iter().enumerate().map(|(place, &row)| {
        if place < n_read && place == row { NONE } else { [number(row), f64::NAN, f64::NAN] }
    });
    let n_kept = resampled.kept.len();
    let parent = |parent: Parent| match parent {
        Parent::Row(row) => number(row),
        Parent::Synthetic(earlier) => number(n_kept + earlier),
    };
    let made = resampled.origins.iter().map(|origin| {
        // Of a row that a generator moved: the row that it was given.
        let given = match origin {
            Origin::Latent { given: Some(given), .. } => given,
            origin => origin,
        };
        match given {
            Origin::Interpolated { seed, neighbor, gap } => {
                let gap = if let Gap::Same(gap) = gap { *gap } else { f64::NAN };
                [parent(*seed), parent(*neighbor), gap]
            }
            Origin::Latent { .. } | Origin::Mixture { .. } => [parent(origin.seed()), f64::NAN, f64::NAN],
        }
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
