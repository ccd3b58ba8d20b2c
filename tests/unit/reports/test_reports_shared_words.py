"""Labels of 330 pages stand once in their sheet: no word is lost, none is taken for another."""

import json

from reports.site.render import FEWEST, SharedWords

PAIR = '<span class="en" lang="en">Area &amp; people</span><span class="my" lang="my">ဧရိယာ “&#34;”</span>'
CHIP = '<span class="chip" data-my="မြင့်" id="a">high</span>'
LABEL = '<nav aria-label="Pages" data-my-aria-label="စာမျက်နှာများ">'
PAGE = f"{PAIR}{CHIP}{LABEL}"


def words(shared: SharedWords) -> dict[str, str]:
    rule = shared.sheet()
    assert rule.startswith(":root{--words:{") and rule.endswith("}}\n")
    return json.loads(rule.removeprefix(":root{--words:").removesuffix("}\n"))  # type: ignore[no-any-return]


def test_a_common_label_leaves_the_pages_and_stands_once_in_the_sheet() -> None:
    shared = SharedWords([PAGE] * FEWEST)
    assert shared.lighten(PAGE) == (
        '<span data-my="">Area &amp; people</span><span class="chip" data-my="" id="a">high</span>'
        '<nav aria-label="Pages" data-my-aria-label="">'
    )
    assert words(shared) == {"Area & people": 'ဧရိယာ “"”', "high": "မြင့်", "Pages": "စာမျက်နှာများ"}


def test_a_rare_label_and_one_of_two_translations_stay_in_their_page() -> None:
    rare = SharedWords([PAGE] * (FEWEST - 1))
    assert (rare.lighten(PAGE), words(rare)) == (PAGE, {})
    other = CHIP.replace("မြင့်", "အမြင့်")
    two = SharedWords([PAGE] * FEWEST + [other])
    assert two.lighten(CHIP) == CHIP and two.lighten(other) == other
    assert "high" not in words(two)
