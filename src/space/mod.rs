//! The algebra of packets.
//!
//! | file | what |
//! |---|---|
//! | `interval`, `address` | sets of numbers and of addresses, as ranges |
//! | `cells` | what the cuts of the address line do not tell apart |
//! | `sweep` | the address line, cut where sets begin and end |
//! | `packet` | one packet and its reply |
//! | `traffic`, `matcher` | what a rule matches, read for one packet and for sets |
//! | `rewrite`, `view` | how packets change on their way, and later rules seen from the start |
//! | `set`, `apply`, `memo`, `cube` | sets of packets: a hash-consed interval decision diagram |
//! | `list` | ordered rule lists over the same diagram |
//! | `budget` | how much a question may take |
//! | `inspect`, `project`, `rows` | a set's packets, counts, projections and readable rows |
//!
//! Every [`Match`] has two readings, [`Match::holds`] and [`Match::set`], and so has every list, [`Space::decision`]
//! and [`Space::permitted`]; the tests hold them together. Nothing here knows the cloud.

mod address;
mod apply;
mod budget;
mod cells;
mod cube;
mod inspect;
mod interval;
mod list;
mod matcher;
mod memo;
mod packet;
mod project;
mod rewrite;
mod rows;
mod set;
mod sweep;
mod traffic;
mod view;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod sample;

pub use address::{AddressSet, after};
pub use budget::{Allowance, Asker, Budget, Exceeded, Wanted};
pub use cells::Cells;
pub use inspect::Size;
pub use interval::{IntervalSet, Point};
pub use list::List;
pub use matcher::{Action, Match, Part};
pub use packet::{Packet, Protocol};
pub use project::Fields;
pub use rewrite::Rewrite;
pub use rows::Row;
pub use set::{Set, Space};
pub use sweep::sweep;
pub use traffic::{Layer4, Traffic};
pub use view::{End, Origin, View};
