//! Classic links that carry nothing: stale ones (CL-18), and those of CVMs that do not run (CL-19).

use super::{Fact, Finding, Subject};
use crate::model::{Place, State};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let network = subject.network;
    for (vpc, links) in &network.classic_links {
        for (index, link) in links.iter().enumerate() {
            let place = Place::item(vpc, "classic_links", index);
            let instance = network.classic_instances.get(&link.instance);
            let fact = if !network.is_live(link) {
                Fact::ClassicLinkStale {
                    vpc: vpc.clone(),
                    instance: link.instance.clone(),
                    linked: Some(link.address).filter(|address| !address.is_unspecified()),
                    now: instance.map(|instance| instance.ip),
                }
            } else if let Some(instance) = instance.filter(|it| it.state != State::Running) {
                Fact::ClassicLinkIdle {
                    vpc: vpc.clone(),
                    instance: link.instance.clone(),
                    state: instance.state,
                }
            } else {
                continue;
            };
            let other = Place::of(&link.instance);
            found.push(Finding::at(place, fact).with([other]));
        }
    }
}
