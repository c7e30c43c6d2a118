/* The limit: what SQLite and the disk take of checkouts in a loop, with nothing around it.
 *
 *   loop DATABASE [group=64] [seconds=5] [count=N] [ids=rising|random] [seed=1] [due=MS] [durable=yes|no]
 *
 * DATABASE was made by nudged and is nobody else's at the moment, so that the schema, its indexes and its checks are the same. Each group
 * is one transaction: a checkout and its reminder for each event, and the counts once. The settings are nudged's own: WAL,
 * synchronous=FULL, the same cache, a checkpoint of 256 MiB; nothing is looked up, nothing decoded, nobody answered.
 *
 * With `count` it ends after so many, else after `seconds`. The reminders are due at `due`, milliseconds since 1970. durable=no
 * fills a database fast and measures nothing. Says its rate as one line of JSON. */
#define _GNU_SOURCE
#include "events.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>

enum { CHECKPOINT_PAGES = 65536, CACHE_KIBIBYTES = 32768, FILL_CACHE_KIBIBYTES = 1048576 };

static struct {
	int group, is_random, is_durable;
	double seconds;
	uint64_t count, seed;
	int64_t due;
} option = {.group = 64, .is_durable = 1, .seconds = 5, .seed = 1, .due = INT64_C(4000000000000)};

static sqlite3 *database;
static int wal_pages;

static void check(int code, const char *what)
{
	if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
		fprintf(stderr, "loop: %s: %s\n", what, sqlite3_errmsg(database));
		exit(1);
	}
}

static void execute(const char *sql)
{
	check(sqlite3_exec(database, sql, NULL, NULL, NULL), sql);
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *statement;
	check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), sql);
	return statement;
}

static void run(sqlite3_stmt *statement)
{
	check(sqlite3_step(statement), sqlite3_sql(statement));
	check(sqlite3_reset(statement), sqlite3_sql(statement));
}

/* True if the setting is what a durable commit needs. */
static int is_set(const char *pragma, const char *value)
{
	sqlite3_stmt *statement = prepare(pragma);
	check(sqlite3_step(statement), pragma);
	int is_right = !strcmp((const char *)sqlite3_column_text(statement, 0), value);
	sqlite3_finalize(statement);
	return is_right;
}

static int note_pages(void *told, sqlite3 *connection, const char *name, int pages)
{
	(void)told, (void)connection, (void)name;
	wal_pages = pages;
	return SQLITE_OK;
}

static void open_database(const char *path)
{
	char cache[64];
	check(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), path);
	snprintf(cache, sizeof cache, "PRAGMA cache_size = -%d", option.is_durable ? CACHE_KIBIBYTES : FILL_CACHE_KIBIBYTES);
	execute("PRAGMA journal_mode = WAL");
	execute(option.is_durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
	execute("PRAGMA foreign_keys = ON");
	execute("PRAGMA wal_autocheckpoint = 0");
	execute(cache);
	if (!is_set("PRAGMA journal_mode", "wal") || !is_set("PRAGMA synchronous", option.is_durable ? "2" : "0")) {
		fputs("loop: SQLite refused a setting\n", stderr);
		exit(1);
	}
	sqlite3_wal_hook(database, note_pages, NULL);
}

static int64_t hash(const char *text)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325);
	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (value ^ (value >> 47)) & ((UINT64_C(1) << 47) - 1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static const char checkout_sql[] =
	"INSERT INTO checkout (bucket, shop, checkout_id, email, email_hash, state, generation, schedule_generation, "
	"anchor_at, occurred_at, created_at, changed_at, is_empty, content) "
	"VALUES (17, 'default', ?1, ?2, ?3, 'open', 1, 1, ?4, ?4, ?4, ?4, 0, ?5)";
static const char message_sql[] =
	"INSERT INTO message (bucket, checkout, step, generation, state, reason, due_at, created_at, attempts, is_retried) "
	"VALUES (17, ?1, 1, 1, 'scheduled', 'due', ?2, ?3, 0, 0)";
static const char tally_sql[] =
	"INSERT INTO tally (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value";

static void insert(sqlite3_stmt *checkout, sqlite3_stmt *message, uint64_t number, int64_t at)
{
	char body[EVENT_BYTES];
	struct event event = event_of(option.seed, number, option.is_random);
	int length = write_checkout(body, &event, "", "");
	sqlite3_bind_text(checkout, 1, event.id, -1, SQLITE_STATIC);
	sqlite3_bind_text(checkout, 2, event.email, -1, SQLITE_STATIC);
	sqlite3_bind_int64(checkout, 3, hash(event.email));
	sqlite3_bind_int64(checkout, 4, at);
	sqlite3_bind_text(checkout, 5, body, length, SQLITE_STATIC);
	run(checkout);
	sqlite3_bind_int64(message, 1, sqlite3_last_insert_rowid(database));
	sqlite3_bind_int64(message, 2, option.due);
	sqlite3_bind_int64(message, 3, at);
	run(message);
}

static void count(sqlite3_stmt *tally, const char *name, int events)
{
	sqlite3_bind_text(tally, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(tally, 2, events);
	run(tally);
}

static void write_groups(void)
{
	sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
	sqlite3_stmt *checkout = prepare(checkout_sql), *message = prepare(message_sql), *tally = prepare(tally_sql);
	double began = now(), took = 0;
	uint64_t written = 0, commits = 0;
	while (option.count ? written < option.count : took < option.seconds) {
		uint64_t rest = option.count ? option.count - written : (uint64_t)option.group;
		int events = rest < (uint64_t)option.group ? (int)rest : option.group;
		struct timespec t;
		clock_gettime(CLOCK_REALTIME, &t);
		run(begin);
		for (int i = 0; i < events; i++)
			insert(checkout, message, written++, t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000);
		count(tally, "checkouts_open", events);
		count(tally, "messages_scheduled", events);
		count(tally, "events_checkout", events);
		run(commit);
		commits++;
		if (wal_pages >= CHECKPOINT_PAGES)
			check(sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL), "checkpoint");
		took = now() - began;
	}
	printf("{\"rate\": %.1f, \"answers\": %" PRIu64 ", \"seconds\": %.3f, \"commits\": %" PRIu64 "}\n", written / took,
		written, took, commits);
	sqlite3_stmt *all[] = {begin, commit, checkout, message, tally};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sqlite3_finalize(all[i]);
}

static int is_named(const char *text, const char *name)
{
	size_t length = strlen(name);
	return !strncmp(text, name, length) && text[length] == '=';
}

static void read_option(const char *text)
{
	const char *value = strchr(text, '=');
	value = value ? value + 1 : "";
	if (is_named(text, "group"))
		option.group = atoi(value);
	else if (is_named(text, "seconds"))
		option.seconds = atof(value);
	else if (is_named(text, "count"))
		option.count = strtoull(value, NULL, 10);
	else if (is_named(text, "ids"))
		option.is_random = !strcmp(value, "random");
	else if (is_named(text, "seed"))
		option.seed = strtoull(value, NULL, 10);
	else if (is_named(text, "due"))
		option.due = strtoll(value, NULL, 10);
	else if (is_named(text, "durable"))
		option.is_durable = !strcmp(value, "yes");
	else {
		fprintf(stderr, "loop: no such option: %s\n", text);
		exit(64);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: loop DATABASE [NAME=VALUE ...]\n", stderr);
		return 64;
	}
	for (int i = 2; i < argc; i++)
		read_option(argv[i]);
	open_database(argv[1]);
	write_groups();
	check(sqlite3_close(database), "close");
	return 0;
}
