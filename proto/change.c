/* SPDX-License-Identifier: BSD-2-Clause */
#include "change.h"

static const struct field plain_change_fields[] = {
	CHANGE_ROWS(struct plain_change),
};

MESSAGE(msg_plain_change, "plain-change", struct plain_change,
    plain_change_fields, "a change that its op code says all about");
