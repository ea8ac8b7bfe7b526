/* SPDX-License-Identifier: BSD-3-Clause
 * GNU long options by table: --name VALUE, --name=VALUE, --flag, and -- before operands that begin
 * with a dash. Options and operands may be mixed. Names are not abbreviated: a script that works
 * today works when there are more options. */
#ifndef RITZ_TOOLS_ARGUMENTS_H
#define RITZ_TOOLS_ARGUMENTS_H

#include <ritz/status.h>

typedef enum ritz_argument_kind {
  RITZ_ARGUMENT_KIND_END = 0,
  RITZ_ARGUMENT_KIND_FLAG,  /* bool: given or not */
  RITZ_ARGUMENT_KIND_INDEX, /* ritz_index within limits */
  RITZ_ARGUMENT_KIND_TEXT,  /* const char * into argv */
  RITZ_ARGUMENT_KIND_TEXTS  /* ritz_argument_texts: may be given again and again */
} ritz_argument_kind;

#define RITZ_ARGUMENT_TEXTS_MOST 128

typedef struct ritz_argument_texts {
  int count;
  const char *text[RITZ_ARGUMENT_TEXTS_MOST];
} ritz_argument_texts;

typedef struct ritz_argument {
  ritz_argument_kind kind;
  const char *name;  /* of the field; '_' is '-' on the command line */
  const char *value; /* what help calls the value, "N" */
  size_t offset;
  ritz_index least, most; /* INDEX */
  const char *help;       /* one line */
} ritz_argument;

#define RITZ_ARGUMENT_FLAG(type, field, help) \
  { RITZ_ARGUMENT_KIND_FLAG, #field, NULL, offsetof(type, field), 0, 0, help }
#define RITZ_ARGUMENT_INDEX(type, field, value, least, most, help) \
  { RITZ_ARGUMENT_KIND_INDEX, #field, value, offsetof(type, field), least, most, help }
#define RITZ_ARGUMENT_TEXT(type, field, value, help) \
  { RITZ_ARGUMENT_KIND_TEXT, #field, value, offsetof(type, field), 0, 0, help }
#define RITZ_ARGUMENT_TEXTS(type, field, value, help) \
  { RITZ_ARGUMENT_KIND_TEXTS, #field, value, offsetof(type, field), 0, 0, help }
#define RITZ_ARGUMENT_END \
  { RITZ_ARGUMENT_KIND_END, NULL, NULL, 0, 0, 0, NULL }

/** @return  Whether --help or -h is among the options. */
bool ritz_arguments_want_help(int argc, char *const *argv);

/**
 * @param table     Ends with RITZ_ARGUMENT_END.
 * @param names     Operands, "MODEL.h5 [CASE]..." as in ritz_command.
 * @param argc,argv What follows the subcommand.
 * @param options   Struct of the table, holding the defaults; fields that are given are written.
 * @param operand   [argc] filled with pointers into argv.
 * @param operands  How many there are, also after a failure.
 * @return          RITZ_ERR_ARGUMENT  unknown option, a value that is missing or does not fit, too
 *                                     few or too many operands; the message names it
 */
ritz_status ritz_arguments_parse(const ritz_argument *table, const char *names, int argc,
                                 char *const *argv, void *options, const char **operand,
                                 int *operands);

/** Prints one line an option to stdout, the defaults in @p options behind the text. */
void ritz_arguments_help(const ritz_argument *table, const void *options);

#endif
