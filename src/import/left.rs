//! What is left out, and what it bears on: so that no verdict rests on what the file does not hold.

use ipnet::IpNet;

use super::document::Spot;
use super::draft::{Draft, Say};
use super::note::Outcome;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Destination, INTERNET, Kind, Meta, Network, SecurityGroup, Unmodelled};

/// What something bears on that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bears {
    /// Nothing that is in the file.
    Nothing,
    /// What cannot be said: everything.
    Everything,
    /// These entities.
    On(Vec<Id>),
    /// Where packets go that leave these VPCs.
    Routing(Vec<Id>),
    /// It is an endpoint of these sets.
    Missing(Vec<Id>),
    /// All of this together.
    Of(Touched),
}

/// What something bears on in several ways at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Entities, and the Internet.
    pub on: Vec<Id>,
    /// Where packets go that leave these VPCs.
    pub routing_of: Vec<Id>,
    /// It is an endpoint of these sets, or has some.
    pub missing: Vec<Id>,
}

/// That of a machine no group is told, whatever the source: none at all, or an empty list.
pub fn without_groups() -> Words {
    Words::new(
        "its groups are not told: in the cloud it has at least one (SG-17, D20-39)",
        "未说明其安全组：云上至少绑定一个（SG-17、D20-39）",
    )
}

/// A group of which no rule is known.
pub fn no_rules() -> SecurityGroup {
    SecurityGroup { meta: Meta::default(), region: None, ingress: Vec::new(), egress: Vec::new() }
}

impl Draft {
    /// Puts a group there for the default one, of which nobody tells the rules.
    pub fn stand_in_group(&mut self, id: &Id) {
        let groups = &mut self.document.fragment.network.security_groups;
        if groups.contains_key(id) {
            return;
        }
        groups.insert(id.clone(), no_rules());
        let why = Words::new(
            "a stand-in for the default group: its rules are not in the input",
            "默认安全组的占位：其规则不在输入中",
        );
        let help = Words::new(
            "name the groups in the configuration, or write the rules of the default group into the file",
            "在配置中写明安全组，或将默认安全组的规则写入文件",
        );
        let say = Say::of(id.as_str(), why).help(help);
        let bears = Bears::Of(Touched {
            on: vec![id.clone()],
            missing: vec![id.clone()],
            ..Touched::default()
        });
        self.leave_out(Spot::Entity(id.clone()), say, bears, Vec::new());
    }

    /// Says in the summary and in the file that something is left out, and what it bears on: packets to
    /// `destinations`, or all if there are none.
    pub fn leave_out(&mut self, spot: Spot, say: Say, bears: Bears, destinations: Vec<IpNet>) {
        let destinations = destinations.into_iter().map(Destination::from);
        self.name(&say, bears, destinations.collect());
        self.say(Outcome::LeftOut, spot, say);
    }

    /// Says that something is in the file and yet not wholly known, so that verdicts may hang on it.
    pub fn leave_open(&mut self, spot: Spot, say: Say, bears: Bears) {
        self.leave_open_to(spot, say, bears, Vec::new());
    }

    /// The same, of packets to some destinations.
    pub fn leave_open_to(
        &mut self,
        spot: Spot,
        say: Say,
        bears: Bears,
        destinations: Vec<Destination>,
    ) {
        self.name(&say, bears, destinations);
        self.say(Outcome::Doubtful, spot, say);
    }

    /// Names in the file what verdicts may hang on.
    fn name(&mut self, say: &Say, bears: Bears, destinations: Vec<Destination>) {
        // What has no id of its own is named after what it says.
        let named = Some(&say.resource).filter(|name| !name.trim().is_empty());
        let named = named.or(say.attribute.as_ref());
        let mut entry = Unmodelled {
            what: named.map_or_else(|| "?".to_owned(), String::clone),
            reason: say.reason(self.language),
            touches: Vec::new(),
            routing_of: Vec::new(),
            destinations,
            missing_from: Vec::new(),
        };
        let is_told = match bears {
            Bears::Nothing => false,
            Bears::Everything => true,
            Bears::On(ids) => {
                entry.touches = ids;
                !entry.touches_all()
            }
            Bears::Routing(ids) => {
                entry.routing_of = ids;
                !entry.touches_all()
            }
            Bears::Missing(ids) => {
                entry.missing_from = ids;
                !entry.touches_all()
            }
            Bears::Of(touched) => {
                entry.touches = touched.on;
                entry.routing_of = touched.routing_of;
                entry.missing_from = touched.missing;
                !entry.touches_all()
            }
        };
        let unmodelled = &mut self.document.fragment.network.unmodelled;
        // the comments in its place say what else is missing of it
        let is_known = unmodelled
            .iter()
            .any(|known| Unmodelled { reason: entry.reason.clone(), ..known.clone() } == entry);
        if is_told && !is_known {
            unmodelled.push(entry);
        }
    }
}

/// What endpoints are in.
const SETS: [Kind; 6] =
    [Kind::Account, Kind::Vpc, Kind::Subnet, Kind::SecurityGroup, Kind::InstanceGroup, Kind::Site];

/// Drops what bears only on what is not in the file itself.
pub fn settle(network: &mut Network) {
    let entries = std::mem::take(&mut network.unmodelled);
    for mut entry in entries {
        let touched_all = entry.touches_all();
        let is_there = |id: &Id| id.as_str() == INTERNET || network.kind_of(id.as_str()).is_some();
        entry.touches.retain(is_there);
        let of = |id: &Id| network.kind_of(id.as_str());
        entry.routing_of.retain(|id| of(id) == Some(Kind::Vpc));
        entry.missing_from.retain(|id| of(id).is_some_and(|kind| SETS.contains(&kind)));
        if touched_all || !entry.touches_all() {
            network.unmodelled.push(entry);
        }
    }
}
