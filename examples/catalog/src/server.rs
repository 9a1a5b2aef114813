//! Connections: how many, how long one may take to say what it wants, and their end.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

use crate::Limits;
use crate::shares::Peer;

/// How long it takes until a connection is accepted again where the system refused to.
const REST: std::time::Duration = std::time::Duration::from_millis(100);

/// Answers requests until told to end, and then those that are being answered.
pub async fn serve(
    listener: TcpListener,
    service: Router,
    limits: Limits,
    mut is_ending: watch::Receiver<bool>,
) {
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX).max(1);
    let places = Arc::new(Semaphore::new(usize::try_from(all).unwrap_or(usize::MAX)));
    loop {
        // Where there is no place, others wait to be accepted.
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = told(&mut is_ending) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (service, is_ending) = (service.clone(), is_ending.clone());
                tokio::spawn(async move {
                    let _place = place;
                    answer(stream, peer, service, limits, is_ending).await;
                });
            }
            // Too many files are open, say.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(REST).await;
            }
        }
    }
    drop(listener);
    drop(places.acquire_many(all).await);
}

/// Waits until the service is told to end, or nobody can tell it any more.
async fn told(is_ending: &mut watch::Receiver<bool>) {
    drop(is_ending.wait_for(|&ends| ends).await);
}

async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    service: Router,
    limits: Limits,
    mut is_ending: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        service.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = told(&mut is_ending) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection broke off");
    }
}
