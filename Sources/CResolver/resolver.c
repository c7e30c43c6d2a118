// Swift cannot call glibc's resolver by itself: its state is a struct of bit fields, its functions are macros.
#define _DEFAULT_SOURCE
#include "CResolver.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

static int direct(struct __res_state *state, const char *server, uint16_t port) {
  struct sockaddr_in *first = &state->nsaddr_list[0];
  memset(first, 0, sizeof *first);
  first->sin_family = AF_INET;
  first->sin_port = htons(port);
  state->nscount = 1;
  return inet_pton(AF_INET, server, &first->sin_addr) == 1;
}

static int outcome(int error) {
  switch (error) {
  case HOST_NOT_FOUND: return CRESOLVER_NO_NAME;
  case NO_DATA: return CRESOLVER_NO_DATA;
  case TRY_AGAIN: return CRESOLVER_FAILED;
  case NO_RECOVERY: return CRESOLVER_REFUSED;
  default: return CRESOLVER_UNUSABLE;
  }
}

int cresolver_ask(const char *name, uint16_t type, const char *server, uint16_t port, int seconds, int tries,
                  uint8_t *answer, size_t capacity, size_t *length) {
  struct __res_state state;
  memset(&state, 0, sizeof state);
  *length = 0;
  if (res_ninit(&state) != 0) return CRESOLVER_UNUSABLE;
  if (server != NULL && !direct(&state, server, port)) {
    res_nclose(&state);
    return CRESOLVER_UNUSABLE;
  }
  state.retrans = seconds;
  state.retry = tries;
  int count = res_nquery(&state, name, ns_c_in, type, answer, (int)capacity);
  int result = count < 0 ? outcome(state.res_h_errno) : CRESOLVER_ANSWERED;
  res_nclose(&state);
  if (count > 0) *length = (size_t)count < capacity ? (size_t)count : capacity;
  return result;
}

int cresolver_count(const uint8_t *answer, size_t length) {
  ns_msg message;
  if (ns_initparse(answer, (int)length, &message) != 0) return -1;
  return ns_msg_count(message, ns_s_an);
}

static int read_strings(const ns_rr *rr, struct cresolver_record *record, uint8_t *text, size_t capacity) {
  const uint8_t *data = ns_rr_rdata(*rr);
  size_t left = ns_rr_rdlen(*rr);
  while (left > 0) {
    size_t count = *data;
    if (count + 1 > left || record->length + count > capacity) return -1;
    memcpy(text + record->length, data + 1, count);
    record->length += count;
    data += count + 1;
    left -= count + 1;
  }
  return 0;
}

static int read_name(const ns_msg *message, const uint8_t *from, struct cresolver_record *record, uint8_t *text,
                     size_t capacity) {
  char name[NS_MAXDNAME];
  if (ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message), from, name, sizeof name) < 0) return -1;
  record->length = strlen(name);
  if (record->length > capacity) return -1;
  memcpy(text, name, record->length);
  return 0;
}

int cresolver_read(const uint8_t *answer, size_t length, int number, struct cresolver_record *record, uint8_t *text,
                   size_t capacity) {
  ns_msg message;
  ns_rr rr;
  record->preference = 0;
  record->length = 0;
  if (ns_initparse(answer, (int)length, &message) != 0) return -1;
  if (ns_parserr(&message, ns_s_an, number, &rr) != 0) return -1;
  record->type = ns_rr_type(rr);
  switch (record->type) {
  case ns_t_txt: return read_strings(&rr, record, text, capacity);
  case ns_t_cname: return read_name(&message, ns_rr_rdata(rr), record, text, capacity);
  case ns_t_mx:
    if (ns_rr_rdlen(rr) < 3) return -1;
    record->preference = ns_get16(ns_rr_rdata(rr));
    return read_name(&message, ns_rr_rdata(rr) + 2, record, text, capacity);
  default: return 0;
  }
}
