//! Text that is sent as the type of the column it is compared with.

use diesel::query_builder::QueryId;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{SqlType, Text, is_nullable};

use super::Dialect;
use crate::types::{Decimal, Json, Moment, MomentFormat, ScaledDecimal, Uuid};
use crate::value::Value;

/// A text of whichever type the column beside it has, which the server finds out.
///
/// Sent as `text`, it would have PostgreSQL compare a `citext` or `char(n)` column by the rules of
/// `text`, while it sorts the column by its own: pages would lose rows.
#[derive(Clone, Copy, Debug, QueryId)]
pub struct ColumnText;

impl SqlType for ColumnText {
    type IsNull = is_nullable::NotNull;

    const IS_ARRAY: bool = false;
}

macro_rules! written_as_text {
    ($($type:ty),*) => {$(
        impl<DB: Dialect> ToSql<ColumnText, DB> for $type
        where
            $type: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<Text, DB>::to_sql(self, out)
            }
        }
    )*};
}

written_as_text!(str, String, Value, Uuid, Json, ScaledDecimal);

impl<DB: Dialect, const SCALE: u8> ToSql<ColumnText, DB> for Decimal<SCALE>
where
    Self: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<Text, DB>::to_sql(self, out)
    }
}

impl<DB: Dialect, F: MomentFormat> ToSql<ColumnText, DB> for Moment<F>
where
    Self: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<Text, DB>::to_sql(self, out)
    }
}
