"""A shell's start-up file: where it is, and how it is changed without losing anything.

Knows the shells' rules for places, links and modes.  It does not know what is written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

from occasio_core.errors import OccasioError, UsageError
from occasio_core.files import write_whole
from occasio_core.shell_functions import Shell, StartupFileError

_PROFILE = "Microsoft.PowerShell_profile.ps1"


def shell_of(environment: Mapping[str, str]) -> Shell:
    """Return the person's shell.  Raises `UsageError` if it is none that is known."""
    name = PurePath(environment.get("SHELL", "")).name
    if not name and sys.platform == "win32":
        return Shell.POWERSHELL
    try:
        return Shell("powershell" if name == "pwsh" else name)
    except ValueError:
        known = ", ".join(Shell)
        raise UsageError(f"`{name}` is no shell that Occasio knows", hint=f"--shell, with one of: {known}") from None


def startup_file(shell: Shell, environment: Mapping[str, str]) -> Path:
    """Return the file that the shell reads when a person starts it."""
    home = Path(environment.get("HOME") or Path.home())
    match shell:
        case Shell.BASH:
            return home / ".bashrc"
        case Shell.ZSH:
            return Path(environment.get("ZDOTDIR") or home) / ".zshrc"
        case Shell.FISH:
            return Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "fish" / "config.fish"
        case Shell.POWERSHELL if sys.platform == "win32":
            return home / "Documents" / "PowerShell" / _PROFILE
        case Shell.POWERSHELL:
            return Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "powershell" / _PROFILE


def changed(path: Path, change: Callable[[bytes], bytes]) -> bool:
    """Return whether the file is another one after the change; a file that is not there is an empty one.

    Links are followed, the mode stays.  Raises `OccasioError` that names the file, `StartupFileError` for lines in it.
    """
    real = path.resolve()
    try:
        before = real.read_bytes() if real.exists() else None
        if before is not None and (b"\0" in before or not _is_text(before)):
            raise StartupFileError("is not text", hint="look at it; nothing was changed")
        after = change(before or b"")
        if after == (before or b""):
            return False
        mode = real.stat().st_mode & 0o7777 if before is not None else 0o644
        real.parent.mkdir(parents=True, exist_ok=True)
        write_whole(real, after, mode)
        if before is not None and os.name == "posix":
            real.chmod(mode)
    except StartupFileError as error:
        raise StartupFileError(f"`{path}` {error}", hint=error.hint) from None
    except OSError as error:
        raise OccasioError(f"`{path}` cannot be changed: {error.strerror}") from error
    return True


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
