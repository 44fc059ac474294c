"""Job objects of Windows: processes that are counted, and ended, together, however they are related.

Windows has no process groups, and the child of a process that ended is nobody's. What a process of a job starts is in
the job from its first instruction on, and no flag gets it out of one of ours. A job is closed with the last handle to
it, also where its owner is killed; what is then in it is ended by the system. Source: "Job Objects" and "Nested Jobs"
in Microsoft's documentation of Win32.
"""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
from contextlib import contextmanager, suppress
from ctypes import wintypes
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENDED = 15
"""Exit status of what is ended with its job. The system keeps none of its own for that; psutil's is the same."""

_WINDOWS: Any = ctypes
"""Where ctypes keeps what it has on Windows alone."""

_SUSPENDED = 0x4  # CREATE_SUSPENDED
_SET_QUOTA_AND_TERMINATE = 0x100 | 0x1  # PROCESS_SET_QUOTA, PROCESS_TERMINATE: what it takes to assign a process
_KILL_ON_JOB_CLOSE = 0x2000  # JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
_PROCESS_IDS, _LIMITS = 3, 9  # JobObjectBasicProcessIdList, JobObjectExtendedLimitInformation
_MORE_DATA = 234  # ERROR_MORE_DATA
_ROOM = 64


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION of winnt.h."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("most_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h: with counts of I/O and sizes of memory that are not asked."""

    _fields_ = (("basic", _BasicLimits), ("counts", ctypes.c_uint64 * 6), ("sizes", ctypes.c_size_t * 4))


class _Counts(ctypes.Structure):
    """What JOBOBJECT_BASIC_PROCESS_ID_LIST of winnt.h begins with; the pids follow."""

    _fields_ = (("assigned", ctypes.c_uint32), ("listed", ctypes.c_uint32))


class JobObject:
    """A job whose processes end when it is closed, which happens at the latest when this process ends.

    Raises:
        OSError: There is none, as on every other system.
    """

    def __init__(self) -> None:
        self._kernel = _kernel32()
        self._handle: int | None = self._kernel.CreateJobObjectW(None, None)
        if not self._handle:
            raise _failure()
        try:
            self._limit(_KILL_ON_JOB_CLOSE)
        except OSError:
            self.close()
            raise

    def take(self, pid: int) -> None:
        """Take a process in; what it starts from here on is in as well.

        Raises:
            OSError: It is gone, or it is in a job that has no room for another (Windows before 8).
        """
        process = self._kernel.OpenProcess(_SET_QUOTA_AND_TERMINATE, False, pid)
        if not process:
            raise _failure()
        try:
            if not self._kernel.AssignProcessToJobObject(self._handle, process):
                raise _failure()
        finally:
            self._kernel.CloseHandle(process)

    def members(self) -> list[int]:
        """Return the pids of those that are in it and live; nothing once it is closed."""
        room = _ROOM
        while self._handle is not None:
            found = ctypes.create_string_buffer(ctypes.sizeof(_Counts) + room * ctypes.sizeof(ctypes.c_size_t))
            size = ctypes.sizeof(found)
            if self._kernel.QueryInformationJobObject(self._handle, _PROCESS_IDS, found, size, None):
                listed = _Counts.from_buffer(found).listed
                return list((ctypes.c_size_t * listed).from_buffer(found, ctypes.sizeof(_Counts)))
            if _WINDOWS.get_last_error() != _MORE_DATA:
                return []
            room *= 2
        return []

    def end(self) -> None:
        """End all that is in it, at once."""
        if self._handle is not None:
            self._kernel.TerminateJobObject(self._handle, ENDED)

    def let_live(self) -> None:
        """Let those that are in it outlive it."""
        if self._handle is not None:
            with suppress(OSError):
                self._limit(0)

    def close(self) -> None:
        """Close it; safe to call twice."""
        handle, self._handle = self._handle, None
        if handle is not None:
            self._kernel.CloseHandle(handle)

    def _limit(self, flags: int) -> None:
        limits = Limits()
        limits.basic.flags = flags
        size = ctypes.sizeof(limits)
        if not self._kernel.SetInformationJobObject(self._handle, _LIMITS, ctypes.byref(limits), size):
            raise _failure()


def start(command: Sequence[str], **options: Any) -> tuple[subprocess.Popen[bytes], JobObject | None]:  # noqa: ANN401 - those of Popen
    """Start a process, on Windows within a job of its own before it runs; no job elsewhere, or where none can be made.

    Raises:
        OSError: It cannot be started.
    """
    if os.name != "nt":
        return subprocess.Popen(list(command), **options), None
    options["creationflags"] = options.get("creationflags", 0) | _SUSPENDED
    process = subprocess.Popen(list(command), **options)
    with _ended_with_its_start(process):
        job = _job_of(process.pid)
        psutil.Process(process.pid).resume()
    return process, job


@contextmanager
def _ended_with_its_start(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave no process behind that was never allowed to run."""
    try:
        yield
    except BaseException as error:
        process.kill()
        process.wait()
        if isinstance(error, psutil.Error):
            raise OSError(errno.EACCES, f"it could not be set going: {error}") from error
        raise


def _job_of(pid: int) -> JobObject | None:
    try:
        job = JobObject()
    except OSError:
        return None
    try:
        job.take(pid)
    except OSError:
        job.close()
        return None
    return job


def _kernel32() -> Any:  # noqa: ANN401 - ctypes has no types for what a library holds
    if os.name != "nt":
        raise OSError(errno.ENOSYS, "this system has no job objects")
    library = _WINDOWS.WinDLL("kernel32", use_last_error=True)
    handle, dword, boolean, pointer = wintypes.HANDLE, wintypes.DWORD, wintypes.BOOL, ctypes.c_void_p
    for name, result, arguments in (
        ("CreateJobObjectW", handle, (pointer, wintypes.LPCWSTR)),
        ("OpenProcess", handle, (dword, boolean, dword)),
        ("AssignProcessToJobObject", boolean, (handle, handle)),
        ("SetInformationJobObject", boolean, (handle, ctypes.c_int, pointer, dword)),
        ("QueryInformationJobObject", boolean, (handle, ctypes.c_int, pointer, dword, pointer)),
        ("TerminateJobObject", boolean, (handle, wintypes.UINT)),
        ("CloseHandle", boolean, (handle,)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _failure() -> OSError:
    failure: OSError = _WINDOWS.WinError(_WINDOWS.get_last_error())
    return failure
