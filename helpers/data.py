"""MNIST and Fashion-MNIST from the files in helpers/datasets: checked, scaled, split. No download."""

import dataclasses
import hashlib
import io
import pathlib
import struct
import weakref

import numpy as np
import sklearn.model_selection

DATASETS_FOLDER = pathlib.Path(__file__).parent / "datasets"
SCALES = ("unit", "symmetric", "standard", "raw")
SPLITS = ("stratified", "none")
VALIDATION_FRACTION = 0.1

DIGIT_NAMES = tuple("0123456789")
CLOTHING_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)

# SHA-256 of the original, uncompressed IDX files, so that a check does not depend on how an npz was compressed.
IDX_HASHES = {
    "mnist": {
        "x_train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "y_train": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "x_test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "y_test": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    "fashion_mnist": {
        "x_train": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "y_train": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "x_test": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "y_test": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
}


# What a notebook has loaded, for as long as it keeps it: the check of an exercise shares it.
_loaded = weakref.WeakValueDictionary()


class DatasetFileError(OSError):
    """A dataset file is missing, truncated or altered."""


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Images and labels in three parts.

    x_*: float32 of shape (examples, 28, 28), in the units of `scale`; y_*: uint8 of shape (examples,), 0 to 9.
    All arrays are read-only: `.copy()` gives one to write to. Without a split x_validation and y_validation are None.
    """

    name: str
    class_names: tuple
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray | None
    y_validation: np.ndarray | None
    x_test: np.ndarray
    y_test: np.ndarray


def load_mnist(scale="unit", split="stratified", seed=0):
    """Handwritten digits, 60,000 + 10,000 images (LeCun and Cortes); see `load_fashion_mnist` for the parameters."""
    return _load("mnist", DIGIT_NAMES, scale, split, seed)


def load_fashion_mnist(scale="unit", split="stratified", seed=0):
    """Articles of clothing, 60,000 + 10,000 images (Xiao, Rasul and Vollgraf 2017), as a Dataset.

    scale: "unit" pixels in [0, 1]; "symmetric" in [-1, 1]; "standard" mean 0 and standard deviation 1 over all pixels
        of x_train; "raw" 0 to 255.
    split: "stratified" sets 10 % of the 60,000 training images aside for validation, each class in proportion, drawn
        with `seed`; "none" leaves all 60,000 in x_train.
    Raises ValueError for another scale or split, DatasetFileError for a missing, truncated or altered file.
    """
    return _load("fashion_mnist", CLOTHING_NAMES, scale, split, seed)


def halve(images):
    """Images of half the height and width: means of 2 x 2 pixels.

    images: (examples, height, width), both even. Returns float32 (examples, height/2, width/2).
    """
    images = np.asarray(images)
    if images.ndim != 3 or images.shape[1] % 2 or images.shape[2] % 2:
        raise ValueError(
            f"images has shape {images.shape}: give (examples, even height, even width)."
        )
    _, height, width = images.shape
    blocks = images.reshape(-1, height // 2, 2, width // 2, 2)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def _load(name, class_names, scale, split, seed):
    _check_choice("scale", scale, SCALES)
    _check_choice("split", split, SPLITS)
    options = (DATASETS_FOLDER, name, class_names, scale, split, seed)
    dataset = _loaded.get(options) or _read(*options)
    _loaded[options] = dataset
    return dataset


def _read(folder, name, class_names, scale, split, seed):
    arrays = _read_checked(folder, name)
    x, y = arrays["x_train"], arrays["y_train"]
    train, validation = np.arange(len(y)), None
    if split == "stratified":
        train, validation = sklearn.model_selection.train_test_split(
            train, test_size=VALIDATION_FRACTION, stratify=y, random_state=seed
        )
    to_scale = _scaling(scale, x[train])
    parts = {
        "x_train": to_scale(x[train]),
        "y_train": y[train],
        "x_validation": None if validation is None else to_scale(x[validation]),
        "y_validation": None if validation is None else y[validation],
        "x_test": to_scale(arrays["x_test"]),
        "y_test": arrays["y_test"],
    }
    for part in parts.values():
        if part is not None:
            part.flags.writeable = False
    return Dataset(name=name, class_names=class_names, **parts)


def _check_choice(parameter, value, allowed):
    if value not in allowed:
        raise ValueError(
            f"unknown {parameter} {value!r}: choose one of {', '.join(map(repr, allowed))}."
        )


def _scaling(scale, x_train):
    """The function that turns uint8 pixels into scaled float32 ones; "standard" takes its figures from x_train only."""
    if scale == "standard":
        offset = x_train.mean(dtype=np.float64)
        divisor = np.sqrt(np.square(x_train, dtype=np.uint16).mean(dtype=np.float64) - offset**2)
    else:
        offset, divisor = {"raw": (0, 1), "unit": (0, 255), "symmetric": (127.5, 127.5)}[scale]

    def to_scale(pixels):
        scaled = np.subtract(pixels, offset, dtype=np.float32)
        return np.divide(scaled, divisor, out=scaled, dtype=np.float32)

    return to_scale


def _read_checked(folder, name):
    path = folder / f"{name}.npz"
    remedy = f"Restore it with 'git checkout -- helpers/datasets/{name}.npz', or see README.md in {folder}."
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in IDX_HASHES[name]}
        if not all(array.dtype == np.uint8 for array in arrays.values()):
            raise ValueError("its arrays should all be uint8")
    except FileNotFoundError:
        raise DatasetFileError(
            f"{path} is missing: it holds the images and labels of {name}. {remedy}"
        ) from None
    except (
        Exception
    ) as error:  # NumPy and zipfile raise a dozen kinds, depending on where a file is damaged
        raise DatasetFileError(
            f"{path} cannot be read as the npz archive it should be ({error}). {remedy}"
        ) from None
    for key, expected in IDX_HASHES[name].items():
        content = hashlib.sha256(idx_header(arrays[key]))
        content.update(np.ascontiguousarray(arrays[key]))
        found = content.hexdigest()
        if found != expected:
            raise DatasetFileError(
                f"{path} was altered: {key} has SHA-256 {found} where {expected} is expected. {remedy}"
            )
    return arrays


def idx_header(array):
    """The first bytes of the IDX file that would hold a uint8 `array` (format: LeCun's MNIST page)."""
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
