//! JSON documents on every engine: `json` and `jsonb` where there are such, text elsewhere.

use std::fmt;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Json as JsonType, Jsonb as JsonbType, Text};
use serde::{Deserialize, Serialize};

use crate::backend::Dialect;

/// A JSON document, in a `Text`, `Json` or `Jsonb` column.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, AsExpression, FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = Text)]
#[diesel(sql_type = JsonType)]
#[diesel(sql_type = JsonbType)]
pub struct Json(pub serde_json::Value);

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<DB: Dialect> FromSql<Text, DB> for Json
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(bytes)?)?))
    }
}

impl<DB: Dialect> ToSql<Text, DB> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_text(self.0.to_string(), out)
    }
}

impl<DB: Dialect> FromSql<JsonType, DB> for Json
where
    serde_json::Value: FromSql<JsonType, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        serde_json::Value::from_sql(bytes).map(Self)
    }
}

impl<DB: Dialect> ToSql<JsonType, DB> for Json
where
    serde_json::Value: ToSql<JsonType, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<JsonType, DB>::to_sql(&self.0, out)
    }
}

impl<DB: Dialect> FromSql<JsonbType, DB> for Json
where
    serde_json::Value: FromSql<JsonbType, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        serde_json::Value::from_sql(bytes).map(Self)
    }
}

impl<DB: Dialect> ToSql<JsonbType, DB> for Json
where
    serde_json::Value: ToSql<JsonbType, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<JsonbType, DB>::to_sql(&self.0, out)
    }
}
