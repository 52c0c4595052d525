//! Tells pages when files have changed on the disk: as long as a page is open, the files are looked at now and then.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::sse::Event;
use futures_core::Stream;
use tokio::sync::mpsc;

use super::Site;
use crate::ask::Resident;

/// So often.
const PAUSE: Duration = Duration::from_millis(300);

/// A page that listens hears something so often, so that a connection that is dead is noticed.
const BEAT: Duration = Duration::from_secs(20);

/// Looks at the files while a page listens.
pub(super) async fn look(site: Arc<Site>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if site.seen.receiver_count() == 0 {
            continue;
        }
        if let Some(state) = site.work(Resident::state).await {
            let state = state.to_string();
            site.seen.send_if_modified(|seen| {
                let is_new = *seen != state;
                *seen = state;
                is_new
            });
        }
    }
}

/// What one page hears.
pub(super) struct Changes(mpsc::Receiver<Event>);

impl Changes {
    pub(super) fn of(site: &Site) -> Self {
        let (tell, hear) = mpsc::channel(1);
        let mut seen = site.seen.subscribe();
        let mut end = site.end.clone();
        tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    changed = seen.changed() => match changed {
                        Ok(()) => Event::default().event("files").data(&*seen.borrow_and_update()),
                        Err(_) => return,
                    },
                    () = tokio::time::sleep(BEAT) => Event::default().comment(""),
                    _ = end.changed() => return,
                    () = tell.closed() => return,
                };
                if tell.send(event).await.is_err() {
                    return;
                }
            }
        });
        Self(hear)
    }
}

impl Stream for Changes {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
