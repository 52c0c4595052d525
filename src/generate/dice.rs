//! Numbers that are the same on every machine (`SplitMix64`).

/// A generator of numbers. Every concern has its own, so that one that asks for more numbers shifts no other.
pub struct Dice(u64);

impl Dice {
    /// The numbers of one concern under a seed.
    pub fn new(seed: u64, concern: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(1));
        let own = dice.next() ^ concern.wrapping_mul(0x9fb2_1c65_1e98_df25);
        Self(own)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: u32) -> u32 {
        u32::try_from((self.next() >> 32) % u64::from(end.max(1))).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True this many times in a hundred.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of a stock.
    pub fn pick<T: Copy, const N: usize>(&mut self, stock: [T; N]) -> T {
        stock[self.below(count(N)) as usize]
    }
}

/// How many, as the type in which this room counts.
pub fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
