"""Files that lie ready somewhere, and one chunk that is made of them: found, downloaded, binned."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import h5py
import numpy as np

from ooi_files import DESIGNATOR, write_ooi_file
from plumbline.chunks import unix_ms
from plumbline.ooi.orders import Query
from plumbline.ooi.places import Place
from plumbline.retrieval.downloads import download
from plumbline.retrieval.waiting import wait
from plumbline.samples.binning import bin_files
from plumbline.sources.finding import find

STREAM = "botpt_nano_sample"
TOKEN = f"{DESIGNATOR}-streamed-{STREAM}"
BEGIN, END = datetime(2015, 4, 23, tzinfo=UTC), datetime(2015, 4, 24, tzinfo=UTC)
SPACE = (
    'xmlns="http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def samples(first_hour, last_hour):
    """Return times (seconds since 1970) and pressures of some hours of the day, one in ten seconds."""
    seconds = BEGIN.timestamp() + np.arange(first_hour * 360, last_hour * 360) * 10.0
    return seconds, (2250 + np.sin(seconds / 7000)).astype("f4")


def ooi_name(first_hour, last_hour, token=TOKEN):
    """Return the name that OOI gives to the file of some hours."""
    seconds = samples(first_hour, last_hour)[0]
    stamps = [f"{datetime.fromtimestamp(when, UTC):%Y%m%dT%H%M%S}" for when in (seconds[0], seconds[-1])]
    return f"deployment0001_{token}_{stamps[0]}-{stamps[1]}.nc"


def write_hours(path, first_hour, last_hour):
    """Write the file of some hours and return its path."""
    seconds, pressures = samples(first_hour, last_hour)
    return write_ooi_file(path, seconds, {"bottom_pressure": pressures})


def catalog(paths, references=(), service="/thredds/fileServer/"):
    """Return a THREDDS catalog that lists files by their paths, and refers to other catalogs."""
    rows = "".join(f'<dataset name="{path.rpartition("/")[2]}" ID="{path}" urlPath="{path}"/>' for path in paths)
    rows += "".join(f'<catalogRef xlink:href="{href}" xlink:title="{href}" name=""/>' for href in references)
    services = f'<service name="http" serviceType="HTTPServer" base="{service}"/>'
    inside = "<metadata inherited='true'><serviceName>http</serviceName></metadata>"
    return f'<catalog {SPACE}>{services}<dataset name="all" ID="all">{inside}{rows}</dataset></catalog>'.encode()


@dataclass
class Staged:
    """One day of a stream, made in a folder of what lies at a place."""

    folder: Path
    place: Place
    chunk: str = "2015-04-23"
    stream: str = STREAM

    def path(self, name):
        return self.folder / "results" / "staged" / name

    def find(self):
        """Find the files and return the request record."""
        query = Query(DESIGNATOR, "streamed", self.stream, BEGIN, END)
        record = self.path(f"requests/{self.chunk}.json")
        find("https://127.0.0.1:9/api/m2m", self.place, "staged", self.chunk, query, record)
        return json.loads(record.read_text())

    def wait(self):
        """Write the completion marker and return it."""
        marker = self.path(f"complete/{self.chunk}.json")
        wait(self.path(f"requests/{self.chunk}.json"), 10.0, marker)
        return json.loads(marker.read_text())

    def download(self, **options):
        """Download, or what stands for it, and return the manifest."""
        names = [self.path(f"{kind}/{self.chunk}.json") for kind in ("complete", "requests", "netcdf")]
        options = {"connections": 2, "variables": ["bottom_pressure"]} | options
        download(names[0], names[1], self.path(f"netcdf/{self.chunk}"), names[2], **options)
        return json.loads(names[2].read_text())

    def through(self, **options):
        """Go the whole way and return the bins of the day: numbers of samples and means, an hour each."""
        self.find()
        self.wait()
        manifest = self.download(**options)
        return self.bins([self.path(f"netcdf/{self.chunk}") / file["name"] for file in manifest["files"]])

    def bins(self, paths):
        """Return numbers of samples and means of every hour of the day in some files."""
        made = self.folder / "bins.nc"
        bin_files(paths, unix_ms(BEGIN), unix_ms(END), 3_600_000, ["bottom_pressure"], made, {})
        with h5py.File(made) as file:
            return file["bottom_pressure_n"][:].tolist(), file["bottom_pressure_mean"][:].tolist()
