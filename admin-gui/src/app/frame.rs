//! One frame of the window: what has come, what was pressed, what is drawn, what follows from that.

use std::time::Duration;

use egui::{CentralPanel, Context, Frame, Margin, Panel, Rect, Ui};

use super::context::{Known, Shown};
use super::entity_view::EntityView;
use super::fetching::MOMENT;
use super::later_input::Hold;
use super::navigating::watch_mouse;
use super::notice::Notice;
use super::palette_view::{Reach, is_looking_for_records};
use super::top_bar::TopBar;
use super::{AdminApp, Effects, navigation, status_bar, widgets};
use crate::command::{Command, Situation};
use crate::theme::Theme;
use crate::tr;

impl AdminApp {
    /// Draws everything; what is asked for by that is done afterwards.
    fn draw(&mut self, ui: &mut Ui) {
        let context = ui.ctx().clone();
        let theme = Theme::of(&context);
        let surface = Frame::new().fill(theme.colors.surface);
        // What goes on where an entity is looked at, and apart from that.
        let apart = self.situation_apart(&context);
        let here = self.workspace.situation(apart, &context);
        let Self { program, preferences, lookups, workspace, dialogs, effects, .. } = self;
        let (navigation_width, mut record_width) =
            (preferences.settings.navigation_width, preferences.settings.record_width);
        let shown = Shown::new(program, preferences, lookups, here);
        let texts = shown.texts;
        let is_production = preferences.is_production();
        let bar = TopBar { shown, target: &program.target, is_production };
        let go_to_area = Panel::top("top bar")
            .frame(bar.frame(theme))
            .exact_size(widgets::TOP_BAR)
            .show(ui, |ui| bar.show(ui, effects))
            .inner;
        let navigation = Panel::left("navigation")
            .frame(surface.inner_margin(Margin::symmetric(10, 12)))
            .default_size(navigation_width.unwrap_or(widgets::NAVIGATION))
            .size_range(150.0..=360.0)
            .show(ui, |ui| {
                let saved_views = preferences.saved_views();
                let heading = navigation::show(ui, workspace, saved_views, texts, effects);
                dialogs.show_name_editor(ui.ctx(), heading, texts, effects);
            });
        Panel::bottom("status bar")
            .frame(surface.inner_margin(Margin::symmetric(12, 0)))
            .exact_size(widgets::STATUS_BAR)
            .show(ui, |ui| {
                let (transfers, last) = (&mut self.transfers, self.notice.as_ref());
                status_bar::show(ui, &shown, workspace, &self.jobs, transfers, last, effects);
            });
        workspace.show_record_panel(ui, surface, &mut record_width, &shown, effects);
        let place = workspace.active_entity();
        let view = place.and_then(|place| workspace.views.get(place));
        workspace.statistics.show_panel(ui, surface, view, texts, effects);
        CentralPanel::no_frame().show(ui, |ui| {
            if workspace.views.is_empty() {
                ui.centered_and_justified(|ui| ui.label(tr!(texts, "shell-no-entities")));
                return;
            }
            let shown = Shown { situation: apart, ..shown };
            workspace.show(ui, &shown, &mut self.jobs, effects);
        });
        self.preferences.settings.navigation_width = Some(navigation.response.rect.width());
        self.preferences.settings.record_width = record_width;
        self.draw_dialogs(&context, here, go_to_area);
    }

    /// Draws what is open above the rest of the window; the box that goes anywhere beneath what opens it.
    fn draw_dialogs(&mut self, context: &Context, situation: Situation, go_to_area: Option<Rect>) {
        self.show_production_question(context);
        self.show_migration_question(context);
        let known = Known::new(&self.preferences, &self.program);
        let (dialogs, workspace, effects) = (&mut self.dialogs, &self.workspace, &mut self.effects);
        dialogs.show_deletion(context, known.texts, effects);
        dialogs.show_closing(context, workspace, &known, effects);
        dialogs.show_review(context, known.texts, effects);
        dialogs.show_help(context, known.texts, effects);
        dialogs.show_bulk(context, (&known, &workspace.staged), &self.jobs, effects);
        dialogs.show_export(context, known.texts, self.transfers.is_exporting(), effects);
        dialogs.show_import(context, known.texts, &self.jobs, effects);
        dialogs.show_large(context, known.texts, effects);
        let shown = Shown::new(&self.program, &self.preferences, &self.lookups, situation);
        dialogs.show_palette(context, go_to_area, effects, || Reach {
            shown,
            workspace,
            saved: self.preferences.saved_views(),
            is_looking: is_looking_for_records(workspace, &self.jobs),
        });
    }

    /// Asks for records whose tabs can be seen. Those that come in a moment are drawn at once.
    fn read_records(&mut self, context: &Context) {
        let awaited = self.workspace.ask_for_records(&mut self.effects);
        self.apply();
        if context.current_pass_index() > 0 {
            return;
        }
        for lane in awaited {
            if let Some(arrived) = self.jobs.arrives_in_frame(lane) {
                self.take_answer(arrived);
                context.request_discard("a record has come in a moment");
            }
        }
    }

    /// Takes back the notice that has been shown for long enough.
    fn watch_notice(&mut self) {
        if self.notice.as_ref().and_then(Notice::rest) == Some(Duration::ZERO) {
            self.notice = None;
        }
    }
}

impl eframe::App for AdminApp {
    fn raw_input_hook(&mut self, context: &Context, input: &mut egui::RawInput) {
        let has_new_focus = std::mem::take(&mut self.workspace.has_new_focus);
        let hold = if self.workspace.views.iter().any(EntityView::awaits_row) {
            Hold::Keys
        } else if has_new_focus {
            Hold::Moves
        } else {
            Hold::Nothing
        };
        if self.later_input.hold_back(input, hold) {
            context.request_repaint();
        }
    }

    fn logic(&mut self, context: &Context, _frame: &mut eframe::Frame) {
        self.watch_notice();
        self.take_answers();
        let known = Known::new(&self.preferences, &self.program);
        let (workspace, effects) = (&mut self.workspace, &mut self.effects);
        self.transfers.follow(context, workspace.view(), &self.jobs, effects);
        self.dialogs.watch_closing(context, workspace, &known, effects);
        self.apply();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        if context.current_pass_index() == 0 {
            self.jobs.set_patience(MOMENT);
        }
        self.preferences.watch_window(&context);
        self.transfers.clipboard.watch(&context, &self.preferences.texts, &mut self.effects);
        self.watch_dropped(&context);
        self.workspace.settle_panel(&mut self.effects);
        let known = Known::new(&self.preferences, &self.program);
        self.workspace.settle_children(&known, &mut self.effects);
        let situation = self.situation(&context);
        // Whether there is anything to save is known once what is typed at the moment has been taken.
        let may_be_changed = Situation { is_changed: situation.has_form, ..situation };
        let pressed = context.input_mut(|input| Command::pressed(input, &may_be_changed));
        // What was typed in the same moment is part of what is to be written.
        let (now, afterwards): (Option<Command>, Option<Command>) = match pressed {
            Some(Command::Save) => (None, pressed),
            _ => (pressed, None),
        };
        if let Some(command) = now {
            self.effects.run(command);
        }
        self.apply();
        self.draw(ui);
        // What was typed before a click comes before what that asks for.
        let mut typed = Effects::default();
        self.workspace.follow_typed(&context, &mut typed);
        self.effects.put_first(typed);
        if let Some(command) = afterwards {
            self.effects.run(command);
        }
        watch_mouse(&context, &mut self.effects);
        // What is asked for in a pane is asked for by somebody who has come to it.
        self.workspace.watch_history();
        self.apply();
        self.workspace.settle_record_tabs(&mut self.effects);
        self.workspace.give_focus(&context);
        self.workspace.watch_layout(&context, &mut self.preferences);
        self.workspace.watch_panes(&context, &mut self.preferences);
        self.workspace.watch_history();
        let texts = &self.preferences.texts;
        self.workspace.ask_for_rows(&context, texts, &mut self.jobs, &mut self.effects);
        self.workspace.commit_again(&context, &mut self.effects);
        self.read_records(&context);
        self.workspace.scan(&mut self.jobs);
        self.lookups.ask_for_images(&mut self.jobs);
        self.preferences.ask_to_keep(&mut self.jobs);
        self.workspace.staged.ask_to_keep(&mut self.jobs);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.preferences.keep();
        self.preferences.ask_to_keep(&mut self.jobs);
        self.workspace.staged.ask_to_keep(&mut self.jobs);
        // Waits until they are written, and what is being exported has left nothing behind.
        self.jobs.close();
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
