//! From a trace to a journey: which leaves the packet passes, and which blocks stop it.
//!
//! The way that is drawn is the one that `trace` shows first, there; blockers of its way back are lines of
//! their blocks, too. Blockers have the numbers of their hops, as in `trace`.

use std::collections::HashSet;
use std::net::IpAddr;

use super::super::rule::near_miss;
use super::super::scene::Scene;
use super::super::sentence::sentence;
use super::super::trace_json::shown_first;
use super::super::trace_text::{plain_headline, plain_remarks};
use super::boxes::{BlockIx, Journey, Line, Part, Tone};
use super::estate::Estate;
use super::words::Word;
use crate::code::Language;
use crate::id::Id;
use crate::model::Endpoint;
use crate::query::{Direction, Reason, TracePath, TraceStep};
use crate::verify::TraceReport;

/// Everybody whom the trace names: they are drawn each by itself.
pub(super) fn named(report: &TraceReport) -> HashSet<Id> {
    let mut named = HashSet::new();
    if let Some((from, to)) = &report.shown {
        named.extend(key(from));
        named.extend(key(to));
    }
    let paths = report.trace.as_ref().map_or(&[][..], |trace| &trace.paths);
    if let Some(path) = shown_first(paths) {
        for step in path.forward.iter().chain(path.back.iter().flatten()) {
            named.extend(step.at.clone());
            named.extend(step.endpoint.as_ref().and_then(key));
        }
    }
    named
}

/// The id that the leaf of an endpoint has.
fn key(end: &Endpoint) -> Option<Id> {
    match end {
        Endpoint::GroupMember(..) => Some(Id::from(end.to_string())),
        other => other.id().cloned(),
    }
}

/// Puts the connection into the picture.
pub(super) fn journey(estate: &mut Estate<'_>, scene: Scene<'_>, report: &TraceReport) -> Journey {
    let paths = report.trace.as_ref().map_or(&[][..], |trace| &trace.paths);
    let mut journey = Journey {
        stops: Vec::new(),
        broken: 0,
        headline: plain_headline(report, scene.language),
        verdict: report.found.verdict,
        words: plain_remarks(scene, report),
    };
    if let (Some((from, to)), Some(path)) = (&report.shown, shown_first(paths)) {
        let from = estate.end(from);
        let to = estate.end(to);
        let mut way = Way::new(estate, from, to);
        way.walk(path);
        way.stop(to);
        journey.broken = way.broken.unwrap_or(way.stops.len());
        journey.stops = way.stops;
        for (block, word) in [(from, Word::From), (to, Word::To)] {
            let word = format!("◆ {}", estate.say(word));
            estate.blocks[block].lines.push(Line::new(Tone::End, word));
        }
        journey.words.extend(blockers(scene, path));
    }
    journey
}

/// The way as far as it has been walked.
struct Way<'e, 'n> {
    estate: &'e mut Estate<'n>,
    stops: Vec<BlockIx>,
    /// Who is meant: a blocker there is no stop before the others.
    to: BlockIx,
    broken: Option<usize>,
}

impl<'e, 'n> Way<'e, 'n> {
    fn new(estate: &'e mut Estate<'n>, from: BlockIx, to: BlockIx) -> Self {
        estate.blocks[from].part = Part::Passed;
        Self { estate, stops: vec![from], to, broken: None }
    }

    fn stop(&mut self, block: BlockIx) {
        if !self.stops.contains(&block) {
            self.stops.push(block);
            let part = &mut self.estate.blocks[block].part;
            if *part == Part::None {
                *part = Part::Passed;
            }
        }
    }

    fn walk(&mut self, path: &TracePath) {
        for (step, number) in path.forward.iter().zip(1..) {
            if let Some(reason) = &step.reason {
                let block = self.block(step, reason, number);
                // Nothing that stands behind a blocker is reached; the groups of who is meant are.
                if block == self.to && step.stage.starts_with("security-group") {
                    self.stop(block);
                }
                self.broken.get_or_insert(self.stops.len());
            } else if let Some(leaf) = self.estate.leaf_of_step(step) {
                self.stop(leaf);
            }
        }
        let back = path.back.first().map_or(&[][..], Vec::as_slice);
        for (step, number) in back.iter().zip(path.forward.len() + 1..) {
            if let Some(reason) = &step.reason {
                self.block(step, reason, number);
            }
        }
    }

    /// Writes a blocker into the block that stops the packet.
    fn block(&mut self, step: &TraceStep, reason: &Reason, number: usize) -> BlockIx {
        let last = self.stops.last().copied().unwrap_or_default();
        let guilty = self.estate.guilty(step, reason).unwrap_or(last);
        let is_leaf = !self.estate.blocks[guilty].shape.holds();
        if is_leaf && guilty != self.to && reason.direction == Direction::Forward {
            self.stop(guilty);
        }
        let back = match reason.direction {
            Direction::Forward => String::new(),
            Direction::Return => format!(" ({})", self.estate.say(Word::Back)),
        };
        let text = format!("✗ {number} {}{back}", reason.cause.code);
        let block = &mut self.estate.blocks[guilty];
        block.part = Part::Stops;
        block.lines.push(Line::new(Tone::Blocker, text));
        guilty
    }
}

impl Estate<'_> {
    /// The leaf of an end.
    fn end(&mut self, end: &Endpoint) -> BlockIx {
        let known = key(end).and_then(|id| self.leaves.get(&id).copied());
        known.unwrap_or_else(|| self.internet())
    }

    /// The leaf that a step happens at; none for routers and filters at the border of a subnet.
    fn leaf_of_step(&mut self, step: &TraceStep) -> Option<BlockIx> {
        if step.stage == "internet" && step.at.is_none() {
            return Some(self.internet());
        }
        if step.stage == "classic-link" {
            let link = step.at.as_ref().and_then(|vpc| self.links.get(vpc));
            return link.copied();
        }
        let at = step.at.as_ref().and_then(|at| self.leaves.get(at));
        let end = || self.leaves.get(&key(step.endpoint.as_ref()?)?);
        at.or_else(end).copied()
    }

    /// The block that stops the packet: a leaf, or the subnet or VPC whose rules do.
    fn guilty(&mut self, step: &TraceStep, reason: &Reason) -> Option<BlockIx> {
        let at = reason.cause.at.as_ref().or(step.at.as_ref());
        let end = reason.endpoint.as_ref().or(step.endpoint.as_ref());
        if let Some(at) = at {
            if let Some(link) = self.links.get(at).filter(|_| step.stage == "classic-link") {
                return Some(*link);
            }
            if let Some(leaf) = self.leaves.get(at).or_else(|| self.homes.get(at)) {
                return Some(*leaf);
            }
            if let Some(subnet) = self.subnet_of(at, step) {
                return Some(subnet);
            }
        }
        self.leaves.get(&key(end?)?).copied()
    }

    /// The subnet at whose border an ACL or a route table decided.
    fn subnet_of(&self, at: &Id, step: &TraceStep) -> Option<BlockIx> {
        let network = self.network;
        let packet = &step.packet_in;
        let bound = |address: IpAddr| {
            let mut subnets = network.subnets.iter();
            subnets.find(|(_, subnet)| {
                let vpc = network.vpcs.get(&subnet.vpc);
                let default = vpc.and_then(|vpc| vpc.default_route_table.as_ref());
                let table = subnet.route_table.as_ref().or(default);
                let decides = subnet.network_acl.as_ref() == Some(at) || table == Some(at);
                decides && subnet.covers(address)
            })
        };
        let arrives = step.stage.ends_with("ingress");
        let (near, far) = if arrives {
            (packet.destination, packet.source)
        } else {
            (packet.source, packet.destination)
        };
        let (id, _) = bound(near).or_else(|| bound(far))?;
        self.homes.get(id).copied()
    }
}

/// Every blocker of a way in words: number, code, sentence, near miss, rule, line.
fn blockers(scene: Scene<'_>, path: &TracePath) -> Vec<String> {
    let back = path.back.first().map_or(&[][..], Vec::as_slice);
    let steps = path.forward.iter().chain(back).zip(1..);
    let told = steps.filter_map(|(step, number)| {
        let reason = step.reason.as_ref()?;
        let code = reason.cause.code;
        let rule = code.rules().first().copied().unwrap_or("");
        let mut text = format!("✗ {number} {code}: {}", sentence(reason, scene.language));
        if let Some(near) = &reason.near_miss {
            let near = near_miss(scene.network, near, &reason.witness, scene.language);
            text += match scene.language {
                Language::English => "; nearest: ",
                Language::Chinese => "；最接近的规则：",
            };
            text += &near;
        }
        let line = scene.blame(reason).map(|spot| format!(", {}", scene.short(spot)));
        Some(format!("{text} [{rule}{}]", line.unwrap_or_default()))
    });
    told.collect()
}
