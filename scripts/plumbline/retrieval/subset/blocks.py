"""A remote file as HDF5 reads it: in blocks that are kept, and more at a time where reading goes straight on."""

from fsspec.caching import BaseCache, Fetcher
from fsspec.spec import AbstractBufferedFile

from plumbline.retrieval.subset.ranges import Ranges, WholeOnlyError

# Measured over 16, 32 and 64 KiB: docs/retrieval.md, "Only what is needed".
BLOCK_BYTES = 1 << 14

# A request that begins at the end of the last one, or so many blocks behind it, brings twice as much, if no
# more than this share of what that one brought was left unread ...
NEAR_BLOCKS = 4
MOST_UNREAD = 0.5
# ... up to this share of the file, and to this many bytes: what is read in vain is less.
MOST_AHEAD_SHARE = 1 / 256
MOST_AHEAD_BYTES = 1 << 20

# No structure of a file in order is read in larger pieces, or is larger. What is read is kept.
LONGEST_READ = 8 << 20
MOST_STRUCTURE_BYTES = 32 << 20


class GrowingBlocks(BaseCache):
    """Keeps every block that was fetched; fetches more at one time the longer reading goes straight on.

    The index of a variable in thousands of chunks lies scattered among these chunks: block by block
    it would be hundreds of requests.
    """

    name = "growing"

    def __init__(self, blocksize: int, fetcher: Fetcher, size: int) -> None:
        super().__init__(blocksize, fetcher, size)
        self._held: dict[int, bytes] = {}
        self._run, self._unread = range(0), set[int]()
        self._most_ahead = max(1, min(MOST_AHEAD_BYTES, int(size * MOST_AHEAD_SHARE)) // blocksize)

    def holds(self, begin: int, end: int) -> bool:
        """Tell whether every byte of a half-open range is here."""
        return all(block in self._held for block in range(begin // self.blocksize, -(-end // self.blocksize)))

    def keep(self, content: bytes) -> None:
        """Keep the first block, which was fetched before."""
        self._held[0], self._run = content, range(1)

    def _fetch(self, start: int | None, stop: int | None) -> bytes:
        start, stop = start or 0, self.size if stop is None else min(stop, self.size)
        if start >= stop:
            return b""
        if stop - start > LONGEST_READ:
            raise WholeOnlyError(f"its structure wants {stop - start} bytes at once")
        first, last = start // self.blocksize, (stop - 1) // self.blocksize
        for block in range(first, last + 1):
            if block not in self._held:
                self._bring(block, last)
        self._unread.difference_update(range(first, last + 1))
        joined = b"".join(self._held[block] for block in range(first, last + 1))
        return joined[start - first * self.blocksize : stop - first * self.blocksize]

    def _bring(self, first: int, last: int) -> None:
        """Fetch some blocks: those that are needed, and more where reading goes straight on."""
        end = first + 1
        most = min(first + max(self._how_many(first), last - first + 1), -(-self.size // self.blocksize))
        while end < most and end not in self._held:
            end += 1
        if (len(self._held) + end - first) * self.blocksize > MOST_STRUCTURE_BYTES:
            raise WholeOnlyError("its structure is too scattered")
        content = self.fetcher(first * self.blocksize, min(end * self.blocksize, self.size))
        for block in range(first, end):
            place = (block - first) * self.blocksize
            self._held[block] = content[place : place + self.blocksize]
        self._run, self._unread = range(first, end), set(range(first, end))

    def _how_many(self, first: int) -> int:
        """Return how many blocks to fetch: twice as many as last time if most of those were read, and led here."""
        straight_on = 0 <= first - self._run.stop <= NEAR_BLOCKS
        worthwhile = len(self._unread) <= len(self._run) * MOST_UNREAD
        return min(2 * len(self._run), self._most_ahead) if straight_on and worthwhile else 1


class RemoteFile(AbstractBufferedFile):
    """A remote file, open for reading by h5py.

    Attributes
    ----------
    failure : Exception or None
        What a read failed with. HDF5 may make another error of it, or go on without what it wanted.
    """

    def __init__(self, ranges: Ranges, block_bytes: int = BLOCK_BYTES) -> None:
        self.failure: Exception | None = None
        self._ranges = ranges
        # The length is not known before the first answer; all that HDF5 reads first lies in its first block.
        head = ranges.get(0, block_bytes)
        super().__init__(None, ranges.url, block_size=block_bytes, cache_type="none", size=ranges.version.bytes)
        self.cache = GrowingBlocks(block_bytes, self._fetch_range, self.size)
        self.cache.keep(head)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def read(self, length: int = -1) -> bytes:
        """Return the bytes from the present place on; after a failure, none any more."""
        if self.failure is None:
            try:
                return super().read(length)
            except Exception as failure:  # kept as it is: it comes back from HDF5 as another one, if at all
                self.failure = failure
        raise OSError("the remote file cannot be read")

    def holds(self, begin: int, end: int) -> bool:
        """Tell whether a half-open range was fetched already."""
        return self.cache.holds(begin, end)

    def bytes_at(self, begin: int, end: int) -> bytes:
        """Return the bytes of a half-open range."""
        return self.cache._fetch(begin, end)

    def _fetch_range(self, start: int, end: int) -> bytes:
        return self._ranges.get(start, end)
