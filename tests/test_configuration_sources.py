"""Keys of sources: which belong to which, where files are looked for, and the sentence for every mistake."""

import pytest

from plumbline.configuration import read
from plumbline.errors import PlumblineError
from plumbline.ooi.places import Place

CENTRAL = "RS03CCAL-MJ03F-05-BOTPTA301"
STREAM = {
    "name": "central",
    "reference_designator": CENTRAL,
    "method": "streamed",
    "stream": "botpt_nano_sample",
    "variables": ["bottom_pressure"],
    "begin": "2015-04-23",
    "end": "2015-04-26",
}
OOI = "https://ooinet.oceanobservatories.org/api/m2m"
TOKEN = f"{CENTRAL}-streamed-botpt_nano_sample"
GOLD = "https://thredds.dataexplorer.oceanobservatories.org"
CATALOG = "https://opendap.oceanobservatories.org/thredds/catalog/ooi/user@example.org/order/catalog.html"


def configured(api="embedded", ooi=None, **keys):
    return read({"ooi": {"api": api} | (ooi or {}), "streams": [STREAM | keys]})


@pytest.mark.parametrize(
    ("api", "keys", "place"),
    [
        ("embedded", {}, Place("m2m", "embedded", "embedded")),
        (OOI, {}, Place("m2m", OOI, OOI)),
        (
            "embedded",
            {"source": "goldcopy"},
            Place("goldcopy", "embedded", f"/thredds/catalog/ooigoldcopy/public/{TOKEN}/catalog.xml"),
        ),
        (
            OOI,
            {"source": "opendap"},
            Place("opendap", GOLD, f"{GOLD}/thredds/catalog/ooigoldcopy/public/{TOKEN}/catalog.xml"),
        ),
        (
            OOI,
            {"source": "thredds", "catalog": CATALOG},
            Place("thredds", "https://opendap.oceanobservatories.org", CATALOG),
        ),
        ("embedded", {"source": "raw"}, Place("raw", "embedded", "/files/RS03CCAL/MJ03F/")),
        (
            OOI,
            {"source": "raw"},
            Place(
                "raw",
                "https://rawdata.oceanobservatories.org",
                "https://rawdata.oceanobservatories.org/files/RS03CCAL/MJ03F/",
            ),
        ),
        (OOI, {"source": "files", "files": "data"}, Place("files", "files", "data")),
    ],
)
def test_a_source_has_its_place(api, keys, place):
    config = configured(api, **keys)
    assert config.place_of(config.streams[0]) == place


def test_the_gold_copy_may_lie_elsewhere():
    config = configured(OOI, {"goldcopy": "https://example.org/thredds"}, source="goldcopy")
    assert config.place_of(config.streams[0]).server == "https://example.org"


def test_a_default_that_is_written_out_is_accepted():
    config = configured(source="goldcopy", results="apache", catalog=None, files=None)
    assert config == configured(source="goldcopy")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"source": "goldcopi"}, "goldcopy"),
        ({"source": "thredds"}, "key 'catalog' is missing: source 'thredds' needs it"),
        ({"source": "files"}, "key 'files' is missing: source 'files' needs it"),
        ({"catalog": CATALOG}, "key 'catalog': the source is 'm2m', which has none"),
        ({"source": "goldcopy", "results": "thredds"}, "key 'results': the source is 'goldcopy', which has none"),
        ({"source": "raw", "stream": "botpt_nano_sample_15sec"}, "the raw archive has no 'botpt_nano_sample_15sec'"),
        ({"source": "thredds", "catalog": "catalog.xml"}, "is no address; allowed is a URL"),
        ({"source": "thredds", "catalog": "https://me:secret@example.org/x"}, "read without an account"),
        ({"source": "raw", "archive": "//example.org/files"}, "is no address"),
    ],
)
def test_a_mistake_gets_a_sentence(keys, words):
    with pytest.raises(PlumblineError) as refused:
        configured(**keys)
    assert words in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_path_at_the_embedded_server_is_nowhere_else():
    for ooi, keys in (
        ({}, {"source": "thredds", "catalog": "/thredds/x.xml"}),
        ({"raw_archive": "/files"}, {"source": "raw"}),
    ):
        with pytest.raises(PlumblineError, match="is a path at the embedded server"):
            configured(OOI, ooi, **keys)
