//! The IPv4 line, cut where any of several sets begins or ends: between two cuts all addresses are equal.

use super::interval::IntervalSet;

/// Tells every cut in order, the first at 0: where it is, and the sets that the addresses from there on lie in, by their
/// numbers, sorted. Two cuts in a row may say the same.
pub fn sweep<'set>(
    sets: impl IntoIterator<Item = (u32, &'set IntervalSet<u32>)>,
    mut tell: impl FnMut(u32, &[u32]),
) {
    let mut events: Vec<(u64, u32)> = Vec::new();
    for (number, set) in sets {
        for (first, last) in set.ranges() {
            events.push((u64::from(first), number));
            events.push((u64::from(last) + 1, number));
        }
    }
    events.sort_unstable();
    let mut inside: Vec<u32> = Vec::new();
    if events.first().is_none_or(|(at, _)| *at > 0) {
        tell(0, &inside);
    }
    let mut events = events.into_iter().peekable();
    while let Some((at, number)) = events.next() {
        // A set's bounds come in turn: entered, left, entered again.
        match inside.binary_search(&number) {
            Ok(position) => drop(inside.remove(position)),
            Err(position) => inside.insert(position, number),
        }
        // Behind the last address nothing begins.
        let Ok(start) = u32::try_from(at) else { break };
        if events.peek().is_none_or(|(next, _)| *next != at) {
            tell(start, &inside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cut_says_which_sets_begin_or_go_on_there() {
        let sets = [
            IntervalSet::range(10, 19),
            IntervalSet::range(15, u32::MAX),
            IntervalSet::from_ranges([(0, 9), (20, 29)]),
        ];
        let mut told = Vec::new();
        sweep((0..).zip(&sets), |start, inside| {
            told.push((start, inside.to_vec()));
        });
        let cuts = [(0, vec![2]), (10, vec![0]), (15, vec![0, 1]), (20, vec![1, 2]), (30, vec![1])];
        assert_eq!(told, cuts);
    }

    #[test]
    fn before_the_first_set_the_line_is_in_none() {
        let mut told = Vec::new();
        sweep([(7, &IntervalSet::single(5))], |start, inside| {
            told.push((start, inside.to_vec()));
        });
        assert_eq!(told, [(0, vec![]), (5, vec![7]), (6, vec![])]);
    }
}
