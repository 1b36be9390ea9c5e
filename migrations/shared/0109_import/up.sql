CREATE INDEX import_items_by_target ON import_items (target_id);
