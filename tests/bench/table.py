# SPDX-License-Identifier: BSD-2-Clause
"""The table that figures are printed in, and what they are held to."""

# Published, not measured here: the best of NanoCBOR, QCBOR, TinyCBOR, zcbor and
# libcbor on the same loads, each figure from whichever library it is best of,
# and what a model of this codec's design reached.  x86-64 gcc 12 -O2, and
# Cortex-M4 -Os.
PUBLISHED = {
    "unit-encode": (2115, 1336),
    "unit-decode": (3216, 2102),
    "ext-decode": (6133, 3618),
    "grid-encode": (82728, 51263),
    "grid-decode": (135834, 90833),
    "unit-check-decode": (13011, 4871),
    "flash": (1708, 956),
    "flash and caller": (2622, 1681),
    "flash and check": (5068, 1510),
    "stack encode": (128, 76),
    "stack decode": (184, 104),
    "stack check": (420, 272),
}

# The model's figures are to be reached within a tenth.
SLACK = 1.1

# Of our own: at most, or with False at least.
OWN = {
    "version ms": (3, True),
    "status ms": (10, True),
    "trips before the wait": (4, True),
    "line busy %": (95, False),
    "half duplex %": (97, False),
    "full duplex %": (97, False),
    "USB %": (95, False),
}

missed = []


def row(what, figure, beside="", held_to="", good=True):
    verdict = "" if good else "  MISSED"
    print(f"{what:<46} {figure:>9}  {beside:<34} {held_to}{verdict}", flush=True)
    if not good:
        missed.append(what)


def published(name, what, figure, beside=""):
    """A row held to the best library, and to the model within SLACK."""
    best, model = PUBLISHED[name]
    row(what, f"{figure:,}", beside, f"best {best:,}, model {model:,}",
        figure < best and figure <= model * SLACK)


def own(name, what, figure, unit="", beside="", judged=None):
    """A row held to a bound of our own; judged: what is held to it, if not the
    figure itself."""
    bound, at_most = OWN[name]
    judged = figure if judged is None else judged
    text = f"{figure:.1f}" if isinstance(figure, float) else f"{figure:,}"
    row(what, text + unit, beside,
        f"at {'most' if at_most else 'least'} {bound}{unit}",
        judged <= bound if at_most else judged >= bound)


def section(title):
    print(f"\n{title}", flush=True)


def end():
    """Prints what was missed; the exit status of the whole."""
    print()
    if missed:
        print(f"{len(missed)} missed: {'; '.join(missed)}")
        return 1
    print("every bound is kept")
    return 0
