//! A relay in front of a server, which cuts a connection where a test wants it cut.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Relays connections to the server of a URL until a client sends something; then hands that on and
/// cuts the connection before the answer, so that the client cannot know what became of it.
///
/// Returns the URL of the relay, which lives as long as the test.
///
/// # Panics
/// When the URL has no host and port.
#[must_use]
pub fn cutting_at(url: &str, mark: &'static str) -> String {
    let (before, rest) = url.rsplit_once('@').expect("a URL with a user");
    let (server, path) = rest.split_once('/').expect("a URL with a path");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let server = server.to_owned();
    run("relay", move || {
        for client in listener.incoming().flatten() {
            if let Ok(server) = TcpStream::connect(&server) {
                relay(&client, &server, mark);
            }
        }
    });
    format!("{before}@127.0.0.1:{port}/{path}")
}

/// A relay that can be stopped, for a while or for good, and fail in more than one way.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    has_stopped: Arc<AtomicBool>,
    is_away: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<Relayed>>>,
    planned: Planned,
    listening: Mutex<Option<JoinHandle<()>>>,
}

/// A connection that is relayed.
#[derive(Debug)]
struct Relayed {
    client: TcpStream,
    is_silent: Arc<AtomicBool>,
}

/// How a connection fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Both sides see its end.
    Cut,
    /// Nothing arrives any more, and nobody is told: what is sent is acknowledged and lost.
    Silence,
}

/// Whose bytes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What clients send.
    Client,
    /// What the server answers.
    Server,
}

/// The fault that comes next, and after how many bytes of which side.
type Planned = Arc<Mutex<Option<(Side, usize, Fault)>>>;

/// Relays connections to the server of a URL; returns the URL of the relay, too.
///
/// # Panics
/// When the URL has no user, host and path, or there is no free port.
#[must_use]
pub fn relaying_url(url: &str) -> (Relay, String) {
    let (user, rest) = url.rsplit_once('@').expect("a URL with a user");
    let (server, path) = rest.split_once('/').expect("a URL with a path");
    let relay = relaying(server);
    let url = format!("{user}@{}/{path}", relay.host());
    (relay, url)
}

/// Relays connections to the server of that host and port.
///
/// # Panics
/// When there is no free port.
#[must_use]
pub fn relaying(server: &str) -> Relay {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let relaying = Relay {
        address: listener.local_addr().expect("an address"),
        has_stopped: Arc::default(),
        is_away: Arc::default(),
        connections: Arc::default(),
        planned: Arc::default(),
        listening: Mutex::default(),
    };
    let (server, has_stopped) = (server.to_owned(), Arc::clone(&relaying.has_stopped));
    let is_away = Arc::clone(&relaying.is_away);
    let (connections, planned) = (Arc::clone(&relaying.connections), Arc::clone(&relaying.planned));
    let listening = run("relay", move || {
        for client in listener.incoming().flatten() {
            if has_stopped.load(Ordering::Acquire) {
                break;
            }
            if is_away.load(Ordering::Acquire) {
                client.shutdown(Shutdown::Both).ok();
            } else if let Ok(server) = TcpStream::connect(&server) {
                let is_silent = Arc::default();
                counting(&client, &server, &planned, &is_silent);
                connections.lock().expect("no panic").push(Relayed { client, is_silent });
            }
        }
    });
    *relaying.listening.lock().expect("no panic") = Some(listening);
    relaying
}

impl Relay {
    /// Host and port.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// How many connections there have been.
    ///
    /// # Panics
    /// When the relay did.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.lock().expect("no panic").len()
    }

    /// Has a connection fail once so many further bytes of one side have been handed on; those that
    /// are made afterwards do not.
    ///
    /// # Panics
    /// When the relay did.
    pub fn fail_after(&self, side: Side, bytes: usize, fault: Fault) {
        *self.planned.lock().expect("no panic") = Some((side, bytes, fault));
    }

    /// Has no connection fail any more.
    ///
    /// # Panics
    /// When the relay did.
    pub fn fail_no_more(&self) {
        *self.planned.lock().expect("no panic") = None;
    }

    /// Whether a fault that was planned has not come about.
    ///
    /// # Panics
    /// When the relay did.
    #[must_use]
    pub fn is_failing_later(&self) -> bool {
        self.planned.lock().expect("no panic").is_some()
    }

    /// Has all connections that there are fall silent; those that are made afterwards work.
    ///
    /// # Panics
    /// When the relay did.
    pub fn fall_silent(&self) {
        for connection in &*self.connections.lock().expect("no panic") {
            connection.is_silent.store(true, Ordering::Release);
        }
    }

    /// Cuts all connections and takes no more.
    ///
    /// # Panics
    /// When the relay did.
    pub fn stop(&self) {
        self.has_stopped.store(true, Ordering::Release);
        // Wakes the listener, which then closes: from then on connections are refused.
        TcpStream::connect(self.address).ok();
        if let Some(listening) = self.listening.lock().expect("no panic").take() {
            listening.join().expect("the relay does not panic");
        }
        self.cut();
    }

    /// Cuts all connections, and all that are made until [`come_back`](Self::come_back).
    ///
    /// # Panics
    /// When the relay did.
    pub fn go_away(&self) {
        self.is_away.store(true, Ordering::Release);
        self.cut();
    }

    /// Takes connections again.
    pub fn come_back(&self) {
        self.is_away.store(false, Ordering::Release);
    }

    fn cut(&self) {
        for connection in &*self.connections.lock().expect("no panic") {
            connection.client.shutdown(Shutdown::Both).ok();
        }
    }
}

/// What waits for a connection that fell silent ends with the test, however that ends.
impl Drop for Relay {
    fn drop(&mut self) {
        self.go_away();
    }
}

fn relay(client: &TcpStream, server: &TcpStream, mark: &'static str) {
    let both = || (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    let (from, mut to) = both();
    run("relay-up", move || {
        let mut from = from;
        let mut buffer = vec![0; 65_536];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let sent = buffer.get(..length).unwrap_or_default();
            let is_marked = sent.windows(mark.len()).any(|part| part == mark.as_bytes());
            if is_marked {
                from.shutdown(Shutdown::Both).ok();
            }
            if to.write_all(sent).is_err() || is_marked {
                break;
            }
        }
        // The server reads to the end of what it was sent before it notices.
        to.shutdown(Shutdown::Write).ok();
    });
    let (mut to, from) = both();
    run("relay-down", move || {
        let mut from = from;
        // Either side may go at any time.
        std::io::copy(&mut from, &mut to).ok();
        to.shutdown(Shutdown::Both).ok();
    });
}

/// Relays a connection until a planned fault.
fn counting(
    client: &TcpStream,
    server: &TcpStream,
    planned: &Planned,
    is_silent: &Arc<AtomicBool>,
) {
    let copy = |stream: &TcpStream| stream.try_clone().expect("a socket");
    for (side, from, to) in [(Side::Client, client, server), (Side::Server, server, client)] {
        let (mut from, mut to) = (copy(from), copy(to));
        let (client, server) = (copy(client), copy(server));
        let (planned, is_silent) = (Arc::clone(planned), Arc::clone(is_silent));
        run("relay-counting", move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                if is_silent.load(Ordering::Acquire) {
                    continue;
                }
                let read = buffer.get(..length).unwrap_or_default();
                let (passing, fault) = passing(&planned, side, length);
                // Those that look for a fault find it before its bytes arrive.
                if fault == Some(Fault::Silence) {
                    is_silent.store(true, Ordering::Release);
                }
                if to.write_all(read.get(..passing).unwrap_or_default()).is_err() {
                    break;
                }
                if fault == Some(Fault::Cut) {
                    client.shutdown(Shutdown::Both).ok();
                    break;
                }
            }
            // A server reads to the end of what it was sent before it notices.
            let end = if side == Side::Client { Shutdown::Write } else { Shutdown::Both };
            to.shutdown(end).ok();
            if side == Side::Server {
                server.shutdown(Shutdown::Write).ok();
            }
        });
    }
}

/// How many of the bytes that came from one side are handed on, and what happens then.
fn passing(planned: &Planned, side: Side, length: usize) -> (usize, Option<Fault>) {
    let mut planned = planned.lock().expect("no panic");
    match &mut *planned {
        Some((counted, left, fault)) if *counted == side => {
            if *left > length {
                *left -= length;
                return (length, None);
            }
            let (passing, fault) = (*left, *fault);
            *planned = None;
            (passing, Some(fault))
        }
        _ => (length, None),
    }
}

fn run(name: &str, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).expect("a thread")
}
