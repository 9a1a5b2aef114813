//! How much of the database one client, or one kind of request, may have at once.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::access::Rights;
use crate::{Pool, Problem};

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Requests that may use the database at once.
#[derive(Clone, Debug)]
pub struct Shares {
    /// Of one client: fewer than there are connections, so that others get one.
    each: usize,
    /// Lists that the database may have to read much for.
    heavy: Arc<Semaphore>,
    /// How long a request waits for its turn.
    patience: Duration,
    clients: Arc<Mutex<HashMap<Client, Arc<Semaphore>>>>,
}

/// Whose request it is: a token's, else an address's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Client {
    Bearer(Arc<str>),
    Address(IpAddr),
    Unknown,
}

impl Shares {
    /// Half of the connections for lists that may be much work, and as many as are said, else half
    /// of them, for one client.
    #[must_use]
    pub fn of(pool: Pool, each: Option<u32>) -> Self {
        let half = pool.connections.div_ceil(2).max(1);
        let number = |number: u32| usize::try_from(number.max(1)).unwrap_or(usize::MAX);
        Self {
            each: number(each.unwrap_or(half)),
            heavy: Arc::new(Semaphore::new(number(half))),
            patience: pool.patience,
            clients: Arc::default(),
        }
    }

    async fn of_client(&self, client: Client) -> Option<OwnedSemaphorePermit> {
        let share = {
            let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
            // Who has no request any more is forgotten.
            clients.retain(|_, share| Arc::strong_count(share) > 1);
            let share =
                clients.entry(client).or_insert_with(|| Arc::new(Semaphore::new(self.each)));
            Arc::clone(share)
        };
        in_time(share, self.patience).await
    }

    /// A turn for a list that may be much work.
    ///
    /// # Errors
    /// 503 when there is none in time.
    pub async fn heavy(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = in_time(Arc::clone(&self.heavy), self.patience).await;
        turn.ok_or_else(|| Problem::unavailable("busy", "too many searches are going on"))
    }
}

impl Default for Shares {
    fn default() -> Self {
        Self::of(Pool::default(), None)
    }
}

async fn in_time(share: Arc<Semaphore>, patience: Duration) -> Option<OwnedSemaphorePermit> {
    tokio::time::timeout(patience, share.acquire_owned()).await.ok()?.ok()
}

/// Lets each client have no more than its share.
pub async fn shared(State(shares): State<Shares>, request: Request, next: Next) -> Response {
    // Whether the process lives is asked for when all else hangs.
    if request.uri().path() == "/health" {
        return next.run(request).await;
    }
    let bearer = request.extensions().get::<Rights>().map(|rights| Arc::clone(&rights.name));
    let address = request.extensions().get::<Peer>().map(|Peer(address)| network(address.ip()));
    let client = match (bearer, address) {
        (Some(name), _) if !name.is_empty() => Client::Bearer(name),
        (_, Some(address)) => Client::Address(address),
        (_, None) => Client::Unknown,
    };
    let Some(_turn) = shares.of_client(client).await else {
        let detail = "as many of your requests as are answered at once are being answered";
        return Problem::passing(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail)
            .into_response();
    };
    next.run(request).await
}

/// What one client has of addresses: with version 6 of the protocol that is many.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        address @ IpAddr::V4(_) => address,
    }
}
