"""Drives a real Chromium without a screen, over its own protocol (CDP) through a pipe: no driver, no package."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# Nothing of Chromium's own goes out, so that every request that is seen is the page's.
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
]
KEYS = {"+": ("Equal", 187), "-": ("Minus", 189), "0": ("Digit0", 48), "Tab": ("Tab", 9), " ": ("Space", 32)}
KEYS |= {"ArrowLeft": ("ArrowLeft", 37), "ArrowRight": ("ArrowRight", 39), "Home": ("Home", 36), "End": ("End", 35)}
SHIFT = 8


class Browser:
    """A Chromium of its own, with an empty profile; use it in a `with`."""

    def __enter__(self):
        self._profile = tempfile.mkdtemp(prefix="chromium-")
        read_end, self._out = os.pipe()
        self._in, write_end = os.pipe()
        # Chromium reads from 3 and writes to 4; higher numbers cannot be in their way.
        theirs = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read_end, write_end)]
        words = [CHROMIUM, *OPTIONS, f"--user-data-dir={self._profile}", "about:blank"]
        script = f'exec "$@" 3<&{theirs[0]} 4>&{theirs[1]}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "-", *words], pass_fds=theirs, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        for end in (read_end, write_end, *theirs):
            os.close(end)
        self._number, self._rest, self.pages = 0, b"", {}
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=20)
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._profile, ignore_errors=True)

    def send(self, method, session=None, **parameters):
        """Send a command and return its result; events that come meanwhile go to their pages."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        number = self._number
        while True:
            answer = self._next(timeout=60)
            if answer is None:
                raise TimeoutError(method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _next(self, timeout):
        """Return the next message that is an answer; hand events out. None if none comes in time."""
        while b"\0" not in self._rest:
            if not select.select([self._in], [], [], timeout)[0]:
                return None
            read = os.read(self._in, 1 << 20)
            if not read:
                raise RuntimeError("Chromium has ended")
            self._rest += read
        text, self._rest = self._rest.split(b"\0", 1)
        message = json.loads(text)
        if "method" in message and message.get("sessionId") in self.pages:
            self.pages[message["sessionId"]].happened(message["method"], message["params"])
        return message

    def page(self, width=1280, height=800, phone=False):
        """Return a new page of a size, of a phone with touch if asked for."""
        target = self.send("Target.createTarget", url="about:blank", newWindow=False)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, target)
        for domain in ("Page", "Network", "Runtime", "Log"):
            page.send(f"{domain}.enable")
        page.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        if phone:
            page.send("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=5)
        return page


class Page:
    """A page of the browser; it remembers what it asked for and what it complained of.

    Attributes
    ----------
    requests : list of str
        Addresses of everything that was asked for.
    complaints : list of str
        Errors and warnings of the console, and exceptions.
    """

    def __init__(self, browser, session, target):
        self._browser, self._session, self._target = browser, session, target
        self.requests, self.complaints = [], []

    def send(self, method, **parameters):
        """Send a command of this page's."""
        return self._browser.send(method, self._session, **parameters)

    def happened(self, method, parameters):
        """Take an event."""
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.complaints.append(str([one.get("value", one.get("description")) for one in parameters["args"]]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.complaints.append(parameters["entry"]["text"])

    def open(self, address):
        """Open an address, or a file, and wait until it is there."""
        answer = self.send("Page.navigate", url=address.as_uri() if isinstance(address, Path) else address)
        assert not answer.get("errorText"), answer
        self.wait("document.readyState === 'complete'")

    def close(self):
        """Close the page."""
        self._browser.pages.pop(self._session)
        self._browser.send("Target.closeTarget", targetId=self._target)

    def evaluate(self, expression):
        """Return the value of a JavaScript expression; promises are waited for."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description"))
        return answer["result"].get("value")

    def wait(self, expression, timeout=60):
        """Wait until an expression is true."""
        end = time.monotonic() + timeout
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise TimeoutError(f"never true: {expression}; {self.complaints}")
            time.sleep(0.02)

    def frame(self):
        """Wait until what was asked for is drawn."""
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")

    def place(self, selector):
        """Return the middle of an element, after scrolling to it, and its width."""
        text = """((selector) => {
            const element = document.querySelector(selector);
            element.scrollIntoView({block: "nearest"});
            const box = element.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2, box.width];
        })"""
        return self.evaluate(f"{text}({json.dumps(selector)})")

    def mouse(self, kind, x, y, **more):
        """Do something with the mouse."""
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, selector):
        """Click on the middle of an element."""
        x, y, _ = self.place(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)
        self.frame()

    def drag(self, selector, dx, steps=8):
        """Drag from the middle of an element."""
        x, y, _ = self.place(selector)
        self.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        for step in range(1, steps + 1):
            self.mouse("mouseMoved", x + dx * step / steps, y, button="left", buttons=1)
        self.mouse("mouseReleased", x + dx, y, button="left", clickCount=1)
        self.frame()

    def touch(self, *moves):
        """Put fingers down, move them, and lift them; each move is the [x, y] of every finger."""
        for place, points in enumerate(moves):
            fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
            self.send("Input.dispatchTouchEvent", type="touchMove" if place else "touchStart", touchPoints=fingers)
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        self.frame()

    def key(self, key, shift=False):
        """Press a key."""
        code, number = KEYS[key]
        about = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": SHIFT if shift else 0}
        if len(key) == 1:
            about["text"] = key
        self.send("Input.dispatchKeyEvent", type="keyDown", **about)
        self.send("Input.dispatchKeyEvent", type="keyUp", **{name: about[name] for name in about if name != "text"})
        self.frame()

    def download_to(self, folder):
        """Let downloads go into a folder."""
        self._browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def screenshot(self, path):
        """Write what is seen as PNG."""
        Path(path).write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))
