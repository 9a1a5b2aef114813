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

/// A relay that can be stopped, for a while or for good.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    has_stopped: Arc<AtomicBool>,
    is_away: Arc<AtomicBool>,
    clients: Arc<Mutex<Vec<TcpStream>>>,
    listening: Mutex<Option<JoinHandle<()>>>,
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
        clients: Arc::default(),
        listening: Mutex::default(),
    };
    let (server, has_stopped) = (server.to_owned(), Arc::clone(&relaying.has_stopped));
    let is_away = Arc::clone(&relaying.is_away);
    let clients = Arc::clone(&relaying.clients);
    let listening = run("relay", move || {
        for client in listener.incoming().flatten() {
            if has_stopped.load(Ordering::Acquire) {
                break;
            }
            if is_away.load(Ordering::Acquire) {
                client.shutdown(Shutdown::Both).ok();
            } else if let Ok(server) = TcpStream::connect(&server) {
                relay(&client, &server, NEVER);
                clients.lock().expect("no panic").push(client);
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
        self.clients.lock().expect("no panic").len()
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
        for client in &*self.clients.lock().expect("no panic") {
            client.shutdown(Shutdown::Both).ok();
        }
    }
}

/// What no client sends.
const NEVER: &str = "\u{fdd0} never \u{fdd1}";

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

fn run(name: &str, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).expect("a thread")
}
