//! Icons of entities, by the names that the Material icon set gives them.

use egui_material_icons::{MaterialIcon, icons};

/// Declares the icons that an entity can have.
macro_rules! entity_icons {
    ($($name:literal => $icon:ident),+ $(,)?) => {
        fn by_name(name: &str) -> Option<MaterialIcon> {
            match name {
                $($name => Some(icons::$icon),)+
                _ => None,
            }
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$($name),+];
    };
}

entity_icons! {
    "account_balance" => ICON_ACCOUNT_BALANCE,
    "account_circle" => ICON_ACCOUNT_CIRCLE,
    "apartment" => ICON_APARTMENT,
    "article" => ICON_ARTICLE,
    "attach_file" => ICON_ATTACH_FILE,
    "badge" => ICON_BADGE,
    "book" => ICON_BOOK,
    "bookmark" => ICON_BOOKMARK,
    "build" => ICON_BUILD,
    "business" => ICON_BUSINESS,
    "call" => ICON_CALL,
    "category" => ICON_CATEGORY,
    "chat" => ICON_CHAT,
    "checklist" => ICON_CHECKLIST,
    "cloud" => ICON_CLOUD,
    "code" => ICON_CODE,
    "contacts" => ICON_CONTACTS,
    "credit_card" => ICON_CREDIT_CARD,
    "dataset" => ICON_DATASET,
    "description" => ICON_DESCRIPTION,
    "devices" => ICON_DEVICES,
    "directions_car" => ICON_DIRECTIONS_CAR,
    "event" => ICON_EVENT,
    "factory" => ICON_FACTORY,
    "favorite" => ICON_FAVORITE,
    "flag" => ICON_FLAG,
    "folder" => ICON_FOLDER,
    "group" => ICON_GROUP,
    "groups" => ICON_GROUPS,
    "history" => ICON_HISTORY,
    "home" => ICON_HOME,
    "image" => ICON_IMAGE,
    "inventory_2" => ICON_INVENTORY_2,
    "key" => ICON_KEY,
    "label" => ICON_LABEL,
    "language" => ICON_LANGUAGE,
    "library_books" => ICON_LIBRARY_BOOKS,
    "link" => ICON_LINK,
    "list" => ICON_LIST,
    "local_library" => ICON_LOCAL_LIBRARY,
    "local_shipping" => ICON_LOCAL_SHIPPING,
    "location_on" => ICON_LOCATION_ON,
    "lock" => ICON_LOCK,
    "mail" => ICON_MAIL,
    "map" => ICON_MAP,
    "menu_book" => ICON_MENU_BOOK,
    "movie" => ICON_MOVIE,
    "music_note" => ICON_MUSIC_NOTE,
    "newspaper" => ICON_NEWSPAPER,
    "notifications" => ICON_NOTIFICATIONS,
    "payments" => ICON_PAYMENTS,
    "person" => ICON_PERSON,
    "pets" => ICON_PETS,
    "place" => ICON_PLACE,
    "public" => ICON_PUBLIC,
    "receipt" => ICON_RECEIPT,
    "receipt_long" => ICON_RECEIPT_LONG,
    "reviews" => ICON_REVIEWS,
    "rss_feed" => ICON_RSS_FEED,
    "school" => ICON_SCHOOL,
    "sell" => ICON_SELL,
    "settings" => ICON_SETTINGS,
    "shopping_cart" => ICON_SHOPPING_CART,
    "star" => ICON_STAR,
    "store" => ICON_STORE,
    "storefront" => ICON_STOREFRONT,
    "table" => ICON_TABLE,
    "task" => ICON_TASK,
    "translate" => ICON_TRANSLATE,
    "warehouse" => ICON_WAREHOUSE,
    "work" => ICON_WORK,
}

/// Returns the icon of an entity: the one it names, else a table.
#[must_use]
pub fn entity_icon(name: Option<&str>) -> MaterialIcon {
    name.and_then(|name| {
        let icon = by_name(name);
        if icon.is_none() {
            tracing::debug!(name, "no such entity icon");
        }
        icon
    })
    .unwrap_or(icons::ICON_TABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_own_icon_and_an_unknown_one_is_a_table() {
        for name in NAMES.iter().filter(|name| **name != "table") {
            assert_ne!(entity_icon(Some(name)).codepoint, icons::ICON_TABLE.codepoint, "{name}");
        }
        assert_eq!(entity_icon(Some("no_such_icon")).codepoint, icons::ICON_TABLE.codepoint);
        assert_eq!(entity_icon(None).codepoint, icons::ICON_TABLE.codepoint);
    }
}
