/* SPDX-License-Identifier: BSD-2-Clause */

#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

const struct error_row error_rows[] = {
#define ERROR(number, name, exit, code, sentence, hint) \
	{ -(number), exit, code, sentence, hint },
#include "../proto/errors.def"
#undef ERROR
	{ 0, 0, NULL, NULL, NULL },
};

const struct error_row *
error_find(int err)
{
	const struct error_row *row = error_rows;

	while (row->code != NULL && row->err != err)
		row++;
	return row->code != NULL ? row : error_find(E_INTERNAL);
}

int
fail(struct failure *failure, int err, const char *format, ...)
{
	va_list args;

	if (failure->err != E_OK)
		return failure->err;
	failure->err = err;
	va_start(args, format);
	vsnprintf(failure->what, sizeof(failure->what), format, args);
	va_end(args);
	return err;
}

int
fail_hint(struct failure *failure, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(failure->hint, sizeof(failure->hint), format, args);
	va_end(args);
	return failure->err;
}
