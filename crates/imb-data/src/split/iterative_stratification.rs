//! Iterative stratification: parts in which each label keeps its share, for rows with any number of
//! labels.
//!
//! Labels overlap, so no cut serves all of them at once. The method deals the rows of the rarest
//! label first, while every part can still take them, and each row to the part that lacks most of
//! that label; the frequent labels come last and even out by their number.
//!
//! 1. Every part wants its share of all rows and of the rows of each label.
//! 2. Take the label with the fewest rows not yet dealt (a tie: the lower label number).
//! 3. Deal each of its rows to the part that wants most of this label; a tie goes to the part that
//!    wants most rows overall, a further tie is drawn. Then the part wants one row less, of all and
//!    of each label that the row has.
//! 4. Repeat 2 and 3 until no labelled row is left. Rows without labels go to the parts that still
//!    want most rows.
//!
//! The paper does not say in which order the rows of a label are dealt. Here the rows are shuffled
//! once, so that repetitions with unequal shares, where ties are few, are not all the same split.
//!
//! Sechidis, Tsoumakas and Vlahavas, "On the stratification of multi-label data", ECML PKDD 2011,
//! doi:10.1007/978-3-642-23808-6_10.
//!
//! The time is in O(rows × labels + labels² + rows × parts): each row is dealt once, and the counts
//! of undealt rows are kept as rows are dealt.

use std::cmp::Ordering;

use imb_core::{Error, LabelMatrix, Result, Rng, Target};
use ndarray::{Array2, ArrayView2};
use rand::RngExt;
use rand::seq::SliceRandom;

/// Deals all rows of `labels`, `(n_rows, n_labels)`, to parts of these shares: row numbers a part,
/// in ascending order.
///
/// ```
/// use imb_core::{LabelMatrix, Seed};
/// use imb_data::split::iterative_stratification;
/// use ndarray::array;
///
/// let on = array![[true, true], [true, false], [true, true], [true, false]];
/// let labels = LabelMatrix::new(on, vec!["sea".into(), "sun".into()])?;
/// let parts = iterative_stratification(&labels, &[0.5, 0.5], &mut Seed::new(1).rng())?;
/// assert!(parts.iter().all(|rows| rows.len() == 2 && rows.iter().any(|row| row % 2 == 0)));
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] unless the shares are above 0 and sum to 1.
pub fn iterative_stratification(
    labels: &LabelMatrix,
    shares: &[f64],
    rng: &mut Rng,
) -> Result<Vec<Vec<usize>>> {
    require_shares(shares)?;
    let mut order: Vec<usize> = (0..labels.n_rows()).collect();
    order.shuffle(rng);
    let mut rows_of = rows_by_label(labels.view(), &order);
    let mut dealer = Dealer::new(labels, shares);
    while let Some(label) = dealer.rarest() {
        for row in std::mem::take(&mut rows_of[label]) {
            dealer.deal(row, Some(label), rng);
        }
    }
    for row in order {
        dealer.deal(row, None, rng);
    }
    Ok(dealer.into_parts())
}

/// What has been dealt and what each part still wants.
struct Dealer<'a> {
    /// `(n_rows, n_labels)`
    on: ArrayView2<'a, bool>,
    /// Rows not yet dealt, by label.
    undealt: Vec<usize>,
    /// Rows that each part still wants, below 0 if it has more than its share.
    wanted_rows: Vec<f64>,
    /// The same of each label, `(n_labels, n_parts)`.
    wanted: Array2<f64>,
    /// The part of each row that has been dealt.
    part_of: Vec<Option<usize>>,
}

impl<'a> Dealer<'a> {
    fn new(labels: &'a LabelMatrix, shares: &[f64]) -> Self {
        let undealt = labels.positives();
        let wants = |(label, part): (usize, usize)| undealt[label] as f64 * shares[part];
        let wanted = Array2::from_shape_fn((labels.n_labels(), shares.len()), wants);
        let wanted_rows = shares.iter().map(|share| share * labels.n_rows() as f64).collect();
        Self { on: labels.view(), undealt, wanted_rows, wanted, part_of: vec![None; labels.n_rows()] }
    }

    /// The label with the fewest rows to deal, if there are any.
    fn rarest(&self) -> Option<usize> {
        let open = self.undealt.iter().enumerate().filter(|(_, count)| **count > 0);
        open.min_by_key(|(_, count)| **count).map(|(label, _)| label)
    }

    /// Deals a row for the sake of a label, or of none, unless it has been dealt.
    fn deal(&mut self, row: usize, label: Option<usize>, rng: &mut Rng) {
        if self.part_of[row].is_some() {
            return;
        }
        let part = self.part_wanting_most(label, rng);
        self.part_of[row] = Some(part);
        self.wanted_rows[part] -= 1.0;
        for (label, _) in self.on.row(row).iter().enumerate().filter(|(_, on)| **on) {
            self.undealt[label] -= 1;
            self.wanted[[label, part]] -= 1.0;
        }
    }

    fn part_wanting_most(&self, label: Option<usize>, rng: &mut Rng) -> usize {
        let compare = |a: usize, b: usize| {
            let of_label = label
                .map_or(Ordering::Equal, |label| self.wanted[[label, a]].total_cmp(&self.wanted[[label, b]]));
            of_label.then_with(|| self.wanted_rows[a].total_cmp(&self.wanted_rows[b]))
        };
        let mut most = 0;
        let mut ties = 1;
        for part in 1..self.wanted_rows.len() {
            match compare(part, most) {
                Ordering::Less => {}
                Ordering::Greater => (most, ties) = (part, 1),
                Ordering::Equal => ties += 1,
            }
        }
        if ties == 1 {
            return most;
        }
        let drawn = rng.random_range(0..ties);
        let mut tied = (most..self.wanted_rows.len()).filter(|&part| compare(part, most).is_eq());
        tied.nth(drawn).unwrap_or(most)
    }

    fn into_parts(self) -> Vec<Vec<usize>> {
        let mut parts = vec![Vec::new(); self.wanted_rows.len()];
        for (row, part) in self.part_of.into_iter().enumerate() {
            parts[part.expect("the last loop deals every row")].push(row);
        }
        parts
    }
}

/// The rows of each label, in the order given.
fn rows_by_label(on: ArrayView2<'_, bool>, order: &[usize]) -> Vec<Vec<usize>> {
    let mut rows_of = vec![Vec::new(); on.ncols()];
    for &row in order {
        for (label, _) in on.row(row).iter().enumerate().filter(|(_, on)| **on) {
            rows_of[label].push(row);
        }
    }
    rows_of
}

fn require_shares(shares: &[f64]) -> Result<()> {
    let sum: f64 = shares.iter().sum();
    if shares.iter().all(|share| *share > 0.0) && (sum - 1.0).abs() < 1e-9 {
        return Ok(());
    }
    Err(Error::invalid_parameter("shares of the parts", "above 0 and 1 in sum", format!("{shares:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{Rng, Seed};
    use proptest::prelude::*;

    fn matrix(on: Array2<bool>) -> LabelMatrix {
        let names = (0..on.ncols()).map(|label| label.to_string()).collect();
        LabelMatrix::new(on, names).expect("a name a label")
    }

    /// Label number j is on in about one of (j + 2)² / 2 rows; some rows have no label.
    fn random_matrix(n_rows: usize, n_labels: usize, rng: &mut Rng) -> LabelMatrix {
        matrix(Array2::from_shape_fn((n_rows, n_labels), |(_, label)| {
            rng.random_bool(2.0 / ((label + 2) * (label + 2)) as f64)
        }))
    }

    /// Mean over labels and parts of how many rows of a label a part has beside its share.
    fn deviation(labels: &LabelMatrix, parts: &[Vec<usize>], shares: &[f64]) -> f64 {
        let all = labels.positives();
        let mut sum = 0.0;
        for (part, share) in parts.iter().zip(shares) {
            for (has, all) in labels.select(part).positives().into_iter().zip(&all) {
                sum += (has as f64 - share * *all as f64).abs();
            }
        }
        sum / (all.len() * shares.len()) as f64
    }

    fn random_split(n_rows: usize, shares: &[f64], rng: &mut Rng) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..n_rows).collect();
        order.shuffle(rng);
        let mut rest = order.as_slice();
        let mut parts = Vec::new();
        for share in shares {
            let size = (share * n_rows as f64).round() as usize;
            let (part, others) = rest.split_at(size.min(rest.len()));
            parts.push(part.to_vec());
            rest = others;
        }
        parts
    }

    /// Worked by hand: label 1 is rarer, so its rows 0 and 1 are parted first; rows 2 and 3 (label 0
    /// only) then go one to each part, and rows 4 and 5 have no label.
    #[test]
    fn rarest_label_first() {
        let mut on = Array2::from_elem((6, 2), false);
        for (row, label) in [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1)] {
            on[[row, label]] = true;
        }
        for seed in 0..20 {
            let parts = iterative_stratification(&matrix(on.clone()), &[0.5; 2], &mut Seed::new(seed).rng());
            for part in parts.expect("valid shares") {
                let pairs: Vec<usize> = part.iter().map(|row| row / 2).collect();
                assert_eq!(pairs, [0, 1, 2], "one of each pair of like rows");
            }
        }
    }

    #[test]
    fn a_label_with_one_row_goes_to_the_largest_share() {
        let mut on = Array2::from_elem((10, 1), false);
        on[[7, 0]] = true;
        let parts = iterative_stratification(&matrix(on), &[0.2, 0.6, 0.2], &mut Seed::new(1).rng());
        let parts = parts.expect("valid shares");
        assert!(parts[1].contains(&7));
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 6, 2]);
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        let labels = matrix(Array2::from_elem((4, 1), true));
        for shares in [&[][..], &[0.5, 0.4], &[1.0, 0.0], &[f64::NAN, 0.5], &[1.5, -0.5]] {
            assert!(iterative_stratification(&labels, shares, &mut Seed::new(1).rng()).is_err());
        }
    }

    proptest! {
        #[test]
        fn every_row_is_in_one_part_and_labels_are_spread(seed: u64, thirds: bool) {
            let mut rng = Seed::new(seed).rng();
            let labels = random_matrix(400, 8, &mut rng);
            let shares = if thirds { vec![0.6, 0.2, 0.2] } else { vec![0.2; 5] };
            let parts = iterative_stratification(&labels, &shares, &mut rng).expect("valid shares");
            let mut rows = parts.concat();
            rows.sort_unstable();
            prop_assert!(rows.into_iter().eq(0..400));
            let ours = deviation(&labels, &parts, &shares);
            let random = deviation(&labels, &random_split(400, &shares, &mut rng), &shares);
            prop_assert!(ours < 1.0, "{} rows beside the share on average", ours);
            prop_assert!(ours < random, "{} against {} of a random split", ours, random);
            for (part, share) in parts.iter().zip(&shares) {
                prop_assert!((part.len() as f64 - share * 400.0).abs() < 4.0);
            }
        }

        #[test]
        fn rows_depend_on_the_seed_only(seed: u64) {
            let labels = random_matrix(60, 4, &mut Seed::new(9).rng());
            let split = |seed| {
                let parts = iterative_stratification(&labels, &[0.6, 0.2, 0.2], &mut Seed::new(seed).rng());
                parts.expect("valid shares")
            };
            prop_assert_eq!(split(seed), split(seed));
            prop_assert_ne!(split(seed), split(seed ^ 1));
        }
    }
}
