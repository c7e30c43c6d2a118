-- As insert.sql, so many at once.
WITH new AS (
  INSERT INTO checkout (bucket, shop, checkout_id, email, email_hash, state, generation, schedule_generation, anchor_at,
    occurred_at, created_at, changed_at, is_empty, content)
  SELECT 17, 'default', 'checkout-' || lpad(nextval('rising')::text, 27, '0'),
    'shopper' || substr(md5(n::text), 1, 13) || '@example.com', (random() * 140737488355327)::bigint, 'open', 1, 1,
    1900000000000, 1900000000000, 1900000000000, 1900000000000, false, repeat('x', 300)
  FROM generate_series(1, :count) AS n
  RETURNING id
)
INSERT INTO message (bucket, checkout, step, generation, state, reason, due_at, created_at, attempts, is_retried)
SELECT 17, id, 1, 1, 'scheduled', 'due', 1000, 1000, 0, false FROM new;
ANALYZE;
