//! Certificates as JSON: `pathproof.certificate/1`, a document for each verdict.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::digest::sha256;
use crate::certify::{Change, Claim, Cut, Gap, PacketBox, Piece, Proof, Stage, rests_on};
use crate::model::Endpoint;
use crate::query::{Direction, Traffics};
use crate::space::AddressSet;

/// What a certificate is about.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The files that were read: the scenario first, each with its text.
    pub files: &'a [(String, Vec<u8>)],
    /// `base`, `step` or `what_if`, with the name of the stage and its changes: action, and whether it was applied.
    pub stage: (&'a str, Option<&'a str>, &'a [(&'static str, bool)]),
    /// The position of the expectation in its stage; none for a question.
    pub expectation: Option<usize>,
    /// `from`, `to` and the service as written.
    pub texts: [&'a str; 3],
    /// What is sent.
    pub traffic: &'a Traffics,
}

/// A certificate, or the document that says why there is none.
#[must_use]
pub fn certificate_json(subject: &Subject<'_>, proof: &Result<Proof, Gap>) -> Value {
    let digests = subject.files.iter();
    let digests = digests.map(|(path, text)| (path.clone(), sha256(text).into()));
    let (kind, name, changes) = subject.stage;
    let changes = changes.iter().map(|(action, applied)| {
        let outcome = if *applied { "applied" } else { "refused" };
        json!({ "action": action, "outcome": outcome })
    });
    let [from, to, service] = subject.texts;
    let ports = subject.traffic.source_ports.ranges();
    let ports: Vec<String> = ports.map(port_text).collect();
    let mut value = json!({
        "schema": "pathproof.certificate/1",
        "program": concat!("pathproof ", env!("CARGO_PKG_VERSION")),
        "sha256": Value::Object(digests.collect()),
        "stage": { "kind": kind, "name": name, "changes": changes.collect::<Vec<_>>() },
        "expectation": subject.expectation,
        "question": { "from": from, "to": to, "service": service, "source_port": ports.join(",") },
    });
    match proof {
        Err(gap) => value["no_certificate"] = gap.name().into(),
        Ok(proof) => {
            let [from, to] = &proof.ends;
            value["verdict"] = proof.verdict.name().into();
            value["ends"] = json!({ "from": ends(from), "to": ends(to) });
            let asked = proof.asked.iter().map(|asked| {
                let mut value = json!({
                    "from": asked.from.to_string(),
                    "to": asked.to.to_string(),
                });
                put_box(&mut value, &asked.packets);
                value
            });
            value["asked"] = asked.collect();
            value["pieces"] = proof.pieces.iter().map(piece).collect();
            value["rests_on"] = rests_on(proof).into_iter().collect();
        }
    }
    value
}

fn ends(ends: &[(Endpoint, AddressSet)]) -> Value {
    let ends = ends.iter().map(|(endpoint, addresses)| {
        let addresses: Vec<String> = addresses.ranges().map(address_text).collect();
        json!({ "id": endpoint.to_string(), "addresses": addresses })
    });
    ends.collect()
}

fn piece(piece: &Piece) -> Value {
    let boxes = piece.boxes.iter().map(|packets| {
        let mut value = json!({});
        put_box(&mut value, packets);
        value
    });
    let Claim { walks, cuts } = &piece.claim;
    let claim = match (walks.is_empty(), cuts.is_empty()) {
        (false, true) => "walk",
        (true, _) => "cut",
        (false, false) => "partly",
    };
    let mut value = json!({
        "from": piece.from.to_string(),
        "to": piece.to.to_string(),
        "boxes": boxes.collect::<Vec<_>>(),
        "claim": claim,
    });
    if !walks.is_empty() {
        let walks = walks.iter().map(|(there, back)| {
            let stages = |stages: &[Stage]| stages.iter().map(stage).collect::<Value>();
            json!({ "there": stages(there), "back": stages(back) })
        });
        value["walks"] = walks.collect();
    }
    if !cuts.is_empty() {
        value["cuts"] = cuts.iter().map(cut).collect();
    }
    value
}

fn put_box(value: &mut Value, packets: &PacketBox) {
    value["protocol"] = packets.protocol.to_string().into();
    value["source"] = address_text(packets.source).into();
    value["destination"] = address_text(packets.destination).into();
    value["source_port"] = port_text(packets.source_port).into();
    value["destination_port"] = port_text(packets.destination_port).into();
}

fn address_text((first, last): (IpAddr, IpAddr)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

fn port_text((first, last): (u16, u16)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

fn cut(cut: &Cut) -> Value {
    let direction = match cut.direction {
        Direction::Forward => "there",
        Direction::Return => "back",
    };
    let mut value = json!({ "direction": direction, "lemma": cut.code.name(), "at": cut.at });
    if cut.code.name().ends_with("-denied") {
        value["rule"] = cut
            .rule
            .as_ref()
            .map(|(owner, index)| json!([owner.as_str(), index]))
            .into();
    }
    value
}

fn stage(stage: &Stage) -> Value {
    match stage {
        Stage::Filter { stage, at, rule } => {
            json!({ "stage": stage, "at": at, "rule": [rule.0.as_str(), rule.1] })
        }
        Stage::Route { table, index } => {
            json!({ "stage": "route", "at": table.as_str(), "index": index })
        }
        Stage::Device { stage, at, changes } => {
            let mut value = json!({ "stage": stage, "at": at.as_str() });
            for change in changes {
                match change {
                    Change::Source(to) => value["after"]["source"] = to.to_string().into(),
                    Change::Destination(to) => {
                        value["after"]["destination"] = to.to_string().into();
                    }
                    Change::DestinationPort(to) => {
                        value["after"]["destination_port"] = to.to_string().into();
                    }
                }
            }
            value
        }
    }
}
