import pytest

from qa.extent.lists import whole_list

SYMPTOMS = "Its symptoms are a high fever, severe headache, chills and loss of appetite."


@pytest.mark.parametrize(
    ("sentence", "items", "whole"),
    [
        (
            "In 2024 BRICS admitted Egypt, Ethiopia, Iran and the United Arab Emirates, while others waited.",
            ["Egypt", "Ethiopia", "Iran", "the United Arab Emirates", "United Arab Emirates", "Egypt, Ethiopia"],
            "Egypt, Ethiopia, Iran and the United Arab Emirates",
        ),
        (
            "Russia, India, and South Africa are in.",
            ["Russia", "India", "South Africa"],
            "Russia, India, and South Africa",
        ),
        ("The flag has red, white and blue stripes.", ["red", "white", "blue"], "red, white and blue"),
        ("Matter is solid, liquid or gas, and each melts.", ["solid", "liquid", "gas"], "solid, liquid or gas"),
        ("She won in 1998, 2001 and 2004.", ["1998", "2001", "2004"], "1998, 2001 and 2004"),
        (SYMPTOMS, ["a high fever", "chills", "severe headache"], SYMPTOMS[17:-1]),
        (
            "Overfishing, warm water and disease all played.",
            ["Overfishing", "disease"],
            "Overfishing, warm water and disease",
        ),
    ],
)
def test_every_item_leads_to_the_whole_list(sentence: str, items: list[str], whole: str) -> None:
    for item in items:
        start = sentence.index(item)
        found = whole_list(sentence, start, start + len(item))
        assert sentence[slice(*found)] == whole


@pytest.mark.parametrize(
    ("sentence", "item"),
    [
        ("Putin, Xi and Erdogan sent word, but Modi came, and Khan too.", "Modi"),
        ("It was hosted by Moscow on 3 May, by Kazan in June and by Tehran.", "Moscow"),
        ("On 3 May, Moscow agreed.", "Moscow"),
        ("The harvest failed.", "The harvest"),
        ("", ""),
    ],
)
def test_what_is_in_no_list_stays_as_it_is(sentence: str, item: str) -> None:
    start = sentence.index(item)
    assert whole_list(sentence, start, start + len(item)) == (start, start + len(item))
