//! How a conflict looks: who changed what, and whose value stays.

use egui::{Grid, Label, RichText, Ui};
use persistence::Value;

use super::conflict::ConflictState;
use super::model::RecordForm;
use super::outcome::Winner;
use super::parts::banner;
use crate::i18n::Texts;
use crate::theme::Theme;
use crate::tr;

/// Shows the conflict, if there is one.
pub(super) fn show(form: &mut RecordForm, ui: &mut Ui, texts: &Texts, theme: &Theme) {
    let Some(conflict) = form.conflict.clone() else { return };
    let colors = &theme.colors;
    banner(ui, colors.staged_surface, colors.staged, |ui| match conflict {
        ConflictState::Deleted => {
            let message = RichText::new(tr!(texts, "conflict-deleted")).color(colors.staged);
            ui.add(Label::new(message).wrap());
            if ui.button(tr!(texts, "conflict-insert-again")).clicked() {
                form.insert_again();
            }
        }
        ConflictState::Changed { contested, taken_over, was } => {
            let message = RichText::new(tr!(texts, "conflict-changed")).color(colors.staged);
            ui.add(Label::new(message).wrap());
            if !taken_over.is_empty() {
                let names: Vec<_> =
                    taken_over.iter().map(|&column| name(form, texts, column)).collect();
                let taken = tr!(texts, "conflict-taken-over", fields = names.join(", "));
                ui.add(Label::new(RichText::new(taken).small()).wrap());
            }
            if contested.is_empty() {
                ui.label(RichText::new(tr!(texts, "conflict-decided")).small());
                return;
            }
            ui.label(RichText::new(tr!(texts, "conflict-decide")).small());
            for column in contested {
                let was = was.iter().find(|(other, ..)| *other == column);
                let was = was.map(|(_, value, label)| shown(texts, label.as_deref(), value));
                contested_field(form, ui, texts, theme, (column, was));
            }
        }
    });
}

fn name(form: &RecordForm, texts: &Texts, column: usize) -> String {
    form.column(column).map(|meta| texts.column(form.meta(), meta)).unwrap_or_default()
}

/// Draws one field that both have changed: what it was, and both values, each with its button.
fn contested_field(
    form: &mut RecordForm,
    ui: &mut Ui,
    texts: &Texts,
    theme: &Theme,
    (column, was): (usize, Option<String>),
) {
    let field = name(form, texts, column);
    let mine = match form.value(column) {
        Ok(value) => shown(texts, form.fields.get(column).and_then(|f| f.label.as_deref()), &value),
        Err(_) => form.fields.get(column).map(|field| field.text.clone()).unwrap_or_default(),
    };
    let theirs = shown(
        texts,
        form.base_labels.get(column).and_then(Option::as_deref),
        form.base.value(column),
    );
    ui.add_space(theme.spacing.tight);
    ui.strong(&field);
    let sides = [
        (
            Winner::Mine,
            mine,
            tr!(texts, "conflict-keep-mine"),
            tr!(texts, "conflict-keep-mine-of", field = field.as_str()),
        ),
        (
            Winner::Theirs,
            theirs,
            tr!(texts, "conflict-take-theirs"),
            tr!(texts, "conflict-take-theirs-of", field = field.as_str()),
        ),
    ];
    Grid::new(("contested", column)).num_columns(2).show(ui, |ui| {
        if let Some(was) = was {
            ui.label(RichText::new(tr!(texts, "conflict-was")).color(theme.colors.text_weak));
            ui.add(Label::new(RichText::new(was).color(theme.colors.text_weak)).truncate());
            ui.end_row();
        }
        for (winner, value, action, accessible) in sides {
            if ui.button(action).accessible_name(accessible).clicked() {
                form.decide(column, winner);
            }
            ui.add(Label::new(value).truncate());
            ui.end_row();
        }
    });
}

fn shown(texts: &Texts, label: Option<&str>, value: &Value) -> String {
    label.map_or_else(|| texts.brief(value), str::to_owned)
}
