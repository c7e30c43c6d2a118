"""Reads pages as lines of JSON ({"name", "html", "images", "fault"}), shows each in Chromium at the widths of phones and
desks, in the light and the dark scheme, and checks what is to be seen. A page with a fault must show that fault.

    browser.py [--pictures FOLDER]

One browser serves all pages. It is spoken to over a pipe (the DevTools protocol), and has no network: what a page asks
for is answered here, and anything but the page's own images is a fault.
"""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

WIDTHS = [(320, 640), (375, 812), (1280, 900)]
SCHEMES = ["light", "dark"]
BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser"]
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEklEQVR4nGNoKPrf8P8/AxCDCAAy/wf5Jd3oFAAAAABJRU5ErkJggg=="
)

CHECK = r"""
(() => {
  const faults = new Set();
  const width = innerWidth;
  const add = (kind, element, detail) => faults.add(
    `${kind}: <${element.tagName.toLowerCase()} class="${element.className}"> ` +
    `${(element.textContent || "").trim().slice(0, 40)} ${detail}`);
  const parse = (text) => {
    const numbers = text.match(/[\d.]+/g).map(Number);
    return numbers.length < 4 ? [...numbers, 1] : numbers;
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const background = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color[3] > 0) layers.push(color);
      if (color[3] === 1) break;
    }
    const canvas = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
    return layers.reverse().reduce((below, top) => over(top, below), canvas);
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((value) => {
      const c = value / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  if (document.documentElement.scrollWidth > width) {
    add("overflow", document.documentElement, `${document.documentElement.scrollWidth} > ${width}`);
  }
  for (const element of document.querySelectorAll("script, form, input, iframe, object, embed, link, video, audio")) {
    add("forbidden", element, "");
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (!isShown(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.left < -0.5 || box.right > width + 0.5)) {
      add(box.left < -0.5 ? "outside" : "overflow", element, `${box.left} to ${box.right} of ${width}`);
    }
    const style = getComputedStyle(element);
    if (element.tagName !== "IMG" && style.overflow !== "visible" &&
        (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)) {
      add("clipped", element, `${element.scrollWidth}x${element.scrollHeight} in ` +
        `${element.clientWidth}x${element.clientHeight}`);
    }
    if (element.classList.contains("button") && (box.height < 44 || box.width < 44)) {
      add("target", element, `${box.width}x${box.height}`);
    }
    if (element.tagName === "IMG" && !element.hasAttribute("alt")) add("forbidden", element, "without alt");
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !isShown(element)) continue;
    texts += 1;
    const style = getComputedStyle(element);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.left < -0.5 || box.right > width + 0.5) add("overflow", element, `text ${box.left} to ${box.right}`);
    }
    const behind = background(element);
    const ratio = contrast(over(parse(style.color), behind), behind);
    if (ratio < 4.5) add("contrast", element, `${ratio.toFixed(2)} (${style.color})`);
    if (parseFloat(style.fontSize) < 12) add("small", element, style.fontSize);
  }
  if (texts < 3) faults.add("empty: next to nothing is to be seen");
  if (!document.documentElement.lang || !document.documentElement.dir) faults.add("forbidden: no lang or dir");
  return [...faults];
})()
"""


class Browser:
    """A headless Chromium, driven over file descriptors 3 and 4."""

    def __init__(self, profile):
        read_end, write_end = os.pipe()
        answers, answers_end = os.pipe()
        path = next(filter(None, map(shutil.which, BROWSERS)), None)
        if path is None:
            sys.exit(f"no browser here: none of {', '.join(BROWSERS)}")

        def hand_over():
            # First out of the way, should one of them be a 3 or a 4 already.
            commands, replies = os.dup(read_end), os.dup(answers_end)
            high = [os.dup2(commands, 103), os.dup2(replies, 104)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            [
                path, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--hide-scrollbars", "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}", "about:blank",
            ],
            preexec_fn=hand_over, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_end)
        os.close(answers_end)
        self.commands = os.fdopen(write_end, "wb", buffering=0)
        self.answers = os.fdopen(answers, "rb", buffering=0)
        self.buffer = bytearray()
        self.number = 0
        self.session = None
        self.asked = []
        self.allowed = set()

    def next_message(self):
        while True:
            end = self.buffer.find(b"\0")
            if end >= 0:
                message = json.loads(self.buffer[:end])
                del self.buffer[: end + 1]
                return message
            data = self.answers.read(1 << 20)
            if not data:
                sys.exit("the browser has gone")
            self.buffer += data

    def send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.commands.write(json.dumps(message).encode() + b"\0")
        return self.number

    def ask(self, method, **parameters):
        number = self.send(method, **parameters)
        while True:
            message = self.next_message()
            if message.get("id") == number:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            if message.get("method") == "Fetch.requestPaused":
                self.answer(message["params"])

    def answer(self, request):
        """Nothing leaves this process: an image of the page's own is answered with a small picture."""
        url = request["request"]["url"]
        self.asked.append(url)
        if url in self.allowed:
            headers = [{"name": "Content-Type", "value": "image/png"}]
            self.send(
                "Fetch.fulfillRequest", requestId=request["requestId"], responseCode=200, responseHeaders=headers,
                body=base64.b64encode(PICTURE).decode(),
            )
        else:
            self.send("Fetch.failRequest", requestId=request["requestId"], errorReason="BlockedByClient")

    def open(self):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Fetch.enable", patterns=[{"urlPattern": "*"}])
        self.frame = self.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def evaluate(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def show(self, html, images):
        self.asked, self.allowed = [], set(images)
        self.ask("Page.setDocumentContent", frameId=self.frame, html=html)
        self.evaluate(
            "Promise.all([...document.images].map((image) => image.complete || "
            "new Promise((done) => { image.onload = image.onerror = done; }))).then(() => 0)"
        )

    def look(self, width, height, scheme):
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        return self.evaluate(CHECK)

    def picture(self, path):
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        self.session = None
        self.send("Browser.close")
        self.process.wait()


def faults_of(browser, page, pictures):
    faults = []
    browser.show(page["html"], page["images"])
    for width, height in WIDTHS:
        for scheme in SCHEMES:
            for fault in browser.look(width, height, scheme):
                faults.append(f"{fault} ({width}, {scheme})")
            if pictures:
                browser.picture(pictures / f"{page['name'].replace(' ', '-')}-{width}-{scheme}.png")
    faults += [f"request: {url}" for url in browser.asked if url not in browser.allowed]
    return faults


def wrong(page, faults):
    if page.get("fault"):
        found = any(fault.startswith(page["fault"]) for fault in faults)
        return [] if found else [f"{page['fault']} was not found; found: {faults}"]
    return faults


def main():
    pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    count, failures = 0, 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            browser.open()
            for line in sys.stdin:
                page = json.loads(line)
                count += 1
                for fault in wrong(page, faults_of(browser, page, pictures))[:5]:
                    failures += 1
                    print(f"{page['name']}: {fault}")
        finally:
            browser.close()
    print(f"{count} pages checked, {failures} wrong")
    sys.exit(1 if failures or not count else 0)


main()
