CREATE TABLE audit_entries (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    transaction_id VARCHAR(191) NOT NULL,
    written_at DATETIME(6) NOT NULL,
    actor VARCHAR(191),
    table_name VARCHAR(191) NOT NULL,
    row_key LONGTEXT NOT NULL,
    action VARCHAR(191) NOT NULL,
    old_values LONGTEXT NOT NULL,
    new_values LONGTEXT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE INDEX audit_entries_transaction_id_index ON audit_entries (transaction_id);
CREATE INDEX audit_entries_table_name_index ON audit_entries (table_name, id);
