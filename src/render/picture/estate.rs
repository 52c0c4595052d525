//! From a network to blocks: regions, VPCs, subnets, the classic network, what stands at their borders and
//! beyond. The endpoints in them are `homes`, the wires between them `wires`.

use std::collections::{HashMap, HashSet};

use super::boxes::{Block, BlockIx, Journey, Line, Part, Picture, Shape, Tone, Wire};
use super::words::{Word, free};
use crate::code::Language;
use crate::id::Id;
use crate::model::{Attachment, DirectConnectKind, Kind, Network, PeeringState, Subnet, Vpc};

/// Whether what is of this kind stands in a picture as a block; accounts, filters, tables and templates are lines of others.
pub(super) fn is_drawn(kind: Kind) -> bool {
    match kind {
        Kind::Account
        | Kind::RouteTable
        | Kind::NetworkAcl
        | Kind::SecurityGroup
        | Kind::AddressTemplate
        | Kind::AddressTemplateGroup
        | Kind::ServiceTemplate
        | Kind::ServiceTemplateGroup
        | Kind::EdgeFirewall => false,
        Kind::Vpc
        | Kind::Subnet
        | Kind::Instance
        | Kind::NetworkInterface
        | Kind::InstanceGroup
        | Kind::HaVip
        | Kind::Database
        | Kind::LoadBalancer
        | Kind::ClassicInstance
        | Kind::ClassicDatabase
        | Kind::ClassicLoadBalancer
        | Kind::EndpointConnection
        | Kind::EndpointService
        | Kind::VpcEndpoint
        | Kind::Peering
        | Kind::Ccn
        | Kind::CcnRouteTable
        | Kind::NatGateway
        | Kind::VpnGateway
        | Kind::VpnConnection
        | Kind::DirectConnectGateway
        | Kind::DirectConnectTunnel
        | Kind::Site => true,
    }
}

/// A picture that is being made.
pub(super) struct Estate<'n> {
    pub(super) network: &'n Network,
    pub(super) language: Language,
    /// Those whom the connection names: each gets a block of its own.
    pub(super) keep: HashSet<Id>,
    pub(super) blocks: Vec<Block>,
    pub(super) wires: Vec<Wire>,
    /// The same, to draw none twice.
    pub(super) wired: HashSet<Wire>,
    /// The leaf of an id; equal endpoints share one, tunnels are in their gateway's.
    pub(super) leaves: HashMap<Id, BlockIx>,
    /// VPCs and subnets.
    pub(super) homes: HashMap<Id, BlockIx>,
    /// The way of a VPC into the classic network.
    pub(super) links: HashMap<Id, BlockIx>,
    regions: Vec<(String, BlockIx)>,
    classics: Vec<(String, BlockIx)>,
    internet: Option<BlockIx>,
}

impl<'n> Estate<'n> {
    pub(super) fn new(network: &'n Network, language: Language, keep: HashSet<Id>) -> Self {
        Self {
            network,
            language,
            keep,
            blocks: Vec::new(),
            wires: Vec::new(),
            wired: HashSet::new(),
            leaves: HashMap::new(),
            homes: HashMap::new(),
            links: HashMap::new(),
            regions: Vec::new(),
            classics: Vec::new(),
            internet: None,
        }
    }

    /// Draws everything that is configured.
    pub(super) fn fill(&mut self) {
        let network = self.network;
        for (id, vpc) in &network.vpcs {
            self.vpc(id, vpc);
        }
        for (id, subnet) in &network.subnets {
            self.subnet(id, subnet);
        }
        self.fill_subnets();
        self.fill_classic();
        self.fill_borders();
        self.fill_between();
        self.fill_outside();
        self.connect();
    }

    pub(super) fn finish(self, title: &str, journey: Option<Journey>) -> Picture {
        Picture {
            title: title.to_owned(),
            blocks: self.blocks,
            wires: self.wires,
            journey,
            language: self.language,
        }
    }

    pub(super) fn say(&self, word: Word) -> &'static str {
        word.say(self.language)
    }

    pub(super) fn add(
        &mut self,
        parent: Option<BlockIx>,
        shape: Shape,
        lines: Vec<Line>,
    ) -> BlockIx {
        self.blocks.push(Block { parent, shape, lines, part: Part::None, ends: 1 });
        self.blocks.len() - 1
    }

    /// A leaf with the name of its entity.
    pub(super) fn leaf(
        &mut self,
        parent: Option<BlockIx>,
        shape: Shape,
        id: &Id,
        lines: Vec<Line>,
    ) -> BlockIx {
        let mut all = vec![Line::new(Tone::Name, id.as_str())];
        all.extend(self.named(id));
        all.extend(lines);
        let leaf = self.add(parent, shape, all);
        self.leaves.insert(id.clone(), leaf);
        leaf
    }

    /// The free name of an entity, where it has one that its id does not say.
    pub(super) fn named(&self, id: &Id) -> Option<Line> {
        let name = self.network.meta_of(id.as_str())?.name.as_deref()?;
        let tells = !name.trim().is_empty() && name != id.as_str();
        tells.then(|| Line::new(Tone::Plain, free(name)))
    }

    fn region(&mut self, region: &str) -> BlockIx {
        if let Some((_, block)) = self.regions.iter().find(|(name, _)| name == region) {
            return *block;
        }
        let title = format!("{} {region}", self.say(Word::Region));
        let block = self.add(None, Shape::Region, vec![Line::new(Tone::Name, title)]);
        self.regions.push((region.to_owned(), block));
        block
    }

    /// The classic network of a region.
    pub(super) fn classic(&mut self, region: &str) -> BlockIx {
        if let Some((_, block)) = self.classics.iter().find(|(name, _)| name == region) {
            return *block;
        }
        let parent = self.region(region);
        let lines = vec![
            Line::new(Tone::Name, self.say(Word::Classic)),
            Line::new(Tone::Plain, self.say(Word::ClassicNote)),
        ];
        let block = self.add(Some(parent), Shape::Classic, lines);
        self.classics.push((region.to_owned(), block));
        block
    }

    fn vpc(&mut self, id: &Id, vpc: &Vpc) {
        let region = self.region(&vpc.region);
        let mut lines = vec![Line::new(Tone::Name, id.as_str())];
        lines.extend(self.named(id));
        let primary = format!("{} {}", self.say(Word::Vpc), vpc.cidr);
        let sixth = vpc.ipv6_cidr.map(|cidr| format!(", {cidr}"));
        lines.push(Line::new(Tone::Plain, primary + &sixth.unwrap_or_default()));
        let secondary = vpc.secondary_cidrs.iter().map(ToString::to_string);
        for few in secondary.collect::<Vec<_>>().chunks(3) {
            let text = format!("{} {}", self.say(Word::Secondary), few.join(", "));
            lines.push(Line::new(Tone::Plain, text));
        }
        if let Some(account) = &vpc.meta.account {
            let text = format!("{} {account}", self.say(Word::Account));
            lines.push(Line::new(Tone::Plain, text));
        }
        let block = self.add(Some(region), Shape::Vpc, lines);
        self.homes.insert(id.clone(), block);
    }

    fn subnet(&mut self, id: &Id, subnet: &Subnet) {
        let parent = self.homes.get(&subnet.vpc).copied();
        let mut lines = vec![Line::new(Tone::Name, id.as_str())];
        lines.extend(self.named(id));
        let sixth = subnet.ipv6_cidr.map(|cidr| cidr.to_string());
        let cidrs = std::iter::once(subnet.cidr.to_string()).chain(sixth);
        let place = cidrs.chain(subnet.zone.clone()).collect::<Vec<_>>();
        lines.push(Line::new(Tone::Plain, place.join(" · ")));
        let vpc = self.network.vpcs.get(&subnet.vpc);
        let default = vpc.and_then(|vpc| vpc.default_route_table.as_ref());
        let table = subnet.route_table.as_ref().or(default);
        let mut rules = Vec::new();
        if let Some(acl) = &subnet.network_acl {
            rules.push(format!("{} {acl}", self.say(Word::Acl)));
        }
        if let Some(table) = table {
            rules.push(format!("{} {table}", self.say(Word::Routes)));
        }
        if !rules.is_empty() {
            lines.push(Line::new(Tone::Plain, rules.join(" · ")));
        }
        let block = self.add(parent, Shape::Subnet, lines);
        self.homes.insert(id.clone(), block);
    }

    /// Gateways of one VPC.
    fn fill_borders(&mut self) {
        let network = self.network;
        for (id, gateway) in &network.nat_gateways {
            let parent = self.homes.get(&gateway.vpc).copied();
            let mut lines = vec![Line::new(Tone::Plain, self.say(Word::Nat))];
            let eips = gateway.eips.iter().take(2).map(ToString::to_string);
            lines.extend(eips.map(|eip| Line::new(Tone::Plain, eip)));
            if gateway.eips.len() > 2 {
                lines.push(Line::new(Tone::Plain, format!("+{} EIP", gateway.eips.len() - 2)));
            }
            lines.extend(self.down(id));
            self.leaf(parent, Shape::Gateway, id, lines);
        }
        for (id, gateway) in &network.vpn_gateways {
            let lines = vec![Line::new(Tone::Plain, self.say(Word::Vpn))];
            self.wan(id, &gateway.attached_to, lines);
        }
        for (id, gateway) in &network.direct_connect_gateways {
            let word = match gateway.kind {
                DirectConnectKind::Normal => Word::DirectConnect,
                DirectConnectKind::Nat(_) => Word::DirectConnectNat,
            };
            let lines = vec![Line::new(Tone::Plain, self.say(word))];
            self.wan(id, &gateway.attached_to, lines);
        }
    }

    /// A gateway to sites: in its VPC, or outside if it is a CCN's.
    fn wan(&mut self, id: &Id, attached_to: &Attachment, mut lines: Vec<Line>) {
        lines.extend(self.down(id));
        let home = attached_to.vpc().and_then(|vpc| self.homes.get(vpc).copied());
        let shape = match home {
            Some(_) => Shape::Gateway,
            None => Shape::Between,
        };
        self.leaf(home, shape, id, lines);
    }

    fn down(&self, id: &Id) -> Option<Line> {
        let down = self.network.down.contains(id);
        down.then(|| Line::new(Tone::Warn, self.say(Word::Down)))
    }

    /// What joins VPCs.
    fn fill_between(&mut self) {
        let network = self.network;
        for (id, _) in &network.ccns {
            let mut lines = vec![Line::new(Tone::Plain, self.say(Word::Ccn))];
            lines.extend(self.down(id));
            let leaf = self.leaf(None, Shape::Between, id, lines);
            for table in network.ccns.get(id).into_iter().flat_map(|ccn| ccn.route_tables.keys()) {
                self.leaves.insert(table.clone(), leaf);
            }
        }
        for (id, peering) in &network.peerings {
            let mut lines = vec![Line::new(Tone::Plain, self.say(Word::Peering))];
            if peering.state == PeeringState::Pending {
                lines.push(Line::new(Tone::Warn, self.say(Word::Pending)));
            }
            lines.extend(self.down(id));
            self.leaf(None, Shape::Between, id, lines);
        }
    }

    fn fill_outside(&mut self) {
        let network = self.network;
        for (id, site) in &network.sites {
            let mut lines = vec![Line::new(Tone::Plain, self.say(Word::Site))];
            let cidrs = site.cidrs.iter().take(4).map(ToString::to_string);
            lines.extend(cidrs.map(|cidr| Line::new(Tone::Plain, cidr)));
            if site.cidrs.len() > 4 {
                lines.push(Line::new(Tone::Plain, format!("+{}", site.cidrs.len() - 4)));
            }
            self.leaf(None, Shape::Outside, id, lines);
        }
    }

    /// The block of whatever has that id.
    pub(super) fn block_of(&self, id: &Id) -> Option<BlockIx> {
        self.homes.get(id).or_else(|| self.leaves.get(id)).copied()
    }

    /// The Internet, once somebody needs it.
    pub(super) fn internet(&mut self) -> BlockIx {
        if let Some(block) = self.internet {
            return block;
        }
        let lines = vec![Line::new(Tone::Name, self.say(Word::Internet))];
        let block = self.add(None, Shape::Outside, lines);
        self.internet = Some(block);
        block
    }
}
