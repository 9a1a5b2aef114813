//! How the database finds rows.

/// How the database finds a query's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The plan, as the engine words it.
    pub lines: Vec<String>,
    /// Whether it sorts rows that no index has in order.
    pub sorts: bool,
    /// Whether it looks at every row of a table.
    pub scans: bool,
    /// The index that would help.
    pub advice: Option<IndexAdvice>,
}

/// An index that would help a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexAdvice {
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// The statement that makes it.
    pub create: String,
}
