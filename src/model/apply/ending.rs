//! What ends after a move: `ReleaseOldVip` and `Advance` end old addresses, and endpoint connections to them with them
//! (MIG-8); `SwitchName` lets a name lead to somebody else (MIG-10).

use super::super::{Kind, Network};
use super::{Performed, Refusal, Topic, need};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// MIG-8: the old addresses of a database end.
pub(super) fn release(network: &mut Network, id: &Id) -> Performed {
    let wanted = &[Kind::Database, Kind::ClassicDatabase];
    need(network, id, wanted)?;
    let database = network.databases.get_mut(id);
    let Some(database) = database.filter(|it| !it.old_vips.is_empty()) else {
        let message =
            Words::new(format!("`{id}` has no old address"), format!("`{id}` 没有旧地址"));
        return Err(Refusal::new(Code::InvalidValue, message));
    };
    database.old_vips.clear();
    forget_connections(network);
    Ok(&[])
}

/// MIG-8: hours pass, and old addresses whose time is up end.
pub(super) fn advance(network: &mut Network, hours: u32) -> &'static [Topic] {
    network.databases.change(
        |database| !database.old_vips.is_empty(),
        |database| {
            for old in &mut database.old_vips {
                old.hours_left = old.hours_left.saturating_sub(hours);
            }
            database.old_vips.retain(|old| old.hours_left > 0);
        },
    );
    forget_connections(network);
    &[]
}

/// MIG-8: an endpoint connection ends with the classic address that it leads to.
pub(super) fn forget_connections(network: &mut Network) {
    let databases = &network.databases;
    let ended = |target: &Id| databases.get(target).is_some_and(|it| !it.is_still_classic());
    network.endpoint_connections.forget(|_, connection| ended(&connection.target));
}

/// MIG-10: clients that use the name find somebody else.
pub(super) fn switch_name(network: &mut Network, name: &Id, to: &Id) -> Performed {
    if !network.names.contains_key(name) {
        let message =
            Words::new(format!("there is no name `{name}`"), format!("没有名称 `{name}`"));
        return Err(Refusal::new(Code::UnknownId, message));
    }
    need(network, to, Kind::NAMED)?;
    network.names.insert(name.clone(), to.clone());
    Ok(&[])
}
