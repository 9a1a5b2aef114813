# О рабочей базе спрашивают по её имени.
production-title = Это рабочая база данных
production-asks = { $count ->
    [one] Будет записана { $count } строка. Введите { $name }, чтобы продолжить.
    [few] Будут записаны { $count } строки. Введите { $name }, чтобы продолжить.
   *[other] Будет записано { $count } строк. Введите { $name }, чтобы продолжить.
}
production-name = Имя базы данных
production-write = { $count ->
    [one] Записать { $count } строку
    [few] Записать { $count } строки
   *[other] Записать { $count } строк
}
production-cancel = Отмена
production-type = Введите { $name }, чтобы продолжить
