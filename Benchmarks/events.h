/* The events that all contestants are given: the same bytes for the same numbers.
 *
 * A checkout's body has BODY_BYTES, whatever its id is. Ids have 36 characters and are either rising, as shops count, or
 * random UUIDs, which reach all over an index. Each checkout has an address of its own, and addresses are random in both
 * cases. */
#ifndef EVENTS_H
#define EVENTS_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ID_BYTES = 37, EMAIL_BYTES = 33, BODY_BYTES = 300, EVENT_BYTES = 2048 };

struct event {
	char id[ID_BYTES];
	char email[EMAIL_BYTES];
};

/* splitmix64: the number's own random number. */
static inline uint64_t mixed(uint64_t number)
{
	uint64_t z = number * 0x9e3779b97f4a7c15u + 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* The event of that number. Numbers of different seeds are different: a seed has room for 2^40 of them. */
static inline struct event event_of(uint64_t seed, uint64_t number, int is_random)
{
	struct event event;
	uint64_t a = mixed(seed << 40 | number), b = mixed(~(seed << 40 | number));
	if (is_random)
		snprintf(event.id, sizeof event.id, "%08x-%04x-4%03x-a%03x-%012" PRIx64, (unsigned)(a >> 32),
			(unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff, (unsigned)(b >> 48) & 0xfff,
			b & (uint64_t)0xffffffffffff);
	else
		snprintf(event.id, sizeof event.id, "checkout-%07u-%019" PRIu64, (unsigned)(seed % 10000000),
			number & (uint64_t)0xffffffffff);
	snprintf(event.email, sizeof event.email, "shopper%013" PRIx64 "@example.com", a & (uint64_t)0xfffffffffffff);
	return event;
}

/* Writes the checkout as JSON, filled up to BODY_BYTES; `type` is what comes first in the object, or "". `occurred_at`
 * may be "". Returns its length. */
static inline int write_checkout(char *to, const struct event *event, const char *type, const char *more)
{
	char whole[EVENT_BYTES];
	int length = snprintf(whole, sizeof whole,
		"{%s\"checkout_id\":\"%s\",\"email\":\"%s\",\"name\":\"Ann Example\",\"locale\":\"en-GB\",%s"
		"\"url\":\"https://shop.example/checkout/1\",\"items\":[{\"name\":\"Blue mug\",\"quantity\":2,"
		"\"price\":\"12.50\"}],\"total\":\"25.00\",\"currency\":\"EUR\"",
		type, event->id, event->email, more);
	int wanted = BODY_BYTES + (int)strlen(type) + (int)strlen(more);
	int filler = wanted - length - (int)strlen(",\"metadata\":\"\"}");
	return snprintf(to, EVENT_BYTES, "%s,\"metadata\":\"%0*d\"}", whole, filler, 0);
}

static inline int write_order(char *to, const struct event *event)
{
	return snprintf(to, EVENT_BYTES,
		"{\"order_id\":\"order-%s\",\"checkout_id\":\"%s\",\"email\":\"%s\",\"total\":\"25.00\",\"currency\":\"EUR\"}",
		event->id, event->id, event->email);
}

#endif
