"""The report: opened from the disk in a real Chromium, it asks nobody for anything and explains what it shows."""

import pytest

from browser import CHROMIUM

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there (Debian: apt-get install chromium)")

PARTS = ["1 Data", "2 Coverage", "4 Provenance"]


@pytest.fixture(scope="module")
def report(small_run, tmp_path_factory):
    """A report of the small run."""
    workflow = small_run.copied(tmp_path_factory.mktemp("report"))
    path = workflow.folder / "report.html"
    process = workflow.run("--report", str(path))
    assert process.returncode == 0, process.stderr
    return path


@pytest.fixture
def opened(report, chromium):
    page = chromium.page(1400, 1000)
    page.open(report)
    page.wait("document.body.innerText.includes('4 Provenance')")
    yield page
    # The drawing of the workflow and all figures are in the file.
    assert [address for address in page.requests if not address.startswith(("data:", "blob:"))] == [report.as_uri()]
    # Snakemake's own copy of a style library says that it should not be a copy; it asks for nothing.
    assert [words for words in page.complaints if "tailwindcss" not in words] == []
    page.close()


def click(page, words):
    page.evaluate(
        f"[...document.querySelectorAll('a, button, span, div')].filter((one) => one.innerText?.trim() === '{words}')"
        ".at(-1).click()"
    )
    page.frame()


def test_its_first_page_says_what_it_is_and_that_the_data_are_synthetic(opened):
    text = opened.evaluate("document.body.innerText")
    assert "Synthetic data. Plumbline's embedded server made them" in text
    assert (
        "central: RS03CCAL-MJ03F-05-BOTPTA301, streamed, botpt_nano_sample_15sec, from 2015-04-23 to 2015-04-25" in text
    )
    assert [part for part in PARTS if part in text] == PARTS


@pytest.mark.parametrize(
    ("part", "shown"), [("1 Data", "botsflu_meanpres"), ("2 Coverage", "coverage by day"), ("4 Provenance", "orders")]
)
def test_figures_and_tables_stand_where_a_reader_looks_for_them(opened, part, shown):
    click(opened, part)
    opened.wait(f"document.body.innerText.includes('{shown}')")


def test_every_figure_and_table_has_words_that_hold_for_it(report):
    text = report.read_text(encoding="utf-8")
    assert 'of the stream <tt class=\\"docutils literal\\">central</tt>: mean and range' in text
    for words in ("What became of every sample of", "What was ordered for", "Every stretch without samples of"):
        assert words in text
    assert text.count("they describe no real seafloor") >= 5
