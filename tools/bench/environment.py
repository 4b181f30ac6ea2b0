"""The folder that holds the peers: virtual environments, models, compiled artefacts, logs.

Everything lies under $ORIEL_PEERS_DIR (default ~/.cache/oriel-peers) and is made once: about 4 GB and five minutes.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
ROOT = pathlib.Path(os.environ.get("ORIEL_PEERS_DIR") or pathlib.Path.home() / ".cache" / "oriel-peers")
CUDA_LIBRARIES = pathlib.Path("/usr/local/cuda/lib64")


class EnvironmentFailure(Exception):
    """A virtual environment that cannot be made; the message says why."""


def requirement_files(name):
    """What is installed in an environment that this program makes."""
    files = [HERE / f"requirements-{name}.txt"] if name != "project" else []
    return files + [HERE / "requirements-torch.txt"] if name == "main" else files


def pip_arguments(file):
    """PyTorch's wheel asks for several GB of CUDA's; what it links is taken from an installed CUDA where there is one."""
    without_dependencies = file.name == "requirements-torch.txt" and any(CUDA_LIBRARIES.glob("libcublasLt.so*"))
    return (["--no-deps"] if without_dependencies else []) + ["-r", str(file)]


def ensure_environment(name):
    """The Python of a virtual environment: "main" or "iree", which is made or brought up to date first, or "project", .venv.

    A stamp in the environment holds the hash of its requirements, so that nothing is done where nothing changed.
    """
    if name == "project":
        python = PROJECT / ".venv" / "bin" / "python"
        if not python.exists():
            raise EnvironmentFailure(f"no {python}: run tools/setup.sh")
        return python
    with locked(f"environment-{name}"):
        return install_environment(name)


def install_environment(name):
    folder = ROOT / name
    python, stamp, log = folder / "bin" / "python", folder / "requirements.sha256", ROOT / "logs" / f"{name}.log"
    files = requirement_files(name)
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return python
    print(f"setting up {folder} (log: {log})", flush=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    commands = [["python3", "-m", "venv", str(folder)]] if not python.exists() else []
    commands += [[str(python), "-m", "pip", "install", "--disable-pip-version-check", *pip_arguments(file)] for file in files]
    with log.open("w") as output:
        for command in commands:
            if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode != 0:
                raise EnvironmentFailure(f"{' '.join(command)} failed; see {log}")
    stamp.write_text(digest)
    return python


@contextlib.contextmanager
def locked(name):
    """Keeps other runs on this machine from what `name` stands for: an artefact to be made, or the processors."""
    folder = ROOT / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
