// SPDX-License-Identifier: BSD-3-Clause
#include "bench/belos_peer.h"

#include <Epetra_CrsMatrix.h>
#include <Epetra_Map.h>
#include <Epetra_MultiVector.h>
#include <Epetra_Operator.h>
#include <Epetra_SerialComm.h>
#include <BelosEpetraAdapter.hpp>
#include <BelosGCRODRSolMgr.hpp>
#include <BelosLinearProblem.hpp>
#include <cstdio>
#include <exception>

#ifdef RITZ_BENCH_IFPACK
#include <Ifpack_ILU.h>
#endif

using vectors = Epetra_MultiVector;
using Teuchos::RCP;
using Teuchos::rcp;

namespace {

// A callback as Epetra sees it: Apply and ApplyInverse are the same.
class callback : public Epetra_Operator {
 public:
  callback(const Epetra_Map &map, belos_map *call, void *user)
      : map_(map), call_(call), user_(user) {}
  int SetUseTranspose(bool use) override { return use ? -1 : 0; }
  int Apply(const vectors &x, vectors &y) const override {
    for (int j = 0; j < x.NumVectors(); j++)
      if (call_(user_, x[j], y[j])) return 1;
    return 0;
  }
  int ApplyInverse(const vectors &x, vectors &y) const override { return Apply(x, y); }
  double NormInf() const override { return 0; }
  const char *Label() const override { return "callback"; }
  bool UseTranspose() const override { return false; }
  bool HasNormInf() const override { return false; }
  const Epetra_Comm &Comm() const override { return map_.Comm(); }
  const Epetra_Map &OperatorDomainMap() const override { return map_; }
  const Epetra_Map &OperatorRangeMap() const override { return map_; }

 private:
  const Epetra_Map &map_;
  belos_map *call_;
  void *user_;
};

// Another operator, its products counted.
class counted : public Epetra_Operator {
 public:
  explicit counted(const RCP<const Epetra_Operator> &of) : of_(of) {}
  int SetUseTranspose(bool use) override { return use ? -1 : 0; }
  int Apply(const vectors &x, vectors &y) const override {
    calls_ += x.NumVectors();
    return of_->Apply(x, y);
  }
  int ApplyInverse(const vectors &, vectors &) const override { return -1; }
  double NormInf() const override { return 0; }
  const char *Label() const override { return "counted"; }
  bool UseTranspose() const override { return false; }
  bool HasNormInf() const override { return false; }
  const Epetra_Comm &Comm() const override { return of_->Comm(); }
  const Epetra_Map &OperatorDomainMap() const override { return of_->OperatorDomainMap(); }
  const Epetra_Map &OperatorRangeMap() const override { return of_->OperatorRangeMap(); }
  int calls() const { return calls_; }

 private:
  RCP<const Epetra_Operator> of_;
  mutable int calls_ = 0;
};

using problem = Belos::LinearProblem<double, vectors, Epetra_Operator>;
using method = Belos::GCRODRSolMgr<double, vectors, Epetra_Operator>;

RCP<Teuchos::ParameterList> parameters(int restart, int recycle, double rtol,
                                       const char *orthogonalization) {
  RCP<Teuchos::ParameterList> list = Teuchos::parameterList();
  list->set("Num Blocks", restart);
  list->set("Num Recycled Blocks", recycle);
  list->set("Maximum Iterations", 100000);
  list->set("Maximum Restarts", 10000);
  list->set("Convergence Tolerance", rtol);
  list->set("Orthogonalization", orthogonalization);
  list->set("Verbosity", static_cast<int>(Belos::Errors));
  return list;
}

}  // namespace

struct belos_peer {
  Epetra_SerialComm comm;
  Epetra_Map map;
  RCP<problem> system;
  RCP<method> solver;
  bool left;
  belos_peer(int n, int restart, int recycle, double rtol, bool at_left, const char *way)
      : map(n, 0, comm), system(rcp(new problem)), left(at_left) {
    solver = rcp(new method(system, parameters(restart, recycle, rtol, way)));
  }
};

extern "C" belos_peer *belos_peer_create(int n, int restart, int recycle, double rtol, int left,
                                         const char *orthogonalization) {
  try {
    return new belos_peer(n, restart, recycle, rtol, left != 0, orthogonalization);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "Belos: %s\n", error.what());
    return nullptr;
  }
}

extern "C" void belos_peer_destroy(belos_peer *peer) { delete peer; }

struct belos_system {
  Epetra_SerialComm comm;
  Epetra_Map map;
  RCP<Epetra_Operator> a, m;  // m: ApplyInverse
  explicit belos_system(int n) : map(n, 0, comm) {}
};

extern "C" belos_system *belos_system_borrow(int n, belos_map *apply, void *matrix,
                                             belos_map *precondition, void *m) {
  belos_system *system = new belos_system(n);
  system->a = rcp(new callback(system->map, apply, matrix));
  system->m = rcp(new callback(system->map, precondition, m));
  return system;
}

#ifdef RITZ_BENCH_IFPACK
static bool fill(belos_system *system, const ptrdiff_t *start, const int *column,
                 const double *values) {
  const RCP<Epetra_CrsMatrix> a = rcp(new Epetra_CrsMatrix(Copy, system->map, 5));
  for (int i = 0; i < system->map.NumMyElements(); i++)
    if (a->InsertGlobalValues(i, static_cast<int>(start[i + 1] - start[i]), values + start[i],
                              column + start[i]) < 0)
      return false;
  if (a->FillComplete() != 0 || a->OptimizeStorage() < 0) return false;
  const RCP<Ifpack_ILU> m = rcp(new Ifpack_ILU(a.get()));
  Teuchos::ParameterList list;
  list.set("fact: level-of-fill", 0);
  if (m->SetParameters(list) != 0 || m->Initialize() != 0 || m->Compute() != 0) return false;
  system->a = a;
  system->m = m;
  return true;
}

extern "C" int belos_has_ifpack(void) { return 1; }
#else
static bool fill(belos_system *, const ptrdiff_t *, const int *, const double *) { return false; }

extern "C" int belos_has_ifpack(void) { return 0; }
#endif

extern "C" belos_system *belos_system_create(int n, const ptrdiff_t *start, const int *column,
                                             const double *values) {
  try {
    belos_system *system = new belos_system(n);
    if (fill(system, start, column, values)) return system;
    std::fprintf(stderr, "Ifpack: no factors\n");
    delete system;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "Ifpack: %s\n", error.what());
  }
  return nullptr;
}

extern "C" void belos_system_destroy(belos_system *system) { delete system; }

extern "C" int belos_peer_solve(belos_peer *peer, belos_system *system, double *b, double *x,
                                belos_report *report) {
  try {
    const int n = system->map.NumMyElements();
    const auto a = rcp(new counted(system->a));
    const RCP<Epetra_Operator> adapted = rcp(new Belos::EpetraPrecOp(system->m));
    const RCP<vectors> rhs = rcp(new vectors(View, system->map, b, n, 1));
    const RCP<vectors> solution = rcp(new vectors(View, system->map, x, n, 1));
    solution->PutScalar(0);
    peer->system->setOperator(a);
    if (peer->left)
      peer->system->setLeftPrec(adapted);
    else
      peer->system->setRightPrec(adapted);
    peer->system->setProblem(solution, rhs);
    peer->solver->setProblem(peer->system);
    report->converged = peer->solver->solve() == Belos::Converged;
    report->iterations = peer->solver->getNumIters();
    report->products = a->calls();
    return 0;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "Belos: %s\n", error.what());
    return 1;
  }
}
