"""`make widget`: web/dist/widget.js up to date with its sources.

The built file is committed, so that nobody needs Node to run the assistant. Beside it
stands the digest of the sources that it was built from.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from xieshang.settings import ROOT

WEB = ROOT / "web"
WIDGET = WEB / "dist" / "widget.js"
DIGEST = WEB / "dist" / "sources.sha256"
LOCK = WEB / "package-lock.json"
# Whatever the bytes of the built file depend on.
SOURCES = (
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "texts.*.json",
    "src/**/*.*",
)


class BuildError(Exception):
    """npm failed; the text is what it said."""

    @property
    def first_line(self) -> str:
        """The first line that names an error."""
        lines = [line.strip() for line in str(self).split("\n") if "rror" in line]
        named = [line for line in lines if not line.startswith("npm error code")]
        return (named or ["npm failed"])[0]


def sources_digest() -> str:
    """The digest of everything that the built file is made from."""
    digest = hashlib.sha256()
    paths = {path for pattern in SOURCES for path in WEB.glob(pattern)}
    for path in sorted(paths):
        digest.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current() -> bool:
    """Whether the built file is there and was made from the present sources."""
    return (
        WIDGET.exists()
        and DIGEST.exists()
        and DIGEST.read_text(encoding="ascii").strip() == sources_digest()
    )


def run_npm(*arguments: str) -> None:
    """Run npm in web/.

    Raises:
        BuildError: it is not there, or failed.
    """
    try:
        ended = subprocess.run(
            ["npm", *arguments],
            cwd=WEB,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise BuildError(f"Error: npm cannot be run ({error.strerror})") from error
    if ended.returncode:
        raise BuildError(ended.stdout + ended.stderr)


def install_packages() -> None:
    """Bring web/node_modules up to the lock file.

    Raises:
        BuildError: npm failed; the registry cannot be reached, for example.
    """
    stamp = WEB / "node_modules" / ".installed"
    want = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == want:
        return
    run_npm("ci", "--no-audit", "--no-fund")
    stamp.write_text(want, encoding="ascii")


def build(folder: Path) -> None:
    """Build the widget.

    Args:
        folder: takes widget.js.

    Raises:
        BuildError: npm failed.
    """
    install_packages()
    run_npm("run", "build", "--", "--outDir", str(folder), "--emptyOutDir")


def ensure_widget() -> None:
    """Build the widget when it is stale and Node is there.

    Without Node, or when the build fails, the built file stays as it is.

    Raises:
        SystemExit: there is no built file and it cannot be made.
    """
    if is_current():
        return
    problem = "Node is not there"
    if shutil.which("npm"):
        print("Building the widget (once; again when web/ changes).", flush=True)
        try:
            build(WIDGET.parent)
            DIGEST.write_text(sources_digest() + "\n", encoding="ascii")
            return
        except BuildError as error:
            problem = error.first_line
    if not WIDGET.exists():
        sys.exit(f"The widget cannot be built: {problem}")
    print(f"web/dist is older than its sources; it is used as it is: {problem}")


def main() -> None:
    """Entry point of `make widget`."""
    ensure_widget()
    if not is_current():
        sys.exit(1)
    print(f"The widget is up to date: {WIDGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
