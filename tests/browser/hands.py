"""A hand on each of the pads: where it presses, what it draws, and what it reads from the canvases."""

import re

# What is stale is drawn in the next frame; in the one after it, it can be read.
DRAWN = "await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));"
GREYS = "[...e.getContext('2d').getImageData(0, 0, e.width, e.height).data].filter((_, i) => i % 4 === 0)"

# Strokes of digits as no example of the course has them: corners for curves, other proportions and directions.
DIGITS = {
    0: ["48 20, 60 22, 72 34, 74 55, 66 72, 50 78, 36 72, 28 52, 32 34, 46 20"],
    1: ["42 10, 46 50, 49 92"],
    2: ["24 34, 34 20, 54 16, 68 28, 64 44, 44 62, 26 80, 48 78, 80 78"],
    3: ["28 16, 50 10, 68 20, 64 36, 44 46, 66 54, 70 74, 52 88, 26 84"],
    4: ["26 10, 22 56, 76 54", "64 8, 60 92"],
    5: ["74 12, 40 12, 34 44, 56 42, 70 58, 66 80, 46 90, 26 84"],
    6: ["58 8, 40 34, 30 62, 36 84, 56 90, 68 76, 60 60, 40 62, 32 74"],
    7: ["22 20, 76 18, 60 50, 48 90"],
    8: ["68 26, 52 10, 32 20, 38 38, 62 54, 70 74, 52 90, 32 80, 36 62, 62 42, 68 26"],
    9: ["70 26, 52 10, 34 24, 40 44, 60 44, 70 26, 66 58, 62 92"],
}


def strokes_of(digit):
    return [
        [tuple(int(number) / 100 for number in point.split()) for point in line.split(",")] for line in DIGITS[digit]
    ]


def close(found, wanted, tolerance=1e-9):
    return all(abs(one - two) <= tolerance for one, two in zip(found, wanted, strict=True))


class Hand:
    """A hand on one pad of a page: `frame` is the pad."""

    def __init__(self, page, frame):
        self.page, self.frame = page, frame

    def canvas(self, name):
        return self.frame.locator(f"canvas.vae-pad-{name}")

    def wait(self):
        self.page.evaluate(f"async () => {{ {DRAWN} }}")

    def data(self, canvas, name):
        """What a canvas says of what is drawn on it."""
        return canvas.evaluate(f"async (e, name) => {{ {DRAWN} return e.dataset[name]; }}", name)

    def greys(self, canvas):
        return canvas.evaluate(f"async e => {{ {DRAWN} return {GREYS}; }}")

    def picture(self, canvas):
        """All pixels of a canvas as a text: shorter than `greys`, where they are only to be compared."""
        return canvas.evaluate(f"async e => {{ {DRAWN} return e.toDataURL(); }}")

    def press(self, name):
        self.frame.get_by_role("button", name=name, exact=True).click()

    def brings_forward_and_puts_back(self, name, canvas):
        """The button of a class changes the canvas; pressed again, by key, it leaves it as it was."""
        before = self.picture(canvas)
        button = self.frame.get_by_role("button", name=name, exact=True)
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        assert self.picture(canvas) != before
        button.press("Enter")
        assert button.get_attribute("aria-pressed") == "false"
        assert self.picture(canvas) == before

    def pull(self, over, places, steps=1, thumb=0):
        """Press at the first of `places` (shares of `over`, from top left), move over the others, release.

        `thumb` is how far, in pixels, its left and right ends are from its edges.
        """
        over.hover()  # once it is in sight, at rest, and under nothing else
        box = over.bounding_box()
        for number, (x, y) in enumerate(places):
            left, wide = box["x"] + thumb, box["width"] - 2 * thumb
            self.page.mouse.move(left + x * wide, box["y"] + y * box["height"], steps=steps)
            if number == 0:
                self.page.mouse.down()
            yield
        self.page.mouse.up()

    def tap(self, over, x, y):
        """A finger, at a share of `over` from top left."""
        over.scroll_into_view_if_needed()
        box = over.bounding_box()
        self.page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])


class OnPlane(Hand):
    """On a LatentPad, the one of that number on its page."""

    READY = "document.querySelectorAll('.vae-pad-image[data-z]').length === {}"

    def __init__(self, page, number=0):
        super().__init__(page, page.locator(".vae-pad-frame:has(> .vae-pad-stage)").nth(number))
        self.plane, self.image, self.strip = map(self.canvas, ("plane", "image", "strip"))
        self.walk = self.frame.get_by_role("slider", name="walk from A to B")

    @property
    def z(self):
        return [float(value) for value in self.data(self.image, "z").split(",")]

    def drag(self, places):
        """Over the plane; gives z at each place."""
        for _ in self.pull(self.plane, places):
            yield self.z


class OnPaper(Hand):
    """On a DrawPad, the one of that number on its page."""

    READY = (
        "['paper[data-mu]', 'image[data-z]'].every(e => document.querySelectorAll('.vae-pad-' + e).length === {0}) && "
        "[...document.querySelectorAll('.vae-pad-loads')].every(e => e.childElementCount === 10)"
    )

    def __init__(self, page, number=0):
        super().__init__(page, page.locator(".vae-pad-draw").nth(number))
        self.paper, self.seen, self.decoded, self.lens = map(self.canvas, ("paper", "seen", "decoded", "lens"))

    def numbers(self, name):
        """mu or sigma, as the browser has encoded what is drawn; nothing, where nothing is."""
        return [float(value) for value in self.data(self.paper, name).split(",") if value]

    @property
    def image(self):
        """The grey values that the network sees: on white paper 255 less what is drawn."""
        return [255 - value for value in self.greys(self.seen)]

    @property
    def near(self):
        """The classes of the nearest test images, as they are named."""
        self.wait()
        found = re.search(r"nearest: (.+)", self.frame.locator(".vae-pad-words").inner_text())
        return found[1].split(", ") if found else []

    def draw(self, strokes, steps=2):
        """With the mouse: each stroke is pressed at its first point and released at its last."""
        for stroke in strokes:
            list(self.pull(self.paper, stroke, steps))


class OnMachine(Hand):
    """On a TimeMachine, the one of that number on its page."""

    READY = "document.querySelectorAll('.vae-pad-map[data-epoch]').length === {}"

    def __init__(self, page, number=0):
        super().__init__(page, page.locator(".vae-pad-frame:has(> .vae-pad-machine)").nth(number))
        self.map, self.tiles, self.strip, self.curve = map(self.canvas, ("map", "tiles", "strip", "curve"))
        self.slider = self.frame.get_by_role("slider", name="epoch")
        self.play = self.frame.locator("button.vae-pad-button", has_text="Play")
        self.stop = self.frame.locator("button.vae-pad-button", has_text="Stop")

    @property
    def epoch(self):
        return float(self.data(self.map, "epoch"))

    def until(self, epoch):
        """Wait until it rests there."""
        condition = "([e, epoch]) => +e.dataset.epoch === epoch"
        self.page.wait_for_function(condition, arg=[self.map.element_handle(), epoch])

    def drag(self, places, over=None):
        """Along the slider, or the curve above it, to these shares of its way; gives the epoch at each."""
        for _ in self.pull(over or self.slider, [(x, 0.5) for x in places], thumb=8):
            yield self.epoch


def drag(page, output, name, share):
    """Take the slider by its thumb and pull it to `share` of its way, as a hand does; wait for the last picture."""
    slider, picture = output.get_by_role("slider", name=name), output.locator("figure.vae-picture")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    low, high, now = (float(slider.evaluate(f"e => e.{which}")) for which in ("min", "max", "value"))
    thumb = 16  # the middle of the thumb walks over the track less its own width
    at, to = (box["x"] + thumb / 2 + part * (box["width"] - thumb) for part in ((now - low) / (high - low), share))
    height = box["y"] + box["height"] / 2
    page.page.mouse.move(at, height)
    page.page.mouse.down()
    for step in range(1, 21):
        page.page.mouse.move(at + (to - at) * step / 20, height)
    page.page.mouse.up()
    assert abs(float(slider.input_value()) - now) > 0.05
    value = f"{float(slider.input_value()):.2f}".replace("-", "−")
    assert slider.get_attribute("aria-valuetext") == value
    said = f"N({value}, " if name.startswith("mean") else f", {value}²)"
    page.until(
        "([e, said]) => e.alt.includes(said) && e.complete && e.naturalWidth",
        [picture.locator("img").element_handle(), said],
    )
