//! The keys of all commands.

use egui::KeyboardShortcut;

use super::{HelpLine, HelpSection};
use crate::command::Command;
use crate::i18n::{TextKey, Texts};
use crate::text_key;

/// Commands that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Going,
    Rows,
    Records,
    Editing,
    Copying,
    Window,
}

impl Group {
    /// All of them, in the order in which they are shown.
    const ALL: [Self; 6] =
        [Self::Going, Self::Rows, Self::Records, Self::Editing, Self::Copying, Self::Window];

    const fn name(self) -> TextKey {
        match self {
            Self::Going => text_key!("help-going"),
            Self::Rows => text_key!("help-rows"),
            Self::Records => text_key!("help-records"),
            Self::Editing => text_key!("help-editing"),
            Self::Copying => text_key!("help-copying"),
            Self::Window => text_key!("help-window"),
        }
    }

    const fn of(command: Command) -> Self {
        match command {
            Command::GoTo
            | Command::GoToRow
            | Command::Back
            | Command::Forward
            | Command::OpenReference
            | Command::NextArea
            | Command::PreviousArea
            | Command::PreviousEntity
            | Command::NextEntity
            | Command::Migrations
            | Command::History => Self::Going,
            Command::Filter
            | Command::AddFilter
            | Command::FilterByValue
            | Command::ExcludeValue
            | Command::Columns
            | Command::ColumnMenu
            | Command::SaveView
            | Command::Search
            | Command::ClearFilter
            | Command::ShowStaged
            | Command::Statistics
            | Command::Refresh => Self::Rows,
            Command::New
            | Command::Open
            | Command::OpenInTab
            | Command::PreviousRecord
            | Command::NextRecord
            | Command::RecordHistory
            | Command::Delete
            | Command::Save
            | Command::SaveAndNext => Self::Records,
            Command::EditCell
            | Command::EditLarge
            | Command::SetNull
            | Command::FillDown
            | Command::ChangeRows
            | Command::Duplicate
            | Command::RevertCells
            | Command::KeepMine
            | Command::Undo
            | Command::Redo
            | Command::Discard
            | Command::Review
            | Command::GiveUpGone
            | Command::Commit => Self::Editing,
            Command::Copy
            | Command::CopyWithHeaders
            | Command::CopyCsv
            | Command::CopyJson
            | Command::CopySql
            | Command::SelectAll
            | Command::ClearSelection
            | Command::Export
            | Command::Import => Self::Copying,
            Command::NextTab
            | Command::PreviousTab
            | Command::SplitTab
            | Command::CloseTab
            | Command::Close
            | Command::Quit
            | Command::Help
            | Command::SwitchTheme
            | Command::SwitchLanguage
            | Command::SwitchProduction => Self::Window,
        }
    }
}

/// Returns every command that has keys, with all of its keys; `written` writes keys as the system
/// does.
#[must_use]
pub fn keys(texts: &Texts, written: impl Fn(&KeyboardShortcut) -> String) -> Vec<HelpSection> {
    let line = |command: Command| HelpLine {
        typed: command.shortcuts().iter().map(&written).collect::<Vec<_>>().join("   "),
        meaning: texts.text(command.name()),
    };
    let section = |group: Group| {
        let commands = Command::ALL.iter().copied();
        let commands = commands
            .filter(|command| Group::of(*command) == group && !command.shortcuts().is_empty());
        HelpSection { title: texts.text(group.name()), lines: commands.map(line).collect() }
    };
    Group::ALL.into_iter().map(section).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn every_command_with_keys_is_there_once_with_all_of_them() {
        let written = |keys: &KeyboardShortcut| keys.format(&egui::ModifierNames::NAMES, false);
        for language in Language::ALL {
            let texts = Texts::new(language);
            let sections = keys(&texts, written);
            assert!(sections.iter().all(|section| !section.lines.is_empty()));
            let mut there: Vec<_> = sections
                .into_iter()
                .flat_map(|section| section.lines)
                .map(|line| (line.meaning, line.typed))
                .collect();
            let mut wanted: Vec<_> = Command::ALL
                .iter()
                .map(|command| {
                    let keys: Vec<_> = command.shortcuts().iter().map(written).collect();
                    (texts.text(command.name()), keys.join("   "))
                })
                .filter(|(_, keys)| !keys.is_empty())
                .collect();
            there.sort();
            wanted.sort();
            assert_eq!(there, wanted);
        }
        let both = keys(&Texts::new(Language::English), written);
        let both = both.iter().flat_map(|section| &section.lines);
        assert!(both.into_iter().any(|line| line.typed == "Ctrl+K   Ctrl+P"));
    }
}
