//! UUIDs on every engine: `uuid` on PostgreSQL, 16 bytes or 36 characters elsewhere.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Binary, Text};
use serde::{Deserialize, Serialize};

use crate::backend::Dialect;

/// A UUID that every engine can store: in a `Binary` or `Text` column anywhere, in a `Uuid`
/// column on PostgreSQL.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = Binary)]
#[diesel(sql_type = Text)]
#[cfg_attr(feature = "postgres", diesel(sql_type = diesel::sql_types::Uuid))]
pub struct Uuid(pub uuid::Uuid);

impl Uuid {
    /// Makes a new random UUID (version 4).
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4())
    }

    /// Returns the UUID that is written like this and in no other way, as texts are compared letter
    /// by letter.
    pub(crate) fn written(text: &str) -> Option<Self> {
        text.parse().ok().filter(|uuid: &Self| uuid.to_string() == text)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Uuid {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl<DB: Dialect> FromSql<Binary, DB> for Uuid
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(uuid::Uuid::from_slice(&Vec::from_sql(bytes)?)?))
    }
}

impl<DB: Dialect> FromSql<Text, DB> for Uuid
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        Self::written(&text)
            .ok_or_else(|| format!("`{text}` is no UUID as it is written here").into())
    }
}

impl<DB: Dialect> ToSql<Binary, DB> for Uuid
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <[u8] as ToSql<Binary, DB>>::to_sql(self.0.as_bytes().as_slice(), out)
    }
}

impl<DB: Dialect> ToSql<Text, DB> for Uuid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_text(self.0.to_string(), out)
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use diesel::pg::{Pg, PgValue};

    use super::{FromSql, Output, ToSql, Uuid, deserialize, serialize};

    impl FromSql<diesel::sql_types::Uuid, Pg> for Uuid {
        fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
            uuid::Uuid::from_sql(bytes).map(Self)
        }
    }

    impl ToSql<diesel::sql_types::Uuid, Pg> for Uuid {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
            ToSql::<diesel::sql_types::Uuid, Pg>::to_sql(&self.0, out)
        }
    }
}
