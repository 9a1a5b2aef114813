# Форма записи.
form-save = Сохранить
form-saving = Сохранение…
form-revert = Вернуть
form-delete = Удалить запись
form-copy = Скопировать в новую запись
form-close = Закрыть
form-new = Новая запись: { $entity }
form-required-mark = обязательное
form-filled = заполняет база данных
form-fixed-key = ключ сохранённой записи изменить нельзя
form-null = NULL
form-null-of = { $field }: NULL
form-empty = пусто
form-was = было { $value }
form-undo = отменить
form-undo-of = Отменить: { $field }
form-yes = да
form-no = нет
form-choose = выберите…
form-open-reference = открыть
form-open-reference-of = Открыть: { $field }
form-search = Поиск
form-searching = Идёт поиск…
form-nothing-found = Ничего не найдено
form-summary = { $count ->
    [one] Ошибка в { $count } поле
    [few] Ошибки в { $count } полях
   *[many] Ошибки в { $count } полях
}
form-summary-record = Сохранить не удалось
form-jump = { $field }: { $problem }
form-replace = Заменить
form-replace-of = Заменить: { $field }
form-too-long = Слишком длинно, чтобы править здесь
form-read-only = Только чтение: { $reason }
conflict-changed = Тем временем эту запись изменил кто-то другой.
conflict-taken-over = Принято от него: { $fields }.
conflict-decide = Изменено обоими:
conflict-decided = Сохраните ещё раз, чтобы записать ваши значения.
conflict-was = Было
conflict-keep-mine = Оставить моё
conflict-take-theirs = Взять чужое
conflict-keep-mine-of = Оставить моё: { $field }
conflict-take-theirs-of = Взять чужое: { $field }
conflict-deleted = Тем временем эту запись удалил кто-то другой.
conflict-insert-again = Вставить заново
form-tries-again = Сохранение повторится само, когда другая программа закончит, если здесь ничего не менять.
form-without-key = Набранное в этой записи сохранится только по кнопке «Сохранить»: сначала сохраните или отмените
form-cell = { $field } · { $row }
form-cell-long = Слишком длинное, чтобы изменять здесь: щелчок откроет большое поле
form-enlarge-of = Изменить «{ $field }» в большом поле
form-new-row = новая строка
permission-none = Эти строки вам можно смотреть, но не менять
permission-add = Вам нельзя добавлять сюда строки
permission-change = Вам нельзя менять эти строки
permission-fixed = { $column }: вам нельзя это менять
permission-masked = { $column }: вам это не показывается, поэтому и менять нельзя
