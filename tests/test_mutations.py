"""Can each mutation of mutations.py still be made? It says itself if it is caught."""

import pytest
from mutations import MUTATIONS, ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_finds_its_place_and_its_tests(mutation):
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert mutation.spoil(text) != text
    files = [word.split("::")[0] for word in mutation.tests if "/" in word]
    assert files and all((ROOT / file).exists() for file in files)
