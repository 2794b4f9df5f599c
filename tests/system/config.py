# SPDX-License-Identifier: BSD-2-Clause
"""The configuration file: names of ports, defaults, and what is wrong in it."""

import os

from rig import (EX_CONFIG, EX_NO_COLLAR, EX_USAGE, check, holds, lacks,
                 matches, same, test)


def configure(rig, text, folder=".config"):
    os.makedirs(rig.path(f"{folder}/collarctl"), exist_ok=True)
    return rig.write(f"{folder}/collarctl/config", text)


@test
def a_port_has_a_name(rig):
    rig.collar().provision()
    configure(rig, "port bench = sim:unit\n")
    same(rig.run("-p", "bench", "get", "serial").out, "SIM0001\n", "-p")
    same(rig.run("get", "serial", env={"COLLARCTL_PORT": "bench"}).out,
         "SIM0001\n", "environment")
    rig.run("-p", "shelf", "status", status=EX_USAGE)
    rig.run("status", status=EX_NO_COLLAR)  # a name is no default
    holds(rig.run("completion", "ports").out, "bench\n")


@test
def the_port_of_the_file_comes_after_option_and_environment(rig):
    for name in ("one", "two", "three"):
        rig.collar(name).provision(name.upper())
    configure(rig, "port = second\nport second = sim:two\n")
    env = {"COLLARCTL_PORT": "sim:three"}
    same(rig.run("get", "serial").out, "TWO\n", "file")
    same(rig.run("get", "serial", env=env).out, "THREE\n", "environment")
    same(rig.run("-p", "sim:one", "get", "serial", env=env).out, "ONE\n",
         "option")
    script = "get serial\nget serial -p sim:one\nget serial\n"
    same(rig.run("shell", stdin=script).out, "TWO\nONE\nTWO\n", "shell")


@test
def the_format_of_the_file_is_for_the_commands_that_have_it(rig):
    collar = rig.collar()
    configure(rig, "format = json\n")
    holds(collar.run("lcd").json, "lcd")
    holds(collar.run("lcd", "-f", "text").out, "Glass")
    holds(rig.run("version").out, "collarctl ")
    same(collar.run("-s", "OTHER", "lcd", status=EX_NO_COLLAR).error["code"],
         "wrong_unit", "an error is JSON, too")
    configure(rig, "format = csv\n")
    holds(collar.run("lcd").out, "Glass")
    holds(collar.run("data", "dump").out, "Sampled At,")


@test
def colour_and_key_come_after_the_environment(rig):
    collar = rig.collar()
    configure(rig, "color = always\n")
    holds(collar.run("status").out, "\x1b[")
    lacks(collar.run("status", "--color", "never").out, "\x1b[")
    lacks(collar.run("status", env={"NO_COLOR": "1"}).out, "\x1b[")
    configure(rig, "key = /no/such/key\n")
    holds(collar.run("status", status=EX_CONFIG).err, "/no/such/key")
    holds(collar.run("status", env={"COLLARCTL_KEY": "/nor/this"},
                     status=EX_CONFIG).err, "/nor/this")


@test
def what_is_wrong_ends_every_command_but_help_and_version(rig):
    path = configure(rig, "color = never\nports = sim\n")
    for words in (["-p", "sim", "status"], ["list"], ["explain", "CEL"],
                  ["shell"]):
        result = rig.run(*words, status=EX_CONFIG)
        matches(result.err, rf"^collarctl: {path}, line 2: .*'ports'.*: ")
        same((result.out, len(result.err.splitlines())), ("", 1), words)
    error = rig.run("--json", "-p", "sim", "status", status=EX_CONFIG).error
    same(error["code"], "bad_config", "code")
    check(not os.path.exists(rig.path(".local")), "a unit was made")
    for words in ([], ["help"], ["relay", "--help"], ["version"], ["-V"]):
        rig.run(*words)


@test
def a_file_that_cannot_be_read_is_told(rig):
    os.makedirs(rig.path(".config/collarctl/config"))
    holds(rig.run("-p", "sim", "status", status=EX_CONFIG).err, "directory")
    env = {"XDG_CONFIG_HOME": rig.path("other")}
    rig.run("-p", "sim", "status", env=env)
    configure(rig, "\x7fELF", "other")
    holds(rig.run("-p", "sim", "status", env=env, status=EX_CONFIG).err,
          "other/collarctl/config, line 1: ")
