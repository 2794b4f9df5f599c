# SPDX-License-Identifier: BSD-2-Clause
"""The client against a virtual collar under an optical probe: another rate of
the line, agreed on, tried, kept and given up."""

import time

from bench import check, done, long_test, refused, same, test
from values import padding
from wire import CONSTANTS

SLOW, FAST = CONSTANTS["RATE_OPTICAL"], 115200
REFUSED, SPOILED = 38400, 57600  # by the bench's probe
TRIAL_S = CONSTANTS["RATE_TRIAL_MS"] / 1000
QUIET_S = CONSTANTS["RATE_QUIET_MS"] / 1000
SETTLE_S = CONSTANTS["RATE_SETTLE_MS"] / 1000


def raised(client, baud=FAST):
    same(done(client.call("link-baud", {1: baud})), {1: baud}, "agreed")
    time.sleep(SETTLE_S)
    client.link.set_baud(baud)


def check_line(client, up=416, down=1024):
    return done(client.call("link-check", {1: padding(up), 2: down}))


@test
def a_rate_is_agreed_on_and_carries_the_longest_messages(bench):
    client = bench.unit("optical").client
    raised(client)
    for _ in range(CONSTANTS["RATE_CHECKS_MAX"]):
        same(check_line(client), {1: padding(1024)}, "check")
    same(check_line(client, 0, 0), {1: b""}, "check")
    done(client.call("status"))
    raised(client, SLOW)
    same(check_line(client, 1, 1), {1: padding(1)}, "check")


@test
def a_rate_that_the_unit_has_not_is_refused_with_its_limits(bench):
    client = bench.unit("optical").client
    for baud in (REFUSED, 300, 9601, 4000000):
        refused(client.call("link-baud", {1: baud}), "bad_value",
                {1: 1, 2: SLOW, 3: FAST})
    done(client.call("noop"))


@test
def a_link_without_a_rate_supports_none(bench):
    for link in ("unix", "pty"):
        client = bench.unit(link).client
        refused(client.call("link-baud", {1: FAST}), "unsupported", {})
        same(check_line(client, 3, 7), {1: padding(7)}, "check")


@test
def the_unit_goes_back_after_a_second_without_a_valid_frame(bench):
    client = bench.unit("optical").client
    done(client.call("link-baud", {1: FAST}))
    time.sleep(TRIAL_S + 0.2)
    done(client.call("noop"))
    done(client.call("link-baud", {1: FAST}))
    client.send([0, client.next(), 1, {}], "noop")  # at the old rate: noise
    check(client.silent(), "it was answered")
    time.sleep(TRIAL_S)
    done(client.call("noop"))


@test
def a_rate_that_the_probe_spoils_is_given_up(bench):
    client = bench.unit("optical").client
    raised(client, SPOILED)
    client.send([0, client.next(), 113, {1: padding(416), 2: 0}], "link-check")
    check(client.silent(), "it was answered")
    time.sleep(TRIAL_S)
    client.link.set_baud(SLOW)
    done(client.call("noop"))


@long_test
def the_unit_goes_back_when_it_has_heard_nothing_for_long(bench):
    client = bench.unit("optical").client
    raised(client)
    done(client.call("noop"))
    time.sleep(QUIET_S + 0.2)
    client.link.set_baud(SLOW)
    done(client.call("noop"))
