//! The integration tests, one binary. Test names are sentences.

mod mistakes;
mod oracle;
mod random;
mod sketch;
mod three_voices;
