//! `oxidd`: binary decision diagrams, one bit a variable, one thread, with its cache of results.
//!
//! A partial list is what it permits and what it covers; joined with the next, `if covered then permitted else next`.

use std::marker::PhantomData;

use oxidd::bdd::{BDDFunction as Function, BDDManagerRef as Shared};
use oxidd::util::num::F64;
use oxidd::util::{FxHasher, OptBool, SatCountCache};
use oxidd::{BooleanFunction, Function as _, Manager, ManagerRef};
use std::hash::BuildHasherDefault;

use super::bits::{BITS, BitRule, Literal, Patterns};
use super::engine::{Engine, Size, Written};
use super::orders::Layout;
use pathproof::space::{Action, Packet};

/// Room for more nodes than any list here needs, so that nothing is thrown away in between.
const NODES: usize = 1 << 22;

/// Entries of the cache of results.
const RESULTS: usize = 1 << 16;

/// Two edges of 4 bytes, a count of users, a level.
const NODE_BYTES: usize = 16;

/// The engine, and its single bits: false, true.
pub struct Oxidd<L> {
    shared: Shared,
    literals: Vec<[Function; 2]>,
    layout: PhantomData<L>,
}

/// What a list permits, and what it decides at all.
#[derive(Clone)]
pub struct Partial {
    permitted: Function,
    covered: Function,
}

impl<L: Layout> Oxidd<L> {
    fn constant(&self, value: bool) -> Function {
        self.shared.with_manager_shared(|manager| {
            if value { Function::t(manager) } else { Function::f(manager) }
        })
    }

    /// These bits on top of a diagram of later bits.
    fn on_top(&self, pattern: &[Literal], below: &Function) -> Function {
        pattern.iter().rev().fold(below.clone(), |below, (at, value)| {
            let literal = &self.literals[usize::from(*at)][usize::from(*value)];
            literal.and(&below).expect("memory")
        })
    }

    fn fields(&self, fields: &[Patterns]) -> Function {
        fields.iter().rev().fold(self.constant(true), |below, patterns| {
            let mut all = patterns.iter().map(|pattern| self.on_top(pattern, &below));
            let first = all.next().unwrap_or_else(|| self.constant(false));
            all.fold(first, |a, b| a.or(&b).expect("memory"))
        })
    }
}

impl<L: Layout> Engine for Oxidd<L> {
    type Rule = BitRule;
    type List = Partial;
    type Set = Function;

    const NAME: &'static str = "oxidd";
    const REMEMBERS: bool = true;

    fn new() -> Self {
        let shared = oxidd::bdd::new_manager(NODES, RESULTS, 1);
        shared.with_manager_exclusive(|manager| manager.add_vars(BITS.into()));
        let literals = (0..u32::from(BITS)).map(|bit| {
            shared.with_manager_shared(|manager| {
                let bit = Function::var(manager, bit).expect("memory");
                [bit.not().expect("memory"), bit]
            })
        });
        Self { literals: literals.collect(), shared, layout: PhantomData }
    }

    fn forget(&mut self) {
        self.shared.with_manager_shared(|manager| manager.gc());
    }

    fn prepare(rule: &Written) -> BitRule {
        L::ORDER.rule(rule)
    }

    fn rule(&mut self, rule: &BitRule) -> Partial {
        let mut boxes = rule.boxes.iter().map(|fields| self.fields(fields));
        let first = boxes.next().unwrap_or_else(|| self.constant(false));
        let covered = boxes.fold(first, |a, b| a.or(&b).expect("memory"));
        let permitted = match rule.action {
            Action::Accept => covered.clone(),
            Action::Drop => self.constant(false),
        };
        Partial { permitted, covered }
    }

    fn join(&mut self, first: &Partial, second: &Partial) -> Partial {
        Partial {
            permitted: self.permitted(first, second),
            covered: first.covered.or(&second.covered).expect("memory"),
        }
    }

    fn permitted(&mut self, first: &Partial, second: &Partial) -> Function {
        let joined = first.covered.ite(&first.permitted, &second.permitted);
        joined.expect("memory")
    }

    fn intersection(&mut self, a: &Function, b: &Function) -> Function {
        a.and(b).expect("memory")
    }

    fn difference(&mut self, a: &Function, b: &Function) -> Function {
        b.imp_strict(a).expect("memory")
    }

    fn witness(&self, set: &Function) -> Option<Packet> {
        let cube = set.pick_cube(|_, _, _| false)?;
        Some(L::ORDER.packet(|at| cube[usize::from(at)] == OptBool::True))
    }

    fn contains(&self, set: &Function, packet: &Packet) -> bool {
        set.eval((0..).zip(L::ORDER.bits(packet)))
    }

    fn count(&mut self, set: &Function) -> f64 {
        let [with, zero] = L::ORDER.well_formed().map(|fields| self.fields(&fields));
        let without = with.imp_strict(&zero).expect("memory");
        let set = set.and(&with.or(&without).expect("memory"));
        let mut cache = SatCountCache::<F64, BuildHasherDefault<FxHasher>>::default();
        set.expect("memory").sat_count(BITS.into(), &mut cache).0
    }

    fn size(&self, set: &Function) -> Size {
        // One of the nodes counted is the end.
        let nodes = set.node_count() - 1;
        Size { nodes, bytes: nodes * NODE_BYTES }
    }
}
