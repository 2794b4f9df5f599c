/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_ERRORS_H
#define PROTO_ERRORS_H

/*
 * Errors, from the one list in errors.def.  ST_NAME is the number (on the wire
 * the status of a response, 0 being OK); E_NAME is its negative, which is what
 * functions return.
 */

enum status {
	ST_OK = 0,
#define ERROR(number, name, exit, code, sentence, hint) ST_##name = (number),
#include "errors.def"
#undef ERROR
};

enum {
	E_OK = 0,
#define ERROR(number, name, exit, code, sentence, hint) E_##name = -(number),
#include "errors.def"
#undef ERROR
};

#endif
