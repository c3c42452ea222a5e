"""Which rules does a notebook keep?

A rule is a function of a Page that returns complaints: sentences that name the cell and
the way out. Its docstring says the rule.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from lessonlib.authoring import (
    rules_of_code,
    rules_of_links,
    rules_of_outputs,
    rules_of_text,
)
from lessonlib.authoring.page import Page, read_page
from lessonlib.authoring.reading import minutes_hold

Rule = Callable[[Page], list[str]]

RULES: tuple[Rule, ...] = (
    rules_of_outputs.is_a_valid_notebook,
    rules_of_outputs.ran_from_top_to_bottom,
    rules_of_outputs.knows_its_tags,
    rules_of_outputs.errors_are_announced,
    rules_of_outputs.most_outputs_are_compared,
    rules_of_outputs.ignored_cells_are_claimed,
    rules_of_outputs.figures_say_themselves,
    rules_of_code.has_no_forbidden_code,
    rules_of_code.has_no_semicolon,
    rules_of_code.has_no_absolute_path,
    rules_of_text.cells_are_short,
    rules_of_text.code_is_spread,
    rules_of_text.headings_are_in_order,
    rules_of_text.pictures_in_text_can_be_seen,
    rules_of_text.drawings_say_what_they_show,
    rules_of_links.links_lead_somewhere,
    rules_of_links.words_lead_somewhere,
)
LESSON_RULES: tuple[Rule, ...] = (  # a solution is short of words, and has no frame
    rules_of_text.prose_outweighs_code,
    rules_of_text.has_the_frame,
    minutes_hold,
    rules_of_links.lesson_leads_on,
)
SOLUTION_RULES: tuple[Rule, ...] = (rules_of_links.exercises_lead_back,)


def rules_for(page: Page) -> tuple[Rule, ...]:
    """Return the rules that a notebook of this folder keeps."""
    is_solution = page.path.parent.name == "solutions"
    return RULES + (SOLUTION_RULES if is_solution else LESSON_RULES)


def complain(paths: Iterable[Path]) -> int:
    """Print every complaint, and count the notebooks that have one."""
    failed = 0
    for page in map(read_page, paths):
        found = [sentence for rule in rules_for(page) for sentence in rule(page)]
        failed += bool(found)
        print(f"{page}: {len(found) or 'no'} complaints")
        for sentence in found:
            print(f"  {sentence}")
    return failed
