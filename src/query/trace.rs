//! One packet's way there and back, as data.

use super::{Reason, RuleRef, Waypoint};
use crate::id::Id;
use crate::model::{Endpoint, Place};
use crate::space::Packet;

/// Everything about one packet.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The packet as it was sent.
    pub packet: Packet,
    /// The ways it may take; more than one where routes, targets or gateways share the load.
    pub paths: Vec<TracePath>,
    /// It works on all of them.
    pub always: bool,
    /// It works on at least one of them.
    pub sometimes: bool,
    /// The model does not say.
    pub undetermined: bool,
}

/// One way there and its ways back.
#[derive(Clone, Debug)]
pub struct TracePath {
    /// The way there.
    pub forward: Vec<TraceStep>,
    /// The ways back; empty if the packet stopped for good.
    pub back: Vec<Vec<TraceStep>>,
    /// Blockers in path order.
    pub reasons: Vec<Reason>,
    /// What it passes.
    pub waypoints: Vec<Waypoint>,
    /// What each way back passes, beside the devices that undo what they did.
    pub waypoints_back: Vec<Vec<Waypoint>>,
    /// It works on every way back.
    pub always: bool,
    /// It works on at least one way back.
    pub sometimes: bool,
}

/// A hop of a trace.
#[derive(Clone, Debug)]
pub struct TraceStep {
    /// Name of the stage.
    pub stage: &'static str,
    /// The object that decided.
    pub at: Option<Id>,
    /// The endpoint it happened at.
    pub endpoint: Option<Endpoint>,
    /// Whether it passed.
    pub passed: bool,
    /// The rule that decided; `None` = no rule, or the implied deny.
    pub rule: Option<RuleRef>,
    /// The route or entry that decided.
    pub place: Option<Place>,
    /// The packet before.
    pub packet_in: Packet,
    /// The packet after.
    pub packet_out: Packet,
    /// Why it was lost.
    pub reason: Option<Reason>,
    /// Judged although something else had stopped the packet before (D20-13).
    pub as_if: bool,
}
