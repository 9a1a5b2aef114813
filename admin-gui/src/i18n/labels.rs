//! What entities, columns and enum variants are called.

use persistence::{ColumnMeta, EntityMeta};

use super::Texts;
use crate::extensions::Action;

impl Texts {
    /// Returns an entity in the plural: the application's `entity-books`, else its table's name as
    /// words.
    #[must_use]
    pub fn entity(&self, meta: &EntityMeta) -> String {
        self.find(&format!("entity-{}", meta.table), &[]).unwrap_or_else(|| humanised(meta.table))
    }

    /// Returns one row of an entity: the application's `entity-books.one`, else the entity's name
    /// as words.
    #[must_use]
    pub fn entity_one(&self, meta: &EntityMeta) -> String {
        self.find(&format!("entity-{}.one", meta.table), &[])
            .unwrap_or_else(|| humanised(meta.name))
    }

    /// Returns a column: the application's `column-books-title`, else its name as words; a foreign
    /// key's without the `_id` or `Id`.
    #[must_use]
    pub fn column(&self, meta: &EntityMeta, column: &ColumnMeta) -> String {
        self.find(&format!("column-{}-{}", meta.table, column.name), &[]).unwrap_or_else(|| {
            let name = match column.references {
                Some(_) => without_id(column.name),
                None => column.name,
            };
            humanised(name)
        })
    }

    /// Returns an action of the application's own: its `action-todos-Mark-as-done`, else the name
    /// that the program gives it.
    #[must_use]
    pub fn action(&self, action: &Action) -> String {
        let name = action.name();
        let key = format!("action-{}-{}", action.meta().table, as_key(name));
        self.find(&key, &[]).unwrap_or_else(|| name.to_owned())
    }

    /// Returns a variant of an enum column: the application's `value-books-state-lent`, else the
    /// variant itself.
    #[must_use]
    pub fn variant(&self, meta: &EntityMeta, column: &ColumnMeta, variant: &str) -> String {
        let key = as_key(variant);
        self.find(&format!("value-{}-{}-{key}", meta.table, column.name), &[])
            .unwrap_or_else(|| variant.to_owned())
    }
}

/// Returns a name as a part of a text's key.
fn as_key(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// Returns a foreign key's name without what says that it is one: `author_id`, `AuthorId` →
/// `author`.
fn without_id(name: &str) -> &str {
    let is_word = |rest: &&str| rest.ends_with(char::is_lowercase);
    name.strip_suffix("_id").or_else(|| name.strip_suffix("Id").filter(is_word)).unwrap_or(name)
}

/// Returns a name in a program as words: `published_on` → “Published on”, `OrderLine` → “Order
/// line”.
#[must_use]
pub fn humanised(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut follows_lower_case = false;
    for character in name.trim_matches('_').chars() {
        if character == '_' || character == '-' {
            words.push(' ');
        } else if words.is_empty() {
            words.extend(character.to_uppercase());
        } else {
            if character.is_uppercase() && follows_lower_case {
                words.push(' ');
            }
            words.extend(character.to_lowercase());
        }
        follows_lower_case = character.is_lowercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_key_loses_its_id_and_no_other_letters() {
        for (name, expected) in [
            ("author_id", "author"),
            ("SupportRepId", "SupportRep"),
            ("paid", "paid"),
            ("Id", "Id"),
        ] {
            assert_eq!(without_id(name), expected);
        }
    }

    #[test]
    fn names_become_words() {
        for (name, expected) in [
            ("published_on", "Published on"),
            ("books", "Books"),
            ("OrderLine", "Order line"),
            ("id", "Id"),
            ("_odd_", "Odd"),
        ] {
            assert_eq!(humanised(name), expected);
        }
    }
}
