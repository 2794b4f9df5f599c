/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

/*
 * A command: one row in commands[], from which the argument vector, the shell,
 * completions, help and the man page's check are all served.
 */

#include <stdbool.h>
#include <stddef.h>

#include "client/client.h"
#include "config.h"
#include "failure.h"
#include "out/out.h"

/* What stands in the place of an argument or an option's value; drives
 * completion.  Everything else is free text. */
enum takes {
	TAKES_NOTHING,
	TAKES_TEXT,
	TAKES_FILE,
	TAKES_PORT,
	TAKES_FIELD,     /* a field of the unit record */
	TAKES_FIELD_SET, /* FIELD=VALUE */
	TAKES_DURATION,
	TAKES_TIME,
	TAKES_NUMBER,
	TAKES_WORD, /* one of `words` */
	TAKES_SIM,  /* the name of a virtual collar */
};

struct opt {
	char letter;       /* 0: none */
	const char *name;  /* without the dashes; NULL ends a table */
	const char *value; /* "DURATION"; NULL: takes nothing */
	enum takes takes;
	const char *const *words; /* with TAKES_WORD, ending in NULL */
	const char *help;         /* one line */
};

enum command_flags {
	COMMAND_DEVICE = 1 << 0,      /* needs a collar */
	COMMAND_CHANGES = 1 << 1,     /* changes the unit: --dry-run counts */
	COMMAND_MOVES_POWER = 1 << 2, /* asks first, or needs --yes and -s */
	COMMAND_CHECK = 1 << 3,       /* takes --check */
	COMMAND_BARE = 1 << 4,        /* text is for scripts: no heading */
	COMMAND_KEEPS_PART = 1 << 5,  /* keeps FILE.part for its own use */
};

struct ctx;
struct args;

/* A sub-command: `relay open`.  Its opts come on top of its command's. */
struct verb {
	const char *name; /* NULL ends a table */
	const char *args; /* "NAME KEY=VALUE"; "" if none */
	enum takes takes; /* of its arguments */
	int min, max;     /* number of arguments; max -1: any */
	unsigned flags;   /* on top of the command's */
	const char *help;
	const struct opt *opts;     /* NULL: none */
	const char *const *formats; /* what -f takes; NULL: text and json */
	int (*run)(struct ctx *ctx, const struct args *args);
};

struct command {
	const char *name;
	const char *group; /* heading in the short help; NULL: hidden */
	const char *args;  /* "FIELD..."; "" if none */
	enum takes takes;
	int min, max; /* number of arguments; ignored with verbs */
	unsigned flags;
	unsigned needs;         /* CAN_... bits of the unit, or 0 */
	const char *help;       /* one line */
	const char *text;       /* further paragraphs for `help CMD`, or NULL */
	const char *examples;   /* one a line, without a prompt */
	const struct opt *opts; /* NULL: none */
	const char *const *formats; /* what -f takes; NULL: text and json */
	const struct verb *verbs;   /* NULL: none */
	const char *default_verb;   /* if none is given; NULL: one must be */
	int (*run)(struct ctx *ctx, const struct args *args); /* if no verbs */
};

extern const struct command *const commands[]; /* NULL ends */
extern const struct opt global_opts[];         /* name NULL ends */

/* The arguments of one command, options taken out. */
struct args {
	const struct command *command;
	const struct verb *verb; /* NULL if the command has none */
	const char **pos;
	int npos;
	const struct parsed_option *options; /* private: see args_get */
	int noptions;
};

/* Value of the option, "" for one that takes none; NULL if not given. */
const char *args_get(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);

/* What every command can ask for. */
struct ctx {
	struct failure failure;
	struct out out;

	/* from options, environment and configuration: see collarctl(1) */
	const char *port, *unit, *key, *format, *output;
	bool port_given; /* by --port, and not as a configured name */
	bool dry_run, yes;
	int verbosity; /* -1 with -q, 1 with -v */
	int timeout_ms;
	const char *trace;
	struct config config; /* read by the first line that needs it */

	struct client *client;    /* opened by ctx_client */
	char found[LINK_WHY_MAX]; /* the port that no option named, or "" */
	bool in_shell;
	struct met *met;  /* units of the lines, see met.h; owned */
	bool told;        /* the failure has been printed */
	bool headed;      /* VIRTUAL COLLAR has been printed */
	char *opened;     /* what client was opened with; owned */
	FILE *trace_file; /* open while client is */
};

/* Closes the collar that ctx_client opened, if it did. */
void ctx_close(struct ctx *ctx);

/* Defaults from the environment and the terminals, before the first line. */
void ctx_init(struct ctx *ctx);

/*
 * The collar that the options mean: opened at the first call, kept until the
 * end.  Returns NULL with ctx->failure set.  Checks the capability `needs` of
 * the command (E_WRONG_KIND).
 */
struct client *ctx_client(struct ctx *ctx, const struct args *args);

/* The beginning of every JSON object about a unit: serial, kind, virtual.  New
 * reference. */
json_t *json_unit(const struct client *client);

/* Runs one command line (without the program's name).  Returns E_OK or a
 * failure, which is in ctx->failure and not yet printed. */
int command_run(struct ctx *ctx, int argc, char *const argv[]);

const struct command *command_find(const char *name);

/* The verb of that name; NULL if the command has none such. */
const struct verb *verb_find(const struct command *command, const char *name);

#endif
