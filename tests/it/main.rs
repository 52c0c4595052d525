//! The integration tests, one binary. Test names are sentences.

mod changes;
mod cli;
mod generate;
mod import_change;
mod import_collect;
mod import_command;
mod import_left;
mod import_tencent;
mod import_terraform;
mod import_types;
mod import_write;
mod library;
mod lint;
mod memory;
mod mistakes;
mod oracle;
mod plans;
mod random;
mod reach;
mod readme;
mod shipped;
mod sketch;
mod three_voices;
mod tidy;
mod unmodelled;
mod whatif;
