-- What operators did, and who they were by the word of the kernel at the other end of the socket: a row for each action,
-- and of an action on many messages one for each of them. Only the newest rows stay; the program says how many.
CREATE TABLE operator_action (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  -- NULL where the kernel does not say, as with a signal.
  uid INTEGER CHECK (uid BETWEEN 0 AND 4294967295),
  gid INTEGER CHECK (gid BETWEEN 0 AND 4294967295),
  pid INTEGER CHECK (pid >= 0),
  -- What the host called the user then; NULL if it knew none of that number.
  user_name TEXT CHECK (user_name <> ''),
  -- A closed list that later versions extend, so it is the program that keeps it.
  action TEXT NOT NULL CHECK (action <> ''),
  message INTEGER REFERENCES message (id) ON DELETE CASCADE,
  -- What else it was done to: the path of a backup, where a test went.
  target TEXT,
  -- `done`, or why it came to nothing.
  result TEXT NOT NULL CHECK (result <> ''),
  CHECK ((uid IS NULL) = (gid IS NULL) AND (uid IS NULL) = (pid IS NULL)),
  CHECK (user_name IS NULL OR uid IS NOT NULL)
) STRICT;

CREATE INDEX operator_action_message ON operator_action (message) WHERE message IS NOT NULL;

-- For people with a sqlite3 shell.

CREATE VIEW operators AS
SELECT
  strftime('%Y-%m-%dT%H:%M:%fZ', a.at / 1000.0, 'unixepoch') AS at,
  a.user_name AS user,
  a.uid,
  a.gid,
  a.pid,
  a.action,
  coalesce('m-' || a.message, a.target) AS target,
  coalesce(c.shop, o.shop) AS shop,
  c.checkout_id,
  o.order_id,
  a.result
FROM operator_action a
LEFT JOIN message m ON m.id = a.message
LEFT JOIN checkout c ON c.id = m.checkout
LEFT JOIN shop_order o ON o.id = m.shop_order
ORDER BY a.id DESC;
