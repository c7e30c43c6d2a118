/// The schema, one file a migration.
CREATE TABLE x (y INTEGER);
