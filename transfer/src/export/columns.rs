//! Which columns are written, and what stands above them.

use persistence::{ColumnMeta, EntityMeta};

/// A column of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportColumn {
    /// The entity's column at that position.
    Own(usize),
    /// The label of the row that the foreign key at that position points to.
    Label(usize),
}

/// The columns of what is written, from left to right.
#[derive(Clone, Debug)]
pub struct ExportColumns {
    meta: &'static EntityMeta,
    columns: Vec<ExportColumn>,
}

impl ExportColumns {
    /// Makes these columns; positions that the entity does not have are left out.
    #[must_use]
    pub fn new(meta: &'static EntityMeta, columns: impl IntoIterator<Item = ExportColumn>) -> Self {
        let columns = columns.into_iter().filter(|column| match *column {
            ExportColumn::Own(position) => position < meta.columns.len(),
            ExportColumn::Label(position) => {
                meta.columns.get(position).is_some_and(|column| column.references.is_some())
            }
        });
        Self { meta, columns: columns.collect() }
    }

    /// Returns all of an entity's columns, and after each foreign key the label of the row it
    /// points to: `author_id`, then `author`.
    #[must_use]
    pub fn all(meta: &'static EntityMeta) -> Self {
        let columns = meta.columns.iter().enumerate().flat_map(|(position, column)| {
            let label = column.references.as_ref().map(|_| ExportColumn::Label(position));
            [Some(ExportColumn::Own(position)), label].into_iter().flatten()
        });
        Self::new(meta, columns)
    }

    /// Returns the entity's columns as they are stored, without labels.
    #[must_use]
    pub fn own(meta: &'static EntityMeta) -> Self {
        Self::new(meta, (0..meta.columns.len()).map(ExportColumn::Own))
    }

    /// Returns the columns of these names, which are those of [`name`](Self::name).
    ///
    /// # Errors
    /// The first name that there is no column of.
    pub fn named<'n>(
        meta: &'static EntityMeta,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, &'n str> {
        let all = Self::all(meta);
        let find = |name: &'n str| {
            let mut known = all.columns.iter().copied();
            known.find(|column| all.name(*column) == name).ok_or(name)
        };
        let columns = names.into_iter().map(find).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { meta, columns })
    }

    /// Returns the entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    /// Returns how many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Returns the columns from left to right.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ExportColumn> + '_ {
        self.columns.iter().copied()
    }

    /// Returns what the columns are called in the file.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.iter().map(|column| self.name(column)).collect()
    }

    /// Returns what a column is called in the file: `author_id`, and `author` for its label.
    #[must_use]
    pub fn name(&self, column: ExportColumn) -> String {
        match column {
            ExportColumn::Own(position) => {
                self.at(position).map_or("", |column| column.name).into()
            }
            ExportColumn::Label(position) => {
                label_name(self.meta, self.at(position).map_or("", |column| column.name))
            }
        }
    }

    /// Returns what the entity says of a column; `None` for a label.
    #[must_use]
    pub fn stored(&self, column: ExportColumn) -> Option<&'static ColumnMeta> {
        match column {
            ExportColumn::Own(position) => self.at(position),
            ExportColumn::Label(_) => None,
        }
    }

    /// Returns only the columns that a statement can insert: no labels.
    #[must_use]
    pub fn stored_only(&self) -> Self {
        let columns = self.iter().filter(|column| matches!(column, ExportColumn::Own(_)));
        Self { meta: self.meta, columns: columns.collect() }
    }

    /// Returns the foreign keys whose labels are written, by their position.
    pub(super) fn labelled(&self) -> Vec<usize> {
        let label = |column| match column {
            ExportColumn::Label(position) => Some(position),
            ExportColumn::Own(_) => None,
        };
        self.iter().filter_map(label).collect()
    }

    fn at(&self, position: usize) -> Option<&'static ColumnMeta> {
        self.meta.columns.get(position)
    }
}

/// Returns what the label of a foreign key is called: `author` beside `author_id`.
#[must_use]
pub fn label_name(meta: &EntityMeta, foreign_key: &str) -> String {
    foreign_key
        .strip_suffix("_id")
        .filter(|name| !name.is_empty() && meta.column(name).is_none())
        .map_or_else(|| format!("{foreign_key}_label"), str::to_owned)
}
