#ifndef DISK_SHIM_H
#define DISK_SHIM_H

/// A SQLite VFS for tests: it lies over the VFS that was the default before, counts what SQLite does to the files of a
/// folder, makes one of these operations fail, and writes down what changes the folder, so that a test can tell what a
/// loss of power would leave of it.
///
/// fsync(2), link(2) and unlink(2) are watched, too, where this library is linked in, so that a program may sync and name
/// by itself the files that SQLite writes. What concerns no watched folder passes through.
///
/// Each watched folder is a disk of its own, with its own counts, fault and record; any number of them may be watched
/// at a time. Files elsewhere pass through untouched. All functions may be called from any thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Kinds of operations, to be joined with |

#define DISK_SHIM_OPEN 0x0001u
#define DISK_SHIM_READ 0x0002u
#define DISK_SHIM_WRITE 0x0004u
#define DISK_SHIM_TRUNCATE 0x0008u
#define DISK_SHIM_SYNC 0x0010u
#define DISK_SHIM_SIZE 0x0020u
/// A lock on the database file.
#define DISK_SHIM_LOCK 0x0040u
#define DISK_SHIM_UNLOCK 0x0080u
#define DISK_SHIM_DELETE 0x0100u
/// A question whether a file is there.
#define DISK_SHIM_ACCESS 0x0200u
/// A piece of the log's index (`-shm`) is mapped.
#define DISK_SHIM_SHM_MAP 0x0400u
/// A lock in the log's index is taken; giving it back never fails.
#define DISK_SHIM_SHM_LOCK 0x0800u
/// A file gets another name. Not by SQLite: by whoever calls link(2).
#define DISK_SHIM_LINK 0x1000u
#define DISK_SHIM_ALL 0x1fffu

// MARK: Installing

/// Makes the shim, named `disk-shim`, the default VFS of this process until it is uninstalled as often as installed.
///
/// Connections that are open stay with the VFS that they were opened with. The VFS below is there all the time under
/// its own name, `unix`.
///
/// - Returns: SQLITE_OK, or why SQLite would not have it.
int disk_shim_install(void);

/// Takes one `disk_shim_install` back: after the last of them the VFS below is the default again.
void disk_shim_uninstall(void);

/// Lets SQLite's waits for locks pass at once (`true`), so that a busy timeout of seconds is over in no time. For all
/// disks and connections of the shim; false at first.
void disk_shim_skip_waits(bool skips);

/// A watched folder; 0 is none.
typedef uintptr_t disk_shim;

/// Watches the files directly in `folder` (an absolute path without symbolic links and without a slash at the end) that
/// are opened from now on. The folder must not be watched already.
disk_shim disk_shim_attach(const char *folder);

/// Forgets the folder, its record included. Files that are open in it pass through from now on.
void disk_shim_detach(disk_shim disk);

// MARK: Faults

/// What goes wrong.
typedef struct {
  /// The kinds of operations that count.
  uint32_t kinds;
  /// Which of them fails, from 1, counted from the arming.
  uint64_t nth;
  /// Whether all that come after it fail as well.
  bool for_good;
  /// What SQLite is told: SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_BUSY … SQLITE_IOERR_SHORT_READ leaves zeros.
  int code;
  /// For writes: whether a part of the bytes reaches the file all the same.
  bool is_partial;
} disk_shim_fault;

/// Sets the fault of a disk in place of the one before, and counts anew.
void disk_shim_arm(disk_shim disk, disk_shim_fault fault);

/// Takes the fault away; the counts stay as they are and go on.
void disk_shim_disarm(disk_shim disk);

/// How many operations of these kinds there were since the latest arming (or attaching), failed ones included.
uint64_t disk_shim_count(disk_shim disk, uint32_t kinds);

/// How many of them were made to fail.
uint64_t disk_shim_injected(disk_shim disk);

// MARK: The record

/// The sync also made the folder's own entries durable: SQLite's Unix VFS does so with the first sync of a log or
/// journal that it may have made, and with a delete that asks for it.
#define DISK_SHIM_SYNCS_FOLDER 0x1u
/// A sync that failed: what it was to make durable is in doubt for ever.
#define DISK_SHIM_FAILED 0x2u

/// One operation that changed the folder or made it durable, in the order in which they were done: an open that may
/// have made the file, a write, a truncate, a sync, a link or a delete.
typedef struct {
  uint32_t kind;
  uint32_t flags;
  /// Its number in `disk_shim_file_name`. The folder itself has an empty name there.
  uint32_t file;
  /// For a link: the name that the file has already.
  uint32_t source;
  /// Where a write begins; the new size for a truncate.
  int64_t offset;
  /// The bytes of a write; valid until the folder is detached or the record begins anew.
  const uint8_t *bytes;
  size_t size;
} disk_shim_operation;

/// Begins the record anew, and records from now on.
void disk_shim_record(disk_shim disk);

/// How many operations are recorded.
size_t disk_shim_position(disk_shim disk);

/// One of them, from 0; all zero if there is none of that number.
disk_shim_operation disk_shim_recorded(disk_shim disk, size_t index);

/// The name of a file in the folder by its number in the record, from 0; NULL if there is none of that number. Valid
/// until the folder is detached.
const char *disk_shim_file_name(disk_shim disk, uint32_t file);

/// A hash of bytes, for telling images apart; not against malice.
uint64_t disk_shim_hash(const void *bytes, size_t size, uint64_t seed);

#endif
