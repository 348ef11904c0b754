"""The system call filter of the sandbox, assembled here as classic BPF for x86-64 and aarch64.

Law: this is a deny-list behind the namespaces, never instead of them; a call from a foreign ABI kills the process.
"""

from __future__ import annotations

import errno
import os
import platform
import struct

_LOAD, _JEQ, _JGE, _JSET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NR, _ARCH, _ARG0, _ARG1, _ARG2 = 0, 4, 16, 24, 32  # offsets in struct seccomp_data (little endian, low halves)
_X32 = 0x40000000
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET,TIME}
_TIOCSTI, _TIOCLINUX, _TIOCSETD = 0x5412, 0x541C, 0x5423
_FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink

_ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Numbers per call: (x86-64, aarch64); None where the architecture never had it.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "syslog": (103, 116),
    "modify_ldt": (154, None),
    "query_module": (178, None),
    "pivot_root": (155, 41),
    "sysctl": (156, None),
    "adjtimex": (159, 171),
    "chroot": (161, 51),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "create_module": (174, None),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "get_kernel_syms": (177, None),
    "quotactl": (179, 60),
    "nfsservctl": (180, 42),
    "vhangup": (153, 58),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "lookup_dcookie": (212, 18),
    "clock_settime": (227, 112),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "move_pages": (279, 239),
    "unshare": (272, 97),
    "migrate_pages": (256, 238),
    "perf_event_open": (298, 241),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "clock_adjtime": (305, 266),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "finit_module": (313, 273),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
    "quotactl_fd": (443, 443),
    "memfd_secret": (447, 447),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
}
# "Not there" rather than "not allowed": libraries then fall back to what is filtered by argument.
_ABSENT: dict[str, tuple[int, int]] = {
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "clone3": (435, 435),
}
_CLONE, _SOCKET, _IOCTL = (56, 220), (41, 198), (16, 29)
_SOCKETPAIR, _PRLIMIT = (53, 199), (302, 261)


class UnknownArchitecture(Exception):
    """No filter is known for this machine's architecture."""


def _instruction(code: int, k: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, jump_true, jump_false, k)


def _refuse(number: int) -> bytes:
    return _instruction(_RETURN, _ERRNO | number)


def assemble(machine: str | None = None) -> bytes:
    """Return the filter for `machine` ("x86_64" or "aarch64", this host's by default) as an array of sock_filter."""
    machine = machine or platform.machine()
    if machine not in _ARCHES:
        raise UnknownArchitecture(f"no system call filter is known for {machine}")
    index = list(_ARCHES).index(machine)
    code = [
        _instruction(_LOAD, _ARCH),
        _instruction(_JEQ, _ARCHES[machine], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NR),
    ]
    if machine == "x86_64":
        code += [_instruction(_JGE, _X32, 0, 1), _refuse(errno.ENOSYS)]
    for numbers, answer in ((_DENIED, errno.EPERM), (_ABSENT, errno.ENOSYS)):
        for pair in numbers.values():
            number = pair[index]
            if number is not None:
                code += [_instruction(_JEQ, number, 0, 1), _refuse(answer)]
    # clone: no new namespaces
    code += [
        _instruction(_JEQ, _CLONE[index], 0, 4),
        _instruction(_LOAD, _ARG0),
        _instruction(_JSET, _NEW_NAMESPACES, 0, 1),
        _refuse(errno.EPERM),
        _instruction(_RETURN, _ALLOW),
    ]
    # socket: only families that the network namespace confines (AF_VSOCK is not one)
    code += [_instruction(_JEQ, _SOCKET[index], 0, len(_FAMILIES) + 3), _instruction(_LOAD, _ARG0)]
    code += [_instruction(_JEQ, family, len(_FAMILIES) - at, 0) for at, family in enumerate(_FAMILIES)]
    code += [_refuse(errno.EAFNOSUPPORT), _instruction(_RETURN, _ALLOW)]
    # socketpair: otherwise it would load the families that `socket` refuses; only local ones can be made in pairs
    code += [
        _instruction(_JEQ, _SOCKETPAIR[index], 0, 4),
        _instruction(_LOAD, _ARG0),
        _instruction(_JEQ, _FAMILIES[0], 1, 0),
        _refuse(errno.EAFNOSUPPORT),
        _instruction(_RETURN, _ALLOW),
    ]
    # prlimit: read the limits of other processes, never set them: process 1 could be left without descriptors
    code += [
        _instruction(_JEQ, _PRLIMIT[index], 0, 8),
        _instruction(_LOAD, _ARG0),
        _instruction(_JEQ, 0, 5, 0),
        _instruction(_LOAD, _ARG2),
        _instruction(_JEQ, 0, 0, 2),
        _instruction(_LOAD, _ARG2 + 4),
        _instruction(_JEQ, 0, 1, 0),
        _refuse(errno.EPERM),
        _instruction(_RETURN, _ALLOW),
    ]
    # ioctl: nothing that types into a terminal
    tricks = (_TIOCSTI, _TIOCLINUX, _TIOCSETD)
    code += [_instruction(_JEQ, _IOCTL[index], 0, len(tricks) + 3), _instruction(_LOAD, _ARG1)]
    code += [_instruction(_JEQ, trick, len(tricks) - at, 0) for at, trick in enumerate(tricks)]
    code += [_instruction(_RETURN, _ALLOW), _refuse(errno.EPERM)]
    code.append(_instruction(_RETURN, _ALLOW))
    return b"".join(code)


def filter_fd() -> int:
    """Return a sealed-off memory file with the filter for this host, at its beginning; the caller closes it."""
    fd = os.memfd_create("seccomp", os.MFD_CLOEXEC)
    os.write(fd, assemble())
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
