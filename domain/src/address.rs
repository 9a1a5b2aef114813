//! E-mail addresses of users.

use persistence::Entity;

use crate::rules;
use crate::schema::addresses;
use crate::user::User;

/// An e-mail address; goes with its user.
#[derive(Clone, Debug, PartialEq, Eq, Entity, garde::Validate)]
#[entity(table = addresses, validate, icon = "mail")]
#[garde(allow_unvalidated)]
pub struct Address {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The address itself.
    #[entity(label, search, unique)]
    #[garde(custom(rules::email_address))]
    pub email_address: String,
    /// Whose it is.
    #[entity(references(User, on_delete = cascade))]
    pub user_id: i64,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}
