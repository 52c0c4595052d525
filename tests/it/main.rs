//! The integration tests, one binary. Test names are sentences.

mod cli;
mod import_write;
mod library;
mod mistakes;
mod oracle;
mod random;
mod readme;
mod shipped;
mod sketch;
mod three_voices;
mod tidy;
