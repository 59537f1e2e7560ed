"""Model files: everything comes back, damage is refused, and nothing is lost on the way."""

from __future__ import annotations

import json
import warnings
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import centra
from centra._persistence import container
from centra.errors import CentraError, ModelFileError


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(117117)
    return np.concatenate([rng.normal(loc, 1.0, (30, 3)) for loc in (0.0, 7.0, 20.0)])


@pytest.fixture(scope="module")
def fitted(rows: np.ndarray) -> centra.KMeans:
    return centra.KMeans(n_clusters=3, n_init=3, random_state=5, init="random").fit(rows)


@pytest.fixture
def path(tmp_path: Path, fitted: centra.KMeans) -> Path:
    path = tmp_path / "three.centra"
    fitted.save(path)
    return path


def assert_same_bits(a: np.ndarray, b: np.ndarray) -> None:
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    assert a.tobytes() == b.tobytes()


def assert_same_model(a: centra.KMeans, b: centra.KMeans) -> None:
    assert_same_bits(a.cluster_centers_, b.cluster_centers_)
    assert_same_bits(a.labels_, b.labels_)
    assert (a.inertia_, a.n_iter_, a.n_features_in_) == (b.inertia_, b.n_iter_, b.n_features_in_)
    assert a.runs_ == b.runs_
    assert len(a.history_) == len(b.history_)
    for left, right in zip(a.history_, b.history_, strict=True):
        for field in fields(left):
            x, y = getattr(left, field.name), getattr(right, field.name)
            if isinstance(x, np.ndarray):
                assert_same_bits(x, y)
            else:
                assert x == y
                assert type(x) is type(y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("keep", [True, False, None])
def test_a_model_comes_back_with_the_same_bits(
    rows: np.ndarray, dtype: type, keep: bool | None, tmp_path: Path
) -> None:
    km = centra.KMeans(n_clusters=4, random_state=1, tol=0.1 + 0.2, keep_centers=keep)
    km.fit(rows.astype(dtype))
    km.save(tmp_path / "m")
    again = centra.load(tmp_path / "m")
    assert_same_model(km, again)
    assert again.get_params() == km.get_params()
    assert type(again) is centra.KMeans
    query = rows[::-1].astype(dtype) + dtype(0.5)
    assert_same_bits(again.predict(query), km.predict(query))
    assert_same_bits(again.transform(query), km.transform(query))
    assert again.score(query) == km.score(query)
    assert list(again.get_feature_names_out()) == list(km.get_feature_names_out())


def test_a_loaded_model_can_be_fitted_again(rows: np.ndarray, path: Path) -> None:
    again = centra.load(path)
    before = again.labels_.copy()
    again.fit(rows)
    assert_same_bits(again.labels_, before)


def test_a_loaded_model_can_be_saved_again_with_the_same_bytes(path: Path, tmp_path: Path) -> None:
    centra.load(path).save(tmp_path / "second")
    assert (tmp_path / "second").read_bytes() == path.read_bytes()


def test_feature_names_and_output_format_come_back(rows: np.ndarray, tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas", reason="feature names come from a frame")
    frame = pd.DataFrame(rows, columns=["a", "größe", "\N{SNOWMAN}"])
    km = centra.KMeans(n_clusters=2, random_state=0).set_output(transform="pandas").fit(frame)
    km.save(tmp_path / "m")
    again = centra.load(tmp_path / "m")
    assert again.feature_names_in_.dtype == object
    assert list(again.feature_names_in_) == ["a", "größe", "\N{SNOWMAN}"]
    pd.testing.assert_frame_equal(again.transform(frame), km.transform(frame))
    with pytest.raises(ValueError, match="feature names should match"):
        again.predict(frame.rename(columns={"a": "b"}))


@pytest.mark.parametrize("container", [np.array, list, np.asfortranarray])
def test_an_init_of_centers_comes_back_as_an_array(
    rows: np.ndarray, container: object, tmp_path: Path
) -> None:
    start = container(rows[:3])  # type: ignore[operator]
    km = centra.KMeans(n_clusters=3, init=start).fit(rows)
    km.save(tmp_path / "m")
    again = centra.load(tmp_path / "m")
    np.testing.assert_array_equal(again.init, rows[:3])
    assert_same_bits(again.fit(rows).labels_, km.labels_)


def test_numpy_scalars_as_parameters(rows: np.ndarray, tmp_path: Path) -> None:
    km = centra.KMeans(
        n_clusters=np.int64(3),
        init=np.str_("random"),
        tol=np.float32(0.1),
        random_state=np.uint8(7),
    )
    km.fit(rows).save(tmp_path / "m")
    again = centra.load(tmp_path / "m")
    assert again.get_params() == km.get_params()
    assert type(again.n_clusters) is int


def test_what_json_cannot_say_is_null(rows: np.ndarray, tmp_path: Path) -> None:
    km = centra.KMeans(
        n_clusters=3,
        init=lambda X, k, random_state: X[:k],
        n_init=1,
        random_state=np.random.RandomState(3),
        callbacks=[lambda event: None],
    )
    km.fit(rows).save(tmp_path / "m")
    again = centra.load(tmp_path / "m")
    assert (again.init, again.random_state, again.callbacks) == (None, None, None)
    assert_same_bits(again.predict(rows), km.labels_)
    with pytest.raises(ValueError, match="'init' parameter"):
        again.fit(rows)


def test_an_unfitted_model_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        centra.KMeans().save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_the_file_can_be_read_without_centra(path: Path, fitted: centra.KMeans) -> None:
    with zipfile.ZipFile(path) as archive:
        head = json.loads(archive.read("model.json"))
    assert (head["format"], head["format_version"]) == ("centra-model", 1)
    assert head["model"]["inertia"] == fitted.inertia_
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["labels"], fitted.labels_)


@pytest.mark.parametrize("value", [np.nan, np.inf, {1, 2}, b"bytes", 1j])
def test_a_container_refuses_what_json_does_not_have(value: object, tmp_path: Path) -> None:
    with pytest.raises((ValueError, TypeError)):
        container.write(tmp_path / "m", {"x": value}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_container_refuses_objects(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"array 'a' has dtype object"):
        container.write(tmp_path / "m", {}, {"a": np.array([{}])})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [5e-324, 1.7976931348623157e308, 0.1, -0.0, 2**53 + 1.0, 1 / 3])
def test_floats_come_back_exactly(value: float, tmp_path: Path) -> None:
    container.write(tmp_path / "m", {"x": value}, {})
    meta, _ = container.read(tmp_path / "m")
    assert meta["x"].hex() == value.hex()


@pytest.mark.parametrize(
    "array",
    [
        np.array([np.nan, -0.0, np.inf]),
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.eye(3, dtype=np.float32)),
        np.zeros((0, 4)),
        np.array(3.5),
        np.array([True, False]),
    ],
    ids=["nan", "big-endian", "fortran", "empty", "scalar", "bool"],
)
def test_arrays_come_back_exactly(array: np.ndarray, tmp_path: Path) -> None:
    container.write(tmp_path / "m", {}, {"a": array})
    _, arrays = container.read(tmp_path / "m")
    assert_same_bits(arrays["a"], array)


# --- files that are refused -------------------------------------------------------------------


def refused(path: Path) -> str:
    """Load a bad file, check the form of the message, and return what it says is wrong."""
    with pytest.raises(ModelFileError) as caught:
        centra.load(path)
    text = str(caught.value)
    assert isinstance(caught.value, (CentraError, ValueError))
    assert text.startswith(f"cannot load {str(path)!r}: ")
    assert "\n" not in text
    return text


def rewrite(path: Path, **changes: object) -> None:
    """Change entries of the head of a model file, and keep the rest."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(members["model.json"])
    for key, value in changes.items():
        (head if key in head else head["model"])[key] = value
    members["model.json"] = json.dumps(head).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_missing_files_and_folders_are_the_systems_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        centra.load(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        centra.load(tmp_path)


@pytest.mark.parametrize("content", [b"not a model", b"\x80\x04.", b"PK", b"\x00" * 500])
def test_another_kind_of_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(content)
    assert "not a centra model" in refused(tmp_path / "m")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "m").touch()
    assert "empty" in refused(tmp_path / "m")


def test_another_zip_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", a=np.eye(2))
    assert "not a centra model" in refused(tmp_path / "m.npz")


def test_another_model_json(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m", "w") as archive:
        archive.writestr("model.json", '{"format": "something else"}')
    assert "not a centra model" in refused(tmp_path / "m")


def test_a_newer_file_names_both_versions_and_the_way_out(path: Path) -> None:
    rewrite(path, format_version=2, centra_version="9.1")
    text = refused(path)
    assert "centra 9.1 wrote it in format 2" in text
    assert "upgrade" in text


@pytest.mark.parametrize("version", [0, -1, "1", None, 1.5, True])
def test_a_version_that_never_was(path: Path, version: object) -> None:
    rewrite(path, format_version=version)
    assert "format version" in refused(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {"n_clusters": 3, "shape": "round"}},
        {"estimator": "Forest"},
        {"n_iter": 500},
        {"runs": [{"inertia": 1.0}]},
        {"feature_names_in": ["only one"]},
        {"inertia": None},
        {"arrays": ["labels"]},
        {"arrays": ["labels", "no such array"]},
        {"arrays": [3]},
        {"model": []},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_contents_that_do_not_fit_together(path: Path, changes: dict[str, object]) -> None:
    rewrite(path, **changes)
    refused(path)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("cluster_centers", np.zeros(3)),
        ("cluster_centers", np.full((3, 3), np.nan)),
        ("cluster_centers", np.zeros((3, 3), np.int64)),
        ("labels", np.full(90, 3, np.int32)),
        ("labels", np.full(90, -1, np.int32)),
        ("labels", np.zeros(90)),
        ("history/shift", np.zeros(1)),
    ],
)
def test_arrays_that_do_not_fit(path: Path, name: str, array: np.ndarray) -> None:
    meta, arrays = container.read(path)
    container.write(path, meta, {**arrays, name: array})
    assert "do not fit together" in refused(path)


def test_an_array_of_objects_is_never_unpickled(path: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "evil.npy", np.array([object()]), allow_pickle=True)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["labels.npy"] = (tmp_path / "evil.npy").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert "damaged" in refused(path)


def test_a_shape_beyond_the_file_asks_for_no_memory(tmp_path: Path) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }" % 10**15
    data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    container.write(tmp_path / "m", {}, {"a": np.zeros(2)})
    with zipfile.ZipFile(tmp_path / "m") as archive:
        head = archive.read("model.json")
    with zipfile.ZipFile(tmp_path / "m", "w") as archive:
        archive.writestr("model.json", head)
        archive.writestr("a.npy", data)
    assert "damaged" in refused(tmp_path / "m")


def test_compressed_members_are_refused(path: Path) -> None:
    # A member that unpacks to a thousand times its size is a way to fill a memory.
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert "compressed" in refused(path)


def test_a_file_cut_short_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 97), len(whole) - 1]:
        path.write_bytes(whole[:length])
        refused(path)


def test_a_flipped_bit_is_refused_or_changes_nothing(path: Path) -> None:
    # A few bytes of a zip archive mean nothing (dates, say); everything else has a checksum.
    whole, original = path.read_bytes(), centra.load(path)
    rng = np.random.default_rng(0)
    for position in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            again = centra.load(path)
        except ModelFileError as error:
            assert "\n" not in str(error)
        else:
            assert_same_model(again, original)


def test_saving_warns_of_nothing(fitted: centra.KMeans, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.save(tmp_path / "m")
        centra.load(tmp_path / "m")
