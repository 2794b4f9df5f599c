/* SPDX-License-Identifier: BSD-2-Clause */
#include "ops.h"

enum { READ, CHANGE };

const struct op ops[] = {
#define OP(code_, NAME, name_, args_, result_, role_, change_) \
	{ .code = (code_), \
		.role = (role_), \
		.change = (change_), \
		.name = (name_), \
		.args = &args_, \
		.result = &result_ },
#include "ops.def"
#undef OP
	{ 0 },
};

const struct op *
op_find(uint32_t code)
{
	for (const struct op *op = ops; op->name != NULL; op++)
		if (op->code == code)
			return op;

	return NULL;
}
