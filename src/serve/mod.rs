//! `pathproof serve`: a page to ask with, and the same questions over HTTP with JSON.
//!
//! | module | what it does |
//! |---|---|
//! | `door` | who may ask, and what every answer carries |
//! | `paths` | what is answered where |
//! | `desk` | who works on a question, and for how long |
//! | `events` | tells pages when files have changed |
//!
//! A question is answered by what is resident ([`crate::ask`]), on a thread of its own, about as many at once as there are cores.
//! Who closes the connection has no answer any more, and nobody works on it.
//! No request changes anything.

mod desk;
mod door;
mod events;
mod paths;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::ask::Resident;
use desk::Desks;

/// So long may a question that is being answered go on when the server is to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// So many questions are answered at once, however few cores there are.
const FEWEST: usize = 4;

/// What all requests share.
struct Site {
    resident: Resident,
    desks: Desks,
    /// The files as they were seen last, for pages that are open.
    seen: watch::Sender<String>,
    /// Closed when the server is to end.
    end: watch::Receiver<()>,
    /// Where the server listens.
    address: SocketAddr,
}

/// Everything that is answered, behind the door.
fn router(site: &Arc<Site>) -> Router {
    let guard = axum::middleware::from_fn_with_state(Arc::clone(site), door::guard);
    paths::routes(Arc::clone(site)).layer(guard)
}

/// Serves until it is told to end. `ready` hears where, once it listens.
///
/// # Errors
///
/// If it cannot listen there.
pub fn serve(
    resident: Resident,
    address: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), std::io::Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    // Two long questions are not to keep everybody else waiting.
    let desks = cores.max(FEWEST);
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (told, end) = watch::channel(());
        let site = Arc::new(Site {
            resident,
            desks: Desks::new(desks),
            seen: watch::Sender::new(String::new()),
            end: end.clone(),
            address,
        });
        tokio::spawn(events::look(Arc::clone(&site)));
        // Before anybody can know that it listens: a signal that comes early ends it as well.
        let asked = ended()?;
        ready(address);
        let mut graceful = end.clone();
        let server = axum::serve(listener, router(&site)).with_graceful_shutdown(async move {
            let _ = graceful.changed().await;
        });
        let late = async {
            asked.await;
            let _ = told.send(());
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! {
            served = server => served,
            () = late => Ok(()),
        }
    });
    runtime.shutdown_background();
    served
}

/// What ends with the first signal that asks for the end.
#[cfg(unix)]
fn ended() -> Result<impl Future<Output = ()>, std::io::Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What ends with the first signal that asks for the end.
#[cfg(not(unix))]
fn ended() -> Result<impl Future<Output = ()>, std::io::Error> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
