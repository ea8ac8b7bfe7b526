/* SPDX-License-Identifier: BSD-3-Clause
 * A host program in C++: the headers are valid there, the names are found with C linkage, and
 * handles fit std::unique_ptr. Single and double precision of the host must agree. */
#include <ritz/ritz.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

template <class T, void (*destroy)(T **)>
struct release {
  void operator()(T *object) const { destroy(&object); }
};
using context = std::unique_ptr<ritz_context, release<ritz_context, ritz_context_destroy>>;
using model = std::unique_ptr<ritz_model, release<ritz_model, ritz_model_destroy>>;
using predictor = std::unique_ptr<ritz_predictor, release<ritz_predictor, ritz_predictor_destroy>>;

static void check(ritz_status status) {
  if (status != RITZ_OK) throw std::runtime_error(ritz_error_message());
}

static predictor load(const char *path, const ritz_index (&grid)[2]) {
  ritz_context *c = nullptr;
  ritz_model *m = nullptr;
  ritz_predictor *p = nullptr;
  check(ritz_context_create(nullptr, &c));
  const context keep_context(c);
  check(ritz_model_load(c, path, &m));
  const model keep_model(m); /* the predictor holds on to both */
  check(ritz_predictor_create(m, 2, grid, 1, &p));
  return predictor(p);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  try {
    const ritz_index grid[2] = {20, 20};
    const predictor op = load(argv[1], grid);
    std::vector<double> x(400, 3.0), y(400);
    std::vector<float> xf(x.begin(), x.end()), yf(400);
    check(ritz_predictor_run_f64(op.get(), x.data(), y.data()));
    check(ritz_predictor_run_f32(op.get(), xf.data(), yf.data()));
    double difference = 0, largest = 0;
    for (std::size_t i = 0; i < y.size(); i++) {
      difference = std::fmax(difference, std::fabs(y[i] - static_cast<double>(yf[i])));
      largest = std::fmax(largest, std::fabs(y[i]));
    }
    const bool good = largest > 0 && difference <= 1e-6 * largest; /* one rounding to float */
    std::printf("host in C++: %s\n", good ? "ok" : "wrong answer");
    return !good;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
