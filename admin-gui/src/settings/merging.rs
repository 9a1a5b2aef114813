//! Settings that several windows keep in one file: each writes what it has changed, and leaves the rest
//! as it finds it.

use std::collections::{BTreeMap, BTreeSet};

use super::{DatabaseSettings, SavedView, Settings};

/// Merges what was read, what one window has made of it, and what is in the file by now.
pub(super) fn merged(base: &Settings, mine: &Settings, theirs: &Settings) -> Settings {
    let Settings {
        appearance,
        language,
        zoom,
        window_size,
        is_maximized,
        record_width,
        navigation_width,
        databases,
    } = mine;
    Settings {
        appearance: changed(&base.appearance, appearance, &theirs.appearance),
        language: changed(&base.language, language, &theirs.language),
        zoom: changed(&base.zoom, zoom, &theirs.zoom),
        window_size: changed(&base.window_size, window_size, &theirs.window_size),
        is_maximized: changed(&base.is_maximized, is_maximized, &theirs.is_maximized),
        record_width: changed(&base.record_width, record_width, &theirs.record_width),
        navigation_width: changed(
            &base.navigation_width,
            navigation_width,
            &theirs.navigation_width,
        ),
        databases: entries(&base.databases, databases, &theirs.databases, |base, mine, theirs| {
            let usual = DatabaseSettings::default();
            let or_usual = |found: Option<&DatabaseSettings>| found.unwrap_or(&usual).clone();
            match (mine, theirs) {
                (None, None) => None,
                _ => Some(database(&or_usual(base), &or_usual(mine), &or_usual(theirs))),
            }
        }),
    }
}

fn database(
    base: &DatabaseSettings,
    mine: &DatabaseSettings,
    theirs: &DatabaseSettings,
) -> DatabaseSettings {
    let DatabaseSettings { is_production, entities, views, panes } = mine;
    DatabaseSettings {
        is_production: changed(&base.is_production, is_production, &theirs.is_production),
        entities: entries(&base.entities, entities, &theirs.entities, one),
        views: saved_views(&base.views, views, &theirs.views),
        panes: changed(&base.panes, panes, &theirs.panes),
    }
}

/// Returns mine where I have changed it, else theirs.
fn changed<T: Clone + PartialEq>(base: &T, mine: &T, theirs: &T) -> T {
    if mine == base { theirs.clone() } else { mine.clone() }
}

/// Merges one entry; what one has taken away and the other changed stays.
fn one<T: Clone + PartialEq>(base: Option<&T>, mine: Option<&T>, theirs: Option<&T>) -> Option<T> {
    let kept = if mine == base { theirs } else { mine };
    let rescued = if theirs == base { None } else { theirs };
    kept.or(rescued).cloned()
}

fn entries<K: Clone + Ord, T: Clone + PartialEq>(
    base: &BTreeMap<K, T>,
    mine: &BTreeMap<K, T>,
    theirs: &BTreeMap<K, T>,
    merge: impl Fn(Option<&T>, Option<&T>, Option<&T>) -> Option<T>,
) -> BTreeMap<K, T> {
    let keys: BTreeSet<&K> = mine.keys().chain(theirs.keys()).collect();
    let entry = |key: &K| merge(base.get(key), mine.get(key), theirs.get(key));
    keys.into_iter().filter_map(|key| Some((key.clone(), entry(key)?))).collect()
}

/// Merges saved views: in the order of mine, then those that others have added.
fn saved_views(base: &[SavedView], mine: &[SavedView], theirs: &[SavedView]) -> Vec<SavedView> {
    let (base, named, others) = (by_name(base), by_name(mine), by_name(theirs));
    let both = entries(&base, &named, &others, one);
    let in_order = numbered(mine).chain(numbered(theirs)).map(|(name, _)| name);
    let mut seen = BTreeSet::new();
    in_order.filter(|name| seen.insert(*name)).filter_map(|name| both.get(&name).cloned()).collect()
}

/// A view's table and name, and which of those of the same name it is.
type ViewName<'v> = (&'v str, &'v str, usize);

fn numbered(views: &[SavedView]) -> impl Iterator<Item = (ViewName<'_>, &SavedView)> {
    views.iter().enumerate().map(|(place, view)| {
        let same = |other: &&SavedView| other.table == view.table && other.name == view.name;
        let before = views.iter().take(place).filter(same).count();
        ((view.table.as_str(), view.name.as_str(), before), view)
    })
}

fn by_name(views: &[SavedView]) -> BTreeMap<ViewName<'_>, SavedView> {
    numbered(views).map(|(name, view)| (name, view.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::EntityLayout;

    fn view(name: &str, filter: &str) -> SavedView {
        let layout = EntityLayout { filter: filter.to_owned(), ..EntityLayout::default() };
        SavedView { name: name.to_owned(), table: "books".to_owned(), layout }
    }

    fn with(views: &[SavedView]) -> Settings {
        let database = DatabaseSettings { views: views.to_vec(), ..DatabaseSettings::default() };
        Settings { databases: [("shop".to_owned(), database)].into(), ..Settings::default() }
    }

    fn views(settings: &Settings) -> Vec<SavedView> {
        settings.databases.get("shop").map(|shop| shop.views.clone()).unwrap_or_default()
    }

    #[test]
    fn views_that_two_windows_have_saved_are_both_kept() {
        let base = with(&[view("old", "")]);
        let mine = with(&[view("old", ""), view("mine", "")]);
        let theirs = with(&[view("old", ""), view("theirs", "")]);
        let both = merged(&base, &mine, &theirs);
        assert_eq!(views(&both), [view("old", ""), view("mine", ""), view("theirs", "")]);
    }

    #[test]
    fn what_one_has_changed_or_deleted_is_so_and_the_rest_is_as_the_other_has_it() {
        let base = with(&[view("a", "1"), view("b", "1"), view("c", "1")]);
        let mine = with(&[view("a", "2"), view("c", "1")]);
        let theirs = with(&[view("a", "1"), view("b", "1"), view("c", "3")]);
        assert_eq!(views(&merged(&base, &mine, &theirs)), [view("a", "2"), view("c", "3")]);
    }

    #[test]
    fn what_one_has_deleted_and_the_other_changed_stays() {
        let base = with(&[view("a", "1")]);
        assert_eq!(views(&merged(&base, &with(&[]), &with(&[view("a", "2")]))), [view("a", "2")]);
        assert_eq!(views(&merged(&base, &with(&[view("a", "2")]), &with(&[]))), [view("a", "2")]);
        assert!(views(&merged(&base, &with(&[]), &base)).is_empty());
    }

    #[test]
    fn two_views_of_one_name_stay_two() {
        let base = with(&[view("a", "1"), view("a", "2")]);
        assert_eq!(merged(&base, &base, &base), base);
        let theirs = with(&[view("a", "1"), view("a", "3")]);
        assert_eq!(merged(&base, &base, &theirs), theirs);
    }

    #[test]
    fn layouts_of_entities_and_choices_are_merged_one_by_one() {
        let layout =
            |order: &str| EntityLayout { order: order.to_owned(), ..EntityLayout::default() };
        let arranged = |entities: &[(&str, &str)], zoom| {
            let entities =
                entities.iter().map(|(table, order)| ((*table).to_owned(), layout(order)));
            let shop =
                DatabaseSettings { entities: entities.collect(), ..DatabaseSettings::default() };
            Settings { zoom, databases: [("shop".to_owned(), shop)].into(), ..Settings::default() }
        };
        let base = arranged(&[("books", "id"), ("users", "id")], 1.0);
        let mine = arranged(&[("books", "title"), ("users", "id")], 1.0);
        let theirs = arranged(&[("books", "id"), ("users", "name"), ("authors", "id")], 1.5);
        let both = arranged(&[("books", "title"), ("users", "name"), ("authors", "id")], 1.5);
        assert_eq!(merged(&base, &mine, &theirs), both);
    }
}
