//! Which of several ways a walk takes, until all have been taken.

/// The picks of one walk: (which, of how many).
#[derive(Clone, Default, Debug)]
pub struct Script {
    picks: Vec<(usize, usize)>,
    next: usize,
}

impl Script {
    /// Which of so many ways the walk takes here.
    pub fn choose(&mut self, count: usize) -> usize {
        if self.next == self.picks.len() {
            self.picks.push((0, count));
        }
        let (pick, _) = self.picks[self.next];
        self.next += 1;
        pick
    }

    /// The next script in order; none after the last.
    pub fn advance(mut self) -> Option<Self> {
        while let Some((pick, count)) = self.picks.pop() {
            if pick + 1 < count {
                self.picks.push((pick + 1, count));
                self.next = 0;
                return Some(self);
            }
        }
        None
    }
}
