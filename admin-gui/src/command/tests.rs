use super::*;

fn press(modifiers: Modifiers, key: Key, now: &Situation) -> Option<Command> {
    let event =
        egui::Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
    let mut input = egui::InputState::default();
    input.events.push(event);
    input.modifiers = modifiers;
    Command::pressed(&mut input, now)
}

const BROWSING: Situation = Situation {
    has_entity: true,
    has_figures: false,
    has_tabs: false,
    has_past: false,
    has_future: false,
    has_row: true,
    has_record_tab: false,
    has_cell: true,
    has_new_row: false,
    has_selection: false,
    has_reference: false,
    is_filtered: false,
    has_form: false,
    is_changed: false,
    has_staged: false,
    can_undo: false,
    can_redo: false,
    is_committing: false,
    is_read_only: false,
    is_drifted: false,
    refuses_adding: false,
    refuses_changing: false,
    refuses_deleting: false,
    is_typing: false,
    has_dialog: false,
    is_acting: false,
    has_record_beside: true,
    has_history: true,
};

#[test]
fn no_two_commands_share_a_key() {
    let mut seen = std::collections::HashMap::new();
    for &command in Command::ALL {
        for shortcut in command.shortcuts() {
            let other = seen.insert((shortcut.modifiers, shortcut.logical_key), command);
            assert_eq!(other, None, "{command:?} and {other:?} share {shortcut:?}");
        }
    }
}

#[test]
fn delete_removes_a_row_but_a_letter_while_typing() {
    assert_eq!(press(PLAIN, Key::Delete, &BROWSING), Some(Command::Delete));
    let typing = Situation { is_typing: true, ..BROWSING };
    assert_eq!(press(PLAIN, Key::Delete, &typing), None);
    assert_eq!(press(CTRL, Key::F, &typing), Some(Command::Filter));
}

#[test]
fn shift_is_not_passed_over() {
    let tabs = Situation { has_tabs: true, ..BROWSING };
    let both = CTRL.plus(Modifiers::SHIFT);
    assert_eq!(press(CTRL, Key::Tab, &tabs), Some(Command::NextTab));
    assert_eq!(press(both, Key::Tab, &tabs), Some(Command::PreviousTab));
    assert_eq!(press(both, Key::F, &BROWSING), Some(Command::Search));
    assert_eq!(press(Modifiers::SHIFT, Key::F6, &BROWSING), Some(Command::PreviousArea));
    assert_eq!(press(both, Key::Enter, &BROWSING), Some(Command::OpenInTab));
    // egui leaves these keys as they are, while it makes an event of their own of Ctrl C.
    assert_eq!(press(both, Key::C, &BROWSING), Some(Command::CopyWithHeaders));
}

/// Returns situations of which each command makes sense in one at least.
fn situations() -> [Situation; 2] {
    let all = Situation {
        has_figures: true,
        has_past: true,
        has_future: true,
        has_tabs: true,
        has_record_tab: true,
        has_selection: true,
        has_reference: true,
        is_filtered: true,
        has_form: true,
        is_changed: true,
        has_staged: true,
        can_undo: true,
        can_redo: true,
        ..BROWSING
    };
    [all, Situation { is_typing: true, ..all }]
}

#[test]
fn modifiers_that_are_no_part_of_a_shortcut_do_not_give_it() {
    let added = [Modifiers::ALT, Modifiers::SHIFT, Modifiers::CTRL.plus(Modifiers::COMMAND)];
    // All that can be held together with what a shortcut has.
    let all = (0..8_usize).map(|set| {
        let chosen = added.iter().enumerate().filter(|(place, _)| set & (1 << place) != 0);
        chosen.fold(PLAIN, |all, (_, one)| all.plus(*one))
    });
    let all: Vec<_> = all.collect();
    for now in situations() {
        for &command in Command::ALL {
            for keys in command.shortcuts() {
                for &held in &all {
                    let given = press(held, keys.logical_key, &now);
                    let owner = Command::ALL.iter().copied().find(|owner| {
                        let mine = owner.shortcuts().iter();
                        let mut mine = mine.filter(|mine| mine.logical_key == keys.logical_key);
                        mine.any(|mine| is_with(held, *mine))
                            && owner.is_enabled(&now)
                            && !(now.is_typing && owner.yields_to_typing())
                    });
                    assert_eq!(given, owner, "{held:?} {:?}", keys.logical_key);
                }
            }
        }
    }
    let [now, _] = situations();
    let (ctrl_alt, ctrl_shift) = (CTRL.plus(Modifiers::ALT), CTRL.plus(Modifiers::SHIFT));
    assert_eq!(press(ctrl_alt, Key::N, &now), Some(Command::SetNull));
    assert_eq!(press(ctrl_shift, Key::P, &now), Some(Command::Review));
    assert_eq!(press(Modifiers::SHIFT, Key::Delete, &now), None);
    assert_eq!(press(CTRL, Key::N, &now), Some(Command::New));
}

#[test]
fn a_backslash_that_takes_other_keys_to_be_typed_still_splits() {
    let [now, _] = situations();
    for extra in [PLAIN, Modifiers::SHIFT, Modifiers::ALT] {
        let given = press(CTRL.plus(extra), Key::Backslash, &now);
        assert_eq!(given, Some(Command::SplitTab));
    }
}

#[test]
fn nothing_is_written_on_a_read_only_connection() {
    let read_only = Situation { is_read_only: true, has_form: true, is_changed: true, ..BROWSING };
    for command in [Command::New, Command::Delete, Command::Save, Command::SetNull] {
        assert!(!command.is_enabled(&read_only), "{command:?}");
    }
    assert!(Command::Open.is_enabled(&read_only));
}

#[test]
fn what_the_database_does_not_say_is_not_read_again() {
    let diagram = Situation { has_entity: false, ..BROWSING };
    assert_eq!(press(PLAIN, Key::F5, &diagram), None);
    let overview = Situation { has_figures: true, ..diagram };
    assert_eq!(press(PLAIN, Key::F5, &overview), Some(Command::Refresh));
}

#[test]
fn a_dialog_is_answered_first() {
    let asked = Situation { has_dialog: true, ..BROWSING };
    assert_eq!(press(PLAIN, Key::F5, &asked), None);
    assert_eq!(press(PLAIN, Key::Escape, &asked), Some(Command::Close));
}

#[test]
fn rows_of_a_table_that_does_not_fit_are_looked_at_only_and_what_is_staged_elsewhere_is_written() {
    let drifted = Situation { is_drifted: true, has_staged: true, ..BROWSING };
    let fitting = Situation { is_drifted: false, ..drifted };
    for command in STAGING {
        assert!(command.is_enabled(&fitting) && !command.is_enabled(&drifted), "{command:?}");
    }
    for command in
        [Command::Save, Command::Commit, Command::Discard, Command::Copy, Command::Refresh]
    {
        assert!(command.is_enabled(&drifted), "{command:?}");
    }
}

/// What stages something for the rows that are looked at.
const STAGING: [Command; 7] = [
    Command::New,
    Command::Import,
    Command::ChangeRows,
    Command::Delete,
    Command::SetNull,
    Command::FillDown,
    Command::Duplicate,
];
