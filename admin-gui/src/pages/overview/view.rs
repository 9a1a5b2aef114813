//! The page: bars, lines and a table.

use egui::accesskit::Role;
use egui::{
    CentralPanel, FontFamily, FontId, Frame, Label, Rangef, RichText, ScrollArea, Sense, Ui, Vec2b,
    WidgetInfo, vec2,
};
use egui_plot::{AxisHints, GridMark, Line, Plot, PlotPoints};
use persistence::{CatalogEntry, EntityMeta, Filter};

use super::model::{Asked, EntityFigures, Overview, creation_column};
use crate::i18n::Texts;
use crate::pages::bar::{Bar, Tone, write};
use crate::pages::figure::Figure;
use crate::pages::percent::percent;
use crate::pages::{icon_button, page_bar};
use crate::tasks::{Growth, GrowthPoint, NullRates};
use crate::theme::{Theme, icon};
use crate::tr;

/// The widest that the page's content becomes, in points.
const WIDEST: f32 = 980.0;

/// The least width of a chart, in points.
const CHART: f32 = 280.0;

/// The height of a chart, in points.
const CHART_HEIGHT: f32 = 130.0;

/// The height of a bar's line, in points.
const LINE: f32 = 26.0;

/// The height of a line of missing values, of which there are many, in points.
const NULLS_LINE: f32 = 22.0;

/// Room for an entity's name, and for a number, in points.
const NAME: f32 = 150.0;
const NUMBER: f32 = 110.0;

/// What the page asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum OverviewEvent {
    /// Compute a figure.
    Ask(Asked),
    /// Show an entity's rows.
    OpenEntity(&'static str),
    /// Show those that a filter finds.
    OpenFiltered {
        /// The entity's table.
        table: &'static str,
        /// Which rows.
        filter: Filter,
    },
}

/// The overview of a catalog.
#[derive(Debug)]
pub struct OverviewPage {
    overview: Overview,
    is_asked: bool,
}

impl OverviewPage {
    /// Makes the overview of a catalog's entities; nothing is computed before it is shown.
    #[must_use]
    pub fn new(entries: &[CatalogEntry]) -> Self {
        Self { overview: Overview::new(entries), is_asked: false }
    }

    /// Marks the figures to be computed again, because the rows may have changed.
    pub fn reread(&mut self) {
        self.is_asked = false;
    }

    /// Returns the figures, to put in what has been computed.
    pub const fn figures(&mut self) -> &mut Overview {
        &mut self.overview
    }

    /// Draws the page over all the space there is; returns what it asks for.
    pub fn show(&mut self, ui: &mut Ui, texts: &Texts) -> Vec<OverviewEvent> {
        let theme = Theme::of(ui.ctx());
        let mut events = Vec::new();
        let mut is_refreshed = !std::mem::replace(&mut self.is_asked, true);
        let note = tr!(texts, "overview-note", entities = self.overview.entities().len());
        page_bar(ui, &tr!(texts, "page-overview"), &note, |ui| {
            let name = tr!(texts, "overview-refresh");
            is_refreshed |= icon_button(ui, icon::ICON_REFRESH, &name).clicked();
        });
        let mut asked = if is_refreshed { self.overview.refresh(|_| true) } else { Vec::new() };
        let canvas = Frame::new().fill(theme.colors.canvas);
        CentralPanel::no_frame().frame(canvas).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                let margin = theme.spacing.group;
                let width = (ui.available_width() - 2.0 * margin).min(WIDEST);
                ui.horizontal_top(|ui| {
                    ui.add_space(margin);
                    ui.vertical(|ui| {
                        ui.set_width(width);
                        ui.add_space(theme.spacing.item);
                        if section(ui, &tr!(texts, "overview-rows"), texts) {
                            asked
                                .extend(self.overview.refresh(|one| matches!(one, Asked::Rows(_))));
                        }
                        rows(ui, self.overview.entities(), texts, &mut events);
                        let entities = self.overview.entities();
                        if entities.iter().any(|entity| entity.growth.is_some()) {
                            if section(ui, &tr!(texts, "overview-growth"), texts) {
                                let is_it = |one: &Asked| matches!(one, Asked::Growth(_));
                                asked.extend(self.overview.refresh(is_it));
                            }
                            charts(ui, self.overview.entities(), texts);
                        }
                        let entities = self.overview.entities();
                        if entities.iter().any(|entity| entity.nulls.is_some()) {
                            if section(ui, &tr!(texts, "overview-nulls"), texts) {
                                let is_it = |one: &Asked| matches!(one, Asked::Nulls(_));
                                asked.extend(self.overview.refresh(is_it));
                            }
                            nulls(ui, self.overview.entities(), texts, &mut events);
                        }
                        ui.add_space(theme.spacing.section);
                    });
                });
            });
        });
        events.extend(asked.into_iter().map(OverviewEvent::Ask));
        events
    }
}

/// Draws a heading; returns whether its figures are wanted anew.
fn section(ui: &mut Ui, name: &str, texts: &Texts) -> bool {
    let theme = Theme::of(ui.ctx());
    ui.add_space(theme.spacing.group);
    let mut is_clicked = false;
    ui.horizontal(|ui| {
        let heading = RichText::new(name.to_uppercase()).size(theme.text.small);
        ui.label(heading.color(theme.colors.text_weak));
        let refresh = tr!(texts, "overview-refresh-section", section = name);
        is_clicked = icon_button(ui, icon::ICON_REFRESH, &refresh).clicked();
    });
    is_clicked
}

/// Returns a weak text where a figure is to come, or why it has not.
fn state<T>(figure: &Figure<T>, texts: &Texts) -> Option<(String, bool)> {
    match (figure.value(), figure.error()) {
        (_, Some(error)) => Some((error.to_owned(), true)),
        (None, None) => Some((tr!(texts, "overview-computing"), false)),
        (Some(_), None) => None,
    }
}

fn rows(ui: &mut Ui, entities: &[EntityFigures], texts: &Texts, events: &mut Vec<OverviewEvent>) {
    let most = entities.iter().filter_map(|entity| entity.rows.value()).max().copied();
    ui.spacing_mut().item_spacing.y = 0.0;
    for entity in entities {
        let name = texts.entity(entity.meta);
        let count = entity.rows.value().copied();
        if let Some((message, is_wrong)) = state(&entity.rows, texts) {
            instead(ui, &name, &message, is_wrong, LINE);
            continue;
        }
        let shown = count.map(|count| texts.number(count)).unwrap_or_default();
        let part = match (count, most) {
            (Some(count), Some(most)) if most > 0 => count as f32 / most as f32,
            _ => 0.0,
        };
        let bar = Bar {
            group: None,
            is_repeated: false,
            name: &name,
            name_width: NAME,
            height: LINE,
            part,
            number: &shown,
            number_width: NUMBER,
            tone: tone(entity.rows.is_waiting()),
        };
        if bar.show(ui) {
            events.push(OverviewEvent::OpenEntity(entity.meta.table));
        }
    }
}

/// Draws an entity's name, and why there is no figure of it.
fn instead(ui: &mut Ui, name: &str, message: &str, is_wrong: bool, height: f32) {
    let theme = Theme::of(ui.ctx());
    let color = if is_wrong { theme.colors.wrong } else { theme.colors.text_faint };
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let spoken = format!("{name}: {message}");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let inner = rect.shrink2(vec2(theme.spacing.item, 0.0));
    write(ui, name, theme.colors.text, inner.left(), NAME - 10.0, inner);
    let left = inner.left() + NAME;
    write(ui, message, color, left, inner.right() - left, inner);
}

const fn tone(is_faint: bool) -> Tone {
    if is_faint { Tone::Faint } else { Tone::Plain }
}

fn charts(ui: &mut Ui, entities: &[EntityFigures], texts: &Texts) {
    let theme = Theme::of(ui.ctx());
    let gap = theme.spacing.section;
    let shown: Vec<_> =
        entities.iter().filter_map(|entity| Some((entity.meta, entity.growth.as_ref()?))).collect();
    let columns = ((ui.available_width() + gap) / (CHART + gap)).floor().max(1.0);
    let width = (ui.available_width() - gap * (columns - 1.0)) / columns;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few columns")]
    for line in shown.chunks(columns as usize) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for (meta, growth) in line {
                ui.vertical(|ui| {
                    ui.set_width(width);
                    chart(ui, meta, growth, texts);
                });
            }
        });
        ui.add_space(theme.spacing.group);
    }
}

fn chart(ui: &mut Ui, meta: &'static EntityMeta, growth: &Figure<Growth>, texts: &Texts) {
    let theme = Theme::of(ui.ctx());
    let column = creation_column(meta).and_then(|position| meta.columns.get(position));
    ui.horizontal(|ui| {
        ui.add(Label::new(texts.entity(meta)));
        let column = column.map(|column| texts.column(meta, column)).unwrap_or_default();
        let column = RichText::new(column).size(theme.text.small);
        ui.add(Label::new(column.color(theme.colors.text_weak)).truncate());
    });
    let size = vec2(ui.available_width(), CHART_HEIGHT);
    let instead = state(growth, texts).or_else(|| {
        let is_empty = growth.value().is_some_and(|growth| growth.points.is_empty());
        is_empty.then(|| (tr!(texts, "overview-no-rows"), false))
    });
    let Some(known) = growth.value().filter(|_| instead.is_none()) else {
        let (message, is_wrong) = instead.unwrap_or_default();
        let color = if is_wrong { theme.colors.wrong } else { theme.colors.text_faint };
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        ui.painter().rect_filled(
            rect,
            f32::from(theme.spacing.radius),
            theme.colors.canvas_alternate,
        );
        ui.put(rect.shrink(8.0), Label::new(RichText::new(message).color(color)).wrap());
        return;
    };
    let spoken = spoken(meta, known, texts);
    let response = line(ui, meta.table, known, size, texts);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
}

/// Returns what a screen reader says of a chart.
fn spoken(meta: &EntityMeta, growth: &Growth, texts: &Texts) -> String {
    let name = |point: &GrowthPoint| growth.period.name(point.start);
    tr!(
        texts,
        "overview-growth-spoken",
        entity = texts.entity(meta),
        count = growth.totals().last().copied().unwrap_or(0),
        first = growth.points.first().map(name).unwrap_or_default(),
        last = growth.points.last().map(name).unwrap_or_default(),
    )
}

fn line(
    ui: &mut Ui,
    table: &str,
    growth: &Growth,
    size: egui::Vec2,
    texts: &Texts,
) -> egui::Response {
    let theme = Theme::of(ui.ctx());
    let totals = growth.totals();
    let points: Vec<[f64; 2]> =
        totals.iter().enumerate().map(|(place, &total)| [place as f64, total as f64]).collect();
    let last = totals.len().saturating_sub(1);
    let most = totals.last().copied().unwrap_or(0);
    let names: Vec<String> =
        growth.points.iter().map(|point| growth.period.name(point.start)).collect();
    let at = |x: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
        let place = (x.round() >= 0.0).then_some(x.round() as usize)?;
        names.get(place).map(|name| (place, name.clone()))
    };
    let color = theme.colors.accent;
    let texts = texts.clone();
    let told = growth.points.clone();
    Plot::new(("growth", table))
        .width(size.x)
        .height(size.y)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .show_axes(Vec2b::new(true, true))
        .show_grid(Vec2b::new(false, true))
        .grid_color(theme.colors.border)
        .show_crosshair(false)
        .include_y(0.0)
        .x_grid_spacer(move |_| marks(last))
        .y_grid_spacer(move |_| heights(most))
        .custom_x_axes(vec![axis(AxisHints::new_x(), theme).formatter(
            move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| {
                at(mark.value).map(|(_, name)| name).unwrap_or_default()
            },
        )])
        .custom_y_axes(vec![
            axis(AxisHints::new_y(), theme)
                .min_thickness(40.0)
                .formatter(|mark, _| short(mark.value)),
        ])
        .label_formatter(move |hovered| {
            let (place, name) = at(hovered_x(hovered))?;
            let made = told.get(place)?.count;
            let total = totals.get(place)?;
            Some(format!("{name}\n{} (+{})", texts.number(*total), texts.number(made)))
        })
        .show(ui, |plot| {
            let line = Line::new("rows", PlotPoints::from(points))
                .color(color)
                .width(1.8)
                .fill(0.0)
                .fill_alpha(0.12);
            plot.line(line);
        })
        .response
}

fn hovered_x(hovered: &egui_plot::HoverPosition<'_>) -> f64 {
    match hovered {
        egui_plot::HoverPosition::NearDataPoint { position, .. }
        | egui_plot::HoverPosition::Elsewhere { position } => position.x,
    }
}

/// Returns up to five places to write a period's name at.
fn marks(last: usize) -> Vec<GridMark> {
    let step = (last + 1).div_ceil(5).max(1);
    (0..=last)
        .step_by(step)
        .map(|place| GridMark { value: place as f64, step_size: step as f64 })
        .collect()
}

/// Returns an axis in the theme's colours, which labels every mark.
fn axis<'a>(hints: AxisHints<'a>, theme: &Theme) -> AxisHints<'a> {
    let font = FontId::new(theme.text.small, FontFamily::Proportional);
    hints
        .label_spacing(Rangef::new(4.0, 8.0))
        .tick_label_color(theme.colors.text_weak)
        .tick_label_font(font)
}

/// Returns round heights up to a number: about four, at 1, 2 or 5 times a power of ten.
fn heights(most: u64) -> Vec<GridMark> {
    let rough = (most as f64 / 3.0).max(1.0);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power);
    let step = step.into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let marks = std::iter::successors(Some(0.0), |height| Some(height + step));
    marks
        .take_while(|height| *height <= most as f64 * 1.01)
        .map(|value| GridMark { value, step_size: step })
        .collect()
}

/// Returns a number in little room: 1.5k, 3M.
fn short(number: f64) -> String {
    for (limit, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if number.abs() >= limit {
            let text = format!("{:.1}", number / limit);
            return format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text));
        }
    }
    if number.fract() == 0.0 { format!("{number:.0}") } else { String::new() }
}

fn nulls(ui: &mut Ui, entities: &[EntityFigures], texts: &Texts, events: &mut Vec<OverviewEvent>) {
    for entity in entities {
        let Some(figure) = &entity.nulls else { continue };
        let name = texts.entity(entity.meta);
        if let Some((message, is_wrong)) = state(figure, texts) {
            instead(ui, &name, &message, is_wrong, NULLS_LINE);
            continue;
        }
        let Some(rates) = figure.value() else { continue };
        null_rates(ui, entity.meta, &name, rates, figure.is_waiting(), texts, events);
    }
}

fn null_rates(
    ui: &mut Ui,
    meta: &'static EntityMeta,
    name: &str,
    rates: &NullRates,
    is_old: bool,
    texts: &Texts,
    events: &mut Vec<OverviewEvent>,
) {
    for (place, rate) in rates.columns.iter().enumerate() {
        let Some(column) = meta.columns.get(rate.column) else { continue };
        let part = rates.rate(rate);
        let number = percent(rate.nulls, rates.rows);
        let bar = Bar {
            group: Some(name),
            is_repeated: place > 0,
            name: &texts.column(meta, column),
            name_width: NAME,
            height: NULLS_LINE,
            part,
            number: &number,
            number_width: NUMBER,
            tone: tone(is_old || rate.nulls == 0),
        };
        if bar.show(ui) {
            let filter = Filter::IsNull { column: column.name.into() };
            events.push(OverviewEvent::OpenFiltered { table: meta.table, filter });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_short() {
        for (number, expected) in [(0.0, "0"), (250.0, "250"), (1500.0, "1.5k"), (3e6, "3M")] {
            assert_eq!(short(number), expected);
        }
    }

    #[test]
    fn a_chart_has_a_few_marks() {
        for most in [0, 1, 7, 412, 8_715, 10_000_000] {
            let marks = heights(most);
            assert!((1..=6).contains(&marks.len()), "{most}: {}", marks.len());
        }
        for last in [0, 1, 4, 5, 11, 59] {
            let marks = marks(last);
            assert!((1..=5).contains(&marks.len()), "{last}: {}", marks.len());
        }
    }
}
