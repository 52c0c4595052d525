//! Numbers that are the same on every machine (`SplitMix64`).

/// A generator.
pub struct Dice(u64);

impl Dice {
    /// A generator for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(1))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// True this many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several, if there is one.
    pub fn any<'a, T>(&mut self, stock: &'a [T]) -> Option<&'a T> {
        stock.get(self.below(stock.len()))
    }

    /// One of several; the stock must not be empty.
    pub fn pick<T: Copy>(&mut self, stock: &[T]) -> T {
        stock[self.below(stock.len())]
    }

    /// Another generator that does not depend on how far this one is used.
    pub fn split(&mut self) -> Self {
        Self(self.next())
    }
}
