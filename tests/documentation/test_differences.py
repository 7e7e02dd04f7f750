"""What changed between two texts, as it is shown."""

from __future__ import annotations

from time import process_time

from app.documentation.differences import Line, Part, Side, difference


def shown(before: str, after: str) -> list[str]:
    """Each line with its sign; what changed inside a line between brackets."""
    signs = {Side.SAME: " ", Side.REMOVED: "-", Side.ADDED: "+"}
    return [
        f"… {line.count}"
        if line.side is Side.SKIPPED
        else signs[line.side]
        + "".join(f"[{part.text}]" if part.changed else part.text for part in line.parts)
        for line in difference(before, after)
    ]


def test_the_same_text_shows_nothing() -> None:
    assert difference("un\ndeux", "un\ndeux") == []


def test_a_reworded_line_shows_its_words() -> None:
    assert shown("Attendre une heure.", "Attendre deux heures.") == [
        "-Attendre [une] [heure].",
        "+Attendre [deux] [heures].",
    ]


def test_words_put_in_show_on_their_side_only() -> None:
    assert shown("un deux", "un grand deux") == ["-un deux", "+un [grand ]deux"]


def test_lines_that_have_nothing_in_common_are_shown_whole() -> None:
    assert shown("Vider le cache.", "Prévenir quelqu’un") == ["-Vider le cache.", "+Prévenir quelqu’un"]


def test_far_lines_are_counted() -> None:
    lines = [f"ligne {number}" for number in range(10)]
    after = [*lines[:5], "nouvelle", *lines[5:]]
    assert shown("\n".join(lines), "\n".join(after)) == [
        "… 3",
        " ligne 3",
        " ligne 4",
        "+nouvelle",
        " ligne 5",
        " ligne 6",
        "… 3",
    ]


def test_lines_taken_out_and_put_in_beyond_their_pairs() -> None:
    assert shown("a b c\nd", "a b c e") == ["-a b c", "+a b c[ e]", "-d"]
    assert shown("a b c", "a b c e\nf") == ["-a b c", "+a b c[ e]", "+f"]


def test_very_long_lines_are_not_compared_word_by_word() -> None:
    before, after = "mot " * 600, "mot " * 600 + "fin"
    assert difference(before, after) == [
        Line(Side.REMOVED, (Part(before),)),
        Line(Side.ADDED, (Part(after),)),
    ]


def test_hostile_texts_take_no_time() -> None:
    start = process_time()
    difference("\n" * 20_000 + "a", "a\n" * 15_000)
    difference("a b " * 10_000, "b a " * 10_000)
    difference("\n".join(str(n) for n in range(8_000)), "\n".join(str(-n) for n in range(8_000)))
    assert process_time() - start < 3
