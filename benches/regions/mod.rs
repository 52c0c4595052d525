//! Regions as texts, for the benches that load them.

use std::io;
use std::sync::Arc;

use pathproof::model::Network;
use pathproof::scenario::{Files, Scenario, load};
use pathproof::verify::Situation;

/// A text that is every file.
pub struct Only(pub String);

impl Files for Only {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into_bytes())
    }
}

/// Whether the benches are only tried.
pub fn is_trial() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// What a text says.
pub fn loaded(text: &Only) -> Scenario {
    load("region.ron", text).scenario.expect("a scenario")
}

/// A network that may be asked.
pub fn situation(network: Network) -> Situation {
    Situation::new(Arc::new(network), Arc::default())
}
