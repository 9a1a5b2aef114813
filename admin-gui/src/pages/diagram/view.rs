//! The page: the diagram on a canvas that can be moved and enlarged.

use egui::accesskit::Role;
use egui::{
    CursorIcon, FontFamily, FontId, Key, Modifiers, Rect, Response, Sense, Ui, Vec2, WidgetInfo,
    vec2,
};
use persistence::{CatalogEntry, OnDelete};

use super::camera::Camera;
use super::drawing::{self, BoxView, Emphasis, FOOT, HEAD, MARK, PADDING, ROW, paint_box};
use super::graph::{Graph, Link, LinkKind};
use super::layout::{Distances, Edge, Layout, layout};
use crate::i18n::{Language, Texts};
use crate::pages::{icon_button, page_bar};
use crate::theme::{Theme, icon};
use crate::tr;

/// Columns that a box shows at most.
const MOST_COLUMNS: usize = 16;

/// Where the diagram with all columns would have to be smaller than this to fit, boxes show only
/// what links them at first.
const READABLE: f32 = 0.6;

/// How much one press of a zoom button enlarges.
const ZOOM_STEP: f32 = 1.25;

/// What a person asks for on this page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiagramEvent {
    /// Show an entity's rows.
    OpenEntity(&'static str),
}

/// How much of an entity its box shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// All columns, up to a number.
    Columns,
    /// Keys and references.
    Keys,
}

/// The schema diagram of a catalog.
#[derive(Debug)]
pub struct DiagramPage {
    graph: Graph,
    detail: Detail,
    /// Whether the detail has been decided: by a person, or by how much fits.
    is_decided: bool,
    shown: Option<Shown>,
    camera: Option<Camera>,
    /// The size of the canvas for which all of the diagram is shown; `None` once a person has moved
    /// or enlarged it.
    fitted: Option<Vec2>,
    /// What was under the pointer when it was last drawn.
    hovered: Option<Hovered>,
}

/// What is under the pointer, or focused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hovered {
    entity: usize,
    column: Option<usize>,
}

impl Hovered {
    /// Returns the line of the foreign key that is pointed at.
    fn link(self, graph: &Graph) -> Option<&Link> {
        let column = self.column?;
        graph.links.iter().find(|link| link.from == self.entity && link.from_column == column)
    }
}

/// The diagram as it was laid out: for one language and detail.
#[derive(Debug)]
struct Shown {
    language: Language,
    boxes: Vec<Content>,
    layout: Layout,
}

/// What a box says.
#[derive(Debug)]
struct Content {
    title: String,
    rows: Vec<usize>,
    rest: Option<String>,
}

impl DiagramPage {
    /// Makes the diagram of a catalog's entities.
    #[must_use]
    pub fn new(entries: &[CatalogEntry]) -> Self {
        Self::of_graph(Graph::of(entries))
    }

    /// Makes the diagram of a graph.
    #[must_use]
    pub fn of_graph(graph: Graph) -> Self {
        Self {
            graph,
            detail: Detail::Columns,
            is_decided: false,
            shown: None,
            camera: None,
            fitted: None,
            hovered: None,
        }
    }

    /// Sets how much the boxes show at first, whatever fits.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self.is_decided = true;
        self
    }

    /// Draws the page over all the space there is; returns what it asks for.
    pub fn show(&mut self, ui: &mut Ui, texts: &Texts) -> Vec<DiagramEvent> {
        self.lay_out(ui, texts);
        self.bar(ui, texts);
        self.canvas(ui, texts)
    }

    fn bar(&mut self, ui: &mut Ui, texts: &Texts) {
        let note = tr!(
            texts,
            "diagram-counts",
            entities = self.graph.entities.len(),
            references = self.graph.links.len(),
        );
        let mut zoom = None;
        let mut fits = false;
        let mut detail = self.detail;
        let percent = self.camera.map_or(100.0, |camera| (camera.zoom * 100.0).round());
        page_bar(ui, &tr!(texts, "page-diagram"), &note, |ui| {
            fits = icon_button(ui, icon::ICON_FIT_SCREEN, &tr!(texts, "diagram-fit")).clicked();
            if icon_button(ui, icon::ICON_ADD, &tr!(texts, "diagram-zoom-in")).clicked() {
                zoom = Some(ZOOM_STEP);
            }
            let theme = Theme::of(ui.ctx());
            let percent = egui::RichText::new(format!("{percent} %")).color(theme.colors.text_weak);
            ui.add_sized(vec2(46.0, theme.spacing.control), egui::Label::new(percent));
            if icon_button(ui, icon::ICON_REMOVE, &tr!(texts, "diagram-zoom-out")).clicked() {
                zoom = Some(1.0 / ZOOM_STEP);
            }
            ui.add_space(theme.spacing.group);
            let (mark, name, other) = match detail {
                Detail::Columns => {
                    (icon::ICON_UNFOLD_LESS, tr!(texts, "diagram-keys-only"), Detail::Keys)
                }
                Detail::Keys => {
                    (icon::ICON_UNFOLD_MORE, tr!(texts, "diagram-all-columns"), Detail::Columns)
                }
            };
            if icon_button(ui, mark, &name).clicked() {
                detail = other;
            }
        });
        if detail != self.detail {
            self.detail = detail;
            self.shown = None;
            self.camera = None;
            self.lay_out(ui, texts);
        }
        let view = ui.available_rect_before_wrap();
        if let Some(factor) = zoom
            && let Some(camera) = &mut self.camera
        {
            camera.zoom_by(factor, view.center(), view);
            self.fitted = None;
        }
        if fits {
            self.camera = None;
        }
    }

    /// Lays the diagram out for the language and the detail, where that has not been done.
    fn lay_out(&mut self, ui: &Ui, texts: &Texts) {
        if self.shown.as_ref().is_some_and(|shown| shown.language == texts.language()) {
            return;
        }
        let shown = self.laid_out(ui, texts);
        let view = ui.available_rect_before_wrap();
        if !std::mem::replace(&mut self.is_decided, true)
            && Camera::fit(shown.layout.size, view).zoom < READABLE
        {
            self.detail = Detail::Keys;
            self.shown = Some(self.laid_out(ui, texts));
        } else {
            self.shown = Some(shown);
        }
    }

    fn laid_out(&self, ui: &Ui, texts: &Texts) -> Shown {
        let theme = Theme::of(ui.ctx());
        let width = |text: &str, size: f32, family: FontFamily| {
            let font = FontId::new(size, family);
            ui.painter().layout_no_wrap(text.to_owned(), font, theme.colors.text).size().x
        };
        let boxes: Vec<Content> = self
            .graph
            .entities
            .iter()
            .map(|entity| {
                let rows = match self.detail {
                    Detail::Columns => entity.shown(MOST_COLUMNS),
                    Detail::Keys => entity.linking(),
                };
                let hidden = entity.columns.len() - rows.len();
                Content {
                    title: texts.entity(entity.meta),
                    rest: (hidden > 0).then(|| tr!(texts, "diagram-more-columns", count = hidden)),
                    rows,
                }
            })
            .collect();
        let sizes: Vec<Vec2> = self
            .graph
            .entities
            .iter()
            .zip(&boxes)
            .map(|(entity, content)| {
                let title = width(&content.title, theme.text.body, FontFamily::Proportional);
                let columns = content.rows.iter().filter_map(|&row| entity.columns.get(row));
                let columns = columns.map(|column| {
                    width(column.name, 12.0, FontFamily::Monospace)
                        + width(&column.type_name, 11.0, FontFamily::Monospace)
                        + 18.0
                });
                let inner = columns.fold(title, f32::max).clamp(90.0, 340.0);
                let lines = content.rows.len() + usize::from(content.rest.is_some());
                vec2(inner + MARK + 2.0 * PADDING, HEAD + ROW * lines as f32 + FOOT).ceil()
            })
            .collect();
        let height = |entity: usize, column: usize| {
            let line = boxes
                .get(entity)
                .and_then(|content| content.rows.iter().position(|&row| row == column));
            line.map_or(HEAD / 2.0, |line| HEAD + ROW * (line as f32 + 0.5))
        };
        let edges: Vec<Edge> = self
            .graph
            .links
            .iter()
            .map(|link| Edge {
                from: link.from,
                from_height: height(link.from, link.from_column),
                to: link.to,
                to_height: height(link.to, link.to_column),
            })
            .collect();
        let layout = layout(&sizes, &edges, Distances::default());
        tracing::debug!(crossings = layout.crossings, "the schema diagram was laid out");
        Shown { language: texts.language(), boxes, layout }
    }

    fn canvas(&mut self, ui: &mut Ui, texts: &Texts) -> Vec<DiagramEvent> {
        let theme = Theme::of(ui.ctx());
        let view = ui.available_rect_before_wrap();
        let canvas = ui.allocate_rect(view, Sense::click_and_drag());
        let painter = ui.painter_at(view);
        painter.rect_filled(view, 0.0, theme.colors.canvas);
        let Some(shown) = &self.shown else { return Vec::new() };
        if self.fitted.is_some_and(|size| size != view.size()) {
            self.camera = None;
        }
        let fitted = &mut self.fitted;
        let camera = self.camera.get_or_insert_with(|| {
            *fitted = Some(view.size());
            Camera::fit(shown.layout.size, view)
        });
        let before = *camera;
        steer(ui, &canvas, camera, view);
        if *camera != before {
            *fitted = None;
            // How large it is stands above, and has been drawn already.
            ui.ctx().request_repaint();
        }
        if canvas.double_clicked() {
            *camera = Camera::fit(shown.layout.size, view);
            *fitted = Some(view.size());
        }
        let to_screen = camera.to_screen(view);
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(view));
        ui.set_clip_rect(view.intersect(ui.clip_rect()));
        let hovered = self.hovered;
        paint_links(&ui, &self.graph, shown, hovered, theme, to_screen);

        let near = hovered.map(|hovered| match hovered.link(&self.graph) {
            Some(link) => vec![link.from, link.to],
            None => self.graph.neighbourhood(hovered.entity),
        });
        let mut now = None;
        let mut events = Vec::new();
        let mut revealed = None;
        for (place, entity) in self.graph.entities.iter().enumerate() {
            let (Some(&rect), Some(content)) =
                (shown.layout.boxes.get(place), shown.boxes.get(place))
            else {
                continue;
            };
            let on_screen = to_screen * rect;
            let id = ui.unique_id().with(("diagram entity", entity.meta.table));
            let is_focused = ui.memory(|memory| memory.has_focus(id));
            // What is off the screen can still be reached with the keyboard.
            if !view.intersects(on_screen) && !is_focused {
                continue;
            }
            let response = ui.interact(on_screen, id, Sense::click());
            let label = spoken(&self.graph, place, texts);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
            if response.gained_focus() {
                revealed = Some(rect);
            }
            let column = response.hover_pos().and_then(|pointer| {
                let height = (to_screen.inverse() * pointer).y - rect.top() - HEAD;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a line"
                )]
                let line = (height >= 0.0).then_some((height / ROW) as usize)?;
                content.rows.get(line).copied()
            });
            if response.hovered() || is_focused && now.is_none() {
                now = Some(Hovered { entity: place, column });
            }
            if response.clicked() {
                events.push(DiagramEvent::OpenEntity(entity.meta.table));
            }
            let emphasis = match (hovered, &near) {
                (Some(hovered), _) if hovered.entity == place => Emphasis::Full,
                (_, Some(near)) if near.contains(&place) => Emphasis::Near,
                (Some(_), _) => Emphasis::Dimmed,
                (None, _) => Emphasis::Plain,
            };
            let box_view = BoxView {
                entity,
                title: &content.title,
                rows: &content.rows,
                rest: content.rest.as_deref(),
                rect,
                emphasis,
                hovered: column.filter(|_| response.hovered()),
            };
            paint_box(&ui, &box_view, theme, to_screen);
            hint(response, &self.graph, place, column, texts);
        }
        if let (Some(rect), Some(camera)) = (revealed, &mut self.camera) {
            camera.reveal(rect, view);
            ui.ctx().request_repaint();
        }
        if now != self.hovered {
            self.hovered = now;
            ui.ctx().request_repaint();
        }
        events
    }
}

/// Moves and enlarges as wheel, pointer and keys say.
fn steer(ui: &Ui, canvas: &Response, camera: &mut Camera, view: Rect) {
    if canvas.dragged() {
        camera.drag(canvas.drag_delta());
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|at| view.contains(*at));
    if let Some(pointer) = pointer.filter(|_| canvas.contains_pointer()) {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        if (pinch - 1.0).abs() > f32::EPSILON {
            camera.zoom_by(pinch, pointer, view);
        } else if wheel.y != 0.0 {
            camera.zoom_by((wheel.y / 320.0).exp(), pointer, view);
        }
        if wheel.x != 0.0 {
            camera.drag(vec2(wheel.x, 0.0));
        }
    }
    // Otherwise these keys enlarge the whole window.
    let is_here = pointer.is_some() || canvas.has_focus();
    if is_here {
        let fixed = pointer.unwrap_or(view.center());
        let pressed = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, key));
        if pressed(Key::Plus) || pressed(Key::Equals) {
            camera.zoom_by(ZOOM_STEP, fixed, view);
        } else if pressed(Key::Minus) {
            camera.zoom_by(1.0 / ZOOM_STEP, fixed, view);
        } else if pressed(Key::Num0) {
            camera.zoom_by(1.0 / camera.zoom, fixed, view);
        }
    }
}

/// Draws the lines: those of what is looked at above the others.
fn paint_links(
    ui: &Ui,
    graph: &Graph,
    shown: &Shown,
    hovered: Option<Hovered>,
    theme: &Theme,
    to_screen: egui::emath::TSTransform,
) {
    let view = ui.clip_rect();
    let is_lit = |link: &Link| {
        hovered.is_some_and(|hovered| match hovered.link(graph) {
            // A foreign key lights its own line only.
            Some(own) => own == link,
            None => link.from == hovered.entity || link.to == hovered.entity,
        })
    };
    for lit in [false, true] {
        for (link, route) in graph.links.iter().zip(&shown.layout.routes) {
            if is_lit(link) != lit {
                continue;
            }
            let mut around = Rect::NOTHING;
            for point in &route.points {
                around.extend_with(to_screen * *point);
            }
            if !view.intersects(around.expand(40.0 * to_screen.scaling)) {
                continue;
            }
            let (color, width) = match (lit, hovered) {
                (true, _) => (theme.colors.accent, 1.8),
                (false, None) => (theme.colors.text_faint, 1.0),
                (false, Some(_)) => (theme.colors.border, 1.0),
            };
            drawing::paint_route(ui.painter(), route, link.kind, color, width, to_screen);
        }
    }
}

/// Shows what a foreign key refers to, under the pointer.
fn hint(response: Response, graph: &Graph, entity: usize, column: Option<usize>, texts: &Texts) {
    let link = column.and_then(|column| {
        graph.links.iter().find(|link| link.from == entity && link.from_column == column)
    });
    let Some(link) = link else { return };
    let name = |entity: usize, column: usize| {
        let entity = graph.entities.get(entity)?;
        Some(format!("{}.{}", entity.meta.table, entity.columns.get(column)?.name))
    };
    let (Some(from), Some(to)) = (name(link.from, link.from_column), name(link.to, link.to_column))
    else {
        return;
    };
    let mut text = format!("{from}  {}  {to}", icon::ICON_ARROW_FORWARD.codepoint);
    let on_delete = match link.kind {
        LinkKind::Many(on_delete) | LinkKind::One(on_delete) => Some(on_delete),
        LinkKind::Through(table) => {
            text = format!("{from}  {}  {to} ({table})", icon::ICON_SYNC_ALT.codepoint);
            None
        }
    };
    if let Some(on_delete) = on_delete {
        text.push('\n');
        text.push_str(&match on_delete {
            OnDelete::Restrict => tr!(texts, "diagram-on-delete-restrict"),
            OnDelete::Cascade => tr!(texts, "diagram-on-delete-cascade"),
            OnDelete::SetNull => tr!(texts, "diagram-on-delete-set-null"),
        });
    }
    response.on_hover_text_at_pointer(text);
}

/// Returns what a screen reader says of an entity.
fn spoken(graph: &Graph, place: usize, texts: &Texts) -> String {
    let Some(entity) = graph.entities.get(place) else { return String::new() };
    let name = texts.entity(entity.meta);
    let targets: Vec<String> = graph
        .links
        .iter()
        .filter(|link| link.from == place)
        .filter_map(|link| Some(texts.entity(graph.entities.get(link.to)?.meta)))
        .collect();
    if targets.is_empty() {
        tr!(texts, "diagram-entity", entity = name, columns = entity.columns.len())
    } else {
        tr!(
            texts,
            "diagram-entity-refers",
            entity = name,
            columns = entity.columns.len(),
            targets = targets.join(", "),
        )
    }
}
