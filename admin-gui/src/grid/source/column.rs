//! What a source says of its columns.

use std::borrow::Cow;

use persistence::{ColumnMeta, ColumnType, EntityMeta};

use crate::i18n::Texts;

/// A column of a source.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct SourceColumn {
    /// Its name, by which rows are sorted.
    pub name: Cow<'static, str>,
    /// What it holds.
    pub column_type: ColumnType,
    /// Whether NULL is one of its values.
    pub is_nullable: bool,
    /// Whether a person has to give a value.
    pub is_required: bool,
    /// Whether it is of what identifies a row.
    pub is_key: bool,
    /// Whether no two rows share a value of it, or of it and others.
    pub is_unique: bool,
    /// Whether it names a row to people.
    pub names_rows: bool,
    /// Whether rows can be put in its order.
    pub can_sort: bool,
    /// What its menu offers besides.
    pub offers: Offers,
    /// The entity whose rows its values refer to.
    pub references: Option<&'static EntityMeta>,
    /// The entity's column that its values are of: an application may have a title for it, and a
    /// program may draw its cells.
    pub entity_column: Option<EntityColumn>,
}

/// What a column's menu offers of what the surroundings of a grid do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// Whether rows can be filtered by it.
    pub has_filter: bool,
    /// Whether its values can be listed.
    pub has_values: bool,
    /// Whether there are statistics of it.
    pub has_statistics: bool,
}

/// A column of an entity.
#[derive(Clone, Copy, Debug)]
pub struct EntityColumn {
    /// The entity.
    pub entity: &'static EntityMeta,
    /// The column's position.
    pub position: usize,
}

impl EntityColumn {
    /// Returns what the entity says of it.
    #[must_use]
    pub fn meta(&self) -> Option<&'static ColumnMeta> {
        self.entity.columns.get(self.position)
    }
}

impl SourceColumn {
    /// Makes a column that takes NULL and is known by its name and the type of its values alone.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, column_type: ColumnType) -> Self {
        Self {
            name: name.into(),
            column_type,
            is_nullable: true,
            is_required: false,
            is_key: false,
            is_unique: false,
            names_rows: false,
            can_sort: true,
            offers: Offers::default(),
            references: None,
            entity_column: None,
        }
    }

    /// Returns what it is called: by the application where it is an entity's, else by its name.
    #[must_use]
    pub fn title(&self, texts: &Texts) -> String {
        match self.entity_column.and_then(|column| Some((column.entity, column.meta()?))) {
            Some((entity, column)) => texts.column(entity, column),
            None => self.name.clone().into_owned(),
        }
    }

    /// Returns whether its values stand at the right: numbers do, unless they are keys of other rows.
    #[must_use]
    pub const fn is_right_aligned(&self) -> bool {
        self.column_type.is_number() && self.references.is_none()
    }
}
