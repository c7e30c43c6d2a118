// For RTLD_NEXT.
#define _GNU_SOURCE

#include "disk_shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// How many kinds of operations there are: the bits of DISK_SHIM_ALL.
enum { kinds_count = 13 };
/// What of a write that fails partially reaches the file: whole sectors of this size, half of them.
enum { sector_bytes = 512 };

typedef struct disk {
  struct disk *next;
  char *folder;
  pthread_mutex_t lock;
  // All below is read and written with the lock held.
  bool is_detached;
  size_t open_files;
  bool is_armed;
  disk_shim_fault fault;
  /// Operations of the fault's kinds since it was armed.
  uint64_t matched;
  uint64_t injected;
  uint64_t counts[kinds_count];
  bool is_recording;
  disk_shim_operation *operations;
  size_t operations_count;
  size_t operations_room;
  char **names;
  uint32_t names_count;
} disk;

/// An open file: SQLite's view of it, and behind it in memory the one of the VFS below.
typedef struct {
  sqlite3_file base;
  /// NULL for a file of no watched folder.
  disk *disk;
  uint32_t number;
  /// Whether the VFS below syncs the folder too when it next syncs this file.
  bool syncs_folder;
} shim_file;

static sqlite3_vfs *below;
static sqlite3_vfs shim;
static disk *disks;
/// How many there are: where nothing is watched, nothing is looked up.
static atomic_int disks_count;
/// SQLite's VFS is at work in this thread: what it calls is counted and recorded as what it was asked to do.
static _Thread_local bool is_below;
static pthread_mutex_t disks_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool skips_waits;

static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((shim_file *)file + 1); }

static void fatal_if(bool is_out_of_memory) {
  if (is_out_of_memory) abort();
}

// MARK: - Disks

static void clear_record(disk *disk) {
  for (size_t index = 0; index < disk->operations_count; index++) free((void *)disk->operations[index].bytes);
  free(disk->operations);
  disk->operations = NULL;
  disk->operations_count = 0;
  disk->operations_room = 0;
}

static void free_disk(disk *disk) {
  clear_record(disk);
  for (uint32_t index = 0; index < disk->names_count; index++) free(disk->names[index]);
  free(disk->names);
  free(disk->folder);
  pthread_mutex_destroy(&disk->lock);
  free(disk);
}

/// The name of a path within a folder, empty for the folder itself; NULL if it lies elsewhere.
static const char *name_within(const char *folder, const char *path) {
  size_t length = strlen(folder);
  if (strcmp(folder, path) == 0) return path + length;
  if (strncmp(path, folder, length) != 0 || path[length] != '/') return NULL;
  const char *name = path + length + 1;
  return strchr(name, '/') == NULL ? name : NULL;
}

/// The disk that a path lies on, with its lock held; NULL if it lies on none.
static disk *locked_disk(const char *path) {
  if (path == NULL) return NULL;
  pthread_mutex_lock(&disks_lock);
  disk *found = disks;
  while (found != NULL && name_within(found->folder, path) == NULL) found = found->next;
  if (found != NULL) pthread_mutex_lock(&found->lock);
  pthread_mutex_unlock(&disks_lock);
  return found;
}

static int bit_number(uint32_t kind) {
  int number = 0;
  while (kind >> (number + 1)) number++;
  return number;
}

/// Counts an operation; answers SQLITE_OK, or the code that it is to fail with. The lock is held.
static int count_operation(disk *disk, uint32_t kind) {
  if (disk->is_detached) return SQLITE_OK;
  disk->counts[bit_number(kind)]++;
  if (!disk->is_armed || !(disk->fault.kinds & kind)) return SQLITE_OK;
  disk->matched++;
  bool fails = disk->fault.for_good ? disk->matched >= disk->fault.nth : disk->matched == disk->fault.nth;
  if (!fails) return SQLITE_OK;
  disk->injected++;
  return disk->fault.code;
}

/// The number of a name in the record. The lock is held.
static uint32_t number_of(disk *disk, const char *name) {
  for (uint32_t index = 0; index < disk->names_count; index++) {
    if (strcmp(disk->names[index], name) == 0) return index;
  }
  disk->names = realloc(disk->names, (disk->names_count + 1) * sizeof *disk->names);
  fatal_if(disk->names == NULL);
  disk->names[disk->names_count] = strdup(name);
  fatal_if(disk->names[disk->names_count] == NULL);
  return disk->names_count++;
}

/// Appends to the record, with a copy of the bytes. The lock is held.
static void record(disk *disk, disk_shim_operation operation) {
  if (disk->is_detached || !disk->is_recording) return;
  if (disk->operations_count == disk->operations_room) {
    disk->operations_room = disk->operations_room == 0 ? 1024 : 2 * disk->operations_room;
    disk->operations = realloc(disk->operations, disk->operations_room * sizeof *disk->operations);
    fatal_if(disk->operations == NULL);
  }
  if (operation.size > 0) {
    uint8_t *copy = malloc(operation.size);
    fatal_if(copy == NULL);
    memcpy(copy, operation.bytes, operation.size);
    operation.bytes = copy;
  }
  disk->operations[disk->operations_count++] = operation;
}

/// Counts an operation that leaves no record.
static int pass(shim_file *file, uint32_t kind) {
  if (file->disk == NULL) return SQLITE_OK;
  pthread_mutex_lock(&file->disk->lock);
  int code = count_operation(file->disk, kind);
  pthread_mutex_unlock(&file->disk->lock);
  return code;
}

// MARK: - Files

static int shim_close(sqlite3_file *base) {
  shim_file *file = (shim_file *)base;
  int code = real(base)->pMethods->xClose(real(base));
  disk *disk = file->disk;
  if (disk == NULL) return code;
  file->disk = NULL;
  pthread_mutex_lock(&disk->lock);
  disk->open_files--;
  bool is_last = disk->is_detached && disk->open_files == 0;
  pthread_mutex_unlock(&disk->lock);
  if (is_last) free_disk(disk);
  return code;
}

static int shim_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset) {
  int code = pass((shim_file *)base, DISK_SHIM_READ);
  if (code != SQLITE_OK) {
    memset(buffer, 0, (size_t)amount);
    return code;
  }
  return real(base)->pMethods->xRead(real(base), buffer, amount, offset);
}

/// Writes, and records what was written: all of it, a part, or nothing. The lock is held, so that the record has the
/// order of the file.
static int write_locked(shim_file *file, const void *bytes, int amount, sqlite3_int64 offset) {
  sqlite3_file *base = &file->base;
  int code = count_operation(file->disk, DISK_SHIM_WRITE);
  int written = amount;
  if (code != SQLITE_OK) {
    written = file->disk->fault.is_partial ? amount / sector_bytes / 2 * sector_bytes : 0;
    if (written == 0) return code;
  }
  int actual = real(base)->pMethods->xWrite(real(base), bytes, written, offset);
  if (actual != SQLITE_OK) return actual;
  record(file->disk, (disk_shim_operation){
    .kind = DISK_SHIM_WRITE, .file = file->number, .offset = offset, .bytes = bytes, .size = (size_t)written});
  return code;
}

static int shim_write(sqlite3_file *base, const void *bytes, int amount, sqlite3_int64 offset) {
  shim_file *file = (shim_file *)base;
  if (file->disk == NULL) return real(base)->pMethods->xWrite(real(base), bytes, amount, offset);
  pthread_mutex_lock(&file->disk->lock);
  int code = write_locked(file, bytes, amount, offset);
  pthread_mutex_unlock(&file->disk->lock);
  return code;
}

static int shim_truncate(sqlite3_file *base, sqlite3_int64 size) {
  shim_file *file = (shim_file *)base;
  if (file->disk == NULL) return real(base)->pMethods->xTruncate(real(base), size);
  pthread_mutex_lock(&file->disk->lock);
  int code = count_operation(file->disk, DISK_SHIM_TRUNCATE);
  if (code == SQLITE_OK) code = real(base)->pMethods->xTruncate(real(base), size);
  if (code == SQLITE_OK) {
    record(file->disk, (disk_shim_operation){.kind = DISK_SHIM_TRUNCATE, .file = file->number, .offset = size});
  }
  pthread_mutex_unlock(&file->disk->lock);
  return code;
}

static int shim_sync(sqlite3_file *base, int flags) {
  shim_file *file = (shim_file *)base;
  if (file->disk == NULL) return real(base)->pMethods->xSync(real(base), flags);
  pthread_mutex_lock(&file->disk->lock);
  disk_shim_operation operation = {.kind = DISK_SHIM_SYNC, .file = file->number};
  int code = count_operation(file->disk, DISK_SHIM_SYNC);
  if (code == SQLITE_OK) {
    is_below = true;
    code = real(base)->pMethods->xSync(real(base), flags);
    is_below = false;
  }
  if (code != SQLITE_OK) {
    operation.flags = DISK_SHIM_FAILED;
  } else if (file->syncs_folder) {
    operation.flags = DISK_SHIM_SYNCS_FOLDER;
    file->syncs_folder = false;
  }
  record(file->disk, operation);
  pthread_mutex_unlock(&file->disk->lock);
  return code;
}

static int shim_file_size(sqlite3_file *base, sqlite3_int64 *size) {
  int code = pass((shim_file *)base, DISK_SHIM_SIZE);
  return code == SQLITE_OK ? real(base)->pMethods->xFileSize(real(base), size) : code;
}

static int shim_lock(sqlite3_file *base, int level) {
  int code = pass((shim_file *)base, DISK_SHIM_LOCK);
  return code == SQLITE_OK ? real(base)->pMethods->xLock(real(base), level) : code;
}

static int shim_unlock(sqlite3_file *base, int level) {
  int code = pass((shim_file *)base, DISK_SHIM_UNLOCK);
  return code == SQLITE_OK ? real(base)->pMethods->xUnlock(real(base), level) : code;
}

static int shim_check_reserved_lock(sqlite3_file *base, int *is_taken) {
  int code = pass((shim_file *)base, DISK_SHIM_LOCK);
  return code == SQLITE_OK ? real(base)->pMethods->xCheckReservedLock(real(base), is_taken) : code;
}

static int shim_file_control(sqlite3_file *base, int verb, void *argument) {
  return real(base)->pMethods->xFileControl(real(base), verb, argument);
}

static int shim_sector_size(sqlite3_file *base) { return real(base)->pMethods->xSectorSize(real(base)); }

static int shim_device_characteristics(sqlite3_file *base) {
  return real(base)->pMethods->xDeviceCharacteristics(real(base));
}

static int shim_shm_map(sqlite3_file *base, int region, int size, int extends, void volatile **memory) {
  int code = pass((shim_file *)base, DISK_SHIM_SHM_MAP);
  if (code != SQLITE_OK) {
    *memory = NULL;
    return code;
  }
  return real(base)->pMethods->xShmMap(real(base), region, size, extends, memory);
}

static int shim_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
  int code = flags & SQLITE_SHM_LOCK ? pass((shim_file *)base, DISK_SHIM_SHM_LOCK) : SQLITE_OK;
  return code == SQLITE_OK ? real(base)->pMethods->xShmLock(real(base), offset, count, flags) : code;
}

static void shim_shm_barrier(sqlite3_file *base) { real(base)->pMethods->xShmBarrier(real(base)); }

static int shim_shm_unmap(sqlite3_file *base, int deletes) {
  is_below = true;
  int code = real(base)->pMethods->xShmUnmap(real(base), deletes);
  is_below = false;
  return code;
}

/// No memory mapping, so that each read is one.
static int shim_fetch(sqlite3_file *base, sqlite3_int64 offset, int amount, void **memory) {
  (void)base, (void)offset, (void)amount;
  *memory = NULL;
  return SQLITE_OK;
}

static int shim_unfetch(sqlite3_file *base, sqlite3_int64 offset, void *memory) {
  (void)base, (void)offset, (void)memory;
  return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
  .iVersion = 3,
  .xClose = shim_close,
  .xRead = shim_read,
  .xWrite = shim_write,
  .xTruncate = shim_truncate,
  .xSync = shim_sync,
  .xFileSize = shim_file_size,
  .xLock = shim_lock,
  .xUnlock = shim_unlock,
  .xCheckReservedLock = shim_check_reserved_lock,
  .xFileControl = shim_file_control,
  .xSectorSize = shim_sector_size,
  .xDeviceCharacteristics = shim_device_characteristics,
  .xShmMap = shim_shm_map,
  .xShmLock = shim_shm_lock,
  .xShmBarrier = shim_shm_barrier,
  .xShmUnmap = shim_shm_unmap,
  .xFetch = shim_fetch,
  .xUnfetch = shim_unfetch,
};

// MARK: - The VFS

/// Opens a file of a disk whose lock is held.
static int open_locked(disk *disk, const char *path, shim_file *file, int flags, int *out_flags) {
  int code = count_operation(disk, DISK_SHIM_OPEN);
  if (code != SQLITE_OK) return code;
  is_below = true;
  code = below->xOpen(below, path, real(&file->base), flags, out_flags);
  is_below = false;
  if (code != SQLITE_OK) return code;
  file->number = number_of(disk, name_within(disk->folder, path));
  int synced = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  file->syncs_folder = (flags & SQLITE_OPEN_CREATE) && (flags & synced);
  file->disk = disk;
  disk->open_files++;
  record(disk, (disk_shim_operation){.kind = DISK_SHIM_OPEN, .file = file->number});
  return SQLITE_OK;
}

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out_flags) {
  (void)vfs;
  shim_file *file = (shim_file *)base;
  memset(file, 0, sizeof *file);
  real(base)->pMethods = NULL;
  disk *disk = locked_disk(path);
  int code;
  if (disk != NULL) {
    code = open_locked(disk, path, file, flags, out_flags);
    pthread_mutex_unlock(&disk->lock);
  } else {
    code = below->xOpen(below, path, real(base), flags, out_flags);
  }
  base->pMethods = real(base)->pMethods != NULL && code == SQLITE_OK ? &methods : NULL;
  return code;
}

static int shim_delete(sqlite3_vfs *vfs, const char *path, int syncs_folder) {
  (void)vfs;
  disk *disk = locked_disk(path);
  if (disk == NULL) return below->xDelete(below, path, syncs_folder);
  int code = count_operation(disk, DISK_SHIM_DELETE);
  if (code == SQLITE_OK) {
    is_below = true;
    code = below->xDelete(below, path, syncs_folder);
    is_below = false;
  }
  if (code == SQLITE_OK) {
    record(disk, (disk_shim_operation){
      .kind = DISK_SHIM_DELETE,
      .flags = syncs_folder ? DISK_SHIM_SYNCS_FOLDER : 0,
      .file = number_of(disk, name_within(disk->folder, path))});
  }
  pthread_mutex_unlock(&disk->lock);
  return code;
}

static int shim_access(sqlite3_vfs *vfs, const char *path, int question, int *answer) {
  (void)vfs;
  disk *disk = locked_disk(path);
  if (disk == NULL) return below->xAccess(below, path, question, answer);
  int code = count_operation(disk, DISK_SHIM_ACCESS);
  pthread_mutex_unlock(&disk->lock);
  return code == SQLITE_OK ? below->xAccess(below, path, question, answer) : code;
}

static int shim_full_path(sqlite3_vfs *vfs, const char *path, int room, char *full) {
  (void)vfs;
  return below->xFullPathname(below, path, room, full);
}

static int shim_randomness(sqlite3_vfs *vfs, int amount, char *bytes) {
  (void)vfs;
  return below->xRandomness(below, amount, bytes);
}

static int shim_sleep(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return atomic_load(&skips_waits) ? microseconds : below->xSleep(below, microseconds);
}

static int shim_time(sqlite3_vfs *vfs, double *days) {
  (void)vfs;
  return below->xCurrentTime(below, days);
}

static int shim_last_error(sqlite3_vfs *vfs, int room, char *text) {
  (void)vfs;
  return below->xGetLastError(below, room, text);
}

static int shim_time_int64(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
  (void)vfs;
  return below->xCurrentTimeInt64(below, milliseconds);
}

// MARK: - Beside SQLite

/// The disk that a path or descriptor lies on, with its lock held, and its number there; NULL if nobody watches it, or if it
/// is the VFS below that asks.
static disk *watched(const char *path, uint32_t *number) {
  if (is_below || atomic_load(&disks_count) == 0) return NULL;
  disk *disk = locked_disk(path);
  if (disk != NULL) *number = number_of(disk, name_within(disk->folder, path));
  return disk;
}

static disk *watched_descriptor(int descriptor, uint32_t *number) {
  if (is_below || atomic_load(&disks_count) == 0) return NULL;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return NULL;
  path[length] = 0;
  return watched(path, number);
}

/// Records what was done, gives the lock back, and answers as a system call does.
static int settle(disk *disk, int answer, disk_shim_operation operation) {
  int why = errno;
  if (answer == 0 || operation.kind == DISK_SHIM_SYNC) record(disk, operation);
  pthread_mutex_unlock(&disk->lock);
  errno = why;
  return answer;
}

/// Whether the operation is to fail; then errno says so.
static bool fails(disk *disk, uint32_t kind) {
  if (count_operation(disk, kind) == SQLITE_OK) return false;
  errno = EIO;
  return true;
}

/// Takes the place of the C library's: of a folder, it makes its entries durable.
int fsync(int descriptor) {
  int (*next)(int);
  *(void **)&next = dlsym(RTLD_NEXT, "fsync");
  uint32_t number;
  disk *disk = watched_descriptor(descriptor, &number);
  if (disk == NULL) return next(descriptor);
  int answer = fails(disk, DISK_SHIM_SYNC) ? -1 : next(descriptor);
  bool is_folder = disk->names[number][0] == 0;
  uint32_t flags = answer != 0 ? DISK_SHIM_FAILED : is_folder ? DISK_SHIM_SYNCS_FOLDER : 0;
  return settle(disk, answer, (disk_shim_operation){.kind = DISK_SHIM_SYNC, .flags = flags, .file = number});
}

/// Takes the place of the C library's.
int link(const char *from, const char *to) {
  int (*next)(const char *, const char *);
  *(void **)&next = dlsym(RTLD_NEXT, "link");
  uint32_t number;
  disk *disk = watched(to, &number);
  if (disk == NULL) return next(from, to);
  const char *name = name_within(disk->folder, from);
  disk_shim_operation operation = {.kind = DISK_SHIM_LINK, .file = number};
  if (name != NULL) operation.source = number_of(disk, name);
  return settle(disk, fails(disk, DISK_SHIM_LINK) ? -1 : next(from, to), operation);
}

/// Takes the place of the C library's.
int unlink(const char *path) {
  int (*next)(const char *);
  *(void **)&next = dlsym(RTLD_NEXT, "unlink");
  uint32_t number;
  disk *disk = watched(path, &number);
  if (disk == NULL) return next(path);
  disk_shim_operation operation = {.kind = DISK_SHIM_DELETE, .file = number};
  return settle(disk, fails(disk, DISK_SHIM_DELETE) ? -1 : next(path), operation);
}

static pthread_mutex_t install_lock = PTHREAD_MUTEX_INITIALIZER;
static int installs;

/// The VFS below is the one that is found first, and stays it.
static int prepare(void) {
  int code = sqlite3_initialize();
  if (code != SQLITE_OK || below != NULL) return code;
  below = sqlite3_vfs_find(NULL);
  shim = (sqlite3_vfs){
    .iVersion = 2,
    .szOsFile = (int)sizeof(shim_file) + below->szOsFile,
    .mxPathname = below->mxPathname,
    .zName = "disk-shim",
    .xOpen = shim_open,
    .xDelete = shim_delete,
    .xAccess = shim_access,
    .xFullPathname = shim_full_path,
    .xRandomness = shim_randomness,
    .xSleep = shim_sleep,
    .xCurrentTime = shim_time,
    .xGetLastError = shim_last_error,
    .xCurrentTimeInt64 = shim_time_int64,
  };
  return SQLITE_OK;
}

int disk_shim_install(void) {
  pthread_mutex_lock(&install_lock);
  int code = prepare();
  if (code == SQLITE_OK) code = sqlite3_vfs_register(&shim, 1);
  if (code == SQLITE_OK) installs++;
  pthread_mutex_unlock(&install_lock);
  return code;
}

void disk_shim_uninstall(void) {
  pthread_mutex_lock(&install_lock);
  if (installs > 0 && --installs == 0) sqlite3_vfs_register(below, 1);
  pthread_mutex_unlock(&install_lock);
}

void disk_shim_skip_waits(bool skips) { atomic_store(&skips_waits, skips); }

// MARK: - What tests ask for

disk_shim disk_shim_attach(const char *folder) {
  disk *made = calloc(1, sizeof *made);
  fatal_if(made == NULL);
  made->folder = strdup(folder);
  fatal_if(made->folder == NULL);
  pthread_mutex_init(&made->lock, NULL);
  pthread_mutex_lock(&disks_lock);
  made->next = disks;
  disks = made;
  atomic_fetch_add(&disks_count, 1);
  pthread_mutex_unlock(&disks_lock);
  return (disk_shim)made;
}

void disk_shim_detach(disk_shim handle) {
  disk *gone = (disk *)handle;
  pthread_mutex_lock(&disks_lock);
  disk **link = &disks;
  while (*link != NULL && *link != gone) link = &(*link)->next;
  if (*link != NULL) {
    *link = gone->next;
    atomic_fetch_sub(&disks_count, 1);
  }
  pthread_mutex_unlock(&disks_lock);
  pthread_mutex_lock(&gone->lock);
  gone->is_detached = true;
  clear_record(gone);
  bool is_last = gone->open_files == 0;
  pthread_mutex_unlock(&gone->lock);
  if (is_last) free_disk(gone);
}

void disk_shim_arm(disk_shim handle, disk_shim_fault fault) {
  disk *disk = (struct disk *)handle;
  pthread_mutex_lock(&disk->lock);
  disk->fault = fault;
  disk->is_armed = true;
  disk->matched = 0;
  disk->injected = 0;
  memset(disk->counts, 0, sizeof disk->counts);
  pthread_mutex_unlock(&disk->lock);
}

void disk_shim_disarm(disk_shim handle) {
  disk *disk = (struct disk *)handle;
  pthread_mutex_lock(&disk->lock);
  disk->is_armed = false;
  pthread_mutex_unlock(&disk->lock);
}

uint64_t disk_shim_count(disk_shim handle, uint32_t kinds) {
  disk *disk = (struct disk *)handle;
  uint64_t sum = 0;
  pthread_mutex_lock(&disk->lock);
  for (int number = 0; number < kinds_count; number++) {
    if (kinds & (1u << number)) sum += disk->counts[number];
  }
  pthread_mutex_unlock(&disk->lock);
  return sum;
}

uint64_t disk_shim_injected(disk_shim handle) {
  disk *disk = (struct disk *)handle;
  pthread_mutex_lock(&disk->lock);
  uint64_t injected = disk->injected;
  pthread_mutex_unlock(&disk->lock);
  return injected;
}

void disk_shim_record(disk_shim handle) {
  disk *disk = (struct disk *)handle;
  pthread_mutex_lock(&disk->lock);
  clear_record(disk);
  disk->is_recording = true;
  pthread_mutex_unlock(&disk->lock);
}

size_t disk_shim_position(disk_shim handle) {
  disk *disk = (struct disk *)handle;
  pthread_mutex_lock(&disk->lock);
  size_t position = disk->operations_count;
  pthread_mutex_unlock(&disk->lock);
  return position;
}

disk_shim_operation disk_shim_recorded(disk_shim handle, size_t index) {
  disk *disk = (struct disk *)handle;
  pthread_mutex_lock(&disk->lock);
  disk_shim_operation operation = {0};
  if (index < disk->operations_count) operation = disk->operations[index];
  pthread_mutex_unlock(&disk->lock);
  return operation;
}

const char *disk_shim_file_name(disk_shim handle, uint32_t file) {
  disk *disk = (struct disk *)handle;
  pthread_mutex_lock(&disk->lock);
  const char *name = file < disk->names_count ? disk->names[file] : NULL;
  pthread_mutex_unlock(&disk->lock);
  return name;
}

uint64_t disk_shim_hash(const void *bytes, size_t size, uint64_t seed) {
  const uint8_t *rest = bytes;
  uint64_t hash = seed ^ (size * 0x9e3779b97f4a7c15u);
  for (; size >= sizeof hash; rest += sizeof hash, size -= sizeof hash) {
    uint64_t word;
    memcpy(&word, rest, sizeof word);
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  for (; size > 0; rest++, size--) hash = (hash ^ *rest) * 0x100000001b3u;
  return hash ^ (hash >> 29);
}
