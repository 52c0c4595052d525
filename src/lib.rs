//! pathproof proves which packets can cross a cloud network, and why the others cannot.
pub mod code;
pub mod render;
pub mod space;
