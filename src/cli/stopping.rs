//! How a server stops: it says so for a while and goes on answering, takes no further connection, answers what it has
//! taken, and ends.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::ServerHandle;
#[cfg(target_os = "linux")]
use socket2::{SockFilter, SockRef};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use crate::base::http::drain::Drain;

/// Time for connections that are on their way: from the kernel to the accepting thread, and from there to a worker.
const HANDOVER: Duration = Duration::from_millis(100);

/// What a TCP header must look like for the listener to see it: the bits SYN and ACK (byte 13) of every packet but the
/// first of a connection. In the kernel's classic packet filter: load the byte, keep the two bits, refuse SYN alone.
#[cfg(target_os = "linux")]
const NO_FIRST_PACKETS: [SockFilter; 5] = [
    SockFilter::new(0x30, 0, 0, 13),
    SockFilter::new(0x54, 0, 0, 0x12),
    SockFilter::new(0x15, 0, 1, 0x02),
    SockFilter::new(0x06, 0, 0, 0),
    SockFilter::new(0x06, 0, 0, u32::MAX),
];

/// The signals that ask a process to end.
pub(super) struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
}

/// Which of them came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum EndSignal {
    Terminate,
    Interrupt,
    Quit,
}

impl EndSignals {
    /// Listens to them from now on; they no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system does not let it.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    async fn next(&mut self) -> EndSignal {
        std::future::poll_fn(|context| {
            let signals = [
                (&mut self.terminate, EndSignal::Terminate),
                (&mut self.interrupt, EndSignal::Interrupt),
                (&mut self.quit, EndSignal::Quit),
            ];
            for (signal, name) in signals {
                if signal.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(name);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// Stops the server when a signal comes: SIGTERM after so many seconds in which load balancers learn of it, SIGINT and
/// SIGQUIT at once. A second signal ends the waiting; it returns when there is nothing to wait for any more. `at_last` is
/// called once nothing new is begun.
pub(super) async fn stop_when_told(
    mut signals: EndSignals,
    server: ServerHandle,
    listener: TcpListener,
    drain: Drain,
    seconds: u64,
    at_last: impl FnOnce(),
) {
    let told = signals.next().await;
    drain.begin();
    if told == EndSignal::Terminate && seconds > 0 {
        log::info!("SIGTERM: for {seconds} s /readyz answers 503 and connections are closed after their answers");
        let drained = std::pin::pin!(sleep(Duration::from_secs(seconds)));
        futures_util::future::select(drained, std::pin::pin!(signals.next())).await;
    }
    log::info!("stopping: no further connection is taken");
    turn_away(&listener);
    at_last();
    sleep(HANDOVER).await;
    server.pause().await;
    sleep(HANDOVER).await;
    // Whether it has stopped, the server itself says.
    drop(server.stop(true));
    signals.next().await;
}

/// Lets no new connection begin, while those that have begun can still be accepted: a listener that is closed resets
/// whatever the kernel has taken for it.
#[cfg(target_os = "linux")]
fn turn_away(listener: &TcpListener) {
    if let Err(error) = SockRef::from(listener).attach_filter(&NO_FIRST_PACKETS) {
        log::debug!("new connections cannot be turned away before the listener is closed: {error}");
    }
}

/// Elsewhere than on Linux a connection of the last moment is reset.
#[cfg(not(target_os = "linux"))]
fn turn_away(_listener: &TcpListener) {}
