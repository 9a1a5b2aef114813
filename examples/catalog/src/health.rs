//! Whether the process lives, and whether it can serve.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::json;

use crate::{Problem, Shop};

/// `GET /health`: the process lives; asks nothing of the database.
pub async fn live() -> impl IntoResponse {
    Json(json!({ "status": "ok" }))
}

/// `GET /ready`: the database answers.
pub async fn ready(State(shop): State<Shop>) -> Result<impl IntoResponse, Problem> {
    shop.ping().await?;
    Ok(Json(json!({ "status": "ok" })))
}
