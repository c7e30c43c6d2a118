-- What rows cost when they are written. Only texts of the schema change; what the rows hold does not, so no table is
-- written anew.
--
-- For a list of more than two words SQLite makes a table of them, for each statement that asks: every row that was written
-- cost as much again for its checks. Alternatives ask the same without one.

DROP VIEW dead_letters;
DROP INDEX message_attention;

-- What was interrupted, and what a person should look at. SQLite takes this index for a query that asks for one of these
-- states, or has the very same words among its conditions.
CREATE INDEX message_attention ON message (state) WHERE state = 'sending' OR state = 'dead' OR state = 'unknown';

PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(
  sql, 'CHECK (state IN (''open'', ''cancelled'', ''ordered''))',
  'CHECK (state = ''open'' OR state = ''cancelled'' OR state = ''ordered'')')
WHERE type = 'table' AND name = 'checkout';

UPDATE sqlite_schema
SET sql = replace(
  sql, 'CHECK (state IN (''scheduled'', ''sending'', ''sent'', ''dead'', ''unknown'', ''cancelled'', ''skipped''))',
  'CHECK (state = ''scheduled'' OR state = ''sending'' OR state = ''sent'' OR state = ''dead'' OR state = ''unknown''
      OR state = ''cancelled'' OR state = ''skipped'')')
WHERE type = 'table' AND name = 'message';

UPDATE sqlite_schema
SET sql = replace(
  sql,
  'CHECK (outcome IN (''accepted'', ''deferred'', ''refused'', ''unknown'', ''withdrawn'', ''render_failed''))',
  'CHECK (outcome = ''accepted'' OR outcome = ''deferred'' OR outcome = ''refused'' OR outcome = ''unknown''
    OR outcome = ''withdrawn'' OR outcome = ''render_failed'')')
WHERE type = 'table' AND name = 'attempt';

-- Set while the checkout that the order names has yet to come: only that one looks for it. An entry for each order was a
-- page of its own for each, because hashes are all over an index.
UPDATE sqlite_schema
SET sql = replace(
  sql, 'CHECK ((checkout_id IS NULL) = (checkout_hash IS NULL))',
  'CHECK (checkout_id IS NOT NULL OR checkout_hash IS NULL)')
WHERE type = 'table' AND name = 'shop_order';

-- Off again, and the schema is read anew.
PRAGMA writable_schema = RESET;

-- For people with a sqlite3 shell.

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
WHERE (m.state = 'sending' OR m.state = 'dead' OR m.state = 'unknown') AND m.state <> 'sending'
ORDER BY m.settled_at DESC, m.id DESC;
