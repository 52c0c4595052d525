//! Every pair of ends that two networks let pass differently, as sets of packets.

use rustc_hash::FxHashMap;

use super::attribution::Causes;
use super::difference::{Changed, Scope, Two};
use super::land::{Alike, Land, Meaning, works};
use super::meetings::Meetings;
use super::select::Side;
use super::touched::{Edited, Rest, Touched, is_plain, touched};
use crate::engine::{Host, Reacher};
use crate::query::{Traffics, Turn};
use crate::space::{AddressSet, Set, Space};

/// What works between two meanings of one network, so far.
type Known = FxHashMap<(Meaning, Meaning), (Set, Set)>;

/// What came of comparing every pair of ends.
#[derive(Default)]
pub(super) struct Compared {
    /// Those that work differently.
    pub(super) changed: Vec<Changed>,
    /// How many there are.
    pub(super) pairs: u128,
    /// Of how many something that is not modelled decides.
    pub(super) doubtful: u128,
    /// How many groups of alike ends something of theirs differs for.
    pub(super) computed: usize,
}

/// So many pairs are computed before they are compared.
const CHUNK: usize = 1 << 20;

/// Every pair of ends that works differently.
pub(super) fn compare(two: &mut Two<'_>, scope: Scope) -> Compared {
    let mut compared = Compared { pairs: two.pairs, ..Compared::default() };
    let (touched, edited) = match scope {
        Scope::Touched => match touched(two) {
            Rest::Ends(touched, edited) => (touched, edited),
            Rest::Pairs(pairs, ends) => {
                compared.computed = ends;
                for chunk in pairs.chunks(CHUNK) {
                    compare_chunk(two, chunk, &mut compared);
                }
                return compared;
            }
        },
        Scope::Everything => (vec![Touched::ALL; two.ends.len()], None),
    };
    compared.computed = touched.iter().filter(|end| end.any()).count();
    let mut meetings =
        (scope == Scope::Touched && is_plain(two)).then(|| Meetings::of(two, &touched));
    let all: Vec<usize> = (0..touched.len()).collect();
    let mut chunk = Vec::new();
    for (from, own) in touched.iter().enumerate() {
        let receivers = match &mut meetings {
            Some(meetings) => meetings.met(two, from),
            None => &all,
        };
        let receivers = receivers.iter().filter(|to| own.opens || touched[**to].takes);
        chunk.extend(receivers.map(|to| (from, *to)));
        if chunk.len() >= CHUNK {
            compare_some(two, &mut chunk, edited.as_ref(), &mut compared);
        }
        if two.desk.space.exhausted() {
            break;
        }
    }
    compare_some(two, &mut chunk, edited.as_ref(), &mut compared);
    compared
}

/// Pairs that something of theirs differs for.
fn compare_some(
    two: &mut Two<'_>,
    pairs: &mut Vec<(usize, usize)>,
    edited: Option<&Edited>,
    compared: &mut Compared,
) {
    if let Some(edited) = edited {
        leave_out_quiet(two, edited, pairs);
    }
    compare_chunk(two, pairs, compared);
    pairs.clear();
}

/// Leaves out pairs of machines for which no list that differs permits anything else than before.
fn leave_out_quiet(two: &mut Two<'_>, edited: &Edited, pairs: &mut Vec<(usize, usize)>) {
    let land = two.lands[1];
    // Machines in subnets, and nothing else, have a location: packets between two go by their own addresses.
    let hosts = two.ends.iter().map(|end| match end.means[1] {
        // The first of the end, not of its class: the other network may tell the two apart.
        Some(Meaning::Class(class)) => {
            let party = land.class(class).location.and(land.party(&end.who[0]));
            party.and_then(Host::of)
        }
        _ => None,
    });
    let hosts: Vec<Option<Host>> = hosts.collect();
    two.desk.at(land, |reacher| {
        pairs.retain(|(from, to)| {
            let both = hosts[*from].zip(hosts[*to]).filter(|_| from != to);
            !both.is_some_and(|both| reacher.passes_alike(both, edited))
        });
    });
}

fn compare_chunk(two: &mut Two<'_>, pairs: &[(usize, usize)], compared: &mut Compared) {
    let [old, new] = two.lands;
    let ends = (two.ends.as_slice(), &two.internet, &two.traffic);
    let desk = &mut two.desk;
    let before = desk
        .at(old, |reacher| connectivity(reacher, (old, ends), pairs, |end| ends.0[end].means[0]));
    let after = desk
        .at(new, |reacher| connectivity(reacher, (new, ends), pairs, |end| ends.0[end].means[1]));
    for (((from, to), was), is) in pairs.iter().zip(before).zip(after) {
        let space = &mut two.desk.space;
        if !(space.is_empty(was.1) && space.is_empty(is.1)) {
            compared.doubtful += two.ends[*from].len(&two.lands) * two.ends[*to].len(&two.lands);
        }
        if was == is {
            continue;
        }
        for (turn, more, less) in [(Turn::Gained, is, was), (Turn::Lost, was, is)] {
            // What may work on the other side is neither gained nor lost for sure.
            let set = space.difference(more.0, less.0);
            let set = space.difference(set, less.1);
            if !space.is_empty(set) {
                compared.changed.push(Changed {
                    from: *from,
                    to: *to,
                    turn,
                    set,
                    causes: Causes::default(),
                });
            }
        }
    }
}

/// How many pairs of different endpoints there are.
pub(super) fn counted(lands: [&Land; 2], ends: &[Alike]) -> u128 {
    let (mut openers, mut meant, mut both) = (0, 0, 0);
    for end in ends {
        let size = end.len(&lands);
        let opens = end.takes_part(&lands, Side::From);
        let takes = end.takes_part(&lands, Side::To);
        openers += if opens { size } else { 0 };
        meant += if takes { size } else { 0 };
        both += if opens && takes { size } else { 0 };
    }
    (openers * meant).saturating_sub(both)
}

/// What works between pairs of ends in a network, where they mean something, and what is in doubt.
pub(super) fn connectivity(
    reacher: &mut Reacher<'_>,
    (land, (ends, internet, asked)): (&Land, (&[Alike], &AddressSet, &Traffics)),
    pairs: &[(usize, usize)],
    means: impl Fn(usize) -> Option<Meaning>,
) -> Vec<(Set, Set)> {
    /// Nothing works, and nothing is in doubt.
    const NOTHING: (Set, Set) = (Space::EMPTY, Space::EMPTY);
    let mut known = Known::default();
    let traffic = reacher.asked_anywhere((asked, false), || super::answer::packets(asked, false));
    let sets = pairs.iter().map(|(from, to)| {
        if reacher.space.is_over() {
            return NOTHING;
        }
        let alone = from == to && !ends[*from].meets_itself();
        let (Some(from), Some(to)) = (means(*from), means(*to)) else {
            return NOTHING;
        };
        let skipped = !land.takes_part(from, Side::From) || !land.takes_part(to, Side::To);
        if skipped || alone {
            return NOTHING;
        }
        if let Some(set) = known.get(&(from, to)) {
            return *set;
        }
        let set = works(reacher, land, (from, to), (asked, traffic, internet));
        known.insert((from, to), set);
        set
    });
    sets.collect()
}
