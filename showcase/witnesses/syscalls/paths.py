"""Unix sockets that have a path: is something there, and what is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import procfs

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.address import Address
    from showcase.witnesses.syscalls.call import Call

_WHERE = {
    True: "leads out of the seal",
    False: "inside the seal",
    None: "leads out of the seal, as far as is known",
}


def fate(call: Call, address: Address) -> dict[str, object]:
    """Return what the path of a Unix socket leads to, as its caller sees it; nothing for other addresses.

    Device and inode tell two sockets apart that have the same path in different mount namespaces.
    """
    if address.family != "unix" or not address.name or address.name.startswith("@"):
        return {}
    start = "root" if address.name.startswith("/") else "cwd"
    found = procfs.identity(f"{call.process.pid}/{start}/{address.name.lstrip('/')}")
    if found is None:
        return {"outcome": "no such socket"}
    if call.station is None:
        return {}
    return {"outcome": _WHERE[call.station.crosses(*found)]}
