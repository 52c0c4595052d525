//! The walk over every id that a network mentions, by the rows of [`records!`].

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::{
    AclRule, Attachment, CcnBandwidth, CcnMember, CcnPublication, Destination, DirectConnectKind,
    Engine, Entity, Kind, Listener, LoadBalancerNetwork, Mention, NatKind, Network, NextHop,
    OldNetwork, Peer, PeeringState, Section, SecurityGroupRule, Served, Service, SnatSource, State,
    SupportedPlatforms, VpcEndpointState, mention, records, sections,
};
use crate::id::Id;
use crate::space::{Action, AddressSet};

/// One step from an entity to the place of a reference; a [`super::Key`] that borrows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'n> {
    /// A field.
    Field(&'static str),
    /// An element of a list.
    Index(usize),
    /// An entry of a map.
    Entry(&'n Id),
}

/// What is called for each reference: the entity that mentions, the way to the place in it, the id
/// and the kinds that may stand there; none = a rule of the cloud judges it, not the kind.
pub(crate) type See<'s, 'n> = &'s mut dyn FnMut(&'n Id, &[Step<'n>], &'n Id, &'static [Kind]);

/// Shows every reference to `see`: accounts first, then in the order of sections, of the file, and of the fields; links and names last.
pub(crate) fn walk<'n>(network: &'n Network, see: See<'_, 'n>) {
    accounts(network, see);
    let mut steps = Vec::new();
    macro_rules! sections_walked {
        ($($section:ident: $kind:ident $row:tt)+) => {
            $(for (owner, entity) in &network.$section {
                entity.mentions(None, &mut Way { owner, steps: &mut steps, see });
            })+
        };
    }
    sections!(sections_walked);
    for (vpc, links) in &network.classic_links {
        see(vpc, &[], vpc, mention::VPC.kinds());
        for (index, link) in links.iter().enumerate() {
            let path = [Step::Field("classic_links"), Step::Index(index)];
            see(vpc, &path, &link.instance, mention::ANY.kinds());
        }
    }
    for (name, to) in &network.names {
        see(name, &[Step::Field("names")], to, Kind::NAMED);
    }
}

fn accounts<'n>(network: &'n Network, see: See<'_, 'n>) {
    fn of<'n, E: Entity>(section: &'n Section<E>, see: See<'_, 'n>) {
        // an account owns itself
        let section = section.iter().filter(|_| E::KIND != Kind::Account);
        for (id, entity) in section {
            if let Some(account) = &entity.meta().account {
                see(id, &[Step::Field("account")], account, mention::ACCOUNT.kinds());
            }
        }
    }
    macro_rules! owned {
        ($($section:ident: $kind:ident $row:tt)+) => {
            $(of(&network.$section, see);)+
        };
    }
    sections!(owned);
    for (ccn, entity) in &network.ccns {
        for (table, entity) in &entity.route_tables {
            if let Some(account) = &entity.meta.account {
                let path =
                    [Step::Field("route_tables"), Step::Entry(table), Step::Field("account")];
                see(ccn, &path, account, mention::ACCOUNT.kinds());
            }
        }
    }
}

/// The way from an entity to what stands in it.
struct Way<'s, 'n> {
    owner: &'n Id,
    steps: &'s mut Vec<Step<'n>>,
    see: See<'s, 'n>,
}

impl<'n> Way<'_, 'n> {
    /// One step further.
    fn at(&mut self, step: Step<'n>, go: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        go(self);
        self.steps.pop();
    }

    fn see(&mut self, id: &'n Id, may: &'static [Kind]) {
        (self.see)(self.owner, self.steps, id, may);
    }
}

/// A record, or the value of a field.
trait Value {
    /// Shows the ids in it; `may` = what one may name, where the value is one.
    fn mentions<'n>(&'n self, may: Option<Mention>, way: &mut Way<'_, 'n>);
}

macro_rules! walked {
    ($($record:ident $what:literal $carries:ident {
        $($field:ident: $how:ident $(($usual:expr))? $form:ident $([$may:ident])? $(<$inner:ident>)?;)*
    })+) => {
        $(impl Value for crate::model::$record {
            fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
                $(
                    let may = None$(.or(Some(mention::$may)))?;
                    way.at(Step::Field(stringify!($field)), |way| {
                        Value::mentions(&self.$field, may, way);
                    });
                )*
            }
        })+
    };
}
records!(walked);

impl Value for Id {
    fn mentions<'n>(&'n self, may: Option<Mention>, way: &mut Way<'_, 'n>) {
        if let Some(may) = may {
            way.see(self, may.kinds());
        }
    }
}

impl<T: Value> Value for Option<T> {
    fn mentions<'n>(&'n self, may: Option<Mention>, way: &mut Way<'_, 'n>) {
        if let Some(value) = self {
            value.mentions(may, way);
        }
    }
}

impl<T: Value> Value for Vec<T> {
    fn mentions<'n>(&'n self, may: Option<Mention>, way: &mut Way<'_, 'n>) {
        for (index, value) in self.iter().enumerate() {
            way.at(Step::Index(index), |way| value.mentions(may, way));
        }
    }
}

impl<T: Value> Value for (T, T) {
    fn mentions<'n>(&'n self, may: Option<Mention>, way: &mut Way<'_, 'n>) {
        way.at(Step::Index(0), |way| self.0.mentions(may, way));
        way.at(Step::Index(1), |way| self.1.mentions(may, way));
    }
}

impl<T: Value> Value for Section<T> {
    fn mentions<'n>(&'n self, may: Option<Mention>, way: &mut Way<'_, 'n>) {
        for (id, value) in self {
            way.at(Step::Entry(id), |way| value.mentions(may, way));
        }
    }
}

/// Values without an id in them.
macro_rules! mute {
    ($($type:ty)+) => {
        $(impl Value for $type {
            fn mentions<'n>(&'n self, _: Option<Mention>, _: &mut Way<'_, 'n>) {}
        })+
    };
}

mute! {
    bool u8 u16 u32 String IpAddr IpNet AddressSet Service Destination AclRule Action
    CcnBandwidth CcnPublication DirectConnectKind Engine NatKind PeeringState State SupportedPlatforms
    VpcEndpointState
}

impl Value for NextHop {
    fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
        if let Some(hop) = self.id() {
            way.see(hop, next_hop(self));
        }
    }
}

/// The kinds that a next hop of this type may name.
pub(crate) fn next_hop(via: &NextHop) -> &'static [Kind] {
    match via {
        NextHop::NatGateway(_) => &[Kind::NatGateway],
        NextHop::VpnGateway(_) => &[Kind::VpnGateway],
        NextHop::DirectConnectGateway(_) => &[Kind::DirectConnectGateway],
        NextHop::PeeringConnection(_) => &[Kind::Peering],
        NextHop::Ccn(_) => &[Kind::Ccn],
        NextHop::HaVip(_) => &[Kind::HaVip],
        NextHop::Instance(_) | NextHop::PublicGateway(_) => &[Kind::Instance],
        NextHop::Eip => &[],
    }
}

impl Value for CcnMember {
    fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
        let kinds: &'static [Kind] = match self {
            Self::Vpc(_) => &[Kind::Vpc],
            Self::VpnGateway(_) => &[Kind::VpnGateway],
            Self::DirectConnectGateway(_) => &[Kind::DirectConnectGateway],
        };
        way.see(self.id(), kinds);
    }
}

impl Value for Attachment {
    fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
        match self {
            Self::Vpc(vpc) => way.see(vpc, mention::VPC.kinds()),
            Self::Ccn(ccn) => way.see(ccn, mention::CCN.kinds()),
        }
    }
}

impl Value for OldNetwork {
    fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
        match self {
            Self::Classic => {}
            Self::Vpc(vpc) => way.see(vpc, mention::VPC.kinds()),
        }
    }
}

impl Value for SnatSource {
    fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
        match self {
            Self::Cidr(_) => {}
            Self::Subnet(id) | Self::Instance(id) => way.see(id, mention::SNAT.kinds()),
        }
    }
}

impl Value for LoadBalancerNetwork {
    fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
        let (field, id, may) = match self {
            Self::Internal { subnet, vip: _, eip: _ } => ("subnet", subnet, mention::SUBNET),
            Self::Public { vpc, vip: _ } => ("vpc", vpc, mention::VPC),
        };
        way.at(Step::Field(field), |way| way.see(id, may.kinds()));
    }
}

impl Value for Listener {
    fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
        let Self { protocol: _, ports: _, targets, redirects_to: _ } = self;
        way.at(Step::Field("targets"), |way| targets.mentions(None, way));
    }
}

/// Which side a rule names follows from its list.
impl Value for SecurityGroupRule {
    fn mentions<'n>(&'n self, _: Option<Mention>, way: &mut Way<'_, 'n>) {
        let Self { action: _, peer, service } = self;
        match peer {
            Peer::SecurityGroup(id)
            | Peer::AddressTemplate(id)
            | Peer::AddressTemplateGroup(id) => {
                let is_ingress = matches!(way.steps.first(), Some(Step::Field("ingress")));
                let field = if is_ingress { "from" } else { "to" };
                way.at(Step::Field(field), |way| way.see(id, mention::PEER.kinds()));
            }
            Peer::Any | Peer::Addresses(_) | Peer::ZeroPrefix(_) => {}
        }
        match service {
            Served::Template(id) | Served::TemplateGroup(id) => {
                way.at(Step::Field("service"), |way| way.see(id, mention::SERVED.kinds()));
            }
            Served::Service(_) => {}
        }
    }
}
