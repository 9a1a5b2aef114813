//! What people call entities and columns, where no translation says otherwise.

use persistence::{ColumnMeta, EntityMeta};

/// Words that are written in capitals.
const ACRONYMS: &[&str] = &["html", "ip", "isbn", "issn", "json", "sku", "sql", "url", "uuid"];

/// The title of an entity: `order_items` is "Order items".
#[must_use]
pub fn entity_title(meta: &EntityMeta) -> String {
    sentence(meta.table)
}

/// The name of one row's entity: `OrderItem` is "Order item".
#[must_use]
pub fn entity_name(meta: &EntityMeta) -> String {
    let mut spaced = String::with_capacity(meta.name.len() + 4);
    for (position, letter) in meta.name.chars().enumerate() {
        if position > 0 && letter.is_uppercase() {
            spaced.push('_');
        }
        spaced.extend(letter.to_lowercase());
    }
    sentence(&spaced)
}

/// The title of a column: `author_id` is "Author" where it refers to one, `published_on` is
/// "Published", `isbn` is "ISBN".
#[must_use]
pub fn column_title(column: &ColumnMeta) -> String {
    let name = if column.references.is_some() {
        column.name.strip_suffix("_id").unwrap_or(column.name)
    } else {
        ["_on", "_at"].iter().find_map(|suffix| column.name.strip_suffix(suffix)).unwrap_or(column.name)
    };
    if name == "id" { name.to_owned() } else { sentence(name) }
}

/// `in_print` is "In print".
fn sentence(name: &str) -> String {
    let mut sentence = String::with_capacity(name.len());
    for word in name.split('_').filter(|word| !word.is_empty()) {
        let is_first = sentence.is_empty();
        if !is_first {
            sentence.push(' ');
        }
        let mut letters = word.chars();
        if ACRONYMS.contains(&word) {
            sentence.push_str(&word.to_uppercase());
        } else if let Some(letter) = letters.next().filter(|_| is_first) {
            sentence.extend(letter.to_uppercase());
            sentence.push_str(letters.as_str());
        } else {
            sentence.push_str(word);
        }
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn names_of_the_database_become_words() {
        for (name, words) in [
            ("in_print", "In print"),
            ("isbn", "ISBN"),
            ("order_items", "Order items"),
            ("home_url", "Home URL"),
            ("__odd__name", "Odd name"),
        ] {
            assert_eq!(sentence(name), words);
        }
    }
}
