//! Which names the service is called by.
//!
//! A page that somebody looks at may name any host, and have that name lead to this computer: a
//! browser then takes the service for a part of the page (DNS rebinding). What it cannot do is send
//! another name than the page's own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::Problem;

/// The hosts that requests may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hosts {
    /// Any: something before the service looks at them, or nobody's browser gets here.
    #[default]
    Any,
    /// These names, and the ways in which a computer names itself.
    Only(Arc<[String]>),
}

impl Hosts {
    /// What is right for a service at that address: one of this computer only is called by its
    /// names and those that are given; one that others reach by those, or by any where none is.
    #[must_use]
    pub fn of(address: SocketAddr, names: &[String]) -> Self {
        if names.is_empty() && !address.ip().is_loopback() {
            return Self::Any;
        }
        Self::Only(names.iter().map(|name| name.to_ascii_lowercase()).collect())
    }

    fn allows(&self, request: &Request) -> bool {
        let Self::Only(names) = self else { return true };
        let mut headers = request.headers().get_all(header::HOST).iter();
        let (named, more) = (headers.next(), headers.next());
        let named = named.and_then(|host| host.to_str().ok());
        // A whole URL in the request's line names the host as well.
        let in_line = request.uri().authority().map(axum::http::uri::Authority::as_str);
        more.is_none()
            && named.is_some_and(|host| is_one_of(names, host))
            && in_line.is_none_or(|host| is_one_of(names, host))
    }
}

fn is_one_of(names: &[String], host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        || names.contains(&name)
}

/// Refuses requests that name another host.
pub async fn checked(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if hosts.allows(&request) {
        return next.run(request).await;
    }
    let detail = "the Host of the request is none that this service is called by";
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", "This is another host", detail)
        .into_response()
}
