//! pathproof proves which packets can cross a cloud network, and why the others cannot.

pub mod cli;
pub mod code;
pub mod diagnostic;
pub mod engine;
pub mod fabric;
pub mod id;
pub mod import;
pub mod model;
pub mod query;
pub mod render;
pub mod scenario;
pub mod space;
pub mod verify;
