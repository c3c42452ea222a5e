"""Does each link of a built site lead somewhere?"""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lessonlib.authoring.site_reading import HtmlReading


def faults_of_site(folder: Path, site: dict[str, HtmlReading]) -> list[str]:
    """Say which links lead nowhere, what is fetched from the web, what is broken."""
    found = []
    for name, page in site.items():
        found += [f"{name}: {fault}" for fault in _dead_links(name, site, folder)]
        found += [
            f"{name} fetches {address}: keep it on the site"
            for address in filter(_is_far, page.fetched)
        ]
        found += [f"{name}: a </{tag}> ends nothing" for tag in page.astray]
        twice = {each for each in page.anchors if page.anchors.count(each) > 1}
        found += [f"{name}: #{anchor} is there twice" for anchor in sorted(twice)]
        found += [
            f"{name}: {address} has no alt text"
            for address, alt in page.pictures
            if not alt.strip()
        ]
    return found


def links_elsewhere(site: dict[str, HtmlReading]) -> list[str]:
    """Return the addresses on the web that the site links, each once. None is asked."""
    return sorted(
        {link for page in site.values() for link in filter(_is_far, page.links)}
    )


def _dead_links(name: str, site: dict[str, HtmlReading], folder: Path) -> Iterator[str]:
    for link in site[name].links + site[name].fetched:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        file = posixpath.join(posixpath.dirname(name), unquote(parts.path))
        target = posixpath.normpath(file) if parts.path else name
        if not (folder / target).is_file():
            yield f"{link} leads nowhere: there is no such file"
        elif parts.fragment and unquote(parts.fragment) not in site[target].anchors:
            yield f"{link} leads nowhere: {target} has no such place"


def _is_far(link: str) -> bool:
    parts = urlsplit(link)
    return bool(parts.netloc) or parts.scheme not in ("", "data")
