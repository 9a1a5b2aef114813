# What columns hold, how it is typed, and what is wrong with what was typed.
type-integer = whole number
type-float = number
type-decimal = number, { $scale ->
    [one] { $scale } place
   *[other] { $scale } places
}
type-date = date
type-time = time
type-timestamp = date and time, UTC
type-bytes = bytes
type-uuid = UUID
type-json = JSON

format-date = YYYY-MM-DD
format-time = HH:MM:SS
format-timestamp = YYYY-MM-DD HH:MM:SS
format-bytes = 0x00ff

expected-bool = should be true or false
expected-integer = should be a whole number
expected-integer-between = should be a whole number from { $least } to { $most }
expected-float = should be a number
expected-decimal = should be a number with at most { $scale ->
    [one] { $scale } decimal place
   *[other] { $scale } decimal places
}
expected-enum = should be one of { $variants }
expected-date = should be a date like 2024-12-31
expected-time = should be a time like 23:59:59
expected-timestamp = should be a date and time like 2024-12-31 23:59:59
expected-bytes = should be bytes like 0x00ff
expected-uuid = should be a UUID
expected-json = should be a JSON document
expected-other = should be { $expected }

rule-not-empty = should not be empty
rule-too-short = at least { $least ->
    [one] { $least } character
   *[other] { $least } characters
}
rule-too-long = at most { $most ->
    [one] { $most } character
   *[other] { $most } characters
}
rule-too-small = should be at least { $least }
rule-too-large = should be at most { $most }
rule-email = should be an e-mail address

problem-required = is required
problem-odd = no value of this column: type it anew
problem-stored-against-rule = stored like this: { $rule }
problem-not-unique = another row has the same value
problem-no-such-reference = the row it refers to does not exist
problem-check = breaks the rule { $rule }
size-bytes = { $count } { $count ->
    [one] byte
   *[other] bytes
}
size-kilobytes = { $size } kB
size-megabytes = { $size } MB
size-gigabytes = { $size } GB
size-characters = { $count } { $count ->
    [one] character
   *[other] characters
}
size-of-image = { $kind } image, { $size }
size-of-file = { $kind }, { $size }

# What is wrong with a value, where more can be said than what it should be.
wrong-too-large = is too large: at most { $most }
wrong-too-small = is too small: at least { $least }
wrong-month = there is no month { $month }
wrong-day = { $month } has only { $days } days
wrong-time = hours go from 0 to 23, minutes and seconds from 0 to 59
