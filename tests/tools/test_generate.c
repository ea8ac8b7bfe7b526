/* SPDX-License-Identifier: BSD-3-Clause
 * ritz generate and ritz plot: files, resuming, refusals. */
#define _XOPEN_SOURCE 700
#include <ritz/generator.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "core/memory.h"
#include "files.h"
#include "io/h5.h"
#include "io/map_writer.h"

/* All numbers of a data set, as double. */
static double *read_all(const char *path, const char *name, ritz_index *count) {
  hid_t file, dataset;
  ritz_h5_info info;
  double *values;
  assert_ok(ritz_h5_open(path, &file));
  assert_ok(ritz_h5_find(file, name, RITZ_H5_DEFAULT_CACHE, &dataset));
  assert_ok(ritz_h5_describe(dataset, &info));
  *count = 1;
  for (int a = 0; a < info.rank; a++) *count *= info.n[a];
  assert_ok(RITZ_NEW(*count, &values));
  assert_ok(ritz_h5_read(dataset, NULL, NULL, NULL, RITZ_H5_FLOAT64, values));
  ritz_h5_dataset_close(&dataset);
  assert_ok(ritz_h5_close(&file));
  return values;
}

/* Numbers of `a` from number `offset` on are those of `b`, as many as b has. */
static void assert_part(const char *a, ritz_index offset, const char *b, const char *name) {
  ritz_index na, nb;
  double *va = read_all(a, name, &na), *vb = read_all(b, name, &nb);
  assert_true(offset + nb <= na);
  assert_memory_equal(va + offset, vb, (size_t)nb * sizeof *vb);
  ritz_free(va);
  ritz_free(vb);
}

static void assert_same_data(const char *a, const char *b) {
  static const char *const name[] = {"x", "y", "sample", "residual", "iterations", "reason"};
  for (int i = 0; i < 6; i++) assert_part(a, 0, b, name[i]);
}

static void a_data_set_has_its_residuals(void **state) {
  expect(0, "darcy_9x7_5.h5: 5 samples, ", "generate darcy --samples 5 --resolution 9x7");
  expect(0, "solver: multigrid", "generate darcy --samples 3 --resolution 6x5x7 --out cube.h5");
  assert_string_equal(command_err, "");
  ritz_index count;
  double *residual = read_all("darcy_9x7_5.h5", "residual", &count);
  assert_int_equal(count, 5);
  for (int i = 0; i < 5; i++) assert_true(residual[i] > 0 && residual[i] <= 1e-8);
  ritz_free(residual);
  double *y = read_all("darcy_9x7_5.h5", "y", &count);
  assert_int_equal(count, 5 * 9 * 7);
  assert_true(y[4 * 7 + 3] > 0);
  ritz_free(y);
  assert_true(file_exists("darcy_9x7_5.xdmf"));
  assert_false(file_exists("darcy_9x7_5.h5.part"));
}

static void parts_of_a_stream_are_the_stream(void **state) {
  expect(0, NULL, "generate darcy --samples 7 --resolution 9 --seed 3 --out all.h5 --threads 1");
  expect(0, NULL, "generate darcy --samples 3 --first 4 --resolution=9 --seed 3 --out=tail.h5");
  assert_part("all.h5", 4 * 81, "tail.h5", "x");
  assert_part("all.h5", 4 * 81, "tail.h5", "y");
  assert_part("all.h5", 4, "tail.h5", "sample");
}

static void trajectories_have_their_times(void **state) {
  expect(0, "flow.h5: 3 samples, ",
         "generate navier_stokes --samples 3 --resolution 8x12 --set frames=4 --set interval=0.25 "
         "--out flow.h5");
  ritz_index count;
  double *time = read_all("flow.h5", "y_time", &count);
  assert_int_equal(count, 4);
  for (int t = 0; t < 4; t++) assert_true(time[t] == 0.25 * (t + 1));
  ritz_free(time);
  ritz_free(read_all("flow.h5", "y", &count));
  assert_int_equal(count, 3 * 4 * 8 * 12);
  expect(0, "y[3]", "info flow.h5");
  expect(0, NULL, "generate burgers --samples 2 --resolution 16");
  assert_true(file_exists("burgers_16_2.h5"));
}

static void options_reach_the_generator(void **state) {
  expect(0, NULL,
         "generate darcy --samples 2 --resolution 9 --set coefficient=lognormal "
         "--set log_scale=0.5 --preconditioner jacobi --dtype double --out set.h5");
  hid_t file;
  char *parameters;
  assert_ok(ritz_h5_open("set.h5", &file));
  assert_ok(ritz_h5_read_text(file, "parameters", &parameters));
  assert_non_null(strstr(parameters, "\"lognormal\""));
  assert_non_null(strstr(parameters, "\"log_scale\": 0.5"));
  assert_non_null(strstr(parameters, "\"jacobi\""));
  ritz_free(parameters);
  assert_ok(ritz_h5_close(&file));
}

/* No sample of operator_action is solved, and its file says so. */
static void the_method_is_in_the_file(void **state) {
  expect(0, "no sample is solved",
         "generate operator_action --samples 2 --resolution 9 --out drawn_pairs.h5");
  hid_t file;
  char *method, *generator;
  assert_ok(ritz_h5_open("drawn_pairs.h5", &file));
  assert_ok(ritz_h5_read_text(file, "method", &method));
  assert_ok(ritz_h5_read_text(file, "generator", &generator));
  assert_non_null(strstr(method, "applying the operator"));
  assert_string_equal(generator, "operator_action");
  ritz_free(method);
  ritz_free(generator);
  assert_ok(ritz_h5_close(&file));
}

static void lists_are_beside_the_fields(void **state) {
  expect(0, NULL,
         "generate eigen --samples 3 --resolution 12 --set pairs=2 --dtype double --out pairs.h5");
  ritz_index count;
  double *value = read_all("pairs.h5", "eigenvalue", &count);
  assert_int_equal(count, 6);
  for (int i = 0; i < 3; i++) assert_true(value[2 * i] > 1 && value[2 * i + 1] > value[2 * i]);
  ritz_free(value);
  double *residual = read_all("pairs.h5", "pair_residual", &count);
  assert_int_equal(count, 6);
  for (int i = 0; i < 6; i++) assert_true(residual[i] > 0 && residual[i] <= 1e-8);
  ritz_free(residual);
}

static void wrong_options_are_usage_errors(void **state) {
  expect(2, "log_scale", "generate darcy --set log_scal=1");
  expect(2, "--set", "generate darcy --set log_scale");
  expect(2, "log_scale", "generate darcy --set log_scale=much");
  expect(2, "--resolution", "generate darcy --resolution 64y64");
  expect(2, "--resolution: resolution wants whole numbers from 3 to 16384, found \"\"",
         "generate darcy --resolution 64x");
  expect(2, "resolution", "generate darcy --resolution 9x9x9x9");
  expect(2, "--solver", "generate darcy --solver gmers");
  expect(2, "--preconditioner", "generate darcy --preconditioner ilu");
  assert_false(file_exists("darcy_64_1000.h5"));
}

static void a_finished_file_is_kept(void **state) {
  expect(0, NULL, "generate darcy --samples 2 --resolution 9 --out kept.h5");
  expect(1, "kept.h5 exists: --force replaces it",
         "generate darcy --samples 2 --resolution 9 --seed 1 --out kept.h5");
  expect(0, NULL, "generate darcy --samples 2 --resolution 9 --seed 1 --out kept.h5 --force");
  expect(0, NULL, "generate darcy --samples 2 --resolution 9 --seed 1 --out other.h5");
  assert_same_data("kept.h5", "other.h5");
}

static void places_that_cannot_be_written_are_named(void **state) {
  expect(1, "none/a.h5", "generate darcy --samples 2 --resolution 9 --out none/a.h5");
  expect(1, "directory", "generate darcy --samples 2 --resolution 9 --force --out .");
}

static void samples_that_do_not_converge_are_reported(void **state) {
  expect(1,
         "lazy.h5: 4 of 4 samples did not reach the tolerance, the first is sample 10: iteration",
         "generate darcy --samples 4 --first 10 --resolution 17 --set max_iterations=2 "
         "--preconditioner none --out lazy.h5");
  assert_non_null(strstr(command_out, "lazy.h5: 4 samples"));
  assert_true(file_exists("lazy.h5"));
}

/* Runs that take a while. */
typedef struct long_run {
  const char *equation, *samples, *resolution, *set;
} long_run;
static const long_run maps = {"darcy", "2500", "33", "tau=3"};
/* One of every generator, of a second or less. */
static const long_run runs[] = {
    {"darcy", "1500", "33", "tau=3"},
    {"burgers", "600", "64", "dt=1e-2"},
    {"navier_stokes", "100", "24", "frames=2"},
    {"poisson", "1500", "33", "terms=4"},
    {"helmholtz", "150", "24", "solver=gcrodr"},
    {"helmholtz_neumann", "200", "24", "frequency=200"},
    {"convection_diffusion", "150", "24", "speed=2"},
    {"reaction_diffusion", "250", "24", "rate=2"},
    {"thermal", "700", "21", "sides=cosines"},
    {"operator_action", "2500", "33", "noise=0.1"},
    {"cg_errors", "3000", "33", "noise=0.5"},
    {"elasticity", "200", "24", "high=5"},
    {"eigen", "120", "20", "pairs=4"},
    {"poisson_points", "1000", "500", "decay=1"},
};
enum { run_count = sizeof runs / sizeof *runs };

static pid_t start(const long_run *run, const char *out) {
  const pid_t child = fork();
  if (child == 0) {
    if (!freopen(".err", "w", stderr) || !freopen(".out", "w", stdout)) _exit(99);
    execl(RITZ_TEST_COMMAND, "ritz", "generate", run->equation, "--samples", run->samples,
          "--resolution", run->resolution, "--set", run->set, "--threads", "1", "--out", out,
          (char *)NULL);
    _exit(99);
  }
  return child;
}

/* Starts one and signals it once its file is there; again where a busy machine let it come to its
 * end first. @return  Its wait status. */
static int interrupt(const long_run *run, const char *out, int signal_number) {
  const struct timespec moment = {.tv_nsec = 1000000};
  char part[64];
  snprintf(part, sizeof part, "%s.part", out);
  for (int attempt = 0; attempt < 20; attempt++) {
    int status;
    remove(part); /* its appearance says that the signals are caught */
    const pid_t child = start(run, out);
    pid_t ended = 0;
    while (ended == 0 && !file_exists(part)) {
      nanosleep(&moment, NULL);
      ended = waitpid(child, &status, WNOHANG);
    }
    if (ended == 0) {
      kill(child, signal_number);
      ended = waitpid(child, &status, 0);
    }
    assert_int_equal(ended, child);
    if (file_exists(part)) {
      assert_false(file_exists(out));
      return status;
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(remove(out), 0);
  }
  fail_msg("%s was done 20 times before it could be signalled", out);
  return 0;
}

static void a_stopped_run_goes_on_with_the_same_samples(void **state) {
  static const char again[] = "generate darcy --samples 2500 --resolution 33 --out";
  expect(0, NULL, "%s whole.h5", again);
  static const int stop[] = {SIGKILL, SIGTERM};
  for (int i = 0; i < 2; i++) {
    const int status = interrupt(&maps, "stopped.h5", stop[i]);
    if (stop[i] == SIGKILL)
      assert_true(WIFSIGNALED(status));
    else
      assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 75);
    expect(0, "2500 samples", "%s stopped.h5", again);
    assert_same_data("whole.h5", "stopped.h5");
    assert_int_equal(remove("stopped.h5"), 0);
  }
}

/* Samples that are made together too, wherever the blocks begin. */
static void a_stopped_run_of_any_generator_goes_on(void **state) {
  for (int i = 0; i < run_count; i++) {
    const long_run *r = &runs[i];
    char again[160];
    snprintf(again, sizeof again, "generate %s --samples %s --resolution %s --set %s --out",
             r->equation, r->samples, r->resolution, r->set);
    expect(0, NULL, "%s all.h5 --force", again);
    const int status = interrupt(r, "cut.h5", SIGKILL);
    assert_true(WIFSIGNALED(status));
    expect(0, "samples", "%s cut.h5 --threads 1", again);
    assert_same_data("all.h5", "cut.h5");
    assert_int_equal(remove("cut.h5"), 0);
  }
}

static void every_generator_is_stopped_once(void **state) {
  for (int i = 0; i < ritz_generator_count(); i++) {
    bool found = false;
    for (int k = 0; k < run_count; k++)
      found |= strcmp(runs[k].equation, ritz_generator_name(i)) == 0;
    if (!found) fail_msg("%s is not among the runs of this test", ritz_generator_name(i));
  }
}

static void every_signal_stops_after_saving(void **state) {
  static const int stop[] = {SIGUSR1, SIGINT};
  for (int i = 0; i < 2; i++) {
    const int status = interrupt(&maps, "signal.h5", stop[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 75);
  }
}

static void other_settings_do_not_go_on(void **state) {
  interrupt(&maps, "begun.h5", SIGTERM);
  expect(1, "was begun with \"seed: 0\", this run has \"seed: 8\"",
         "generate darcy --samples 2500 --resolution 33 --seed 8 --out begun.h5");
}

static void assert_is_picture(const char *path) {
  static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  unsigned char head[8] = {0};
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fread(head, 1, 8, file), 8);
  fclose(file);
  assert_memory_equal(head, signature, 8);
}

static void plots_are_pictures(void **state) {
  expect(0, NULL, "generate darcy --samples 2 --resolution 9 --out drawn.h5");
  expect(0, NULL, "plot drawn.h5 --sample 1 --out drawn.png");
  assert_is_picture("drawn.png");
}

/* Two samples on a grid of `dim` axes with two input channels. */
static void write_maps(const char *path, int dim) {
  enum { n0 = 20, n1 = 12, n2 = 7, most = 2 * n0 * n1 * n2 };
  static const char *const channel[] = {"permeability", "forcing"};
  static double x[2 * most], y[most];
  const ritz_map_spec spec = {
      .samples = 2,
      .dim = dim,
      .grid = {n0, dim > 1 ? n1 : 1, dim > 2 ? n2 : 1},
      .length = {2, 1, 0.5},
      .periodic = {false, true, true},
      .coordinate_units = "m",
      .x = {.channels = 2, .channel = channel, .units = "m^{2}"},
      .y = {.channels = 1, .long_name = "pressure", .units = "Pa"},
      .stored = RITZ_FLOAT64,
  };
  ritz_map_writer *writer;
  for (int i = 0; i < 2 * most; i++) x[i] = (i % 17) - 0.01 * i;
  for (int i = 0; i < most; i++) y[i] = (i % 7) * 0.1 * i;
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_ok(ritz_map_writer_write(writer, 0, 2, RITZ_FLOAT64, x, y, NULL));
  assert_ok(ritz_map_writer_finish(&writer));
}

static void lines_and_planes_of_space_are_drawn(void **state) {
  write_maps("line.h5", 1);
  write_maps("space.h5", 3);
  expect(0, NULL, "plot line.h5 --input forcing --out line.png");
  assert_is_picture("line.png");
  expect(0, NULL, "plot space.h5 --input 1 --out z.png");
  assert_is_picture("z.png");
  expect(0, NULL, "plot space.h5 --plane x --out x.png");
  assert_is_picture("x.png");
  expect(2, "--plane takes x, y or z, not 'w'", "plot space.h5 --plane w --out w.png");
  expect(2, "input channel '2' does not exist: 0 to 1, or permeability",
         "plot space.h5 --input 2 --out w.png");
}

static void plots_that_cannot_be_are_refused(void **state) {
  expect(0, NULL, "generate darcy --samples 2 --resolution 9 --out refused.h5");
  expect(2, "--out FIG.png is missing", "plot refused.h5");
  expect(2, "ends in .png", "plot refused.h5 --out a.jpg");
  expect(2, "0 to 1; there is no sample 2", "plot refused.h5 --sample 2 --out a.png");
  expect(2, "channel '3' does not exist", "plot refused.h5 --channel 3 --out a.png");
  expect(2, "--plane is for grids of 3 axes", "plot refused.h5 --plane x --out a.png");
  expect(1, "absent.h5", "plot absent.h5 --out a.png");
  expect(1, "none/a.png", "plot refused.h5 --out none/a.png");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_data_set_has_its_residuals),
      cmocka_unit_test(parts_of_a_stream_are_the_stream),
      cmocka_unit_test(trajectories_have_their_times),
      cmocka_unit_test(options_reach_the_generator),
      cmocka_unit_test(the_method_is_in_the_file),
      cmocka_unit_test(lists_are_beside_the_fields),
      cmocka_unit_test(wrong_options_are_usage_errors),
      cmocka_unit_test(a_finished_file_is_kept),
      cmocka_unit_test(places_that_cannot_be_written_are_named),
      cmocka_unit_test(samples_that_do_not_converge_are_reported),
      cmocka_unit_test(a_stopped_run_goes_on_with_the_same_samples),
      cmocka_unit_test(a_stopped_run_of_any_generator_goes_on),
      cmocka_unit_test(every_generator_is_stopped_once),
      cmocka_unit_test(every_signal_stops_after_saving),
      cmocka_unit_test(other_settings_do_not_go_on),
      cmocka_unit_test(plots_are_pictures),
      cmocka_unit_test(lines_and_planes_of_space_are_drawn),
      cmocka_unit_test(plots_that_cannot_be_are_refused),
  };
  return cmocka_run_group_tests_name("tools.generate", tests, enter_directory, leave_directory);
}
