//! Deals whole groups of rows, so that no group is in two parts, and every part gets nearly its share of each class.
//!
//! Rows of one patient, document or machine resemble each other. If some of them train and others test, the test
//! says too much.
//!
//! The groups are dealt from the largest to the smallest, in random order among those of one size. Each goes to the
//! part that then misses its shares the least. What a part misses is the sum of squares, over the classes and
//! over all rows, of the difference between the rows it has and its share of them, each divided by the number of
//! rows of the class. So a rare class counts as much as a frequent one. A tie goes to the part with the fewest
//! rows, then to the first. With equal shares this leaves no part empty if there are as many groups as parts.
//!
//! To find the best of all ways to deal groups would take exponential time, so a class may be further than one
//! row from its share.

use std::collections::BTreeMap;

use imb_core::{Error, Labels, Result, Rng};
use rand::seq::SliceRandom;

use crate::split::by_class::rows_by_class;

/// The rows of each part, in ascending order. `classes_of` gives the classes of a row.
pub(super) fn deal(
    groups: &[u64],
    shares: &[f64],
    n_classes: usize,
    classes_of: impl Fn(usize) -> Vec<usize>,
    rng: &mut Rng,
) -> Result<Vec<Vec<usize>>> {
    let mut groups: Vec<Group> = Group::all(groups, n_classes, classes_of);
    require_groups(groups.len(), shares.len())?;
    groups.shuffle(rng);
    groups.sort_by_key(|group| std::cmp::Reverse(group.rows.len()));
    let totals: Vec<f64> =
        (0..=n_classes).map(|class| groups.iter().map(|group| group.counts[class]).sum()).collect();
    let mut parts: Vec<Part> = shares.iter().map(|share| Part::new(*share, &totals)).collect();
    for group in groups {
        let added: Vec<f64> = parts.iter().map(|part| part.added(&group, &totals)).collect();
        let better = |a: &usize, b: &usize| {
            added[*a].total_cmp(&added[*b]).then(parts[*a].rows.len().cmp(&parts[*b].rows.len()))
        };
        if let Some(best) = (0..parts.len()).min_by(better) {
            parts[best].take(group);
        }
    }
    Ok(parts.into_iter().map(Part::into_sorted_rows).collect())
}

/// Refuses a class whose rows all belong to one group: it cannot be in both train and test.
pub(super) fn require_two_groups(labels: &Labels, groups: &[u64]) -> Result<()> {
    for (class, rows) in rows_by_class(labels).iter().enumerate() {
        if rows.first().is_some_and(|first| rows.iter().all(|row| groups[*row] == groups[*first])) {
            return Err(Error::invalid_parameter(
                format!("number of groups with rows of class \"{}\"", labels.classes()[class]),
                "at least 2, since train and test need one each; drop the class or divide its group",
                "1",
            ));
        }
    }
    Ok(())
}

/// Refuses a number of groups that is not the number of rows.
pub(super) fn require_group_per_row(groups: &[u64], n_rows: usize) -> Result<()> {
    if groups.len() == n_rows {
        return Ok(());
    }
    Err(Error::LengthMismatch { what: "groups, one per row".into(), expected: n_rows, found: groups.len() })
}

fn require_groups(n_groups: usize, n_parts: usize) -> Result<()> {
    if n_groups >= n_parts {
        return Ok(());
    }
    Err(Error::invalid_parameter(
        "number of different groups",
        format!("at least {n_parts}, one for each part of the split"),
        n_groups,
    ))
}

/// Rows that must stay together.
struct Group {
    rows: Vec<usize>,
    /// How many of them each class has; last their number.
    counts: Vec<f64>,
}

impl Group {
    fn all(groups: &[u64], n_classes: usize, classes_of: impl Fn(usize) -> Vec<usize>) -> Vec<Self> {
        let mut rows_of: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (row, group) in groups.iter().enumerate() {
            rows_of.entry(*group).or_default().push(row);
        }
        let with_counts = |rows: Vec<usize>| {
            let mut counts = vec![0.0; n_classes + 1];
            rows.iter().flat_map(|row| classes_of(*row)).for_each(|class| counts[class] += 1.0);
            counts[n_classes] = rows.len() as f64;
            Self { rows, counts }
        };
        rows_of.into_values().map(with_counts).collect()
    }
}

/// A part of the split while it is filled.
struct Part {
    rows: Vec<usize>,
    /// How many more rows it wants of each class; last of all rows.
    wants: Vec<f64>,
}

impl Part {
    fn new(share: f64, totals: &[f64]) -> Self {
        Self { rows: Vec::new(), wants: totals.iter().map(|total| share * total).collect() }
    }

    /// How much more the part misses its shares with this group than without.
    fn added(&self, group: &Group, totals: &[f64]) -> f64 {
        let classes = group.counts.iter().zip(&self.wants).zip(totals);
        // (want − count)² − want², divided by the square of the total.
        let added =
            |((count, want), total): ((&f64, &f64), &f64)| count * (count - 2.0 * want) / (total * total);
        classes.filter(|((count, _), _)| **count > 0.0).map(added).sum()
    }

    fn take(&mut self, group: Group) {
        self.wants.iter_mut().zip(&group.counts).for_each(|(want, count)| *want -= count);
        self.rows.extend(group.rows);
    }

    fn into_sorted_rows(mut self) -> Vec<usize> {
        self.rows.sort_unstable();
        self.rows
    }
}
