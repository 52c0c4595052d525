//! Certificates as JSON: `pathproof.certificate/1`, a document for each verdict.

use std::fmt::Display;
use std::net::IpAddr;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::digest::sha256;
use crate::certify::{Change, Claim, Cut, Gap, PacketBox, Piece, Proof, Stage, rests_on};
use crate::model::Endpoint;
use crate::query::{Direction, Traffics};
use crate::space::AddressSet;

/// The digests of the files that were read, by their paths: the scenario first.
#[derive(Clone, Debug)]
pub struct Digests(serde_json::Map<String, Value>);

impl Digests {
    /// Of files with their texts.
    #[must_use]
    pub fn of(files: &[(String, Vec<u8>)]) -> Self {
        let files = files.iter();
        Self(files.map(|(path, text)| (path.clone(), sha256(text).into())).collect())
    }
}

/// What a certificate is about.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The files that were read.
    pub files: &'a Digests,
    /// `base`, `step` or `what_if`, with the name of the stage and its changes: action, and whether it was applied.
    pub stage: (&'a str, Option<&'a str>, &'a [(&'static str, bool)]),
    /// The position of the expectation in its stage; none for a question.
    pub expectation: Option<usize>,
    /// `from`, `to` and the service as written.
    pub texts: [&'a str; 3],
    /// What is sent.
    pub traffic: &'a Traffics,
}

/// A certificate, or the document that says why there is none: one line of JSON.
///
/// # Panics
///
/// Never: texts and numbers are always JSON.
#[must_use]
pub fn certificate_json(subject: &Subject<'_>, proof: &Result<Proof, Gap>) -> String {
    let (kind, name, changes) = subject.stage;
    let changes = changes.iter().map(|(action, applied)| Applied {
        action,
        outcome: if *applied { "applied" } else { "refused" },
    });
    let [from, to, service] = subject.texts;
    let ports = subject.traffic.source_ports.ranges();
    let ports: Vec<String> = ports.map(|ports| Range(ports).to_string()).collect();
    let (proof, gap) = match proof {
        Ok(proof) => (Some(proof), None),
        Err(gap) => (None, Some(gap.name())),
    };
    let document = Document {
        schema: "pathproof.certificate/1",
        program: concat!("pathproof ", env!("CARGO_PKG_VERSION")),
        sha256: &subject.files.0,
        stage: StageOf { kind, name, changes: changes.collect() },
        expectation: subject.expectation,
        question: Question { from, to, service, source_port: ports.join(",") },
        no_certificate: gap,
        verdict: proof.map(|proof| proof.verdict.name()),
        ends: proof.map(|proof| Ends { from: ends(&proof.ends[0]), to: ends(&proof.ends[1]) }),
        asked: proof.map(|proof| {
            let asked = proof.asked.iter();
            let asked = asked.map(|asked| Asked {
                from: Shown(&asked.from),
                to: Shown(&asked.to),
                packets: Packets::of(&asked.packets),
            });
            asked.collect()
        }),
        pieces: proof.map(|proof| proof.pieces.iter().map(piece).collect()),
        rests_on: proof.map(|proof| rests_on(proof).into_iter().collect()),
    };
    serde_json::to_string(&document).expect("texts and numbers")
}

/// A text that somebody else writes.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A range, or one.
#[derive(Clone, Copy)]
struct Range<T>((T, T));

impl<T: Display + PartialEq> Display for Range<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            (first, last) if first == last => write!(f, "{first}"),
            (first, last) => write!(f, "{first}-{last}"),
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    program: &'static str,
    sha256: &'a serde_json::Map<String, Value>,
    stage: StageOf<'a>,
    expectation: Option<usize>,
    question: Question<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_certificate: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<Ends<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<Vec<Asked<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces: Option<Vec<PieceOf<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rests_on: Option<Vec<&'static str>>,
}

#[derive(Serialize)]
struct StageOf<'a> {
    kind: &'a str,
    name: Option<&'a str>,
    changes: Vec<Applied<'a>>,
}

#[derive(Serialize)]
struct Applied<'a> {
    action: &'a str,
    outcome: &'static str,
}

#[derive(Serialize)]
struct Question<'a> {
    from: &'a str,
    to: &'a str,
    service: &'a str,
    source_port: String,
}

#[derive(Serialize)]
struct Ends<'a> {
    from: Vec<EndOf<'a>>,
    to: Vec<EndOf<'a>>,
}

#[derive(Serialize)]
struct EndOf<'a> {
    id: Shown<&'a Endpoint>,
    addresses: Vec<Shown<Range<IpAddr>>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    from: Shown<&'a Endpoint>,
    to: Shown<&'a Endpoint>,
    #[serde(flatten)]
    packets: Packets,
}

#[derive(Serialize)]
struct Packets {
    protocol: Shown<crate::space::Protocol>,
    source: Shown<Range<IpAddr>>,
    destination: Shown<Range<IpAddr>>,
    source_port: Shown<Range<u16>>,
    destination_port: Shown<Range<u16>>,
}

impl Packets {
    fn of(packets: &PacketBox) -> Self {
        Self {
            protocol: Shown(packets.protocol),
            source: Shown(Range(packets.source)),
            destination: Shown(Range(packets.destination)),
            source_port: Shown(Range(packets.source_port)),
            destination_port: Shown(Range(packets.destination_port)),
        }
    }
}

#[derive(Serialize)]
struct PieceOf<'a> {
    from: Shown<&'a Endpoint>,
    to: Shown<&'a Endpoint>,
    boxes: Vec<Packets>,
    claim: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    walks: Vec<Walk<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cuts: Vec<CutOf<'a>>,
}

#[derive(Serialize)]
struct Walk<'a> {
    there: Vec<Passed<'a>>,
    back: Vec<Passed<'a>>,
}

#[derive(Serialize)]
struct CutOf<'a> {
    direction: &'static str,
    lemma: &'static str,
    at: Option<&'a str>,
    /// There for what a rule list drops.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleOf<'a>>,
}

/// A rule; null where none of a list's rules matches.
#[derive(Serialize)]
#[serde(transparent)]
struct RuleOf<'a>(Option<(&'a str, usize)>);

/// A stage that was passed: a rule, a route or a device.
#[derive(Default, Serialize)]
struct Passed<'a> {
    stage: &'static str,
    at: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<(&'a str, usize)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<After>,
}

/// What a device rewrites.
#[derive(Default, Serialize)]
struct After {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Shown<IpAddr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<Shown<IpAddr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_port: Option<Shown<u16>>,
}

fn ends(ends: &[(Endpoint, AddressSet)]) -> Vec<EndOf<'_>> {
    let ends = ends.iter().map(|(endpoint, addresses)| EndOf {
        id: Shown(endpoint),
        addresses: addresses.ranges().map(Range).map(Shown).collect(),
    });
    ends.collect()
}

fn piece(piece: &Piece) -> PieceOf<'_> {
    let Claim { walks, cuts } = &piece.claim;
    PieceOf {
        from: Shown(&piece.from),
        to: Shown(&piece.to),
        boxes: piece.boxes.iter().map(Packets::of).collect(),
        claim: match (walks.is_empty(), cuts.is_empty()) {
            (false, true) => "walk",
            (true, _) => "cut",
            (false, false) => "partly",
        },
        walks: walks.iter().map(walk).collect(),
        cuts: cuts.iter().map(cut).collect(),
    }
}

fn walk((there, back): &(Vec<Stage>, Vec<Stage>)) -> Walk<'_> {
    Walk { there: there.iter().map(passed).collect(), back: back.iter().map(passed).collect() }
}

fn cut(cut: &Cut) -> CutOf<'_> {
    let lemma = cut.code.name();
    let rule = cut.rule.as_ref();
    let rule = rule.map(|(owner, index)| (owner.as_str(), *index));
    CutOf {
        direction: match cut.direction {
            Direction::Forward => "there",
            Direction::Return => "back",
        },
        lemma,
        at: cut.at.as_deref(),
        rule: lemma.ends_with("-denied").then_some(RuleOf(rule)),
    }
}

fn passed(stage: &Stage) -> Passed<'_> {
    match stage {
        Stage::Filter { stage, at, rule } => {
            Passed { stage, at, rule: Some((rule.0.as_str(), rule.1)), ..Passed::default() }
        }
        Stage::Route { table, index } => {
            Passed { stage: "route", at: table.as_str(), index: Some(*index), ..Passed::default() }
        }
        Stage::Device { stage, at, changes } => {
            let mut after = After::default();
            for change in changes {
                match change {
                    Change::Source(to) => after.source = Some(Shown(*to)),
                    Change::Destination(to) => after.destination = Some(Shown(*to)),
                    Change::DestinationPort(to) => after.destination_port = Some(Shown(*to)),
                }
            }
            Passed {
                stage,
                at: at.as_str(),
                after: (!changes.is_empty()).then_some(after),
                ..Passed::default()
            }
        }
    }
}
