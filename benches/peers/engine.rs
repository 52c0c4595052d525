//! What every engine must be able to do here, so that all of them are asked the same.

use pathproof::space::{Action, Match, Packet};

/// A rule as it stands in a list.
pub type Written = (Match, Action);

/// How much memory a set takes.
#[derive(Clone, Copy)]
pub struct Size {
    /// Its nodes, those without children left out.
    pub nodes: usize,
    /// The bytes of the nodes and of their edges; tables that find nodes again are not counted.
    pub bytes: usize,
}

/// A library for sets of packets.
pub trait Engine {
    /// A rule in the form that the engine likes best, made before anything is timed.
    type Rule;
    /// What a list decides.
    type List: Clone;
    /// A set of packets; equal sets are equal.
    type Set: Clone + PartialEq;

    /// What it is called in the figures.
    const NAME: &'static str;
    /// Whether it remembers results, so that it has to forget them before it is timed again.
    const REMEMBERS: bool;

    /// An engine without sets.
    fn new() -> Self;

    /// Forgets all sets and results, and keeps the memory. Nobody holds a set.
    fn forget(&mut self);

    /// A rule in the engine's own form.
    fn prepare(rule: &Written) -> Self::Rule;

    /// A list of one rule.
    fn rule(&mut self, rule: &Self::Rule) -> Self::List;

    /// Two lists, one after the other.
    fn join(&mut self, first: &Self::List, second: &Self::List) -> Self::List;

    /// The packets that two lists, one after the other, accept.
    fn permitted(&mut self, first: &Self::List, second: &Self::List) -> Self::Set;

    /// The packets that a list accepts, in the way that is fastest for the engine.
    fn build(&mut self, rules: &[Self::Rule]) -> Self::Set
    where
        Self: Sized,
    {
        Tree::new(self, rules).permitted(self)
    }

    /// What is in both.
    fn intersection(&mut self, a: &Self::Set, b: &Self::Set) -> Self::Set;

    /// What is in the first only.
    fn difference(&mut self, a: &Self::Set, b: &Self::Set) -> Self::Set;

    /// A packet of a set.
    fn witness(&self, set: &Self::Set) -> Option<Packet>;

    /// Whether a packet is in a set.
    fn contains(&self, set: &Self::Set, packet: &Packet) -> bool;

    /// How many well-formed packets are in a set, rounded.
    fn count(&mut self, set: &Self::Set) -> f64;

    /// What a set takes.
    fn size(&self, set: &Self::Set) -> Size;
}

/// A list as a tree of partial lists, so that an edited rule makes about log n of them anew.
pub struct Tree<E: Engine> {
    /// From the rules up to the last two partial lists.
    levels: Vec<Vec<E::List>>,
}

impl<E: Engine> Tree<E> {
    /// The tree of a list.
    pub fn new(engine: &mut E, rules: &[E::Rule]) -> Self {
        let mut levels: Vec<Vec<E::List>> =
            vec![rules.iter().map(|rule| engine.rule(rule)).collect()];
        while let Some(last) = levels.last().filter(|level| level.len() > 2) {
            let pairs = last.chunks(2).map(|pair| joined(engine, pair));
            let next = pairs.collect();
            levels.push(next);
        }
        Self { levels }
    }

    /// The same with another rule at a position: the partial lists above it are made anew.
    pub fn edited(&self, engine: &mut E, position: usize, rule: &E::Rule) -> E::Set {
        let (mut at, mut changed) = (position, engine.rule(rule));
        for level in &self.levels[..self.levels.len() - 1] {
            let pair = at / 2 * 2;
            changed = match level.get(pair..pair + 2) {
                Some([_, second]) if at == pair => engine.join(&changed, second),
                Some([first, _]) => engine.join(first, &changed),
                _ => changed,
            };
            at /= 2;
        }
        let top = &self.levels[self.levels.len() - 1];
        if at == 0 {
            engine.permitted(&changed, &top[1])
        } else {
            engine.permitted(&top[0], &changed)
        }
    }

    /// What the whole list accepts.
    pub fn permitted(&self, engine: &mut E) -> E::Set {
        let top = &self.levels[self.levels.len() - 1];
        engine.permitted(&top[0], &top[1])
    }
}

fn joined<E: Engine>(engine: &mut E, pair: &[E::List]) -> E::List {
    match pair {
        [first, second] => engine.join(first, second),
        [alone, ..] => alone.clone(),
        [] => unreachable!("chunks have a first element"),
    }
}
