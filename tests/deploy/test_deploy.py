"""The files of deploy/, by the tools that read them where there is one."""

from __future__ import annotations

import datetime
import re
import ssl
import subprocess
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import free_port
from tests.services.nginx_server import nginx_program, write_configuration
from tests.services.programs import program
from xieshang.settings import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PYTHON = "/opt/xieshang/.venv/bin/python"
# A name of Docker's own registry, with a version, without the host of another one.
IMAGE = re.compile(r"[a-z]+(:[\w.-]+)?")


def write_certificate(folder: Path) -> None:
    """A certificate of localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    moment = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - datetime.timedelta(days=1))
        .not_valid_after(moment + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def test_nginx_takes_the_configuration_and_speaks_tls(tmp_path: Path) -> None:
    binary, port, plain_port = nginx_program(), free_port(), free_port()
    write_certificate(tmp_path)
    main = write_configuration(
        tmp_path, [free_port()], f"127.0.0.1:{port} ssl", plain_port
    )
    command = [binary, "-p", str(tmp_path), "-c", str(main)]
    checked = subprocess.run(
        [*command, "-t"], check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr
    process = subprocess.Popen(command)
    try:
        trusted = ssl.create_default_context(cafile=tmp_path / "fullchain.pem")
        for _ in range(100):
            try:
                urlopen(f"https://localhost:{port}/", timeout=5, context=trusted)
            except HTTPError as error:
                refused = error
                break
            except OSError:
                assert process.poll() is None
        assert refused.code == 404
        assert refused.headers["Strict-Transport-Security"]
        with pytest.raises(HTTPError) as away:
            urlopen(f"https://localhost:{port}/chat", timeout=10, context=trusted)
        assert away.value.code == 502
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_unit(unit: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze", "systemd")
    text = unit.read_text(encoding="utf-8")
    assert text.count(PYTHON) == 1
    module = re.search(rf"ExecStart={PYTHON} -m ([\w.]+)\n", text)
    assert module
    assert (ROOT / f"{module[1].replace('.', '/')}.py").exists()
    # The place that it is installed to is not on this machine.
    text = text.replace(PYTHON, str(ROOT / ".venv/bin/python"))
    text = text.replace("WorkingDirectory=/opt/xieshang", f"WorkingDirectory={ROOT}")
    copy = tmp_path / unit.name.replace("@.", "@5005.")
    copy.write_text(text, encoding="utf-8")
    checked = subprocess.run(
        [analyze, "verify", "--man=no", str(copy)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_unit_may_write_in_its_own_folders_only(unit: Path) -> None:
    lines = set(unit.read_text(encoding="utf-8").splitlines())
    assert lines >= {
        "DynamicUser=yes",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "CapabilityBoundingSet=",
        "UMask=0077",
    }
    state = next(line for line in lines if line.startswith("StateDirectory="))
    folder = f"/var/lib/{state.partition('=')[2]}"
    assert f"Environment=XIESHANG_DATA_DIR={folder}" in lines


def test_the_table_names_every_setting() -> None:
    read = set()
    for folder in ("rasa_ext", "xieshang", "actions", "scripts"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in {".py", ".sh"}:
                text = file.read_text(encoding="utf-8")
                read |= set(re.findall(r"XIESHANG_[A-Z_]+[A-Z]", text))
    table = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (XIESHANG_\w+) \|", table, re.M)) == read


@pytest.fixture
def compose() -> dict[str, Any]:
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def test_the_containers_share_what_workers_must_share(compose: dict[str, Any]) -> None:
    services = compose["services"]
    ours = [service for service in services.values() if service["image"] == "xieshang"]
    assert len(ours) == 3
    for service in ours:
        assert service["environment"] == ours[0]["environment"]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    named = set(ours[0]["environment"])
    assert named >= {
        "XIESHANG_DATABASE_URL",
        "XIESHANG_REDIS_URL",
        "XIESHANG_SECRET",
        "XIESHANG_REST_TOKEN",
    }
    known = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert all(f"| {name} |" in known for name in named)


def test_only_the_proxy_is_reached_and_no_secret_is_written(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["nginx"]
    assert all(IMAGE.fullmatch(one["image"]) for one in services.values())
    for one in services.values():
        for name, value in one.get("environment", {}).items():
            if re.search("SECRET|TOKEN|PASSWORD", name):
                assert re.fullmatch(r"\$\{\w+:\?\}", value), name
    workers = (DEPLOY / "nginx/workers-compose.conf").read_text(encoding="utf-8")
    assert re.findall(r"server ([\w-]+):5005 ", workers) == ["worker-1", "worker-2"]
    for volume in services["nginx"]["volumes"]:
        source = volume.partition(":")[0]
        assert not source.startswith("./") or (DEPLOY / source).is_file()


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert all(IMAGE.fullmatch(base) for base in bases)
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001"]
    assert lines.index("USER 10001") < lines.index(
        f'CMD ["{PYTHON}", "-m", "rasa_ext.commands.worker"]'
    )
