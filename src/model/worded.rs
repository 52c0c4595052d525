//! Values that a scenario writes as one word.

use super::{
    CcnBandwidth, CcnPublication, Engine, IsolationReason, MigrationKind, NatKind, PeeringState,
    State, SupportedPlatforms, VpcEndpointState,
};
use crate::space::Action;

/// A value that is written as one word.
pub trait Worded: Copy + PartialEq + 'static {
    /// All of them with their words.
    const WORDS: &'static [(&'static str, Self)];

    /// Its word.
    fn word(self) -> &'static str;
}

/// Words are the names of the variants; a variant without a word does not compile.
macro_rules! worded {
    ($($type:ident: $($word:ident)+;)+) => {
        $(impl Worded for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$((stringify!($word), Self::$word)),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$word => stringify!($word),)+
                }
            }
        })+
    };
}

worded! {
    Action: Accept Drop;
    CcnBandwidth: Configured Missing;
    CcnPublication: Subnets Cidrs;
    Engine: MySql Redis MongoDb Memcached MariaDb SqlServer PostgreSql TdSql;
    IsolationReason: Arrears Security;
    MigrationKind: Cold Failure;
    NatKind: Traditional Standard;
    PeeringState: Active Pending;
    State: Running Stopped Isolated IsolatedStopped;
    SupportedPlatforms: Classic OnlyVpc;
    VpcEndpointState: Available Pending;
}
