//! Every route, declared together with its description.

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, get, on};
use axum::{Router, middleware};
use domain::{Address, Author, Book, User};
use persistence::{Entity, EntityMeta, Repository};
use serde_json::Value;

use crate::openapi::{self, Document, Operation};
use crate::shop::Bookshop;
use crate::{Limits, Problem, Shop, health, limits, resource};

/// An entity by its name, if the service has it.
pub fn meta(name: &str) -> Option<&'static EntityMeta> {
    [User::meta(), Address::meta(), Author::meta(), Book::meta()]
        .into_iter()
        .find(|meta| meta.name == name)
}

/// The whole service.
pub fn router(shop: Shop, limits: Limits) -> Router {
    let documented = Documented::default()
        .on(Method::GET, "/health", openapi::status("live", "The process lives"), health::live)
        .on(Method::GET, "/ready", openapi::status("ready", "The database answers"), health::ready)
        .entity::<User>()
        .entity::<Address>()
        .entity::<Author>()
        .entity::<Book>();
    let document = documented.document.into_json().to_string();
    let document = move || async move { ([(header::CONTENT_TYPE, "application/json")], document) };
    documented
        .router
        .route("/openapi.json", get(document))
        .fallback(|| async {
            let detail = "/openapi.json lists the paths there are";
            Problem::new(StatusCode::NOT_FOUND, "no-such-path", "There is no such path", detail)
        })
        .method_not_allowed_fallback(|| async {
            let detail = "/openapi.json lists what can be done with this path";
            let status = StatusCode::METHOD_NOT_ALLOWED;
            Problem::new(status, "method-not-allowed", "This cannot be done here", detail)
                .into_response()
        })
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(middleware::from_fn_with_state(limits, limits::in_time))
        .layer(middleware::from_fn(limits::logged))
        .with_state(shop)
}

/// Routes and their description, which grow together.
#[derive(Default)]
struct Documented {
    router: Router<Shop>,
    document: Document,
}

impl Documented {
    fn on<H, T>(mut self, method: Method, path: &str, operation: Value, handler: H) -> Self
    where
        H: Handler<T, Shop>,
        T: 'static,
    {
        self.document.add(&method, path, operation);
        let method = MethodFilter::try_from(method).expect("the methods here are standard ones");
        self.router = self.router.route(path, on(method, handler));
        self
    }

    /// What can be done with the rows of an entity.
    fn entity<E: Entity>(mut self) -> Self
    where
        dyn Bookshop: Repository<E>,
    {
        let meta = E::meta();
        self.document.describe(meta);
        let all = format!("/{}", meta.table);
        let one = format!("/{}/{{key}}", meta.table);
        let describe = |operation| openapi::operation(meta, operation);
        self.on(Method::GET, &all, describe(Operation::List), resource::list::<E>)
            .on(Method::POST, &all, describe(Operation::Create), resource::create::<E>)
            .on(Method::GET, &one, describe(Operation::Read), resource::read::<E>)
            .on(Method::PATCH, &one, describe(Operation::Change), resource::change::<E>)
            .on(Method::DELETE, &one, describe(Operation::Delete), resource::delete::<E>)
    }
}
