-- All times are UTC milliseconds since 1970. A bucket is a hash of the shop, from 0 to 255. The other hashes only find
-- rows: whoever finds one by hash compares the text. One process writes, see CONTRIBUTING.md.

CREATE TABLE checkout (
  id INTEGER PRIMARY KEY,
  bucket INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 255),
  shop TEXT NOT NULL,
  checkout_id TEXT NOT NULL,
  order_id TEXT,
  customer_id TEXT,
  email TEXT NOT NULL,
  order_hash INTEGER,
  customer_hash INTEGER,
  email_hash INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'cancelled', 'ordered')),
  generation INTEGER NOT NULL CHECK (generation >= 1),
  -- The generation in which the schedule last began; reminders carry it.
  schedule_generation INTEGER NOT NULL CHECK (schedule_generation BETWEEN 1 AND generation),
  anchor_at INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  closed_at INTEGER,
  closed_by TEXT,
  is_empty INTEGER NOT NULL CHECK (is_empty IN (0, 1)),
  content TEXT NOT NULL,
  UNIQUE (shop, checkout_id),
  CHECK ((order_id IS NULL) = (order_hash IS NULL)),
  CHECK ((customer_id IS NULL) = (customer_hash IS NULL)),
  CHECK ((closed_at IS NULL) = (state = 'open')),
  CHECK ((closed_by IS NULL) = (state <> 'ordered'))
) STRICT;

-- What an order can close: open checkouts of the same shopper, and those that name it.
CREATE INDEX checkout_by_email ON checkout (email_hash) WHERE state = 'open';
CREATE INDEX checkout_by_customer ON checkout (customer_hash) WHERE state = 'open' AND customer_hash IS NOT NULL;
CREATE INDEX checkout_by_order ON checkout (order_hash) WHERE order_hash IS NOT NULL;
-- What an order closed.
CREATE INDEX checkout_by_closing ON checkout (closed_by) WHERE closed_by IS NOT NULL;

CREATE TABLE shop_order (
  id INTEGER PRIMARY KEY,
  bucket INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 255),
  shop TEXT NOT NULL,
  order_id TEXT NOT NULL,
  checkout_id TEXT,
  customer_id TEXT,
  email TEXT,
  checkout_hash INTEGER,
  customer_hash INTEGER,
  email_hash INTEGER,
  occurred_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  -- True once it closed a checkout or got a message. The others are forgotten after a while.
  had_effect INTEGER NOT NULL CHECK (had_effect IN (0, 1)),
  content TEXT NOT NULL,
  UNIQUE (shop, order_id),
  CHECK ((checkout_id IS NULL) = (checkout_hash IS NULL)),
  CHECK ((customer_id IS NULL) = (customer_hash IS NULL)),
  CHECK ((email IS NULL) = (email_hash IS NULL))
) STRICT;

-- What closes a checkout that comes after its order.
CREATE INDEX shop_order_by_checkout ON shop_order (checkout_hash) WHERE checkout_hash IS NOT NULL;
CREATE INDEX shop_order_by_customer ON shop_order (customer_hash, occurred_at) WHERE customer_hash IS NOT NULL;
CREATE INDEX shop_order_by_email ON shop_order (email_hash, occurred_at) WHERE email_hash IS NOT NULL;
CREATE INDEX shop_order_without_effect ON shop_order (created_at) WHERE had_effect = 0;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  bucket INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 255),
  -- A reminder's checkout; an order message's, if the order closed one.
  checkout INTEGER REFERENCES checkout (id),
  -- For order messages only.
  shop_order INTEGER REFERENCES shop_order (id),
  -- For reminders only, from 1.
  step INTEGER CHECK (step BETWEEN 1 AND 20),
  generation INTEGER NOT NULL CHECK (generation >= 1),
  state TEXT NOT NULL
    CHECK (state IN ('scheduled', 'sending', 'sent', 'dead', 'unknown', 'cancelled', 'skipped')),
  -- A closed list that later versions extend, so it is the program that keeps it.
  reason TEXT NOT NULL CHECK (reason <> ''),
  due_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  settled_at INTEGER,
  -- Hand-overs that count, since the last retry.
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  -- A person asked for it: it is neither late nor collapsed.
  is_retried INTEGER NOT NULL CHECK (is_retried IN (0, 1)),
  CHECK ((step IS NULL) = (shop_order IS NOT NULL)),
  CHECK (step IS NULL OR checkout IS NOT NULL),
  CHECK ((settled_at IS NULL) = (state IN ('scheduled', 'sending')))
) STRICT;

-- Never two reminders for one step of one schedule, never two messages for one order.
CREATE UNIQUE INDEX message_reminder ON message (checkout, generation, step) WHERE step IS NOT NULL;
CREATE UNIQUE INDEX message_order ON message (shop_order) WHERE shop_order IS NOT NULL;
CREATE INDEX message_due ON message (due_at) WHERE state = 'scheduled';
-- What was interrupted, and what a person should look at. SQLite takes this index for a query that has the very same
-- list among its conditions.
CREATE INDEX message_attention ON message (state) WHERE state IN ('sending', 'dead', 'unknown');

-- The ledger: a row is on disk before the first byte of a hand-over leaves.
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message (id),
  recipient TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  settled_at INTEGER,
  outcome TEXT CHECK (outcome IN ('accepted', 'deferred', 'refused', 'unknown', 'withdrawn', 'render_failed')),
  provider_id TEXT,
  error TEXT,
  CHECK ((settled_at IS NULL) = (outcome IS NULL))
) STRICT;

CREATE INDEX attempt_of_message ON attempt (message);
-- Never two hand-overs of one message at a time.
CREATE UNIQUE INDEX attempt_open ON attempt (message) WHERE settled_at IS NULL;

-- How many there are of what, kept in the transaction that changes it.
CREATE TABLE tally (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- `instance` makes ids made from row numbers unique in the world.
INSERT INTO meta (name, value) VALUES ('instance', lower(hex(randomblob(8)))), ('paused', 'false');

-- For people with a sqlite3 shell.

CREATE VIEW checkouts AS
SELECT
  c.shop,
  c.checkout_id,
  c.email,
  c.state,
  c.closed_by AS order_id,
  c.generation,
  strftime('%Y-%m-%dT%H:%M:%fZ', m.due_at / 1000.0, 'unixepoch') AS next_reminder_at,
  m.step AS next_step,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.created_at / 1000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.changed_at / 1000.0, 'unixepoch') AS changed_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.closed_at / 1000.0, 'unixepoch') AS closed_at
FROM checkout c
LEFT JOIN message m ON m.id = (
  SELECT n.id FROM message n
  WHERE n.checkout = c.id AND n.step IS NOT NULL AND n.state = 'scheduled'
  ORDER BY n.due_at LIMIT 1
)
ORDER BY c.id DESC;

CREATE VIEW upcoming AS
SELECT
  'm-' || m.id AS id,
  strftime('%Y-%m-%dT%H:%M:%fZ', m.due_at / 1000.0, 'unixepoch') AS due_at,
  CASE WHEN m.step IS NULL THEN 'order' ELSE 'reminder' END AS kind,
  m.step,
  m.state,
  m.reason,
  m.attempts,
  coalesce(c.shop, o.shop) AS shop,
  c.checkout_id,
  o.order_id,
  coalesce(o.email, c.email) AS email
FROM message m
LEFT JOIN checkout c ON c.id = m.checkout
LEFT JOIN shop_order o ON o.id = m.shop_order
WHERE m.state IN ('scheduled', 'sending')
ORDER BY m.due_at, m.id;

CREATE VIEW history AS
SELECT
  'm-' || m.id AS id,
  strftime('%Y-%m-%dT%H:%M:%fZ', m.settled_at / 1000.0, 'unixepoch') AS settled_at,
  CASE WHEN m.step IS NULL THEN 'order' ELSE 'reminder' END AS kind,
  m.step,
  m.state,
  m.reason,
  coalesce(c.shop, o.shop) AS shop,
  c.checkout_id,
  o.order_id,
  coalesce(a.recipient, o.email, c.email) AS email,
  a.outcome AS last_outcome,
  a.provider_id,
  a.error AS last_error
FROM message m
LEFT JOIN checkout c ON c.id = m.checkout
LEFT JOIN shop_order o ON o.id = m.shop_order
LEFT JOIN attempt a ON a.id = (SELECT max(b.id) FROM attempt b WHERE b.message = m.id)
WHERE m.settled_at IS NOT NULL
ORDER BY m.settled_at DESC, m.id DESC;

CREATE VIEW dead_letters AS
SELECT
  'm-' || m.id AS id,
  strftime('%Y-%m-%dT%H:%M:%fZ', m.settled_at / 1000.0, 'unixepoch') AS settled_at,
  CASE WHEN m.step IS NULL THEN 'order' ELSE 'reminder' END AS kind,
  m.step,
  m.state,
  m.reason,
  (SELECT count(*) FROM attempt b WHERE b.message = m.id) AS attempts,
  coalesce(c.shop, o.shop) AS shop,
  c.checkout_id,
  o.order_id,
  coalesce(a.recipient, o.email, c.email) AS email,
  a.error AS last_error
FROM message m
LEFT JOIN checkout c ON c.id = m.checkout
LEFT JOIN shop_order o ON o.id = m.shop_order
LEFT JOIN attempt a ON a.id = (SELECT max(b.id) FROM attempt b WHERE b.message = m.id)
WHERE m.state IN ('sending', 'dead', 'unknown') AND m.state <> 'sending'
ORDER BY m.settled_at DESC, m.id DESC;
