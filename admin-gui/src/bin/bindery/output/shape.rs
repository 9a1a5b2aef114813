//! Which columns an entity's rows are written with.

use std::collections::HashMap;

use persistence::{EntityMeta, Record, Value};

/// A column of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    /// What stands above it.
    pub name: String,
    /// Whether it is aligned to the right.
    pub is_number: bool,
    /// Whether a cut cell still says something: text does, a date does not.
    pub is_text: bool,
}

/// An entity's own columns, and after each foreign key the label of the row it points to:
/// `author_id`, then `author`.
#[derive(Clone, Debug)]
pub struct Shape {
    cells: Vec<Cell>,
    columns: Vec<OutputColumn>,
}

#[derive(Clone, Copy, Debug)]
enum Cell {
    /// The column at that position.
    Own(usize),
    /// The label of the row that the foreign key at that position points to.
    Label(usize),
}

/// The labels of the rows that a foreign key's values point to, by the key's column.
pub type Labels = HashMap<usize, HashMap<Value, String>>;

impl Shape {
    /// The shape of an entity's rows.
    pub fn of(meta: &EntityMeta) -> Self {
        let mut shape = Self { cells: Vec::new(), columns: Vec::new() };
        for (position, column) in meta.columns.iter().enumerate() {
            let is_number = column.column_type.is_number();
            let is_text = column.column_type.is_text();
            shape.cells.push(Cell::Own(position));
            shape.columns.push(OutputColumn { name: column.name.to_owned(), is_number, is_text });
            if column.references.is_some() {
                shape.cells.push(Cell::Label(position));
                let name = label_name(meta, column.name);
                shape.columns.push(OutputColumn { name, is_number: false, is_text: true });
            }
        }
        shape
    }

    /// What stands above the cells.
    pub fn columns(&self) -> Vec<OutputColumn> {
        self.columns.clone()
    }

    /// The positions of the foreign keys whose labels are written.
    pub fn labelled(&self) -> impl Iterator<Item = usize> + '_ {
        self.cells.iter().filter_map(|cell| match cell {
            Cell::Label(position) => Some(*position),
            Cell::Own(_) => None,
        })
    }

    /// The cells of a row.
    pub fn row(&self, record: &Record, labels: &Labels) -> Vec<Value> {
        let cell = |cell: &Cell| match cell {
            Cell::Own(position) => record.value(*position).clone(),
            Cell::Label(position) => labels
                .get(position)
                .and_then(|labels| labels.get(record.value(*position)))
                .map_or(Value::Null, |label| Value::Text(label.clone())),
        };
        self.cells.iter().map(cell).collect()
    }
}

/// What the label of a foreign key is called: `author` beside `author_id`.
pub fn label_name(meta: &EntityMeta, foreign_key: &str) -> String {
    foreign_key
        .strip_suffix("_id")
        .filter(|name| !name.is_empty() && meta.column(name).is_none())
        .map_or_else(|| format!("{foreign_key}_label"), str::to_owned)
}
