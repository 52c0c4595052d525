//! What became of every mutant.

use rayon::prelude::*;

use super::killer::{Killer, killer};
use super::suite::Suite;
use super::thing::{Mutant, Thing};
use crate::code::Code;
use crate::diagnostic::{Span, Words};
use crate::model::Service;
use crate::query::Traffics;
use crate::space::{Exceeded, IntervalSet};
use crate::verify::{Depth, Piece, Request, difference};

/// What became of a mutant.
#[derive(Clone, Debug)]
pub enum Fate {
    /// These expectations do not pass any more, or these changes do not come as the file says.
    Killed(Vec<Span>),
    /// All pass, and yet this is open or closed that was not.
    Survived {
        /// What it opens and closes, exactly.
        pieces: Vec<Piece>,
        /// An expectation that passes on the network and not on the mutant.
        killer: Option<Box<Killer>>,
    },
    /// All pass, and nothing works otherwise: what was changed is redundant.
    Equivalent,
    /// The cloud does not let that happen.
    Refused(Code, Words),
    /// It cannot be told.
    Undetermined(Option<Exceeded>),
}

impl Fate {
    /// The word of the JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Killed(_) => "killed",
            Self::Survived { .. } => "survived",
            Self::Equivalent => "equivalent",
            Self::Refused(..) => "refused",
            Self::Undetermined(_) => "undetermined",
        }
    }
}

/// A mutant with what became of it.
#[derive(Clone, Debug)]
pub struct Fated {
    /// Which of the things it is a mutant of.
    pub thing: usize,
    /// What was done.
    pub mutant: Mutant,
    /// What became of it.
    pub fate: Fate,
}

/// What became of the mutants of a file.
#[derive(Clone, Debug, Default)]
pub struct Mutation {
    /// Every mutant, thing by thing.
    pub mutants: Vec<Fated>,
}

/// How many mutants had which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fates")]
pub struct Tally {
    pub mutants: usize,
    pub killed: usize,
    pub survived: usize,
    pub equivalent: usize,
    pub refused: usize,
    pub undetermined: usize,
}

impl Tally {
    /// Counts one in.
    pub fn add(&mut self, fate: &Fate) {
        self.mutants += 1;
        *match fate {
            Fate::Killed(_) => &mut self.killed,
            Fate::Survived { .. } => &mut self.survived,
            Fate::Equivalent => &mut self.equivalent,
            Fate::Refused(..) => &mut self.refused,
            Fate::Undetermined(_) => &mut self.undetermined,
        } += 1;
    }

    /// The share of mutants that somebody noticed, of those that make a difference; `None` = there are none.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        share(self.killed, self.killed + self.survived)
    }
}

/// So much in a hundred.
#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 mutants")]
pub(super) fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| 100.0 * part as f64 / of as f64)
}

impl Mutation {
    /// How many had which fate.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.mutants.iter().for_each(|it| tally.add(&it.fate));
        tally
    }
}

/// Makes the mutants of the things that `takes` wants, by their number among all, and tells what becomes of each. `done` hears
/// of every one.
pub fn mutate(
    suite: &Suite<'_>,
    things: &[Thing],
    takes: impl Fn(usize) -> bool + Sync,
    done: impl Fn() + Sync,
) -> Mutation {
    let all = things.iter().enumerate();
    let all = all.flat_map(|(at, thing)| thing.mutants.iter().map(move |mutant| (at, mutant)));
    let taken: Vec<_> =
        all.enumerate().filter(|(number, _)| takes(*number)).map(|(_, one)| one).collect();
    let mutants = taken.par_iter().map(|(thing, mutant)| {
        let fate = fate(suite, mutant);
        done();
        Fated { thing: *thing, mutant: (*mutant).clone(), fate }
    });
    Mutation { mutants: mutants.collect() }
}

fn fate(suite: &Suite<'_>, mutant: &Mutant) -> Fate {
    let network = match suite.mutated(&mutant.changes) {
        Ok(network) => network,
        Err((code, message)) => return Fate::Refused(code, message),
    };
    let turned = suite.turned(&network);
    if !turned.spans.is_empty() {
        return Fate::Killed(turned.spans);
    }
    let found = difference(
        &suite.base,
        &network,
        &Request {
            traffic: everything(),
            budget: suite.budget,
            depth: Depth::Packets,
            ..Request::default()
        },
    );
    if found.exceeded.is_some() || turned.untold > 0 {
        return Fate::Undetermined(found.exceeded);
    }
    if found.pieces.is_empty() {
        return if found.doubtful == 0 { Fate::Equivalent } else { Fate::Undetermined(None) };
    }
    let killer = killer(suite, &network, &found.pieces);
    Fate::Survived { pieces: found.pieces, killer: killer.map(Box::new) }
}

/// Every service from every source port: nothing that a mutant does stays unseen.
pub(super) fn everything() -> Traffics {
    Traffics { service: Service::all(), source_ports: IntervalSet::full() }
}
