//! A small window beside what it is about, open until a person is done with it.

use egui::{Context, Frame, Id, Popup, PopupCloseBehavior, Rect, Ui};

use crate::theme::Theme;

/// Whether a popover has just been opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Age {
    /// By the click that is being handled, which must not close it.
    #[default]
    New,
    /// Some time ago.
    Old,
}

/// Shows a popover beneath `anchor`; the second value says whether it is to be closed, because a
/// person clicked elsewhere. Lists that open above it do not count as elsewhere.
pub(super) fn show<R>(
    context: &Context,
    id: Id,
    anchor: Rect,
    name: &str,
    age: &mut Age,
    content: impl FnOnce(&mut Ui) -> R,
) -> (Option<R>, bool) {
    let theme = Theme::of(context);
    let has_list = Popup::is_any_open(context);
    let frame = Frame::popup(&context.global_style())
        .fill(theme.colors.surface_raised)
        .inner_margin(theme.spacing.group);
    let layer = egui::LayerId::new(egui::Order::Middle, id);
    let shown = Popup::new(id, context.clone(), anchor, layer)
        .close_behavior(PopupCloseBehavior::IgnoreClicks)
        .gap(4.0)
        .frame(frame)
        .accessible_name(name)
        .show(content);
    let Some(shown) = shown else { return (None, false) };
    let clicked = context
        .input(|input| input.pointer.any_click().then(|| input.pointer.interact_pos()).flatten());
    let is_elsewhere = clicked.is_some_and(|at| !shown.response.rect.contains(at));
    let closes = is_elsewhere && !has_list && *age == Age::Old;
    *age = Age::Old;
    (Some(shown.inner), closes)
}
