"""Numbers of the calls that change who a process is, what it sees of the machine, or that act through the kernel."""

from __future__ import annotations

_SINCE_THEY_ARE_THE_SAME = {"fsopen": 430, "move_mount": 429, "clone3": 435}
"""From number 424 on all interfaces have the same numbers."""

X86_64 = {
    "ioctl": 16,
    "clone": 56,
    "setuid": 105,
    "setgid": 106,
    "setreuid": 113,
    "setregid": 114,
    "setgroups": 116,
    "setresuid": 117,
    "setresgid": 119,
    "pivot_root": 155,
    "chroot": 161,
    "mount": 165,
    "umount2": 166,
    "init_module": 175,
    "add_key": 248,
    "keyctl": 250,
    "unshare": 272,
    "perf_event_open": 298,
    "prlimit64": 302,
    "setns": 308,
    "finit_module": 313,
    "bpf": 321,
    "userfaultfd": 323,
    **_SINCE_THEY_ARE_THE_SAME,
}
X32 = {"ioctl": 514}
"""Those that differ from x86_64."""

_OF_32_BITS = {
    "setreuid32": 203,
    "setregid32": 204,
    "setgroups32": 206,
    "setresuid32": 208,
    "setresgid32": 210,
    "setuid32": 213,
    "setgid32": 214,
    "mount": 21,
    "setuid": 23,
    "setgid": 46,
    "umount2": 52,
    "ioctl": 54,
    "chroot": 61,
    "setreuid": 70,
    "setregid": 71,
    "setgroups": 81,
    "clone": 120,
    "init_module": 128,
    "setresuid": 164,
    "setresgid": 170,
    **_SINCE_THEY_ARE_THE_SAME,
}
"""What i386 and arm have in common. Calls without a 32 take 16-bit numbers of users and groups."""

I386 = {
    **_OF_32_BITS,
    "pivot_root": 217,
    "add_key": 286,
    "keyctl": 288,
    "unshare": 310,
    "perf_event_open": 336,
    "prlimit64": 340,
    "setns": 346,
    "finit_module": 350,
    "bpf": 357,
    "userfaultfd": 374,
}
AARCH64 = {
    "ioctl": 29,
    "umount2": 39,
    "mount": 40,
    "pivot_root": 41,
    "chroot": 51,
    "unshare": 97,
    "init_module": 105,
    "setregid": 143,
    "setgid": 144,
    "setreuid": 145,
    "setuid": 146,
    "setresuid": 147,
    "setresgid": 149,
    "setgroups": 159,
    "add_key": 217,
    "keyctl": 219,
    "clone": 220,
    "perf_event_open": 241,
    "prlimit64": 261,
    "setns": 268,
    "finit_module": 273,
    "bpf": 280,
    "userfaultfd": 282,
    **_SINCE_THEY_ARE_THE_SAME,
}
ARM = {
    **_OF_32_BITS,
    "pivot_root": 218,
    "add_key": 309,
    "keyctl": 311,
    "unshare": 337,
    "perf_event_open": 364,
    "prlimit64": 369,
    "setns": 375,
    "finit_module": 379,
    "bpf": 386,
    "userfaultfd": 388,
}
