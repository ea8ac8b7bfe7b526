/* SPDX-License-Identifier: BSD-3-Clause
 * ritz train. */
#include <ritz/train.h>
#include <stdio.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/memory.h"
#include "tools/command.h"
#include "tools/epoch_text.h"
#include "tools/progress.h"
#include "tools/signals.h"
#include "train/config.h"

typedef struct options {
  const char *out;
  ritz_argument_texts set;
  ritz_index threads;
  bool resume, force;
} options;

static const ritz_argument arguments[] = {
    RITZ_ARGUMENT_TEXT(options, out, "DIR", "output folder (default: output.dir of CONFIG)"),
    RITZ_ARGUMENT_TEXTS(options, set, "KEY.PATH=VALUE",
                        "replaces a value of CONFIG; as often as needed"),
    RITZ_ARGUMENT_FLAG(options, resume, "go on from checkpoint.h5 of the output folder"),
    RITZ_ARGUMENT_FLAG(options, force, "replace the training that the output folder holds"),
    RITZ_ARGUMENT_THREADS(options),
    RITZ_ARGUMENT_END,
};

/* What the callback knows. */
typedef struct watch {
  const char *command;
  ritz_progress progress;
  char last[384]; /* the last epoch in words; empty before the first */
} watch;

static bool follow(void *user, const ritz_train_progress *p) {
  watch *w = user;
  char left[32] = "?";
  if (p->eta >= 0) ritz_duration_text(p->eta, left);
  if (p->epoch_record) {
    ritz_epoch_text(p->epoch_record, sizeof w->last, w->last);
    if (!w->progress.live)
      ritz_say(w->command, "epoch %td of %td: %s; %s left", p->epoch + 1, p->epochs, w->last, left);
  } else {
    ritz_progress_text(&w->progress, "epoch %td of %td, step %td of %td, loss %.3g, %s left%s%s",
                       p->epoch + 1, p->epochs, p->step, p->steps, p->loss, left,
                       *w->last ? "; last epoch " : "", w->last);
  }
  return false;
}

static bool stop(void *user) { return ritz_signals_caught() != NULL; }

/* Hours of work are not lost to a forgotten --resume. */
static ritz_status check_folder(const options *o, const char *dir) {
  char path[4096];
  snprintf(path, sizeof path, "%s/checkpoint.h5", dir);
  RITZ_REQUIRE(
      o->resume || o->force || access(path, F_OK) != 0, RITZ_ERR_ARGUMENT,
      "%s holds a training: --resume goes on with it, --force replaces it, --out names another "
      "folder",
      dir);
  return RITZ_OK;
}

/* Reads the configuration twice, so that a mistake in --set is told from one in the file. */
static ritz_exit find_folder(const ritz_call *call, char **dir) {
  const options *o = call->options;
  ritz_train_config config;
  *dir = NULL;
  ritz_exit code = ritz_exit_of(ritz_train_config_read(call->operand[0], 0, NULL, &config));
  const bool complete = code == RITZ_EXIT_OK;
  ritz_train_config_clear(&config);
  if (!complete && o->set.count == 0) return code;
  code = ritz_exit_of_usage(
      ritz_train_config_read(call->operand[0], o->set.count, o->set.text, &config));
  if (code == RITZ_EXIT_OK) code = ritz_exit_of(ritz_strdup(o->out ? o->out : config.dir, dir));
  if (code == RITZ_EXIT_OK) code = ritz_exit_of(check_folder(o, *dir));
  ritz_train_config_clear(&config);
  return code == RITZ_EXIT_USAGE && !complete ? RITZ_EXIT_FAILED : code;
}

static ritz_status train(const ritz_call *call, ritz_context *context, const char *dir, watch *w) {
  const options *o = call->options;
  ritz_train_options chosen;
  ritz_train_options_defaults(&chosen);
  chosen.out = dir;
  chosen.resume = o->resume;
  chosen.overrides = o->set.count;
  chosen.override = o->set.text;
  chosen.progress = follow;
  chosen.progress_user = w;
  chosen.stop = stop;
  ritz_progress_begin(&w->progress, "train", "epochs", 1, 0);
  ritz_signals_catch();
  const ritz_status status = ritz_train(context, call->operand[0], &chosen);
  ritz_progress_end(&w->progress);
  return status;
}

static ritz_exit train_into(const ritz_call *call, ritz_context *context, const char *dir) {
  char took[32];
  watch w = {.command = call->command};
  ritz_status status = train(call, context, dir, &w);
  if (status == RITZ_ERR_INTERRUPTED)
    status = RITZ_FAIL(status, "stopped by %s; the same command with --resume goes on with %s",
                       ritz_signals_text(), dir);
  if (status == RITZ_OK)
    printf("%s/model.h5: %s%s%s\n", dir, w.last, *w.last ? "; all in " : "nothing left to do, ",
           ritz_duration_text(ritz_progress_seconds(&w.progress), took));
  return ritz_exit_of(status);
}

static ritz_exit run(const ritz_call *call) {
  const options *o = call->options;
  char *dir;
  ritz_context *context;
  ritz_exit code = ritz_exit_of(ritz_command_context_of_ranks(call->command, o->threads, &context));
  if (code != RITZ_EXIT_OK) return code;
  code = ritz_exit_agree(context, find_folder(call, &dir));
  if (code == RITZ_EXIT_OK) code = train_into(call, context, dir);
  ritz_free(dir);
  ritz_context_destroy(&context);
  return code;
}

const ritz_command ritz_command_train = {
    .name = "train",
    .summary = "trains an operator as a configuration file says",
    .operands = "CONFIG.yaml",
    .all_ranks = true,
    .about =
        "Trains and writes to the output folder: model.h5 (the best epoch), last.h5,\n"
        "checkpoint.h5, metrics.jsonl (one line an epoch), curves.png, and config.yaml, the\n"
        "configuration with every default written out. A training that is there already is "
        "replaced\n"
        "by --force alone.\n\n"
        "The shortest CONFIG.yaml names an operator and the data. `ritz list operators NAME` "
        "shows\n"
        "the options of an operator; docs/configuration.md, in the sources, explains every key.\n\n"
        "  operator: {name: fno, n_modes: [12, 12]}\n"
        "  data: {train: train.h5, test: test.h5}\n\n"
        "SIGINT, SIGTERM and SIGUSR1 stop it after the running step with a checkpoint and exit\n"
        "status 75; with --resume the result is the same as without the stop. In a batch system\n"
        "ask for the signal some minutes before the end, for example `sbatch\n"
        "--signal=TERM@300`.",
    .examples =
        "  ritz train darcy.yaml --out run1\n"
        "  ritz train darcy.yaml --set optimizer.lr=2e-3 --set operator.n_modes=[16,16]\n"
        "  ritz train darcy.yaml --out run1 --resume\n",
    .arguments = arguments,
    .options_size = sizeof(options),
    .run = run,
};
