# The record form.
form-save = Save
