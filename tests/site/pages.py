"""Every page of the site: nothing asked of another host, nothing in its console, every link whole, every widget alive.

`make site-test` runs it; `make test` does not, because the site has to be made first.
"""

import html.parser
import re
import shutil

import pytest

from publish import site as building
from tests import hygiene
from tests.browser.reader import press_pads

pytestmark = pytest.mark.browser
NOTEBOOKS = [path.stem for path in hygiene.all_notebooks()]
PAGES = ["index", *NOTEBOOKS, *(f"{name}.notes" for name in NOTEBOOKS)]
MOST = 4e6  # bytes of a page


class Links(html.parser.HTMLParser):
    """What a page leads to, what it loads, and where in it one can land."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.pictures = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        self.links |= {about[name] for name in ("href", "src") if name in about}
        self.anchors |= {about["id"]} if "id" in about else set()
        self.pictures += [about] if tag == "img" else []


def test_every_notebook_has_its_page_its_notes_and_its_file(site):
    made = {path.stem for path in site.glob("*.html")}
    assert made == set(PAGES)
    for path in hygiene.all_notebooks():
        assert (site / "notebooks" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_page_is_no_heavier_than_four_megabytes(site, name):
    assert building.page_bytes(site, name) <= MOST


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(site, name):
    page = Links((site / f"{name}.html").read_text(encoding="utf-8"))
    for link in page.links:
        if re.match(r"https?:|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = site / (path or f"{name}.html")
        assert target.is_file(), f"{name}: {link}"
        if anchor:
            assert anchor in Links(target.read_text(encoding="utf-8")).anchors, f"{name}: {link}"


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_says_what_it_shows(site, name):
    for about in Links((site / f"{name}.html").read_text(encoding="utf-8")).pictures:
        assert len(about["alt"]) > 20, about


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_keeps_anyone_from_reading(visit, axe, name, theme):
    page = visit(name, theme=theme)
    page.evaluate("document.querySelectorAll('details').forEach(each => (each.open = true))")
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(({violations}) => violations)")
    grave = [
        (one["id"], one["impact"], [node["html"][:120] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert grave == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_never_wider_than_its_window(visit, name, width):
    page = visit(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_on_a_phone_what_goes_on_sideways_says_so(visit, name):
    page = visit(name, width=390)
    page.evaluate("document.querySelectorAll('details').forEach(each => (each.open = true))")
    page.evaluate("new Promise(requestAnimationFrame)")
    wider = """() => [...document.querySelectorAll("pre, table, .picture, .vae-flipbook, mjx-container")].filter(
        each => each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1)"""
    assert page.evaluate(f"({wider})().length") > 10
    says = "each => each.tabIndex === 0 && each.classList.contains('more')"
    page.wait_for_function(f"() => ({wider})().every({says})")
    first = page.evaluate_handle(f"({wider})()[0]")
    first.evaluate("each => (each.scrollLeft = each.scrollWidth)")
    page.wait_for_function("each => !each.classList.contains('more')", arg=first)


def test_a_bar_of_progress_is_seen(visit):
    bar = visit("06_train_a_vae").locator(".progress-bar").first
    assert bar.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(0, 112, 79)"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_widget_moves(visit, name):
    page = visit(name)
    assert page.locator("[data-model]").count() == 0  # each still has made room
    assert flip_every_book(page) + press_pads(page, page.locator(".vae-pad-frame").all()) > 0
    step_every_derivation(page)
    known = ".vae-flipbook, .vae-pad-frame, .widget-hprogress"
    unknown = [one.inner_text() for one in page.locator(f".living:not(:has({known}))").all()]
    assert unknown == []  # what is shown as living is one of those that were moved


def flip_every_book(page):
    """Each slider of each explorer to its other end: another picture, and another sentence."""
    books = page.locator(".living:has(.vae-flipbook)").all()
    for book in books:
        figure, picture = book.locator("figure.vae-picture"), book.locator(".vae-flipbook")
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.frame", arg=figure.element_handle())
        for slider in book.get_by_role("slider").all():
            before, sentence, pixels = figure.get_attribute("data-frame"), alt(figure), picture.screenshot()
            slider.press("Home" if slider.evaluate("e => e.value === e.max") else "End")
            page.wait_for_function("([f, before]) => f.dataset.frame !== before", arg=[figure.element_handle(), before])
            assert alt(figure) != sentence
            assert picture.screenshot() != pixels
    return len(books)


def alt(figure):
    return figure.locator("img").first.get_attribute("alt")


def step_every_derivation(page):
    """The next line of each has its formula set; the last has a number that moves with the first slider."""
    steppers = page.locator(".living:has(.vae-steps)").all()
    for one in steppers:
        lines = one.locator(".vae-lines li:visible")
        assert lines.count() == 1
        one.get_by_role("button", name="Next line").click()
        assert lines.count() == 2
        assert lines.nth(1).locator("mjx-container").count() > 0
        one.get_by_role("button", name="All lines").click()
        assert lines.count() == one.locator(".vae-lines li").count() > 2
        last = lines.last.locator(".vae-line-value")
        before = last.inner_text()
        one.get_by_role("slider").first.press("Home")
        changed = "([line, before]) => line.querySelector('.vae-line-value').innerText !== before"
        page.wait_for_function(changed, arg=[lines.last.element_handle(), before])


def test_a_slider_that_moves_alone_sends_the_others_back(visit):
    page = visit("04_the_elbo")
    book = page.locator(".living:has(.vae-flipbook)", has=page.get_by_role("slider", name="spread")).nth(2)
    mean, spread = book.get_by_role("slider").all()
    start = mean.input_value()
    mean.press("End")
    assert mean.input_value() != start
    spread.press("End")
    page.wait_for_function("([e, start]) => e.value === start", arg=[mean.element_handle(), start])


def test_the_reader_chooses_the_theme_and_it_stays(visit):
    page = visit("index", theme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(20, 24, 28)"
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.get_by_role("link", name="Start with page 00").click()
    page.wait_for_url("**/00_start_here.html")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"


def test_on_a_phone_the_contents_are_folded(visit):
    link = "nav[aria-label='On this page'] ol a"
    assert visit("03_the_kl_divergence").locator(link).first.is_visible()
    assert not visit("03_the_kl_divergence", width=390).locator(link).first.is_visible()


def test_from_page_to_page_and_back(visit):
    page = visit("index")
    page.get_by_role("link", name="Start with page 00").click()
    for name in NOTEBOOKS[1:]:
        page.locator("a[rel=next]").click()
        page.wait_for_url(f"**/{name}.html")
    assert page.locator("a[rel=next]").count() == 0
    page.locator("a[rel=prev]").click()
    page.wait_for_url(f"**/{NOTEBOOKS[-2]}.html")


def test_from_a_folder_it_says_what_is_missing_and_shows_stills(chromium, site, tmp_path):
    shutil.copytree(site, tmp_path / "site")
    context = chromium.new_context()
    page = context.new_page()
    page.goto((tmp_path / "site" / "03_the_kl_divergence.html").as_uri())
    page.locator("#from-a-folder").wait_for(state="visible")
    stills = page.locator("figure.out img")
    assert stills.count() > 5
    stills.first.scroll_into_view_if_needed()
    page.wait_for_function("image => image.naturalWidth > 0", arg=stills.first.element_handle())
    page.locator("mjx-container").first.wait_for()  # mathematics are set there too
    context.close()
