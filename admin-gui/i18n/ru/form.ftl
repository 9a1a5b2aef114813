# The record form.
form-save = Сохранить
