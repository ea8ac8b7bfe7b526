/* SPDX-License-Identifier: BSD-3-Clause
 * HDF5 with our errors: thin wrappers that check every call, keep HDF5 silent while they run, and
 * put its innermost message behind ours ("data.h5: /x: cannot read [0, 0] + [3, 4]: ...").
 *
 * Objects are plain hid_t. A message names file and object by itself, so sentences need not.
 * Failing wrappers give RITZ_ERR_IO (operating system), RITZ_ERR_FORMAT (the file is not what was
 * expected), RITZ_ERR_NOT_FOUND (a name) or RITZ_ERR_SHAPE; results are then invalid ids or NULL.
 * Closing functions accept an invalid id and clear it, so one `done:` serves every path. */
#ifndef RITZ_IO_H5_H
#define RITZ_IO_H5_H

/* Newer HDF5 keeps the calls of 1.10 under this name. */
#define H5_USE_110_API
#include <hdf5.h>
#include <ritz/status.h>

/* HDF5's own error printing of this thread, switched off between begin and end; scopes nest. */
typedef struct ritz_h5_quiet {
  H5E_auto2_t print;
  void *data;
} ritz_h5_quiet;

ritz_h5_quiet ritz_h5_quiet_begin(void);
void ritz_h5_quiet_end(ritz_h5_quiet quiet);

/** "FILE: /object: sentence: HDF5's innermost message" right after a failed HDF5 call.
 * @param object  Any id in the file; invalid: the sentence stands alone. @return @p status. */
ritz_status ritz_h5_fail(ritz_status status, const char *file, int line, const char *function,
                         hid_t object, bool with_reason, const char *format, ...) RITZ_PRINTF(7, 8);
#define RITZ_H5_FAIL(object, status, ...) \
  ritz_h5_fail((status), __FILE__, __LINE__, __func__, (object), true, __VA_ARGS__)
/** The same for what we find ourselves: no HDF5 message. */
#define RITZ_H5_REJECT(object, status, ...) \
  ritz_h5_fail((status), __FILE__, __LINE__, __func__, (object), false, __VA_ARGS__)

/* Files ---------------------------------------------------------------------------------------*/

/** How files are opened here: close it. */
hid_t ritz_h5_access_list(bool writing);
/** Opens for reading: says whether the file is missing, no HDF5 file, or cut short. */
ritz_status ritz_h5_open(const char *path, hid_t *file);
/** RITZ_ERR_FORMAT for damage that HDF5 1.10 would hang on; both opens begin with it. Reads files
 * up to 256 MiB once (h5_heap.c). */
ritz_status ritz_h5_check_heaps(const char *path);
/** That it can be opened, of a file that others may have a say in. */
ritz_status ritz_h5_look(const char *path);
/** Opens for reading and writing. */
ritz_status ritz_h5_open_writable(const char *path, hid_t *file);
/** A new file, replacing what is there. Readable by HDF5 1.8 and later. */
ritz_status ritz_h5_create(const char *path, hid_t *file);
/** What was written goes to the system. Apart from closing where the file has to be abandoned if
 * that fails: a close that fails half way leaves the id behind. */
ritz_status ritz_h5_flush(hid_t file);
/** Flushes and closes; a full disk shows here. NULL-safe through an invalid id. */
ritz_status ritz_h5_close(hid_t *file);

/**
 * Closes @p file, forces it to the disk and renames it: at @p path there is the old file or the
 * whole new one, never a part.
 *
 * @param file       Cleared in every case.
 * @param temporary  Where it was written, same directory as @p path; removed on failure.
 */
ritz_status ritz_h5_commit(hid_t *file, const char *temporary, const char *path);
/** Closes and removes a temporary file; for the failure path, keeps the stored error. */
void ritz_h5_abandon(hid_t *file, const char *temporary);

/* Groups and names ----------------------------------------------------------------------------*/

/** @return  Whether something is at @p path ("a/b") below @p where; false if a parent is missing.
 */
bool ritz_h5_exists(hid_t where, const char *path);
/** Opens a group; created with its parents if it is not there and @p create. */
ritz_status ritz_h5_group(hid_t where, const char *path, bool create, hid_t *out);
void ritz_h5_group_close(hid_t *group);

/** Called for each data set below a place, in order of names, by its first name. @return  false to
 * stop. */
typedef bool ritz_h5_visitor(void *user, hid_t where, const char *path);
/** Cost: the square of the number of objects. RITZ_ERR_FORMAT if a group cannot be read, or where
 * groups are nested more than 64 deep; RITZ_ERR_MEMORY. */
ritz_status ritz_h5_visit(hid_t where, ritz_h5_visitor *visitor, void *user);
/** Names of the data sets below @p where, "x, y, grid/t", at most 12 and then "...". */
void ritz_h5_names(hid_t where, size_t size, char *out);

/* Attributes of an open object ----------------------------------------------------------------*/

bool ritz_h5_has_attribute(hid_t object, const char *name);
/** A text is stored as variable-length UTF-8, one alone as a scalar. Writing replaces. */
ritz_status ritz_h5_write_text(hid_t object, const char *name, const char *text);
ritz_status ritz_h5_write_texts(hid_t object, const char *name, int count, const char *const *text);
ritz_status ritz_h5_write_number(hid_t object, const char *name, double value);
ritz_status ritz_h5_write_integer(hid_t object, const char *name, int64_t value);
ritz_status ritz_h5_write_numbers(hid_t object, const char *name, int count, const double *value);
ritz_status ritz_h5_write_integers(hid_t object, const char *name, int count, const int64_t *value);
/** @param out  Release with ritz_free(). */
ritz_status ritz_h5_read_text(hid_t object, const char *name, char **out);
/** @param text  [most], @p count of them filled; release each with ritz_free(). A fixed or variable
 * length, scalar or list. RITZ_ERR_SHAPE  more than @p most */
ritz_status ritz_h5_read_texts(hid_t object, const char *name, int most, int *count, char **text);
ritz_status ritz_h5_read_number(hid_t object, const char *name, double *value);
ritz_status ritz_h5_read_integer(hid_t object, const char *name, int64_t *value);
/** @param value  [most], @p count of them filled; any integer or real type in the file. */
ritz_status ritz_h5_read_numbers(hid_t object, const char *name, int most, int *count,
                                 double *value);
ritz_status ritz_h5_read_integers(hid_t object, const char *name, int most, int *count,
                                  int64_t *value);

/* Data sets -----------------------------------------------------------------------------------*/

/** Number formats in memory and on file; see ritz_h5_real(). */
typedef enum ritz_h5_type {
  RITZ_H5_FLOAT32,
  RITZ_H5_FLOAT64,
  RITZ_H5_COMPLEX64,  /**< compound {r, i} of float, as h5py writes; (re, im) pairs in memory */
  RITZ_H5_COMPLEX128, /**< the same of double */
  RITZ_H5_INT64,
  RITZ_H5_UINT8
} ritz_h5_type;

/** The type of a number on file (little endian) or in memory (native): close it. */
hid_t ritz_h5_number_type(ritz_h5_type type, bool on_file);

static inline ritz_h5_type ritz_h5_real(ritz_dtype dtype) {
  return dtype == RITZ_FLOAT64 ? RITZ_H5_FLOAT64 : RITZ_H5_FLOAT32;
}

/** What the values of a data set are. */
typedef enum ritz_h5_class {
  RITZ_H5_CLASS_INTEGER,
  RITZ_H5_CLASS_REAL,
  RITZ_H5_CLASS_BOOLEAN, /**< an enumeration over integers, as h5py and The Well store booleans */
  RITZ_H5_CLASS_COMPLEX,
  RITZ_H5_CLASS_OTHER
} ritz_h5_class;

/** Of a type as a file has it; complex numbers are structs {r, i}. */
ritz_h5_class ritz_h5_class_of(hid_t type);
/** Whether the parts of a number lie inside of it, and those of a struct in turn: HDF5 1.10
 * converts what a damaged file says without asking. */
bool ritz_h5_is_sound(hid_t type);

typedef struct ritz_h5_info {
  int rank;                        /**< 0: one value */
  ritz_index n[RITZ_MAX_RANK];     /**< extents, slowest axis first */
  ritz_index chunk[RITZ_MAX_RANK]; /**< 0: stored in one piece */
  bool filtered;                   /**< compressed or otherwise filtered */
  ritz_h5_class class;
  size_t bytes; /**< of one value on file */
} ritz_h5_info;

#define RITZ_H5_DEFAULT_CACHE ((size_t)-1)

/** Opens a data set; RITZ_ERR_NOT_FOUND lists the names that are there.
 * @param cache  Bytes of its chunk cache, or RITZ_H5_DEFAULT_CACHE. */
ritz_status ritz_h5_find(hid_t where, const char *path, size_t cache, hid_t *out);
/** RITZ_ERR_SHAPE  more axes than RITZ_MAX_RANK */
ritz_status ritz_h5_describe(hid_t dataset, ritz_h5_info *info);
void ritz_h5_dataset_close(hid_t *dataset);

/**
 * A new data set with its parent groups. Space is taken at once and not filled, so that the
 * structure of the file is final before the first value is written.
 *
 * @param chunk  [rank]; NULL: in one piece.
 */
ritz_status ritz_h5_create_dataset(hid_t where, const char *path, ritz_h5_type type, int rank,
                                   const ritz_index *n, const ritz_index *chunk, hid_t *out);

/**
 * Reads the box start[a] + k step[a], k < count[a], in file order, converted to @p type.
 *
 * @param start  NULL: everything. @param step  NULL: every point.
 */
ritz_status ritz_h5_read(hid_t dataset, const ritz_index *start, const ritz_index *step,
                         const ritz_index *count, ritz_h5_type type, void *out);
/** Writes the box of @p count points at @p start (NULL: everything). */
ritz_status ritz_h5_write(hid_t dataset, const ritz_index *start, const ritz_index *count,
                          ritz_h5_type type, const void *values);

/** Create, write, close. */
ritz_status ritz_h5_write_array(hid_t where, const char *path, ritz_h5_type type, int rank,
                                const ritz_index *n, const void *values);
/** Find, compare with the expected shape. RITZ_ERR_SHAPE  says both shapes */
ritz_status ritz_h5_find_array(hid_t where, const char *path, ritz_h5_type type, int rank,
                               const ritz_index *n, hid_t *out);
/** The same, read, close. */
ritz_status ritz_h5_read_array(hid_t where, const char *path, ritz_h5_type type, int rank,
                               const ritz_index *n, void *out);

/** "[3, 64, 64]" for messages. @return @p out. */
const char *ritz_h5_shape_text(int rank, const ritz_index *n, size_t size, char *out);

#endif
