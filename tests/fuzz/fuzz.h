/* SPDX-License-Identifier: BSD-3-Clause
 * A fuzz target takes any bytes and must neither crash, hang, leak nor reach undefined behaviour.
 *
 * Each target is built with mutate.c, a small deterministic mutator that ctest runs, and under
 * clang with RITZ_FUZZ=ON once more with libFuzzer:
 *
 *   build/release/tests/fuzz_model --runs 100000          mutations of the seeds
 *   build/release/tests/fuzz_model --seeds DIR            writes them, a corpus for libFuzzer
 *   build/fuzz/tests/libfuzzer_model DIR -runs=1000000
 */
#ifndef RITZ_TESTS_FUZZ_H
#define RITZ_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** One input, by the name libFuzzer wants. @return 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Writes valid inputs as files of their own into @p folder. */
void fuzz_write_seeds(const char *folder);

/** Writes @p size bytes (-1: the text) to FOLDER/NAME; ends the program if it cannot. */
void fuzz_write(const char *folder, const char *name, const void *data, long size);

/** The folder for what is written: $TMPDIR or /tmp; one in memory is ten times as fast. */
const char *fuzz_temporary(void);

/** The input as a file for a library that wants one: its path, the same in every call. */
const char *fuzz_file(const uint8_t *data, size_t size);

/** Ends the program with a sentence: an answer that contradicts itself. */
void fuzz_require(int holds, const char *sentence);

#endif
