//! Quotas of which nine tenths or more are used.

use super::{Fact, Finding, Subject};
use crate::model::quotas;

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (usage, place) in quotas(subject.network) {
        found.push(Finding::at(place, Fact::QuotaNear { usage }));
    }
}
