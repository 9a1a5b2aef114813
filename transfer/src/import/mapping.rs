//! Which column of a file goes into which column of an entity.

use std::collections::HashSet;

use persistence::entity::Fill;
use persistence::{ColumnMeta, EntityMeta, Record, Value};

use super::mode::Mode;
use super::reason::Reason;
use super::spelling::{Field, Spelling};
use crate::csv_records::Form;
use crate::export::label_name;

/// Where the fields of a file's rows go.
#[derive(Debug)]
pub struct Mapping {
    meta: &'static EntityMeta,
    /// One for each of the file's columns.
    targets: Vec<Target>,
    /// Values that every row gets.
    constants: Vec<(usize, Value)>,
    /// The columns by which rows are found that are there already, where these are changed.
    by: Option<Vec<usize>>,
    /// Whether rows that are not there are inserted.
    inserts: bool,
    /// Columns of the file that are passed over, since the database fills them in.
    passed_over: Vec<String>,
    /// Columns that the file does not have and every row gets as the database has them.
    defaulted: Vec<usize>,
    spelling: Spelling,
    normal_form: Option<NormalForm>,
}

/// Returns a value as the column at that position stores it, where it is right and only written
/// otherwise; any other value as it is.
pub type NormalForm = fn(&EntityMeta, usize, Value) -> Value;

/// What people and a database say of a file, beside what it says itself.
#[derive(Debug, Default)]
pub struct Given<'g> {
    /// Headers of the file's columns, each with the column it stands for; with the empty name, it is
    /// left out. Of headers that are the same, each takes the next.
    pub maps: &'g [(String, String)],
    /// Columns, each with the value that every row gets.
    pub sets: &'g [(String, String)],
    /// How the file writes its values.
    pub spelling: Spelling,
    /// What becomes of rows that are there already.
    pub mode: Mode,
    /// What the database gives to columns that an insert leaves out, by their positions.
    pub defaults: Vec<(usize, Value)>,
    /// How values that are only written otherwise become those that are stored.
    pub normal_form: Option<NormalForm>,
}

/// Why a file's columns cannot be those of an entity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// A column is to be renamed that the file does not have.
    #[error("the file has no column `{name}`; it has {}", header.join(", "))]
    NotInFile {
        /// What was named.
        name: String,
        /// The names that there are.
        header: Vec<String>,
    },
    /// A column is to be renamed to one that the entity does not have.
    #[error("{table} has no column `{name}`; it has {accepted}")]
    NotInTable {
        /// The entity's table.
        table: &'static str,
        /// What was named.
        name: String,
        /// The names that there are.
        accepted: String,
    },
    /// A value is given to a column that the entity does not have, or the database fills in.
    #[error("{table} has no column `{name}` to set; it has {accepted}")]
    NotToSet {
        /// The entity's table.
        table: &'static str,
        /// What was named.
        name: String,
        /// The names that there are.
        accepted: String,
    },
    /// A value that is given to every row is none of its column.
    #[error("{column}: {fault}")]
    Value {
        /// The column.
        column: &'static str,
        /// What is wrong.
        fault: String,
    },
    /// Rows are to be found by columns that several may share.
    #[error(
        "{table}: several rows may have the same {}; rows are found by {}",
        columns.join(", "), accepted.join(", or by ")
    )]
    NotUnique {
        /// The entity's table.
        table: &'static str,
        /// What was named.
        columns: Vec<String>,
        /// What rows can be found by.
        accepted: Vec<String>,
    },
    /// Nothing is in the file by which rows are found.
    #[error("the file has nothing by which rows of {table} are found: {}", accepted.join(", or "))]
    NothingToFindBy {
        /// The entity's table.
        table: &'static str,
        /// What rows can be found by.
        accepted: Vec<String>,
    },
    /// Columns are missing, unknown, or twice there.
    #[error(
        "the file's columns do not fit {table}: {}; {table} has {accepted}", faults.join("; ")
    )]
    Unfit {
        /// The entity's table.
        table: &'static str,
        /// Everything that does not fit.
        faults: Vec<String>,
        /// The names that there are.
        accepted: String,
    },
}

/// Where a field goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Target {
    /// Into the column at that position.
    Column(usize),
    /// It names the row that the foreign key at that position points to.
    Label(usize),
    /// Nowhere.
    Nowhere,
}

impl Target {
    /// Returns the column that gets something by it.
    const fn position(self) -> Option<usize> {
        match self {
            Self::Column(position) | Self::Label(position) => Some(position),
            Self::Nowhere => None,
        }
    }
}

/// A row as far as the file alone tells.
#[derive(Debug, PartialEq, Eq)]
pub struct Mapped {
    /// The values; NULL where a label is still to be looked up.
    pub record: Record,
    /// The labels of rows that foreign keys point to, by the key's column.
    pub labels: Vec<(usize, String)>,
    /// Columns of which the row says nothing, though others do.
    pub absent: Vec<usize>,
}

impl Mapping {
    /// Makes the mapping of a header to an entity. Names are compared without regard to case.
    ///
    /// # Errors
    /// [`MappingError`] that names every column that is missing or unknown, and those there are.
    pub fn new(
        meta: &'static EntityMeta,
        header: &[String],
        given: Given<'_>,
    ) -> Result<Self, MappingError> {
        let Given { maps, sets, spelling, mode, defaults, normal_form } = given;
        if let Some((unknown, _)) =
            maps.iter().find(|(from, _)| !header.iter().any(|name| is_same(name, from)))
        {
            let header = header.to_vec();
            return Err(MappingError::NotInFile { name: unknown.clone(), header });
        }
        let mut mapping = Self {
            meta,
            targets: Vec::new(),
            constants: Vec::new(),
            by: None,
            inserts: !matches!(mode, Mode::Update(_)),
            passed_over: Vec::new(),
            defaulted: Vec::new(),
            spelling,
            normal_form,
        };
        let named = |(place, name): (usize, &String)| {
            let map = map_of(maps, header, place);
            target(meta, map.map_or(name.as_str(), |(_, to)| to))
        };
        let in_file: Vec<usize> =
            header.iter().enumerate().filter_map(named).filter_map(Target::position).collect();
        mapping.by = found_by(meta, &mode, &in_file)?;
        let mut unknown = Vec::new();
        for (place, name) in header.iter().enumerate() {
            let target = match map_of(maps, header, place) {
                Some((_, to)) if to.is_empty() => Some(Target::Nowhere),
                Some((_, to)) => {
                    Some(target(meta, to).ok_or_else(|| MappingError::NotInTable {
                        table: meta.table,
                        name: to.clone(),
                        accepted: accepted(meta),
                    })?)
                }
                None => target(meta, name),
            };
            match target {
                Some(Target::Column(position))
                    if !is_given(meta, position)
                        && !mapping.by.as_ref().is_some_and(|by| by.contains(&position)) =>
                {
                    mapping.passed_over.push(name.clone());
                    mapping.targets.push(Target::Nowhere);
                }
                Some(target) => mapping.targets.push(target),
                None => unknown.push(name.as_str()),
            }
        }
        mapping.constants =
            sets.iter().map(|set| mapping.constant(set)).collect::<Result<Vec<_>, _>>()?;
        let filled = mapping.filled();
        for (position, value) in defaults {
            let is_missing = |column: &&ColumnMeta| {
                column.fill == Fill::Draft && !column.is_nullable && !filled.contains(&position)
            };
            if mapping.inserts && meta.columns.get(position).as_ref().is_some_and(is_missing) {
                mapping.constants.push((position, value));
                mapping.defaulted.push(position);
            }
        }
        mapping.check(&unknown)?;
        Ok(mapping)
    }

    /// Returns what became of the file beside its rows, in words.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.passed_over.is_empty() {
            let columns = self.passed_over.join(", ");
            remarks.push(format!(
                "not taken from the file, since the database fills it in: {columns}"
            ));
        }
        let default = |(position, value): &(usize, Value)| {
            let column = self.meta.columns.get(*position)?;
            self.defaulted.contains(position).then(|| format!("{} = {value}", column.name))
        };
        let defaults: Vec<String> = self.constants.iter().filter_map(default).collect();
        if !defaults.is_empty() {
            let defaults = defaults.join(", ");
            remarks.push(format!(
                "not in the file, so every row has the database's default: {defaults}"
            ));
        }
        remarks.extend(self.spelling.remarks());
        remarks
    }

    /// Returns the columns by which rows are found that are there already, where these are changed.
    pub(super) fn found_by(&self) -> Option<&[usize]> {
        self.by.as_deref()
    }

    /// Returns whether rows that are not there are inserted.
    pub(super) const fn inserts(&self) -> bool {
        self.inserts
    }

    /// Returns the columns that change in a row which is there: what the file or somebody says of them.
    pub(super) fn written(&self) -> Vec<usize> {
        let mut written = self.filled();
        written.retain(|position| {
            !self.defaulted.contains(position) && is_given(self.meta, *position)
        });
        written
    }

    /// Returns the columns that every row has something for.
    fn filled(&self) -> Vec<usize> {
        let constants = self.constants.iter().map(|(position, _)| *position);
        self.targets.iter().copied().filter_map(Target::position).chain(constants).collect()
    }

    fn check(&self, unknown: &[&str]) -> Result<(), MappingError> {
        let mut faults = Vec::new();
        if !unknown.is_empty() {
            faults.push(format!("unknown columns {}", unknown.join(", ")));
        }
        let filled = self.filled();
        let missing: Vec<String> = self
            .meta
            .columns
            .iter()
            .enumerate()
            .filter(|(position, column)| {
                self.inserts
                    && column.fill == Fill::Draft
                    && !column.is_nullable
                    && !filled.contains(position)
            })
            .map(|(_, column)| names_of(self.meta, column))
            .collect();
        if !missing.is_empty() {
            faults.push(format!("missing columns {}", missing.join(", ")));
        }
        let mut seen = HashSet::new();
        let constants = self.constants.iter().map(|(position, _)| Target::Column(*position));
        let targets = self.targets.iter().copied().filter(|target| *target != Target::Nowhere);
        for twice in targets.chain(constants).filter(|target| !seen.insert(*target)) {
            if let Target::Column(position) | Target::Label(position) = twice
                && let Some(column) = self.meta.columns.get(position)
            {
                faults.push(format!("two columns for {}", names_of(self.meta, column)));
            }
        }
        if faults.is_empty() {
            return Ok(());
        }
        let (table, accepted) = (self.meta.table, accepted(self.meta));
        Err(MappingError::Unfit { table, faults, accepted })
    }

    /// Returns the position and value of a column that every row has alike.
    fn constant(&self, (name, text): &(String, String)) -> Result<(usize, Value), MappingError> {
        let mut drafted =
            self.meta.columns.iter().enumerate().filter(|(_, column)| column.fill == Fill::Draft);
        let found = drafted.clone().find(|(_, column)| is_same(column.name, name));
        let Some((position, column)) = found else {
            let names: Vec<&str> = drafted.by_ref().map(|(_, column)| column.name).collect();
            return Err(MappingError::NotToSet {
                table: self.meta.table,
                name: name.trim().to_owned(),
                accepted: names.join(", "),
            });
        };
        let spelling = Spelling { nulls: vec![String::new()], ..Spelling::default() };
        let value = spelling.value(column, Field { text, form: Form::Bare });
        let value = value.map_err(|error| MappingError::Value {
            column: column.name,
            fault: error.to_string(),
        })?;
        Ok((position, self.normal(position, value)))
    }

    /// Returns the value as the column stores it.
    fn normal(&self, position: usize, value: Value) -> Value {
        match self.normal_form {
            Some(normal_form) => normal_form(self.meta, position, value),
            None => value,
        }
    }

    /// Makes the row of a line's fields, each with how it stands in the file.
    ///
    /// # Errors
    /// What is wrong with every field that has a wrong value.
    pub fn row<'f>(&self, fields: impl Iterator<Item = (&'f str, Form)>) -> Result<Mapped, Reason> {
        let mut record = Record(vec![Value::Null; self.meta.columns.len()]);
        let mut labels = Vec::new();
        let mut faults = Vec::new();
        let mut absent = Vec::new();
        for (target, (text, form)) in self.targets.iter().zip(fields) {
            let field = Field { text, form };
            if form == Form::Absent {
                absent.extend(target.position());
                continue;
            }
            match target {
                Target::Nowhere => {}
                Target::Label(position) => {
                    let label = self.spelling.name(field);
                    if !self.spelling.is_null(field) && !label.is_empty() {
                        labels.push((*position, label.to_owned()));
                    }
                }
                Target::Column(position) => {
                    let Some(column) = self.meta.columns.get(*position) else { continue };
                    match self.spelling.value(column, field) {
                        Ok(value) => {
                            record.set(*position, self.normal(*position, value));
                        }
                        Err(error) => faults.push((column.name, error)),
                    }
                }
            }
        }
        // The key beside a label, or the label beside a key, says enough.
        absent.retain(|position| {
            record.value(*position).is_null() && !labels.iter().any(|(it, _)| it == position)
        });
        for (position, value) in &self.constants {
            record.set(*position, value.clone());
        }
        if faults.is_empty() {
            Ok(Mapped { record, labels, absent })
        } else {
            Err(Reason::Values(faults))
        }
    }
}

/// Returns the columns by which a mode finds rows that are there.
fn found_by(
    meta: &'static EntityMeta,
    mode: &Mode,
    in_file: &[usize],
) -> Result<Option<Vec<usize>>, MappingError> {
    let named = match mode {
        Mode::Insert => return Ok(None),
        Mode::Update(by) | Mode::Upsert(by) => by,
    };
    let sets = || std::iter::once(meta.key).chain(meta.unique.iter().copied());
    let accepted = || sets().map(|set| meta.names(set).join(" and ")).collect();
    let table = meta.table;
    let is_in_file = |set: &&[usize]| set.iter().all(|position| in_file.contains(position));
    let nothing = || MappingError::NothingToFindBy { table, accepted: accepted() };
    if named.is_empty() {
        return sets().find(is_in_file).map(|set| Some(set.to_vec())).ok_or_else(nothing);
    }
    let position =
        |name: &String| meta.columns.iter().position(|column| is_same(column.name, name));
    let positions: Option<HashSet<usize>> = named.iter().map(position).collect();
    let is_meant = |set: &&[usize]| Some(set.iter().copied().collect()) == positions;
    let set = sets().find(is_meant).ok_or_else(|| MappingError::NotUnique {
        table,
        columns: named.clone(),
        accepted: accepted(),
    })?;
    if is_in_file(&set) { Ok(Some(set.to_vec())) } else { Err(nothing()) }
}

/// Returns what is said of the file's column at that place. Of columns that are called the same, the second has the
/// second that is said of the name, and so on; where less is said, the first.
fn map_of<'m>(
    maps: &'m [(String, String)],
    header: &[String],
    place: usize,
) -> Option<&'m (String, String)> {
    let name = header.get(place)?;
    let before = header.iter().take(place).filter(|it| is_same(it, name)).count();
    let mut said = maps.iter().filter(|(from, _)| is_same(from, name));
    let first = said.next();
    before.checked_sub(1).and_then(|more| said.nth(more)).or(first)
}

fn is_same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// Returns whether rows bring the column along: the database fills in the others.
fn is_given(meta: &EntityMeta, position: usize) -> bool {
    meta.columns.get(position).is_some_and(|column| column.fill == Fill::Draft)
}

fn target(meta: &EntityMeta, name: &str) -> Option<Target> {
    if let Some(position) = meta.columns.iter().position(|column| is_same(column.name, name)) {
        return Some(Target::Column(position));
    }
    let position = meta.columns.iter().position(|column| {
        column.references.is_some() && is_same(&label_name(meta, column.name), name)
    })?;
    Some(Target::Label(position))
}

/// Returns how a file may name a column.
fn names_of(meta: &EntityMeta, column: &ColumnMeta) -> String {
    match column.references {
        Some(_) => format!("{} (or {})", column.name, label_name(meta, column.name)),
        None => column.name.to_owned(),
    }
}

fn accepted(meta: &EntityMeta) -> String {
    let given = meta.columns.iter().filter(|column| column.fill == Fill::Draft);
    given.map(|column| names_of(meta, column)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Book;
    use persistence::Entity as _;

    type Pairs<'p> = &'p [(&'p str, &'p str)];

    fn mapping(header: &[&str], maps: Pairs, sets: Pairs) -> Result<Mapping, MappingError> {
        let owned = |pairs: Pairs| -> Vec<(String, String)> {
            pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
        };
        let (maps, sets) = (owned(maps), owned(sets));
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        let given = Given {
            maps: &maps,
            sets: &sets,
            spelling: Spelling { nulls: vec![String::new()], ..Spelling::default() },
            normal_form: Some(domain::normal_form),
            ..Given::default()
        };
        Mapping::new(Book::meta(), &header, given)
    }

    fn refusal(header: &[&str], maps: Pairs, sets: Pairs) -> String {
        mapping(header, maps, sets).expect_err("a mapping that does not fit").to_string()
    }

    fn row(mapping: &Mapping, fields: &[&str]) -> Result<Mapped, String> {
        let row = mapping.row(fields.iter().map(|field| (*field, Form::Bare)));
        row.map_err(|reason| reason.to_string())
    }

    #[test]
    fn names_fit_whatever_their_case_and_what_the_database_fills_in_is_passed_over() {
        let mapping = mapping(&["ID", "Title", " author ", "IN_PRINT", "version"], &[], &[])
            .expect("a mapping that fits");
        assert_eq!(
            mapping.remarks(),
            ["not taken from the file, since the database fills it in: ID, version"]
        );
        let row = row(&mapping, &["7", "Ubik", " Philip K. Dick ", "yes", "3"]).expect("a row");
        assert_eq!(row.labels, [(Book::AUTHOR_ID.position(), "Philip K. Dick".to_owned())]);
        assert_eq!(row.record.value(Book::TITLE.position()), &Value::from("Ubik"));
        assert_eq!(row.record.value(Book::IN_PRINT.position()), &Value::Bool(true));
        assert!(row.record.value(0).is_null());
    }

    #[test]
    fn columns_that_are_called_the_same_each_go_where_is_said_of_them() {
        let header = ["title", "author_id", "in_print", "Amount", "amount"];
        let mapping = mapping(&header, &[("Amount", ""), ("amount", "price")], &[]);
        let row = row(&mapping.expect("a mapping that fits"), &["Ubik", "1", "true", "1", "2"]);
        let price = row.expect("a row").record.value(Book::PRICE.position()).to_string();
        assert_eq!(price, "2.00");
        assert!(refusal(&header, &[("amount", "price")], &[]).contains("two columns for price"));
    }

    #[test]
    fn columns_can_be_renamed_left_out_and_given_a_value() {
        let mapping = mapping(
            &["Book=title", "Writer", "Shelf"],
            &[("Book=title", "title"), ("writer", "author"), ("Shelf", "")],
            &[("in_print", "false"), ("price", "9.5")],
        )
        .expect("a mapping that fits");
        let row = row(&mapping, &["Ubik", "Dick", "A1"]).expect("a row");
        assert_eq!(row.record.value(Book::PRICE.position()).to_string(), "9.50");
        assert_eq!(row.record.value(Book::IN_PRINT.position()), &Value::Bool(false));
    }

    #[test]
    fn a_refusal_names_what_is_missing_and_unknown_and_known() {
        let text = refusal(&["name", "titel"], &[], &[]);
        for part in [
            "unknown columns name, titel",
            "missing columns title, author_id (or author), in_print",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(
            text.contains("books has title, author_id (or author), isbn, published_on"),
            "{text}"
        );
        assert!(
            refusal(&["title", "TITLE", "author", "in_print"], &[], &[])
                .contains("two columns for title")
        );
        assert!(
            refusal(&["title"], &[("nope", "title")], &[])
                .contains("the file has no column `nope`; it has title")
        );
        assert!(
            refusal(&["title"], &[("title", "nope")], &[]).contains("books has no column `nope`")
        );
        assert!(refusal(&["title"], &[], &[("id", "3")]).contains("has no column `id` to set"));
        assert!(
            refusal(&["title"], &[], &[("price", "cheap")]).contains("price: expected a number")
        );
    }

    #[test]
    fn what_the_file_lacks_is_as_the_database_has_it_and_that_is_said() {
        let header = ["title".to_owned(), "author".to_owned()];
        let in_print = Book::IN_PRINT.position();
        let given = |sets| Given {
            sets,
            defaults: vec![(in_print, Value::Bool(true)), (0, Value::Integer(7))],
            ..Given::default()
        };
        let mapping = Mapping::new(Book::meta(), &header, given(&[])).expect("it fits");
        let taken = row(&mapping, &["Ubik", "Dick"]).expect("a row");
        assert_eq!(taken.record.value(in_print), &Value::Bool(true));
        assert!(taken.record.value(0).is_null());
        assert_eq!(
            mapping.remarks(),
            ["not in the file, so every row has the database's default: in_print = true"]
        );
        let sets = [("in_print".to_owned(), "no".to_owned())];
        let mapping = Mapping::new(Book::meta(), &header, given(&sets)).expect("it fits");
        let taken = row(&mapping, &["Ubik", "Dick"]).expect("a row");
        assert_eq!(taken.record.value(in_print), &Value::Bool(false));
        assert!(mapping.remarks().is_empty());
    }

    #[test]
    fn a_value_that_is_only_written_otherwise_is_taken_as_it_is_stored() {
        let mapping = mapping(&["title", "author", "isbn", "in_print"], &[], &[]).expect("it fits");
        let row = row(&mapping, &["Solaris", "Lem", "978-0-15-602760-1", "y"]).expect("a row");
        assert_eq!(row.record.value(Book::ISBN.position()), &Value::from("9780156027601"));
    }

    #[test]
    fn every_wrong_value_of_a_row_is_named() {
        let mapping =
            mapping(&["title", "author_id", "in_print", "price", "published_on"], &[], &[])
                .expect("a mapping that fits");
        let faults =
            row(&mapping, &["Ubik", "x", "maybe", "1.999", "1/2/1969"]).expect_err("faults");
        for column in ["author_id: ", "in_print: ", "price: ", "published_on: expected a date"] {
            assert!(faults.contains(column), "{faults}");
        }
        let row = row(&mapping, &["", "3", "1", "", ""]).expect("a row");
        assert_eq!(row.record.value(Book::TITLE.position()), &Value::from(""));
        assert!(row.record.value(Book::PRICE.position()).is_null());
    }
}
