//! Everything a person can make the admin do: one list that buttons, menus and keys read from.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::i18n::TextKey;
pub use crate::situation::Situation;
use crate::text_key;

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Types a filter.
    Filter,
    /// Adds a pill to the filter.
    AddFilter,
    /// Finds the rows with the focused cell's value.
    FilterByValue,
    /// Leaves the rows away that have the focused cell's value.
    ExcludeValue,
    /// Chooses which columns are shown.
    Columns,
    /// Opens the menu of the focused column.
    ColumnMenu,
    /// Gives what is shown a name, to come back to it.
    SaveView,
    /// Searches the columns marked for it.
    Search,
    /// Shows all rows again.
    ClearFilter,
    /// Reads everything again.
    Refresh,
    /// Goes to what was looked at before.
    Back,
    /// Goes to what was left by going back.
    Forward,
    /// Goes to anything that has a name.
    GoTo,
    /// Goes to a row by its number.
    GoToRow,
    /// Adds a new row.
    New,
    /// Opens the focused row's form.
    Open,
    /// Opens the record in a tab of its own.
    OpenInTab,
    /// Opens the record of the row before, in the order of the rows.
    PreviousRecord,
    /// Opens the record of the row after, in the order of the rows.
    NextRecord,
    /// Opens the row that the focused cell refers to.
    OpenReference,
    /// Asks whether to delete the selected rows, else the one that is open or focused.
    Delete,
    /// Edits the focused cell where it stands.
    EditCell,
    /// Edits the focused cell's value in a field as large as the window allows.
    EditLarge,
    /// Makes the selected cells NULL.
    SetNull,
    /// Adds new rows with the values of the selected ones.
    Duplicate,
    /// Gives the selected cells the values of the topmost of them.
    FillDown,
    /// Asks what is to become of a column in the selected rows, or in all that the filter finds.
    ChangeRows,
    /// Gives up what is staged for the selected cells.
    RevertCells,
    /// Keeps what is staged for the selected cells, although others have changed them as well.
    KeepMine,
    /// Takes back what was staged last.
    Undo,
    /// Does again what was taken back last.
    Redo,
    /// Gives up all that is staged.
    Discard,
    /// Shows the statements that would write what is staged.
    Review,
    /// Shows only the rows of which something is staged.
    ShowStaged,
    /// Gives up what is staged of rows that others have deleted.
    GiveUpGone,
    /// Writes what is staged.
    Commit,
    /// Copies the focused cell, or the selected rows.
    Copy,
    /// Copies the selected rows below the names of their columns.
    CopyWithHeaders,
    /// Copies the selected rows as CSV.
    CopyCsv,
    /// Copies the selected rows as JSON.
    CopyJson,
    /// Copies the selected rows as statements that insert them.
    CopySql,
    /// Selects all rows.
    SelectAll,
    /// Selects no row.
    ClearSelection,
    /// Asks what to write into a file.
    Export,
    /// Asks which rows to take in.
    Import,
    /// Writes the open form; where nothing is typed there, what is staged.
    Save,
    /// Does the same, and opens the record of the row after.
    SaveAndNext,
    /// Closes what is open: a dialog, the form.
    Close,
    /// Closes the window.
    Quit,
    /// The keyboard to the next area: rows, record, search.
    NextArea,
    /// The keyboard to the area before.
    PreviousArea,
    /// The entity before this one.
    PreviousEntity,
    /// The entity after this one.
    NextEntity,
    /// The tab after this one.
    NextTab,
    /// The tab before this one.
    PreviousTab,
    /// Puts the tab beside the others.
    SplitTab,
    /// Closes the tab.
    CloseTab,
    /// Shows what the values of the focused column are like.
    Statistics,
    /// Shows who has changed what.
    History,
    /// Shows which migrations the database has, and in what it differs from what the program expects.
    Migrations,
    /// Shows who has changed the record that is open, or the focused row.
    RecordHistory,
    /// Dark or light.
    SwitchTheme,
    /// Lists the keys, and what a typed filter may say.
    Help,
    /// The next language.
    SwitchLanguage,
    /// Marks the database as one in production, or takes the mark away.
    SwitchProduction,
}

const PLAIN: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

const fn key(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

impl Command {
    /// All of them, in the order of menus.
    pub const ALL: &'static [Self] = &[
        Self::GoTo,
        Self::GoToRow,
        Self::Back,
        Self::Forward,
        Self::New,
        Self::Open,
        Self::OpenInTab,
        Self::PreviousRecord,
        Self::NextRecord,
        Self::OpenReference,
        Self::EditCell,
        Self::EditLarge,
        Self::SetNull,
        Self::FillDown,
        Self::ChangeRows,
        Self::Duplicate,
        Self::RevertCells,
        Self::KeepMine,
        Self::Undo,
        Self::Redo,
        Self::Discard,
        Self::Review,
        Self::ShowStaged,
        Self::GiveUpGone,
        Self::Commit,
        Self::Save,
        Self::SaveAndNext,
        Self::Delete,
        Self::Copy,
        Self::CopyWithHeaders,
        Self::CopyCsv,
        Self::CopyJson,
        Self::CopySql,
        Self::SelectAll,
        Self::ClearSelection,
        Self::Export,
        Self::Import,
        Self::Filter,
        Self::AddFilter,
        Self::FilterByValue,
        Self::ExcludeValue,
        Self::Columns,
        Self::ColumnMenu,
        Self::SaveView,
        Self::Search,
        Self::ClearFilter,
        Self::Refresh,
        Self::NextArea,
        Self::PreviousArea,
        Self::PreviousEntity,
        Self::NextEntity,
        Self::NextTab,
        Self::PreviousTab,
        Self::SplitTab,
        Self::Statistics,
        Self::History,
        Self::Migrations,
        Self::RecordHistory,
        Self::CloseTab,
        Self::Close,
        Self::Quit,
        Self::Help,
        Self::SwitchTheme,
        Self::SwitchLanguage,
        Self::SwitchProduction,
    ];

    /// Those that the menu of a cell offers.
    pub const OF_A_CELL: [Self; 16] = [
        Self::EditCell,
        Self::EditLarge,
        Self::SetNull,
        Self::FillDown,
        Self::ChangeRows,
        Self::Duplicate,
        Self::RevertCells,
        Self::KeepMine,
        Self::FilterByValue,
        Self::ExcludeValue,
        Self::Copy,
        Self::CopyWithHeaders,
        Self::CopyCsv,
        Self::CopyJson,
        Self::CopySql,
        Self::Export,
    ];

    /// Returns its name.
    #[must_use]
    pub const fn name(self) -> TextKey {
        match self {
            Self::Filter => text_key!("command-filter"),
            Self::AddFilter => text_key!("command-add-filter"),
            Self::FilterByValue => text_key!("command-filter-by-value"),
            Self::ExcludeValue => text_key!("command-exclude-value"),
            Self::Columns => text_key!("command-columns"),
            Self::ColumnMenu => text_key!("command-column-menu"),
            Self::SaveView => text_key!("command-save-view"),
            Self::Search => text_key!("command-search"),
            Self::ClearFilter => text_key!("command-clear-filter"),
            Self::Refresh => text_key!("command-refresh"),
            Self::GoTo => text_key!("command-go-to"),
            Self::Back => text_key!("command-back"),
            Self::Forward => text_key!("command-forward"),
            Self::GoToRow => text_key!("command-go-to-row"),
            Self::New => text_key!("command-new"),
            Self::Open => text_key!("command-open"),
            Self::OpenInTab => text_key!("command-open-in-tab"),
            Self::PreviousRecord => text_key!("command-previous-record"),
            Self::NextRecord => text_key!("command-next-record"),
            Self::OpenReference => text_key!("command-open-reference"),
            Self::Delete => text_key!("command-delete"),
            Self::Copy => text_key!("command-copy"),
            Self::CopyWithHeaders => text_key!("command-copy-with-headers"),
            Self::CopyCsv => text_key!("command-copy-csv"),
            Self::CopyJson => text_key!("command-copy-json"),
            Self::CopySql => text_key!("command-copy-sql"),
            Self::SelectAll => text_key!("command-select-all"),
            Self::ClearSelection => text_key!("command-clear-selection"),
            Self::Export => text_key!("command-export"),
            Self::Import => text_key!("command-import"),
            Self::EditCell => text_key!("command-edit-cell"),
            Self::EditLarge => text_key!("command-edit-large"),
            Self::SetNull => text_key!("command-set-null"),
            Self::FillDown => text_key!("command-fill-down"),
            Self::ChangeRows => text_key!("command-change-rows"),
            Self::Duplicate => text_key!("command-duplicate"),
            Self::RevertCells => text_key!("command-revert-cells"),
            Self::KeepMine => text_key!("command-keep-mine"),
            Self::Undo => text_key!("command-undo"),
            Self::Redo => text_key!("command-redo"),
            Self::Discard => text_key!("command-discard"),
            Self::Review => text_key!("command-review"),
            Self::ShowStaged => text_key!("command-show-staged"),
            Self::GiveUpGone => text_key!("command-give-up-gone"),
            Self::Commit => text_key!("command-commit"),
            Self::Save => text_key!("command-save"),
            Self::SaveAndNext => text_key!("command-save-and-next"),
            Self::NextTab => text_key!("command-next-tab"),
            Self::PreviousTab => text_key!("command-previous-tab"),
            Self::SplitTab => text_key!("command-split-tab"),
            Self::Statistics => text_key!("command-statistics"),
            Self::History => text_key!("command-history"),
            Self::Migrations => text_key!("command-migrations"),
            Self::RecordHistory => text_key!("command-record-history"),
            Self::CloseTab => text_key!("command-close-tab"),
            Self::Close => text_key!("command-close"),
            Self::Quit => text_key!("command-quit"),
            Self::Help => text_key!("command-help"),
            Self::NextArea => text_key!("command-next-area"),
            Self::PreviousArea => text_key!("command-previous-area"),
            Self::PreviousEntity => text_key!("command-previous-entity"),
            Self::NextEntity => text_key!("command-next-entity"),
            Self::SwitchTheme => text_key!("command-switch-theme"),
            Self::SwitchLanguage => text_key!("command-switch-language"),
            Self::SwitchProduction => text_key!("command-switch-production"),
        }
    }

    /// Returns the keys that give it, the one to show first.
    #[must_use]
    pub const fn shortcuts(self) -> &'static [KeyboardShortcut] {
        match self {
            Self::Filter => &const { [key(CTRL, Key::F)] },
            Self::AddFilter => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::L)] },
            Self::ColumnMenu => &const { [key(Modifiers::ALT, Key::ArrowDown)] },
            Self::SaveView => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::S)] },
            Self::Search => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::F)] },
            Self::Refresh => &const { [key(PLAIN, Key::F5)] },
            Self::GoTo => &const { [key(CTRL, Key::K), key(CTRL, Key::P)] },
            Self::Back => &const { [key(Modifiers::ALT, Key::ArrowLeft)] },
            Self::Forward => &const { [key(Modifiers::ALT, Key::ArrowRight)] },
            Self::GoToRow => &const { [key(CTRL, Key::G)] },
            Self::New => &const { [key(CTRL, Key::N), key(Modifiers::ALT, Key::Insert)] },
            Self::Open => &const { [key(PLAIN, Key::F4)] },
            Self::EditLarge => &const { [key(Modifiers::SHIFT, Key::Enter)] },
            Self::EditCell => &const { [key(PLAIN, Key::Enter), key(PLAIN, Key::F2)] },
            Self::SetNull => &const { [key(CTRL.plus(Modifiers::ALT), Key::N)] },
            Self::FillDown => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::D)] },
            Self::ChangeRows => &const { [key(CTRL, Key::B)] },
            Self::Duplicate => &const { [key(CTRL, Key::D)] },
            Self::Undo => &const { [key(CTRL, Key::Z)] },
            Self::Redo => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::Z), key(CTRL, Key::Y)] },
            Self::Review => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::P)] },
            Self::OpenInTab => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::Enter)] },
            Self::PreviousRecord => &const { [key(Modifiers::ALT, Key::PageUp)] },
            Self::NextRecord => &const { [key(Modifiers::ALT, Key::PageDown)] },
            Self::OpenReference => &const { [key(CTRL, Key::Enter)] },
            Self::Delete => &const { [key(PLAIN, Key::Delete)] },
            Self::Copy => &const { [key(CTRL, Key::C)] },
            Self::CopyWithHeaders => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::C)] },
            Self::SelectAll => &const { [key(CTRL, Key::A)] },
            Self::Export => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::E)] },
            Self::Import => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::I)] },
            Self::Save => &const { [key(CTRL, Key::S)] },
            Self::SaveAndNext => &const { [key(Modifiers::ALT, Key::Enter)] },
            Self::Close => &const { [key(PLAIN, Key::Escape)] },
            Self::Quit => &const { [key(CTRL, Key::Q)] },
            Self::Help => &const { [key(PLAIN, Key::F1)] },
            Self::NextArea => &const { [key(PLAIN, Key::F6)] },
            Self::PreviousArea => &const { [key(Modifiers::SHIFT, Key::F6)] },
            Self::PreviousEntity => &const { [key(CTRL, Key::PageUp)] },
            Self::NextEntity => &const { [key(CTRL, Key::PageDown)] },
            Self::NextTab => &const { [key(CTRL, Key::Tab)] },
            Self::PreviousTab => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::Tab)] },
            Self::SplitTab => &const { [key(CTRL, Key::Backslash)] },
            Self::Statistics => &const { [key(CTRL, Key::I)] },
            Self::History => &const { [key(CTRL.plus(Modifiers::SHIFT), Key::H)] },
            Self::RecordHistory => &const { [key(CTRL, Key::H)] },
            Self::CloseTab => &const { [key(CTRL, Key::W)] },
            Self::FilterByValue
            | Self::RevertCells
            | Self::KeepMine
            | Self::Discard
            | Self::ShowStaged
            | Self::GiveUpGone
            | Self::Commit
            | Self::ExcludeValue
            | Self::Columns
            | Self::ClearFilter
            | Self::CopyCsv
            | Self::CopyJson
            | Self::CopySql
            | Self::ClearSelection
            | Self::Migrations
            | Self::SwitchTheme
            | Self::SwitchLanguage
            | Self::SwitchProduction => &[],
        }
    }

    /// Returns whether it is about all that is staged, to which what is being typed belongs.
    #[must_use]
    pub const fn is_about_staged(self) -> bool {
        self.changes_staged()
            || matches!(self, Self::Save | Self::Commit | Self::Review | Self::ChangeRows)
    }

    /// Returns whether it makes sense now.
    #[must_use]
    pub const fn is_enabled(self, now: &Situation) -> bool {
        match self {
            Self::Close | Self::Quit | Self::SwitchTheme | Self::SwitchLanguage => true,
            _ if now.has_dialog => false,
            _ if now.is_drifted && self.changes_rows() => false,
            Self::GoTo
            | Self::PreviousEntity
            | Self::NextEntity
            | Self::Help
            | Self::Migrations
            | Self::SwitchProduction => true,
            Self::Back => now.has_past,
            Self::Forward => now.has_future,
            Self::NextTab | Self::PreviousTab | Self::SplitTab => now.has_tabs,
            Self::CloseTab => now.has_tabs || now.has_record_tab,
            Self::NextArea | Self::PreviousArea => now.has_entity || now.has_record_tab,
            Self::FilterByValue | Self::ExcludeValue => now.has_cell && !now.has_new_row,
            Self::GoToRow
            | Self::Filter
            | Self::Columns
            | Self::ColumnMenu
            | Self::SaveView
            | Self::AddFilter
            | Self::Search
            | Self::SelectAll
            | Self::Statistics
            | Self::Export => now.has_entity,
            Self::Refresh => now.has_entity || now.has_record_tab || now.has_figures,
            Self::ClearFilter => now.is_filtered,
            Self::New | Self::Import => now.has_entity && !now.is_read_only && !now.refuses_adding,
            Self::ChangeRows => {
                now.has_entity && !now.is_read_only && !now.refuses_changing && !now.is_committing
            }
            Self::ClearSelection => now.has_selection,
            Self::Open => now.has_row || now.has_new_row,
            Self::OpenInTab => now.has_row,
            Self::PreviousRecord | Self::NextRecord => now.has_record_beside,
            Self::SaveAndNext => now.has_record_beside && !now.is_read_only && !now.is_committing,
            Self::Copy | Self::CopyWithHeaders | Self::CopyCsv | Self::CopyJson | Self::CopySql => {
                now.has_row || now.has_selection
            }
            Self::OpenReference => now.has_reference,
            Self::History => now.has_history,
            Self::RecordHistory => now.has_history && (now.has_row || now.has_record_tab),
            Self::Delete => {
                let has_row = now.has_row || now.has_new_row;
                let is_refused = now.refuses_deleting && !now.has_new_row;
                (has_row || now.has_selection || now.has_record_tab)
                    && !now.is_read_only
                    && !is_refused
            }
            Self::Save => {
                (now.has_form && now.is_changed || now.has_staged && !now.is_committing)
                    && !now.is_read_only
            }
            // Also where nothing can be written: then it opens the record, which says why.
            Self::EditCell | Self::EditLarge => now.has_cell && !now.is_committing,
            Self::SetNull | Self::FillDown => {
                now.has_cell && !now.is_read_only && !now.is_committing
            }
            Self::Duplicate => {
                now.has_cell && !now.is_read_only && !now.refuses_adding && !now.is_committing
            }
            Self::RevertCells | Self::KeepMine => {
                now.has_cell && now.has_staged && !now.is_committing
            }
            Self::Undo => now.can_undo && !now.is_committing,
            Self::Redo => now.can_redo && !now.is_committing,
            Self::ShowStaged => now.has_staged,
            Self::Discard | Self::Review | Self::GiveUpGone | Self::Commit => {
                now.has_staged && !now.is_committing
            }
        }
    }

    /// Returns whether it stages something for the rows that are looked at.
    const fn changes_rows(self) -> bool {
        matches!(
            self,
            Self::New
                | Self::Import
                | Self::ChangeRows
                | Self::Delete
                | Self::SetNull
                | Self::FillDown
                | Self::Duplicate
        )
    }

    /// Returns whether it opens the box that other commands are chosen in.
    #[must_use]
    pub const fn opens_palette(self) -> bool {
        matches!(self, Self::GoTo | Self::GoToRow)
    }

    /// Returns whether it changes what is staged, and stages nothing new.
    #[must_use]
    pub const fn changes_staged(self) -> bool {
        matches!(
            self,
            Self::Undo
                | Self::Redo
                | Self::Discard
                | Self::RevertCells
                | Self::KeepMine
                | Self::GiveUpGone
        )
    }

    /// Returns whether its keys mean something else while a text is being typed.
    #[must_use]
    pub const fn yields_to_typing(self) -> bool {
        matches!(
            self,
            Self::Open
                | Self::EditCell
                | Self::EditLarge
                | Self::SetNull
                | Self::FillDown
                | Self::Undo
                | Self::Redo
                | Self::OpenReference
                | Self::RecordHistory
                | Self::Delete
                | Self::Copy
                | Self::CopyWithHeaders
                | Self::SelectAll
        )
    }

    /// Returns the enabled command whose keys have just been pressed; the key press is used up.
    pub fn pressed(input: &mut egui::InputState, now: &Situation) -> Option<Self> {
        let commands = Self::ALL.iter().copied();
        let enabled = commands
            .filter(|command| command.is_enabled(now))
            .filter(|command| !(now.is_typing && command.yields_to_typing()));
        let mut keys = enabled
            .flat_map(|command| command.shortcuts().iter().map(move |keys| (command, *keys)));
        let found = keys.find(|(command, keys)| pressed(input, *command, *keys));
        found.map(|(command, _)| command)
    }
}

/// Returns whether a key has just been pressed with exactly these modifiers; the key press is used
/// up.
///
/// egui's own way passes over Shift and Alt that are no part of a shortcut, so that Ctrl Alt N would
/// be Ctrl N.
pub(crate) fn take_key(input: &mut egui::InputState, keys: KeyboardShortcut) -> bool {
    let before = input.events.len();
    input.events.retain(|event| {
        !matches!(event, egui::Event::Key { key, pressed: true, modifiers, .. }
            if *key == keys.logical_key && is_with(*modifiers, keys))
    });
    input.events.len() < before
}

fn is_with(modifiers: Modifiers, keys: KeyboardShortcut) -> bool {
    match keys.logical_key {
        // On some keyboards this takes Shift or AltGr to be typed at all.
        Key::Backslash => modifiers.matches_logically(keys.modifiers),
        _ => modifiers.matches_exact(keys.modifiers),
    }
}

fn pressed(input: &mut egui::InputState, command: Command, shortcut: KeyboardShortcut) -> bool {
    // egui turns Ctrl C into an event of its own; with Shift some of its versions do so, and others leave the keys.
    if matches!(command, Command::Copy | Command::CopyWithHeaders) {
        let before = input.events.len();
        // As the keys were then: they may be up again by the end of the frame.
        let mut modifiers = input.modifiers;
        input.events.retain(|event| match event {
            egui::Event::ModifiersChanged(now) => {
                modifiers = *now;
                true
            }
            egui::Event::Copy => {
                modifiers.alt || modifiers.shift != (command == Command::CopyWithHeaders)
            }
            _ => true,
        });
        if input.events.len() < before {
            return true;
        }
    }
    take_key(input, shortcut)
}

#[cfg(test)]
mod tests;
