//! The filter from text: recursive descent over the grammar
//!
//! ```text
//! filter    = [ any ]
//! any       = every { "or" every }
//! every     = one { "and" one }
//! one       = "not" one | "(" any ")" | "true" | "false" | related | count
//!           | { relation "." } column [ condition ]
//! related   = relations "(" any ")" | relations "is" [ "not" ] "null"
//!           | ( "any" | "no" ) relations [ "(" any ")" ] | "all" relations "(" any ")"
//! count     = "count" "(" relations [ "where" any ] ")" sign number
//! relations = relation { "." relation }
//! condition = sign value | "is" [ "not" ] "null" | [ "not" ] "in" "(" [ value { "," value } ] ")"
//!           | [ "not" ] "in" "last" number "days"
//!           | [ "not" ] "between" value "and" value
//! ```

mod related;

use std::ops::Range;

use super::error::shown;
use super::lexer::{Lexer, Segment, Token, is_keyword};
use super::{Comparison, Filter, FilterError, TextMatch, known};
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, EntityMeta};
use crate::value::Value;

/// Parentheses and `not`s inside each other.
const MAX_DEPTH: usize = 100;

impl Filter {
    /// Reads a filter that a person typed; the table above says how it looks. An empty text finds
    /// every row.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, age -> Nullable<Integer> } } }
    /// # use persistence::Entity; use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String, age: Option<i32> }
    /// use persistence::Filter;
    /// let filter = Filter::parse(User::meta(), "age > 25 and name ~ 'мар'")?;
    /// assert_eq!(filter, User::AGE.gt(25).and(User::NAME.contains("мар")).into());
    ///
    /// let error = Filter::parse(User::meta(), "age > abc").unwrap_err();
    /// assert_eq!(error.column(), Some(7));
    /// # Ok::<(), persistence::FilterError>(())
    /// ```
    ///
    /// # Errors
    /// [`FilterError`] that points at the mistake.
    pub fn parse(meta: &EntityMeta, text: &str) -> Result<Self, FilterError> {
        Self::parse_with(meta, text, |_, _| None)
    }

    /// Reads a filter as [`parse`](Self::parse) does, and asks `read` for values that are not in the
    /// form of their column: dates and numbers as a language has them. Outside the parentheses of a
    /// list a number may have a comma, which is read together with what stands around it.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text, height -> Nullable<Double> } } }
    /// # use persistence::Entity; use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String, height: Option<f64> }
    /// use persistence::Filter;
    /// let filter = Filter::parse_with(User::meta(), "height > 1,75", |column_type, text| {
    ///     column_type.parse(&text.replace(',', ".")).ok()
    /// })?;
    /// assert_eq!(filter, User::HEIGHT.gt(1.75).into());
    /// # Ok::<(), persistence::FilterError>(())
    /// ```
    ///
    /// # Errors
    /// [`FilterError`] that points at the mistake.
    pub fn parse_with(
        meta: &EntityMeta,
        text: &str,
        read: impl Fn(ColumnType, &str) -> Option<Value>,
    ) -> Result<Self, FilterError> {
        let mut parser = Parser::new(meta, text, &read)?;
        if parser.token == Token::End {
            return Ok(Self::All);
        }
        let filter = parser.any()?;
        match parser.token {
            Token::End => Ok(filter),
            Token::Close => Err(parser.error("this `)` closes nothing")),
            _ => Err(parser.expected("`and`, `or` or the end", Hint::Quotes)),
        }
    }
}

/// What else to say of a token that was not expected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    None,
    Quotes,
}

struct Parser<'t> {
    meta: &'t EntityMeta,
    /// Reads values that are not in the form of their column.
    read: &'t dyn Fn(ColumnType, &str) -> Option<Value>,
    is_in_list: bool,
    text: &'t str,
    lexer: Lexer<'t>,
    token: Token<'t>,
    span: Range<usize>,
    depth: usize,
    relations: usize,
}

impl<'t> Parser<'t> {
    fn new(
        meta: &'t EntityMeta,
        text: &'t str,
        read: &'t dyn Fn(ColumnType, &str) -> Option<Value>,
    ) -> Result<Self, FilterError> {
        let mut lexer = Lexer::new(text);
        let (token, span) = lexer.next()?;
        let (is_in_list, depth, relations) = (false, 0, 0);
        Ok(Self { meta, read, is_in_list, text, lexer, token, span, depth, relations })
    }

    /// Takes the current token, with its place.
    fn take(&mut self) -> Result<(Token<'t>, Range<usize>), FilterError> {
        let (token, span) = self.lexer.next()?;
        Ok((std::mem::replace(&mut self.token, token), std::mem::replace(&mut self.span, span)))
    }

    /// Takes the current token if it is that keyword.
    fn takes(&mut self, keyword: &str) -> Result<bool, FilterError> {
        let is_there = self.token.is(keyword);
        if is_there {
            self.take()?;
        }
        Ok(is_there)
    }

    fn error(&self, message: impl Into<String>) -> FilterError {
        FilterError::new(message).at_span(self.text, self.span.clone())
    }

    fn expected(&self, what: &str, hint: Hint) -> FilterError {
        let got = match self.text.get(self.span.clone()) {
            None | Some("") => "the end".to_owned(),
            Some(token) => shown(token),
        };
        let hint = match hint {
            Hint::Quotes if matches!(self.token, Token::Word(_)) => {
                "; text of several words stands in quotes"
            }
            Hint::Quotes | Hint::None => "",
        };
        self.error(format!("expected {what}, got {got}{hint}"))
    }

    fn require(&mut self, token: &Token<'_>, what: &str, hint: Hint) -> Result<(), FilterError> {
        if self.token == *token {
            self.take()?;
            Ok(())
        } else {
            Err(self.expected(what, hint))
        }
    }

    fn any(&mut self) -> Result<Filter, FilterError> {
        let first = self.every()?;
        if !self.token.is("or") {
            return Ok(first);
        }
        let mut filters = Vec::new();
        let mut next = first;
        loop {
            match next {
                Filter::Or(more) => filters.extend(more),
                one => filters.push(one),
            }
            if !self.takes("or")? {
                break;
            }
            next = self.every()?;
        }
        Ok(single(filters).unwrap_or_else(Filter::Or))
    }

    fn every(&mut self) -> Result<Filter, FilterError> {
        let first = self.one()?;
        if !self.token.is("and") {
            return Ok(first);
        }
        let mut filters = Vec::new();
        let mut next = first;
        loop {
            match next {
                Filter::All => {}
                Filter::And(more) => filters.extend(more),
                one => filters.push(one),
            }
            if !self.takes("and")? {
                break;
            }
            next = self.one()?;
        }
        Ok(single(filters).unwrap_or_else(|filters| {
            if filters.is_empty() { Filter::All } else { Filter::And(filters) }
        }))
    }

    fn one(&mut self) -> Result<Filter, FilterError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let filter = if self.token == Token::Open {
            self.take()?;
            let filter = self.any()?;
            self.require(&Token::Close, "`and`, `or` or `)`", Hint::Quotes)?;
            filter
        } else if self.takes("not")? {
            self.one()?.not()
        } else if self.takes("true")? {
            Filter::All
        } else if self.takes("false")? {
            Filter::Or(Vec::new())
        } else if let Some(filter) = self.quantified()? {
            filter
        } else {
            self.column_condition()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn column_condition(&mut self) -> Result<Filter, FilterError> {
        match &self.token {
            Token::Word(word) if !is_keyword(word) => {}
            Token::Name(_) => {}
            Token::Quoted(_) => {
                return Err(self.expected("the name of a column, without quotes", Hint::None));
            }
            _ => return Err(self.expected("the name of a column, `not` or `(`", Hint::None)),
        }
        let path = self.path()?;
        self.on_path(path)
    }

    fn column(&self, name: &Segment<'_>) -> Result<&'static ColumnMeta, FilterError> {
        let column = known(self.meta, &name.name);
        column.map_err(|error| error.at_span(self.text, name.span.clone()))
    }

    fn condition(&mut self, column: &'static ColumnMeta) -> Result<Filter, FilterError> {
        match self.token {
            Token::Compare(operator) => {
                self.check_comparable(column)?;
                self.take()?;
                let value = self.value(column)?;
                Ok(Filter::compare(column.name, operator, value))
            }
            Token::Match(operator) => self.text_match(column, operator),
            Token::NotContains => Ok(self.text_match(column, TextMatch::Contains)?.not()),
            Token::Word(_) if self.token.is("is") => {
                self.take()?;
                let is_not = self.takes("not")?;
                if !self.takes("null")? {
                    let wanted = if is_not { "`null`" } else { "`null` or `not null`" };
                    return Err(self.expected(wanted, Hint::None));
                }
                let is_null = Filter::IsNull { column: column.name.into() };
                Ok(if is_not { is_null.not() } else { is_null })
            }
            _ => {
                let is_not = self.takes("not")?;
                let filter = if self.takes("in")? {
                    self.is_in(column)?
                } else if self.takes("between")? {
                    self.between(column)?
                } else if is_not {
                    return Err(self.expected("`in` or `between`", Hint::None));
                } else if column.column_type == ColumnType::Bool && self.ends_condition() {
                    Filter::compare(column.name, Comparison::Equal, true)
                } else {
                    return Err(self.expected(
                        &format!(
                            "a comparison after `{}` (=, !=, <, <=, >, >=, ~, ^=, $=, in, between, is null)",
                            column.name
                        ),
                        Hint::None,
                    ));
                };
                Ok(if is_not { filter.not() } else { filter })
            }
        }
    }

    fn ends_condition(&self) -> bool {
        matches!(self.token, Token::End | Token::Close)
            || self.token.is("and")
            || self.token.is("or")
    }

    fn check_comparable(&self, column: &ColumnMeta) -> Result<(), FilterError> {
        if column.column_type == ColumnType::Json {
            let error = FilterError::not_comparable(column.name);
            return Err(error.at_span(self.text, self.span.clone()));
        }
        Ok(())
    }

    fn text_match(
        &mut self,
        column: &'static ColumnMeta,
        operator: TextMatch,
    ) -> Result<Filter, FilterError> {
        if !column.column_type.is_text() {
            let error = FilterError::not_text(column.name, operator);
            return Err(error.at_span(self.text, self.span.clone()));
        }
        self.take()?;
        // A part of an enum's name is none of its names.
        let (pattern, _) = self.value_text(column, "text")?;
        Ok(Filter::Text { column: column.name.into(), operator, pattern })
    }

    fn is_in(&mut self, column: &'static ColumnMeta) -> Result<Filter, FilterError> {
        if self.token.is("last") {
            return self.in_last_days(column);
        }
        self.check_comparable(column)?;
        self.require(&Token::Open, "`(` or `last`", Hint::None)?;
        let mut values = Vec::new();
        self.is_in_list = true;
        if self.token != Token::Close {
            values.push(self.value(column)?);
            while self.token == Token::Comma {
                self.take()?;
                values.push(self.value(column)?);
            }
        }
        self.is_in_list = false;
        self.require(&Token::Close, "`,` or `)`", Hint::Quotes)?;
        Ok(Filter::In { column: column.name.into(), values })
    }

    fn in_last_days(&mut self, column: &'static ColumnMeta) -> Result<Filter, FilterError> {
        if !matches!(column.column_type, ColumnType::Date | ColumnType::Timestamp) {
            return Err(FilterError::no_date(column.name).at_span(self.text, self.span.clone()));
        }
        self.take()?;
        let days = match self.token {
            Token::Word(word) => word.parse().ok(),
            _ => None,
        };
        let Some(days) = days else {
            return Err(self.expected("how many days, a whole number from 0", Hint::None));
        };
        self.take()?;
        if !self.takes("days")? && !self.takes("day")? {
            return Err(self.expected("`days`", Hint::None));
        }
        Ok(Filter::InLastDays { column: column.name.into(), days })
    }

    fn between(&mut self, column: &'static ColumnMeta) -> Result<Filter, FilterError> {
        self.check_comparable(column)?;
        let low = self.value(column)?;
        if !self.takes("and")? {
            return Err(self.expected("`and` between the two ends", Hint::Quotes));
        }
        let high = self.value(column)?;
        Ok(Filter::And(vec![
            Filter::compare(column.name, Comparison::GreaterOrEqual, low),
            Filter::compare(column.name, Comparison::LessOrEqual, high),
        ]))
    }

    fn value(&mut self, column: &'static ColumnMeta) -> Result<Value, FilterError> {
        if let Some(value) = self.number_with_comma(column)? {
            return Ok(value);
        }
        let expected = column.column_type.to_string();
        let (text, span) = self.value_text(column, &expected)?;
        let value = column.column_type.parse(&text);
        value
            .or_else(|error| (self.read)(column.column_type, &text).ok_or(error))
            .map_err(|error| FilterError::wrong_value(column.name, &error))
            .map_err(|error| error.at_span(self.text, span))
    }

    /// Reads `12,50` where that is a number and no part of a list.
    fn number_with_comma(
        &mut self,
        column: &'static ColumnMeta,
    ) -> Result<Option<Value>, FilterError> {
        let Token::Word(whole) = self.token else { return Ok(None) };
        if self.is_in_list || !column.column_type.is_number() {
            return Ok(None);
        }
        let mut lexer = self.lexer.clone();
        let (Ok((Token::Comma, comma)), Ok((Token::Word(part), end))) =
            (lexer.next(), lexer.next())
        else {
            return Ok(None);
        };
        let is_one = comma.start == self.span.end && end.start == comma.end;
        let text = format!("{whole},{part}");
        let value = (self.read)(column.column_type, &text).filter(|_| is_one);
        if value.is_some() {
            (self.token, self.span) = lexer.next()?;
            self.lexer = lexer;
        }
        Ok(value)
    }

    /// Reads the text of a value, quoted or not.
    fn value_text(
        &mut self,
        column: &'static ColumnMeta,
        expected: &str,
    ) -> Result<(String, Range<usize>), FilterError> {
        let text = match &self.token {
            Token::Quoted(text) => text.clone().into_owned(),
            Token::Word(_) if self.token.is("null") => {
                let error = FilterError::null_comparison(column.name);
                return Err(error.at_span(self.text, self.span.clone()));
            }
            Token::Word(word) if !is_keyword(word) || column.column_type == ColumnType::Bool => {
                (*word).to_owned()
            }
            Token::Word(_) => {
                let expected =
                    format!("{expected} ({}); keywords as text need quotes", column.name);
                return Err(self.expected(&expected, Hint::None));
            }
            _ => {
                return Err(self.expected(&format!("{expected} ({})", column.name), Hint::None));
            }
        };
        let (token, mut span) = self.take()?;
        // `2024-12-31 23:59` without quotes.
        if column.column_type == ColumnType::Timestamp
            && let (Token::Word(date), Token::Word(time)) = (token, &self.token)
            && !date.contains(':')
            && time.contains(':')
        {
            let text = format!("{text} {time}");
            span.end = self.span.end;
            self.take()?;
            return Ok((text, span));
        }
        Ok((text, span))
    }
}

/// Returns the only filter of a list; else the list again.
fn single(mut filters: Vec<Filter>) -> Result<Filter, Vec<Filter>> {
    match filters.pop() {
        Some(filter) if filters.is_empty() => Ok(filter),
        Some(filter) => {
            filters.push(filter);
            Err(filters)
        }
        None => Err(filters),
    }
}
