//! What gets there with some blockers lifted (D20-13).

use std::collections::BTreeSet;

use pathproof::code::Code;
use pathproof::model::{Endpoint, Network};
use pathproof::space::Packet;

use super::{Script, Stop, Walk};

/// Whether the packet gets there on every way that it may take, with all blockers of these codes lifted as D20-13 defines it: a
/// filter accepts, an end is up and serves, a stage lets the packet pass, a missing route delivers it to the border of the
/// destination's subnet. The way back is not looked at.
pub fn gets_there(
    network: &Network,
    from: &Endpoint,
    to: &Endpoint,
    packet: Packet,
    lifted: &BTreeSet<Code>,
) -> bool {
    let mut script = Some(Script::default());
    while let Some(next) = script {
        let mut walk = Walk::new(network, from, to, packet, next);
        walk.lifted.clone_from(lifted);
        walk.silent = true;
        let stopped = match walk.open() {
            Ok(()) | Err(Stop::NoReply | Stop::Unknown) => false,
            Err(Stop::Lost(losses)) => {
                let stays = losses.iter().any(|(code, _)| !walk.is_lifted(*code));
                if !stays {
                    walk.destination_side();
                }
                stays
            }
        };
        if stopped || walk.blocked {
            return false;
        }
        script = walk.script.advance();
    }
    true
}

impl Walk<'_> {
    /// Whether a blocker of this code does not block. A missing route goes by the name of what forbids one (CL-11, VPN-8).
    pub(super) fn is_lifted(&self, code: Code) -> bool {
        let unnamed =
            [Code::ClassicLinkNotLinked, Code::NoRoute, Code::CcnRouteDisabled, Code::CcnNoRoute];
        self.lifted.contains(&code)
            || self.lifted.contains(&Code::ClassicLinkNoTransit) && unnamed.contains(&code)
            || self.lifted.contains(&Code::GatewayNoTransit) && code == Code::NoRoute
    }
}
