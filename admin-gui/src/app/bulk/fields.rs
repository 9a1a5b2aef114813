//! Where it is said what is to become of a column: which one, what is done, with what.

use egui::{Align2, ComboBox, Response, TextEdit, TextStyle, Ui, Vec2};
use persistence::ColumnType;
use persistence::staging::bulk::TimeUnit;

use super::BulkDialog;
use super::draft::{Deed, Operator};
use crate::app::dialog_line::{line, outline, weak};
use crate::app::widgets;
use crate::i18n::Texts;
use crate::theme::Theme;
use crate::tr;

/// The width of a short field, in points.
const SHORT: f32 = 130.0;

/// The width of a list to choose from, in points.
const LIST: f32 = 220.0;

impl BulkDialog {
    /// Draws which column is meant, what is done to it, and with what.
    pub(super) fn fields(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let meta = self.draft.meta();
        line(ui, theme, &tr!(texts, "bulk-column"), |ui| {
            let name = |position: usize| {
                meta.columns.get(position).map(|it| texts.column(meta, it)).unwrap_or_default()
            };
            let all = self.draft.open.iter().map(|position| (*position, name(*position)));
            let here = self.draft.column;
            let title = tr!(texts, "bulk-column");
            if let Some(chosen) = choose(ui, "bulk column", &title, &name(here), &here, all) {
                self.draft.turn_to(chosen);
                self.is_focused = false;
            }
        });
        line(ui, theme, &tr!(texts, "bulk-deed"), |ui| {
            let here = self.draft.deed;
            let all = self.draft.deeds().into_iter().map(|deed| (deed, deed_in_words(deed, texts)));
            let title = tr!(texts, "bulk-deed");
            let shown = deed_in_words(here, texts);
            if let Some(chosen) = choose(ui, "bulk deed", &title, &shown, &here, all) {
                self.draft.deed = chosen;
                self.is_focused = false;
            }
        });
        // As high whatever is done, so that nothing moves.
        let size = Vec2::new(ui.available_width(), 3.0 * theme.spacing.control);
        ui.allocate_ui_with_layout(size, egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_min_size(size);
            let field = match self.draft.deed {
                Deed::Set => self.new_value(ui, texts, theme),
                Deed::Replace => Some(self.replacement(ui, texts, theme)),
                Deed::Calculate => Some(self.calculation(ui, texts, theme)),
                Deed::Shift => Some(self.shift(ui, texts, theme)),
                Deed::Clear => None,
                Deed::Default => {
                    let value = self.draft.default_value().cloned().unwrap_or_default();
                    line(ui, theme, &tr!(texts, "bulk-value"), |ui| ui.label(texts.brief(&value)));
                    None
                }
            };
            if let Some(field) = field
                && !std::mem::replace(&mut self.is_focused, true)
            {
                field.request_focus();
            }
        });
    }

    /// Draws the field for the new value; returns where that is typed.
    fn new_value(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) -> Option<Response> {
        let column = self.draft.column_meta()?;
        let meta = self.draft.meta();
        let name = tr!(texts, "bulk-value");
        line(ui, theme, &name, |ui| match column.column_type {
            _ if column.references.is_some() => Some(self.reference(ui, &name, theme)),
            ColumnType::Bool => {
                outline(ui, theme);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = theme.spacing.section;
                    let both = [("true", tr!(texts, "form-yes")), ("false", tr!(texts, "form-no"))];
                    for (value, word) in both {
                        ui.radio_value(&mut self.draft.value, value.to_owned(), word);
                    }
                });
                None
            }
            ColumnType::Enum { variants } => {
                let here = self.draft.value.clone();
                let shown = |variant: &str| match variant {
                    "" => tr!(texts, "form-choose"),
                    variant => texts.variant(meta, column, variant),
                };
                let all = variants.iter().map(|it| ((*it).to_owned(), shown(it)));
                if let Some(chosen) = choose(ui, "bulk variant", &name, &shown(&here), &here, all) {
                    self.draft.value = chosen;
                }
                None
            }
            _ => Some(text_field(ui, theme, &name, &mut self.draft.value, f32::INFINITY)),
        })
    }

    /// Draws the field in which the row is looked for to which a reference is to point, and what was found.
    fn reference(&mut self, ui: &mut Ui, name: &str, theme: &Theme) -> Response {
        let field = text_field(ui, theme, name, &mut self.draft.value, f32::INFINITY);
        if field.changed() {
            // Another row is looked for.
            self.draft.choice = None;
        }
        ui.horizontal_wrapped(|ui| {
            for choice in &self.choices {
                let is_chosen = self.draft.choice.as_ref() == Some(choice);
                if ui.selectable_label(is_chosen, &choice.label).clicked() {
                    self.draft.choice = Some(choice.clone());
                }
            }
        });
        field
    }

    fn replacement(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) -> Response {
        let draft = &mut self.draft;
        let name = tr!(texts, "bulk-find");
        let field = line(ui, theme, &name, |ui| {
            ui.horizontal(|ui| {
                let find =
                    text_field(ui, theme, &name, &mut draft.find, 0.4 * ui.available_width());
                let name = tr!(texts, "bulk-with");
                ui.label(&name);
                text_field(ui, theme, &name, &mut draft.with, f32::INFINITY);
                find
            })
            .inner
        });
        line(ui, theme, "", |ui| {
            outline(ui, theme);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = theme.spacing.section;
                ui.checkbox(&mut draft.ignores_case, tr!(texts, "bulk-ignore-case"));
                ui.checkbox(&mut draft.is_whole_words, tr!(texts, "bulk-whole-words"));
            });
        });
        field
    }

    fn calculation(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) -> Response {
        let draft = &mut self.draft;
        let name = tr!(texts, "bulk-number");
        line(ui, theme, &name, |ui| {
            ui.horizontal(|ui| {
                let words = |operator| match operator {
                    Operator::Add => tr!(texts, "bulk-add"),
                    Operator::Subtract => tr!(texts, "bulk-subtract"),
                    Operator::Multiply => tr!(texts, "bulk-multiply"),
                    Operator::Percent => tr!(texts, "bulk-percent"),
                };
                let (here, title) = (draft.operator, tr!(texts, "bulk-operator"));
                let all = Operator::ALL.into_iter().map(|operator| (operator, words(operator)));
                if let Some(chosen) = choose(ui, "bulk operator", &title, &words(here), &here, all)
                {
                    draft.operator = chosen;
                    // What is typed comes next.
                    self.is_focused = false;
                }
                text_field(ui, theme, &name, &mut draft.operand, SHORT)
            })
            .inner
        })
    }

    fn shift(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) -> Response {
        let draft = &mut self.draft;
        let name = tr!(texts, "bulk-amount");
        line(ui, theme, &name, |ui| {
            let field = ui.horizontal(|ui| {
                let field = text_field(ui, theme, &name, &mut draft.amount, SHORT);
                let words = |unit| match unit {
                    TimeUnit::Minutes => tr!(texts, "bulk-minutes"),
                    TimeUnit::Hours => tr!(texts, "bulk-hours"),
                    TimeUnit::Days => tr!(texts, "bulk-days"),
                    TimeUnit::Weeks => tr!(texts, "bulk-weeks"),
                    TimeUnit::Months => tr!(texts, "bulk-months"),
                    TimeUnit::Years => tr!(texts, "bulk-years"),
                };
                let (here, title) = (draft.unit, tr!(texts, "bulk-unit"));
                let all = draft.units().map(|unit| (unit, words(unit)));
                if let Some(chosen) = choose(ui, "bulk unit", &title, &words(here), &here, all) {
                    draft.unit = chosen;
                    self.is_focused = false;
                }
                field
            });
            ui.label(weak(&tr!(texts, "bulk-amount-hint"), theme));
            field.inner
        })
    }
}

fn deed_in_words(deed: Deed, texts: &Texts) -> String {
    match deed {
        Deed::Set => tr!(texts, "bulk-set"),
        Deed::Clear => tr!(texts, "bulk-clear"),
        Deed::Default => tr!(texts, "bulk-default"),
        Deed::Replace => tr!(texts, "bulk-replace"),
        Deed::Calculate => tr!(texts, "bulk-calculate"),
        Deed::Shift => tr!(texts, "bulk-shift"),
    }
}

/// Draws a list to choose from; returns what was chosen.
fn choose<T: PartialEq>(
    ui: &mut Ui,
    salt: &str,
    name: &str,
    shown: &str,
    here: &T,
    all: impl Iterator<Item = (T, String)>,
) -> Option<T> {
    let mut chosen = None;
    let list = ComboBox::from_id_salt(salt)
        .width(LIST)
        .truncate()
        .icon(widgets::arrow)
        .height(400.0)
        .selected_text(shown)
        .show_ui(ui, |ui| {
            for (value, words) in all {
                if ui.selectable_label(value == *here, words).clicked() {
                    chosen = Some(value);
                }
            }
        });
    list.response.accessible_name(name);
    chosen
}

/// Draws a field of one line.
fn text_field(ui: &mut Ui, theme: &Theme, name: &str, text: &mut String, width: f32) -> Response {
    let field = TextEdit::singleline(text)
        .desired_width(width)
        .min_size(Vec2::new(0.0, theme.spacing.control))
        .align(Align2::LEFT_CENTER)
        .font(TextStyle::Body);
    let response = ui.add(field);
    let name = name.to_owned();
    ui.ctx().accesskit_node_builder(response.id, move |node| node.set_label(name));
    response
}
