//! The integration tests, one binary. Test names are sentences.

mod oracle;
mod sketch;
