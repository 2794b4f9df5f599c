# SPDX-License-Identifier: BSD-2-Clause
"""The client against the virtual collar: test mode and the clock."""

from acts import OPEN, all_blocks, kinds, now_s, state
from bench import check, done, fields, refused, same, test
from wire import FLAGS, Block


@test
def test_mode_goes_by_the_text(bench):
    unit = bench.unit()
    client = unit.in_service()
    refused(client.change("test-stop"), "nothing_pending", {})
    for minutes in (0, 11):
        refused(client.change("test-start", {1: minutes}, wrong=True),
                "bad_value", {1: 1, 2: 1, 3: 10})
    before = state(client)
    result = done(client.change("test-start", {1: 1}))
    same((result[1], result[2] in (59, 60)), (True, True), "state")
    check(abs(result[3] - now_s(client) - 60) <= 2, result)
    refused(client.change("test-start"), "interlock", {4: 18})
    client = unit.later("30s", "power_w=3000")
    status = state(client)
    check(status[32] and status[2] & 1 << 18 and status[33] <= 30, status)
    client = unit.later("31s")
    status = state(client)
    check(not status[32] and 33 not in status and 34 not in status, status)
    same(status[31], before[31], "billing register stood still")
    done(client.change("test-start"))
    same(done(client.change("test-stop")), {1: False}, "stopped")
    client = unit.later("15m")
    info = done(client.call("data-info"))
    parts, _ = client.read("data-read", info[1], info[2], info[3])
    flags = [record["flags"] for _, data in parts
             for record in Block(data).records]
    check(any(flag & 1 << FLAGS["test_mode"] for flag in flags), flags)
    done(client.change("test-start"))
    client = unit.cut()
    check(not state(client)[32], "ended by a restart")


@test
def test_mode_exercises_the_relay_if_asked(bench):
    unit = bench.unit()
    client = unit.in_service()
    same(done(client.change("test-start", {1: 1, 2: True}))[1], True)
    client = unit.later("65s")
    status = state(client)
    same((status[4], status[5], status[32]), (OPEN, OPEN, False), "after it")
    seen = kinds(client)
    for kind in ("test_started", "relay_exercised", "test_ended"):
        same(seen.count(kind), 1, kind)


@test
def the_clock_is_set_between_its_limits_and_kept_over_a_cut(bench):
    unit = bench.unit()
    client = unit.client
    client.next()
    for bad in (0, 1451606399999, 4294967295001):
        refused(client.change("clock-set", {1: bad}, wrong=True), "bad_value")
    for good in (1451606400000, 1795273200123):
        result = done(client.change("clock-set", {1: good}))
        check(0 <= result[1] - good < 1000 and result[2], result)
    result = done(client.call("clock"))
    check(0 <= result[1] - 1795273200123 < 2000 and result[2], result)
    client = unit.cut()
    result = done(client.call("clock"))
    check(0 <= result[1] - 1795273200123 < 5000 and result[2], result)


@test
def a_change_of_the_sample_interval_or_the_clock_begins_a_block(bench):
    unit = bench.unit()
    client = unit.client
    done(client.change("set", fields("record", sample_minutes=5)))
    client = unit.later("11m")
    done(client.change("clock-set", {1: (now_s(client) + 7200) * 1000}))
    client = unit.later("11m")
    client = unit.cut()
    client = unit.later("6m")
    info, blocks = all_blocks(client)
    same(info[7], 5, "sample_minutes")
    causes = [(block.cause, block.sample_minutes) for block in blocks]
    same(causes, [(0, 15), (4, 5), (3, 5), (2, 5)], "causes and rates")
    same([block.bits for block in blocks], [0, 0, 0, 0], "times are UTC")
    flags = [record["flags"] for record in blocks[1].records][-1]
    wanted = 1 << FLAGS["partial"] | 1 << FLAGS["clock_step"]
    same(flags & wanted, wanted, "flags at the step")
    boots = [block.boot for block in blocks]
    check(boots[3] == boots[2] + 1, f"boots {boots}")
