//! The panel: figures of a column, and a chart whose bars are filters.

use egui::accesskit::Role;
use egui::{Align, Label, Layout, Rect, RichText, ScrollArea, Sense, Ui, WidgetInfo, vec2};
use egui_plot::{Bar as PlotBar, BarChart, Plot};
use persistence::{ColumnMeta, EntityMeta, Filter, Value};

use crate::i18n::Texts;
use crate::pages::bar::{Bar, Tone};
use crate::pages::figure::Figure;
use crate::pages::icon_button;
use crate::pages::percent::percent;
use crate::tasks::{Bin, ColumnFigures, Distribution, ValueCount};
use crate::theme::{Theme, icon};
use crate::tr;

/// The height of the histogram, in points.
const CHART: f32 = 110.0;

/// What the panel asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum StatisticsEvent {
    /// Compute the figures.
    Ask,
    /// Show only the rows that the filter finds as well.
    Filter(Filter),
    /// Close the panel.
    Closed,
}

/// The statistics of one column, of the rows that a filter finds.
#[derive(Debug)]
pub struct StatisticsPanel {
    meta: &'static EntityMeta,
    column: &'static ColumnMeta,
    filter: Filter,
    figures: Figure<ColumnFigures>,
    is_asked: bool,
    /// The range under the pointer.
    pointed: Option<usize>,
}

impl StatisticsPanel {
    /// Makes the statistics of a column; nothing is computed before they are shown.
    #[must_use]
    pub fn new(meta: &'static EntityMeta, column: &'static ColumnMeta, filter: Filter) -> Self {
        Self { meta, column, filter, figures: Figure::default(), is_asked: false, pointed: None }
    }

    /// Returns the entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    /// Returns the column.
    #[must_use]
    pub const fn column(&self) -> &'static ColumnMeta {
        self.column
    }

    /// Returns the filter of the rows that the figures are of.
    #[must_use]
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Sets the filter of the rows that the figures are to be of.
    pub fn set_filter(&mut self, filter: &Filter) {
        if self.filter != *filter {
            self.filter = filter.clone();
            self.is_asked = false;
        }
    }

    /// Marks the figures to be computed again, because the rows may have changed.
    pub fn reread(&mut self) {
        self.is_asked = false;
    }

    /// Takes the figures that have come, or why they have not.
    pub fn take(&mut self, outcome: Result<ColumnFigures, String>) {
        self.figures.take(outcome);
    }

    /// Draws the panel; returns what it asks for.
    pub fn show(&mut self, ui: &mut Ui, texts: &Texts) -> Vec<StatisticsEvent> {
        let theme = Theme::of(ui.ctx());
        let mut events = Vec::new();
        self.head(ui, texts, &mut events);
        if !std::mem::replace(&mut self.is_asked, true) {
            self.figures.wait();
            events.push(StatisticsEvent::Ask);
        }
        ScrollArea::vertical().id_salt("statistics").auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(ui.available_width() - theme.spacing.item);
            if let Some(error) = self.figures.error() {
                ui.add(Label::new(RichText::new(error).color(theme.colors.wrong)).wrap());
                return;
            }
            let Some(figures) = self.figures.value() else {
                let text = RichText::new(tr!(texts, "overview-computing"));
                ui.label(text.color(theme.colors.text_faint));
                return;
            };
            if self.figures.is_waiting() {
                ui.set_opacity(0.6);
            }
            numbers(ui, figures, texts, self.column.name, &mut events);
            ui.add_space(theme.spacing.group);
            match &figures.distribution {
                Distribution::Unknown => {}
                Distribution::Histogram(bins) => {
                    ui.separator();
                    caption(ui, &tr!(texts, "statistics-histogram"));
                    let column = self.column.name;
                    let table = self.meta.table;
                    let pointed = &mut self.pointed;
                    if let Some(bin) = histogram(ui, table, column, bins, pointed, texts) {
                        events.push(StatisticsEvent::Filter(bin.filter(column)));
                    }
                }
                Distribution::Frequent(values) => {
                    ui.separator();
                    caption(ui, &tr!(texts, "statistics-frequent"));
                    let column = self.column.name;
                    if let Some(value) = self.frequent(ui, figures, values, texts) {
                        events.push(StatisticsEvent::Filter(value.filter(column)));
                    }
                }
            }
        });
        events
    }

    fn head(&mut self, ui: &mut Ui, texts: &Texts, events: &mut Vec<StatisticsEvent>) {
        let theme = Theme::of(ui.ctx());
        let entity = texts.entity(self.meta);
        let place = if self.filter == Filter::All {
            tr!(texts, "statistics-of-all", entity = entity)
        } else {
            tr!(texts, "statistics-of-filtered", entity = entity)
        };
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let close = tr!(texts, "statistics-close");
                if icon_button(ui, icon::ICON_CLOSE, &close).clicked() {
                    events.push(StatisticsEvent::Closed);
                }
                let refresh = tr!(texts, "statistics-refresh");
                if icon_button(ui, icon::ICON_REFRESH, &refresh).clicked() {
                    self.is_asked = false;
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let place = RichText::new(place).color(theme.colors.text_weak);
                    ui.add(Label::new(place).truncate());
                });
            });
        });
        let title = RichText::new(texts.column(self.meta, self.column)).heading();
        ui.add(Label::new(title).truncate());
        ui.add_space(theme.spacing.item);
    }

    fn frequent<'a>(
        &self,
        ui: &mut Ui,
        figures: &ColumnFigures,
        values: &'a [ValueCount],
        texts: &Texts,
    ) -> Option<&'a ValueCount> {
        ui.spacing_mut().item_spacing.y = 0.0;
        let most = values.iter().map(|value| value.count).max().unwrap_or(1).max(1);
        let name_width = ui.available_width() * 0.46;
        let mut clicked = None;
        for value in values {
            let name = self.name(value, texts);
            let number = percent(value.count, figures.rows);
            let bar = Bar {
                group: None,
                is_repeated: false,
                name: &name,
                name_width,
                height: 22.0,
                part: value.count as f32 / most as f32,
                number: &number,
                number_width: 62.0,
                tone: Tone::Plain,
            };
            if bar.show(ui) {
                clicked = Some(value);
            }
        }
        clicked
    }

    fn name(&self, value: &ValueCount, texts: &Texts) -> String {
        match (&value.label, &value.value) {
            (Some(label), _) => label.clone(),
            (None, Value::Text(text)) if text.is_empty() => "\"\"".to_owned(),
            (None, Value::Text(text)) => texts.variant(self.meta, self.column, text),
            (None, Value::Bool(true)) => tr!(texts, "grid-yes"),
            (None, Value::Bool(false)) => tr!(texts, "grid-no"),
            (None, other) => other.to_string(),
        }
    }
}

fn caption(ui: &mut Ui, text: &str) {
    let theme = Theme::of(ui.ctx());
    ui.label(RichText::new(text).size(theme.text.small).color(theme.colors.text_weak));
    ui.add_space(theme.spacing.tight);
}

fn numbers(
    ui: &mut Ui,
    figures: &ColumnFigures,
    texts: &Texts,
    column: &'static str,
    events: &mut Vec<StatisticsEvent>,
) {
    line(ui, &tr!(texts, "statistics-rows"), &texts.number(figures.rows), None);
    let nulls =
        format!("{}  {}", texts.number(figures.nulls), percent(figures.nulls, figures.rows));
    let filter = Filter::IsNull { column: column.into() };
    let filter = (figures.nulls > 0).then_some(filter);
    if line(ui, "NULL", &nulls, filter.as_ref()) {
        events.extend(filter.map(StatisticsEvent::Filter));
    }
    if let Some(distinct) = figures.distinct {
        line(ui, &tr!(texts, "statistics-distinct"), &texts.number(distinct), None);
    }
    if let Some(least) = &figures.least {
        line(ui, &tr!(texts, "statistics-least"), &shown(least), None);
    }
    if let Some(greatest) = &figures.greatest {
        line(ui, &tr!(texts, "statistics-greatest"), &shown(greatest), None);
    }
    if let Some(mean) = figures.mean {
        line(ui, &tr!(texts, "statistics-mean"), &rounded(mean), None);
    }
}

/// Draws a name and a value; returns whether it was clicked, where it leads to rows.
fn line(ui: &mut Ui, name: &str, value: &str, filter: Option<&Filter>) -> bool {
    let theme = Theme::of(ui.ctx());
    let mut is_clicked = false;
    ui.spacing_mut().item_spacing.y = 1.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        ui.label(RichText::new(name).color(theme.colors.text_weak));
        let color = if filter.is_some() { theme.colors.accent } else { theme.colors.text };
        let text = RichText::new(value).monospace().color(color);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if filter.is_some() {
                let link = ui.add(Label::new(text).sense(Sense::click()).truncate());
                let spoken = format!("{name}: {value}");
                link.widget_info(|| WidgetInfo::labeled(Role::Link, true, &spoken));
                is_clicked = link.on_hover_cursor(egui::CursorIcon::PointingHand).clicked();
            } else {
                ui.add(Label::new(text).truncate());
            }
        });
    });
    is_clicked
}

/// Draws the ranges as bars; returns the one that was clicked.
fn histogram<'a>(
    ui: &mut Ui,
    table: &str,
    column: &str,
    bins: &'a [Bin],
    pointed: &mut Option<usize>,
    texts: &Texts,
) -> Option<&'a Bin> {
    let theme = Theme::of(ui.ctx());
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0) as f64;
    let bars: Vec<PlotBar> = bins
        .iter()
        .enumerate()
        .map(|(place, bin)| {
            let is_pointed = *pointed == Some(place);
            let fill = if is_pointed {
                theme.colors.accent
            } else {
                theme.colors.accent.gamma_multiply(0.82)
            };
            // What is not nothing is seen.
            let least = if bin.count > 0 { most * 0.015 } else { 0.0 };
            PlotBar::new(place as f64, (bin.count as f64).max(least)).width(0.86).fill(fill)
        })
        .collect();
    let width = ui.available_width();
    let last = bins.len() as f64;
    let response = Plot::new(("histogram", table, column))
        .width(width)
        .height(CHART)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .show_axes(false)
        .show_grid(false)
        .show_crosshair(false)
        .include_x(-0.6)
        .include_x(last - 0.4)
        .include_y(0.0)
        .set_margin_fraction(vec2(0.0, 0.04))
        .label_formatter(|_| None)
        .show(ui, |plot| {
            plot.bar_chart(BarChart::new("rows", bars).allow_hover(false));
            plot.pointer_coordinate().map(|point| point.x)
        });
    let place = response.inner.filter(|_| response.response.hovered()).and_then(|x| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
        (x > -0.5).then_some(x.round() as usize)
    });
    let place = place.filter(|&place| place < bins.len());
    if place != *pointed {
        *pointed = place;
        ui.ctx().request_repaint();
    }
    spoken_bins(ui, response.response.rect, bins, texts);
    let ends = bins.first().zip(bins.last());
    if let Some((first, last)) = ends {
        ui.horizontal(|ui| {
            let small = |text: String| {
                RichText::new(text).size(theme.text.small).color(theme.colors.text_weak)
            };
            ui.label(small(shown(&first.from)));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.label(small(shown(&last.to)));
            });
        });
    }
    let bin = bins.get(place?)?;
    let is_clicked = response.response.clicked();
    response.response.on_hover_text_at_pointer(range(bin, texts));
    is_clicked.then_some(bin)
}

/// Tells screen readers of each range.
fn spoken_bins(ui: &Ui, chart: Rect, bins: &[Bin], texts: &Texts) {
    let width = chart.width() / bins.len().max(1) as f32;
    for (place, bin) in bins.iter().enumerate() {
        let left = chart.left() + width * place as f32;
        let rect = Rect::from_x_y_ranges(left..=left + width, chart.y_range());
        let id = ui.unique_id().with(("range", place));
        let response = ui.interact(rect, id, Sense::empty());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, range(bin, texts)));
    }
}

fn range(bin: &Bin, texts: &Texts) -> String {
    let values = if bin.from == bin.to {
        shown(&bin.from)
    } else {
        format!("{} – {}", shown(&bin.from), shown(&bin.to))
    };
    tr!(texts, "statistics-range", values = values, count = bin.count)
}

/// Returns a value in a word.
fn shown(value: &Value) -> String {
    match value {
        Value::Timestamp(moment) => moment.format("%Y-%m-%d %H:%M").to_string(),
        Value::Float(number) => rounded(*number),
        Value::Text(text) => {
            let end = text.char_indices().nth(60).map_or(text.len(), |(end, _)| end);
            text.get(..end).unwrap_or(text).replace(char::is_control, " ")
        }
        other => other.to_string(),
    }
}

/// Returns a number with a few digits that say something.
fn rounded(number: f64) -> String {
    let digits = match number.abs() {
        large if large >= 1000.0 => 0,
        medium if medium >= 10.0 => 1,
        small if small >= 0.1 => 2,
        _ => 4,
    };
    let text = format!("{number:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_that_say_something() {
        for (number, expected) in
            [(12345.678, "12346"), (12.345, "12.3"), (0.5, "0.5"), (3.0, "3"), (0.00123, "0.0012")]
        {
            assert_eq!(rounded(number), expected);
        }
    }
}
