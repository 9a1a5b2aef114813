//! Values that are right and only written otherwise than they are stored.

use persistence::{EntityMeta, Value};

use crate::address::Address;
use crate::book::Book;
use crate::isbn::Isbn;

/// Returns the value as the column of an entity stores it: an ISBN without its separators, an
/// e-mail address without blanks around it. Any other value stays as it is, for the entity's rules
/// to say what is wrong with it.
///
/// ```
/// use domain::{Book, normal_form};
/// use persistence::Entity as _;
///
/// let isbn = normal_form(Book::meta(), Book::ISBN.position(), "ISBN 978-0-15-602760-1".into());
/// assert_eq!(isbn, "9780156027601".into());
/// let wrong = normal_form(Book::meta(), Book::ISBN.position(), "978-0-15-602760-2".into());
/// assert_eq!(wrong, "978-0-15-602760-2".into());
/// ```
#[must_use]
pub fn normal_form(meta: &EntityMeta, column: usize, value: Value) -> Value {
    use persistence::Entity as _;
    let Value::Text(text) = value else { return value };
    let is = |of: &EntityMeta, position: usize| meta.table == of.table && column == position;
    Value::Text(if is(Book::meta(), Book::ISBN.position()) {
        Isbn::plain(&text).unwrap_or(text)
    } else if is(Address::meta(), Address::EMAIL_ADDRESS.position()) {
        text.trim().to_owned()
    } else {
        text
    })
}
