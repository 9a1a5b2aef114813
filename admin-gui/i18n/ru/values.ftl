# Что хранится в столбцах, как это вводится и что не так с введённым.
type-integer = целое число
type-float = число
type-decimal = число, { $scale ->
    [one] { $scale } знак
    [few] { $scale } знака
   *[many] { $scale } знаков
}
type-date = дата
type-time = время
type-timestamp = дата и время, UTC
type-bytes = байты
type-uuid = UUID
type-json = JSON

format-date = ДД.ММ.ГГГГ
format-time = ЧЧ:ММ:СС
format-timestamp = ДД.ММ.ГГГГ ЧЧ:ММ:СС
format-bytes = 0x00ff

expected-bool = должно быть true или false
expected-integer = должно быть целое число
expected-integer-between = должно быть целое число от { $least } до { $most }
expected-float = должно быть число
expected-decimal = должно быть число, не более { $scale ->
    [one] { $scale } знака после точки
    [few] { $scale } знаков после точки
   *[many] { $scale } знаков после точки
}
expected-enum = допустимо одно из: { $variants }
expected-date = должна быть дата вида 31.12.2024
expected-time = должно быть время вида 23:59:59
expected-timestamp = должны быть дата и время вида 31.12.2024 23:59:59
expected-bytes = должны быть байты вида 0x00ff
expected-uuid = должен быть UUID
expected-json = должен быть документ JSON
expected-other = допустимо: { $expected }

rule-not-empty = не может быть пустым
rule-too-short = не менее { $least ->
    [one] { $least } символа
    [few] { $least } символов
   *[many] { $least } символов
}
rule-too-long = не более { $most ->
    [one] { $most } символа
    [few] { $most } символов
   *[many] { $most } символов
}
rule-too-small = не меньше { $least }
rule-too-large = не больше { $most }
rule-email = должен быть адрес электронной почты

problem-required = нужно заполнить
problem-odd = не значение этого столбца: введите заново
problem-stored-against-rule = так записано в базе: { $rule }
problem-not-unique = такое значение уже есть у другой записи
problem-no-such-reference = запись, на которую указывает ссылка, не существует
problem-check = нарушает правило { $rule }
size-bytes = { $count } { $count ->
    [one] байт
    [few] байта
   *[many] байт
}
size-kilobytes = { $size } кБ
size-megabytes = { $size } МБ
size-gigabytes = { $size } ГБ
size-characters = { $count } { $count ->
    [one] символ
    [few] символа
   *[many] символов
}
size-of-image = изображение { $kind }, { $size }
size-of-file = { $kind }, { $size }

# What is wrong with a value, where more can be said than what it should be.
wrong-too-large = слишком большое: не более { $most }
wrong-too-small = слишком маленькое: не менее { $least }
wrong-month = месяца { $month } нет
wrong-day = в { $month } только { $days } { $days ->
    [one] день
    [few] дня
   *[many] дней
}
wrong-time = часы от 0 до 23, минуты и секунды от 0 до 59
