-- Order messages and reminders wait in lanes of their own, so that an order message is found however many reminders
-- are due. What is held because its template fails is in neither.

-- What one template of one shop makes is a stream: its order messages, or its reminders of one step. A row for each
-- stream whose latest message could not be composed, or that still has messages to release.
CREATE TABLE failing_stream (
  id INTEGER PRIMARY KEY,
  shop TEXT NOT NULL,
  -- 0 for order messages.
  step INTEGER NOT NULL CHECK (step BETWEEN 0 AND 20),
  -- In a row, without a message that could be composed between.
  failures INTEGER NOT NULL CHECK (failures >= 0),
  -- The latest one.
  error TEXT NOT NULL,
  -- From when its messages are held, and when one of them is tried; both NULL if they are not held.
  held_at INTEGER,
  probe_at INTEGER,
  -- How long after that one the next one is tried, in milliseconds.
  wait INTEGER NOT NULL CHECK (wait > 0),
  -- Its messages are on their way back to the lanes.
  is_releasing INTEGER NOT NULL CHECK (is_releasing IN (0, 1)),
  UNIQUE (shop, step),
  CHECK ((held_at IS NULL) = (probe_at IS NULL)),
  CHECK (held_at IS NULL OR is_releasing = 0)
) STRICT;

CREATE INDEX failing_stream_probe ON failing_stream (probe_at) WHERE held_at IS NOT NULL;
CREATE INDEX failing_stream_releasing ON failing_stream (id) WHERE is_releasing = 1;

ALTER TABLE message ADD COLUMN held INTEGER REFERENCES failing_stream (id)
  CHECK (held IS NULL OR (state = 'scheduled' AND reason = 'held'));

DROP INDEX message_due;
CREATE INDEX message_due_order ON message (due_at) WHERE state = 'scheduled' AND step IS NULL AND held IS NULL;
CREATE INDEX message_due_reminder ON message (due_at) WHERE state = 'scheduled' AND step IS NOT NULL AND held IS NULL;
CREATE INDEX message_held ON message (held, due_at) WHERE held IS NOT NULL;

-- When the message was due before it was first deferred, or the reminder that it stands for after downtime was; NULL if
-- neither happened. It keeps its place in the lane by that.
ALTER TABLE message ADD COLUMN first_due_at INTEGER;

CREATE INDEX message_deferred_order ON message (first_due_at, due_at)
WHERE state = 'scheduled' AND step IS NULL AND held IS NULL AND first_due_at IS NOT NULL;
CREATE INDEX message_deferred_reminder ON message (first_due_at, due_at)
WHERE state = 'scheduled' AND step IS NOT NULL AND held IS NULL AND first_due_at IS NOT NULL;

-- What the mail provider allowed when it was last asked, for `rate: auto`.
CREATE TABLE sending_quota (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- Whom it was asked for: an answer for one account says nothing of another.
  account TEXT NOT NULL,
  per_second REAL NOT NULL,
  -- NULL is no limit.
  per_day INTEGER,
  sent_last_day INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  -- The latest row of the ledger that the provider may have counted: what is after it is to be added.
  last_attempt INTEGER NOT NULL
) STRICT;

-- For people with a sqlite3 shell.

CREATE VIEW held_templates AS
SELECT
  s.shop,
  CASE WHEN s.step = 0 THEN 'order' ELSE 'reminder' END AS kind,
  nullif(s.step, 0) AS step,
  s.error,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.held_at / 1000.0, 'unixepoch') AS held_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.probe_at / 1000.0, 'unixepoch') AS probe_at,
  (SELECT count(*) FROM message m WHERE m.held = s.id) AS messages
FROM failing_stream s
WHERE s.held_at IS NOT NULL
ORDER BY s.held_at, s.id;
