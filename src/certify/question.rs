//! The questions that a difference answers: every piece of it in both networks.

use crate::model::Endpoint;
use crate::space::{Layer4, Protocol};
use crate::verify::{Crowd, Difference, Who};

/// A question about a piece, as a command line asks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who opens.
    pub from: String,
    /// Who is meant.
    pub to: String,
    /// One protocol with its ports.
    pub service: String,
    /// Source ports, unless all.
    pub source_port: Option<String>,
}

/// What is asked about the pieces of a difference: each row of packets of each, protocol by protocol.
#[must_use]
pub fn questions(found: &Difference) -> Vec<Question> {
    let mut questions = Vec::new();
    for piece in &found.pieces {
        let (from, to) = (words(&piece.from), words(&piece.to));
        for row in &piece.packets {
            let Layer4 { protocols, destination_ports, source_ports } = &row.traffic;
            let protocols = protocols.ranges();
            let protocols = protocols.flat_map(|(first, last)| first..=last);
            for protocol in protocols.map(Protocol) {
                let service = if destination_ports.is_full() || !protocol.has_ports() {
                    protocol.to_string()
                } else {
                    format!("{protocol}:{destination_ports}")
                };
                let is_narrow = protocol.has_ports() && !source_ports.is_full();
                questions.push(Question {
                    from: from.clone(),
                    to: to.clone(),
                    service,
                    source_port: is_narrow.then(|| source_ports.to_string()),
                });
            }
        }
    }
    questions
}

/// Some ends as a selector: sets that they are all of, and the others by name; of a stretch of a group the first stands
/// for all, since nothing tells them apart.
fn words(crowd: &Crowd) -> String {
    let name = |who: &Who| match (&who.endpoint, who.part) {
        (Endpoint::GroupMember(_, first), Some(_)) => first.to_string(),
        _ => who.to_string(),
    };
    let sets = crowd.sets.iter().map(|(id, _)| id.to_string());
    let rest = crowd.rest.iter().map(|(who, _)| name(who));
    let words: Vec<String> = sets.chain(rest).collect();
    words.join(" | ")
}
