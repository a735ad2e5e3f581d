"""Samples in bins are counted once, and again when the file is another one."""

from plumbline.overview.counted import counted_once


def test_a_file_is_counted_once_and_again_when_it_has_changed(tmp_path):
    notes, bins, asked = tmp_path / "used.json", tmp_path / "2015.nc", []

    def count(path):
        asked.append(path)
        return len(path.read_bytes())

    bins.write_bytes(b"12345")
    for _ in range(2):
        with counted_once(notes, count) as count_used:
            assert count_used(bins) == 5
    assert asked == [bins]
    bins.write_bytes(b"1234567")
    with counted_once(notes, count) as count_used:
        assert count_used(bins) == 7
    assert len(asked) == 2


def test_notes_that_cannot_be_read_are_made_anew(tmp_path):
    notes, bins = tmp_path / "used.json", tmp_path / "2015.nc"
    bins.write_bytes(b"12345")
    for damage in ("{", "[]", '{"x": 1}'):
        notes.write_text(damage)
        with counted_once(notes, lambda path: 5) as count_used:
            assert count_used(bins) == 5
