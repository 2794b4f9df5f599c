/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_SCREEN_H
#define FUZZ_SCREEN_H

/*
 * Commands run as main runs them, with what they print caught and judged:
 * nothing reaches a terminal that could steer it, JSON is JSON, and a failure
 * is one of the list and says what it is.
 */

#include "../../../cli/command.h"

/* Runs one command line; returns what command_run did. */
int screen_run(struct ctx *ctx, int argc, char *const argv[]);

/*
 * Reads a line against the tables of options, which must fail in words, and
 * says whether it may be run here: it touches no files and no ports, and asks
 * nobody.
 */
bool screen_may_run(int argc, char *const argv[]);

#endif
