# SPDX-License-Identifier: BSD-2-Clause
"""A unit without physics, for the collar of the tests: what is asked of it is
so at once, and its clock stands still."""

import os

from values import padding
from wire import CHANGES, EVENTS, KEYS, OPS, STATUS, encode, make_block, \
    make_record

HARDWARE_ID = bytes.fromhex("c011a200000000001122334455667788")
SERIAL = "PYTHON-1"
LOG_ID = b"PYTHON-1"
BEGIN = 1795186800   # a full hour
NOW = BEGIN + 90000  # what its clock says
RECORD = KEYS["record"]
STATE = KEYS["unit-state"]
FIRST_RECORD_KEY, LAST_RECORD_KEY = 1, 27
DONE, NOT_SEEN, INTERRUPTED, RUNNING = range(4)


class Refusal(Exception):
    """A status other than ok, with its detail."""

    def __init__(self, status, detail=None):
        super().__init__(status)
        self.status = STATUS.get(status, status)
        self.detail = detail or {}


def blocks(count=3, records=31):
    """A log of full blocks without a gap between them."""
    return [make_block(index, [
        make_record(BEGIN + 900 * (records * index + n),
                    energy_produced=records * index + n,
                    active_power=records * index + n)
        for n in range(records)], cause=1 if index else 0)
        for index in range(count)]


def every_event():
    """One event of each kind, and one while the clock was not trusted."""
    events = [{1: BEGIN + kind, 2: kind, 3: kind % 5, 4: "J. Ortiz",
               5: "utility", 6: "old", 7: "new"}
              for kind in EVENTS.values()]
    events.append({1: 7, 2: EVENTS["restart"], 8: True})
    return [encode(event) for event in events]


class Model:
    def __init__(self, options):
        self.options = options
        self.record = {RECORD["serial"]: options["serial"],
                       RECORD["hardware_id"]: HARDWARE_ID,
                       RECORD["firmware_version"]: "9.9",
                       RECORD["sample_minutes"]: 15}
        if not options["serial"]:
            del self.record[RECORD["serial"]]
        self.status = options["status"]
        self.relay = 0
        self.pending = self.hold = self.tag = None
        self.test = 0  # answers that it stays active for
        self.clock_ms = NOW * 1000
        self.outcomes = {}
        self.runs = {}  # answers for which a change stays running

    # What is asked

    def result(self, op, args):
        """The map of the answer; raises Refusal."""
        if op in self.options["briefly"]:
            raise Refusal(*self.options["briefly"].pop(op))
        if op in self.options["statuses"]:
            raise Refusal(*self.options["statuses"][op])
        if op in CHANGES:
            return self.change(op, args)
        return self.read(op, args)

    def read(self, op, args):
        result = self.options["answers"].get(op)
        if result is None:
            result = getattr(self, "on_" + op.replace("-", "_"))(args)
        return {**result, **self.options["extra"], **self.options["wrong"]}

    def change(self, op, args):
        """Done once: by its id it is known, and answered as it was."""
        ident, fate = args[62], self.options["fates"].get(op)
        if self.runs.get(ident, 0) > 0:
            raise Refusal("accepted")
        if ident in self.outcomes:
            return self.outcomes[ident][4]
        if fate:
            self.outcomes[ident] = fate
            raise Refusal("accepted")
        try:
            status, result = 0, self.read(op, args)
        except Refusal as refusal:
            if op not in self.options["works"]:
                raise
            status, result = refusal.status, refusal.detail
        self.outcomes[ident] = {1: DONE, 2: OPS[op], 3: status, 4: result}
        if op in self.options["works"]:
            self.runs[ident] = self.options["works"][op]
            raise Refusal("accepted")
        return result

    def on_outcome(self, args):
        outcome = self.outcomes.get(args[1], {1: NOT_SEEN})
        if self.runs.get(args[1], 0) > 0:
            self.runs[args[1]] -= 1
            return {1: RUNNING, 2: outcome[2]}
        if 4 not in outcome:
            return outcome
        return {**outcome, 4: encode(outcome[4])}

    def on_hello(self, args):
        low, high = self.options["versions"]
        if self.options["hello"]:
            return {**self.options["hello"], 1: args[1]}
        answer = {1: args[1], 2: os.urandom(16), 3: low, 4: high,
                  5: self.options["version"],
                  6: self.options["receive_max"],
                  7: self.options["send_max"], 8: 0, 9: HARDWARE_ID,
                  12: self.record[RECORD["firmware_version"]], 13: False,
                  14: 7}
        for key, name in ((10, "serial"), (11, "model")):
            if RECORD[name] in self.record:
                answer[key] = self.record[RECORD[name]]
        return answer

    def on_noop(self, _):
        return {}

    def on_info(self, _):
        return self.record

    def on_status(self, _):
        if self.options["brief"]:
            state = {1: self.status, 2: 0, 3: False, 4: self.relay,
                     5: self.relay}
        else:
            state = self.whole_state()
        if self.pending:
            state.update(zip((6, 7, 8, 9), self.pending))
        if self.hold:
            state.update(zip((10, 11, 12, 13), self.hold))
        if self.tag:
            state.update(zip((14, 15, 16), self.tag))
        if self.test:
            self.test -= 1
            state.update({33: self.test, 34: NOW + self.test})
        if self.status == 1:
            self.status = 4  # registered by the next time
        return state

    def whole_state(self):
        return {1: self.status, 2: 1 << 16, 3: False, 4: self.relay,
                5: self.relay, 17: "240.1 V", 18: False, 19: True, 20: False,
                21: False, 22: ["240.1 V", "0.0 A"], 23: 2401, 24: 12,
                25: -300000, 26: 20, 27: -99, 28: 5998, 29: 712, 30: 17,
                31: 1685000, 32: self.test > 0, 35: 0, 36: 5,
                37: self.clock_ms, 38: True, 39: True, 40: NOW - 60, 41: 0}

    # Changes of the record

    def on_set(self, args):
        fields = {key: value for key, value in args.items()
                  if FIRST_RECORD_KEY <= key <= LAST_RECORD_KEY}
        changed = any(self.record.get(key) != value
                      for key, value in fields.items())
        self.record.update(fields)
        return {1: changed, 2: self.status}

    def on_provision(self, args):
        changed = self.on_set(args)[1]
        self.status = 1
        return {1: changed, 2: self.status}

    def on_unprovision(self, _):
        changed, self.status = self.status != 0, 0
        for key in (8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20):
            self.record.pop(key, None)
        return {1: changed, 2: 0}

    # Changes of the relay

    def moved(self, changed, **more):
        result = {1: changed, 2: self.relay, 3: self.relay}
        if self.pending:
            result.update({4: self.pending[0], 5: self.pending[1]})
        if self.hold:
            result.update({6: self.hold[0], 7: self.hold[1]})
        return {**result, **{KEYS["relay-moved"][name]: value
                             for name, value in more.items()}}

    def on_relay_move(self, args):
        position, when = args[1], args.get(2, 0)
        if when:
            at = args[3] if when == 2 else (NOW // 3600 + 1) * 3600
            self.pending = (position, at, NOW, args[63])
            return self.moved(True)
        changed = self.relay != position
        if 4 in args:
            self.hold = (self.relay, NOW + args[4], args[4], args[62])
        else:
            self.hold = None
        if 5 in args:
            self.tag = (args[5], args[63], NOW)
        self.relay, self.pending = position, None
        return self.moved(changed)

    def on_relay_cancel(self, _):
        if not self.pending:
            raise Refusal("nothing_pending")
        self.pending = None
        return self.moved(True)

    def on_relay_confirm(self, args):
        if not self.hold or self.hold[3] != args[1]:
            raise Refusal("nothing_pending")
        self.hold = None
        return self.moved(True)

    def on_relay_exercise(self, _):
        return self.moved(True, feedback_other=1 - self.relay,
                          voltage_followed=True)

    def on_tag(self, args):
        self.tag = (args[1], args[63], NOW)
        return self.moved(True)

    def on_untag(self, _):
        if not self.tag:
            raise Refusal("nothing_pending")
        self.tag = None
        return self.moved(True)

    # The rest

    def on_test_start(self, args):
        self.test = self.options["test_answers"]
        return {1: True, 2: 60 * args.get(1, 10), 3: NOW + 60 * args.get(1,
                                                                         10)}

    def on_test_stop(self, _):
        if not self.test:
            raise Refusal("nothing_pending")
        self.test = 0
        return {1: False}

    def on_data_info(self, _):
        info = self.log_info(self.options["blocks"])
        size = sum(map(len, self.options["blocks"]))
        return {**info, 4: size // 32 - len(self.options["blocks"]), 7: 15,
                8: size, 9: False}

    def on_events_info(self, _):
        return self.log_info(self.options["events"])

    @staticmethod
    def log_info(entries):
        if not entries:
            return {1: LOG_ID, 4: 0}
        return {1: LOG_ID, 2: 0, 3: len(entries) - 1, 4: len(entries),
                5: BEGIN, 6: NOW}

    def on_clock(self, _):
        return {1: self.clock_ms, 2: True}

    def on_link_baud(self, args):
        raise Refusal("unsupported")  # there is no line

    @staticmethod
    def on_link_check(args):
        return {1: padding(args[2])}

    def on_clock_set(self, args):
        self.clock_ms = args[1]
        return {1: args[1], 2: True}
