/* What Swift cannot call of SQLite: functions with a variable number of arguments. */
#ifndef CSTORAGE_H
#define CSTORAGE_H

/* Lets SQLite allocate without counting. To be called before anything else of SQLite in the process: returns SQLITE_OK, or
 * SQLITE_MISUSE if SQLite is in use already, and then nothing has changed. */
int storage_turn_memory_statistics_off(void);

#endif
