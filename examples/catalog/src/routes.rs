//! Every route, declared together with its description.

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, get, on};
use axum::{Extension, Router, middleware};
use domain::{Address, Author, Book, User};
use persistence::{Entity, EntityMeta, Repository};
use serde_json::Value;

use crate::openapi::{self, Document, Operation};
use crate::shop::Bookshop;
use crate::{
    Hosts, Limits, Policy, Problem, Shares, Shop, access, health, hosts, limits, resource, shares,
};

/// The entities of the service.
pub fn metas() -> [&'static EntityMeta; 4] {
    [User::meta(), Address::meta(), Author::meta(), Book::meta()]
}

/// An entity by its name, if the service has it.
pub fn meta(name: &str) -> Option<&'static EntityMeta> {
    metas().into_iter().find(|meta| meta.name == name)
}

/// What the service does for whom, and how much of it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What a request may take.
    pub limits: Limits,
    /// The names that the service is called by.
    pub hosts: Hosts,
    /// Who may read and write what.
    pub policy: Policy,
    /// How much of the database a client may have at once.
    pub shares: Shares,
}

/// The whole service.
pub fn router(shop: Shop, settings: Settings) -> Router {
    let Settings { limits, hosts, policy, shares } = settings;
    let documented = Documented::default()
        .on(Method::GET, "/health", openapi::status("live", "The process lives"), health::live)
        .on(Method::GET, "/ready", openapi::status("ready", "The database answers"), health::ready)
        .entity::<User>()
        .entity::<Address>()
        .entity::<Author>()
        .entity::<Book>();
    let document = documented.document.into_json(&policy).to_string();
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
        .layer(Extension(limits.filter))
        .layer(Extension(shares.clone()))
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(middleware::from_fn_with_state(limits, limits::in_time))
        .layer(middleware::from_fn_with_state(shares, shares::shared))
        .layer(middleware::from_fn_with_state(limits, limits::with_body))
        .layer(middleware::from_fn_with_state(policy, access::checked))
        .layer(middleware::from_fn_with_state(hosts, hosts::checked))
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
