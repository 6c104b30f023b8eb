//! NumPy's legacy generator `RandomState`, as far as splits need it.
//!
//! The words are those of the Mersenne Twister MT19937, seeded by a 32-bit integer with the
//! generator's own initialisation. Whole numbers up to a bound are drawn by rejection: words are cut
//! to the fewest low bits that hold the bound, until one is not above it. A shuffle walks from the
//! last item to the second and swaps each with an item drawn from those up to it.
//!
//! Matsumoto and Nishimura, "Mersenne twister: a 623-dimensionally equidistributed uniform
//! pseudo-random number generator", ACM TOMACS 8 (1998), doi:10.1145/272991.272995; the seeding is
//! their revision of 2002.

/// Size of the state in words, and the distance of the words that a new one is made of.
const N: usize = 624;
const M: usize = 397;

/// A generator that draws what `numpy.random.RandomState(seed)` draws.
///
/// ```
/// use imb_data::split::scikit_learn::RandomState;
///
/// assert_eq!(RandomState::new(42).permutation(5), [1, 4, 2, 0, 3]);
/// ```
#[derive(Clone, Debug)]
pub struct RandomState {
    words: [u32; N],
    next: usize,
}

impl RandomState {
    /// The generator for a seed.
    pub fn new(seed: u32) -> Self {
        let mut words = [seed; N];
        for (place, number) in (1..N).zip(1u32..) {
            let before = words[place - 1];
            words[place] = (before ^ (before >> 30)).wrapping_mul(1_812_433_253).wrapping_add(number);
        }
        Self { words, next: N }
    }

    /// The numbers from 0 to `n` − 1 in random order, as `RandomState.permutation(n)` gives them.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut numbers = (0..n).collect::<Vec<_>>();
        self.shuffle(&mut numbers);
        numbers
    }

    /// Shuffles in place, as `RandomState.shuffle` does with a one-dimensional array.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            // A place drawn from 0..=last fits where `last` did.
            let drawn = self.up_to(last as u64) as usize;
            items.swap(last, drawn);
        }
    }

    /// The next 32 random bits.
    pub fn next_word(&mut self) -> u32 {
        if self.next == N {
            self.twist();
            self.next = 0;
        }
        let mut word = self.words[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C_5680;
        word ^= (word << 15) & 0xEFC6_0000;
        word ^ (word >> 18)
    }

    /// A whole number from 0 to `bound`, both included. No word is spent on a bound of 0.
    fn up_to(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let mask = u64::MAX >> bound.leading_zeros();
        loop {
            let mut word = u64::from(self.next_word());
            if bound > u64::from(u32::MAX) {
                word = word << 32 | u64::from(self.next_word());
            }
            if word & mask <= bound {
                return word & mask;
            }
        }
    }

    /// Makes the next `N` words of the recurrence.
    fn twist(&mut self) {
        const HIGH_BIT: u32 = 1 << 31;
        for place in 0..N {
            let joined = (self.words[place] & HIGH_BIT) | (self.words[(place + 1) % N] & !HIGH_BIT);
            let odd = if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.words[place] = self.words[(place + M) % N] ^ (joined >> 1) ^ odd;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::scikit_learn::reference::{self, Rows};
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        seed: u32,
        n_rows: usize,
        permutations: [Rows; 2],
        next_word: u32,
    }

    #[test]
    fn permutations_equal_numpy() {
        let cases: Vec<Case> = reference::cases("permutations");
        assert_eq!(cases.len(), 48);
        for case in cases {
            let mut state = RandomState::new(case.seed);
            for expected in case.permutations {
                expected.assert_equal(&state.permutation(case.n_rows));
            }
            assert_eq!(state.next_word(), case.next_word, "seed {}, {} rows", case.seed, case.n_rows);
        }
    }

    /// The first and the ten-thousandth word of seed 5489; the latter stands in the C++ standard,
    /// [rand.predef].
    #[test]
    fn words_equal_the_published_generator() {
        let mut state = RandomState::new(5489);
        assert_eq!(state.next_word(), 3_499_211_612);
        let word = (1..10_000).map(|_| state.next_word()).last();
        assert_eq!(word, Some(4_123_659_995));
    }

    #[test]
    fn nothing_to_shuffle_is_nothing_drawn() {
        let mut state = RandomState::new(1);
        assert_eq!((state.permutation(0), state.permutation(1)), (vec![], vec![0]));
        assert_eq!(state.next_word(), RandomState::new(1).next_word());
    }
}
