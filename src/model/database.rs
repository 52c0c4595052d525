//! Databases in a VPC (DB-1..8).

use std::net::IpAddr;

use super::Meta;
use crate::id::Id;

/// The product, which decides the port it serves (D20-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "product names")]
pub enum Engine {
    MySql,
    Redis,
    MongoDb,
    Memcached,
    MariaDb,
    SqlServer,
    PostgreSql,
    TdSql,
}

impl Engine {
    /// The TCP port it serves unless told otherwise (D20-8).
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::MySql | Self::MariaDb | Self::TdSql => 3306,
            Self::PostgreSql => 5432,
            Self::SqlServer => 1433,
            Self::Redis => 6379,
            Self::MongoDb => 27017,
            Self::Memcached => 9101,
        }
    }

    /// Whether a classic CVM's groups leave traffic with it unfiltered in the classic network
    /// (SG-18, D20-8).
    #[must_use]
    pub fn is_exempt_in_classic(self) -> bool {
        matches!(self, Self::MySql | Self::Redis | Self::Memcached)
    }
}

/// A database instance with an address in a subnet. It never opens connections (DB-3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Its subnet.
    pub subnet: Id,
    /// Its address.
    pub ip: IpAddr,
    /// The product.
    pub engine: Engine,
    /// The TCP port it serves.
    pub port: u16,
    /// Bound groups in order; none = everything admitted (DB-4).
    pub security_groups: Vec<Id>,
    /// Addresses from before a move that still answer (MIG-6).
    pub old_vips: Vec<OldVip>,
}

/// An address that a database had before it moved and that answers for a while yet (MIG-6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldVip {
    /// Where it stands.
    pub network: OldNetwork,
    /// The address.
    pub ip: IpAddr,
    /// How long it still answers.
    pub hours_left: u32,
}

/// Where a database stood before it moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OldNetwork {
    /// In the classic network of its region.
    Classic,
    /// In a VPC.
    Vpc(Id),
}

impl Database {
    /// Whether it is still reached in the classic network.
    #[must_use]
    pub fn is_still_classic(&self) -> bool {
        let mut old = self.old_vips.iter();
        old.any(|old| old.network == OldNetwork::Classic)
    }
}

/// How long a product keeps a database's old address (MIG-6), in hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// Unless told otherwise.
    pub default: u32,
    /// What may be told.
    pub allowed: Hours,
}

/// Numbers of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// From none to this many.
    UpTo(u32),
    /// One of these.
    OneOf(&'static [u32]),
}

impl Hours {
    /// Whether a number is among them.
    #[must_use]
    pub fn allows(self, hours: u32) -> bool {
        match self {
            Self::UpTo(most) => hours <= most,
            Self::OneOf(some) => some.contains(&hours),
        }
    }

    /// The most of them.
    #[must_use]
    pub fn most(self) -> u32 {
        match self {
            Self::UpTo(most) => most,
            Self::OneOf(some) => some.iter().copied().max().unwrap_or(0),
        }
    }
}

impl Engine {
    /// How long the old address answers after a move; `None` = the documents know no move of this product (MIG-6, MIG-7).
    #[must_use]
    pub fn keeping(self) -> Option<Keeping> {
        let (default, allowed) = match self {
            Self::MySql | Self::TdSql => (24, Hours::UpTo(168)),
            Self::MariaDb => (24, Hours::OneOf(&[24])),
            Self::Redis => (0, Hours::OneOf(&[0, 24, 48, 72, 168, 360])),
            Self::MongoDb => (0, Hours::OneOf(&[0])),
            Self::Memcached | Self::SqlServer | Self::PostgreSql => return None,
        };
        Some(Keeping { default, allowed })
    }
}
