//! Errors as `application/problem+json` (RFC 9457): the one place where an error becomes an answer.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use persistence::{
    Conflict, ConstraintKind, ConstraintViolation, Error, FieldError, FilterError, Invalid,
};
use serde_json::{Map, Value, json};

use crate::json::optional_object;

/// Seconds after which a request that failed for a passing reason may be tried again.
const RETRY_AFTER: u32 = 1;

/// What went wrong with a request, as the client is told.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    /// Further members of the document.
    members: Map<String, Value>,
    is_passing: bool,
}

impl Problem {
    /// A problem of a kind, in words for the one who sent the request.
    #[must_use]
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, kind, title, detail: detail.into(), members: Map::new(), is_passing: false }
    }

    /// A request that cannot be understood.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request is not understood", detail)
    }

    /// Fields with wrong values.
    #[must_use]
    pub fn invalid(entity: &str, errors: &[FieldError]) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Some fields are not valid",
            format!("this {entity} is not valid"),
        )
        .with("errors", errors.iter().map(|error| json!(error)).collect())
    }

    /// A request that may succeed when it is sent again later.
    #[must_use]
    pub fn unavailable(kind: &'static str, detail: &str) -> Self {
        Self::passing(StatusCode::SERVICE_UNAVAILABLE, kind, detail)
    }

    /// A request that may succeed when it is sent again later, with a status of its own.
    #[must_use]
    pub fn passing(status: StatusCode, kind: &'static str, detail: &str) -> Self {
        let title = "The service cannot answer right now";
        let mut problem = Self::new(status, kind, title, detail);
        problem.is_passing = true;
        problem
    }

    /// A write of which nobody knows whether it was done.
    #[must_use]
    pub fn outcome_unknown() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "outcome-unknown",
            "Whether this was written is unknown",
            "either all of it was written or nothing: read before sending it again",
        )
    }

    fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something is wrong with this service",
            "the service's log says more",
        )
    }

    /// The problem with one more member.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.members.insert(member.to_owned(), value);
        self
    }

    /// The answer's status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::new(
                StatusCode::NOT_FOUND,
                "not-found",
                "There is no such row",
                error.to_string(),
            ),
            Error::Invalid(invalid) => invalid.into(),
            Error::Constraint(violation) => (*violation).into(),
            Error::Conflict(conflict) => (*conflict).into(),
            Error::Filter(error) => error.into(),
            Error::Unavailable { .. } => {
                tracing::warn!(%error, "no database");
                Self::unavailable("unavailable", "the database cannot be reached")
            }
            Error::Retryable { .. } => {
                tracing::warn!(%error, "given up");
                Self::unavailable("busy", "too many others write the same rows")
            }
            Error::Timeout { .. } | Error::Cancelled => {
                tracing::warn!(%error, "stopped");
                Self::unavailable("timeout", "the database took too long")
            }
            Error::CommitUnknown { .. } => {
                tracing::warn!(%error, "commit unknown");
                Self::outcome_unknown()
            }
            Error::ReadOnly { .. } => Self::new(
                StatusCode::FORBIDDEN,
                "read-only",
                "Nothing can be written",
                "this service only reads",
            ),
            Error::Data { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unusable-value",
                "The database cannot take a value",
                error.to_string(),
            ),
            // The row is there, and no request is to blame.
            Error::Unreadable(cell) => {
                tracing::error!(%cell, "unreadable");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "unreadable-value",
                    "A stored value is not of its column's type",
                    cell.to_string(),
                )
            }
            _ => {
                tracing::error!(%error, "internal");
                Self::internal()
            }
        }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(invalid.entity, &invalid.errors)
    }
}

impl From<ConstraintViolation> for Problem {
    fn from(violation: ConstraintViolation) -> Self {
        let errors = |message: &str| -> Vec<FieldError> {
            violation.fields().iter().map(|&field| FieldError::new(field, message)).collect()
        };
        match violation.kind {
            ConstraintKind::NotNull => {
                return Self::invalid(violation.entity, &errors("is required"));
            }
            ConstraintKind::Check => {
                return Self::invalid(violation.entity, &errors("breaks a rule of the database"));
            }
            _ => {}
        }
        let problem = Self::new(
            StatusCode::CONFLICT,
            "constraint",
            "Other rows stand against this",
            violation.to_string(),
        )
        .with("constraint", json!(violation.kind))
        .with("fields", json!(violation.columns));
        if violation.referenced_by.is_empty() {
            return problem;
        }
        problem.with("referenced_by", json!(violation.referenced_by))
    }
}

impl From<Conflict> for Problem {
    fn from(conflict: Conflict) -> Self {
        let meta = crate::routes::meta(conflict.entity);
        let differs = |column: usize| match (&conflict.mine, &conflict.theirs) {
            (Some(mine), Some(theirs)) => mine.value(column) != theirs.value(column),
            _ => false,
        };
        let columns = meta.map_or(&[][..], |meta| meta.columns).iter().enumerate();
        let fields: Vec<&str> = columns
            .filter(|(position, column)| !crate::json::is_filled(column) && differs(*position))
            .map(|(_, column)| column.name)
            .collect();
        let object = |record: &Option<persistence::Record>| {
            meta.map_or(Value::Null, |meta| optional_object(meta, record.as_ref()))
        };
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "conflict",
            "Somebody else was faster",
            conflict.to_string(),
        )
        .with("fields", json!(fields))
        .with("base", object(&conflict.base))
        .with("mine", object(&conflict.mine))
        .with("theirs", object(&conflict.theirs))
    }
}

impl From<FilterError> for Problem {
    fn from(error: FilterError) -> Self {
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "filter",
            "The filter or the order is not understood",
            error.message(),
        );
        let place = error.text().zip(error.column()).zip(error.with_caret());
        if let Some(((text, column), caret)) = place {
            problem = problem.with("text", text.into()).with("column", column.into());
            problem = problem.with("line", error.line().into()).with("caret", caret.into());
        }
        match error.field() {
            Some(field) => problem.with("field", field.into()),
            None => problem,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, kind, title, detail, members, is_passing } = self;
        let mut document = json!({
            "type": format!("urn:bindery:problem:{kind}"),
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Value::Object(document) = &mut document {
            document.extend(members);
        }
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        if is_passing {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER.into());
        }
        response
    }
}
