// SPDX-License-Identifier: BSD-3-Clause
#include "bench/belos_peer.h"

#include <BelosEpetraAdapter.hpp>
#include <BelosGCRODRSolMgr.hpp>
#include <BelosLinearProblem.hpp>
#include <Epetra_Map.h>
#include <Epetra_MultiVector.h>
#include <Epetra_Operator.h>
#include <Epetra_SerialComm.h>
#include <cstdio>
#include <exception>

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
    for (int j = 0; j < x.NumVectors(); j++) {
      calls_++;
      if (call_(user_, x[j], y[j])) return 1;
    }
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
  int calls() const { return calls_; }

 private:
  const Epetra_Map &map_;
  belos_map *call_;
  void *user_;
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

extern "C" int belos_peer_solve(belos_peer *peer, belos_map *apply, void *matrix,
                                belos_map *precondition, void *m, double *b, double *x,
                                belos_report *report) {
  try {
    const int n = peer->map.NumMyElements();
    const auto a = rcp(new callback(peer->map, apply, matrix));
    const RCP<Epetra_Operator> inverse = rcp(new callback(peer->map, precondition, m));
    const RCP<Epetra_Operator> adapted = rcp(new Belos::EpetraPrecOp(inverse));
    const RCP<vectors> rhs = rcp(new vectors(View, peer->map, b, n, 1));
    const RCP<vectors> solution = rcp(new vectors(View, peer->map, x, n, 1));
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
