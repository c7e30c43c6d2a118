PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
INSERT INTO checkout VALUES(1,254,'default','c-ordered',NULL,'42','ann@example.com',NULL,16243075826997,120588829900191,'ordered',1,1,1700000000000,1700000000000,1700000000000,1700000060000,1700000060000,'o-sent',0,'mug');
INSERT INTO checkout VALUES(2,254,'default','c-two','o-two',NULL,'two@example.com',73885199824279,NULL,36903429358136,'ordered',1,1,1700000120000,1700000120000,1700000120000,1700000180000,1700000180000,'o-two',0,'mug');
INSERT INTO checkout VALUES(3,254,'default','c-late',NULL,NULL,'late@example.com',NULL,NULL,17760120657938,'ordered',1,1,1700000240000,1700000240000,1700000240000,1700000240000,1700000240000,'o-early',0,'mug');
INSERT INTO checkout VALUES(4,254,'default','c-sent',NULL,NULL,'sent@example.com',NULL,NULL,65567420169732,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(5,254,'default','c-deferred',NULL,NULL,'deferred@example.com',NULL,NULL,114950350025779,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(6,254,'default','c-refused',NULL,NULL,'refused@example.com',NULL,NULL,8210739127791,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(7,254,'default','c-unknown',NULL,NULL,'unknown@example.com',NULL,NULL,94640147829017,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(8,254,'default','c-render',NULL,NULL,'render@example.com',NULL,NULL,85490178177778,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(9,254,'default','c-dropped',NULL,NULL,'dropped@example.com',NULL,NULL,69876454504267,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(10,254,'default','c-retried',NULL,NULL,'retried@example.com',NULL,NULL,125177179267414,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(11,254,'default','c-exhausted',NULL,NULL,'exhausted@example.com',NULL,NULL,3238132884228,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(12,254,'default','c-throttled',NULL,NULL,'throttled@example.com',NULL,NULL,104960368811734,'open',1,1,1700000600000,1700000600000,1700000600000,1700000600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(13,254,'default','c-changed',NULL,NULL,'changed@example.com',NULL,NULL,36824644721641,'open',2,2,1700000660000,1700000660000,1700000600000,1700000660000,NULL,NULL,0,'two mugs');
INSERT INTO checkout VALUES(14,254,'default','c-cancelled',NULL,NULL,'cancelled@example.com',NULL,NULL,121957915202140,'cancelled',2,1,1700000600000,1700000660000,1700000600000,1700000660000,1700000660000,NULL,1,'mug');
INSERT INTO checkout VALUES(15,37,'läden-😀''";--','c-👩‍💻',NULL,NULL,'ann@bücher.example',NULL,NULL,47022350112572,'open',1,1,1700003000000,1700003000000,1700003000000,1700003000000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(16,37,'läden-😀''";--','c-long',NULL,'ßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßß','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com',NULL,25708324059204,38846512451509,'open',1,1,1700003000000,1700003000000,1700003000000,1700003000000,NULL,NULL,0,'{"name":"\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本\n''"日本"}');
INSERT INTO checkout VALUES(17,254,'default','c-1970',NULL,NULL,'old@example.com',NULL,NULL,140235259492249,'open',1,1,20000000000,20000000000,1700003060000,1700003060000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(18,254,'default','c-behind',NULL,NULL,'behind@example.com',NULL,NULL,122600247953994,'open',1,1,1699913060000,1699913060000,1700003060000,1700003060000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(19,156,'quick','c-collapsed',NULL,NULL,'quick@example.com',NULL,NULL,28074446067558,'open',1,1,1699998860000,1699998860000,1700003060000,1700003060000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(20,254,'default','c-future',NULL,NULL,'future@example.com',NULL,NULL,130809953719293,'open',1,1,1700003300000,1700003300000,1700003060000,1700003060000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(21,96,'broken','c-broken-0',NULL,NULL,'b0@example.com',NULL,NULL,86477201083287,'open',1,1,1700003600000,1700003600000,1700003600000,1700003600000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(22,96,'broken','c-broken-1',NULL,NULL,'b1@example.com',NULL,NULL,37744290218299,'open',1,1,1700003660000,1700003660000,1700003660000,1700003660000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(23,96,'broken','c-broken-2',NULL,NULL,'b2@example.com',NULL,NULL,138104709887851,'open',1,1,1700003720000,1700003720000,1700003720000,1700003720000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(24,96,'broken','c-broken-3',NULL,NULL,'b3@example.com',NULL,NULL,139901714005434,'open',1,1,1700003780000,1700003780000,1700003780000,1700003780000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(25,96,'broken','c-broken-4',NULL,NULL,'b4@example.com',NULL,NULL,136950868225743,'open',1,1,1700003840000,1700003840000,1700003840000,1700003840000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(26,96,'broken','c-broken-5',NULL,NULL,'b5@example.com',NULL,NULL,84678870656901,'open',1,1,1700003900000,1700003900000,1700003900000,1700003900000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(27,96,'broken','c-broken-6',NULL,NULL,'b6@example.com',NULL,NULL,69339850613535,'open',1,1,1700003960000,1700003960000,1700003960000,1700003960000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(28,96,'broken','c-broken-7',NULL,NULL,'b7@example.com',NULL,NULL,61173383667762,'open',1,1,1700004020000,1700004020000,1700004020000,1700004020000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(29,96,'broken','c-broken-8',NULL,NULL,'b8@example.com',NULL,NULL,102779347214987,'open',1,1,1700004080000,1700004080000,1700004080000,1700004080000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(30,96,'broken','c-broken-9',NULL,NULL,'b9@example.com',NULL,NULL,109139302982511,'open',1,1,1700004140000,1700004140000,1700004140000,1700004140000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(31,96,'broken','c-broken-10',NULL,NULL,'b10@example.com',NULL,NULL,27026968790499,'open',1,1,1700004200000,1700004200000,1700004200000,1700004200000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(32,96,'broken','c-broken-11',NULL,NULL,'b11@example.com',NULL,NULL,124874639419335,'open',1,1,1700004260000,1700004260000,1700004260000,1700004260000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(33,254,'default','c-interrupted',NULL,NULL,'interrupted@example.com',NULL,NULL,26735576172934,'open',1,1,1700006000000,1700006000000,1700006000000,1700006000000,NULL,NULL,0,'mug');
INSERT INTO checkout VALUES(34,254,'default','c-open',NULL,NULL,'open@example.com',NULL,NULL,52582954259791,'open',1,1,1700007860000,1700007860000,1700007860000,1700007860000,NULL,NULL,0,'mug');
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
INSERT INTO shop_order VALUES(1,254,'default','o-sent','c-ordered',NULL,'ANN@example.com',130451658483257,NULL,120588829900191,1700000060000,1700000060000,1,'receipt');
INSERT INTO shop_order VALUES(2,254,'default','o-two',NULL,NULL,'two@example.com',NULL,NULL,36903429358136,1700000180000,1700000180000,1,'receipt');
INSERT INTO shop_order VALUES(3,254,'default','o-early','c-late',NULL,NULL,61624257719677,NULL,NULL,1700000180000,1700000180000,1,'receipt');
INSERT INTO shop_order VALUES(4,254,'default','o-alone',NULL,'nobody',NULL,NULL,133844904313110,NULL,1700000240000,1700000240000,0,'receipt');
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
  is_retried INTEGER NOT NULL CHECK (is_retried IN (0, 1)), held INTEGER REFERENCES failing_stream (id)
  CHECK (held IS NULL OR (state = 'scheduled' AND reason = 'held')), first_due_at INTEGER,
  CHECK ((step IS NULL) = (shop_order IS NOT NULL)),
  CHECK (step IS NULL OR checkout IS NOT NULL),
  CHECK ((settled_at IS NULL) = (state IN ('scheduled', 'sending')))
) STRICT;
INSERT INTO message VALUES(1,254,1,NULL,1,1,'cancelled','ordered',1700001800000,1700000000000,1700000060000,0,0,NULL,NULL);
INSERT INTO message VALUES(2,254,1,1,NULL,1,'sent','sent',1700000060000,1700000060000,1700000060000,1,0,NULL,NULL);
INSERT INTO message VALUES(3,254,2,NULL,1,1,'cancelled','ordered',1700001920000,1700000120000,1700000180000,0,0,NULL,NULL);
INSERT INTO message VALUES(4,254,2,2,NULL,1,'cancelled','ordered',1700000210000,1700000180000,1700002400000,2,0,NULL,1700000180000);
INSERT INTO message VALUES(5,254,4,NULL,1,1,'sent','sent',1700002400000,1700000600000,1700002400000,1,0,NULL,NULL);
INSERT INTO message VALUES(6,254,5,NULL,1,1,'sending','deferred',1700002430000,1700000600000,NULL,1,0,NULL,1700002400000);
INSERT INTO message VALUES(7,254,6,NULL,1,1,'dead','refused',1700002400000,1700000600000,1700002400000,1,0,NULL,NULL);
INSERT INTO message VALUES(8,254,7,NULL,1,1,'unknown','unknown',1700002400000,1700000600000,1700002400000,1,0,NULL,NULL);
INSERT INTO message VALUES(9,254,8,NULL,1,1,'dead','render_failed',1700002400000,1700000600000,1700002400000,1,0,NULL,NULL);
INSERT INTO message VALUES(10,254,9,NULL,1,1,'cancelled','dropped',1700002400000,1700000600000,1700002460000,1,0,NULL,NULL);
INSERT INTO message VALUES(11,254,10,NULL,1,1,'sending','retried',1700002460000,1700000600000,NULL,0,1,NULL,NULL);
INSERT INTO message VALUES(12,254,11,NULL,1,1,'dead','attempts_exhausted',1700002430000,1700000600000,1700002520000,2,0,NULL,1700002400000);
INSERT INTO message VALUES(13,254,12,NULL,1,1,'sending','deferred',1700002430000,1700000600000,NULL,0,0,NULL,1700002400000);
INSERT INTO message VALUES(14,254,13,NULL,1,1,'cancelled','checkout_changed',1700002400000,1700000600000,1700000660000,0,0,NULL,NULL);
INSERT INTO message VALUES(15,254,13,NULL,1,2,'sending','due',1700002460000,1700000660000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(16,254,14,NULL,1,1,'cancelled','checkout_cancelled',1700002400000,1700000600000,1700000660000,0,0,NULL,NULL);
INSERT INTO message VALUES(17,254,4,NULL,2,1,'scheduled','due',1700087000000,1700002400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(18,254,6,NULL,2,1,'scheduled','due',1700087000000,1700002400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(19,254,7,NULL,2,1,'scheduled','due',1700087000000,1700002400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(20,254,8,NULL,2,1,'scheduled','due',1700087000000,1700002400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(21,254,9,NULL,2,1,'scheduled','due',1700087000000,1700002400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(22,254,10,NULL,2,1,'scheduled','due',1700087000000,1700002400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(23,254,11,NULL,2,1,'scheduled','due',1700087000000,1700002520000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(24,37,15,NULL,1,1,'sent','sent',1700004800000,1700003000000,1700005400000,1,0,NULL,NULL);
INSERT INTO message VALUES(25,37,16,NULL,1,1,'sent','sent',1700004800000,1700003000000,1700005400000,1,0,NULL,NULL);
INSERT INTO message VALUES(26,254,17,NULL,1,1,'skipped','late',20001800000,1700003060000,1700003060000,0,0,NULL,NULL);
INSERT INTO message VALUES(27,254,17,NULL,2,1,'skipped','late',20086400000,1700003060000,1700003060000,0,0,NULL,NULL);
INSERT INTO message VALUES(28,254,17,NULL,3,1,'skipped','late',20259200000,1700003060000,1700003060000,0,0,NULL,NULL);
INSERT INTO message VALUES(29,254,18,NULL,1,1,'skipped','late',1699914860000,1700003060000,1700003060000,0,0,NULL,NULL);
INSERT INTO message VALUES(30,254,18,NULL,2,1,'sent','sent',1699999460000,1700003060000,1700005400000,1,0,NULL,NULL);
INSERT INTO message VALUES(31,156,19,NULL,1,1,'skipped','collapsed',1700000660000,1700003060000,1700003060000,0,0,NULL,NULL);
INSERT INTO message VALUES(32,156,19,NULL,2,1,'sent','sent',1700002460000,1700003060000,1700005400000,1,0,NULL,NULL);
INSERT INTO message VALUES(33,254,20,NULL,1,1,'sent','sent',1700005100000,1700003060000,1700005400000,1,0,NULL,NULL);
INSERT INTO message VALUES(34,96,21,NULL,1,1,'dead','render_failed',1700005400000,1700003600000,1700005400000,1,0,NULL,NULL);
INSERT INTO message VALUES(35,96,22,NULL,1,1,'dead','render_failed',1700005460000,1700003660000,1700005460000,1,0,NULL,NULL);
INSERT INTO message VALUES(36,96,23,NULL,1,1,'dead','render_failed',1700005520000,1700003720000,1700005520000,1,0,NULL,NULL);
INSERT INTO message VALUES(37,96,24,NULL,1,1,'scheduled','held',1700005700000,1700003780000,NULL,0,0,1,1700005580000);
INSERT INTO message VALUES(38,96,25,NULL,1,1,'scheduled','held',1700007800000,1700003840000,NULL,0,0,1,1700005640000);
INSERT INTO message VALUES(39,96,26,NULL,1,1,'scheduled','held',1700005700000,1700003900000,NULL,0,0,1,NULL);
INSERT INTO message VALUES(40,96,27,NULL,1,1,'scheduled','held',1700005760000,1700003960000,NULL,0,0,1,NULL);
INSERT INTO message VALUES(41,96,28,NULL,1,1,'scheduled','held',1700005820000,1700004020000,NULL,0,0,1,NULL);
INSERT INTO message VALUES(42,96,29,NULL,1,1,'scheduled','held',1700005880000,1700004080000,NULL,0,0,1,NULL);
INSERT INTO message VALUES(43,96,30,NULL,1,1,'scheduled','held',1700005940000,1700004140000,NULL,0,0,1,NULL);
INSERT INTO message VALUES(44,96,31,NULL,1,1,'scheduled','held',1700006000000,1700004200000,NULL,0,0,1,NULL);
INSERT INTO message VALUES(45,96,32,NULL,1,1,'scheduled','held',1700006060000,1700004260000,NULL,0,0,1,NULL);
INSERT INTO message VALUES(46,254,18,NULL,3,1,'scheduled','due',1700172260000,1700005400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(47,37,15,NULL,2,1,'scheduled','due',1700089400000,1700005400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(48,37,16,NULL,2,1,'scheduled','due',1700089400000,1700005400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(49,254,20,NULL,2,1,'scheduled','due',1700089700000,1700005400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(50,96,21,NULL,2,1,'scheduled','due',1700090000000,1700005400000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(51,96,22,NULL,2,1,'scheduled','due',1700090060000,1700005460000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(52,96,23,NULL,2,1,'scheduled','due',1700090120000,1700005520000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(53,254,33,NULL,1,1,'sending','due',1700007800000,1700006000000,NULL,0,0,NULL,NULL);
INSERT INTO message VALUES(54,254,34,NULL,1,1,'scheduled','due',1700009660000,1700007860000,NULL,0,0,NULL,NULL);
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
INSERT INTO attempt VALUES(1,2,'ANN@example.com',1700000060000,1700000060000,'accepted','p-1',NULL);
INSERT INTO attempt VALUES(2,4,'two@example.com',1700000180000,1700000180000,'deferred',NULL,'451 later');
INSERT INTO attempt VALUES(3,4,'two@example.com',1700002400000,1700002400000,'withdrawn',NULL,NULL);
INSERT INTO attempt VALUES(4,5,'sent@example.com',1700002400000,1700002400000,'accepted','p-1',NULL);
INSERT INTO attempt VALUES(5,6,'deferred@example.com',1700002400000,1700002400000,'deferred',NULL,'451 later');
INSERT INTO attempt VALUES(6,7,'refused@example.com',1700002400000,1700002400000,'refused',NULL,'550 no');
INSERT INTO attempt VALUES(7,8,'unknown@example.com',1700002400000,1700002400000,'unknown',NULL,'lost');
INSERT INTO attempt VALUES(8,9,'render@example.com',1700002400000,1700002400000,'render_failed',NULL,'x.txt:1: {{a}}');
INSERT INTO attempt VALUES(9,10,'dropped@example.com',1700002400000,1700002400000,'refused',NULL,'550 no');
INSERT INTO attempt VALUES(10,11,'retried@example.com',1700002400000,1700002400000,'refused',NULL,'550 no');
INSERT INTO attempt VALUES(11,12,'exhausted@example.com',1700002400000,1700002400000,'deferred',NULL,'451 later');
INSERT INTO attempt VALUES(12,13,'throttled@example.com',1700002400000,1700002400000,'deferred',NULL,'too fast');
INSERT INTO attempt VALUES(13,6,'deferred@example.com',1700002520000,NULL,NULL,NULL,NULL);
INSERT INTO attempt VALUES(14,12,'exhausted@example.com',1700002520000,1700002520000,'deferred',NULL,'451 later');
INSERT INTO attempt VALUES(15,13,'throttled@example.com',1700002520000,NULL,NULL,NULL,NULL);
INSERT INTO attempt VALUES(16,11,'retried@example.com',1700002520000,NULL,NULL,NULL,NULL);
INSERT INTO attempt VALUES(17,15,'changed@example.com',1700002520000,NULL,NULL,NULL,NULL);
INSERT INTO attempt VALUES(18,30,'behind@example.com',1700005400000,1700005400000,'accepted','p-1',NULL);
INSERT INTO attempt VALUES(19,32,'quick@example.com',1700005400000,1700005400000,'accepted','p-1',NULL);
INSERT INTO attempt VALUES(20,24,'ann@bücher.example',1700005400000,1700005400000,'accepted','p-1',NULL);
INSERT INTO attempt VALUES(21,25,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com',1700005400000,1700005400000,'accepted','p-1',NULL);
INSERT INTO attempt VALUES(22,33,'future@example.com',1700005400000,1700005400000,'accepted','p-1',NULL);
INSERT INTO attempt VALUES(23,34,'b0@example.com',1700005400000,1700005400000,'render_failed',NULL,'body.txt:3: {{x}}');
INSERT INTO attempt VALUES(24,35,'b1@example.com',1700005460000,1700005460000,'render_failed',NULL,'body.txt:3: {{x}}');
INSERT INTO attempt VALUES(25,36,'b2@example.com',1700005520000,1700005520000,'render_failed',NULL,'body.txt:3: {{x}}');
INSERT INTO attempt VALUES(26,37,'b3@example.com',1700005580000,1700005580000,'render_failed',NULL,'body.txt:3: {{x}}');
INSERT INTO attempt VALUES(27,37,'b3@example.com',1700005700000,1700005700000,'render_failed',NULL,'body.txt:3: {{x}}');
INSERT INTO attempt VALUES(28,38,'b4@example.com',1700007800000,1700007800000,'render_failed',NULL,'body.txt:3: {{x}}');
INSERT INTO attempt VALUES(29,53,'interrupted@example.com',1700007800000,NULL,NULL,NULL,NULL);
CREATE TABLE tally (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tally VALUES('checkouts_cancelled',1);
INSERT INTO tally VALUES('checkouts_open',30);
INSERT INTO tally VALUES('checkouts_ordered',3);
INSERT INTO tally VALUES('events_checkout',36);
INSERT INTO tally VALUES('events_order',4);
INSERT INTO tally VALUES('messages_cancelled',6);
INSERT INTO tally VALUES('messages_dead',6);
INSERT INTO tally VALUES('messages_scheduled',24);
INSERT INTO tally VALUES('messages_sending',5);
INSERT INTO tally VALUES('messages_sent',7);
INSERT INTO tally VALUES('messages_skipped',5);
INSERT INTO tally VALUES('messages_unknown',1);
INSERT INTO tally VALUES('outcomes_accepted',7);
INSERT INTO tally VALUES('outcomes_deferred',5);
INSERT INTO tally VALUES('outcomes_refused',3);
INSERT INTO tally VALUES('outcomes_render_failed',7);
INSERT INTO tally VALUES('outcomes_unknown',1);
INSERT INTO tally VALUES('outcomes_withdrawn',1);
INSERT INTO tally VALUES('reasons_attempts_exhausted',1);
INSERT INTO tally VALUES('reasons_checkout_cancelled',1);
INSERT INTO tally VALUES('reasons_checkout_changed',1);
INSERT INTO tally VALUES('reasons_collapsed',1);
INSERT INTO tally VALUES('reasons_deferred',2);
INSERT INTO tally VALUES('reasons_dropped',1);
INSERT INTO tally VALUES('reasons_due',17);
INSERT INTO tally VALUES('reasons_held',9);
INSERT INTO tally VALUES('reasons_late',4);
INSERT INTO tally VALUES('reasons_ordered',3);
INSERT INTO tally VALUES('reasons_refused',1);
INSERT INTO tally VALUES('reasons_render_failed',4);
INSERT INTO tally VALUES('reasons_retried',1);
INSERT INTO tally VALUES('reasons_sent',7);
INSERT INTO tally VALUES('reasons_unknown',1);
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('instance','474175cf34a30387');
INSERT INTO meta VALUES('paused','true');
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
INSERT INTO failing_stream VALUES(1,'broken',1,6,'body.txt:3: {{x}}',1700005520000,1700008280000,480000,0);
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
INSERT INTO operator_action VALUES(1,1700002460000,1000,1000,4711,'ann','drop',10,NULL,'done');
INSERT INTO operator_action VALUES(2,1700002460000,1000,1000,4711,'ann','retry',11,NULL,'done');
INSERT INTO operator_action VALUES(3,1700002460000,1000,1000,4711,'ann','retry',5,NULL,'unfit');
INSERT INTO operator_action VALUES(4,1700007860000,65534,65534,1,NULL,'backup',NULL,'/srv/nudged.db','done');
INSERT INTO operator_action VALUES(5,1700007860000,1000,1000,4711,'ann','test-send',NULL,'ann@example.com','deferred');
INSERT INTO operator_action VALUES(6,1700007860000,NULL,NULL,NULL,NULL,'reload',NULL,NULL,'done');
INSERT INTO operator_action VALUES(7,1700007860000,1000,1000,4711,'ann','pause',NULL,NULL,'done');
CREATE INDEX checkout_by_email ON checkout (email_hash) WHERE state = 'open';
CREATE INDEX checkout_by_customer ON checkout (customer_hash) WHERE state = 'open' AND customer_hash IS NOT NULL;
CREATE INDEX checkout_by_order ON checkout (order_hash) WHERE order_hash IS NOT NULL;
CREATE INDEX checkout_by_closing ON checkout (closed_by) WHERE closed_by IS NOT NULL;
CREATE INDEX shop_order_by_checkout ON shop_order (checkout_hash) WHERE checkout_hash IS NOT NULL;
CREATE INDEX shop_order_by_customer ON shop_order (customer_hash, occurred_at) WHERE customer_hash IS NOT NULL;
CREATE INDEX shop_order_by_email ON shop_order (email_hash, occurred_at) WHERE email_hash IS NOT NULL;
CREATE INDEX shop_order_without_effect ON shop_order (created_at) WHERE had_effect = 0;
CREATE UNIQUE INDEX message_reminder ON message (checkout, generation, step) WHERE step IS NOT NULL;
CREATE UNIQUE INDEX message_order ON message (shop_order) WHERE shop_order IS NOT NULL;
CREATE INDEX message_attention ON message (state) WHERE state IN ('sending', 'dead', 'unknown');
CREATE INDEX attempt_of_message ON attempt (message);
CREATE UNIQUE INDEX attempt_open ON attempt (message) WHERE settled_at IS NULL;
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
CREATE INDEX failing_stream_probe ON failing_stream (probe_at) WHERE held_at IS NOT NULL;
CREATE INDEX failing_stream_releasing ON failing_stream (id) WHERE is_releasing = 1;
CREATE INDEX message_due_order ON message (due_at) WHERE state = 'scheduled' AND step IS NULL AND held IS NULL;
CREATE INDEX message_due_reminder ON message (due_at) WHERE state = 'scheduled' AND step IS NOT NULL AND held IS NULL;
CREATE INDEX message_held ON message (held, due_at) WHERE held IS NOT NULL;
CREATE INDEX message_deferred_order ON message (first_due_at, due_at)
WHERE state = 'scheduled' AND step IS NULL AND held IS NULL AND first_due_at IS NOT NULL;
CREATE INDEX message_deferred_reminder ON message (first_due_at, due_at)
WHERE state = 'scheduled' AND step IS NOT NULL AND held IS NULL AND first_due_at IS NOT NULL;
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
CREATE INDEX operator_action_message ON operator_action (message) WHERE message IS NOT NULL;
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
COMMIT;
PRAGMA user_version = 3;
