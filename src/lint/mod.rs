//! What is legal and still looks wrong: one idea a file, results as data.
//!
//! Every finding is true of the network that it was found in, by the packet algebra or by the engines where packets are
//! concerned, never by likeness of texts. What another stage of the same file uses (a step that binds the group) is
//! not called unused. Words are chosen in `render`.
//!
//! | file | finds |
//! |---|---|
//! | `rules` | rules that decide nothing, or nothing that others do not decide alike |
//! | `references` | rules that name groups and templates that stand for nothing |
//! | `addresses` | rules for private addresses that nobody has |
//! | `unused` | groups, ACLs, route tables, templates that nothing uses |
//! | `routes` | routes that no packet takes |
//! | `next_hops` | routes whose packets are lost |
//! | `loops` | routes whose packets go in circles |
//! | `replies` | replies that network ACLs lose |
//! | `asymmetry` | replies that come another way |
//! | `peerings` | peerings with routes at one end, and across regions |
//! | `overlaps` | joined networks that overlap |
//! | `bridges` | joined networks in the range of container bridges |
//! | `lines` | lines to sites without a backup, CCNs without bandwidth |
//! | `exposure` | ports that the Internet should not reach and does |
//! | `targets` | load balancer targets whose groups do not let the balancer's traffic in |
//! | `private_link` | endpoint services behind which the provider's sources are dropped |
//! | `dnat` | DNAT entries whose targets' groups let nothing of them in |
//! | `forwarders` | routes over forwarders whose groups let nothing of them through |
//! | `links` | classic links that carry nothing |
//! | `quotas` | quotas that are nearly used up |
//! | `guards` | what the groups of an end let through |
//! | `hull` | boxes and corners of a match, to spare sets |
//! | `levels` | which findings are told, and how loudly |
//! | `report` | what came of one file |
//! | `ends` | who stands for all that nothing tells apart; what several lints ask of pairs |

mod addresses;
mod asymmetry;
mod bridges;
mod dnat;
mod ends;
mod exposure;
mod fact;
mod forwarders;
mod guards;
mod hull;
mod levels;
mod lines;
mod links;
mod loops;
mod next_hops;
mod overlaps;
mod peerings;
mod private_link;
mod quotas;
mod references;
mod replies;
mod report;
mod routes;
mod rules;
mod targets;
mod unused;

use std::cell::OnceCell;

pub use fact::{Empty, Fact, Finding, Gone, NotTaken, Site};
pub use levels::{Choice, Level, Switch, Switches, allow};
pub use report::Report;

use ends::{Somebody, representatives};

use crate::code::Code;
use crate::engine::Classes;
use crate::fabric::Fabric;
use crate::model::{Network, Place};
use crate::space::{Budget, Exceeded};
use crate::verify::Situation;

/// A network to be looked at, and the other networks of its file.
pub struct Subject<'a> {
    /// The network.
    pub network: &'a Network,
    /// What it was compiled to.
    pub fabric: &'a Fabric,
    /// The networks of all stages of the file, this one among them.
    pub stages: &'a [Situation],
    /// How much each lint may take; one that looks at lists has all of the nodes for each.
    pub budget: Budget,
    /// Which endpoints nothing tells apart.
    classes: &'a Classes,
    /// Who stands for whom, once a lint has asked.
    ends: OnceCell<Vec<Somebody>>,
}

impl Subject<'_> {
    /// One end for all that nothing tells apart.
    fn ends(&self) -> &[Somebody] {
        self.ends.get_or_init(|| representatives(self.fabric, self.classes))
    }

    /// Every network of the file.
    fn networks(&self) -> impl Iterator<Item = &Network> {
        self.stages.iter().map(|stage| &*stage.network)
    }
}

/// That the budget was not enough for a lint: what it has found is true, and there may be more from this place on.
fn short(lint: Code, place: Place, exceeded: Exceeded) -> Finding {
    Finding::at(place, Fact::LintExceeded { lint, exceeded })
}

/// Everything that looks wrong in a network, in the order of the lints and of the network. What the budget leaves out is
/// one more finding.
#[must_use]
pub fn lint(situation: &Situation, stages: &[Situation], budget: Budget) -> Vec<Finding> {
    let (fabric, classes) = (situation.fabric(), situation.classes());
    let own = [situation.clone()];
    let subject = Subject {
        network: &situation.network,
        fabric: &fabric,
        stages: if stages.is_empty() { &own } else { stages },
        budget,
        classes: &classes,
        ends: OnceCell::new(),
    };
    let lints = [
        rules::find,
        references::find,
        addresses::find,
        unused::find,
        routes::find,
        next_hops::find,
        loops::find,
        replies::find,
        asymmetry::find,
        peerings::find,
        overlaps::find,
        bridges::find,
        lines::find,
        exposure::find,
        targets::find,
        private_link::find,
        dnat::find,
        forwarders::find,
        links::find,
        quotas::find,
    ];
    let mut found = Vec::new();
    for find in lints {
        find(&subject, &mut found);
    }
    routes::without_those_never_taken(&mut found);
    found
}
