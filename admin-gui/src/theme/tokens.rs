//! Design tokens: the only place where colours and sizes are numbers.

#![expect(clippy::disallowed_methods, reason = "this is where colours are numbers")]

use egui::Color32;

/// One of the two themes.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// The colours.
    pub colors: Colors,
    /// Distances, in points; the same in both themes.
    pub spacing: Spacing,
    /// Text sizes, in points; the same in both themes.
    pub text: TextSizes,
    is_dark: bool,
}

/// Colours by what they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colors {
    /// Behind the grid and in text fields.
    pub canvas: Color32,
    /// Behind every second row of the grid.
    pub canvas_alternate: Color32,
    /// Side panels, top bar, dialogs.
    pub surface: Color32,
    /// The grid's header; menus.
    pub surface_raised: Color32,
    /// Buttons.
    pub control: Color32,
    /// Buttons under the pointer.
    pub control_hovered: Color32,
    /// Pills, and the chosen entity in the navigation.
    pub selected: Color32,
    /// The chosen rows of the grid; selected text.
    pub selected_row: Color32,
    /// Lines between areas and around fields.
    pub border: Color32,
    /// Text.
    pub text: Color32,
    /// Field labels, hints, counts.
    pub text_weak: Color32,
    /// NULL, and what cannot be used now.
    pub text_faint: Color32,
    /// The frame of a box that is not ticked, and can be.
    pub check_box: Color32,
    /// Links, focus, charts: the one accent.
    pub accent: Color32,
    /// Text on the accent colour.
    pub on_accent: Color32,
    /// Staged: text, frames, the commit button.
    pub staged: Color32,
    /// Text on the staged colour.
    pub on_staged: Color32,
    /// Behind a staged cell.
    pub staged_cell: Color32,
    /// Behind the bar with what is staged.
    pub staged_surface: Color32,
    /// The line around the bar with what is staged.
    pub staged_border: Color32,
    /// New rows: text and marks.
    pub new: Color32,
    /// Behind a new row.
    pub new_row: Color32,
    /// Deleted or wrong: text, frames, marks.
    pub wrong: Color32,
    /// Text on the deleted-or-wrong colour.
    pub on_wrong: Color32,
    /// Behind a deleted row or a wrong cell.
    pub wrong_row: Color32,
    /// The top bar of a production connection.
    pub production: Color32,
    /// Buttons under the pointer on the top bar of a production connection.
    pub production_hovered: Color32,
    /// Text on the top bar of a production connection.
    pub on_production: Color32,
    /// What shadows are made of.
    pub shadow: Color32,
}

/// Distances, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// Between things that belong together.
    pub tight: f32,
    /// Between neighbours.
    pub item: f32,
    /// Between groups; the margin of panels.
    pub group: f32,
    /// Between sections.
    pub section: f32,
    /// The height of a row of the grid.
    pub row: f32,
    /// The height of buttons and fields.
    pub control: f32,
    /// The radius of corners.
    pub radius: u8,
}

/// Text sizes, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextSizes {
    /// Field labels, section names.
    pub small: f32,
    /// Everything else.
    pub body: f32,
    /// Numbers, keys, SQL: one width.
    pub monospace: f32,
    /// The name of what is open.
    pub heading: f32,
    /// Icons beside text.
    pub icon: f32,
}

const SPACING: Spacing = Spacing {
    tight: 3.0,
    item: 6.0,
    group: 12.0,
    section: 18.0,
    row: 25.0,
    control: 26.0,
    radius: 5,
};

const TEXT_SIZES: TextSizes =
    TextSizes { small: 11.0, body: 13.5, monospace: 13.0, heading: 19.0, icon: 16.0 };

static DARK: Theme = Theme {
    colors: Colors {
        canvas: Color32::from_rgb(0x0f, 0x11, 0x15),
        canvas_alternate: Color32::from_rgb(0x12, 0x14, 0x19),
        surface: Color32::from_rgb(0x14, 0x17, 0x1c),
        surface_raised: Color32::from_rgb(0x18, 0x1c, 0x22),
        control: Color32::from_rgb(0x1e, 0x23, 0x2b),
        control_hovered: Color32::from_rgb(0x29, 0x30, 0x3a),
        selected: Color32::from_rgb(0x21, 0x28, 0x3a),
        selected_row: Color32::from_rgb(0x1e, 0x26, 0x3e),
        border: Color32::from_rgb(0x26, 0x2b, 0x33),
        text: Color32::from_rgb(0xde, 0xe2, 0xe8),
        text_weak: Color32::from_rgb(0x93, 0x9b, 0xa8),
        text_faint: Color32::from_rgb(0x7f, 0x87, 0x94),
        check_box: Color32::from_rgb(0x7f, 0x87, 0x94),
        accent: Color32::from_rgb(0x7b, 0x97, 0xff),
        on_accent: Color32::from_rgb(0x0f, 0x11, 0x15),
        staged: Color32::from_rgb(0xe8, 0xb2, 0x4c),
        on_staged: Color32::from_rgb(0x1b, 0x14, 0x05),
        staged_cell: Color32::from_rgb(0x42, 0x34, 0x18),
        staged_surface: Color32::from_rgb(0x1b, 0x19, 0x14),
        staged_border: Color32::from_rgb(0x46, 0x3a, 0x20),
        new: Color32::from_rgb(0x5c, 0xc4, 0x84),
        new_row: Color32::from_rgb(0x16, 0x26, 0x1e),
        wrong: Color32::from_rgb(0xf0, 0x78, 0x78),
        on_wrong: Color32::from_rgb(0x1a, 0x08, 0x08),
        wrong_row: Color32::from_rgb(0x2c, 0x18, 0x1a),
        production: Color32::from_rgb(0x5e, 0x1c, 0x22),
        production_hovered: Color32::from_rgb(0x7a, 0x28, 0x30),
        on_production: Color32::from_rgb(0xff, 0xe4, 0xe4),
        shadow: Color32::from_black_alpha(0x70),
    },
    spacing: SPACING,
    text: TEXT_SIZES,
    is_dark: true,
};

static LIGHT: Theme = Theme {
    colors: Colors {
        canvas: Color32::from_rgb(0xff, 0xff, 0xff),
        canvas_alternate: Color32::from_rgb(0xfa, 0xfb, 0xfc),
        surface: Color32::from_rgb(0xf4, 0xf5, 0xf8),
        surface_raised: Color32::from_rgb(0xec, 0xee, 0xf2),
        control: Color32::from_rgb(0xe4, 0xe7, 0xec),
        control_hovered: Color32::from_rgb(0xd8, 0xdc, 0xe4),
        selected: Color32::from_rgb(0xdc, 0xe4, 0xfb),
        selected_row: Color32::from_rgb(0xe2, 0xe9, 0xfd),
        border: Color32::from_rgb(0xd2, 0xd7, 0xdf),
        text: Color32::from_rgb(0x1c, 0x20, 0x28),
        text_weak: Color32::from_rgb(0x53, 0x5b, 0x68),
        text_faint: Color32::from_rgb(0x5f, 0x67, 0x74),
        check_box: Color32::from_rgb(0x5f, 0x67, 0x74),
        accent: Color32::from_rgb(0x2d, 0x50, 0xcf),
        on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
        staged: Color32::from_rgb(0x84, 0x55, 0x00),
        on_staged: Color32::from_rgb(0xff, 0xff, 0xff),
        staged_cell: Color32::from_rgb(0xfd, 0xec, 0xc8),
        staged_surface: Color32::from_rgb(0xfd, 0xf6, 0xe6),
        staged_border: Color32::from_rgb(0xe6, 0xcd, 0x95),
        new: Color32::from_rgb(0x15, 0x6c, 0x3b),
        new_row: Color32::from_rgb(0xe2, 0xf4, 0xe8),
        wrong: Color32::from_rgb(0xb6, 0x24, 0x24),
        on_wrong: Color32::from_rgb(0xff, 0xff, 0xff),
        wrong_row: Color32::from_rgb(0xfc, 0xe7, 0xe7),
        production: Color32::from_rgb(0xb3, 0x26, 0x2e),
        production_hovered: Color32::from_rgb(0x8f, 0x1a, 0x21),
        on_production: Color32::from_rgb(0xff, 0xff, 0xff),
        shadow: Color32::from_black_alpha(0x28),
    },
    spacing: SPACING,
    text: TEXT_SIZES,
    is_dark: false,
};

impl Theme {
    /// Returns the theme that is light on dark.
    #[must_use]
    pub fn dark() -> &'static Self {
        &DARK
    }

    /// Returns the theme that is dark on light.
    #[must_use]
    pub fn light() -> &'static Self {
        &LIGHT
    }

    /// Returns the theme that is in use.
    #[must_use]
    pub fn of(context: &egui::Context) -> &'static Self {
        match context.theme() {
            egui::Theme::Dark => &DARK,
            egui::Theme::Light => &LIGHT,
        }
    }

    /// Returns whether it is light on dark.
    #[must_use]
    pub const fn is_dark(&self) -> bool {
        self.is_dark
    }
}
