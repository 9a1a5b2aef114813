//! One connection to the service, made anew when it is lost.

use anyhow::{Context as _, Result};
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, header};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A connection to the service.
pub struct Connection {
    address: String,
    sender: Option<SendRequest<Body>>,
}

/// What the service answers.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// Whether a write may have been done although it was not acknowledged.
    pub fn is_unknown(&self) -> bool {
        self.body.get("type").and_then(Value::as_str) == Some("urn:bindery:problem:outcome-unknown")
    }
}

impl Connection {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), sender: None }
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        version: Option<i64>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.connect().await?,
        };
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::HOST, &self.address);
        if let Some(version) = version {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        sender.ready().await?;
        let (head, body) = sender.send_request(request.body(body)?).await?.into_parts();
        let body: Bytes = body.collect().await?.to_bytes();
        self.sender = Some(sender);
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
        Ok(Answer { status: head.status.as_u16(), body })
    }

    async fn connect(&self) -> Result<SendRequest<Body>> {
        let stream = TcpStream::connect(&self.address)
            .await
            .with_context(|| format!("cannot connect to {}", self.address))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}
