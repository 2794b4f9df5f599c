# SPDX-License-Identifier: BSD-2-Clause
"""What the tests have driven so far: facts such as ("op", "noop").  Each test
notes its own; the last tests of a run look at them all together."""

facts = set()


def note(*fact):
    facts.add(fact)


def take():
    """The facts noted since the last call."""
    got = frozenset(facts)
    facts.clear()
    return got
