/* SPDX-License-Identifier: BSD-3-Clause
 * A table that says which options a method has; one reader and one printer serve them all.
 *
 * A method keeps a plain struct of its options and describes each field in one line:
 *
 *   static const ritz_option options[] = {
 *     RITZ_OPTION_INTS(fno_config, n_modes, 1, 1 << 20, NULL, "modes kept per axis"),
 *     RITZ_OPTION_INT(fno_config, hidden_channels, 1, 1 << 20, "64", "width of every block"),
 *     RITZ_OPTION_CHOICE(fno_config, fno_skip, "linear|identity|null", "linear", "skip path"),
 *     RITZ_OPTION_END,
 *   };
 *
 * What each kind takes:
 *   BOOL    true or false, unquoted
 *   INT     a whole number within 64 bits, exactly; 1e3 and 2.0 are whole, 1.5 is not
 *   REAL    a finite number (core/number.h has the spelling); quoted text is no number
 *   CHOICE  a name of the list, as it is written there
 *   TEXT    any scalar, as it is written
 *   lists   a list, or one item; an unquoted scalar with commas is cut at them, so that
 *           --set data.test=a.h5,b.h5 is a list of two
 *   rows    a list of lists of one length, or a flat list; a map of numbers for a list of pairs
 *   VALUE   anything
 * Null and the empty list are taken by TEXT, VALUE and the lists where the fallback is "null",
 * "[]" or "{}", and null by a CHOICE that names it. */
#ifndef RITZ_CORE_OPTIONS_H
#define RITZ_CORE_OPTIONS_H

#include "core/value.h"

typedef enum ritz_option_kind {
  RITZ_OPTION_KIND_END = 0,
  RITZ_OPTION_KIND_BOOL,     /* bool */
  RITZ_OPTION_KIND_INT,      /* ritz_index */
  RITZ_OPTION_KIND_REAL,     /* double */
  RITZ_OPTION_KIND_CHOICE,   /* int: position in the |-separated list of names; "null" names null */
  RITZ_OPTION_KIND_TEXT,     /* char *, owned; NULL for null */
  RITZ_OPTION_KIND_INTS,     /* ritz_ints: a list, or one number for a list of one */
  RITZ_OPTION_KIND_REALS,    /* ritz_reals: a list, or one number for a list of one */
  RITZ_OPTION_KIND_INT_ROWS, /* ritz_ints: also a list of lists, row after row */
  RITZ_OPTION_KIND_REAL_ROWS, /* ritz_reals: the same */
  RITZ_OPTION_KIND_TEXTS,     /* ritz_texts: a list, or one text for a list of one, owned */
  RITZ_OPTION_KIND_VALUE /* const ritz_value *, borrowed from the tree: read by someone else; NULL
                            for null, [] and {}, the only fallbacks it can have */
} ritz_option_kind;

/* Lists of options are short; the longest one known is U-NO's modes per layer and axis. */
#define RITZ_OPTION_LIST 64

typedef struct ritz_ints {
  int count;    /* 0: the option is null */
  bool is_list; /* written as a list, not as one number */
  int columns;  /* of a list of lists: numbers in each of them; else 0 */
  ritz_index n[RITZ_OPTION_LIST];
} ritz_ints;

typedef struct ritz_reals {
  int count;
  bool is_list;
  int columns;
  double v[RITZ_OPTION_LIST];
} ritz_reals;

typedef struct ritz_texts {
  int count;
  bool is_list;
  char *text[RITZ_OPTION_LIST];
} ritz_texts;

/** Entry @p i of an option that takes one number for all, or one each; @p none where it is null. */
static inline ritz_index ritz_ints_at(const ritz_ints *list, int i, ritz_index none) {
  return list->count == 0 ? none : list->n[list->count == 1 ? 0 : i];
}
static inline double ritz_reals_at(const ritz_reals *list, int i, double none) {
  return list->count == 0 ? none : list->v[list->count == 1 ? 0 : i];
}

typedef struct ritz_option {
  ritz_option_kind kind;
  const char *name;     /* key in the configuration */
  size_t offset;        /* of the field in the method's struct */
  double least, most;   /* inclusive range of a number */
  const char *choices;  /* CHOICE */
  const char *fallback; /* default: null, a scalar, 'quoted' or [flat, list]; NULL: must be given */
  const char *help;     /* one line: meaning, unit, range */
} ritz_option;

#define RITZ_OPTION_BOOL(type, field, fallback, help) \
  { RITZ_OPTION_KIND_BOOL, #field, offsetof(type, field), 0, 0, NULL, fallback, help }
#define RITZ_OPTION_INT(type, field, least, most, fallback, help) \
  { RITZ_OPTION_KIND_INT, #field, offsetof(type, field), least, most, NULL, fallback, help }
#define RITZ_OPTION_REAL(type, field, least, most, fallback, help) \
  { RITZ_OPTION_KIND_REAL, #field, offsetof(type, field), least, most, NULL, fallback, help }
#define RITZ_OPTION_CHOICE(type, field, choices, fallback, help) \
  { RITZ_OPTION_KIND_CHOICE, #field, offsetof(type, field), 0, 0, choices, fallback, help }
#define RITZ_OPTION_TEXT(type, field, fallback, help) \
  { RITZ_OPTION_KIND_TEXT, #field, offsetof(type, field), 0, 0, NULL, fallback, help }
#define RITZ_OPTION_INTS(type, field, least, most, fallback, help) \
  { RITZ_OPTION_KIND_INTS, #field, offsetof(type, field), least, most, NULL, fallback, help }
#define RITZ_OPTION_REALS(type, field, least, most, fallback, help) \
  { RITZ_OPTION_KIND_REALS, #field, offsetof(type, field), least, most, NULL, fallback, help }
#define RITZ_OPTION_INT_ROWS(type, field, least, most, fallback, help) \
  { RITZ_OPTION_KIND_INT_ROWS, #field, offsetof(type, field), least, most, NULL, fallback, help }
#define RITZ_OPTION_REAL_ROWS(type, field, least, most, fallback, help) \
  { RITZ_OPTION_KIND_REAL_ROWS, #field, offsetof(type, field), least, most, NULL, fallback, help }
#define RITZ_OPTION_TEXTS(type, field, fallback, help) \
  { RITZ_OPTION_KIND_TEXTS, #field, offsetof(type, field), 0, 0, NULL, fallback, help }
#define RITZ_OPTION_VALUE(type, field, fallback, help) \
  { RITZ_OPTION_KIND_VALUE, #field, offsetof(type, field), 0, 0, NULL, fallback, help }
#define RITZ_OPTION_END \
  { RITZ_OPTION_KIND_END, NULL, 0, 0, 0, NULL, NULL, NULL }

/**
 * Fills the struct at @p fields from @p map, defaults included. Every problem is one sentence with
 * file and line: an unknown key (with the nearest known one), a missing one, a wrong type, a number
 * out of range, an unknown choice (with the list). Never reads or writes beyond what is described.
 *
 * @param owner  What the options belong to, for the messages: "operator fno".
 * @param map    NULL or null: all defaults.
 * @param fields Written without looking at what was there. On failure holds nothing that needs
 *               releasing.
 *               RITZ_ERR_CONFIG  in the configuration, or in the table's own defaults
 */
ritz_status ritz_options_read(const ritz_option *options, const char *owner, const ritz_value *map,
                              void *fields);

/** Releases texts owned by the struct and zeroes those fields. NULL-safe. */
void ritz_options_clear(const ritz_option *options, void *fields);

/** The struct as a map, all options written out, ready for ritz_value_to_json or _to_yaml; reading
 * it back gives the same struct. VALUE fields are cloned.
 * RITZ_ERR_NUMERIC  a number is not finite */
ritz_status ritz_options_write(const ritz_option *options, const void *fields, ritz_value **out);

/** A table "name  default  help", one option a line, choices behind the help. Release with
 * ritz_free(). */
ritz_status ritz_options_help(const ritz_option *options, char **out);

#endif
