"""nginx with the configuration of deploy/, on a port of its own."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.conftest import free_port
from tests.services.programs import program
from xieshang.settings import ROOT

DEPLOYED = ROOT / "deploy" / "nginx" / "xieshang.conf"
WORKERS = ROOT / "deploy" / "nginx" / "workers.conf"
READY_SECONDS = 20
MAIN = """
daemon off;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/xieshang.conf;
}}
"""


def nginx_program() -> str:
    return program("nginx", "nginx-light")


def write_configuration(
    folder: Path, workers: Sequence[int], listening: str, plain_port: int
) -> Path:
    """The deployed configuration with the workers of a test.

    Args:
        folder: of everything nginx writes.
        workers: their ports.
        listening: what it listens to instead of port 443 with TLS.
        plain_port: what it listens to instead of port 80.
    """
    text = DEPLOYED.read_text(encoding="utf-8")
    line = WORKERS.read_text(encoding="utf-8").splitlines()[-1]
    assert "127.0.0.1:5006" in line
    (folder / "workers.conf").write_text(
        "\n".join(line.replace(":5006", f":{port}") for port in workers),
        encoding="utf-8",
    )
    for before, after in (
        ("listen 443 ssl;", f"listen {listening};"),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("/etc/ssl/xieshang", str(folder)),
        ("/etc/nginx/xieshang", str(folder)),
    ):
        assert before in text
        text = text.replace(before, after)
    (folder / "xieshang.conf").write_text(text, encoding="utf-8")
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(folder=folder), encoding="utf-8")
    return main


@contextmanager
def nginx_server(folder: Path, workers: Sequence[int]) -> Iterator[str]:
    """The address of a running proxy, without TLS; a skipped test without nginx."""
    binary, port = nginx_program(), free_port()
    # TLS is tested in tests/deploy: these clients have enough to do.
    main = write_configuration(folder, workers, f"127.0.0.1:{port}", free_port())
    text = (folder / "xieshang.conf").read_text(encoding="utf-8")
    text = re.sub(r"\n    ssl_certificate.*", "", text)
    (folder / "xieshang.conf").write_text(text, encoding="utf-8")
    process = subprocess.Popen([binary, "-p", str(folder), "-c", str(main)])
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not answers(url):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/", timeout=2):
            return True
    except HTTPError:
        return True
    except OSError:
        return False
