//! How good the expectations of a file are: small mistakes are made in the network, and somebody should notice.
//!
//! A mutant is a network with one small mistake, as changes that the cloud would carry out. It is *killed* if an expectation
//! does not pass any more. If none notices, the exact difference decides: where nothing works otherwise, what was changed
//! is redundant; else the mutant *survived*, and the expectation that would have killed it is told.
//!
//! | file | what |
//! |---|---|
//! | `operator` | the kinds of mistakes, by name |
//! | `thing` | what is mutated, with its mutants |
//! | `rule`, `bound`, `route`, `link`, `gateway` | what goes wrong with each kind of thing |
//! | `suite` | the expectations of a file, judged with a mutant in the place of its network |
//! | `fate` | what became of every mutant |
//! | `killer` | the expectation that tells a mutant from the network |
//! | `cover` | few expectations that tell all of them |
//! | `coverage` | which parts of a network the expectations pin, taken away one by one |
//! | `decides` | what one part decides, for whoever looks at it |
//! | `pairs` | of who may meet whom by what, the share that is spoken about |
//!
//! Deliberately not here: words for people, files, and which mutants a machine of several takes.

mod bound;
mod cover;
mod coverage;
mod decides;
mod fate;
mod gateway;
mod killer;
mod link;
mod operator;
mod pairs;
mod route;
mod rule;
mod suite;
mod thing;

pub use cover::{Suggestion, suggest};
pub use coverage::{Covered, Hold, Holds, cover};
pub use decides::{Decided, decided};
pub use fate::{Fate, Fated, Mutation, Tally, mutate};
pub use killer::Killer;
pub use operator::Operator;
pub use pairs::{PairsAsserted, pairs_asserted};
pub use suite::{Suite, Turned};
pub use thing::{Mutant, Thing, ThingKind, only_new, things};
