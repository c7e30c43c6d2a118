-- What nudged writes for a checkout, in PostgreSQL's types: the same columns that are filled, the same indexes.
CREATE TABLE checkout (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  bucket smallint NOT NULL,
  shop text NOT NULL,
  checkout_id text NOT NULL,
  order_id text,
  customer_id text,
  email text NOT NULL,
  order_hash bigint,
  customer_hash bigint,
  email_hash bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'cancelled', 'ordered')),
  generation int NOT NULL,
  schedule_generation int NOT NULL,
  anchor_at bigint NOT NULL,
  occurred_at bigint NOT NULL,
  created_at bigint NOT NULL,
  changed_at bigint NOT NULL,
  closed_at bigint,
  closed_by text,
  is_empty boolean NOT NULL,
  content text NOT NULL,
  UNIQUE (shop, checkout_id)
);
CREATE INDEX checkout_by_email ON checkout (email_hash) WHERE state = 'open';
CREATE INDEX checkout_by_customer ON checkout (customer_hash) WHERE state = 'open' AND customer_hash IS NOT NULL;
CREATE INDEX checkout_by_order ON checkout (order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX checkout_by_closing ON checkout (closed_by) WHERE closed_by IS NOT NULL;

CREATE TABLE message (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  bucket smallint NOT NULL,
  checkout bigint REFERENCES checkout (id),
  step int,
  generation int NOT NULL,
  state text NOT NULL,
  reason text NOT NULL,
  due_at bigint NOT NULL,
  created_at bigint NOT NULL,
  settled_at bigint,
  attempts int NOT NULL,
  is_retried boolean NOT NULL
);
CREATE UNIQUE INDEX message_reminder ON message (checkout, generation, step) WHERE step IS NOT NULL;
CREATE INDEX message_due ON message (due_at) WHERE state = 'scheduled';
CREATE INDEX message_attention ON message (state) WHERE state IN ('sending', 'dead', 'unknown');

CREATE TABLE attempt (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message bigint NOT NULL REFERENCES message (id),
  recipient text NOT NULL,
  started_at bigint NOT NULL,
  settled_at bigint,
  outcome text
);
CREATE INDEX attempt_of_message ON attempt (message);

CREATE SEQUENCE rising;
