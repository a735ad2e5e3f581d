"""Samples on their way to bins: sorting moves only what is in disorder, and gives what sorting all would."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.samples import rows as rows_module
from plumbline.samples.rows import Rows, out_of_place, repeated, without

MILLISECONDS = st.lists(st.integers(0, 60), max_size=80).map(lambda times: np.array(times, dtype=float) * 50)


def rows_of(times, values=None):
    values = np.arange(times.size, dtype=float) if values is None else values
    return Rows.sorted(times.copy(), {"p": values.copy()})


@given(times=MILLISECONDS, most=st.sampled_from([1, 3, 2000]))
def test_sorting_is_that_of_numpy_and_stable(times, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "MOST_RUNS", most)
        got = rows_of(times)
    order = np.argsort(times, kind="stable")
    assert got.times.tolist() == times[order].tolist()
    assert got.values["p"].tolist() == order.tolist()
    assert got.distinct <= (np.unique(times).size == times.size)


@given(times=MILLISECONDS)
def test_rows_that_are_not_out_of_place_stand_where_sorting_puts_them(times):
    fixed = np.setdiff1d(np.arange(times.size), out_of_place(times))
    assert np.sort(times)[fixed].tolist() == times[fixed].tolist()


def test_a_short_disorder_in_a_long_record_is_all_that_moves():
    times = np.arange(100_000.0)
    times[500:540] = times[[*range(520, 540), *range(500, 520)]]
    assert out_of_place(times).tolist() == list(range(500, 540))
    assert out_of_place(np.arange(1000.0)).size == 0


@given(
    times=MILLISECONDS.filter(lambda times: times.size > 0),
    values=st.data(),
)
def test_the_first_measurement_of_a_time_stays(times, values):
    drawn = values.draw(st.lists(st.sampled_from([1.0, 2.0, np.nan]), min_size=times.size, max_size=times.size))
    rows = rows_of(times, np.array(drawn))
    column = rows.values["p"]
    repeats, conflicting = repeated(rows, column)
    kept, again, other = {}, [], []
    for place, (time, value) in enumerate(zip(rows.times, column, strict=True)):
        if np.isnan(value):
            continue
        if time in kept:
            again.append(place)
            other += [place] if value != kept[time] else []
        kept.setdefault(time, value)
    assert repeats.tolist() == again
    assert conflicting.tolist() == other


@given(size=st.integers(1, 50), places=st.sets(st.integers(0, 49)), most=st.sampled_from([0, 2000]))
def test_columns_lose_the_rows_at_places_and_no_others(size, places, most):
    gone = np.array(sorted(place for place in places if place < size), dtype=np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "MOST_RUNS", most)
        assert without(np.arange(size), gone).tolist() == [row for row in range(size) if row not in gone]


@given(times=MILLISECONDS, cuts=st.lists(st.integers(0, 80), max_size=3))
def test_pieces_joined_are_the_whole_sorted(times, cuts):
    edges = [0, *sorted(min(cut, times.size) for cut in cuts), times.size]
    values = np.arange(times.size, dtype=float)
    pieces = [rows_of(times[a:b], values[a:b]) for a, b in itertools.pairwise(edges)]
    joined, whole = Rows.joined(pieces), rows_of(times)
    assert joined.times.tolist() == whole.times.tolist()
    assert joined.values["p"].tolist() == whole.values["p"].tolist()
    assert not (joined.distinct and np.unique(times).size < times.size)
