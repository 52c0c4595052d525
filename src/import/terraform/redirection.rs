//! Redirections of load balancers: a listener that only redirects answers itself (CLB-18).

use super::{Import, Spots};

use super::service::{BALANCER, LISTENER};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::import::document::Spot;
use crate::model::{Kind, Listener, ListenerProtocol};
use crate::space::IntervalSet;

const REDIRECTION: &str = "tencentcloud_clb_redirection";
const RULE: &str = "tencentcloud_clb_listener_rule";

impl Import<'_> {
    /// Once all targets are known.
    pub(super) fn redirections(&mut self) {
        for index in self.of_kind(REDIRECTION) {
            let spots = Spots::part(Spot::Section(Kind::LoadBalancer));
            let Some(balancer) = self.must(index, "clb_id", BALANCER, &spots) else {
                continue;
            };
            let balancer = self.id(balancer);
            match self.redirection(index, &balancer) {
                Ok(()) => self.joins(index, &balancer),
                Err(why) => self.open(index, &balancer, why),
            }
        }
    }

    fn redirection(&mut self, index: usize, balancer: &Id) -> Result<(), Words> {
        let untold =
            || Words::new("which listeners it joins is not known", "无法得知它关联哪些监听器");
        let target = self.input.one(index, "target_listener_id", LISTENER);
        let target = target.ok().flatten().ok_or_else(untold)?;
        let target = self.listener(target.value)?;
        let port = target.ports.first().filter(|_| target.protocol.is_web());
        let port = port.ok_or_else(|| {
            Words::new(
                "the listener that it leads to is neither HTTP nor HTTPS",
                "其目标监听器既非 HTTP 也非 HTTPS",
            )
        })?;
        let source = self.input.one(index, "source_listener_id", LISTENER);
        let source = source.map_err(|_| untold())?.map(|found| found.value);
        let from = match source {
            Some(source) => self.listener(source)?,
            // an automatic one makes the listener that it leads from, unless it is there
            None => Listener {
                protocol: ListenerProtocol::Http,
                ports: IntervalSet::single(80),
                targets: Vec::new(),
                redirects_to: None,
            },
        };
        let mixed = || {
            Words::new(
                "only some requests of its listener are redirected, which nobody tells by a packet",
                "只有部分请求被重定向，无法按报文区分",
            )
        };
        if source.is_some_and(|source| !self.redirects_wholly(source)) {
            return Err(mixed());
        }
        let listeners = self.listeners_of(balancer).ok_or_else(untold)?;
        let mut known = listeners.iter_mut();
        let known = known.find(|it| {
            it.protocol.transport() == from.protocol.transport() && it.ports == from.ports
        });
        match known {
            Some(it)
                if it.targets.is_empty()
                    && it.protocol.is_web()
                    && (source.is_some() || it.redirects_to.is_some()) =>
            {
                it.redirects_to = Some(port);
            }
            Some(_) => return Err(mixed()),
            None => listeners.push(Listener { redirects_to: Some(port), ..from }),
        }
        Ok(())
    }

    /// Whether each rule of a listener has a redirection of its own.
    fn redirects_wholly(&self, listener: usize) -> bool {
        let of = |index: usize, attribute: &str| {
            let found = self.input.one(index, attribute, LISTENER);
            found.map(|found| found.map(|found| found.value))
        };
        // one whose listener nobody can tell may be a rule of this
        let rules = self.input.of_kind(RULE);
        let rules = rules
            .filter(|rule| !matches!(of(*rule, "listener_id"), Ok(Some(it)) if it != listener));
        let sent = self.input.of_kind(REDIRECTION);
        let sent = sent
            .filter(|it| matches!(of(*it, "source_listener_id"), Ok(Some(it)) if it == listener));
        rules.count() <= sent.count()
    }
}
