//! Rows sorted by score and grouped by equal scores.

/// The number of positive and negative rows that share a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TieGroup {
    pub(crate) positives: u64,
    pub(crate) negatives: u64,
}

/// The groups of equal scores, from the highest score to the lowest. O(n log n).
pub(crate) fn tie_groups(rows: impl Iterator<Item = (f64, bool)>) -> Vec<TieGroup> {
    let mut rows: Vec<(f64, bool)> = rows.collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let groups = rows.chunk_by(|a, b| a.0 == b.0).map(|group| {
        let positives = group.iter().filter(|(_, positive)| *positive).count() as u64;
        TieGroup { positives, negatives: group.len() as u64 - positives }
    });
    groups.collect()
}

/// The numbers of positive and of negative rows.
pub(crate) fn totals(groups: &[TieGroup]) -> (u64, u64) {
    groups.iter().fold((0, 0), |(on, off), group| (on + group.positives, off + group.negatives))
}

/// How much a pair of a positive and a negative row with equal scores counts, in halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TieCredit {
    Half = 1,
    Full = 2,
}

/// The share of the pairs of a positive and a negative row in which the positive row is in an earlier group,
/// which has the higher score if groups are given from the highest score down; `None` if there is no pair.
pub(crate) fn ordered_pairs(groups: &[TieGroup], credit: TieCredit) -> Option<f64> {
    let (positives, negatives) = totals(groups);
    if positives == 0 || negatives == 0 {
        return None;
    }
    let (mut halves, mut below) = (0.0, negatives as f64);
    for group in groups {
        below -= group.negatives as f64;
        halves += group.positives as f64 * (2.0 * below + credit as u8 as f64 * group.negatives as f64);
    }
    Some(halves / (2.0 * positives as f64 * negatives as f64))
}

/// The sum of the precisions after each group, weighted by the recall gained in it; 0 without positives.
pub(crate) fn stepwise_average_precision(groups: &[TieGroup]) -> f64 {
    let (positives, _) = totals(groups);
    let (mut found, mut seen, mut sum) = (0, 0, 0.0);
    for group in groups {
        found += group.positives;
        seen += group.positives + group.negatives;
        sum += group.positives as f64 * (found as f64 / seen as f64);
    }
    if positives == 0 { 0.0 } else { sum / positives as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_of_both_signs_tie() {
        let groups = tie_groups([(0.0, true), (-1.0, false), (-0.0, false)].into_iter());
        assert_eq!(groups.len(), 2);
        assert_eq!(ordered_pairs(&groups, TieCredit::Half), Some(0.75));
        assert_eq!(ordered_pairs(&groups, TieCredit::Full), Some(1.0));
    }

    #[test]
    fn average_precision_by_hand() {
        let rows = [(0.9, true), (0.8, false), (0.7, true), (0.7, false)];
        let groups = tie_groups(rows.into_iter());
        assert_eq!(stepwise_average_precision(&groups), 0.5 * 1.0 + 0.5 * (2.0 / 4.0));
    }
}
