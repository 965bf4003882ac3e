"""What tools/web.py refuses; the pages themselves are tested in a browser (browser_tests)."""

import pytest

import web


@pytest.mark.parametrize("what", ["slides", "site"])
def test_nothing_of_the_readers_own_is_deleted(what, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(SystemExit, match="not an empty folder: name another one"):
            web.main(what, folder)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"
