/* Loads a server on a Unix socket and says how fast it answered.
 *
 *   load http|beanstalkd SOCKET CONNECTIONS SECONDS RUN [ACKNOWLEDGED]
 *   load disk FILE
 *
 * Each connection sends one request, waits for its answer, and sends the next: with 64 of them the server always has up to
 * 64 to answer, and never more. Every request is an event that was never sent before: a checkout with a random id and
 * an address of its own, about 300 bytes. RUN seeds the ids; "same" sends one event over and over instead. Ids that
 * were acknowledged go to the file ACKNOWLEDGED, one a line. beanstalkd gets the same bodies as jobs.
 *
 * `disk` writes 4 KiB and waits for fdatasync, 400 times.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_BYTES = 2048, REPLY_BYTES = 16384, MAX_CONNECTIONS = 1024, MAX_ANSWERS = 20 * 1000 * 1000 };

struct connection {
	int fd;
	double sent_at;
	char id[40];
	char reply[REPLY_BYTES];
	size_t reply_length;
};

static int is_http, is_same;
static uint64_t random_state;
static float *latencies;
static size_t answers;
static FILE *acknowledged;

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "unexpected answer");
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* splitmix64: good enough for ids, and the same for the same seed. */
static uint64_t random64(void)
{
	uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static void next_id(char *id, size_t size)
{
	uint64_t a = is_same ? 1 : random64(), b = is_same ? 2 : random64();
	snprintf(id, size, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff,
		(unsigned)a & 0xfff, (unsigned)(b >> 48) & 0xfff, (unsigned long long)(b & 0xffffffffffffu));
}

static int write_request(char *to, size_t size, const char *id)
{
	char body[REQUEST_BYTES];
	int length = snprintf(body, sizeof body,
		"{\"checkout_id\":\"%s\",\"email\":\"%.8s%.4s@example.com\",\"name\":\"Ann Example\",\"locale\":\"en-GB\","
		"\"url\":\"https://shop.example/checkout/%s\","
		"\"items\":[{\"name\":\"Blue mug\",\"quantity\":2,\"price\":\"12.50\"}],\"total\":\"25.00\",\"currency\":\"EUR\"}",
		id, id, id + 24, id);
	if (is_http)
		return snprintf(to, size,
			"POST /checkout HTTP/1.1\r\nHost: nudged\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			length, body);
	return snprintf(to, size, "put 0 0 120 %d\r\n%s\r\n", length, body);
}

static void send_next(struct connection *c)
{
	char request[REQUEST_BYTES];
	next_id(c->id, sizeof c->id);
	int length = write_request(request, sizeof request, c->id);
	c->reply_length = 0;
	c->sent_at = now();
	errno = 0;
	if (write(c->fd, request, length) != length)
		die("write");
}

/* True once the whole answer is there; ends the program if it is not the one hoped for. */
static int is_answered(struct connection *c)
{
	c->reply[c->reply_length] = 0;
	errno = 0;
	if (!is_http) {
		if (!strchr(c->reply, '\n'))
			return 0;
		if (strncmp(c->reply, "INSERTED ", 9))
			die(c->reply);
		return 1;
	}
	char *end = strstr(c->reply, "\r\n\r\n");
	if (!end)
		return 0;
	if (strncmp(c->reply, "HTTP/1.1 202", 12))
		die(c->reply);
	char *length = strcasestr(c->reply, "content-length:");
	if (!length || length > end)
		die("no content-length in the answer");
	return c->reply_length >= (size_t)(end + 4 - c->reply) + strtoul(length + 15, NULL, 10);
}

static void note_answer(struct connection *c)
{
	if (answers == MAX_ANSWERS)
		die("too many answers");
	latencies[answers++] = (now() - c->sent_at) * 1e3;
	if (acknowledged)
		fprintf(acknowledged, "%s\n", c->id);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path)
		die("the path of the socket is too long");
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
		die("connect");
	return fd;
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static double percentile(double part)
{
	return answers ? latencies[(size_t)((answers - 1) * part)] : 0;
}

static int serve(int poll, double end)
{
	struct epoll_event ready[64];
	int finished = 0;
	int count = epoll_wait(poll, ready, 64, 10000);
	if (count == 0)
		die("no answer for 10 s");
	for (int i = 0; i < count; i++) {
		struct connection *c = ready[i].data.ptr;
		ssize_t got = read(c->fd, c->reply + c->reply_length, REPLY_BYTES - 1 - c->reply_length);
		if (got <= 0)
			die("the server closed the connection");
		c->reply_length += got;
		if (!is_answered(c))
			continue;
		note_answer(c);
		if (now() < end)
			send_next(c);
		else
			finished++;
	}
	return finished;
}

static void load(const char *path, int count, double seconds)
{
	static struct connection connections[MAX_CONNECTIONS];
	int poll = epoll_create1(0), finished = 0;
	for (int i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
		connections[i].fd = connect_to(path);
		epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event);
	}
	double began = now();
	for (int i = 0; i < count; i++)
		send_next(&connections[i]);
	while (finished < count)
		finished += serve(poll, began + seconds);
	double took = now() - began;
	qsort(latencies, answers, sizeof *latencies, by_size);
	printf("%.0f %zu %.2f %.2f %.2f\n", answers / took, answers, percentile(0.5), percentile(0.99), percentile(1));
}

static void measure_disk(const char *path)
{
	static char page[4096];
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	if (fd < 0)
		die(path);
	for (answers = 0; answers < 400;) {
		double began = now();
		if (write(fd, page, sizeof page) != sizeof page || fdatasync(fd))
			die("write to the disk");
		latencies[answers++] = (now() - began) * 1e3;
	}
	qsort(latencies, answers, sizeof *latencies, by_size);
	printf("%.2f %.2f\n", percentile(0.5), percentile(0.99));
}

int main(int argc, char **argv)
{
	latencies = malloc(sizeof *latencies * MAX_ANSWERS);
	if (!latencies)
		die("memory");
	if (argc == 3 && !strcmp(argv[1], "disk")) {
		measure_disk(argv[2]);
		return 0;
	}
	if (argc < 6) {
		fputs("usage: load http|beanstalkd SOCKET CONNECTIONS SECONDS RUN|same [ACKNOWLEDGED]\n       load disk FILE\n", stderr);
		return 64;
	}
	is_http = !strcmp(argv[1], "http");
	is_same = !strcmp(argv[5], "same");
	random_state = strtoull(argv[5], NULL, 10) * 0x2545f4914f6cdd1du;
	int count = atoi(argv[3]);
	if (count < 1 || count > MAX_CONNECTIONS)
		die("1 to 1024 connections");
	if (argc > 6 && !(acknowledged = fopen(argv[6], "a")))
		die(argv[6]);
	load(argv[2], count, atof(argv[4]));
	return acknowledged && fclose(acknowledged) ? 1 : 0;
}
