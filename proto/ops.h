/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_OPS_H
#define PROTO_OPS_H

/* Every request, by op code: its arguments, its result, who may make it. */

#include "change.h"
#include "hello.h"
#include "log.h"
#include "message.h"
#include "rate.h"
#include "record.h"
#include "relay.h"
#include "status.h"

enum op_code {
#define OP(code, NAME, ...) OP_##NAME = (code),
#include "ops.def"
#undef OP
};

struct op {
	uint8_t code;
	uint8_t role; /* enum role, the lowest that may */
	bool change;  /* carries a change header, done at most once */
	const char *name;
	const struct message *args, *result;
};

extern const struct op ops[]; /* ascending codes; name NULL ends */

/* The row of an op code; NULL if there is none. */
const struct op *op_find(uint32_t code);

#endif
