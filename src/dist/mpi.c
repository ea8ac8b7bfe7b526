/* SPDX-License-Identifier: BSD-3-Clause
 * The one file of the library that knows MPI; compiled only in builds with it. */
#include <ritz/mpi.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/transport.h"

enum { tag = 1 }; /* the communicator is ours alone: one tag will do */

typedef struct state {
  MPI_Comm comm;
} state;

static ritz_status check(int error, const char *what) {
  if (error == MPI_SUCCESS) return RITZ_OK;
  char text[MPI_MAX_ERROR_STRING];
  int length;
  if (MPI_Error_string(error, text, &length) != MPI_SUCCESS) text[0] = 0;
  return RITZ_FAIL(RITZ_ERR_COMMUNICATION, "%s: %s", what, text);
}

static ritz_status gather_all(void *s, int bytes, const void *in, void *out) {
  return check(MPI_Allgather(in, bytes, MPI_BYTE, out, bytes, MPI_BYTE, ((state *)s)->comm),
               "MPI_Allgather");
}

static ritz_status exchange(void *s, int bytes, const void *in, void *out) {
  return check(MPI_Alltoall(in, bytes, MPI_BYTE, out, bytes, MPI_BYTE, ((state *)s)->comm),
               "MPI_Alltoall");
}

static ritz_status broadcast(void *s, int root, int bytes, void *data) {
  return check(MPI_Bcast(data, bytes, MPI_BYTE, root, ((state *)s)->comm), "MPI_Bcast");
}

static ritz_status send(void *s, int to, int bytes, const void *data) {
  return check(MPI_Send(data, bytes, MPI_BYTE, to, tag, ((state *)s)->comm), "MPI_Send");
}

static ritz_status receive(void *s, int from, int bytes, void *data) {
  return check(MPI_Recv(data, bytes, MPI_BYTE, from, tag, ((state *)s)->comm, MPI_STATUS_IGNORE),
               "MPI_Recv");
}

static ritz_status barrier(void *s) {
  return check(MPI_Barrier(((state *)s)->comm), "MPI_Barrier");
}

/* After MPI_Finalize there is nothing left to free, and asking would end the program. */
static void destroy(void *s) {
  int finalized = 0;
  const bool running = MPI_Finalized(&finalized) == MPI_SUCCESS && !finalized;
  MPI_Comm *comm = &((state *)s)->comm;
  if (running && *comm != MPI_COMM_NULL) MPI_Comm_free(comm);
  ritz_free(s);
}

static const ritz_transport transport = {
    .gather_all = gather_all,
    .exchange = exchange,
    .broadcast = broadcast,
    .send = send,
    .receive = receive,
    .barrier = barrier,
    .destroy = destroy,
};

static ritz_status check_running(void) {
  int initialized = 0, finalized = 0;
  RITZ_TRY(check(MPI_Initialized(&initialized), "MPI_Initialized"));
  RITZ_TRY(check(MPI_Finalized(&finalized), "MPI_Finalized"));
  RITZ_REQUIRE(initialized && !finalized, RITZ_ERR_ARGUMENT,
               "MPI is not running: the host calls MPI_Init_thread first, MPI_Finalize last");
  return RITZ_OK;
}

static ritz_status check_comm(MPI_Comm comm) {
  int inter = 0;
  RITZ_REQUIRE(comm != MPI_COMM_NULL, RITZ_ERR_ARGUMENT, "the communicator is MPI_COMM_NULL");
  RITZ_TRY(check(MPI_Comm_test_inter(comm, &inter), "MPI_Comm_test_inter"));
  RITZ_REQUIRE(!inter, RITZ_ERR_ARGUMENT, "the communicator is an intercommunicator");
  return RITZ_OK;
}

static ritz_status check_threads(const ritz_context *context) {
  int provided = MPI_THREAD_SINGLE;
  RITZ_TRY(check(MPI_Query_thread(&provided), "MPI_Query_thread"));
  RITZ_REQUIRE(context->threads == 1 || provided >= MPI_THREAD_FUNNELED, RITZ_ERR_ARGUMENT,
               "%d threads want MPI_Init_thread with MPI_THREAD_FUNNELED or more",
               context->threads);
  return RITZ_OK;
}

/* Until there is a communicator nothing can be agreed upon with our own means. */
static ritz_status agree_before(MPI_Comm comm, ritz_status status) {
  int mine = status != RITZ_OK, any = 0;
  RITZ_TRY(check(MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_MAX, comm), "MPI_Allreduce"));
  if (status != RITZ_OK) return status;
  RITZ_REQUIRE(!any, RITZ_ERR_COMMUNICATION, "another rank could not create its context");
  return RITZ_OK;
}

/* Everything that one rank alone can fail at. */
static ritz_status prepare(MPI_Comm from, const ritz_context_options *options, state **s,
                           ritz_context **out) {
  int rank, size;
  RITZ_TRY(ritz_context_create(options, out));
  RITZ_TRY(check_threads(*out));
  RITZ_TRY(check(MPI_Comm_rank(from, &rank), "MPI_Comm_rank"));
  RITZ_TRY(check(MPI_Comm_size(from, &size), "MPI_Comm_size"));
  if (rank != 0) (*out)->options.log = NULL;
  RITZ_TRY(RITZ_NEW(1, s));
  (*s)->comm = MPI_COMM_NULL;
  (*out)->destroy_comm = ritz_comm_destroy;
  const ritz_status status = ritz_comm_create(&transport, *s, rank, size, &(*out)->comm);
  if (status != RITZ_OK) ritz_free(*s);
  return status;
}

static ritz_status duplicate(MPI_Comm from, MPI_Comm *comm) {
  RITZ_TRY(check(MPI_Comm_dup(from, comm), "MPI_Comm_dup"));
  return check(MPI_Comm_set_errhandler(*comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
}

ritz_status ritz_context_create_mpi(MPI_Comm comm, const ritz_context_options *options,
                                    ritz_context **out) {
  state *s;
  ritz_status status;
  *out = NULL;
  RITZ_TRY(check_running());
  RITZ_TRY(check_comm(comm));
  RITZ_TRY_DONE(agree_before(comm, prepare(comm, options, &s, out)));
  RITZ_TRY_DONE(duplicate(comm, &s->comm));
  return RITZ_OK;
done:
  ritz_context_destroy(out);
  return status;
}
