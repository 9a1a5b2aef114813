//! Conditions on related rows.

use super::{Hint, Parser};
use crate::filter::lexer::{Segment, Token, is_keyword};
use crate::filter::{Filter, FilterError, MAX_RELATIONS, known_relation};
use crate::relation::RelationMeta;

/// How many of the related rows a condition must be true for.
#[derive(Clone, Copy)]
enum Quantifier {
    Any,
    All,
    No,
}

impl<'t> Parser<'t> {
    /// Takes names joined by dots.
    pub(super) fn path(&mut self) -> Result<Vec<Segment<'t>>, FilterError> {
        let path = self.lexer.path(self.span.start)?;
        (self.token, self.span) = self.lexer.next()?;
        Ok(path)
    }

    /// Parses the condition on what a path leads to: a column, or rows.
    pub(super) fn on_path(&mut self, mut path: Vec<Segment<'t>>) -> Result<Filter, FilterError> {
        let Some(last) = path.pop() else {
            return Err(self.expected("the name of a column", Hint::None));
        };
        self.through(&path, |parser| {
            if let Ok(relation) = known_relation(parser.meta, &last.name) {
                if parser.token == Token::Open {
                    return parser.group(relation);
                }
                // A column of that name is what is compared.
                if let Ok(column) = parser.column(&last) {
                    return parser.condition(column);
                }
                return parser.whether_related(relation, &last);
            }
            let column = parser.column(&last)?;
            parser.condition(column)
        })
    }

    /// Parses `any …`, `all …`, `no …` or `count(…)`, if that is what comes.
    pub(super) fn quantified(&mut self) -> Result<Option<Filter>, FilterError> {
        let Token::Word(word) = self.token else { return Ok(None) };
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        // What follows says whether it is the name of a column or relation instead. A mistake
        // there is found when it is read.
        let Ok((next, _)) = self.lexer.clone().next() else { return Ok(None) };
        if is("count") && next == Token::Open {
            return self.count().map(Some);
        }
        let is_name = match next {
            Token::Name(_) => true,
            Token::Word(word) => !is_keyword(word),
            _ => false,
        };
        let quantifier = match word {
            _ if !is_name => return Ok(None),
            _ if is("any") => Quantifier::Any,
            _ if is("all") => Quantifier::All,
            _ if is("no") => Quantifier::No,
            _ => return Ok(None),
        };
        self.take()?;
        let mut path = self.path()?;
        let Some(last) = path.pop() else {
            return Err(self.expected("the name of a relation", Hint::None));
        };
        let found = self.through(&path, |parser| {
            let relation = parser.relation(&last)?;
            match quantifier {
                Quantifier::All => {
                    if parser.token != Token::Open {
                        return Err(parser.expected("`(`", Hint::None));
                    }
                    let filter = parser.grouped(relation)?;
                    Ok(Filter::related(relation.name, filter.not()))
                }
                Quantifier::Any | Quantifier::No if parser.token == Token::Open => {
                    parser.group(relation)
                }
                Quantifier::Any | Quantifier::No => Ok(Filter::related(relation.name, Filter::All)),
            }
        })?;
        Ok(Some(match quantifier {
            Quantifier::Any => found,
            Quantifier::All | Quantifier::No => found.not(),
        }))
    }

    /// Parses `count(books where price > 10) >= 3`.
    fn count(&mut self) -> Result<Filter, FilterError> {
        self.take()?;
        self.take()?;
        if !matches!(self.token, Token::Word(_) | Token::Name(_)) {
            return Err(self.expected("the name of a relation", Hint::None));
        }
        let mut path = self.path()?;
        let Some(last) = path.pop() else {
            return Err(self.expected("the name of a relation", Hint::None));
        };
        self.through(&path, |parser| {
            let relation = parser.relation(&last)?;
            let filter = if parser.takes("where")? {
                parser.inside(relation, Self::any)?
            } else {
                Filter::All
            };
            parser.require(&Token::Close, "`where` or `)`", Hint::None)?;
            let Token::Compare(operator) = parser.token else {
                return Err(parser.expected("a comparison (=, !=, <, <=, >, >=)", Hint::None));
            };
            parser.take()?;
            let count = match parser.token {
                Token::Word(word) => word.parse().ok(),
                _ => None,
            };
            let Some(count) = count else {
                return Err(parser.expected("how many, a whole number from 0", Hint::None));
            };
            parser.take()?;
            let relation = relation.name.into();
            Ok(Filter::RelatedCount { relation, filter: Box::new(filter), operator, count })
        })
    }

    /// Parses `author is null`, `author is not null`.
    fn whether_related(
        &mut self,
        relation: &'static RelationMeta,
        name: &Segment<'t>,
    ) -> Result<Filter, FilterError> {
        if !relation.is_to_one() || !self.token.is("is") {
            let error = FilterError::no_column_but_relation(relation);
            return Err(error.at_span(self.text, name.span.clone()));
        }
        self.take()?;
        let is_not = self.takes("not")?;
        if !self.takes("null")? {
            let wanted = if is_not { "`null`" } else { "`null` or `not null`" };
            return Err(self.expected(wanted, Hint::None));
        }
        let exists = Filter::related(relation.name, Filter::All);
        Ok(if is_not { exists } else { exists.not() })
    }

    fn group(&mut self, relation: &'static RelationMeta) -> Result<Filter, FilterError> {
        Ok(Filter::related(relation.name, self.grouped(relation)?))
    }

    /// Parses a filter of the related rows in parentheses.
    fn grouped(&mut self, relation: &'static RelationMeta) -> Result<Filter, FilterError> {
        self.take()?;
        let filter = self.inside(relation, Self::any)?;
        self.require(&Token::Close, "`and`, `or` or `)`", Hint::Quotes)?;
        Ok(filter)
    }

    fn relation(&self, name: &Segment<'_>) -> Result<&'static RelationMeta, FilterError> {
        let relation = known_relation(self.meta, &name.name);
        relation.map_err(|error| error.at_span(self.text, name.span.clone()))
    }

    /// Reads what is said of the rows at the end of a path of relations.
    fn through(
        &mut self,
        path: &[Segment<'t>],
        read: impl FnOnce(&mut Self) -> Result<Filter, FilterError>,
    ) -> Result<Filter, FilterError> {
        let (meta, relations) = (self.meta, self.relations);
        let mut names = Vec::with_capacity(path.len());
        for name in path {
            let relation = self.relation(name)?;
            self.enter(relation).map_err(|error| error.at_span(self.text, name.span.clone()))?;
            names.push(relation.name);
        }
        let filter = read(self)?;
        (self.meta, self.relations) = (meta, relations);
        Ok(names.into_iter().rev().fold(filter, |filter, name| Filter::related(name, filter)))
    }

    /// Reads what is said of related rows.
    fn inside(
        &mut self,
        relation: &'static RelationMeta,
        read: impl FnOnce(&mut Self) -> Result<Filter, FilterError>,
    ) -> Result<Filter, FilterError> {
        let (meta, relations) = (self.meta, self.relations);
        self.enter(relation).map_err(|error| error.at_span(self.text, self.span.clone()))?;
        let filter = read(self)?;
        (self.meta, self.relations) = (meta, relations);
        Ok(filter)
    }

    fn enter(&mut self, relation: &'static RelationMeta) -> Result<(), FilterError> {
        self.relations += 1;
        self.meta = relation.target.meta();
        if self.relations > MAX_RELATIONS {
            return Err(FilterError::too_many_relations());
        }
        Ok(())
    }
}
