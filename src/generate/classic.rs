//! The classic network: CVMs, most of them linked to a VPC that may have links (CL-7, CL-9), and databases that VPCs reach
//! by endpoint connections.

use std::net::{IpAddr, Ipv4Addr};

use super::Builder;
use super::dice::Dice;
use super::fleet::Fleet;
use super::machine::group_id;
use crate::id::Id;
use crate::limit::CLASSIC_LINKS;
use crate::model::{
    ClassicDatabase, ClassicInstance, ClassicLink, EndpointConnection, Engine, Meta, State,
};

/// How many VPCs have links.
const VPCS: usize = 8;
/// The first address of classic things (CN-7).
const FIRST: u32 = 0x6440_0010;

/// A VPC with links.
#[derive(Clone, Debug)]
pub struct Home {
    /// The VPC.
    pub vpc: usize,
    /// A linked CVM.
    pub linked: Option<Id>,
    /// A CVM of the region without a link.
    pub free: Option<Id>,
    /// Its endpoint connection to a classic database.
    pub connection: Option<Id>,
}

impl Builder {
    /// Places the classic CVMs; one in four stays without a link.
    pub fn classic(&mut self, machines: Vec<Fleet>) {
        let mut dice = Dice::new(self.options.seed, 11);
        let eligible = self.grounds.iter().filter(|ground| ground.may_link());
        let eligible = eligible.map(|ground| ground.number as usize).take(VPCS);
        let homes = eligible.map(|vpc| Home { vpc, linked: None, free: None, connection: None });
        let mut homes: Vec<Home> = homes.collect();
        if homes.is_empty() || machines.is_empty() {
            return;
        }
        let mut next = FIRST;
        let mut address = || {
            next += 1;
            IpAddr::V4(Ipv4Addr::from_bits(next))
        };
        let at = homes.len();
        for (number, fleet) in machines.into_iter().enumerate() {
            let home = &mut homes[number % at];
            let id = Id::from(format!("ins-classic-{number}"));
            let ip = address();
            let public_ip = dice.chance(10).then(|| self.public());
            let instance = ClassicInstance {
                meta: self.owned(home.vpc),
                region: self.grounds[home.vpc].region.to_owned(),
                ip,
                public_ip,
                security_groups: fleet.groups.iter().map(|group| group_id(*group)).collect(),
                state: State::Running,
            };
            self.network.classic_instances.insert(id.clone(), instance);
            let vpc = &self.grounds[home.vpc].id;
            let links = self.network.classic_links.entry(vpc.clone()).or_default();
            // the first is linked, the second is not, then it is as the dice fall
            let is_linked = home.linked.is_none() || (home.free.is_some() && dice.chance(75));
            if is_linked && links.len() < CLASSIC_LINKS.most {
                links.push(ClassicLink { instance: id.clone(), address: ip });
                home.linked.get_or_insert(id);
            } else if public_ip.is_none() {
                home.free.get_or_insert(id);
            }
        }
        for home in &mut homes {
            let number = home.vpc;
            let database = Id::from(format!("cdb-classic-{number}"));
            let Some(vip) = self.grounds[number].first().keep() else {
                continue;
            };
            let entity = ClassicDatabase {
                meta: self.owned(number),
                region: self.grounds[number].region.to_owned(),
                ip: address(),
                engine: Engine::MySql,
                port: Engine::MySql.default_port(),
            };
            self.network.classic_databases.insert(database.clone(), entity);
            let connection = Id::from(format!("epc-{number}"));
            let entity = EndpointConnection {
                meta: Meta::default(),
                vpc: self.grounds[number].id.clone(),
                vip: vip.into(),
                target: database,
            };
            self.network.endpoint_connections.insert(connection.clone(), entity);
            home.connection = Some(connection);
        }
        self.network.classic_links.retain(|_, links| !links.is_empty());
        self.facts.linked = homes;
    }
}
