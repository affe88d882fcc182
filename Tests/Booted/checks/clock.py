"""What the service knows of the machine's clocks."""
import pathlib

from inside.checking import check, same


@check("the service knows which boot it runs in, although its sandbox hides the kernel's own word")
def boot(service):
    service.systemctl("start")
    environment = pathlib.Path(f"/proc/{service.pid}/environ").read_bytes().split(b"\0")
    told = [entry.partition(b"=")[2].decode() for entry in environment if entry.startswith(b"SESSIOND_BOOT_ID=")]
    same("boot", told, [pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")])
