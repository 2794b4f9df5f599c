# SPDX-License-Identifier: BSD-2-Clause
"""The client against a virtual collar: streams of interval data and events."""

import pathlib
import time

from acts import SHUT, all_blocks, events, move, moved
from bench import check, done, fields, refused, same, test
from wire import EVENTS, FLAGS, OPS, Block


@test
def blocks_say_what_data_info_and_data_dump_say(bench):
    unit = bench.unit(history="3d")
    client = unit.client
    info, blocks = all_blocks(client)
    same([block.index for block in blocks],
         list(range(info[2], info[3] + 1)), "indices")
    records = [record for block in blocks for record in block.records]
    same(len(records), info[4], "records")
    same((records[0]["at"], records[-1]["at"]), (info[5], info[6]), "times")
    same(sum(32 + 32 * block.count for block in blocks), info[8], "bytes")
    client.close()
    dump = bench.json("-p", unit.port, "data", "dump")["records"]
    same(len(dump), len(records), "records of data dump")
    for ours, theirs in zip(records, dump):
        wanted = {
            "sampled_at": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                        time.gmtime(ours["at"])),
            "power_factor": ours["power_factor"] / 100,
            "frequency_hz": ours["frequency"] / 100,
            "active_power_kw": ours["active_power"] / 100000,
            "reactive_power_kvar": ours["reactive_power"] / 100000,
            "temperature_f": ours["temperature"] / 10,
            "energy_consumed_kwh": ours["energy_consumed"] / 1000,
            "energy_produced_kwh": ours["energy_produced"] / 1000,
            "voltage_v": ours["voltage"] / 10,
            "current_a": ours["current"] / 100,
            "flags": [name for name, bit in FLAGS.items()
                      if ours["flags"] >> bit & 1]}
        for name, value in wanted.items():
            check(name in theirs, f"{name} is not in {sorted(theirs)}")
            same(theirs[name], value, f"{name} of {ours}")


@test
def events_say_what_collarctl_events_says(bench):
    unit = bench.unit()
    client = unit.in_service()
    moved(move(client, SHUT), True, SHUT)
    ours = events(client)
    names = {number: name for name, number in EVENTS.items()}
    roles = [None, "read-only", "installer", "admin", "factory"]
    client.close()
    theirs = bench.json("-p", unit.port, "events")["events"]
    theirs = theirs[:len(ours)]
    for mine, other in zip(ours, theirs, strict=True):
        same((other["kind"], other["role"], other["holder"], other["field"]),
             (names[mine[2]], roles[mine[3]] if 3 in mine else None,
              mine.get(4), mine.get(5)), "event")
        same((other["old"], other["new"]), (mine.get(6), mine.get(7)),
             f"values of {mine}")
        same(other["at"], time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                        time.gmtime(mine[1])), "at")


@test
def with_headers_a_part_has_the_first_and_the_last_record(bench):
    client = bench.unit(history="2d").client
    info, blocks = all_blocks(client)
    parts, end = client.read("data-read", info[1], info[2], info[3], True)
    same(done(end), {1: info[2]}, "log-done")
    for whole, (index, data) in zip(blocks, parts, strict=True):
        short = Block(data, headers=True)
        same((short.index, short.count), (index, whole.count), "header")
        ends = whole.records[:1] + whole.records[1:][-1:]
        same(short.records, ends, "records")


@test
def events_have_no_headers(bench):
    client = bench.unit().in_service()
    info = done(client.call("events-info"))
    whole, end = client.read("events-read", info[1], info[2], info[3])
    done(end)
    asked, end = client.read("events-read", info[1], info[2], info[3], True)
    done(end)
    same(asked, whole, "events")


@test
def credit_is_kept_and_gaps_are_sent_again(bench):
    client = bench.unit(history="4d").client
    info = done(client.call("data-info"))
    last = info[3]
    check(last >= 10, "too few blocks")
    client.begin_stream("data-read", info[1], 0, last, 2)
    parts, end = client.parts("data-read", 3)
    same(([index for index, _ in parts], end), ([0, 1, 2], None), "credit 2")
    first = dict(parts)
    client.credit(4, [1, 1, 0, 0])
    parts, end = client.parts("data-read", 4)
    same(sorted(index for index, _ in parts[:2]), [0, 1], "gaps first")
    same([index for index, _ in parts[2:]], [3, 4], "then on")
    same({**first, **dict(parts)}[1], first[1], "the same bytes")
    client.credit(9, number=1)
    check(client.silent(), "a credit that does not rise was taken")
    client.credit(3)
    check(client.silent(), "credit was lowered")
    client.credit(5, seq=client.seq - 1, number=90)
    client.send([3, client.seq, 91, {1: 5}, bytes(8)])
    check(client.silent(), "a credit of another request, or a tagged one")
    client.credit(last)
    parts, end = client.parts("data-read")
    same([index for index, _ in parts], list(range(5, last + 1)), "the rest")
    same(done(end)[1], 0, "oldest")
    client.credit(last, [2, 3, 7, 7])
    parts, end = client.parts("data-read")
    same([index for index, _ in parts], [2, 3, 7], "gaps after the end")
    same(done(end)[1], 0, "closing response again")


@test
def ranges_are_cut_to_what_there_is(bench):
    client = bench.unit(history="1d").client
    info = done(client.call("data-info"))
    newest = info[3]
    parts, end = client.read("data-read", info[1], newest, 4294967295)
    same([index for index, _ in parts], [newest], "beyond the newest")
    done(end)
    parts, end = client.read("data-read", info[1], newest + 1, 4294967295)
    same((parts, done(end).get(2)), ([], None), "nothing there")
    parts, end = client.read("data-read", info[1], 2, 1)
    refused(end, "bad_value")
    parts, end = client.read("data-read", bytes(8), 0, 1)
    refused(end, "log_changed", {})
    parts, end = client.read("events-read", info[1], 0, 1)
    refused(end, "log_changed", {})


@test
def what_was_overwritten_is_lost(bench):
    client = bench.unit(history="730d").client
    info = done(client.call("data-info"))
    check(info[2] > 0, "the log has not come round")
    first = info[2] + 1
    parts, end = client.read("data-read", info[1], 0, first)
    same([index for index, _ in parts], [info[2], first], "parts")
    same(done(end), {1: info[2], 2: [0, info[2] - 1]}, "log-done")
    parts, end = client.read("data-read", info[1], 3, 5)
    same((parts, done(end)), ([], {1: info[2], 2: [3, 5]}), "all of it lost")


def nine_ranges(bench):
    """Every other event is too long for a host that takes 256 bytes."""
    client = bench.unit().client
    first = done(client.call("events-info"))[3] + 1
    for number in range(12):
        for name, length in (("location_notes", 128), ("description", 5)):
            text = chr(ord("a") + number) * length
            done(client.change("set", fields("record", **{name: text})))
    done(client.hello(receive_max=256))
    info = done(client.call("events-info"))
    parts, end = client.read("events-read", info[1], first, info[3])
    lost, sent = done(end)[2], [index for index, _ in parts]
    same(len(lost), 16, "eight ranges")
    ranges = list(zip(lost[::2], lost[1::2]))
    check(all(low == high for low, high in ranges[:-1]), ranges)
    missing = set(range(first, info[3] + 1)) - set(sent)
    check(len(missing) == 11, "the first long event is short of its old text")
    check(all(any(low <= index <= high for low, high in ranges)
              for index in missing), f"{missing} in {ranges}")
    same(ranges[-1][1], max(missing), "end of the eighth")
    return client, parts, info[3]


@test
def a_ninth_range_of_what_is_lost_is_joined_to_the_eighth(bench):
    nine_ranges(bench)


@test
def what_becomes_unreadable_below_eight_lost_ranges_is_said_to_be(bench):
    """Once it was left out, since the last range did not grow downward."""
    client, parts, last = nine_ranges(bench)
    index, data = parts[0]
    flash = next(pathlib.Path(bench.home).rglob("flash"))
    at = flash.read_bytes().index(data)
    with open(flash, "r+b") as file:
        file.seek(at)
        file.write(bytes(len(data)))
    client.credit(last, [index, index])
    again, end = client.parts("events-read")
    lost = done(end)[2]
    same(again, [], "parts")
    check(any(low <= index <= high for low, high in
              zip(lost[::2], lost[1::2])), f"{index} is not in {lost}")


@test
def a_credit_takes_eight_gaps_and_is_dropped_with_nine(bench):
    client = bench.unit(history="8d").client
    info = done(client.call("data-info"))
    check(info[3] >= 20, "too few blocks")
    client.begin_stream("data-read", info[1], 0, info[3], 19)
    parts, _ = client.parts("data-read", 20)
    same(len(parts), 20, "parts")
    gaps = [index for first in range(0, 16, 2) for index in (first, first)]
    client.credit(19, gaps)
    parts, _ = client.parts("data-read", 8)
    same([index for index, _ in parts], list(range(0, 16, 2)), "gaps")
    client.credits += 1
    client.send([3, client.seq, client.credits, {1: 19, 2: gaps + [17, 17]}])
    client.send([3, client.seq, client.credits + 1, {1: 19, 2: [3, 2]}])
    client.send([3, client.seq, client.credits + 2, {1: 19, 2: [3]}])
    check(client.silent(), "ill-formed gaps were sent")
    client.credits += 9
    client.credit(19, [18, 30])
    parts, _ = client.parts("data-read", 2)
    same([index for index, _ in parts], [18, 19], "what was not sent is none")


@test
def a_request_ends_a_stream_and_a_repeat_begins_it_again(bench):
    client = bench.unit(history="1d").client
    info = done(client.call("data-info"))
    seq = client.begin_stream("data-read", info[1], 0, info[3], 0)
    parts, _ = client.parts("data-read", 1)
    same([index for index, _ in parts], [0], "first part")
    client.send([0, seq, OPS["data-read"],
                 {1: info[1], 2: 0, 3: info[3], 4: 0}], "data-read")
    parts, _ = client.parts("data-read", 1)
    same([index for index, _ in parts], [0], "again")
    done(client.call("noop"))
    client.credit(info[3], seq=seq)
    check(client.silent(), "the stream went on")
