//! Realistic networks of any size from a seed, for measurements and tests.
//!
//! The same [`Options`] give the same network on every machine. What comes out exists in the cloud as it is: no limit is
//! broken, no quota nearly used up, and nothing in it looks wrong to a lint. How things are distributed:
//!
//! | what | how |
//! |---|---|
//! | accounts, regions | 17 VPCs an account and region; four regions in turn; accounts are named from 69 VPCs on |
//! | VPCs | small, usual and large ones, 1 : 2 : 3 : 6 machines; blocks of 10.0.0.0/8, a /16 where there is room |
//! | secondary CIDRs | in a quarter of the VPCs with two subnets and more, a /20 of 172.16.0.0/12 with one subnet |
//! | subnets | one for every 10 fleets, at most 89 a VPC; large enough for an eighth more |
//! | fleets | equal machines (same subnet, same groups): 1 to 70, 25 on average; written as one instance group, or one by one (`singles` percent, one in twenty of these with an EIP) |
//! | security groups | `Mixed`: one in five shared among four VPCs in a row, the others of one VPC; a fleet has one of its VPC, 60 % one shared group more, 10 % two |
//! | | `Shared`: all shared; a fleet has one, 50 % two, 20 % a third. `Private`: each of one VPC; a fleet has one, 20 % two |
//! | rules | 8 to 9 a group: subnets and blocks of its VPC, one in ten of another VPC, rows of bastions (/28), other groups, templates, everybody to web ports; egress open to 55 %, else listed |
//! | network ACLs | one in 60 % of the VPCs with two subnets and more, guarding a third of them, never the first |
//! | CCNs | one for the first half of each cell of four and more VPCs, with a site behind Direct Connect or VPN |
//! | peerings | the other half in a row, 25 % also with the next but one; the row with the CCN's first VPC; routes on both sides; a CCN joins a VPC of each region of an account |
//! | VPN, Direct Connect | in 15 % and 10 % of the VPCs outside CCNs; at most 256 sites, a /24 of 192.168.0.0/16 each |
//! | NAT gateways | in 70 % of the VPCs, with 1 to 3 EIPs; 25 % with an SNAT rule, 40 % with a forwarded port |
//! | databases, load balancers | one for every two and every three subnets, at most 10 a VPC; a third of the load balancers public |
//! | classic network | one machine in 50, at most 400; in up to eight VPCs that may have links, three of four are linked; a database and an endpoint connection each |
//! | expectations | up to three of every kind, true by construction |
//!
//! | file | what |
//! |---|---|
//! | `dice` | numbers |
//! | `fleet`, `ground` | how many machines with which groups; where they lie |
//! | `machine`, `filter`, `wire`, `classic` | the sections of the network |
//! | `demand` | whom groups have, and what they have to let in |
//! | `promise` | what is expected of it |
//!
//! Deliberately not here: text, files and terminals.

mod classic;
mod demand;
mod dice;
mod filter;
mod fleet;
mod ground;
mod machine;
mod promise;
mod wire;

use std::fmt;

use crate::id::Id;
use crate::model::{Account, InstanceGroup, Meta, Network, Route, Service, SupportedPlatforms};
use classic::Home;
use ground::Ground;
use machine::Face;

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many CVMs, in VPCs and in the classic network together.
    pub instances: u32,
    /// How many VPCs.
    pub vpcs: u32,
    /// How many security groups.
    pub groups: u32,
    /// Which of all such networks.
    pub seed: u64,
    /// How groups are bound.
    pub shape: Shape,
    /// How many fleets in a hundred are written one machine at a time.
    pub singles: u32,
}

/// How security groups are bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Neighbouring VPCs share all groups.
    Shared,
    /// Every group belongs to one VPC.
    Private,
    /// One in five is shared.
    #[default]
    Mixed,
}

/// Why there is no such network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.help)
    }
}

impl std::error::Error for Impossible {}

/// A generated network.
#[derive(Clone, Debug)]
pub struct Region {
    /// The network.
    pub network: Network,
    /// What holds in it.
    pub promises: Vec<Promise>,
}

/// What a network holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Instances, one by one and in groups, in VPCs and in the classic network.
    pub instances: usize,
    /// VPCs.
    pub vpcs: usize,
    /// Security groups.
    pub groups: usize,
    /// Rules of security groups and network ACLs.
    pub rules: usize,
    /// Expectations.
    pub promises: usize,
}

impl Region {
    /// What it holds.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let network = &self.network;
        let groups = network.instance_groups.values();
        let rules = network.security_groups.values();
        let acls = network.network_acls.values();
        Counts {
            instances: network.instances.len()
                + network.classic_instances.len()
                + groups.map(InstanceGroup::count).sum::<usize>(),
            vpcs: network.vpcs.len(),
            groups: network.security_groups.len(),
            rules: rules
                .map(|group| group.ingress.len() + group.egress.len())
                .chain(acls.map(|acl| acl.ingress.len() + acl.egress.len()))
                .sum(),
            promises: self.promises.len(),
        }
    }
}

/// Something that holds in a generated network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// What works.
    pub works: Works,
    /// Who opens: an endpoint, a site, `internet`.
    pub from: Id,
    /// Who is meant.
    pub to: Id,
    /// What is asked for.
    pub service: Service,
    /// A reason code that is among the reasons.
    pub because: Option<&'static str>,
}

/// Which connections work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Works {
    /// All.
    All,
    /// None.
    Nothing,
}

impl Options {
    /// Whether there is such a network.
    fn check(&self) -> Result<(), Impossible> {
        let parts = [
            (self.instances, 4_000_000, "instance"),
            (self.vpcs, 100_000, "VPC"),
            (self.groups, 1_000_000, "security group"),
        ];
        for (count, most, what) in parts {
            if count == 0 {
                return Err(Impossible {
                    message: format!("a network needs at least one {what}"),
                    help: "ask for 1 or more of instances, VPCs and groups".to_owned(),
                });
            }
            if count > most {
                return Err(Impossible {
                    message: format!("{count} {what}s are more than this makes"),
                    help: format!("ask for {most} at most"),
                });
            }
        }
        let most = u64::from(self.groups) * u64::from(fleet::MEMBERS);
        if u64::from(self.instances) > most {
            let least = self.instances.div_ceil(fleet::MEMBERS);
            return Err(Impossible {
                message: format!(
                    "{} instances do not fit into {} security groups of {} members each (SG-15)",
                    self.instances,
                    self.groups,
                    fleet::MEMBERS
                ),
                help: format!("ask for {least} groups at least"),
            });
        }
        Ok(())
    }
}

/// Generates a network.
///
/// # Errors
///
/// When the cloud has no network of that size.
pub fn generate(options: &Options) -> Result<Region, Impossible> {
    options.check()?;
    let fleets = fleet::fleets(options);
    let grounds = ground::grounds(options, fleets.vpcs)?;
    let mut builder = Builder {
        options: *options,
        network: Network::default(),
        routes: vec![Vec::new(); grounds.len()],
        faces: vec![Vec::new(); grounds.len()],
        grounds,
        publics: PUBLIC,
        sites: 0,
        facts: Facts::default(),
    };
    builder.accounts();
    builder.land();
    builder.machines();
    builder.databases();
    builder.balancers();
    builder.cells();
    builder.nat();
    builder.templates();
    builder.groups();
    builder.acls();
    builder.tables();
    builder.classic(fleets.classic);
    let promises = builder.promises();
    let network = builder.network;
    Ok(Region { network, promises })
}

/// Public addresses are counted up from here, 43.128.0.0; the number means nothing.
const PUBLIC: u32 = 0x2b80_0000;

/// A network that grows.
struct Builder {
    options: Options,
    network: Network,
    grounds: Vec<Ground>,
    /// Of each VPC: the routes of its main table.
    routes: Vec<Vec<Route>>,
    /// Of each VPC: some machines of each subnet.
    faces: Vec<Vec<Face>>,
    /// The last public address that is taken.
    publics: u32,
    /// How many sites there are.
    sites: u32,
    facts: Facts,
}

/// What expectations are made of. VPCs are told by number.
#[derive(Debug, Default)]
struct Facts {
    peered: Vec<(usize, usize)>,
    ccns: Vec<Vec<usize>>,
    nats: Vec<usize>,
    /// VPCs with a gateway to a site.
    sites: Vec<(usize, Id)>,
    /// Databases without groups, with their ports.
    databases: Vec<(usize, Id, u16)>,
    /// Public load balancers without groups that pass to their targets.
    doors: Vec<Id>,
    linked: Vec<Home>,
}

impl Builder {
    /// The accounts, unless there is only one.
    fn accounts(&mut self) {
        for ground in &self.grounds {
            if let Some(id) = &ground.account {
                let meta = Meta::default();
                let supported_platforms = SupportedPlatforms::Classic;
                let account = Account { meta, supported_platforms };
                self.network.accounts.entry(id.clone()).or_insert(account);
            }
        }
    }
}
