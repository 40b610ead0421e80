//! Numbers that follow from a seed alone, so that a quiz can be repeated on any machine.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014): a counter
//! that grows by an odd constant, and a function that mixes its bits. The quiz of a seed changes only if the tables or
//! this file do.

/// A generator.
pub struct Random(u64);

impl Random {
    /// A generator that begins at a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number: every number of 64 bits once in 2^64 numbers.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.number()) * limit as u128) >> u64::BITS) as usize
    }

    /// One of these values; none if there are none.
    pub fn pick<T: Copy>(&mut self, values: &[T]) -> Option<T> {
        values.get(self.below(values.len())).copied()
    }

    /// Takes one of the members out of a set of numbers below 32, given as bits; none if the set is empty.
    pub fn take(&mut self, set: &mut u32) -> Option<usize> {
        let turn = self.below(set.count_ones() as usize);
        let number = (0..u32::BITS).filter(|number| *set >> number & 1 == 1).nth(turn)?;
        *set &= !(1 << number);
        Some(number as usize)
    }
}
