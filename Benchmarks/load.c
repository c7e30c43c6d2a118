/* Loads a server and says how fast it answered, as one line of JSON.
 *
 *   load PROTOCOL SOCKET [connections=64] [seconds=5] [count=N] [ids=rising|random] [seed=1] [window=1] [step=MS]
 *        [shop=NAME] [acknowledged=FILE]
 *   load disk FILE
 *
 * PROTOCOL is one of
 *   checkouts    POST /checkout to nudged, one event a request
 *   orders       POST /order to nudged: one for each checkout of the same seed, ids and numbers, which it closes
 *   same         POST /checkout with one event over and over, to compare this program with other loaders
 *   events       POST /events to nudged: one request that never ends until all is written, one event a line
 *   beanstalkd   put: the body of the checkout is the job
 *   redis        SET of the body and ZADD of its due time, in one transaction
 *
 * SOCKET is the path of a Unix socket. Each connection has `window` requests under way: it sends the next one when an answer
 * comes. With `count` it ends after so many, else after `seconds`. Numbers of events count from 0, so that the same seed
 * means the same events. Ids that were acknowledged go to FILE, one a line. `step` lets event number n have happened n
 * such steps after now, with which `events` spreads due times; each line of `events` then says when it happened. `shop` is for
 * `events`, too.
 *
 * `disk` writes 4 KiB and waits for fdatasync, 100 times. */
#define _GNU_SOURCE
#include "events.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 17, MAX_CONNECTIONS = 1024, MAX_WINDOW = 1024, DISK_WRITES = 100 };
enum { PATIENCE_MILLISECONDS = 60 * 1000, CHUNK_EVENTS = 64 };

struct waiting {
	double sent_at;
	uint64_t number;
};

struct connection {
	int fd;
	char *out, *in;
	size_t out_length, in_length;
	struct waiting window[MAX_WINDOW];
	unsigned first, under_way;
};

struct protocol {
	const char *name;
	/* Writes the request of an event, returns its length. */
	int (*write_request)(char *to, const struct event *event);
	/* The length of the first whole answer in `text`, 0 if it is not whole yet; ends the program if it is a refusal. */
	size_t (*answer)(char *text, size_t length);
};

static struct {
	const char *path, *acknowledged, *shop;
	int connections, is_random, window;
	double seconds, step;
	uint64_t count, seed;
} option = {.connections = 64, .seconds = 5, .seed = 1, .window = 1};

static float *latencies;
static size_t answers, room;
static uint64_t numbers;
static FILE *acknowledged;

static void die(const char *what, const char *detail)
{
	fprintf(stderr, "load: %s: %.200s\n", what, detail);
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void note(float latency)
{
	if (answers == room) {
		room = room ? room * 2 : 1 << 20;
		latencies = realloc(latencies, room * sizeof *latencies);
		if (!latencies)
			die("memory", "none left");
	}
	latencies[answers++] = latency;
}

/* MARK: protocols */

static int http_request(char *to, const char *path, const char *body, int length)
{
	return snprintf(to, EVENT_BYTES,
		"POST %s HTTP/1.1\r\nHost: nudged\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, length,
		body);
}

static int checkout_request(char *to, const struct event *event)
{
	char body[EVENT_BYTES];
	int length = write_checkout(body, event, "", "");
	return http_request(to, "/checkout", body, length);
}

static int order_request(char *to, const struct event *event)
{
	char body[EVENT_BYTES];
	int length = write_order(body, event);
	return http_request(to, "/order", body, length);
}

static int same_request(char *to, const struct event *event)
{
	struct event first = event_of(option.seed, 0, option.is_random);
	(void)event;
	return checkout_request(to, &first);
}

static size_t http_answer_of(char *text, size_t length, const char *hoped)
{
	char *end = memmem(text, length, "\r\n\r\n", 4);
	if (!end)
		return 0;
	if (strncmp(text, hoped, strlen(hoped)))
		die("refused", text);
	char *header = strcasestr(text, "content-length:");
	if (!header || header > end)
		die("no content-length in the answer", text);
	size_t whole = end + 4 - text + strtoul(header + strlen("content-length:"), NULL, 10);
	return length >= whole ? whole : 0;
}

static size_t http_answer(char *text, size_t length)
{
	return http_answer_of(text, length, "HTTP/1.1 202");
}

static int beanstalkd_request(char *to, const struct event *event)
{
	char body[EVENT_BYTES];
	int length = write_checkout(body, event, "", "");
	return snprintf(to, EVENT_BYTES, "put 0 0 120 %d\r\n%s\r\n", length, body);
}

static size_t beanstalkd_answer(char *text, size_t length)
{
	char *end = memchr(text, '\n', length);
	if (!end)
		return 0;
	if (strncmp(text, "INSERTED ", strlen("INSERTED ")))
		die("refused", text);
	return end + 1 - text;
}

static int redis_request(char *to, const struct event *event)
{
	char body[EVENT_BYTES];
	int length = write_checkout(body, event, "", "");
	return snprintf(to, EVENT_BYTES,
		"*1\r\n$5\r\nMULTI\r\n"
		"*3\r\n$3\r\nSET\r\n$36\r\n%s\r\n$%d\r\n%s\r\n"
		"*4\r\n$4\r\nZADD\r\n$3\r\ndue\r\n$13\r\n1900000000000\r\n$36\r\n%s\r\n"
		"*1\r\n$4\r\nEXEC\r\n",
		event->id, length, body, event->id);
}

/* +OK, +QUEUED twice, and the two results. */
static size_t redis_answer(char *text, size_t length)
{
	static const char hoped[] = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:1\r\n";
	size_t whole = sizeof hoped - 1;
	size_t there = length < whole ? length : whole;
	if (memcmp(text, hoped, there))
		die("refused", text);
	return length >= whole ? whole : 0;
}

static const struct protocol protocols[] = {
	{"checkouts", checkout_request, http_answer},
	{"orders", order_request, http_answer},
	{"same", same_request, http_answer},
	{"beanstalkd", beanstalkd_request, beanstalkd_answer},
	{"redis", redis_request, redis_answer},
};

/* MARK: connections */

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path)
		die("the path of the socket is too long", path);
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
		die("connect", strerror(errno));
	return fd;
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			die("write", strerror(errno));
		bytes += written;
		length -= written;
	}
}

static int is_over(double end)
{
	return option.count ? numbers >= option.count : now() >= end;
}

/* Fills the window of the connection, with one write. */
static void send_some(const struct protocol *protocol, struct connection *c, double end)
{
	size_t length = 0;
	while (c->under_way < (unsigned)option.window && !is_over(end) && length + EVENT_BYTES < BUFFER_BYTES) {
		uint64_t number = numbers++;
		struct event event = event_of(option.seed, number, option.is_random);
		length += protocol->write_request(c->out + length, &event);
		c->window[(c->first + c->under_way++) % MAX_WINDOW] = (struct waiting){.sent_at = now(), .number = number};
	}
	if (length)
		write_all(c->fd, c->out, length);
}

static void take_answers(const struct protocol *protocol, struct connection *c)
{
	ssize_t got = read(c->fd, c->in + c->in_length, BUFFER_BYTES - 1 - c->in_length);
	if (got <= 0)
		die("the server closed the connection", got ? strerror(errno) : c->in);
	c->in_length += got;
	c->in[c->in_length] = 0;
	size_t taken = 0, length;
	while (c->under_way && (length = protocol->answer(c->in + taken, c->in_length - taken))) {
		struct waiting waiting = c->window[c->first];
		c->first = (c->first + 1) % MAX_WINDOW;
		c->under_way--;
		taken += length;
		note((now() - waiting.sent_at) * 1e3);
		if (acknowledged)
			fprintf(acknowledged, "%s\n", event_of(option.seed, waiting.number, option.is_random).id);
	}
	memmove(c->in, c->in + taken, c->in_length - taken);
	c->in_length -= taken;
}

static double load(const struct protocol *protocol)
{
	static struct connection connections[MAX_CONNECTIONS];
	int poll = epoll_create1(EPOLL_CLOEXEC), open = option.connections;
	for (int i = 0; i < open; i++) {
		struct connection *c = &connections[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
		*c = (struct connection){.fd = connect_to(option.path), .out = malloc(BUFFER_BYTES), .in = malloc(BUFFER_BYTES)};
		if (!c->out || !c->in || epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &event))
			die("connection", strerror(errno));
	}
	double began = now(), end = began + option.seconds;
	for (int i = 0; i < option.connections; i++) {
		send_some(protocol, &connections[i], end);
		open -= connections[i].under_way == 0;
	}
	while (open > 0) {
		struct epoll_event ready[64];
		int count = epoll_wait(poll, ready, 64, PATIENCE_MILLISECONDS);
		if (count == 0)
			die("no answer", "for a minute");
		for (int i = 0; i < count; i++) {
			struct connection *c = ready[i].data.ptr;
			take_answers(protocol, c);
			send_some(protocol, c, end);
			open -= c->under_way == 0;
		}
	}
	return now() - began;
}

/* MARK: the stream */

/* Writes the fields of a line that not every event has: its shop, and when it happened. */
static void write_fields(char *to, size_t size, uint64_t milliseconds)
{
	int length = 0;
	*to = 0;
	if (option.shop)
		length = snprintf(to, size, "\"shop\":\"%s\",", option.shop);
	if (option.step < 0)
		return;

	time_t seconds = milliseconds / 1000;
	struct tm parts;
	char text[32];
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &parts));
	snprintf(to + length, size - length, "\"occurred_at\":\"%s.%03uZ\",", text, (unsigned)(milliseconds % 1000));
}

/* Writes a chunk of at most CHUNK_EVENTS lines into `to`. */
static size_t write_lines(char *to, uint64_t began, double end)
{
	size_t length = 0;
	for (int i = 0; i < CHUNK_EVENTS && !is_over(end); i++) {
		char fields[128];
		write_fields(fields, sizeof fields, began + numbers * option.step);
		struct event event = event_of(option.seed, numbers++, option.is_random);
		length += write_checkout(to + length, &event, "\"type\":\"checkout\",", fields);
		to[length++] = '\n';
	}
	return length;
}

/* Sends the events in one request, and holds the server to having taken each of them. */
static double stream(void)
{
	static char lines[CHUNK_EVENTS * EVENT_BYTES], head[256], answer[BUFFER_BYTES];
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	uint64_t wall = t.tv_sec * UINT64_C(1000) + t.tv_nsec / 1000000;
	int fd = connect_to(option.path);
	double began = now(), end = began + option.seconds;
	int length = snprintf(head, sizeof head,
		"POST /events HTTP/1.1\r\nHost: nudged\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
	write_all(fd, head, length);
	for (size_t bytes; (bytes = write_lines(lines, wall, end)) > 0;) {
		length = snprintf(head, sizeof head, "%zx\r\n", bytes);
		write_all(fd, head, length);
		lines[bytes] = '\r';
		lines[bytes + 1] = '\n';
		write_all(fd, lines, bytes + 2);
	}
	write_all(fd, "0\r\n\r\n", 5);
	size_t got = 0;
	while (!http_answer_of(answer, got, "HTTP/1.1 200")) {
		ssize_t more = read(fd, answer + got, sizeof answer - 1 - got);
		if (more <= 0)
			die("no whole answer", answer);
		got += more;
		answer[got] = 0;
	}
	double took = now() - began;
	char *accepted = strstr(answer, "\"accepted\":");
	if (!accepted || strtoull(accepted + strlen("\"accepted\":"), NULL, 10) != numbers)
		die("not all lines were accepted", answer);
	answers = numbers;
	for (uint64_t number = 0; acknowledged && number < numbers; number++)
		fprintf(acknowledged, "%s\n", event_of(option.seed, number, option.is_random).id);
	return took;
}

/* MARK: the disk, and the answer */

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static double percentile(double part)
{
	return answers && latencies ? latencies[(size_t)((answers - 1) * part)] : 0;
}

static void report(double took)
{
	if (latencies)
		qsort(latencies, answers, sizeof *latencies, by_size);
	printf("{\"rate\": %.1f, \"answers\": %zu, \"seconds\": %.3f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
		answers / took, answers, took, percentile(0.5), percentile(0.99), percentile(1));
}

static void measure_disk(const char *path)
{
	static char page[4096];
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path, strerror(errno));
	double began = now();
	while (answers < DISK_WRITES) {
		double start = now();
		if (write(fd, page, sizeof page) != sizeof page || fdatasync(fd))
			die("write to the disk", strerror(errno));
		note((now() - start) * 1e3);
	}
	report(now() - began);
}

static int is_named(const char *option, const char *name)
{
	size_t length = strlen(name);
	return !strncmp(option, name, length) && option[length] == '=';
}

static void read_option(const char *text)
{
	const char *value = strchr(text, '=');
	if (!value)
		die("not NAME=VALUE", text);
	value++;
	if (is_named(text, "connections"))
		option.connections = atoi(value);
	else if (is_named(text, "seconds"))
		option.seconds = atof(value);
	else if (is_named(text, "count"))
		option.count = strtoull(value, NULL, 10);
	else if (is_named(text, "ids"))
		option.is_random = !strcmp(value, "random");
	else if (is_named(text, "seed"))
		option.seed = strtoull(value, NULL, 10);
	else if (is_named(text, "window"))
		option.window = atoi(value);
	else if (is_named(text, "step"))
		option.step = atof(value);
	else if (is_named(text, "shop"))
		option.shop = value;
	else if (is_named(text, "acknowledged"))
		option.acknowledged = value;
	else
		die("no such option", text);
}

static const struct protocol *protocol_called(const char *name)
{
	for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
		if (!strcmp(protocols[i].name, name))
			return &protocols[i];
	die("no such protocol", name);
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fputs("usage: load PROTOCOL SOCKET [NAME=VALUE ...]\n       load disk FILE\n", stderr);
		return 64;
	}
	if (!strcmp(argv[1], "disk")) {
		measure_disk(argv[2]);
		return 0;
	}
	option.path = argv[2];
	option.step = -1;
	for (int i = 3; i < argc; i++)
		read_option(argv[i]);
	if (option.connections < 1 || option.connections > MAX_CONNECTIONS || option.window < 1 || option.window > MAX_WINDOW)
		die("1 to 1024", "connections and window");
	if (option.acknowledged && !(acknowledged = fopen(option.acknowledged, "a")))
		die(option.acknowledged, strerror(errno));
	report(!strcmp(argv[1], "events") ? stream() : load(protocol_called(argv[1])));
	if (acknowledged && fclose(acknowledged))
		die(option.acknowledged, strerror(errno));
	return 0;
}
