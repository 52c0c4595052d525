//! Few changes first: networks are tried in the order of how many changes they took and how much still stands in the
//! way, and every network that does what was asked is made minimal.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::block::{Block, Looked, look};
use super::candidate::{Candidate, TIERS, choose};
use super::{FixQuestion, Goal, RefusedChange, Stuck, Why, close};
use crate::diagnostic::Words;
use crate::model::{Change, Network, apply};
use crate::query::{Reason, Verdict};
use crate::space::{Allowance, Exceeded};

/// So many networks are computed at most.
pub const MOST_TRIED: usize = 240;

/// No fix takes more changes.
const MOST_CHANGES: usize = 10;

/// So many solutions are enough to choose the best ones from.
const ENOUGH: usize = 12;

/// What came of a search.
pub struct Searched {
    /// Changes that do what was asked, and the network with them.
    pub solutions: Vec<(Vec<Change>, Arc<Network>)>,
    /// What the cloud refused.
    pub refused: Vec<RefusedChange>,
    /// Blockers that stay, where nothing was found.
    pub stuck: Vec<Stuck>,
    /// Networks that were computed.
    pub tried: usize,
    /// Whether something was left untried.
    pub capped: bool,
    /// The budget was not enough, of this, for a network or for all of them.
    pub exceeded: Option<Exceeded>,
}

/// A network on the way.
struct State {
    changes: Vec<Change>,
    network: Arc<Network>,
    looked: Looked,
    /// What was tried already: everything of the tiers below.
    tier: usize,
}

/// What came of a candidate.
enum Attempt {
    /// The blocker is gone.
    Helped,
    /// The cloud does not take it.
    Refused,
    /// It is still there.
    InVain,
}

/// Whether a question has its goal.
pub fn is_reached(looked: &Looked, goal: Goal) -> bool {
    match goal {
        Goal::Open => looked.verdict == Verdict::Reachable,
        Goal::Close => looked.verdict == Verdict::Unreachable,
    }
}

/// Looks for changes from a network that does not do what is asked.
pub fn search(
    start: &Arc<Network>,
    looked: Looked,
    question: &FixQuestion,
    allowance: Allowance,
) -> Searched {
    let mut search = Search {
        question,
        start,
        waiting: BTreeMap::new(),
        number: 0,
        found: Searched {
            solutions: Vec::new(),
            refused: Vec::new(),
            stuck: Vec::new(),
            tried: 0,
            capped: false,
            exceeded: None,
        },
        allowance,
    };
    search.wait(State { changes: Vec::new(), network: Arc::clone(start), looked, tier: 0 });
    search.run();
    search.found.stuck.sort_by_key(|stuck| stuck.after);
    if !search.found.solutions.is_empty() {
        search.found.stuck.clear();
    }
    search.found
}

struct Search<'a> {
    question: &'a FixQuestion,
    start: &'a Arc<Network>,
    /// By cost and age, so that equal ones are tried in the order in which they were made.
    waiting: BTreeMap<(usize, usize), State>,
    number: usize,
    found: Searched,
    allowance: Allowance,
}

impl Search<'_> {
    fn wait(&mut self, state: State) {
        let left = match self.question.goal {
            Goal::Open => state.looked.blocks.len(),
            Goal::Close => usize::from(state.looked.working.is_some()),
        };
        self.number += 1;
        // What makes things waits until what is there has been tried.
        let cost = state.changes.len() + left + 2 * state.tier;
        self.waiting.insert((cost, self.number), state);
    }

    fn run(&mut self) {
        let mut best = usize::MAX;
        while let Some((_, state)) = self.waiting.pop_first() {
            // One change more may still be the gentler way; two more are not looked for.
            if state.changes.len() > best.saturating_add(1) {
                continue;
            }
            if is_reached(&state.looked, self.question.goal) {
                best = best.min(state.changes.len());
                self.keep(state);
                continue;
            }
            if state.tier > 0 && !self.found.solutions.is_empty() {
                continue;
            }
            if self.found.solutions.len() >= ENOUGH || self.is_spent() {
                self.found.capped = true;
                return;
            }
            match self.question.goal {
                Goal::Close => self.close(&state),
                Goal::Open => self.open(state),
            }
        }
    }

    /// Whether no more networks are to be computed.
    fn is_spent(&mut self) -> bool {
        let late = self.allowance.late();
        self.found.exceeded = self.found.exceeded.or(late);
        late.is_some() || self.found.tried >= MOST_TRIED
    }

    /// A network, looked at; `None` = one side means nobody in it, or the budget was not enough.
    fn look(&mut self, network: &Arc<Network>) -> Option<Looked> {
        self.found.tried += 1;
        let looked = look(network, self.question, self.allowance)?;
        self.found.exceeded = self.found.exceeded.or(looked.exceeded);
        looked.exceeded.is_none().then_some(looked)
    }

    fn close(&mut self, state: &State) {
        for candidate in close::candidates(&state.network, &state.looked) {
            if self.is_spent() {
                self.found.capped = true;
                return;
            }
            self.attempt(state, None, candidate);
        }
    }

    /// Tries what may lift the first blocker; what can be made is tried later where what is there lifts it, too.
    fn open(&mut self, state: State) {
        let choice = choose(&state.network, self.question, &state.looked.blocks, state.tier);
        let after = state.changes.len();
        if state.tier == 0 {
            for (block, why) in &choice.stuck {
                self.stay(&block.reason, *why, after);
            }
        }
        let Some((block, candidates, mut tier)) = choice.chosen else {
            return;
        };
        let mut candidates = candidates;
        let (mut refused, mut vain) = (0, 0);
        loop {
            let mut lifted = false;
            for candidate in candidates {
                if self.is_spent() {
                    self.found.capped = true;
                    return;
                }
                match self.attempt(&state, Some(block), candidate) {
                    Attempt::Helped => lifted = true,
                    Attempt::Refused => refused += 1,
                    Attempt::InVain => vain += 1,
                }
            }
            tier += 1;
            if lifted {
                break;
            }
            let blocks = std::slice::from_ref(block);
            let more = choose(&state.network, self.question, blocks, tier).chosen;
            let Some((_, next, at)) = more.filter(|_| tier < TIERS) else {
                let why = match (vain, refused) {
                    (0, 1..) => Why::Refused,
                    (vain, _) => Why::InVain(vain),
                };
                return self.stay(&block.reason, why, after);
            };
            (candidates, tier) = (next, at);
        }
        if tier < TIERS {
            self.wait(State { tier, ..state });
        }
    }

    /// Keeps in mind that a blocker stays.
    fn stay(&mut self, reason: &Reason, why: Why, after: usize) {
        let same = |stuck: &&mut Stuck| {
            let (a, b) = (&stuck.reason, reason);
            (a.direction, a.cause.code, &a.cause.at) == (b.direction, b.cause.code, &b.cause.at)
        };
        match self.found.stuck.iter_mut().find(same) {
            Some(known) if known.after > after => {
                let reason = reason.clone();
                *known = Stuck { reason, why, after };
            }
            Some(_) => {}
            None => self.found.stuck.push(Stuck { reason: reason.clone(), why, after }),
        }
    }

    fn attempt(&mut self, state: &State, chosen: Option<&Block>, candidate: Candidate) -> Attempt {
        let mut network = Arc::clone(&state.network);
        let mut changes = state.changes.clone();
        for change in candidate {
            match apply(&network, &change) {
                Ok(new) => network = Arc::new(new),
                Err(refusal) => {
                    self.refuse(change, refusal.code, refusal.message);
                    return Attempt::Refused;
                }
            }
            add(&mut changes, change);
        }
        if network == state.network {
            return Attempt::InVain;
        }
        if changes.len() > MOST_CHANGES {
            self.found.capped = true;
            return Attempt::InVain;
        }
        let Some(looked) = self.look(&network) else {
            return Attempt::InVain;
        };
        let helps = match chosen {
            Some(block) => !looked.blocks.iter().any(|other| block.is_still(other)),
            None => looked.works != state.looked.works,
        };
        if !helps {
            return Attempt::InVain;
        }
        self.wait(State { changes, network, looked, tier: 0 });
        Attempt::Helped
    }

    fn refuse(&mut self, change: Change, code: crate::code::Code, message: Words) {
        let known = |one: &RefusedChange| one.change == change;
        if !self.found.refused.iter().any(known) {
            self.found.refused.push(RefusedChange { change, code, message });
        }
    }

    /// Keeps a solution without the changes that it does not need.
    fn keep(&mut self, state: State) {
        // Recomputed from the start: what is told is what was tried.
        let Some(mut network) = self.applied(&state.changes) else {
            return;
        };
        let mut changes = state.changes;
        let mut at = 0;
        while changes.len() > 1 && at < changes.len() {
            let mut fewer = changes.clone();
            fewer.remove(at);
            let before = self.found.exceeded.take();
            let applied = self.applied(&fewer);
            let short = self.found.exceeded.is_some();
            self.found.exceeded = before.or(self.found.exceeded);
            match applied {
                // What was needed beside it may not be needed without it.
                Some(new) => (changes, network, at) = (fewer, new, 0),
                // Whether it is needed is not known.
                None if short => return,
                None => at += 1,
            }
        }
        if !self.found.solutions.iter().any(|(_, old)| *old == network) {
            self.found.solutions.push((changes, network));
        }
    }

    /// The network after changes, if the cloud takes them all and they do what was asked.
    fn applied(&mut self, changes: &[Change]) -> Option<Arc<Network>> {
        let mut network = Arc::clone(self.start);
        for change in changes {
            network = Arc::new(apply(&network, change).ok()?);
        }
        let looked = self.look(&network)?;
        is_reached(&looked, self.question.goal).then_some(network)
    }
}

/// Adds a change; lists that are replaced as a whole are replaced once.
fn add(changes: &mut Vec<Change>, change: Change) {
    if let Change::ModifyNetworkAclEntries { network_acl, ingress, egress } = &change {
        for old in changes.iter_mut() {
            if let Change::ModifyNetworkAclEntries {
                network_acl: id,
                ingress: old_ingress,
                egress: old_egress,
            } = old
                && id == network_acl
            {
                *old_ingress = ingress.clone().or(old_ingress.take());
                *old_egress = egress.clone().or(old_egress.take());
                return;
            }
        }
    }
    changes.push(change);
}
