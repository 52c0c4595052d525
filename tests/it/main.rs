//! The integration tests, one binary. Test names are sentences.

mod oracle;
mod random;
mod sketch;
mod three_voices;
