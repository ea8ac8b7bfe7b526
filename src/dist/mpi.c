/* SPDX-License-Identifier: BSD-3-Clause
 * MPI behind a communicator; compiled only in builds with it. Beside this file io/h5_ranks.c alone
 * knows MPI. */
#include <ritz/mpi.h>

#include <limits.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/transport.h"

/* The communicator is ours alone: a tag for what is waited for, one for each kind of task. */
enum { tag = 1, task_tag = 2 };

/* Of a message that an int need not count. */
static const ritz_index piece_bytes = RITZ_PIECE_BYTES;

typedef struct state {
  MPI_Comm comm;
  MPI_Request *request; /* [2 size] */
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

/* A message in pieces that an int can count. All pieces of a pair follow each other; the ranks
 * receive before they send, so that nothing waits for room. */
static ritz_status start_pieces(MPI_Comm comm, const ritz_message *m, ritz_index done,
                                MPI_Request *request) {
  const ritz_index out = m->out_bytes - done, in = m->in_bytes - done;
  const int receives = in > 0 ? (int)(in < piece_bytes ? in : piece_bytes) : 0;
  const int sends = out > 0 ? (int)(out < piece_bytes ? out : piece_bytes) : 0;
  request[0] = request[1] = MPI_REQUEST_NULL;
  if (receives)
    RITZ_TRY(check(MPI_Irecv((char *)m->in + done, receives, MPI_BYTE, m->rank, tag, comm, request),
                   "MPI_Irecv"));
  if (sends)
    RITZ_TRY(check(
        MPI_Isend((const char *)m->out + done, sends, MPI_BYTE, m->rank, tag, comm, request + 1),
        "MPI_Isend"));
  return RITZ_OK;
}

static ritz_status swap(void *s, int count, const ritz_message *message) {
  MPI_Request *request = ((state *)s)->request;
  ritz_index longest = 0;
  for (int i = 0; i < count; i++) {
    if (message[i].out_bytes > longest) longest = message[i].out_bytes;
    if (message[i].in_bytes > longest) longest = message[i].in_bytes;
  }
  for (ritz_index done = 0; done < longest; done += piece_bytes) {
    for (int i = 0; i < count; i++)
      RITZ_TRY(start_pieces(((state *)s)->comm, &message[i], done, request + 2 * i));
    for (int i = 0; i < 2 * count; i++) /* one by one: the error is then that of the message */
      RITZ_TRY(check(MPI_Wait(&request[i], MPI_STATUS_IGNORE), "MPI_Wait"));
  }
  return RITZ_OK;
}

/* ---- messages that nobody waits for -------------------------------------------------------- */

typedef struct task {
  MPI_Comm comm;
  int tag;
  int count, done;       /* requests: all before `done` are */
  MPI_Request request[]; /* receipts, then what is sent */
} task;

static ritz_status make_task(void *s, ritz_task_kind kind, int messages, void **out) {
  const size_t bytes = sizeof(task) + 2 * (size_t)messages * sizeof(MPI_Request);
  RITZ_TRY(ritz_calloc(1, bytes, out));
  ((task *)*out)->comm = ((state *)s)->comm;
  ((task *)*out)->tag = task_tag + (int)kind;
  return RITZ_OK;
}

static int piece_at(ritz_index bytes, ritz_index done) {
  return (int)(bytes - done < piece_bytes ? bytes - done : piece_bytes);
}

static ritz_status start_receipts(task *now, const ritz_message *m) {
  for (ritz_index done = 0; done < m->in_bytes; done += piece_bytes, now->count++)
    RITZ_TRY(check(MPI_Irecv((char *)m->in + done, piece_at(m->in_bytes, done), MPI_BYTE, m->rank,
                             now->tag, now->comm, &now->request[now->count]),
                   "MPI_Irecv"));
  return RITZ_OK;
}

static ritz_status start_sends(task *now, const ritz_message *m) {
  for (ritz_index done = 0; done < m->out_bytes; done += piece_bytes, now->count++)
    RITZ_TRY(check(MPI_Isend((const char *)m->out + done, piece_at(m->out_bytes, done), MPI_BYTE,
                             m->rank, now->tag, now->comm, &now->request[now->count]),
                   "MPI_Isend"));
  return RITZ_OK;
}

/* What fails to start is not there to be waited for. */
static ritz_status start(void *t, int count, const ritz_message *message) {
  task *now = t;
  now->count = now->done = 0;
  for (int i = 0; i < count; i++) RITZ_TRY(start_receipts(now, &message[i]));
  for (int i = 0; i < count; i++) RITZ_TRY(start_sends(now, &message[i]));
  return RITZ_OK;
}

static ritz_status test(void *t, bool *done) {
  task *now = t;
  int arrived = 1;
  for (; now->done < now->count; now->done++) {
    RITZ_TRY(check(MPI_Test(&now->request[now->done], &arrived, MPI_STATUS_IGNORE), "MPI_Test"));
    if (!arrived) break;
  }
  *done = now->done == now->count;
  return RITZ_OK;
}

static ritz_status wait(void *t) {
  task *now = t;
  for (; now->done < now->count; now->done++)
    RITZ_TRY(check(MPI_Wait(&now->request[now->done], MPI_STATUS_IGNORE), "MPI_Wait"));
  return RITZ_OK;
}

static bool is_running(void) {
  int initialized = 0, finalized = 0;
  return MPI_Initialized(&initialized) == MPI_SUCCESS && initialized &&
         MPI_Finalized(&finalized) == MPI_SUCCESS && !finalized;
}

/* Requests are under way only where a communication has failed, and no rank may wait. */
static void destroy_task(void *t) {
  task *now = t;
  for (; now && is_running() && now->done < now->count; now->done++) {
    MPI_Request *request = &now->request[now->done];
    if (*request == MPI_REQUEST_NULL) continue;
    MPI_Cancel(request);
    MPI_Request_free(request);
  }
  ritz_free(now);
}

/* ---- the communicator ---------------------------------------------------------------------- */

static ritz_status new_state(int size, state **out) {
  RITZ_TRY(RITZ_NEW(1, out));
  (*out)->comm = MPI_COMM_NULL;
  const ritz_status status = RITZ_NEW(2 * (ritz_index)size, &(*out)->request);
  if (status != RITZ_OK) ritz_free(*out);
  return status;
}

/* After MPI_Finalize there is nothing left to free, and asking would end the program. */
static void destroy(void *s) {
  MPI_Comm *comm = &((state *)s)->comm;
  if (is_running() && *comm != MPI_COMM_NULL) MPI_Comm_free(comm);
  ritz_free(((state *)s)->request);
  ritz_free(s);
}

static ritz_status make_part(void *s, void **part) {
  int size;
  state *made;
  *part = NULL;
  RITZ_TRY(check(MPI_Comm_size(((state *)s)->comm, &size), "MPI_Comm_size"));
  RITZ_TRY(new_state(size, &made));
  *part = made;
  return RITZ_OK;
}

static ritz_status split(void *s, int color, void *p, int *rank, int *size) {
  state *part = p;
  RITZ_TRY(check(MPI_Comm_split(((state *)s)->comm, color, 0, &part->comm), "MPI_Comm_split"));
  RITZ_TRY(
      check(MPI_Comm_set_errhandler(part->comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler"));
  RITZ_TRY(check(MPI_Comm_rank(part->comm, rank), "MPI_Comm_rank"));
  return check(MPI_Comm_size(part->comm, size), "MPI_Comm_size");
}

static const void *native(const void *s) { return &((const state *)s)->comm; }

static const ritz_transport transport = {
    .gather_all = gather_all,
    .exchange = exchange,
    .broadcast = broadcast,
    .send = send,
    .receive = receive,
    .barrier = barrier,
    .swap = swap,
    .make_task = make_task,
    .start = start,
    .test = test,
    .wait = wait,
    .destroy_task = destroy_task,
    .make_part = make_part,
    .split = split,
    .native = native,
    .destroy = destroy,
};

static ritz_status check_running(void) {
  RITZ_REQUIRE(is_running(), RITZ_ERR_ARGUMENT,
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

/* ritz_status_agree() before there is a communicator; allocates nothing. */
static ritz_status agree_before(MPI_Comm comm, ritz_status status) {
  int rank, first, code = status;
  char told[1024] = "";
  RITZ_TRY(check(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank"));
  const int mine = status != RITZ_OK ? rank : INT_MAX;
  RITZ_TRY(check(MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm), "MPI_Allreduce"));
  if (first == INT_MAX) return RITZ_OK;
  if (rank == first) strncpy(told, ritz_error_message(), sizeof told - 1);
  RITZ_TRY(check(MPI_Bcast(&code, 1, MPI_INT, first, comm), "MPI_Bcast"));
  RITZ_TRY(check(MPI_Bcast(told, sizeof told, MPI_CHAR, first, comm), "MPI_Bcast"));
  if (rank != first) RITZ_FAIL((ritz_status)code, "%s", told);
  return first > 0 ? ritz_fail_prefix((ritz_status)code, "rank %d", first) : (ritz_status)code;
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
  RITZ_TRY(new_state(size, s));
  (*out)->destroy_comm = ritz_comm_destroy;
  const ritz_status status = ritz_comm_create(&transport, *s, rank, size, &(*out)->comm);
  if (status != RITZ_OK) destroy(*s);
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
