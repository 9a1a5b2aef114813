//! What can be typed next in a filter: columns, operators, values (plain Rust).

mod offers;
mod place;
#[cfg(test)]
mod tests;
mod tokens;

pub use offers::{Offer, Question, StoredValue, offers, question, written};
pub use place::places;

/// Returns a text in which an offer has been taken, and where the cursor then stands, in bytes.
#[must_use]
pub fn taken(text: &str, offer: &Offer) -> (String, usize) {
    let before = text.get(..offer.replaced.start).unwrap_or(text);
    let after = text.get(offer.replaced.end..).unwrap_or_default();
    let mut taken = before.to_owned();
    let is_beside = before.ends_with(|last: char| tokens::is_word(last) || "\"'`)".contains(last));
    let is_apart = before.ends_with('.') || offer.inserted == ")";
    if is_beside && !is_apart && offer.replaced.is_empty() {
        taken.push(' ');
    }
    taken.push_str(&offer.inserted);
    if offer.ends() && after.is_empty() {
        taken.push(' ');
    }
    // Behind the blank, where what follows can be chosen.
    let cursor = taken.len() + usize::from(offer.ends() && after.starts_with(' '));
    taken.push_str(after);
    (taken, cursor)
}
