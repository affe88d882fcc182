"""What a process may do that is started as this one is: a line of JSON with "allowed" or the error's name an attempt.

It stands alone, so that it may be run by anybody, and as ExecStartPre= in the sandbox of a unit.
"""
import ctypes
import errno
import json
import mmap
import os
import socket
import stat

LIBC = ctypes.CDLL(None, use_errno=True)
PERSONALITY_LINUX32 = 0x0008
CLONE_NEWUSER = 0x10000000
PTRACE_TRACEME = 0


def system_call(name, *arguments):
    if getattr(LIBC, name)(*(ctypes.c_long(one) for one in arguments)) == -1:
        raise OSError(ctypes.get_errno(), name)


def family(number):
    return lambda: socket.socket(number, socket.SOCK_RAW if number == socket.AF_NETLINK else socket.SOCK_STREAM).close()


def set_user_id():
    file = f"/tmp/probe.{os.getpid()}"
    with open(file, "x"):
        pass
    try:
        os.chmod(file, stat.S_ISUID | 0o700)
    finally:
        os.unlink(file)


def new_user_namespace():
    # In a process of its own, which leaves with it.
    child = os.fork()
    if child == 0:
        try:
            system_call("unshare", CLONE_NEWUSER)
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != 0:
        raise OSError(status, "unshare")


ATTEMPTS = {
    "AF_UNIX": family(socket.AF_UNIX),
    "AF_INET": family(socket.AF_INET),
    "AF_INET6": family(socket.AF_INET6),
    "AF_NETLINK": family(socket.AF_NETLINK),
    "memory that is written and run": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC).close(),
    "another personality": lambda: system_call("personality", PERSONALITY_LINUX32),
    "another priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, 1),
    "a user namespace": new_user_namespace,
    "a set-user-ID file": set_user_id,
    "the system's processes": lambda: os.stat("/proc/1"),
    "what /proc says of the system": lambda: os.stat("/proc/uptime"),
    # Last, as it changes what a signal does.
    "being traced": lambda: system_call("ptrace", PTRACE_TRACEME, 0, 0, 0),
}


def outcome(attempt):
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "allowed"


if __name__ == "__main__":
    print(json.dumps({name: outcome(attempt) for name, attempt in ATTEMPTS.items()}), flush=True)
