//! `biodivine-lib-bdd`: binary decision diagrams that share nothing with each other and remember nothing.
//!
//! A partial list is what it permits and what it covers; joined with the next, `if covered then permitted else next`.

use std::marker::PhantomData;

use biodivine_lib_bdd::{Bdd, BddPartialValuation, BddValuation, BddVariable, BddVariableSet};

use super::bits::{BITS, BitRule, Literal, Patterns};
use super::engine::{Engine, Size, Written};
use super::orders::Layout;
use pathproof::space::{Action, Packet};

/// Two links of 4 bytes and a variable of 2.
const NODE_BYTES: usize = 12;

/// The engine.
pub struct Biodivine<L> {
    bits: BddVariableSet,
    variables: Vec<BddVariable>,
    layout: PhantomData<L>,
}

/// What a list permits, and what it decides at all.
#[derive(Clone)]
pub struct Partial {
    permitted: Bdd,
    covered: Bdd,
}

impl<L: Layout> Biodivine<L> {
    fn clause<'a>(&self, literals: impl Iterator<Item = &'a Literal>) -> Bdd {
        let literals = literals.map(|(at, value)| (self.variables[usize::from(*at)], *value));
        let clause = BddPartialValuation::from_values_iter(literals);
        self.bits.mk_conjunctive_clause(&clause)
    }

    /// Fields with one pattern are one clause; the others are met with it.
    fn fields(&self, fields: &[Patterns]) -> Bdd {
        let alone = fields.iter().filter(|patterns| patterns.len() == 1);
        let alone = self.clause(alone.flatten().flatten());
        let several = fields.iter().filter(|patterns| patterns.len() != 1);
        several.fold(alone, |met, patterns| {
            let clauses = patterns.iter().map(|pattern| self.clause(pattern.iter()));
            met.and(&clauses.fold(self.bits.mk_false(), |all, next| all.or(&next)))
        })
    }
}

impl<L: Layout> Engine for Biodivine<L> {
    type Rule = BitRule;
    type List = Partial;
    type Set = Bdd;

    const NAME: &'static str = "biodivine";
    const REMEMBERS: bool = false;

    fn new() -> Self {
        let bits = BddVariableSet::new_anonymous(BITS);
        Self { variables: bits.variables(), bits, layout: PhantomData }
    }

    fn forget(&mut self) {}

    fn prepare(rule: &Written) -> BitRule {
        L::ORDER.rule(rule)
    }

    fn rule(&mut self, rule: &BitRule) -> Partial {
        let mut boxes = rule.boxes.iter().map(|fields| self.fields(fields));
        let first = boxes.next().unwrap_or_else(|| self.bits.mk_false());
        let covered = boxes.fold(first, |a, b| a.or(&b));
        let permitted = match rule.action {
            Action::Accept => covered.clone(),
            Action::Drop => self.bits.mk_false(),
        };
        Partial { permitted, covered }
    }

    fn join(&mut self, first: &Partial, second: &Partial) -> Partial {
        Partial {
            permitted: self.permitted(first, second),
            covered: first.covered.or(&second.covered),
        }
    }

    fn permitted(&mut self, first: &Partial, second: &Partial) -> Bdd {
        Bdd::if_then_else(&first.covered, &first.permitted, &second.permitted)
    }

    fn intersection(&mut self, a: &Bdd, b: &Bdd) -> Bdd {
        a.and(b)
    }

    fn difference(&mut self, a: &Bdd, b: &Bdd) -> Bdd {
        a.and_not(b)
    }

    fn witness(&self, set: &Bdd) -> Option<Packet> {
        let bits = set.first_valuation()?;
        Some(L::ORDER.packet(|at| bits.value(self.variables[usize::from(at)])))
    }

    fn contains(&self, set: &Bdd, packet: &Packet) -> bool {
        set.eval_in(&BddValuation::new(L::ORDER.bits(packet)))
    }

    fn count(&mut self, set: &Bdd) -> f64 {
        let [with, zero] = L::ORDER.well_formed().map(|fields| self.fields(&fields));
        set.and(&with.or(&zero.and_not(&with))).cardinality()
    }

    fn size(&self, set: &Bdd) -> Size {
        // Two of the nodes are the ends.
        let nodes = set.size() - 2;
        Size { nodes, bytes: nodes * NODE_BYTES }
    }
}
