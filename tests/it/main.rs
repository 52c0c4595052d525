//! The integration tests, one binary. Test names are sentences.

mod import_tencent;
mod import_terraform;
mod import_write;
mod oracle;
mod sketch;
