//! What is open: the entities, pages and records, and where a person has been.

use egui::Context;
use persistence::Catalog;

use super::effects::Effect;
use super::entity_view::EntityView;
use super::entity_views::EntityViews;
use super::open_records::{OpenRecord, OpenRecords, RecordTab};
use super::page::Pages;
use super::staged::{Staged, row_id};
use super::statistics::Statistics;
use super::visit::Visit;
use super::{Effects, Focused, Notice, filter_fields};
use crate::grid::Reread;
use crate::history::History;
use crate::i18n::Texts;
use crate::kept_staging::KeptStaging;
use crate::open_in::OpenIn;
use crate::panes::{Pane, Panes};
use crate::tr;

/// What is open.
pub(super) struct Workspace {
    /// The entities, in the order of the navigation.
    pub views: EntityViews,
    /// What stands in the middle.
    pub panes: Panes,
    pub records: OpenRecords,
    /// What is to be written.
    pub staged: Staged,
    /// What was copied last, where that was one cell.
    pub copied_cell: Option<String>,
    /// What the pages know.
    pub pages: Pages,
    pub history: History<Visit>,
    /// What the values of a column are like.
    pub statistics: Statistics,
    /// The entity whose focused row is to be shown as soon as it has been read.
    pub awaits_focused_row_of: Option<&'static str>,
    /// The action of the program's own that is being done.
    pub acting: Option<String>,
    /// What is to have the keyboard next.
    pub focus: Option<Focused>,
    /// Whether something has got the keyboard in the last picture.
    pub has_new_focus: bool,
}

impl Workspace {
    /// Makes a workspace in which the first of the entities of a catalog is open.
    pub fn new(catalog: &Catalog, kept: KeptStaging) -> Self {
        let views = EntityViews::new(catalog.entries(), catalog);
        let first = views.get(0).map(|view| Pane::Entity(view.meta().table.to_owned()));
        Self {
            views,
            panes: Panes::new(first),
            records: OpenRecords::default(),
            staged: Staged::new(catalog, kept),
            copied_cell: None,
            pages: Pages::new(catalog),
            history: History::default(),
            statistics: Statistics::default(),
            awaits_focused_row_of: None,
            acting: None,
            focus: Some(Focused::Grid),
            has_new_focus: false,
        }
    }

    /// Returns the entity whose rows are looked at.
    pub fn view(&self) -> Option<&EntityView> {
        self.views.get(self.active_entity()?)
    }

    /// Returns the entity whose rows are looked at, to change it.
    pub fn view_mut(&mut self) -> Option<&mut EntityView> {
        let place = self.active_entity()?;
        self.views.get_mut(place)
    }

    /// Returns the entity at a place.
    pub fn entity(&self, place: Option<usize>) -> Option<&EntityView> {
        self.views.get(place?)
    }

    /// Returns the entity at a place, to change it.
    pub fn entity_mut(&mut self, place: Option<usize>) -> Option<&mut EntityView> {
        self.views.get_mut(place?)
    }

    /// Returns the place of the entity whose rows are looked at.
    pub fn active_entity(&self) -> Option<usize> {
        self.entity_of(self.panes.active()?)
    }

    /// Returns the places of the entities whose rows can be seen.
    pub fn visible_entities(&self) -> Vec<usize> {
        self.panes.visible().filter_map(|pane| self.entity_of(pane)).collect()
    }

    /// Returns whether a pane can be seen.
    pub fn shows(&self, pane: &Pane) -> bool {
        self.panes.visible().any(|visible| visible == pane)
    }

    fn entity_of(&self, pane: &Pane) -> Option<usize> {
        self.views.place_of(pane.entity()?)
    }

    /// Returns whether there is what a pane of an earlier start shows.
    pub fn can_show(&self, pane: &Pane) -> bool {
        match pane {
            Pane::Entity(table) => self.views.of(table).is_some(),
            Pane::Page(page) => self.pages.has(*page),
            Pane::Record { table, key } => {
                let view = self.views.of(table);
                view.is_some_and(|view| view.meta().key.len() == key.0.len())
            }
        }
    }

    /// Reads rows of an entity again.
    pub fn reread(&mut self, entity: Option<usize>, reread: Reread) {
        if let Some(view) = entity.and_then(|entity| self.views.get_mut(entity)) {
            view.grid.reread(reread);
        }
    }

    /// Goes to another entity.
    pub fn show_view(&mut self, place: usize, open_in: OpenIn) {
        let Some(view) = self.views.get(place).filter(|_| self.active_entity() != Some(place))
        else {
            return;
        };
        let pane = Pane::Entity(view.meta().table.to_owned());
        self.show_pane(pane, open_in);
    }

    /// Shows an entity, a page or a record.
    pub fn show_pane(&mut self, pane: Pane, open_in: OpenIn) {
        let open_in = if self.may_replace_active(&pane) { open_in } else { OpenIn::NewTab };
        self.panes.open(pane, open_in);
        self.records.is_panel_active = false;
        self.focus = Some(Focused::Grid);
    }

    /// Returns whether a pane may stand where the active one stands: a record only instead of a record of
    /// which nothing is lost, and nothing else instead of a record.
    fn may_replace_active(&self, pane: &Pane) -> bool {
        let Some(active) = self.panes.active() else { return true };
        let is_dirty = self.records.tab(active).is_some_and(RecordTab::is_dirty);
        active.is_record() == pane.is_record() && !is_dirty
    }

    /// Closes a pane; what is typed there is staged.
    pub fn close_pane(&mut self, pane: &Pane, texts: &Texts, effects: &mut Effects) {
        let record = self.records.tab(pane).and_then(RecordTab::record);
        if record.is_some_and(OpenRecord::keeps_open) {
            effects.push(Effect::Tell(Notice::failure(tr!(texts, "form-without-key"))));
            return self.show_pane(pane.clone(), OpenIn::Here);
        }
        self.stage_typed(effects);
        self.let_go_of(pane);
    }

    /// Closes a pane.
    pub fn let_go_of(&mut self, pane: &Pane) {
        match pane {
            Pane::Record { table, .. } if self.panes.count() == 1 => {
                self.panes.replace(pane, Pane::Entity(table.clone()));
            }
            _ => self.panes.close(pane),
        }
        self.focus = Some(Focused::Grid);
    }

    /// Returns whether the focused row of an entity is the record at the right.
    pub fn is_focused_row_open(&self, table: &str) -> bool {
        let view = self.views.of(table);
        let focused = view.and_then(|view| Some(row_id(view.meta(), &view.grid.focused_key()?)));
        let panel = self.records.panel.as_ref().and_then(OpenRecord::row);
        focused.is_some() && focused == panel
    }

    /// Gives the keyboard to what asked for it.
    pub fn give_focus(&mut self, context: &Context) {
        let Some(focus) = self.focus.take() else {
            return;
        };
        if focus == Focused::Record {
            if let Some(record) = self.meant_record_mut() {
                record.form.focus_first();
            }
            return;
        }
        let Some(view) = self.view() else { return };
        let id = match focus {
            Focused::Grid | Focused::Record => crate::grid::grid_id(view.meta().table),
            Focused::Filter => filter_fields::filter_id(view.meta().table),
            Focused::Search => filter_fields::search_id(view.meta().table),
            Focused::Cell => crate::grid::editor_id(view.meta().table),
        };
        self.has_new_focus = !context.memory(|memory| memory.has_focus(id));
        context.memory_mut(|memory| memory.request_focus(id));
    }
}
