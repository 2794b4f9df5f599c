/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_MODEL_H
#define PROTO_MODEL_H

/*
 * Model numbers: S-B-5-02-IH-10-60A (DER collar), C-B-5-22-40 (non-smart Solar
 * MSA), BPTM-731 (transfer collar).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum model_family { FAMILY_SMART_DER, FAMILY_SOLAR_MSA, FAMILY_TRANSFER };
enum interconnection { LOAD_SIDE, LINE_SIDE };
enum model_modem { MODEM_NONE, MODEM_ETHERNET_CELLULAR, MODEM_CELLULAR };

struct model {
	uint8_t family;          /* enum model_family */
	uint8_t interconnection; /* enum interconnection */
	uint8_t jaws;
	uint8_t meter_form; /* enum meter_form of record.h */
	bool has_meter_form;
	uint8_t modem;  /* enum model_modem */
	uint8_t aic_ka; /* 0 if the model does not say */
	uint8_t breaker_a;
	bool long_lead_time; /* breaker size with a longer lead time */
};

/* What was wrong with a model number. */
struct model_fault {
	size_t offset;        /* of the field, in the text */
	const char *field;    /* "meter form", … */
	const char *expected; /* "02 or 12", … */
};

/*
 * Parses the NUL-terminated text.  Returns E_OK or E_BAD_VALUE with *fault
 * set; fault may be NULL.
 */
int model_parse(
    const char *text, struct model *model, struct model_fault *fault);

#endif
