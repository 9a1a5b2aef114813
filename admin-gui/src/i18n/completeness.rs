//! Every key that the code asks for is in every language, and none is there for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;

use super::{Language, sources};

/// A message's variables by its key.
type Messages = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_file_is_well_formed_and_embedded() {
    for (language, folder) in [(Language::English, "en"), (Language::Russian, "ru")] {
        for (file, ftl) in sources::files(language) {
            let errors = FluentResource::try_new((*ftl).to_owned()).err().map(|(_, errors)| errors);
            assert_eq!(errors, None, "{folder}/{file}.ftl");
        }
        let embedded: BTreeSet<_> =
            sources::files(language).iter().map(|(file, _)| format!("{file}.ftl")).collect();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n").join(folder);
        let there: BTreeSet<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(embedded, there);
    }
}

#[test]
fn no_key_is_defined_twice() {
    for language in Language::ALL {
        let mut seen = BTreeSet::new();
        for (file, ftl) in sources::files(language) {
            for key in keys_in_order(ftl) {
                assert!(seen.insert(key.clone()), "{key} is in {file}.ftl again");
            }
        }
    }
}

#[test]
fn every_language_has_the_same_keys_with_the_same_variables() {
    assert_eq!(messages(Language::English), messages(Language::Russian));
}

#[test]
fn every_key_the_code_asks_for_exists_and_every_one_that_exists_is_asked_for() {
    let defined: BTreeSet<_> = messages(Language::English).into_keys().collect();
    let asked: BTreeSet<_> = calls().into_iter().map(|call| call.key).collect();
    let missing: Vec<_> = asked.difference(&defined).collect();
    let unused: Vec<_> = defined.difference(&asked).collect();
    assert!(missing.is_empty(), "not in the Fluent files: {missing:?}");
    assert!(unused.is_empty(), "in the Fluent files, but never asked for: {unused:?}");
}

#[test]
fn every_call_gives_the_arguments_its_text_wants() {
    let messages = messages(Language::English);
    for call in calls() {
        let (Some(arguments), Some(wanted)) = (&call.arguments, messages.get(&call.key)) else {
            continue;
        };
        assert_eq!(arguments, wanted, "`{}` in {}", call.key, call.file.display());
    }
}

/// A use of a key in the sources.
#[derive(Debug)]
struct Call {
    key: String,
    /// `None` where the arguments are given elsewhere: `text_key!`.
    arguments: Option<BTreeSet<String>>,
    file: PathBuf,
}

fn messages(language: Language) -> Messages {
    let mut messages = Messages::new();
    for (_, ftl) in sources::files(language) {
        let mut current = None;
        for line in ftl.lines() {
            if let Some(key) = key_of_line(line) {
                current = Some(key.to_owned());
                messages.entry(key.to_owned()).or_default();
            }
            let Some(variables) = current.as_ref().and_then(|key| messages.get_mut(key)) else {
                continue;
            };
            let after_dollar = line.split('$').skip(1);
            variables.extend(after_dollar.map(|rest| {
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
            }));
        }
    }
    messages
}

fn keys_in_order(ftl: &str) -> Vec<String> {
    ftl.lines().filter_map(key_of_line).map(str::to_owned).collect()
}

fn key_of_line(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim_end();
    line.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(key)
}

fn calls() -> Vec<Call> {
    let mut calls = Vec::new();
    for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let source = without_comments(&fs::read_to_string(&file).unwrap());
        for after in uses_of("tr", &source) {
            if let Some((key, arguments)) = key_and_arguments(after) {
                calls.push(Call { key, arguments: Some(arguments), file: file.clone() });
            }
        }
        for after in uses_of("text_key", &source) {
            if let Some((key, _)) = key_and_arguments(after) {
                calls.push(Call { key, arguments: None, file: file.clone() });
            }
        }
    }
    calls
}

/// Returns what follows the opening parenthesis of every use of a macro.
fn uses_of<'a>(name: &str, source: &'a str) -> Vec<&'a str> {
    let opening = format!("{name}!(");
    let uses = source.match_indices(&opening).filter(|(at, _)| {
        let before = source[..*at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    });
    uses.map(|(at, opening)| &source[at + opening.len()..]).collect()
}

/// Returns the first literal of a call and the names before `=`; `None` for a macro's own
/// definition.
fn key_and_arguments(call: &str) -> Option<(String, BTreeSet<String>)> {
    let mut key = None;
    let mut arguments = BTreeSet::new();
    let mut depth = 0_usize;
    let mut word = String::new();
    let mut characters = call.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                let mut literal = String::new();
                while let Some(inner) = characters.next() {
                    match inner {
                        '"' => break,
                        '\\' => drop(characters.next()),
                        inner => literal.push(inner),
                    }
                }
                if depth == 0 && key.is_none() {
                    key = Some(literal);
                }
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            '=' if depth == 0 && characters.peek() != Some(&'=') && !word.is_empty() => {
                arguments.insert(std::mem::take(&mut word));
            }
            ',' if depth == 0 => word.clear(),
            character if depth == 0 && (character.is_alphanumeric() || character == '_') => {
                word.push(character);
            }
            character if character.is_whitespace() => {}
            _ => word.clear(),
        }
    }
    Some((key?, arguments))
}

fn without_comments(source: &str) -> String {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_scan_reads_calls_over_several_lines() {
    let call = "\n    self.texts(),\n    \"grid-rows\",\n    count = rows.len(\"a = b\"),\n    shown = \"x\",\n)";
    let (key, arguments) = key_and_arguments(call).unwrap();
    assert_eq!(key, "grid-rows");
    assert_eq!(arguments, ["count", "shown"].map(str::to_owned).into());
}
