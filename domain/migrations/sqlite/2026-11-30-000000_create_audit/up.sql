CREATE TABLE audit_entries (
    id INTEGER PRIMARY KEY NOT NULL,
    transaction_id TEXT NOT NULL,
    written_at TIMESTAMP NOT NULL,
    actor TEXT,
    table_name TEXT NOT NULL,
    row_key TEXT NOT NULL,
    action TEXT NOT NULL,
    old_values TEXT NOT NULL,
    new_values TEXT NOT NULL
);

CREATE INDEX audit_entries_transaction_id_index ON audit_entries (transaction_id);
CREATE INDEX audit_entries_table_name_index ON audit_entries (table_name, id);
