//! What a person says of a change of many rows: what it is to do, as far as it is said by now.

use persistence::entity::EntityId;
use persistence::staging::StagedValue;
use persistence::staging::bulk::{
    BulkChange, Calculation, Extent, LetterCase, Replacement, Shift, TimeUnit, is_open,
};
use persistence::{ColumnMeta, ColumnType, EntityMeta, Value};

use crate::app::cell_editing::typed_value;
use crate::i18n::Language;
use crate::national;
use crate::tasks::Choice;

/// What is done to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Set,
    Clear,
    Default,
    Replace,
    Calculate,
    Shift,
}

/// How a number is calculated with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Operator {
    #[default]
    Add,
    Subtract,
    Multiply,
    Percent,
}

impl Operator {
    pub const ALL: [Self; 4] = [Self::Add, Self::Subtract, Self::Multiply, Self::Percent];
}

/// What keeps a change from being one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Something has not been typed yet.
    Incomplete,
    /// What was typed is no value of the column.
    NoValue(String),
    /// What was typed is no number to calculate with.
    NoNumber,
    /// What was typed is no whole number to move a date by.
    NoAmount,
    /// What is looked for is too long.
    TooLong,
}

/// What a person says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    entity: EntityId,
    /// The column's position.
    /// The columns that a person may change, by their positions.
    pub open: Vec<usize>,
    pub column: usize,
    pub deed: Deed,
    /// What the value is to be, as it is typed.
    pub value: String,
    /// The row to which a reference is to point.
    pub choice: Option<Choice>,
    pub find: String,
    pub with: String,
    pub ignores_case: bool,
    pub is_whole_words: bool,
    pub operator: Operator,
    pub operand: String,
    pub amount: String,
    pub unit: TimeUnit,
    /// What the database gives to columns that are left out, by their positions.
    pub defaults: Vec<(usize, Value)>,
}

impl Draft {
    /// Makes one for a column where that may be changed, else for the first that may; `None` where there
    /// is none.
    pub fn new(
        meta: &'static EntityMeta,
        wanted: Option<usize>,
        is_permitted: impl Fn(&ColumnMeta) -> bool,
    ) -> Option<Self> {
        let is_permitted = |position: usize| meta.columns.get(position).is_some_and(&is_permitted);
        let is_open = |position: &usize| is_open(meta, *position) && is_permitted(*position);
        let open: Vec<usize> = (0..meta.columns.len()).filter(is_open).collect();
        let wanted = wanted.filter(|position| open.contains(position));
        let column = wanted.or_else(|| open.first().copied())?;
        Some(Self {
            entity: EntityId::new(meta),
            open,
            column,
            deed: Deed::Set,
            value: String::new(),
            choice: None,
            find: String::new(),
            with: String::new(),
            ignores_case: false,
            is_whole_words: false,
            operator: Operator::default(),
            operand: String::new(),
            amount: String::new(),
            unit: TimeUnit::default(),
            defaults: Vec::new(),
        })
    }

    /// Returns the entity.
    pub const fn meta(&self) -> &'static EntityMeta {
        self.entity.meta()
    }

    /// Returns the column's metadata.
    pub fn column_meta(&self) -> Option<&'static ColumnMeta> {
        self.meta().columns.get(self.column)
    }

    /// Turns to another column, and to something that can be done to it.
    pub fn turn_to(&mut self, column: usize) {
        if column == self.column {
            return;
        }
        self.column = column;
        self.value.clear();
        self.choice = None;
        if !self.deeds().contains(&self.deed) {
            self.deed = Deed::Set;
        }
        if !self.units().any(|unit| unit == self.unit) {
            self.unit = TimeUnit::default();
        }
    }

    /// Returns what can be done to the values of the column.
    pub fn deeds(&self) -> Vec<Deed> {
        let Some(column) = self.column_meta() else { return Vec::new() };
        let is_text = column.column_type == ColumnType::Text;
        let is_own = column.references.is_none();
        let is_moved =
            matches!(column.column_type, ColumnType::Date | ColumnType::Timestamp) && is_own;
        let all = [
            (Deed::Set, true),
            (Deed::Replace, is_text && is_own),
            (Deed::Calculate, column.column_type.is_number() && is_own),
            (Deed::Shift, is_moved),
            (Deed::Clear, column.is_nullable || is_text),
            (Deed::Default, self.default_value().is_some()),
        ];
        all.into_iter().filter_map(|(deed, can_be)| can_be.then_some(deed)).collect()
    }

    /// Returns the lengths of time by which values of the column are moved.
    pub fn units(&self) -> impl Iterator<Item = TimeUnit> + use<> {
        let column_type = self.column_meta().map(|column| column.column_type);
        let suits = move |unit: &TimeUnit| column_type.is_some_and(|it| unit.suits(it));
        TimeUnit::ALL.into_iter().filter(suits)
    }

    /// Returns what the database gives to the column where it is left out.
    pub fn default_value(&self) -> Option<&Value> {
        let mut defaults = self.defaults.iter();
        defaults.find(|(position, _)| *position == self.column).map(|(_, value)| value)
    }

    /// Returns the change, once all of it is said.
    ///
    /// # Errors
    /// What is missing, or wrong.
    pub fn change(&self, language: Language) -> Result<BulkChange, Missing> {
        match self.deed {
            Deed::Set => self.new_value(language).map(BulkChange::Set),
            Deed::Clear => Ok(BulkChange::Clear),
            Deed::Default => {
                let value = self.default_value().ok_or(Missing::Incomplete)?;
                Ok(BulkChange::Set(value.clone()))
            }
            Deed::Replace => self.replacement().map(BulkChange::Replace),
            Deed::Calculate => self.calculation(language).map(BulkChange::Calculate),
            Deed::Shift => {
                let amount = signed(&self.amount).ok_or(Missing::Incomplete)?;
                let amount = amount.parse().map_err(|_| Missing::NoAmount)?;
                Ok(BulkChange::Shift(Shift { amount, unit: self.unit }))
            }
        }
    }

    fn new_value(&self, language: Language) -> Result<Value, Missing> {
        let column = self.column_meta().ok_or(Missing::Incomplete)?;
        if column.references.is_some() {
            return self
                .choice
                .as_ref()
                .map(|choice| choice.key.clone())
                .ok_or(Missing::Incomplete);
        }
        if self.value.is_empty() {
            return Err(Missing::Incomplete);
        }
        match typed_value(language, column, &self.value) {
            StagedValue::Text(text) => Err(Missing::NoValue(text)),
            value @ StagedValue::Value(_) => match value.known() {
                Some(value) if !value.is_null() => Ok(value.clone()),
                _ => Err(Missing::Incomplete),
            },
        }
    }

    fn replacement(&self) -> Result<Replacement, Missing> {
        if self.find.is_empty() {
            return Err(Missing::Incomplete);
        }
        let case = if self.ignores_case { LetterCase::Any } else { LetterCase::Exact };
        let extent = if self.is_whole_words { Extent::WholeWords } else { Extent::Anywhere };
        let replacement = Replacement::new(&self.find, self.with.as_str(), case, extent);
        replacement.map_err(|_| Missing::TooLong)
    }

    fn calculation(&self, language: Language) -> Result<Calculation, Missing> {
        let typed = signed(&self.operand).ok_or(Missing::Incomplete)?;
        let number = typed.strip_suffix('%').unwrap_or(&typed);
        let number = national::plain(language, ColumnType::Float, number);
        let operand = number.parse().map_err(|_| Missing::NoNumber)?;
        match self.operator {
            Operator::Percent => Ok(Calculation::Percent(operand)),
            // Ten percent of what is not said is no number.
            _ if typed.ends_with('%') => Err(Missing::NoNumber),
            Operator::Add => Ok(Calculation::Add(operand)),
            Operator::Subtract => Ok(Calculation::Subtract(operand)),
            Operator::Multiply => Ok(Calculation::Multiply(operand)),
        }
    }
}

/// Returns a number as it is typed without a plus, and with the minus that a computer has; `None` where nothing
/// is typed.
fn signed(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text).trim_start();
    let text = text.replacen('−', "-", 1);
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use persistence::Entity as _;

    use super::*;
    use crate::samples::Writer;

    fn draft(deed: Deed) -> Draft {
        Draft { deed, ..Draft::new(Writer::meta(), None, |_| true).unwrap() }
    }

    #[track_caller]
    fn check(language: Language, draft: &Draft, expected: Result<&str, Missing>) {
        let change = draft.change(language).map(|change| format!("{change:?}"));
        let expected = expected.map(str::to_owned);
        assert_eq!(change, expected);
    }

    #[test]
    fn a_key_is_not_offered_and_another_column_takes_its_place() {
        let wanted = Writer::ID.position();
        assert_eq!(draft(Deed::Set).column, Writer::NAME.position());
        let draft = Draft::new(Writer::meta(), Some(wanted), |_| true).unwrap();
        assert_eq!(draft.column, Writer::NAME.position());
        assert!(draft.deeds().contains(&Deed::Replace));
        assert!(!draft.deeds().contains(&Deed::Calculate));
    }

    #[test]
    fn numbers_are_read_as_the_language_has_them() {
        let typed = |operator, operand: &str| Draft {
            operator,
            operand: operand.to_owned(),
            ..draft(Deed::Calculate)
        };
        let read = |language, operator, operand| {
            typed(operator, operand).change(language).map(|change| match change {
                BulkChange::Calculate(calculation) => calculation,
                other => panic!("{other:?}"),
            })
        };
        let number = |text: &str| text.parse().unwrap();
        let (english, russian) = (Language::English, Language::Russian);
        assert_eq!(read(russian, Operator::Add, "1 234,5"), Ok(Calculation::Add(number("1234.5"))));
        assert_eq!(read(english, Operator::Add, "+10"), Ok(Calculation::Add(number("10"))));
        assert_eq!(
            read(english, Operator::Percent, "+10 %"),
            Ok(Calculation::Percent(number("10")))
        );
        assert_eq!(
            read(russian, Operator::Percent, "−2,5%"),
            Ok(Calculation::Percent(number("-2.5")))
        );
        assert_eq!(read(english, Operator::Add, "10 %"), Err(Missing::NoNumber));
        assert_eq!(read(english, Operator::Add, "1,5"), Err(Missing::NoNumber));
        assert_eq!(read(english, Operator::Add, " "), Err(Missing::Incomplete));
    }

    #[test]
    fn what_is_not_said_yet_is_no_mistake() {
        for deed in [Deed::Set, Deed::Default, Deed::Replace, Deed::Calculate, Deed::Shift] {
            check(Language::English, &draft(deed), Err(Missing::Incomplete));
        }
        check(Language::English, &draft(Deed::Clear), Ok("Clear"));
        let by = |amount: &str| Draft { amount: amount.to_owned(), ..draft(Deed::Shift) };
        check(Language::English, &by("1.5"), Err(Missing::NoAmount));
        check(Language::English, &by("99999999999"), Err(Missing::NoAmount));
        let back = Ok("Shift(Shift { amount: -1, unit: Days })");
        check(Language::English, &by("−1"), back);
    }
}
