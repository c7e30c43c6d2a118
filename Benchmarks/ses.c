/* A mail server that speaks as Amazon SES v2 does, takes every letter at once, and remembers when each came.
 *
 *   ses LOG
 *
 * Listens on 127.0.0.1 and says on stdout at which port. For each POST a line goes to LOG: the wall clock's nanoseconds when
 * the first byte of the request was read, and the address that the letter is for. Two paths are for whoever measures:
 *   GET /count   answers how many letters came
 *   GET /flush   answers the same, once all lines are in LOG
 *
 * One thread, and no more work for a letter than that, so that what is measured is who sends. It ends with SIGTERM. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 17, ANSWER_BYTES = 512, EVENTS = 256, BACKLOG = 1024 };

struct connection {
	int fd;
	size_t length;
	/* When the first byte of what is in the buffer came. */
	uint64_t began;
	char buffer[BUFFER_BYTES];
};

static FILE *file;
static uint64_t letters;

static void die(const char *what)
{
	fprintf(stderr, "ses: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t wall_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

static int listen_anywhere(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || listen(fd, BACKLOG))
		die("listen");
	if (getsockname(fd, (struct sockaddr *)&address, &length))
		die("getsockname");
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

/* The length of the whole request at the start of the buffer, its body's start in `body`; 0 if it is not whole. */
static size_t request_length(const struct connection *c, char **body)
{
	char *end = memmem(c->buffer, c->length, "\r\n\r\n", 4);
	if (!end)
		return 0;
	*body = end + 4;
	char *header = strcasestr(c->buffer, "content-length:");
	size_t whole = *body - c->buffer;
	if (header && header < end)
		whole += strtoul(header + strlen("content-length:"), NULL, 10);
	if (whole >= BUFFER_BYTES) {
		errno = EMSGSIZE;
		die("request");
	}
	return c->length >= whole ? whole : 0;
}

/* Writes down whom the letter is for: the first text in the list ToAddresses. */
static void note_letter(uint64_t began, const char *body, size_t length)
{
	static const char key[] = "\"ToAddresses\"";
	const char *from = memmem(body, length, key, sizeof key - 1);
	const char *end = body + length;
	letters++;
	from = from ? memchr(from + sizeof key - 1, '"', end - from - (sizeof key - 1)) : NULL;
	const char *to = from ? memchr(from + 1, '"', end - from - 1) : NULL;
	if (to)
		fprintf(file, "%" PRIu64 " %.*s\n", began, (int)(to - from - 1), from + 1);
	else
		fprintf(file, "%" PRIu64 " ?\n", began);
}

static void answer(struct connection *c, const char *body, int length)
{
	char text[ANSWER_BYTES];
	int whole = snprintf(text, sizeof text,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%.*s", length, length, body);
	if (write(c->fd, text, whole) != whole) {
		/* Whoever sent it has gone: nothing more can be said. */
	}
}

static void take(struct connection *c, char *body, size_t length)
{
	char text[ANSWER_BYTES];
	if (!strncmp(c->buffer, "POST ", 5)) {
		note_letter(c->began, body, length);
		answer(c, text, snprintf(text, sizeof text, "{\"MessageId\":\"%020" PRIu64 "\"}", letters));
		return;
	}
	if (!strncmp(c->buffer, "GET /flush", 10) && fflush(file))
		die("log");
	answer(c, text, snprintf(text, sizeof text, "%" PRIu64, letters));
}

/* 0 once the other side has closed. */
static int serve(struct connection *c)
{
	ssize_t got = read(c->fd, c->buffer + c->length, BUFFER_BYTES - 1 - c->length);
	if (got <= 0)
		return got < 0 && errno == EAGAIN;
	if (c->length == 0)
		c->began = wall_clock();
	c->length += got;
	c->buffer[c->length] = 0;
	char *body;
	for (size_t whole; c->length && (whole = request_length(c, &body)) > 0;) {
		take(c, body, whole - (body - c->buffer));
		memmove(c->buffer, c->buffer + whole, c->length - whole + 1);
		c->length -= whole;
	}
	return 1;
}

static void accept_all(int listener, int poll)
{
	int fd, one = 1;
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct connection *c = malloc(sizeof *c);
		if (!c)
			die("memory");
		c->fd = fd;
		c->length = 0;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
		if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event))
			die("epoll");
	}
}

static volatile sig_atomic_t is_ending;

static void end(int signal)
{
	(void)signal;
	is_ending = 1;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: ses LOG\n", stderr);
		return 64;
	}
	if (!(file = fopen(argv[1], "w")))
		die(argv[1]);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
	signal(SIGPIPE, SIG_IGN);
	int listener = listen_anywhere(), poll = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN});
	while (!is_ending) {
		struct epoll_event ready[EVENTS];
		int count = epoll_wait(poll, ready, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			struct connection *c = ready[i].data.ptr;
			if (!c) {
				accept_all(listener, poll);
			} else if (!serve(c)) {
				close(c->fd);
				free(c);
			}
		}
	}
	return fclose(file) ? 1 : 0;
}
