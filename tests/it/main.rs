//! The integration tests, one binary. Test names are sentences.

mod cli;
mod fix;
mod generate;
mod import_command;
mod import_tencent;
mod import_terraform;
mod import_write;
mod library;
mod memory;
mod mistakes;
mod oracle;
mod random;
mod reach;
mod readme;
mod shipped;
mod sketch;
mod three_voices;
mod tidy;
mod whatif;
