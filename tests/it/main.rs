//! The integration tests, one binary. Test names are sentences.

mod cli;
mod import_command;
mod import_tencent;
mod import_terraform;
mod import_write;
mod library;
mod mistakes;
mod oracle;
mod page;
mod pictures;
mod random;
mod reach;
mod readme;
mod shipped;
mod sketch;
mod three_voices;
mod tidy;
mod whatif;
