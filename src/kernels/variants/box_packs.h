/* SPDX-License-Identifier: BSD-3-Clause
 * Includes BODY for each width of packs: PACK is the type, OF(name) the name of a function of that
 * width, LOAD and STORE move packs to and from memory. No include guard. */
#if VECTOR_BYTES >= 64
#define PACK        pack_64
#define OF(name)    name##_64
#define LOAD(p)     ((PACK)(*(const stored_64 *)(p)))
#define STORE(p, v) (*(stored_64 *)(p) = (v))
#include BODY
#undef PACK
#undef OF
#undef LOAD
#undef STORE
#endif
#if VECTOR_BYTES >= 32
#define PACK        pack_32
#define OF(name)    name##_32
#define LOAD(p)     ((PACK)(*(const stored_32 *)(p)))
#define STORE(p, v) (*(stored_32 *)(p) = (v))
#include BODY
#undef PACK
#undef OF
#undef LOAD
#undef STORE
#endif
#define PACK        pack_16
#define OF(name)    name##_16
#define LOAD(p)     ((PACK)(*(const stored_16 *)(p)))
#define STORE(p, v) (*(stored_16 *)(p) = (v))
#include BODY
#undef PACK
#undef OF
#undef LOAD
#undef STORE
#define PACK        real
#define OF(name)    name##_one
#define LOAD(p)     (*(const real *)(p))
#define STORE(p, v) (*(p) = (v))
#include BODY
#undef PACK
#undef OF
#undef LOAD
#undef STORE
#undef BODY
