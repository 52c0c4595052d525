//! The integration tests, one binary. Test names are sentences.

mod import_write;
mod oracle;
mod sketch;
