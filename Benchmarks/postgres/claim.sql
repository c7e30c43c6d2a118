-- A due reminder is claimed, entered into the ledger, and settled, as a worker would that sends nothing.
WITH due AS (
  SELECT id FROM message WHERE state = 'scheduled' AND due_at <= 2000 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE message SET state = 'sending' FROM due WHERE message.id = due.id RETURNING message.id
)
INSERT INTO attempt (message, recipient, started_at) SELECT id, 'shopper@example.com', 2000 FROM claimed
RETURNING message \gset
WITH settled AS (
  UPDATE attempt SET settled_at = 2001, outcome = 'accepted' WHERE message = :message AND settled_at IS NULL
)
UPDATE message SET state = 'sent', reason = 'sent', settled_at = 2001, attempts = 1 WHERE id = :message;
