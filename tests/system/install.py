# SPDX-License-Identifier: BSD-2-Clause
"""make install and uninstall."""

import os
import pathlib
import subprocess

from rig import check, holds, same, test

ROOT = pathlib.Path(__file__).resolve().parents[2]


def make(rig, goal):
    """With the very binary under test in place of a new build."""
    build = os.path.dirname(rig.binary)
    env = {key: value for key, value in rig.env.items()
           if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    result = subprocess.run(
        ["make", "-s", "-C", str(ROOT), f"BUILD={build}", "-o",
         f"{build}/collarctl", f"DESTDIR={rig.home}/root", "PREFIX=/usr",
         goal], env=env, capture_output=True, text=True, check=False)
    same(result.returncode, 0, f"make {goal}: {result.stderr}")


def files(rig):
    return sorted(str(path.relative_to(rig.home + "/root"))
                  for path in pathlib.Path(rig.home, "root").rglob("*")
                  if path.is_file())


@test
def install_honours_destdir_and_prefix_and_uninstall_leaves_nothing(rig):
    make(rig, "install")
    installed = files(rig)
    for name in ("usr/bin/collarctl", "usr/share/man/man1/collarctl.1",
                 "usr/share/man/man5/collarctl.5",
                 "usr/share/man/man7/collarctl-protocol.7",
                 "usr/share/bash-completion/completions/collarctl",
                 "usr/share/zsh/site-functions/_collarctl",
                 "usr/share/fish/vendor_completions.d/collarctl.fish",
                 "usr/lib/udev/rules.d/70-collarctl.rules"):
        holds(installed, name)
    rules = pathlib.Path(rig.home, "root/usr/lib/udev/rules.d",
                         "70-collarctl.rules").read_text(encoding="utf-8")
    holds(rules, 'ATTR{idVendor}=="1209", ATTR{idProduct}=="0001", '
          'TAG+="uaccess"')
    ran = subprocess.run([rig.home + "/root/usr/bin/collarctl", "--version"],
                         env=rig.env, capture_output=True, text=True,
                         check=True)
    check(ran.stdout.startswith("collarctl "), ran.stdout)
    make(rig, "uninstall")
    same(files(rig), [], "files left")
