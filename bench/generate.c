/* SPDX-License-Identifier: BSD-3-Clause
 * Speed of generators, after checking that every sample reached its tolerance. Times are
 * those of all samples of a case together, bytes those of the fields handed over;
 * flops are not counted: part of the arithmetic is in float, part in double. "options" says
 * what the generator was given. */
#include <math.h>

#include "bench/bench.h"
#include "bench/generation.h"
#include "core/memory.h"
#include "core/shape.h"

typedef struct generate_case {
  bench_case base;
  const char *generator, *options;
  ritz_index samples;
} generate_case;

typedef struct outcome {
  double iterations, residual; /* mean; largest */
} outcome;

static ritz_status check(generation *g, outcome *out) {
  *out = (outcome){0};
  generation_run(g);
  RITZ_TRY(g->status);
  for (ritz_index i = 0; i < g->samples; i++) {
    const ritz_solve_report *report = &g->reports[i];
    RITZ_REQUIRE(report->reason > 0, RITZ_ERR_NUMERIC, "sample %td has not converged", i);
    out->iterations += (double)report->iterations / (double)g->samples;
    out->residual = fmax(out->residual, report->residual);
  }
  return RITZ_OK;
}

static ritz_status measure(const generate_case *c, const bench_call *call, generation *g) {
  const ritz_generator_info *info = ritz_generator_describe(g->generator);
  const ritz_index x = c->samples * ritz_shape_count(&info->x.shape),
                   y = c->samples * ritz_shape_count(&info->y.shape);
  outcome o;
  RITZ_TRY(ritz_calloc(x, sizeof(float), &g->x));
  RITZ_TRY(ritz_calloc(y, sizeof(float), &g->y));
  RITZ_TRY(RITZ_NEW(c->samples, &g->reports));
  RITZ_TRY(check(g, &o));
  bench_line line = {
      .of = &c->base, .dtype = RITZ_FLOAT64, .bytes = (double)sizeof(float) * (double)(x + y)};
  const bench_job job = {generation_run, g};
  RITZ_TRY(bench_measure(call, line.dtype, 1, &job, &line.times));
  bench_print(call, &line,
              "\"options\": \"%s\", \"samples\": %td, \"ms_per_sample\": %.4f, "
              "\"iterations\": %.2f, \"largest_residual\": %.2e",
              c->options, c->samples, 1e3 * line.times.median / (double)c->samples, o.iterations,
              o.residual);
  return g->status;
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  const generate_case *c = (const generate_case *)self;
  generation g = {.samples = c->samples, .dtype = RITZ_FLOAT32};
  RITZ_TRY(ritz_generator_create(call->context, c->generator, c->options, &g.generator));
  const ritz_status status = measure(c, call, &g);
  ritz_free(g.x);
  ritz_free(g.y);
  ritz_free(g.reports);
  ritz_generator_destroy(&g.generator);
  return status;
}

static const generate_case cases[] = {
    {{"generate/darcy-16", "1000 samples, 16^2, two values", run},
     "darcy",
     "{resolution: 16}",
     1000},
    {{"generate/darcy-64", "1000 samples, 64^2, two values", run},
     "darcy",
     "{resolution: 64}",
     1000},
    {{"generate/darcy-64-jump", "1000 samples, 64^2, contrast 100", run},
     "darcy",
     "{resolution: 64, low: 1, high: 100}",
     1000},
    {{"generate/darcy-64-jump-sweeps", "the same, three sweeps", run},
     "darcy",
     "{resolution: 64, low: 1, high: 100, sweeps: 3}",
     1000},
    {{"generate/darcy-64-cg", "the same by conjugate gradients and sine transforms", run},
     "darcy",
     "{resolution: 64, solver: cg, preconditioner: poisson}",
     1000},
    {{"generate/darcy-64-lognormal", "1000 samples, 64^2, lognormal", run},
     "darcy",
     "{resolution: 64, coefficient: lognormal}",
     1000},
    {{"generate/darcy-64-rough", "1000 samples, 64^2, lognormal of scale 3", run},
     "darcy",
     "{resolution: 64, coefficient: lognormal, log_scale: 3}",
     1000},
    {{"generate/darcy-64-sharp", "200 samples, 64^2, contrast 1e4 on a rough pattern", run},
     "darcy",
     "{resolution: 64, tau: 15, low: 1, high: 1e4}",
     200},
    {{"generate/darcy-128", "200 samples, 128^2, two values", run},
     "darcy",
     "{resolution: 128}",
     200},
    {{"generate/darcy-128-sharp", "64 samples, 128^2, contrast 1e4 on a rough pattern", run},
     "darcy",
     "{resolution: 128, tau: 15, low: 1, high: 1e4}",
     64},
    {{"generate/darcy-256", "64 samples, 256^2, two values", run},
     "darcy",
     "{resolution: 256}",
     64},
    {{"generate/darcy-256-samples", "the same with a sample in each lane", run},
     "darcy",
     "{resolution: 256, lanes: samples}",
     64},
    {{"generate/darcy-256-sharp-samples", "32 samples, 256^2, contrast 1e4, one in each lane", run},
     "darcy",
     "{resolution: 256, tau: 15, low: 1, high: 1e4, lanes: samples}",
     32},
    {{"generate/darcy-256-jump", "32 samples, 256^2, contrast 100", run},
     "darcy",
     "{resolution: 256, low: 1, high: 100}",
     32},
    {{"generate/darcy-256-jump-sweeps", "the same, three sweeps", run},
     "darcy",
     "{resolution: 256, low: 1, high: 100, sweeps: 3}",
     32},
    {{"generate/darcy-256-sharp", "32 samples, 256^2, contrast 1e4 on a rough pattern", run},
     "darcy",
     "{resolution: 256, tau: 15, low: 1, high: 1e4}",
     32},
    {{"generate/darcy-421", "32 samples, 421^2, two values", run},
     "darcy",
     "{resolution: 421}",
     32},
    {{"generate/darcy-421-samples", "the same with a sample in each lane", run},
     "darcy",
     "{resolution: 421, lanes: samples}",
     32},
    {{"generate/darcy-421-cg", "the same by conjugate gradients and sine transforms", run},
     "darcy",
     "{resolution: 421, solver: cg, preconditioner: poisson}",
     32},
    {{"generate/darcy-421-rough", "32 samples, 421^2, lognormal of scale 3", run},
     "darcy",
     "{resolution: 421, coefficient: lognormal, log_scale: 3}",
     32},
    {{"generate/darcy-512", "32 samples, 512^2, two values", run},
     "darcy",
     "{resolution: 512}",
     32},
    {{"generate/darcy-512-samples", "the same with a sample in each lane", run},
     "darcy",
     "{resolution: 512, lanes: samples}",
     32},
    {{"generate/darcy-1024", "16 samples, 1024^2, two values", run},
     "darcy",
     "{resolution: 1024}",
     16},
    {{"generate/darcy-1024-jump", "16 samples, 1024^2, contrast 100", run},
     "darcy",
     "{resolution: 1024, low: 1, high: 100}",
     16},
    {{"generate/darcy-1024-jump-sweeps", "the same, three sweeps", run},
     "darcy",
     "{resolution: 1024, low: 1, high: 100, sweeps: 3}",
     16},
    /* Rounding of the solution to double alone may leave 1e-8 here. */
    {{"generate/darcy-1024-sharp", "16 samples to 1e-7, 1024^2, contrast 1e4, rough pattern", run},
     "darcy",
     "{resolution: 1024, tau: 15, low: 1, high: 1e4, tolerance: 1e-7}",
     16},
    {{"generate/darcy-32x32x32", "64 samples, 32^3, lognormal of scale 3", run},
     "darcy",
     "{resolution: [32, 32, 32], coefficient: lognormal, log_scale: 3}",
     64},
    {{"generate/darcy-64x64x64", "16 samples, 64^3, lognormal of scale 3", run},
     "darcy",
     "{resolution: [64, 64, 64], coefficient: lognormal, log_scale: 3}",
     16},
    {{"generate/poisson-64", "1000 samples, 64^2, by sine transforms", run},
     "poisson",
     "{resolution: 64, solver: fast}",
     1000},
    {{"generate/poisson-64-multigrid", "the same by multigrid", run},
     "poisson",
     "{resolution: 64, solver: multigrid}",
     1000},
    {{"generate/poisson-421", "32 samples, 421^2, by sine transforms", run},
     "poisson",
     "{resolution: 421, solver: fast}",
     32},
    {{"generate/poisson-421-multigrid", "the same by multigrid", run},
     "poisson",
     "{resolution: 421, solver: multigrid}",
     32},
    {{"generate/poisson-1024", "8 samples, 1024^2, by sine transforms", run},
     "poisson",
     "{resolution: 1024, solver: fast}",
     8},
    {{"generate/poisson-1024-multigrid", "the same by multigrid", run},
     "poisson",
     "{resolution: 1024, solver: multigrid}",
     8},
    {{"generate/convection-64", "200 samples, 64^2, Peclet number 50, direct", run},
     "convection_diffusion",
     "{resolution: 64, solver: direct}",
     200},
    {{"generate/convection-64-gmres", "the same by GMRES and sine transforms", run},
     "convection_diffusion",
     "{resolution: 64, solver: gmres}",
     200},
    {{"generate/convection-64-gcrodr", "the same with a recycle space", run},
     "convection_diffusion",
     "{resolution: 64, solver: gcrodr}",
     200},
    {{"generate/convection-64-ilu", "the same by GMRES and ILU(0)", run},
     "convection_diffusion",
     "{resolution: 64, solver: gmres, preconditioner: ilu}",
     200},
    {{"generate/convection-256", "16 samples, 256^2, direct", run},
     "convection_diffusion",
     "{resolution: 256, solver: direct}",
     16},
    {{"generate/convection-256-gmres", "the same by GMRES and sine transforms", run},
     "convection_diffusion",
     "{resolution: 256, solver: gmres}",
     16},
    {{"generate/reaction-64", "200 samples, 64^2, cubic, direct", run},
     "reaction_diffusion",
     "{resolution: 64, solver: direct}",
     200},
    {{"generate/reaction-64-gmres", "the same by GMRES and sine transforms", run},
     "reaction_diffusion",
     "{resolution: 64, solver: gmres}",
     200},
    {{"generate/reaction-256", "16 samples, 256^2, cubic, direct", run},
     "reaction_diffusion",
     "{resolution: 256, solver: direct}",
     16},
    {{"generate/reaction-256-gmres", "the same by GMRES and sine transforms", run},
     "reaction_diffusion",
     "{resolution: 256, solver: gmres}",
     16},
    {{"generate/helmholtz-64", "200 samples, 64^2, wave number 20, direct", run},
     "helmholtz",
     "{resolution: 64, wave_number: 20, solver: direct}",
     200},
    {{"generate/helmholtz-64-gmres", "the same by GMRES and sine transforms", run},
     "helmholtz",
     "{resolution: 64, wave_number: 20, solver: gmres}",
     200},
    {{"generate/helmholtz-64-gcrodr", "the same with a recycle space", run},
     "helmholtz",
     "{resolution: 64, wave_number: 20, solver: gcrodr}",
     200},
    {{"generate/helmholtz-64-minres", "the same by MINRES", run},
     "helmholtz",
     "{resolution: 64, wave_number: 20, solver: minres, max_iterations: 5000}",
     64},
    {{"generate/helmholtz-skr-102", "64 samples of the published set, 102^2, direct", run},
     "helmholtz",
     "{resolution: 102, form: skr, wave_number: 1, solver: direct}",
     64},
    {{"generate/helmholtz-skr-102-gmres", "the same by GMRES and sine transforms", run},
     "helmholtz",
     "{resolution: 102, form: skr, wave_number: 1, solver: gmres}",
     64},
    {{"generate/helmholtz-skr-102-gcrodr", "the same with a recycle space and ILU(0)", run},
     "helmholtz",
     "{resolution: 102, form: skr, wave_number: 1, solver: gcrodr, preconditioner: ilu}",
     64},
    {{"generate/helmholtz-neumann-101", "64 samples of the published set, 101^2", run},
     "helmholtz_neumann",
     "{resolution: 101}",
     64},
    {{"generate/thermal-101", "200 samples, 101 x 161, one matrix, direct", run},
     "thermal",
     "{resolution: 101}",
     200},
    {{"generate/thermal-101-minres", "the same by MINRES", run},
     "thermal",
     "{resolution: 101, solver: minres, max_iterations: 5000}",
     8},
    {{"generate/thermal-101-ilu", "the same by GMRES and ILU(0)", run},
     "thermal",
     "{resolution: 101, solver: gmres, preconditioner: ilu}",
     8},
    {{"generate/operator-action-64", "1000 samples, 64^2, 30 solutions, none solved", run},
     "operator_action",
     "{resolution: 64}",
     1000},
    {{"generate/elasticity-64", "64 samples, 64^2, two phases, direct", run},
     "elasticity",
     "{resolution: 64}",
     64},
    {{"generate/elasticity-64-gcrodr", "the same with a recycle space and ILU(0)", run},
     "elasticity",
     "{resolution: 64, solver: gcrodr, preconditioner: ilu}",
     16},
    {{"generate/eigen-64", "32 samples, 64^2, 16 pairs, warm starts", run},
     "eigen",
     "{resolution: 64}",
     32},
    {{"generate/eigen-64-given", "the same in the order given", run},
     "eigen",
     "{resolution: 64, order: given}",
     32},
    {{"generate/eigen-64-sines", "the same, each from sines", run},
     "eigen",
     "{resolution: 64, start: sines}",
     32},
    {{"generate/eigen-64-random", "the same, each from random vectors", run},
     "eigen",
     "{resolution: 64, start: random}",
     32},
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-generate", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
