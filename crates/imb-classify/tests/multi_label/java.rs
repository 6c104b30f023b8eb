//! What mulan draws and orders by Java's rules: label sets by a hash set, ties by `java.util.Random`.

use ndarray::{Array2, ArrayView1, ArrayView2};

/// Java's linear congruential generator.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self((seed ^ 0x5_DEEC_E66D) & ((1 << 48) - 1))
    }

    fn next_31_bits(&mut self) -> u64 {
        self.0 = (self.0.wrapping_mul(0x5_DEEC_E66D) + 11) & ((1 << 48) - 1);
        self.0 >> 17
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound.is_power_of_two() {
            return (bound * self.next_31_bits()) >> 31;
        }
        loop {
            let bits = self.next_31_bits();
            if bits - bits % bound + (bound - 1) < 1 << 31 {
                return bits % bound;
            }
        }
    }
}

/// Label sets, `(n_sets, n_labels)`, in the order of a `HashSet` of their texts, for sets that come in this
/// order: place of each set.
pub(crate) fn hash_order(sets: &[Vec<bool>]) -> Vec<usize> {
    // The table doubles when more than three quarters of it are taken.
    let mut table = 16;
    while sets.len() * 4 > table * 3 {
        table *= 2;
    }
    let bucket = |set: &[bool]| {
        let hash = set
            .iter()
            .fold(0u32, |hash, &on| hash.wrapping_mul(31).wrapping_add(u32::from(b'0') + u32::from(on)));
        (hash ^ (hash >> 16)) as usize % table
    };
    let mut order: Vec<usize> = (0..sets.len()).collect();
    order.sort_by_key(|&set| bucket(&sets[set]));
    order
}

/// The label set that mulan predicts for each row: the one with the highest score; of several one is
/// drawn, by a generator with seed 1 for each powerset.
///
/// `sets`, `(n_sets, n_labels)`, and `scores`, `(n_rows, n_sets)`, are ours; `train`, `(n_rows, n_labels)`,
/// are the labels in the order in which mulan met them.
pub(crate) fn mulan_choices(
    sets: ArrayView2<'_, bool>,
    scores: &Array2<f64>,
    train: ArrayView2<'_, bool>,
) -> Vec<usize> {
    let mut met: Vec<Vec<bool>> = Vec::new();
    for set in train.rows() {
        if !met.iter().any(|known| set.iter().eq(known)) {
            met.push(set.to_vec());
        }
    }
    let ours = |set: &Vec<bool>| sets.rows().into_iter().position(|own| own.iter().eq(set)).expect("known");
    let order: Vec<usize> = hash_order(&met).into_iter().map(|place| ours(&met[place])).collect();
    let mut random = Random::new(1);
    scores.rows().into_iter().map(|scores| choice(scores, &order, &mut random)).collect()
}

fn choice(scores: ArrayView1<'_, f64>, order: &[usize], random: &mut Random) -> usize {
    let highest = scores.fold(0.0, |highest: f64, &score| highest.max(score));
    let best: Vec<usize> = order.iter().copied().filter(|&set| scores[set] == highest).collect();
    if best.len() == 1 { best[0] } else { best[random.below(best.len() as u64) as usize] }
}

#[test]
fn strings_hash_as_in_java() {
    // "00" hashes to 48 · 31 + 48 = 1536, "01" to 1537, "10" to 1567, "11" to 1568.
    let sets = vec![vec![true, true], vec![true, false], vec![false, true], vec![false, false]];
    assert_eq!(hash_order(&sets), [0, 3, 2, 1], "buckets 0, 15, 1, 0 of 16");
}
