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
//!
//! Deliberately not here: files and terminals.

mod document;
mod note;
mod write;

pub use document::{Document, Spot};
pub use note::{ImportError, Imported, Note, Outcome};
pub use write::{split, write};
