//! Who works on a question: so many at once, each on a thread of its own, and none for somebody who has left.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::Site;
use crate::ask::{Asker, Resident, Wanted};

/// Places to work at.
pub(super) struct Desks {
    free: Arc<Semaphore>,
    /// One for each place that was ever taken, less those that are taken now.
    askers: Mutex<Vec<Asker>>,
}

impl Desks {
    pub(super) fn new(count: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), askers: Mutex::default() }
    }

    fn take(&self) -> Asker {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        askers.pop().unwrap_or_default()
    }

    fn give_back(&self, asker: Asker) {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        askers.push(asker);
    }
}

/// Calls a question off when nobody waits for it any more: the server drops what it does for a connection that is closed.
struct Waiting(Wanted);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.call_off();
    }
}

impl Site {
    /// Works on a thread of its own, when a place is free; none if that failed, which is a bug. The place is free again when
    /// the work has ended, not when somebody leaves.
    pub(super) async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Resident) -> T + Send + 'static,
    ) -> Option<T> {
        let place = Arc::clone(&self.desks.free).acquire_owned().await.ok()?;
        let mut asker = self.desks.take();
        let wanted = asker.ask();
        let _waiting = Waiting(wanted);
        let site = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&site.resident.while_wanted(wanted));
            site.desks.give_back(asker);
            drop(place);
            done
        });
        done.await.ok()
    }
}
