/* SPDX-License-Identifier: BSD-3-Clause
 * generate/darcy-table-*: every method on the same Darcy samples, sparse ones of the library and of
 * SuperLU and hypre beside our multigrid. generate/NAME-auto-*: the solvers of each generator, and
 * which of them `auto` takes. All to a true residual of 1e-8, on one thread. */
#include <cblas.h>

#include "bench/hypre_main.h"
#include "bench/table_auto.h"
#include "bench/table_darcy.h"

/* A case of either kind. */
typedef union table_case {
  bench_case base;
  table_darcy_case darcy;
  table_auto_case choice;
} table_case;

/* Methods on Darcy samples -------------------------------------------------------------------- */

#define TWO_VALUES "faces: arithmetic"
#define LOGNORMAL  "coefficient: lognormal, log_scale: 3"
#define SHARP      "tau: 15, low: 1, high: 1e4, faces: harmonic"

#define DARCY(name, about, nodes, options, mean, samples)                       \
  {                                                                             \
    .darcy = {                                                                  \
      {"generate/darcy-table-" name, "all methods on " about, table_darcy_run}, \
      "{resolution: " nodes ", " options "}",                                   \
      mean,                                                                     \
      samples                                                                   \
    }                                                                           \
  }
#define SQUARE(unknowns, nodes, samples)                                                       \
  DARCY(unknowns, unknowns "^2 unknowns, two values", nodes, TWO_VALUES, RITZ_FACE_ARITHMETIC, \
        samples),                                                                              \
      DARCY(unknowns "-lognormal", unknowns "^2 unknowns, lognormal", nodes, LOGNORMAL,        \
            RITZ_FACE_ARITHMETIC, samples),                                                    \
      DARCY(unknowns "-sharp", unknowns "^2 unknowns, contrast 1e4 on a rough pattern", nodes, \
            SHARP, RITZ_FACE_HARMONIC, samples)

/* Solvers of generators ----------------------------------------------------------------------- */

#define PRECONDITIONED(solver, preconditioner) "solver: " solver ", preconditioner: " preconditioner

static const char *const of_darcy[] = {"solver: multigrid", PRECONDITIONED("cg", "poisson"),
                                       PRECONDITIONED("cg", "multigrid"),
                                       PRECONDITIONED("cg", "jacobi"), NULL};
static const char *const of_poisson[] = {"solver: fast", "solver: multigrid", NULL};
/* Rectangles of unknowns. A recycle space lives along linear systems of samples, and Newton's
 * method has others between. */
static const char *const of_box[] = {"solver: direct",
                                     PRECONDITIONED("gmres", "poisson"),
                                     PRECONDITIONED("gcrodr", "poisson"),
                                     PRECONDITIONED("bicgstab", "poisson"),
                                     PRECONDITIONED("gmres", "ilu"),
                                     PRECONDITIONED("bicgstab", "ilu"),
                                     NULL};
static const char *const of_symmetric_box[] = {"solver: direct",
                                               PRECONDITIONED("gmres", "poisson"),
                                               PRECONDITIONED("gcrodr", "poisson"),
                                               PRECONDITIONED("bicgstab", "poisson"),
                                               PRECONDITIONED("gmres", "ilu"),
                                               PRECONDITIONED("minres", "none"),
                                               NULL};
/* Large ones, where incomplete factors take seconds a sample. */
static const char *const of_large_box[] = {"solver: direct", PRECONDITIONED("gmres", "poisson"),
                                           PRECONDITIONED("gcrodr", "poisson"),
                                           PRECONDITIONED("bicgstab", "poisson"), NULL};
static const char *const of_large_steps[] = {"solver: direct", PRECONDITIONED("gmres", "poisson"),
                                             PRECONDITIONED("bicgstab", "poisson"), NULL};
static const char *const of_any[] = {"solver: direct", PRECONDITIONED("gmres", "ilu"),
                                     PRECONDITIONED("bicgstab", "ilu"),
                                     PRECONDITIONED("minres", "jacobi"), NULL};

static const char *const of_steps[] = {"solver: direct",
                                       PRECONDITIONED("gmres", "poisson"),
                                       PRECONDITIONED("bicgstab", "poisson"),
                                       PRECONDITIONED("gmres", "ilu"),
                                       PRECONDITIONED("minres", "none"),
                                       NULL};

#define AUTO(name, about, generator, options, solvers, samples)                      \
  {                                                                                  \
    .choice = {                                                                      \
      {"generate/" name, "its solvers and what auto takes: " about, table_auto_run}, \
      generator,                                                                     \
      options,                                                                       \
      solvers,                                                                       \
      samples                                                                        \
    }                                                                                \
  }

static const table_case cases[] = {
    DARCY("16", "16^2 unknowns, two values", "18", TWO_VALUES, RITZ_FACE_ARITHMETIC, 8),
    SQUARE("64", "66", 32),
    SQUARE("100", "102", 16),
    SQUARE("256", "258", 8),
    SQUARE("419", "421", 8),
    DARCY("64x64x64", "64^3 unknowns, lognormal", "[66, 66, 66]", LOGNORMAL, RITZ_FACE_ARITHMETIC,
          8),
    AUTO("darcy-auto-64", "64^2", "darcy", "resolution: 64", of_darcy, 64),
    AUTO("darcy-auto-421", "421^2", "darcy", "resolution: 421", of_darcy, 8),
    AUTO("darcy-auto-100x40", "100 x 40", "darcy", "resolution: [100, 40]", of_darcy, 64),
    AUTO("darcy-auto-400x40", "400 x 40", "darcy", "resolution: [400, 40]", of_darcy, 32),
    AUTO("poisson-auto-16", "16^2", "poisson", "resolution: 16", of_poisson, 64),
    AUTO("poisson-auto-64", "64^2", "poisson", "resolution: 64", of_poisson, 64),
    AUTO("poisson-auto-421", "421^2", "poisson", "resolution: 421", of_poisson, 16),
    AUTO("poisson-auto-700", "700^2", "poisson", "resolution: 700", of_poisson, 8),
    AUTO("poisson-auto-1024", "1024^2", "poisson", "resolution: 1024", of_poisson, 8),
    AUTO("convection-auto-64", "64^2", "convection_diffusion", "resolution: 64", of_box, 32),
    AUTO("convection-auto-128", "128^2", "convection_diffusion", "resolution: 128", of_box, 16),
    AUTO("convection-auto-256", "256^2", "convection_diffusion", "resolution: 256", of_large_box,
         16),
    AUTO("convection-auto-64-viscous", "64^2, viscosity 0.1", "convection_diffusion",
         "resolution: 64, viscosity: 0.1", of_box, 32),
    AUTO("convection-auto-256-viscous", "256^2, viscosity 0.1", "convection_diffusion",
         "resolution: 256, viscosity: 0.1", of_large_box, 16),
    AUTO("reaction-auto-64", "64^2", "reaction_diffusion", "resolution: 64", of_steps, 32),
    AUTO("reaction-auto-128", "128^2", "reaction_diffusion", "resolution: 128", of_steps, 16),
    AUTO("reaction-auto-256", "256^2", "reaction_diffusion", "resolution: 256", of_large_steps, 16),
    AUTO("reaction-auto-128-linear", "128^2, linear", "reaction_diffusion",
         "resolution: 128, reaction: linear", of_steps, 16),
    AUTO("helmholtz-auto-64", "64^2", "helmholtz", "resolution: 64", of_symmetric_box, 32),
    AUTO("helmholtz-auto-128", "128^2", "helmholtz", "resolution: 128", of_symmetric_box, 16),
    AUTO("helmholtz-auto-256", "256^2", "helmholtz", "resolution: 256", of_large_box, 16),
    AUTO("helmholtz-auto-128-short", "128^2, wave number 20", "helmholtz",
         "resolution: 128, wave_number: 20", of_symmetric_box, 16),
    AUTO("helmholtz-auto-skr-102", "the published set, 102^2", "helmholtz",
         "resolution: 102, form: skr, wave_number: 1", of_box, 16),
    AUTO("helmholtz-auto-skr-256", "256^2", "helmholtz",
         "resolution: 256, form: skr, wave_number: 1", of_large_box, 16),
    AUTO("helmholtz-neumann-auto-51", "51^2", "helmholtz_neumann", "resolution: 51, frequency: 500",
         of_any, 16),
    AUTO("helmholtz-neumann-auto-101", "the published set, 101^2", "helmholtz_neumann",
         "resolution: 101", of_any, 16),
    AUTO("thermal-auto-41", "41 x 65", "thermal", "resolution: 41", of_any, 32),
    AUTO("thermal-auto-101", "101 x 161", "thermal", "resolution: 101", of_any, 16),
    AUTO("elasticity-auto-32", "32^2", "elasticity", "resolution: 32", of_any, 32),
    AUTO("elasticity-auto-64", "64^2", "elasticity", "resolution: 64", of_any, 16),
};

int main(int argc, char **argv) {
  openblas_set_num_threads(1); /* SuperLU's products, too */
  return bench_main_with_hypre(argc, argv, "ritz-bench-generate_table",
                               sizeof cases / sizeof *cases, sizeof *cases, cases);
}
