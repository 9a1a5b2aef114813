//! egui's style, made of the design tokens.

use egui::style::{Selection, TextCursorStyle, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle,
    Ui, Visuals, vec2,
};

use super::{Appearance, Theme};

/// Gives a window its fonts and both themes. Once, when it is made.
pub fn install(context: &Context) {
    egui_material_icons::initialize(context);
    context.set_style_of(
        egui::Theme::Dark,
        style(Theme::dark(), &context.style_of(egui::Theme::Dark)),
    );
    context.set_style_of(
        egui::Theme::Light,
        style(Theme::light(), &context.style_of(egui::Theme::Light)),
    );
}

/// Shows the theme that a person wants.
pub fn choose(context: &Context, appearance: Appearance) {
    context.set_theme(appearance);
}

/// Gives what is drawn next the colours that can be read on those of a production connection.
pub(crate) fn wear_production(ui: &mut Ui) {
    let colors = &Theme::of(ui.ctx()).colors;
    let visuals = ui.visuals_mut();
    visuals.weak_text_color = Some(colors.on_production);
    visuals.hyperlink_color = colors.on_production;
    let widgets = &mut visuals.widgets;
    for state in [&mut widgets.noninteractive, &mut widgets.inactive] {
        state.fg_stroke.color = colors.on_production;
    }
    for state in [&mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
        state.weak_bg_fill = colors.production_hovered;
        state.bg_stroke.color = colors.on_production;
        state.fg_stroke.color = colors.on_production;
    }
}

fn style(theme: &Theme, base: &Style) -> Style {
    let mut style = base.clone();
    let text = &theme.text;
    style.text_styles = [
        (TextStyle::Small, FontId::new(text.small, FontFamily::Proportional)),
        (TextStyle::Body, FontId::new(text.body, FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(text.body, FontFamily::Proportional)),
        (TextStyle::Heading, FontId::new(text.heading, FontFamily::Proportional)),
        (TextStyle::Monospace, FontId::new(text.monospace, FontFamily::Monospace)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(theme.spacing.item, theme.spacing.tight);
    spacing.button_padding = vec2(8.0, 3.0);
    spacing.interact_size.y = theme.spacing.control;
    spacing.window_margin = Margin::same(12);
    spacing.menu_margin = Margin::same(6);
    spacing.icon_width = 15.0;
    spacing.icon_width_inner = 9.0;
    style.animation_time = 0.1;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style.visuals = visuals(theme);
    style
}

fn visuals(theme: &Theme) -> Visuals {
    let colors = &theme.colors;
    let radius = CornerRadius::same(theme.spacing.radius);
    let shadow = |depth: u8| Shadow {
        offset: [0, i8::try_from(depth / 2).unwrap_or_default()],
        blur: depth,
        spread: 0,
        color: colors.shadow,
    };
    let base = if theme.is_dark() { Visuals::dark() } else { Visuals::light() };
    Visuals {
        widgets: widgets(theme),
        weak_text_color: Some(colors.text_weak),
        selection: Selection {
            bg_fill: colors.selected_row,
            stroke: Stroke::new(1.0, colors.accent),
        },
        hyperlink_color: colors.accent,
        faint_bg_color: colors.canvas_alternate,
        extreme_bg_color: colors.canvas,
        text_edit_bg_color: Some(colors.canvas),
        code_bg_color: colors.control,
        warn_fg_color: colors.staged,
        error_fg_color: colors.wrong,
        window_corner_radius: CornerRadius::same(8),
        window_shadow: shadow(24),
        window_fill: colors.surface,
        window_stroke: Stroke::new(1.0, colors.border),
        window_highlight_topmost: false,
        menu_corner_radius: radius,
        panel_fill: colors.surface,
        popup_shadow: shadow(12),
        text_cursor: TextCursorStyle {
            stroke: Stroke::new(1.5, colors.accent),
            // At rest the window is not drawn at all.
            blink: false,
            ..TextCursorStyle::default()
        },
        ..base
    }
}

fn widgets(theme: &Theme) -> Widgets {
    let colors = &theme.colors;
    let state = |fill: Color32, frame: Stroke, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: frame,
        corner_radius: CornerRadius::same(theme.spacing.radius),
        fg_stroke: Stroke::new(1.0, text),
        // Widgets that grow under the pointer no longer line up with their neighbours.
        expansion: 0.0,
    };
    let line = Stroke::new(1.0, colors.border);
    Widgets {
        noninteractive: state(colors.surface, line, colors.text),
        inactive: state(colors.control, line, colors.text),
        hovered: state(colors.control_hovered, Stroke::new(1.0, colors.text_faint), colors.text),
        active: state(colors.control_hovered, Stroke::new(1.0, colors.accent), colors.text),
        open: state(colors.control_hovered, line, colors.text),
    }
}
