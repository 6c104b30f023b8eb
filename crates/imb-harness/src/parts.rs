//! Parts: the cells of a paper shared out among machines or tasks that do not talk to each other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::str::FromStr;

use crate::cell::Cell;
use crate::place::Place;
use crate::plan::Costs;

/// One of several parts of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which part, from 1.
    pub number: usize,
    /// The number of parts.
    pub of: usize,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if 1 <= number && number <= of => Ok(Self { number, of }),
            _ => Err("must be I/N with I from 1 to N, such as 3/8".to_owned()),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Part {
    /// The cells of this part, in their order.
    pub fn choose(self, cells: Vec<Cell>, costs: &Costs) -> Vec<Cell> {
        let parts = split(&cells, costs, self.of);
        let chosen = cells.into_iter().zip(parts).filter(|(_, part)| *part == self.number - 1);
        chosen.map(|(cell, _)| cell).collect()
    }
}

/// The part, from 0, that each cell belongs to.
///
/// Every node must find the same parts, at any time: so they depend on the cells that are asked for and on the costs
/// in the committed records, and not on what has been recorded since. Cells that are missing are nevertheless shared
/// out evenly, because those of a family, which cost about the same, are dealt one by one. Rounds that give every
/// part a cell are dealt in the same order in each family, so that a part prepares the rows of few runs. What is left
/// goes to the parts with the least work, costly cells first.
pub fn split(cells: &[Cell], costs: &Costs, n_parts: usize) -> Vec<usize> {
    let n_parts = n_parts.max(1);
    let mut parts = vec![0; cells.len()];
    let mut loads: BinaryHeap<Load> = (0..n_parts).map(|part| Load { seconds: 0.0, part }).collect();
    for Family { seconds, cells } in families(cells, costs) {
        let dealt = cells.len() / n_parts * n_parts;
        for (turn, &cell) in cells[..dealt].iter().enumerate() {
            parts[cell] = turn % n_parts;
        }
        let mut loaded = Vec::new();
        for &cell in &cells[dealt..] {
            let least = loads.pop().expect("fewer cells are left than there are parts");
            parts[cell] = least.part;
            loaded.push(Load { seconds: least.seconds + seconds, ..least });
        }
        loads.extend(loaded);
    }
    parts
}

/// Cells that cost about the same, by their numbers.
struct Family {
    /// CPU seconds of one.
    seconds: f64,
    cells: Vec<usize>,
}

/// CPU seconds of a cell where no cost at all is known: cells then count alike, and parts get as many of them.
const UNKNOWN: f64 = 1.0;

/// The families, the costliest cells first. Where nothing similar is recorded, a cell costs as much as the mean of
/// those that are known.
fn families(cells: &[Cell], costs: &Costs) -> Vec<Family> {
    let mut by_place: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    for (number, cell) in cells.iter().enumerate() {
        by_place.entry(cell.place.family()).or_default().push(number);
    }
    let known: Vec<Option<f64>> = by_place.keys().map(|place| costs.of(place)).collect();
    let mean = match known.iter().flatten().count() {
        0 => UNKNOWN,
        count => known.iter().flatten().sum::<f64>() / count as f64,
    };
    let of_known = known.into_iter().map(|seconds| seconds.unwrap_or(mean));
    let mut families: Vec<Family> =
        of_known.zip(by_place.into_values()).map(|(seconds, cells)| Family { seconds, cells }).collect();
    families.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    families
}

/// The work of a part. The greatest has the least work, and of equals the first number.
#[derive(PartialEq)]
struct Load {
    seconds: f64,
    part: usize,
}

impl Eq for Load {}

impl Ord for Load {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_seconds = other.seconds.total_cmp(&self.seconds);
        by_seconds.then_with(|| Reverse(self.part).cmp(&Reverse(other.part)))
    }
}

impl PartialOrd for Load {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choices::Choices;
    use crate::experiment::{Experiment, Selection};
    use crate::paper::papers;
    use crate::plan::Briefs;
    use crate::profile::Profile;
    use imb_core::Device;
    use imb_data::{Catalog, DataDirs};

    /// The cells of the data set that is built in, and what similar ones cost.
    fn cells_and_costs() -> (Vec<Cell>, Costs) {
        let paper = papers(&["moods".to_owned()]).expect("well formed").remove(0);
        let costs = Costs::new([&Briefs::committed(&paper).expect("readable")]);
        let experiment =
            Experiment::read(paper, &Catalog::built_in(), &DataDirs::only(Vec::new())).expect("built in");
        let selection = Selection {
            profile: Profile::Full,
            datasets: vec!["winequality-red-8_vs_6".to_owned()],
            columns: ["none", "smote", "svm_smote"].map(String::from).to_vec(),
            protocols: Vec::new(),
            most_runs: None,
            device: Device::Cpu,
            choices: Choices::default(),
        };
        (experiment.cells(&selection).expect("known names"), costs)
    }

    #[test]
    fn each_family_is_dealt_evenly_and_parts_take_about_the_same_time() {
        let (cells, costs) = cells_and_costs();
        for n_parts in [1, 2, 7, 33, 500] {
            let parts = split(&cells, &costs, n_parts);
            let mut by_family: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
            let mut seconds = vec![0.0; n_parts];
            let mut dearest: f64 = 0.0;
            for (cell, &part) in cells.iter().zip(&parts) {
                let cost = costs.of(&cell.place).expect("recorded");
                by_family.entry(cell.place.family()).or_insert_with(|| vec![0; n_parts])[part] += 1;
                seconds[part] += cost;
                dearest = dearest.max(cost);
            }
            for (family, counts) in by_family {
                let (least, most) = (counts.iter().min(), counts.iter().max());
                assert!(
                    most.zip(least).is_some_and(|(most, least)| most - least <= 1),
                    "{family}: {counts:?}"
                );
            }
            let least = seconds.iter().copied().fold(f64::INFINITY, f64::min);
            let most = seconds.iter().copied().fold(0.0, f64::max);
            assert!(most - least <= dearest, "{n_parts}: {least} to {most}");
        }
    }

    /// An experiment of a user's own has no committed records.
    #[test]
    fn without_known_costs_parts_get_as_many_cells() {
        let (cells, _) = cells_and_costs();
        let half = cells.len() / 2;
        for n_parts in [2, half, cells.len()] {
            let mut counts = vec![0; n_parts];
            split(&cells, &Costs::default(), n_parts).into_iter().for_each(|part| counts[part] += 1);
            let (least, most) = (counts.iter().min(), counts.iter().max());
            assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{counts:?}");
        }
    }

    #[test]
    fn parts_are_written_as_fractions() {
        assert_eq!("3/8".parse(), Ok(Part { number: 3, of: 8 }));
        for wrong in ["0/8", "9/8", "3", "3/", "a/b", "1/0", "-1/2"] {
            assert!(wrong.parse::<Part>().is_err(), "{wrong}");
        }
    }
}
