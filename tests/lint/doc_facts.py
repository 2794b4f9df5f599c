# SPDX-License-Identifier: BSD-2-Clause
"""What the documents, the tables in proto/ and the program's model state."""

import re

# ------------------------------------------------------------------ man pages


def part_of(text, macro, title):
    """The lines below one .Sh or .Ss, up to the next of its level."""
    ends = r"\n\.Sh " if macro == "Sh" else r"\n\.S[hs] "
    found = re.search(rf"^\.{macro} {re.escape(title)}$(.*?)(?={ends}|\Z)",
                      text, re.M | re.S)
    return found.group(1) if found else ""


def items_of(section):
    """[(depth, words of .It, lines of its text)]"""
    depth, items = 0, []
    for line in section.splitlines():
        if line.startswith(".Bl"):
            depth += 1
        elif line.startswith(".El"):
            depth -= 1
        elif line.startswith(".It "):
            items.append((depth, line[4:].split(), []))
        elif items:
            items[-1][2].append(line)
    return items


def option_of_item(words):
    """(letter, name, value) of ".It Fl p , -port Ar PORT"."""
    at = next(i for i, word in enumerate(words) if word.startswith("-"))
    letter = words[1] if at > 1 else None
    value = words[words.index("Ar") + 1] if "Ar" in words else None
    return letter, words[at][1:], value


def options_of_page(page):
    section = part_of(page, "Sh", "OPTIONS")
    return {option_of_item(words) for _, words, _ in items_of(section)
            if words[0] == "Fl"}


def command_pages(tree):
    return [text for path, text in sorted(tree.items())
            if re.fullmatch(r"man/collarctl-\w+\.1", path)]


def commands_of_pages(tree):
    return [name for page in command_pages(tree)
            for name in re.findall(r"^\.Ss (\S+)$",
                                   part_of(page, "Sh", "DESCRIPTION"), re.M)]


def sections_of_commands(tree):
    return {name: part_of(page, "Ss", name) for page in command_pages(tree)
            for name in re.findall(r"^\.Ss (\S+)$",
                                   part_of(page, "Sh", "DESCRIPTION"), re.M)}


def commands_of_overview(page):
    lines = re.findall(r"^\.It Xr collarctl-\w+ 1\n((?:\.Cm .*\n)+)", page,
                       re.M)
    return {word for line in lines
            for word in re.findall(r"[a-z]+", line.replace(".Cm", ""))}


def verbs_of_section(section):
    """Verbs stand in the outermost list, by themselves or with arguments."""
    return [words[1] for depth, words, _ in items_of(section)
            if depth == 1 and words[0] == "Cm"]


def options_of_section(section):
    """{(verb or None, name, value)}"""
    options, verb = set(), None
    for depth, words, _ in items_of(section):
        if depth == 1:
            verb = words[1] if words[0] == "Cm" else None
        if words[0] == "Fl":
            _, name, value = option_of_item(words)
            options.add((verb, name, value))
    return options


def exit_statuses(page):
    """{code: exit status}"""
    section = part_of(page, "Sh", "EXIT STATUS")
    return {code: int(words[0]) for _, words, lines in items_of(section)
            for line in lines if line.startswith(".Sy ")
            for code in line[4:].replace(",", " ").split()}


def record_fields(page):
    """{field: may it be set?}"""
    section = part_of(page, "Sh", "UNIT RECORD")
    return {words[1]: "its own" not in " ".join(lines).lower()
            for _, words, lines in items_of(section)}


def config_keys(page):
    return {words[1] for _, words, _ in
            items_of(part_of(page, "Ss", "Keys")) if words[0] == "Va"}


def columns_of(page, header):
    """{first cell: second} of the table whose header begins so."""
    first, second = header.split()
    found = re.search(rf"^\.It Sy {first} Ta Sy {second}\b.*?\n(.*?)^\.El",
                      page, re.M | re.S)
    rows = re.findall(r"^\.It (\S+) Ta (\S+)", found.group(1) if found else "",
                      re.M)
    if len({row[0] for row in rows}) < len(rows):
        return {"a number": "twice"}
    return dict(rows)


def json_words(page, command):
    """Every name in the item of that command in the section JSON."""
    section = part_of(page, "Sh", "JSON")
    for _, words, lines in items_of(section):
        named = " ".join(words[1:]).split(" , ")
        if command in named:
            return {word for line in lines if line.startswith(".Va ")
                    for word in re.findall(r"[a-z_]+", line[4:])}
    return set()


def options_mentioned(path, text):
    if path == "README.md":
        return set(re.findall(r"(?<![\w-])--([a-z][a-z-]*)", text))
    names = re.findall(r"\bFl -([a-z][a-z-]*)", text)
    names += re.findall(r"(?<![\w-])--([a-z][a-z-]*)", text)
    return set(names)


def examples_of_page(page):
    """Command lines of the section EXAMPLES, joined where they go on."""
    section = part_of(page, "Sh", "EXAMPLES").replace("\\e", "\\")
    section = section.replace("\\\n", " ")
    return re.findall(r"^(?:\.Dl )?\$ (.*)$", section, re.M)


# ------------------------------------------------------------ tables in proto/


def rows_of(text, macro):
    """First words of each row: number, and the name in quotes or bare."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.findall(rf"^{macro}\((\w+), (\w+),\s*(?:\d+,\s*)?\"?(\w[\w-]*)",
                      text, re.M)


def names_of(text, array):
    body = re.search(rf"{array}\[\] = \{{(.*?)\}}", text, re.S).group(1)
    return {str(i): name for i, name in
            enumerate(re.findall(r'"([^"]+)"', body))}


def wire_tables(tree):
    """{header of the table: {number: name}}"""
    interval = tree["proto/interval.c"]
    errors = {number: name for number, _, name in
              rows_of(tree["proto/errors.def"], "ERROR") if int(number) < 100}
    return {
        "code name": {number: name for number, _, name in
                      rows_of(tree["proto/ops.def"], "OP")},
        "status name": {"0": "ok", **errors},
        "bit name": {number: name for number, _, name in
                     rows_of(tree["proto/conditions.def"], "CONDITION")},
        "bit flag": names_of(interval, "interval_flag_names"),
        "cause name": names_of(interval, "block_cause_names"),
        "event name": {number: name for number, _, name in
                       rows_of(tree["proto/events.def"], "EVENT")},
    }


# -------------------------------------------------------- the program's model


def command_of(model, name):
    return next((c for c in model["commands"] if c["name"] == name), None)


def options_of_command(command):
    """{(verb or None, name, value)}, a command's own not again with verbs."""
    own = {(o["name"], o["value"]) for o in command["options"]}
    options = {(None, *pair) for pair in own}
    for verb in command["verbs"]:
        options |= {(verb["name"], o["name"], o["value"])
                    for o in verb["options"]
                    if (o["name"], o["value"]) not in own}
    return options


def option_names(model):
    names = {option["name"] for option in model["options"]}
    for command in model["commands"]:
        names |= {name for _, name, _ in options_of_command(command)}
    return names
