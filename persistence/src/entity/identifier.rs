//! Names as statements have them.

/// A name of a schema, a table or a column, of which is known since it was made whether it can be quoted
/// by putting quotes around it. Diesel walks several times through each statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identifier {
    name: &'static str,
    is_plain: bool,
}

/// What statements call a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableName {
    pub(crate) schema: Option<Identifier>,
    pub(crate) name: Identifier,
}

impl Identifier {
    pub(crate) const fn new(name: &'static str) -> Self {
        let mut is_plain = true;
        let mut left = name.as_bytes();
        while let [first, rest @ ..] = left {
            is_plain &= !matches!(first, b'`' | b'"');
            left = rest;
        }
        Self { name, is_plain }
    }

    /// Returns the name without quotes.
    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// Returns whether the name has no quotation mark of any engine inside.
    pub(crate) const fn is_plain(self) -> bool {
        self.is_plain
    }
}

impl TableName {
    pub(crate) const fn new(schema: Option<&'static str>, name: &'static str) -> Self {
        let schema = match schema {
            Some(schema) => Some(Identifier::new(schema)),
            None => None,
        };
        Self { schema, name: Identifier::new(name) }
    }

    /// Takes a name apart that has its schema before a dot.
    pub(crate) const fn of(name: &'static str) -> Self {
        let mut dot = 0;
        let mut left = name.as_bytes();
        while let [first, rest @ ..] = left {
            if *first == b'.' {
                let (schema, table) = name.split_at(dot);
                let (_, table) = table.split_at(1);
                return Self::new(Some(schema), table);
            }
            left = rest;
            dot += 1;
        }
        Self::new(None, name)
    }
}
