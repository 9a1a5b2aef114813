//! The rows in the pictures: the bookshop's sample, always the same.

use chrono::{NaiveDate, TimeDelta};
use domain::{Address, Author, Book, User};
use persistence::{Memory, Repository, Result};

/// The sample in memory; an account was made every 40 days.
///
/// # Errors
///
/// If the sample does not fit the rules of the shop.
pub fn shop() -> Result<Memory> {
    let mut shop = Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>();
    domain::sample::stock(&mut shop)?;
    let made = NaiveDate::from_ymd_opt(2024, 3, 1).and_then(|day| day.and_hms_opt(12, 0, 0));
    let users: Vec<User> = Repository::<User>::list(&mut shop, &persistence::Query::new())?;
    for user in users {
        let created_at = made.map_or(user.created_at, |made| made + TimeDelta::days(40 * user.id));
        Repository::<User>::update(&mut shop, User { created_at, ..user })?;
    }
    shop.commit()?;
    Ok(shop)
}
