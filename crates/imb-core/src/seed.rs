//! Seeds, which are paths such as `credit / do / run 2`, and the generators made from them.
//!
//! Whoever draws owns the generator; there is no global one.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The only generator of this workspace. It is portable: the same seed gives the same stream on every machine.
pub type Rng = ChaCha8Rng;

/// A seed, derived from a root number by a path of names.
///
/// Each use has a path of its own, so adding a method, a data set or a run does not change the seed of
/// `credit / do / run 2`, nor its results.
///
/// ```
/// use imb_core::Seed;
/// use rand::RngExt;
///
/// let run = Seed::new(7).child("credit").child("run 2");
/// let first: u64 = run.child("do").rng().random();
/// assert_eq!(first, run.child("do").rng().random());
/// assert_ne!(first, run.child("ao").rng().random());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed([u64; 4]);

impl Seed {
    /// The root of a tree of seeds. The same number gives the same tree.
    pub fn new(root: u64) -> Self {
        Self([0; 4]).absorb(root)
    }

    /// The seed of a named part of the work. Different paths give different streams.
    ///
    /// The length of the name is absorbed first, so that `ab / c` and `a / bc` differ.
    #[must_use]
    pub fn child(self, name: &str) -> Self {
        let mut seed = self.absorb(name.len() as u64);
        for chunk in name.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            seed = seed.absorb(u64::from_le_bytes(word));
        }
        seed
    }

    /// The seed of a numbered part of the work, such as a row that is made in parallel.
    #[must_use]
    pub fn index(self, number: u64) -> Self {
        self.child("#").absorb(number)
    }

    /// A new generator that starts from this seed.
    pub fn rng(self) -> Rng {
        let mut bytes = [0; 32];
        for (place, word) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        Rng::from_seed(bytes)
    }

    /// Mixes a word into all four lanes, each lane into the next.
    fn absorb(self, word: u64) -> Self {
        let mut lanes = self.0;
        let mut carry = word;
        for (number, lane) in (1u64..).zip(&mut lanes) {
            *lane = mix(*lane ^ carry.wrapping_add(number.wrapping_mul(GOLDEN)));
            carry = carry.rotate_left(23) ^ *lane;
        }
        lanes[0] = mix(lanes[0] ^ carry);
        Self(lanes)
    }
}

/// 2^64 divided by the golden ratio: SplitMix64's increment, by which the numbers of the lanes are spread.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(GOLDEN);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use std::collections::BTreeSet;

    #[test]
    fn paths_that_read_alike_differ() {
        let root = Seed::new(1);
        let seeds = [
            root,
            Seed::new(2),
            root.child(""),
            root.child("ab").child("c"),
            root.child("a").child("bc"),
            root.child("abc"),
            root.child("abc\0"),
            root.index(0),
            root.index(1),
            root.child("#"),
        ];
        let distinct: BTreeSet<_> = seeds.iter().map(|seed| seed.0).collect();
        assert_eq!(distinct.len(), seeds.len());
    }

    #[test]
    fn a_change_of_one_bit_moves_half_of_the_bits() {
        let mut flipped = 0;
        for bit in 0..64 {
            let pair = (Seed::new(5), Seed::new(5 ^ (1 << bit)));
            let differing = pair.0.0.iter().zip(pair.1.0).map(|(a, b)| (a ^ b).count_ones());
            flipped += differing.sum::<u32>();
        }
        let mean = f64::from(flipped) / 64.0;
        assert!((118.0..138.0).contains(&mean), "{mean} of 256 bits");
    }

    /// A change here moves every table of this workspace: it is value-breaking and belongs in the
    /// changelog under that word.
    #[test]
    fn streams_are_stable() {
        let mut rng = Seed::new(42).child("ecoli4").child("smote").index(3).rng();
        let drawn: [u64; 3] = std::array::from_fn(|_| rng.random());
        assert_eq!(drawn, [18251255194244029314, 15294519487525232130, 6852242895114294407]);
    }
}
