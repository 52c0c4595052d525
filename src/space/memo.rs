//! Remembered results of operations.
//!
//! The table is direct-mapped and may forget; forgetting costs time, never exactness.
//!
//! Not here: the operations (`apply`).

use super::set::NodeId;

/// A memo table that overwrites: one slot an entry, grown together with the arena and when it forgets too much.
pub(super) struct Cache {
    slots: Vec<Entry>,
    forgotten: usize,
}

/// Where the memo table stops growing by itself: 64 MiB.
const MOST_SLOTS: usize = 1 << 22;

#[derive(Clone, Copy)]
struct Entry {
    tag: u32,
    a: NodeId,
    b: NodeId,
    result: NodeId,
}

impl Entry {
    const FREE: Self = Self { tag: u32::MAX, a: 0, b: 0, result: 0 };
}

impl Cache {
    pub(super) fn new() -> Self {
        Self { slots: vec![Entry::FREE; 1 << 8], forgotten: 0 }
    }

    /// A table that nobody asks.
    pub(super) fn vacant() -> Self {
        Self { slots: Vec::new(), forgotten: 0 }
    }

    /// Forgets everything and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.slots.fill(Entry::FREE);
        self.forgotten = 0;
    }

    fn slot(&self, tag: u32, a: NodeId, b: NodeId) -> usize {
        let key = u64::from(a) << 32 | u64::from(b);
        let mixed = (key ^ u64::from(tag) << 28).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let slot = mixed as usize;
        slot & (self.slots.len() - 1)
    }

    pub(super) fn get(&self, tag: u32, a: NodeId, b: NodeId) -> Option<NodeId> {
        let entry = self.slots[self.slot(tag, a, b)];
        (entry.a == a && entry.b == b && entry.tag == tag).then_some(entry.result)
    }

    pub(super) fn put(&mut self, tag: u32, a: NodeId, b: NodeId, result: NodeId) {
        if self.forgotten > 2 * self.slots.len() && self.slots.len() < MOST_SLOTS {
            self.grow(2 * self.slots.len());
        }
        let slot = self.slot(tag, a, b);
        self.forgotten += usize::from(self.slots[slot].tag != Entry::FREE.tag);
        self.slots[slot] = Entry { tag, a, b, result };
    }

    /// Makes room for at least `slots` entries.
    pub(super) fn grow(&mut self, slots: usize) {
        if slots > self.slots.len() {
            self.forgotten = 0;
            let old = std::mem::replace(&mut self.slots, vec![Entry::FREE; slots]);
            for entry in old.into_iter().filter(|entry| entry.tag != u32::MAX) {
                self.put(entry.tag, entry.a, entry.b, entry.result);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many results of one operation, none like another.
    fn remember(cache: &mut Cache, results: std::ops::Range<NodeId>) {
        for node in results {
            cache.put(1, node, node + 1, node + 2);
        }
    }

    fn remembered(cache: &Cache, results: std::ops::Range<NodeId>) -> usize {
        let found = results.filter_map(|node| cache.get(1, node, node + 1).map(|it| (node, it)));
        found.inspect(|(node, it)| assert_eq!(*it, node + 2)).count()
    }

    #[test]
    fn most_of_what_fits_is_remembered() {
        let mut cache = Cache::new();
        cache.grow(1 << 12);
        remember(&mut cache, 0..512);
        assert!(remembered(&cache, 0..512) > 400);
        assert_eq!(cache.get(2, 0, 1), None, "another operation");
        cache.clear();
        assert_eq!(remembered(&cache, 0..512), 0);
    }

    #[test]
    fn a_memory_that_forgets_too_much_grows() {
        let mut cache = Cache::new();
        for _ in 0..4 {
            remember(&mut cache, 0..4096);
        }
        assert!(remembered(&cache, 0..4096) > 2048);
    }
}
