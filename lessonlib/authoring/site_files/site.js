// A box that scrolls sideways can be reached, and so scrolled, with the keyboard.
function reachWideBoxes() {
  for (const box of document.querySelectorAll("pre, .wide")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

// Beside the text there is room for the list of sections, above it there isn't.
const beside = matchMedia("(min-width: 70rem)");
function unfoldSections() {
  const list = document.querySelector(".sections details");
  if (list) list.open = beside.matches;
}

reachWideBoxes();
unfoldSections();
addEventListener("resize", reachWideBoxes);
addEventListener("toggle", reachWideBoxes, true);
beside.addEventListener("change", unfoldSections);
