//! The clauses of reasons in English.

use super::Said;
use crate::code::{Code, Language};
use crate::render::budget::exceeded_text;

/// Why the packet is lost.
pub(super) fn clause(said: &Said<'_>) -> String {
    filter(said)
        .or_else(|| route(said))
        .or_else(|| gateway(said))
        .or_else(|| end(said))
        .or_else(|| classic(said))
        .unwrap_or_else(|| meaning(said.reason.cause.code))
}

fn filter(said: &Said<'_>) -> Option<String> {
    let Said { at, rule, source, destination, service, packets, .. } = said;
    let drops = |what: String| rule.as_ref().map(|rule| format!("{rule} drops {what}"));
    Some(match said.reason.cause.code {
        Code::SecurityGroupEgressDenied => drops(format!("{service} to {destination}"))
            .unwrap_or_else(|| {
                format!("no egress rule of {at} accepts {service} to {destination}")
            }),
        Code::SecurityGroupIngressDenied => drops(format!("{service} from {source}"))
            .unwrap_or_else(|| format!("no ingress rule of {at} accepts {service} from {source}")),
        Code::NetworkAclEgressDenied => drops(said.it())
            .unwrap_or_else(|| format!("no egress rule of {at} accepts {}", said.it_or(packets))),
        Code::NetworkAclIngressDenied => drops(said.it())
            .unwrap_or_else(|| format!("no ingress rule of {at} accepts {}", said.it_or(packets))),
        Code::EdgeFirewallEgressDenied | Code::EdgeFirewallIngressDenied => {
            drops(said.it()).unwrap_or_else(|| format!("{at} drops {}", said.it_or(packets)))
        }
        _ => return None,
    })
}

fn route(said: &Said<'_>) -> Option<String> {
    let Said { at, destination, .. } = said;
    Some(match said.reason.cause.code {
        Code::NoRoute => match (said.address, at.is_empty()) {
            (Some(address), _) => format!("nobody owns {address}"),
            (None, true) => format!("no route leads to {destination}"),
            (None, false) => format!("{at} has no route to {destination}"),
        },
        Code::LocalWithoutOwner => {
            let address = said.address.unwrap_or(*destination);
            format!("{address} lies in {at}'s own CIDR, where nobody has it")
        }
        Code::PrivateDestinationToInternet => {
            format!("{destination} is private, but the only match is {at}, a way to the Internet")
        }
        Code::RouteBlackhole => match said.other {
            Some(next) => {
                format!("a route of {at} leads to {next}, which is gone or cannot take the packet")
            }
            None if said.entry => format!("the next hop of a route of {at} cannot take the packet"),
            None => format!("{at} is bound to no instance, so nobody takes the packet"),
        },
        Code::RouteLoop if at.is_empty() => "the routes send the packet round in a loop".to_owned(),
        Code::RouteLoop => format!("the routes bring the packet back to {at}, where it has been"),
        Code::CcnNoRoute => format!("{at} has no route to {destination}"),
        Code::CcnRouteDisabled => format!("the route of {at} to {destination} is disabled"),
        _ => return None,
    })
}

fn gateway(said: &Said<'_>) -> Option<String> {
    let Said { at, source, destination, service, .. } = said;
    let ends = format!("{source} → {destination}");
    Some(match said.reason.cause.code {
        Code::AttachmentDown => format!("{at} is down"),
        Code::GatewayNoTransit => match said.other {
            Some(other) => format!("{at} does not carry packets on through {other}"),
            None => format!("{at} carries only the traffic of its own networks, not {ends}"),
        },
        Code::PeeringSecondaryCidr => match said.address {
            Some(address) => {
                format!("{address} lies in a secondary CIDR, which {at} does not carry")
            }
            None => {
                format!("{at} carries no secondary CIDR, and {ends} has one end in such a CIDR")
            }
        },
        Code::VpnPolicyMismatch => format!("no policy of {at} covers {ends}"),
        Code::DirectConnectNoPrefix => {
            format!("no tunnel of {at} that is up announces {destination}")
        }
        Code::DirectConnectSecondaryCidr => {
            format!("{at} is a NAT-type gateway and carries no secondary CIDR ({ends})")
        }
        Code::DirectConnectNatNoMapping => format!("no mapping of {at} covers {service}, {ends}"),
        Code::NatSourceNotCovered => {
            format!("{at} has strict SNAT, and no SNAT rule covers {source}")
        }
        Code::NatNoAddress => format!("{at} has no EIP to send from"),
        Code::NatNoDnatEntry => format!("{at} has no DNAT entry for {service} of {destination}"),
        Code::NatProtocolUnsupported => {
            let protocol = said.reason.witness.protocol;
            format!("{at} translates TCP, UDP and ICMP, not {protocol}")
        }
        Code::NoPublicAddress => match (said.address, said.owner()) {
            (Some(address), Some(owner)) => {
                format!("{address} has no EIP; the EIP of {at} belongs to {owner}")
            }
            _ => format!("neither an EIP nor a NAT gateway joins {at} to the Internet"),
        },
        Code::ForwarderDoesNotTranslate => {
            format!(
                "{at} forwards {source} as it is, and the Internet cannot answer a private address"
            )
        }
        Code::PublicGatewaySameSubnet => {
            format!("{at} is a public gateway and does not serve its own subnet ({source})")
        }
        Code::OutboundSmtpBlocked => {
            format!("{service} to the Internet is blocked by the platform")
        }
        _ => return None,
    })
}

fn end(said: &Said<'_>) -> Option<String> {
    let Said { at, source, service, .. } = said;
    Some(match said.reason.cause.code {
        Code::PortNotServed => format!("{at} does not serve {service}"),
        Code::NoTarget => format!("{at} has no usable target for {service}"),
        Code::LoadBalancerLoop => format!(
            "{at} sends {service} back to {source}, the client itself; it cannot answer its own packets"
        ),
        Code::EndpointCannotInitiate => format!("{at} only answers, it opens no connections"),
        Code::EndpointDown => format!("{at} is stopped, isolated or failed"),
        Code::SourceAddressNotOwned => format!("{source} is no address of {at}"),
        Code::EndpointConnectionOneWay => {
            format!("{at} is opened from its VPC only and opens nothing itself")
        }
        Code::EndpointConnectionNoTransit => {
            format!("only clients inside its VPC may use {at}, and {source} is outside")
        }
        Code::VpcEndpointOneWay => {
            format!("{at} is opened from its own side only, the provider opens nothing through it")
        }
        Code::VpcEndpointPending => {
            format!("{at} waits for the provider to accept it")
        }
        Code::OutboundToUnmodelled => {
            "the answer hangs on a network that the file does not describe".to_owned()
        }
        Code::NotModelled => {
            let what = said.other.unwrap_or("something");
            match *at {
                "" => format!("{what} is not modelled, and it may bear on this"),
                at => format!("{what} is not modelled, and through {at} it may bear on this"),
            }
        }
        Code::BudgetExceeded => match said.reason.cause.facts.exceeded {
            Some(exceeded) => exceeded_text(exceeded, Language::English),
            None => "the question was too large to decide within its budget".to_owned(),
        },
        _ => return None,
    })
}

fn classic(said: &Said<'_>) -> Option<String> {
    let Said { at, source, .. } = said;
    let vpc = said.other.unwrap_or("this VPC");
    Some(match said.reason.cause.code {
        Code::ClassicLinkNotLinked => format!("{at} is not linked to {vpc}"),
        Code::ClassicLinkCvmOnly => {
            format!("{at} is no CVM, and a VPC reaches only CVMs of the classic network")
        }
        Code::ClassicLinkSecondaryCidr => {
            let address = said.address.unwrap_or(*source);
            let primary = said.reason.cause.facts.cidr;
            let primary = primary.map_or("CIDR".to_owned(), |cidr| cidr.to_string());
            format!(
                "{address} lies in a secondary CIDR; a linked classic CVM meets only the primary {primary}"
            )
        }
        Code::ClassicLinkNoTransit => match said.other {
            Some(instance) => {
                format!(
                    "the link of {instance} ends in its VPC; {at} carries nothing to or from it"
                )
            }
            None => format!("a classic link ends in its VPC; {at} carries nothing to or from it"),
        },
        Code::ClassicLinkStaleAddress => {
            format!(
                "the private address of {at} has changed since it was linked to {vpc}; the link is dead"
            )
        }
        Code::ClassicOtherTenant => {
            format!("{at} belongs to another account, and the classic network keeps accounts apart")
        }
        Code::ClassicOtherRegion => {
            format!("{at} is in another region, and classic networks of two regions do not meet")
        }
        _ => return None,
    })
}

impl Said<'_> {
    /// "it" where the sentence has named the packet already, else the packet.
    fn it(&self) -> String {
        self.it_or(&self.packets)
    }

    fn it_or(&self, packets: &str) -> String {
        match self.reason.direction {
            crate::query::Direction::Return => "it".to_owned(),
            crate::query::Direction::Forward => packets.to_owned(),
        }
    }
}

/// What the code means in general.
pub(super) fn meaning(code: Code) -> String {
    lower(code.meaning(Language::English))
}

/// A meaning in the middle of a line begins small, unless it begins with an acronym.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain([second]).chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
