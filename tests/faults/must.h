/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_MUST_H
#define FAULTS_MUST_H

/* Ends the test with what went wrong, and errno's reason, unless it is good. */
void must(int good, const char *what);

#endif
