//! Who owns what: accounts are inherited from the VPC (D20-16), and some have no classic network
//! (CL-26).

use super::super::lookup::DEFAULT_ACCOUNT;
use super::super::{Entity, Network, Place, Section, SupportedPlatforms, Violation, sections};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    macro_rules! inherited {
        ($($section:ident: $kind:ident $row:tt)+) => {
            $(inherited(network, &network.$section, found);)+
        };
    }
    sections!(inherited);
    let mut accounts = network.accounts.values();
    if !accounts.any(|it| it.supported_platforms == SupportedPlatforms::OnlyVpc) {
        return;
    }
    macro_rules! classic {
        ($($section:ident: $kind:ident $row:tt)+) => {
            $(classic(network, &network.$section, found);)+
        };
    }
    sections!(classic);
}

/// D20-16: what lies in a VPC belongs to the VPC's account.
fn inherited<E: Entity>(network: &Network, section: &Section<E>, found: &mut Vec<Violation>) {
    for (id, entity) in section {
        let Some(account) = &entity.meta().account else {
            continue;
        };
        let Some(vpc) = network.vpc_at(entity.lies()) else {
            continue;
        };
        let owner = network.account_of(vpc.as_str());
        if owner != account.as_str() {
            let message = Words::new(
                format!("`{id}` cannot belong to `{account}`: it lies in `{vpc}` of `{owner}`"),
                format!("`{id}` 不能属于账号 `{account}`：它位于 `{owner}` 的私有网络 `{vpc}` 中"),
            );
            let place = Place::field(id, "account");
            let violation = Violation::error(Code::InvalidValue, place, message)
                .with_other(Place::of(vpc), Words::here(vpc));
            found.push(violation.with_help(Words::new(
                "leave `account` out: it is inherited from the VPC",
                "请删去 `account`：账号从私有网络继承",
            )));
        }
    }
}

/// CL-26: an account registered for VPCs only has nothing in the classic network.
fn classic<E: Entity>(network: &Network, section: &Section<E>, found: &mut Vec<Violation>) {
    if !E::KIND.is_classic() {
        return;
    }
    for (id, entity) in section {
        let (account, place) = match &entity.meta().account {
            Some(account) => (account.as_str(), Place::field(id, "account")),
            None => (DEFAULT_ACCOUNT, Place::of(id)),
        };
        found.extend(only_vpc(network, id, account, place));
    }
}

fn only_vpc(network: &Network, id: &Id, account: &str, place: Place) -> Option<Violation> {
    let (account, entity) = network.accounts.get_key_value(account)?;
    let platforms = entity.supported_platforms;
    (platforms == SupportedPlatforms::OnlyVpc).then(|| {
        let message = Words::new(
            format!("`{id}` is in the classic network, and `{account}` has VPCs only"),
            format!("`{id}` 属于基础网络，而账号 `{account}` 仅支持私有网络"),
        );
        let other = Place::field(account, "supported_platforms");
        Violation::error(Code::AccountVpcOnly, place, message).with_other(
            other,
            Words::new(format!("`{account}` is declared here"), format!("`{account}` 在此声明")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{breaks, id};
    use super::*;
    use crate::model::Account;
    use crate::model::Meta;

    fn declare(network: &mut Network, name: &str, supported_platforms: SupportedPlatforms) {
        let meta = Meta::default();
        network.accounts.insert(id(name), Account { meta, supported_platforms });
    }

    #[test]
    fn what_lies_in_a_vpc_belongs_to_its_account() {
        let account = |vpc: &'static str, subnet: &'static str| {
            move |network: &mut Network| {
                network.vpcs[&id("vpc-two")].meta.account = Some(id(vpc));
                network.subnets[&id("subnet-two")].meta.account = Some(id(subnet));
            }
        };
        breaks(account("ann", "ann"), &[]);
        breaks(account("ann", "tom"), &[Code::InvalidValue]);
    }

    #[test]
    fn an_account_for_vpcs_only_has_nothing_in_the_classic_network() {
        let own = |network: &mut Network| {
            declare(network, "new", SupportedPlatforms::OnlyVpc);
            network.classic_databases[&id("cdb-old")].meta.account = Some(id("new"));
        };
        breaks(own, &[Code::AccountVpcOnly]);
        let other = |network: &mut Network| {
            declare(network, "new", SupportedPlatforms::OnlyVpc);
            network.vpcs[&id("vpc-two")].meta.account = Some(id("new"));
        };
        breaks(other, &[]);
    }

    #[test]
    fn the_default_account_may_be_for_vpcs_only() {
        let default = |network: &mut Network| {
            declare(network, "default", SupportedPlatforms::OnlyVpc);
            network.classic_databases.clear();
            network.classic_instances.swap_remove(&id("ins-free"));
        };
        breaks(default, &[Code::AccountVpcOnly]);
    }
}
