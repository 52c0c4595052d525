//! From what people have to a scenario file: Terraform plans and states, dumps of the cloud's API.
//!
//! An importer turns its input into a [`Document`] and says what it did in [`Note`]s; [`write()`] turns the document into
//! text. Nothing is guessed and nothing is dropped silently: what could not be understood is a note and a comment in
//! the place where it would have stood.
//!
//! | file | what |
//! |---|---|
//! | `document`, `note` | what comes out of an importer |
//! | `write`, `write/*` | a document as text, for people first |
//! | `draft`, `left` | a document that grows, with its remarks and notes; what is left out, and what hangs on it |
//! | `forwarder` | what next-hop machines send to the Internet, of which no document tells enough |
//! | `report` | what went in and what came out, what is missing and what hangs on it |
//! | `sound` | the limits of the cloud, held before the file is written |
//! | `notation` | the cloud's own way to write protocols, ports, addresses and rules |
//! | `spare` | addresses for what has none yet |
//! | `tencent/*` | responses of the cloud's API |
//! | `terraform/*` | `terraform show -json`, plans and states |
//!
//! Deliberately not here: files and terminals.

mod document;
mod draft;
mod forwarder;
mod left;
mod notation;
mod note;
mod plan_file;
mod report;
mod sound;
mod spare;
pub mod tencent;
pub mod terraform;
mod write;

pub use document::{Document, Expected, Spot};
pub use note::{ImportError, Imported, Note, Outcome};
pub use plan_file::{Stretch, plan_file};
pub use report::Counted;
pub use tencent::tencent;
pub use terraform::terraform;
pub use write::{quoted, split, write, write_change};
