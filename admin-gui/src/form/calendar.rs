//! A month of which a person chooses a day: which days it shows, and how it looks.

use std::iter::successors;

use chrono::{Datelike as _, Days, Months, NaiveDate, NaiveDateTime, NaiveTime};
use egui::{
    Align, Button, Grid, Label, Layout, Popup, PopupCloseBehavior, Response, RichText, Sense,
    Stroke, Ui, vec2,
};
use persistence::{ColumnType, Value};

use super::model::RecordForm;
use super::parts::{FieldContext, icon_button};
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// The weeks that are shown: no month has days in more, and the days stay where they are from month to month.
const WEEKS: usize = 6;

/// The size of a day, in points.
const DAY: f32 = 28.0;

/// The open calendar of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Calendar {
    /// The position of the field's column.
    pub column: usize,
    /// The first day of the month that is shown.
    month: NaiveDate,
}

impl Calendar {
    /// Opens at the month of a day.
    fn at(column: usize, day: NaiveDate) -> Self {
        Self { column, month: day.with_day(1).unwrap_or(day) }
    }

    /// Returns the days that are shown, week by week from a Monday on: those of the month, and of the months
    /// around it. Where the calendar ends there are fewer.
    fn days(self) -> Vec<NaiveDate> {
        let before = Days::new(self.month.weekday().num_days_from_monday().into());
        let first = self.month.checked_sub_days(before).unwrap_or(self.month);
        successors(Some(first), NaiveDate::succ_opt).take(7 * WEEKS).collect()
    }

    /// Turns forward by some months, or back.
    fn turn(&mut self, months: i32) {
        let by = Months::new(months.unsigned_abs());
        let turned = if months < 0 {
            self.month.checked_sub_months(by)
        } else {
            self.month.checked_add_months(by)
        };
        self.month = turned.unwrap_or(self.month);
    }
}

/// Returns whether a column has days to choose from.
pub(super) const fn has_days(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Date | ColumnType::Timestamp)
}

/// Shows the button that opens a field's calendar, and the calendar while it is open. `field` is the field that gets
/// the keyboard back.
pub(super) fn show(
    form: &mut RecordForm,
    ui: &mut Ui,
    context: &FieldContext<'_>,
    field: egui::Id,
) {
    let FieldContext { texts, column, ref name, .. } = *context;
    let title = tr!(texts, "calendar-of", field = name.as_str());
    // Tab goes from field to field.
    let mark = icon::ICON_CALENDAR_MONTH.rich_text().size(context.theme.text.icon);
    let mark = Button::new(mark.color(context.theme.colors.text_weak)).sense(Sense::CLICK);
    let button = ui.add(mark.frame_when_inactive(false));
    let button = button.on_hover_text(&title).accessible_name(title.clone());
    let now = form.value(column).unwrap_or_default();
    let today = chrono::Local::now().date_naive();
    let was_open = form.calendar.is_some_and(|calendar| calendar.column == column);
    if button.clicked() {
        let day = day_of(&now).unwrap_or(today);
        form.calendar = (!was_open).then(|| Calendar::at(column, day));
        // What is typed goes there, not to what is behind it.
        ui.memory_mut(|memory| memory.request_focus(field));
    }
    let Some(mut calendar) = form.calendar.take_if(|calendar| calendar.column == column) else {
        return;
    };
    let mut is_open = true;
    let popup = Popup::from_response(&button)
        .open_bool(&mut is_open)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .accessible_name(title);
    let shown = popup.show(|ui| draw(&mut calendar, ui, texts, (day_of(&now), today)));
    form.calendar = is_open.then_some(calendar);
    if let Some(day) = shown.and_then(|shown| shown.inner) {
        form.put(column, &with_day(&now, context.meta.column_type, day));
        form.calendar = None;
        ui.memory_mut(|memory| memory.request_focus(field));
    }
}

/// Returns the day of a value.
fn day_of(value: &Value) -> Option<NaiveDate> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Timestamp(moment) => Some(moment.date()),
        _ => None,
    }
}

/// Returns a day as a column has it: with the time of what is there, or midnight.
fn with_day(now: &Value, column_type: ColumnType, day: NaiveDate) -> Value {
    match (column_type, now) {
        (ColumnType::Timestamp, Value::Timestamp(moment)) => {
            Value::Timestamp(NaiveDateTime::new(day, moment.time()))
        }
        (ColumnType::Timestamp, _) => Value::Timestamp(NaiveDateTime::new(day, NaiveTime::MIN)),
        _ => Value::Date(day),
    }
}

/// Draws the month; returns the day that was chosen.
fn draw(
    calendar: &mut Calendar,
    ui: &mut Ui,
    texts: &Texts,
    (chosen, today): (Option<NaiveDate>, NaiveDate),
) -> Option<NaiveDate> {
    let theme = Theme::of(ui.ctx());
    ui.set_width(7.0 * DAY);
    head(calendar, ui, texts, theme);
    let mut taken = None;
    Grid::new("days").num_columns(7).min_col_width(DAY).spacing([0.0, 0.0]).show(ui, |ui| {
        for weekday in 0..7 {
            let name = RichText::new(weekday_name(weekday, texts)).size(theme.text.small);
            let name = Label::new(name.color(theme.colors.text_faint)).extend();
            ui.add_sized(vec2(DAY, theme.text.small + theme.spacing.item), name);
        }
        ui.end_row();
        for (place, day) in calendar.days().into_iter().enumerate() {
            let is_chosen = chosen == Some(day);
            if day_button(ui, theme, day, calendar.month, (is_chosen, day == today)).clicked() {
                taken = Some(day);
            }
            if place % 7 == 6 {
                ui.end_row();
            }
        }
    });
    let name = tr!(texts, "calendar-today");
    if ui.add(Button::new(RichText::new(name).size(theme.text.small)).frame(false)).clicked() {
        taken = Some(today);
    }
    taken
}

/// Draws the name of the month between the buttons that turn to others.
fn head(calendar: &mut Calendar, ui: &mut Ui, texts: &Texts, theme: &Theme) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (mark, name, months) in [
            (icon::ICON_KEYBOARD_DOUBLE_ARROW_LEFT, tr!(texts, "calendar-year-before"), -12),
            (icon::ICON_CHEVRON_LEFT, tr!(texts, "calendar-month-before"), -1),
        ] {
            if icon_button(ui, mark, &name).clicked() {
                calendar.turn(months);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for (mark, name, months) in [
                (icon::ICON_KEYBOARD_DOUBLE_ARROW_RIGHT, tr!(texts, "calendar-year-after"), 12),
                (icon::ICON_CHEVRON_RIGHT, tr!(texts, "calendar-month-after"), 1),
            ] {
                if icon_button(ui, mark, &name).clicked() {
                    calendar.turn(months);
                }
            }
            ui.centered_and_justified(|ui| {
                let (month, year) =
                    (month_name(calendar.month.month0(), texts), calendar.month.year());
                let name = RichText::new(format!("{month} {year}")).size(theme.text.body);
                ui.add(Label::new(name).extend());
            });
        });
    });
}

fn day_button(
    ui: &mut Ui,
    theme: &Theme,
    day: NaiveDate,
    month: NaiveDate,
    (is_chosen, is_today): (bool, bool),
) -> Response {
    let color = match (is_chosen, day.month() == month.month()) {
        (true, _) => theme.colors.on_accent,
        (false, true) => theme.colors.text,
        (false, false) => theme.colors.text_faint,
    };
    let text = RichText::new(day.day().to_string()).color(color);
    let mut button = Button::new(text).frame_when_inactive(is_chosen || is_today);
    if is_chosen {
        button = button.fill(theme.colors.accent);
    } else if is_today {
        button = button.fill(theme.colors.canvas).stroke(Stroke::new(1.0, theme.colors.accent));
    }
    ui.add(button.min_size(vec2(DAY, DAY))).accessible_name(day.to_string())
}

fn weekday_name(from_monday: u8, texts: &Texts) -> String {
    match from_monday {
        0 => tr!(texts, "calendar-monday"),
        1 => tr!(texts, "calendar-tuesday"),
        2 => tr!(texts, "calendar-wednesday"),
        3 => tr!(texts, "calendar-thursday"),
        4 => tr!(texts, "calendar-friday"),
        5 => tr!(texts, "calendar-saturday"),
        _ => tr!(texts, "calendar-sunday"),
    }
}

fn month_name(from_january: u32, texts: &Texts) -> String {
    match from_january {
        0 => tr!(texts, "calendar-january"),
        1 => tr!(texts, "calendar-february"),
        2 => tr!(texts, "calendar-march"),
        3 => tr!(texts, "calendar-april"),
        4 => tr!(texts, "calendar-may"),
        5 => tr!(texts, "calendar-june"),
        6 => tr!(texts, "calendar-july"),
        7 => tr!(texts, "calendar-august"),
        8 => tr!(texts, "calendar-september"),
        9 => tr!(texts, "calendar-october"),
        10 => tr!(texts, "calendar-november"),
        _ => tr!(texts, "calendar-december"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_month_is_shown_in_whole_weeks() {
        for month in 1..=12 {
            let calendar = Calendar::at(0, day(2026, month, 17));
            let days = calendar.days();
            assert_eq!(days.len(), 42);
            assert_eq!(days[0].weekday(), chrono::Weekday::Mon);
            assert!(days[..7].contains(&day(2026, month, 1)));
            assert!(days.contains(&day(2026, month, 28)));
        }
    }

    #[test]
    fn it_is_turned_over_the_ends_of_years_and_stops_at_the_end_of_time() {
        let mut calendar = Calendar::at(0, day(2026, 12, 31));
        calendar.turn(1);
        assert_eq!(calendar.month, day(2027, 1, 1));
        calendar.turn(-13);
        assert_eq!(calendar.month, day(2025, 12, 1));
        let mut last = Calendar::at(0, NaiveDate::MAX);
        last.turn(12);
        assert!(!last.days().is_empty());
    }

    #[test]
    fn the_time_of_day_stays() {
        let time = NaiveTime::from_hms_opt(12, 30, 0).unwrap();
        let moment = Value::Timestamp(NaiveDateTime::new(day(2026, 1, 2), time));
        let other = with_day(&moment, ColumnType::Timestamp, day(1999, 5, 6));
        assert_eq!(other, Value::Timestamp(NaiveDateTime::new(day(1999, 5, 6), time)));
        assert_eq!(
            with_day(&Value::Null, ColumnType::Date, day(1999, 5, 6)),
            Value::Date(day(1999, 5, 6))
        );
    }
}
