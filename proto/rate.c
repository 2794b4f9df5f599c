/* SPDX-License-Identifier: BSD-2-Clause */
#include "rate.h"

const uint32_t rate_bauds[RATES] = { RATE_OPTICAL_TOP, 57600, 38400, 19200,
	RATE_OPTICAL };

static const struct field link_baud_fields[] = {
	FIELD_PLAIN(struct link_baud, baud, "baud", LINK_BAUD_BAUD, REQUIRED,
	    RATE_BAUD_MIN, RATE_BAUD_MAX, "baud", "rate asked for"),
};

static const struct field link_rate_fields[] = {
	FIELD_PLAIN(struct link_rate, baud, "baud", LINK_RATE_BAUD, REQUIRED,
	    RATE_BAUD_MIN, RATE_BAUD_MAX, "baud",
	    "rate from the end of this answer on"),
};

static const struct field link_check_fields[] = {
	FIELD_PLAIN(struct link_check, padding, "padding", LINK_CHECK_PADDING,
	    REQUIRED, 0, CHECK_TO_COLLAR_MAX, "", "makes the request long"),
	FIELD_PLAIN(struct link_check, answer_len, "answer_len",
	    LINK_CHECK_ANSWER_LEN, REQUIRED, 0, CHECK_TO_HOST_MAX, "bytes",
	    "padding that the answer is to have"),
};

static const struct field link_checked_fields[] = {
	FIELD_PLAIN(struct link_checked, padding, "padding",
	    LINK_CHECKED_PADDING, REQUIRED, 0, CHECK_TO_HOST_MAX, "",
	    "as long as was asked for"),
};

MESSAGE(msg_link_baud, "link-baud", struct link_baud, link_baud_fields,
    "asks for another rate of the line");
MESSAGE(msg_link_rate, "link-rate", struct link_rate, link_rate_fields,
    "the rate agreed on");
MESSAGE(msg_link_check, "link-check", struct link_check, link_check_fields,
    "a long request for a long answer");
MESSAGE(msg_link_checked, "link-checked", struct link_checked,
    link_checked_fields, "an answer as long as was asked for");
