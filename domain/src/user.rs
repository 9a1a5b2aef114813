//! Users of the shop.

use chrono::NaiveDateTime;
use persistence::Entity;

use crate::address::Address;
use crate::rules;
use crate::schema::users;

/// A person who has an account.
#[derive(Clone, Debug, PartialEq, Eq, Entity, garde::Validate)]
#[entity(table = users, validate, icon = "group", has_many(addresses: Address.user_id))]
#[garde(allow_unvalidated)]
pub struct User {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// What the person is called.
    #[entity(label, search)]
    #[garde(custom(rules::name))]
    pub name: String,
    /// In years.
    #[garde(inner(custom(rules::age)))]
    pub age: Option<i32>,
    /// When the account was made, UTC.
    #[entity(now)]
    pub created_at: NaiveDateTime,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}
