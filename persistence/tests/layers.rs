//! The data layer (values, metadata, filters, orders, queries, pages, errors) knows nothing of what
//! stands on it: no engine, no session, no repository, and of Diesel no more than it must.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the data layer, and of `relation/` its metadata.
const DATA: [&str; 27] = [
    "clock",
    "column",
    "column_set",
    "column_type",
    "drafting",
    "drift",
    "edit",
    "entity",
    "entity_ref",
    "error",
    "fill",
    "filter",
    "float_form",
    "lengths",
    "order",
    "paging",
    "permissions",
    "query",
    "raw",
    "reference",
    "relation/meta",
    "rules",
    "scalar",
    "sealed",
    "statistics",
    "types",
    "value",
];

/// Where Rust's types become Diesel's: these know a dialect as well.
const FOR_DIESEL: [&str; 3] = ["entity/mapping.rs", "scalar.rs", "types/"];

/// What else of Diesel the data layer names, and where.
const OF_DIESEL: [(&str, &str); 2] =
    [("entity.rs", "diesel::Table"), ("error.rs", "diesel::result::Error")];

/// The files of the data layer, by their paths in `src`.
fn files(src: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for module in DATA {
        let file = src.join(module).with_extension("rs");
        let folder = src.join(module);
        assert!(file.is_file() || folder.is_dir(), "there is no `{module}`");
        found.extend(file.is_file().then_some(file));
        let mut folders = Vec::from_iter(folder.is_dir().then_some(folder));
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
    }
    found
}

/// A file without its comments and its tests.
fn code(source: &str) -> String {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths that a text begins with: one, or those of a group in braces.
fn paths(text: &str) -> Vec<String> {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        let (mut depth, mut begin, mut found) = (0, 0, Vec::new());
        for (place, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    found.extend(paths(&group[begin..place]));
                    begin = place + 1;
                    if character == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
        return found;
    }
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let end = text.find(|character| !is_name(character)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match rest.strip_prefix("::") {
        Some(rest) => paths(rest).iter().map(|path| format!("{name}::{path}")).collect(),
        None if text.starts_with('*') => vec!["*".to_owned()],
        None if name.is_empty() => Vec::new(),
        None => vec![name.to_owned()],
    }
}

/// The paths in a file that begin with one of these crates' names.
fn named(code: &str, crate_name: &str) -> Vec<String> {
    let begin = format!("{crate_name}::");
    let found = code.match_indices(&begin).filter(|(place, _)| {
        let before = code[..*place].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && before != '_' && before != ':')
    });
    found.flat_map(|(place, _)| paths(&code[place + begin.len()..])).collect()
}

/// The crate as a file of it names it by its parents: `super::super` from `filter/parse.rs`.
fn root_from(file: &str) -> String {
    let parents = file.strip_suffix("/mod.rs").unwrap_or(file).split('/').count();
    vec!["super"; parents].join("::")
}

fn is_data(file: &str, path: &str) -> bool {
    let module = path.split("::").next().unwrap_or_default();
    let is_dialect = path == "backend::Dialect";
    DATA.contains(&module)
        || path.starts_with("relation::RelationMeta")
        || path.starts_with("relation::RelationKind")
        || is_dialect && FOR_DIESEL.iter().any(|known| file.starts_with(known))
}

fn is_known_of_diesel(file: &str, path: &str) -> bool {
    OF_DIESEL.contains(&(file, format!("diesel::{path}").as_str()))
        || FOR_DIESEL.iter().any(|known| file.starts_with(known))
}

#[test]
fn the_data_layer_imports_nothing_that_stands_on_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files(&src);
    assert!(files.len() > 30, "only {} files", files.len());
    let mut found = Vec::new();
    for path in files {
        let file = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
        let code = code(&fs::read_to_string(&path).unwrap());
        let root = root_from(&file);
        let upper = ["crate", "persistence", &root].into_iter().flat_map(|own| named(&code, own));
        let upper = upper.filter(|path| !is_data(&file, path)).map(|path| format!("crate::{path}"));
        let diesel = named(&code, "diesel").into_iter();
        let diesel = diesel.filter(|path| !is_known_of_diesel(&file, path));
        let diesel = diesel.map(|path| format!("diesel::{path}"));
        found.extend(upper.chain(diesel).map(|path| format!("{file}: {path}")));
    }
    assert!(found.is_empty(), "above the data layer: {found:#?}");
}

#[test]
fn paths_are_found_one_by_one_and_in_groups() {
    assert_eq!(named("use super::super::a::B;\nuse super::c::D;", &root_from("x/y.rs")), ["a::B"]);
    assert_eq!(named("use super::*;", &root_from("x/mod.rs")), ["*"]);
    let code = "use crate::{a::B, c::{D, e::F}};\nuse crate::g::H;\nlet i = my_crate::j();";
    assert_eq!(named(code, "crate"), ["a::B", "c::D", "c::e::F", "g::H"]);
    assert_eq!(named("crate::session::now()", "crate"), ["session::now"]);
}
