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
}
