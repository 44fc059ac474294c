"""From a question of the kernel to its answer."""

from __future__ import annotations

import errno
import struct
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import kernel
from showcase.witnesses.syscalls.calls.call import Call, Unreadable
from showcase.witnesses.syscalls.calls.processes import NotASocket, Processes
from showcase.witnesses.syscalls.delegates import connections, sends
from showcase.witnesses.syscalls.delegates.waiting import signalled
from showcase.witnesses.syscalls.filter import abi as abis
from showcase.witnesses.syscalls.filter.listener import Answer
from showcase.witnesses.syscalls.rules import acts, changes, options, reach, terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.witnesses.syscalls.calls.call import Post
    from showcase.witnesses.syscalls.delegates.waiting import Waiting
    from showcase.witnesses.syscalls.filter.listener import Question

    Handler = Callable[[Call], Answer | Waiting | None]

OPEN: dict[str, Handler] = {
    "connect": connections.connect,
    "bind": connections.bind,
    "listen": connections.listen,
    "socket": connections.make_socket,
    "sendto": sends.sendto,
    "sendmsg": sends.sendmsg,
    "sendmmsg": sends.sendmmsg,
    "write": sends.write,
    "writev": sends.writev,
    "ptrace": reach.ptrace,
    "process_vm_writev": reach.process_vm_writev,
    "pidfd_getfd": reach.pidfd_getfd,
    "prlimit64": reach.prlimit64,
    "setsockopt": options.setsockopt,
    "io_uring_setup": reach.io_uring_setup,
    "request_key": reach.request_key,
    "ioctl": terminal.ioctl,
    **acts.HANDLERS,
}
"""What is done about each call where calls are let through."""

SEALED: dict[str, Handler] = {
    **OPEN,
    "socket": connections.make_socket_sealed,
    "request_key": reach.request_key_sealed,
    "ioctl": terminal.ioctl_sealed,
    **changes.HANDLERS,
}
"""Likewise in a sealed namespace, whose walls some calls do not respect."""

_SOCKETCALL_ARGUMENTS = 6


class Dispatcher:
    """Answers questions and counts them.

    Args:
        post: Where the supervisor stands.
    """

    def __init__(self, post: Post) -> None:
        self.counts: dict[str, int] = {}
        self.waiting: dict[int, tuple[Question, Waiting]] = {}
        """Calls that have no answer yet, by descriptor."""
        self._post = post
        self._handlers = OPEN if post.station is None else SEALED
        self._processes = Processes()

    def answer(self, question: Question) -> Waiting | None:
        """Handle one question to its end, or to where its caller has to wait: then return what it waits for."""
        known = abis.name_of(question.arch, question.number)
        if known is None:  # the filter notifies of nothing that the tables do not hold
            self._reply(question, Answer(error=errno.ENOSYS))
            return None
        abi, name = known
        answer: Answer | Waiting | None = None
        try:
            process = self._processes.of_thread(question.tid)
            if name == "socketcall":
                name, question = _unpack(question)
            self._count(name)
            if name in self._handlers:
                answer = self._handlers[name](Call(name, abi, question, process, self._post))
        except NotASocket as other:
            answer = Answer(error=other.error)
        except Unreadable as unreadable:
            answer = self._unread(question, name, unreadable.error)
        except OSError as error:  # the process ended while it was looked at
            answer = self._unread(question, name, error.errno or errno.ESRCH)
        if answer is None or isinstance(answer, Answer):
            self._reply(question, answer)
            return None
        self.waiting[answer.descriptor] = (question, answer)
        return answer

    def go_on(self, descriptor: int) -> bool:
        """Go on with the call that waits under this descriptor; return whether it has its answer now."""
        question, waiting = self.waiting[descriptor]
        answer: Answer | None = None
        over = not self._post.listener.waits(question)
        if not over:
            try:
                answer = waiting.go_on()
            except (OSError, Unreadable) as error:
                answer = Answer(error=getattr(error, "errno", None) or getattr(error, "error", None) or errno.EIO)
            if answer is None and signalled(question.tid):
                answer = waiting.interrupted()
        if over or answer is not None:
            del self.waiting[descriptor]
            waiting.close()
            self._reply(question, answer)
            return True
        return False

    def _reply(self, question: Question, answer: Answer | None) -> None:
        if not self._post.listener.reply(question, answer):
            self._count("gone before the answer")

    def _unread(self, question: Question, name: str, error: int) -> Answer | None:
        """Write down what could not be looked at; a bad address is the caller's error alone.

        What nobody saw is made all the same where it shall do what it always does, and costs the coverage. In a seal
        it is refused.
        """
        if error == errno.EFAULT:
            return Answer(error=errno.EFAULT)
        gone = not self._post.listener.waits(question)
        self._count("gone before it was read" if gone else "unreadable")
        reason = errno.errorcode.get(error, str(error))
        self._post.records.write("unread", call=name, tid=question.tid, gone=gone, reason=reason)
        return None if self._post.station is None else Answer(error=errno.EPERM)

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


def _unpack(question: Question) -> tuple[str, Question]:
    """Return the call within i386's `socketcall`, whose arguments lie in memory."""
    name = abis.SOCKETCALLS.get(question.arguments[0] & 0xFF, "socketcall")
    raw = kernel.read_memory(question.tid, question.arguments[1], 4 * _SOCKETCALL_ARGUMENTS)
    arguments = list(struct.unpack(f"={len(raw) // 4}I", raw[: len(raw) // 4 * 4]))
    arguments += [0] * (_SOCKETCALL_ARGUMENTS - len(arguments))
    if question.arguments[0] == abis.SOCKETCALL_SEND:  # what lies behind its four arguments is no address
        arguments[4:] = [0, 0]
    return name, question._replace(arguments=tuple(arguments))
