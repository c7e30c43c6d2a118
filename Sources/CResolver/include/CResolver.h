#ifndef CRESOLVER_H
#define CRESOLVER_H

#include <stddef.h>
#include <stdint.h>

/// How a question to the system's resolver ended.
enum {
  /// There are records of that type.
  CRESOLVER_ANSWERED = 0,
  /// The name does not exist.
  CRESOLVER_NO_NAME = 1,
  /// The name exists, without such records.
  CRESOLVER_NO_DATA = 2,
  /// No server answered, or those that did could not say.
  CRESOLVER_FAILED = 3,
  /// A server refused, or does not understand.
  CRESOLVER_REFUSED = 4,
  /// There is no resolver to ask, or the question is none.
  CRESOLVER_UNUSABLE = 5,
};

/// One record of an answer.
struct cresolver_record {
  uint16_t type;
  /// Of an MX record; else 0.
  uint16_t preference;
  /// Bytes of text: the joined strings of a TXT record, the name in a CNAME or MX record; else 0.
  size_t length;
};

/// Asks for the records of `type` at `name`, and waits for the answer. Threads do not disturb each other.
///
/// `server` is an IPv4 address to ask instead of those in the system's resolv.conf, or NULL; `seconds` is how long each
/// server may take, `tries` how often it is asked over UDP. The answer, at most `capacity` bytes, goes to `answer`.
int cresolver_ask(const char *name, uint16_t type, const char *server, uint16_t port, int seconds, int tries,
                  uint8_t *answer, size_t capacity, size_t *length);

/// The number of records in the answer; -1 if it cannot be read.
int cresolver_count(const uint8_t *answer, size_t length);

/// Reads the record of that number, its text into `text` with at most `capacity` bytes. Returns 0, or -1 if it cannot be
/// read.
int cresolver_read(const uint8_t *answer, size_t length, int number, struct cresolver_record *record, uint8_t *text,
                   size_t capacity);

#endif
