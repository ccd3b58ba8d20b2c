"""The map enlarged: by button, key, wheel, fingers, search and address; what lies over it and how large it is drawn."""

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from integration_browser import Reader
from playwright.sync_api import Browser, Page, expect

TRANSFORM = re.compile(r"translate\((-?[\d.]+) (-?[\d.]+)\) scale\(([\d.]+)\)")
MAWLAMYINE, PYINMANA = "MMR011001", "MMR018005"


@pytest.fixture(scope="module")
def index(sample_home: Path) -> Path:
    return sample_home / "published" / "latest" / "report" / "index.html"


@pytest.fixture(scope="module")
def hand(chromium: Browser) -> Iterator[Page]:
    """A screen of 390 by 844 that is touched, without animations."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, offline=True, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(index: Path, hand: Page) -> Page:
    """The page as it is when it is opened there."""
    hand.goto("about:blank")
    hand.goto(index.resolve().as_uri())
    return hand


def size(page: Page) -> float:
    """How many times the sheet is enlarged."""
    found = TRANSFORM.fullmatch(page.locator("#map-sheet").get_attribute("transform") or "translate(0 0) scale(1)")
    assert found is not None
    return float(found[3])


def part(page: Page) -> tuple[float, float, float]:
    """Size of the map, and the point of the sheet at its upper left corner."""
    found = TRANSFORM.fullmatch(page.locator("#map-sheet").get_attribute("transform") or "")
    assert found is not None
    left, top, times = map(float, found.groups())
    return times, -left / times, -top / times


def enlarged(page: Page, times: float) -> None:
    """Wait until the map says so and has come to rest."""
    said = f"{times:.1f}".removesuffix(".0")
    words = "The whole country is shown." if times == 1 else f"A part, enlarged {said} times"
    expect(page.locator("#map-zoomed")).to_have_text(words)
    page.locator(f'#map-sheet[transform$="scale({times:.4f})"]').wait_for(state="attached")


def middle(page: Page, code: str) -> tuple[float, float]:
    """Where the township's shape on the map of the country lies in the window, in pixels."""
    box = page.locator(f'#live-map a[data-code="{code}"]').first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def in_sight(page: Page, code: str) -> bool:
    """The township's middle lies in the map and in the window, and nothing covers it."""
    x, y = middle(page, code)
    hit = page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.closest('[data-code]')?.dataset.code", [x, y])
    return bool(hit == code)


def scrolled(page: Page, holds: Callable[[float], bool]) -> None:
    """Wait until the page has scrolled there; the browser does it in its own time."""
    for _ in range(60):
        if holds(page.evaluate("scrollY")):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"the page stands at {page.evaluate('scrollY')}")


def fingers(page: Page) -> Callable[..., None]:
    """Lays fingers on the window, moves and lifts them: touch("touchMove", (x, y), ...)."""
    hand = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    return touch


def marks_in_sight(page: Page) -> set[str]:
    """The words of the watermark whose whole length lies in the window; none may be a part of the sheet."""
    script = """all => all.filter(mark => {
        const box = mark.getBoundingClientRect(), map = document.getElementById('live-map').getBoundingClientRect();
        return !mark.closest('#map-sheet') && box.left > map.left - 5 && box.right < map.right + 5
            && box.top > Math.max(map.top, 0) && box.bottom < innerHeight;
    }).map(mark => mark.textContent)"""
    return set(page.locator("#live-map .w").evaluate_all(script))


def test_buttons_enlarge_reduce_and_lead_back(index: Path, still: Reader) -> None:
    page = still.open(index, "#map=security")
    nearer, farther, whole = (page.locator(f"#map-{name}") for name in ("nearer", "farther", "whole"))
    expect(farther).to_have_attribute("aria-disabled", "true")
    nearer.click()
    nearer.click()
    farther.click()
    enlarged(page, 1.6)
    for _ in range(5):
        nearer.click()
    enlarged(page, 12)
    expect(nearer).to_have_attribute("aria-disabled", "true")
    assert marks_in_sight(page) >= {"SYNTHETIC DATA", "SCHEMATIC SHAPES"}, "at the greatest size too"
    whole.press("Enter")
    enlarged(page, 1)
    expect(page.locator("#live-map .n")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "map-whole", "a button that can do no more keeps the focus"
    page.locator("#language [data-language=my]").click()
    expect(nearer).to_have_attribute("aria-label", "မြေပုံကို ချဲ့ရန်")


def test_lines_letters_and_patterns_keep_their_size(index: Path, still: Reader) -> None:
    page = still.open(index, "#map=security")
    script = """() => ['#live-map .t', '#live-map .b', '#live-map .ring', '#live-map .s'].map(name => {
        const style = getComputedStyle(document.querySelector(name));
        return [parseFloat(style.strokeWidth), parseFloat(style.fontSize)];
    })"""
    before = page.evaluate(script)
    page = still.open(index, "#view=8,500,900")
    page.reload()
    enlarged(page, 8)
    for (line, letters), (thin, small) in zip(before, page.evaluate(script), strict=True):
        assert thin == pytest.approx(line / 8, rel=0.01)
        assert letters == 16 or small * 8 == pytest.approx(letters, rel=0.01), "16 where nothing is written"
    used = page.evaluate(
        "['no_data', 'insufficient_evidence', 'withheld', 'silent', 'hosting_displaced', 'unknown'].map(look => {"
        "const one = document.querySelector('#live-map .t a'); one.setAttribute('class', 'k-' + look);"
        "return getComputedStyle(one).fill.match(/#([\\w-]+)/)[1]; })"
    )
    assert used == ["zoomed-hatch", "zoomed-lines", "zoomed-dots", "zoomed-ticks", "zoomed-rings", "zoomed-hatch"]
    for name in set(used):
        assert "scale(0.125)" in (page.locator(f"#{name}").get_attribute("patternTransform") or "")
        assert "scale" not in (page.locator(f"#{name[7:]}").get_attribute("patternTransform") or ""), "the legend's"


def test_keys_enlarge_and_the_map_follows_the_township(index: Path, reader) -> None:
    page = reader.open(index, f"#township={PYINMANA}&view=1")
    for sign in "+=+=":
        page.keyboard.press(sign)
    enlarged(page, 1.6**4)
    first = page.locator("#map-sheet").get_attribute("transform")
    for _ in range(6):
        page.keyboard.press("ArrowUp")
        code = page.evaluate("document.activeElement.dataset.code")
        assert in_sight(page, code), code
    assert page.locator("#map-sheet").get_attribute("transform") != first, "the map has moved"
    assert size(page) == pytest.approx(1.6**4, rel=1e-4), "and is as large as before"
    page.keyboard.press("-")
    enlarged(page, 1.6**3)
    page.keyboard.press("0")
    enlarged(page, 1)


def test_the_wheel_scrolls_the_page_and_with_ctrl_enlarges_under_the_pointer(index: Path, reader) -> None:
    page = reader.open(index, "#map=security")
    page.mouse.move(*middle(page, PYINMANA))
    top = page.evaluate("scrollY")
    page.mouse.wheel(0, -60)
    scrolled(page, lambda now: now < top)
    assert size(page) == 1
    here = middle(page, PYINMANA)
    page.mouse.move(*here)
    page.keyboard.down("Control")
    for _ in range(3):
        page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    enlarged(page, math.exp(360 / 220))
    assert middle(page, PYINMANA) == pytest.approx(here, abs=6), "the pointer is told in whole pixels"
    before = middle(page, PYINMANA)
    page.mouse.down()
    page.mouse.move(here[0] + 60, here[1] - 40, steps=4)
    page.mouse.up()
    assert middle(page, PYINMANA) == pytest.approx((before[0] + 60, before[1] - 40), abs=2)
    assert "/townships/" not in page.url, "the end of a drag is no click"


def test_a_link_and_a_name_bring_a_township_near(index: Path, still: Reader) -> None:
    page = still.open(index, f"#map=security&township={MAWLAMYINE}")
    expect(page.locator("#map-tip")).to_contain_text(MAWLAMYINE)
    expect(page.locator("#map-sheet")).to_have_attribute("transform", re.compile(r"scale\([5-8]"))
    page.wait_for_url("**&view=*")
    link = page.url
    assert in_sight(page, MAWLAMYINE)
    expect(page.locator("#live-map .n").filter(has_text="Kyaikmaraw")).to_be_visible()
    page.locator("#map-find").fill(PYINMANA)
    page.locator("#map-find").press("Enter")
    page.wait_for_url(f"**&township={PYINMANA}&view=*")
    expect(page.locator("#map-sheet")).to_have_attribute("transform", re.compile(r"scale\([5-8]"))
    assert in_sight(page, PYINMANA)
    page.locator("#map-state").select_option(label="Kayah")
    page.wait_for_url("**&view=*")
    expect(page.locator("#map-state option:checked")).to_have_text("Kayah")
    expect(page.locator("#live-map .n").filter(has_text="Bawlake")).to_be_visible()  # written once the map rests
    before = part(page)
    page.wait_for_url(f"**&view={before[0]:.2f},*")
    page.locator("#language [data-language=my]").click()
    expect(page.locator("#live-map .n").filter(has_text="ဘောလခဲ")).to_be_visible()
    assert part(page) == pytest.approx(before, abs=1.5), "the same, though the township found before lies outside of it"
    page.locator("#language [data-language=en]").click()
    page.locator("#map-farther").click()
    expect(page.locator("#map-state option:checked")).to_have_text("State or region")
    page.goto("about:blank")
    page.goto(link)
    assert f"{size(page):.2f}," in link, "the link brings the same part back"
    page.goto("about:blank")
    page = still.open(index, "#view=99,<b>,-1")
    expect(page.locator("#map-zoomed")).to_have_text("The whole country is shown.")


def test_fingers_enlarge_and_a_small_township_is_hit(phone: Page) -> None:
    touch = fingers(phone)
    phone.locator("#map-zoom").evaluate("bar => bar.scrollIntoView()")
    phone.locator("#map-state").select_option(label="Mon")
    expect(phone.locator("#map-sheet")).to_have_attribute("transform", re.compile(r"scale\([2-9]"))
    phone.wait_for_url("**#*view=*")
    before, (x, y) = size(phone), middle(phone, MAWLAMYINE)
    touch("touchStart", (x - 20, y))
    touch("touchStart", (x - 20, y), (x + 20, y))
    touch("touchMove", (x - 30, y), (x + 30, y))
    touch("touchMove", (x - 40, y), (x + 40, y))
    touch("touchEnd")
    expect(phone.locator("#map-tip")).to_be_hidden()
    assert size(phone) == pytest.approx(min(before * 2, 12), rel=0.02)
    assert middle(phone, MAWLAMYINE) == pytest.approx((x, y), abs=2)
    touch("touchStart", (x, y))
    touch("touchMove", (x + 12, y + 20))
    touch("touchMove", (x + 30, y + 50))
    touch("touchEnd")
    assert middle(phone, MAWLAMYINE) == pytest.approx((x + 30, y + 50), abs=2), "one finger moves an enlarged map"
    box = phone.locator(f'#live-map a[data-code="{MAWLAMYINE}"]').first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 24
    phone.touchscreen.tap(*middle(phone, MAWLAMYINE))
    expect(phone.locator("#map-tip")).to_contain_text(MAWLAMYINE)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_one_finger_scrolls_the_page_over_the_whole_country(phone: Page) -> None:
    phone.locator("#map-zoom").evaluate("bar => bar.scrollIntoView()")
    top, touch = phone.evaluate("scrollY"), fingers(phone)
    touch("touchStart", (200, 600))
    for step in range(1, 6):
        touch("touchMove", (200, 600 - 40 * step))
    touch("touchEnd")
    scrolled(phone, lambda now: now > top + 100)
    assert size(phone) == 1
