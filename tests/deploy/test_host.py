"""Is what is written for a host whole, harmless, and the same each time?"""

import importlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from lessonlib.deploy.__main__ import main
from lessonlib.deploy.host import deploy
from lessonlib.errors import ArtifactError, LessonError
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.serve.flask_app import prediction_app

DOMAIN = "predict.example.org"


@pytest.fixture(scope="module")
def written(folder_of, tmp_path_factory):
    to = tmp_path_factory.mktemp("hosts") / "northgate"
    deploy(folder_of("array")[0], to, domain=DOMAIN)
    return to


def contents(to):
    return {path: path.read_bytes() for path in to.rglob("*") if path.is_file()}


def test_twice_writes_the_same_bytes(written, folder_of):
    before = contents(written)
    deploy(folder_of("array")[0], written, domain=DOMAIN)
    assert contents(written) == before


def test_it_has_the_model_and_every_file_that_the_readme_names(written, folder_of):
    assert load_model(written / "model").manifest == folder_of("array")[1]
    readme = (written / "README.md").read_text()
    for path in written.iterdir():
        itself = path.name in ("README.md", "app.py") or path.suffix == ".whl"
        assert itself or path.name in readme, path.name


def test_the_library_has_a_hash_where_all_packages_have_one(written, locked):
    first = (written / "requirements.txt").read_text().partition("\n")[0]
    assert re.fullmatch(r"\./lesson8-\S+\.whl --hash=sha256:[0-9a-f]{64}", first)
    assert "--require-hashes" in (written / "Containerfile").read_text()
    assert "--require-hashes" in (written / "README.md").read_text()


OWN = """
from {package}sizes import LARGE

def halve(rows):
    return rows / LARGE
"""


@pytest.fixture(params=["a package", "a file", "two files"])
def own(request, tmp_path, monkeypatch):
    """A saved model that uses code of one's own, and the names of that code's files."""
    place, package = tmp_path / "work", ""
    if request.param == "a package":
        place, package = place / "halves", "halves."
    place.mkdir(parents=True)
    (place / "__init__.py").touch()
    text = "LARGE = 2\n" + OWN.partition("\n\n")[2]
    if request.param != "a file":
        text = OWN.format(package=package)
        (place / "sizes.py").write_text("LARGE = 2\n")
    (place / "halving.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path / "work")
    halving = importlib.import_module(f"{package}halving")
    model = make_pipeline(FunctionTransformer(halving.halve), DummyRegressor())
    folder = tmp_path / "model"
    rows = np.ones((2, 1))
    save_model(model.fit(rows, [1.0, 2.0]), folder, example=rows)
    yield folder, request.param
    for name in ("halving", "sizes", "halves", "halves.halving", "halves.sizes"):
        sys.modules.pop(name, None)


def test_code_of_ones_own_goes_with_the_model(own, tmp_path):
    folder, kind = own
    to = tmp_path / "host"
    if kind == "two files":
        with pytest.raises(LessonError, match="No module named 'sizes'.: put it"):
            deploy(folder, to, domain=DOMAIN)
        return
    written = deploy(folder, to, domain=DOMAIN)
    assert ("halves/halving.py" if kind == "a package" else "halving.py") in written
    name = "halves" if kind == "a package" else "halving.py"
    assert f"COPY {name} ./{name}" in (to / "Containerfile").read_text()
    assert f"`{name}`" in (to / "README.md").read_text()
    assert deploy(folder, to, domain=DOMAIN) == written


def test_the_readmes_request_is_one_that_the_model_takes(written, folder_of):
    (line,) = re.findall(r"-d '(.*)' https", (written / "README.md").read_text())
    body = json.loads(line)
    folder, manifest = folder_of("array")
    asked = prediction_app(load_model(folder)).test_client().post("/predict", json=body)
    assert asked.status_code == 200


def test_all_that_is_written_is_filled_in(written):
    for path in written.iterdir():
        if path.is_file() and path.suffix not in (".whl", ".py"):
            assert "@{" not in path.read_text(), path.name
    compile((written / "app.py").read_text(), "app.py", "exec")
    assert (
        "SystemCallFilter=@system-service\n"
        in (written / "northgate.service").read_text()
    )


def test_no_secret_is_written(written):
    text = b"".join(
        content for path, content in contents(written).items() if path.suffix != ".whl"
    )
    assert not re.search(rb"BEGIN [A-Z ]*PRIVATE KEY|Bearer [A-Za-z0-9_-]{20}", text)
    assert not list(written.rglob("*keys*"))


def test_without_hashes_nobody_is_told_to_require_them(
    folder_of, tmp_path, monkeypatch
):
    pins = "lessonlib.deploy.host.service_requirements"
    monkeypatch.setattr(pins, lambda manifest: "numpy==1.0\n")
    deploy(folder_of("array")[0], tmp_path / "to", domain=DOMAIN)
    for path in (tmp_path / "to").iterdir():
        assert path.is_dir() or b"--require-hashes" not in path.read_bytes()
    wheel, numpy = (tmp_path / "to" / "requirements.txt").read_text().splitlines()
    assert wheel.endswith(".whl") and numpy == "numpy==1.0"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_may_write_it(written):
    for path in [written, *written.rglob("*")]:
        assert not path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH), path


@pytest.mark.parametrize("other", ["notes.txt", "keys", ".env", "other.service"])
def test_a_folder_with_something_else_in_it_is_left_alone(folder_of, tmp_path, other):
    (tmp_path / other).write_text("mine")
    with pytest.raises(LessonError, match=f"something else in it: {re.escape(other)}"):
        deploy(folder_of("array")[0], tmp_path, domain=DOMAIN)
    assert [path.name for path in tmp_path.iterdir()] == [other]


def test_a_file_is_no_folder(folder_of, tmp_path):
    (tmp_path / "there").write_text("mine")
    with pytest.raises(LessonError, match="is not a folder"):
        deploy(folder_of("array")[0], tmp_path / "there", domain=DOMAIN)


def test_the_models_own_folder_is_not_written_over(folder_of):
    folder, _ = folder_of("array")
    before = contents(folder)
    with pytest.raises(LessonError, match="something else in it: golden-"):
        deploy(folder, folder, domain=DOMAIN)
    assert contents(folder) == before


def test_a_folder_that_is_no_model_is_refused(folder_of, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "none", __file__):
        with pytest.raises(ArtifactError):
            deploy(folder, tmp_path / "to", domain=DOMAIN)
    damaged = shutil.copytree(folder_of("array")[0], tmp_path / "damaged")
    next(damaged.glob("model-*")).write_bytes(b"damaged")
    with pytest.raises(ArtifactError, match="has changed"):
        deploy(damaged, tmp_path / "to", domain=DOMAIN)
    assert not (tmp_path / "to").exists()


ODD_DOMAINS = [
    "", "Predict.org", "a b", "a;}", "a\n", "-a.org", "a-.org", "a..b", ".org", "a_b",
    "ä.org", "a" * 64, "a." * 130 + "a", "a/b", "a.org:80", "$host", "@{name}", "*.org",
]  # fmt: skip


@pytest.mark.parametrize("domain", ODD_DOMAINS)
def test_a_domain_that_is_none_is_refused(folder_of, tmp_path, domain):
    with pytest.raises(ValueError, match="cannot be the domain of a service"):
        deploy(folder_of("array")[0], tmp_path / "to", domain=domain)
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    "name", ["A", "a b", "a\n", "1a", "-a", "a_b", "a" * 32, "../a", "a;", "$a", "ä"]
)
def test_a_name_that_is_none_is_refused(folder_of, tmp_path, name):
    with pytest.raises(ValueError, match="cannot be the name .* small letters"):
        deploy(folder_of("array")[0], tmp_path / "to", domain=DOMAIN, name=name)


@pytest.mark.parametrize("port", [0, 80, 1023, 65536, -1])
def test_a_port_that_is_none_for_a_user_is_refused(folder_of, tmp_path, port):
    with pytest.raises(ValueError, match=f"between 1024 and 65535, got {port}"):
        deploy(folder_of("array")[0], tmp_path / "to", domain=DOMAIN, port=port)


def test_the_command_says_what_it_wrote(folder_of, tmp_path, capsys):
    folder, to = str(folder_of("array")[0]), str(tmp_path / "to")
    main([folder, "--to", to, "--domain", DOMAIN, "--name", "mail-1"])
    said = capsys.readouterr().out
    assert "mail-1.service" in said and "README.md says how to go on" in said
    assert "$mail_1_id" in (tmp_path / "to" / "nginx.conf").read_text()
    with pytest.raises(SystemExit, match="something else in it: mail-1.service"):
        main([folder, "--to", to, "--domain", DOMAIN, "--name", "mail-2"])
    with pytest.raises(SystemExit, match="cannot be written"):
        main([folder, "--to", "/dev/null/to", "--domain", DOMAIN])


# -- the unit, and the container


def unit_of(written):
    """Return {option: values} of the unit."""
    options = {}
    for line in (written / "northgate.service").read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            options.setdefault(name, []).append(value)
    return options


def test_the_unit_may_do_little(written):
    unit = unit_of(written)
    assert unit["User"] == ["northgate"]
    assert unit["NoNewPrivileges"] == unit["ProtectHome"] == ["yes"]
    assert unit["ProtectSystem"] == ["strict"] and unit["CapabilityBoundingSet"] == [""]
    assert unit["UMask"] == ["0077"] and unit["Restart"] == ["always"]
    assert "HOST" not in str(unit["Environment"])  # so it is 127.0.0.1


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd")
def test_systemd_takes_the_unit_and_finds_it_safe(written, tmp_path):
    python = tmp_path / "northgate" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    text = (written / "northgate.service").read_text()
    unit = tmp_path / "northgate.service"
    unit.write_text(
        text.replace("/opt/", f"{tmp_path}/").replace("User=northgate", "User=daemon")
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True
    )
    ours = [line for line in done.stderr.splitlines() if "northgate" in line]
    assert (done.returncode, ours) == (0, [])
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=25", unit]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout  # at most 2.5 of 10


def test_the_container_is_nobodys_root_and_has_no_shell(written):
    lines = (written / "Containerfile").read_text().replace("\\\n", "").splitlines()
    steps = [line.split(None, 1) for line in lines if line and line[0] != "#"]
    last = dict(steps)
    assert last["USER"] == "10001"
    names = [name for name, _ in steps]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert last["ENTRYPOINT"].startswith("[") and "CMD [" in last["HEALTHCHECK"]
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert last["FROM"].endswith(f"python:{version}-slim")
    for name, what in steps:
        if name == "COPY":
            for file in what.split()[:-1]:
                assert (written / file).exists()
