"""Draw the loop of a model at work, once for each notebook, with "you are here".

Run `python notebooks/figures/loop.py` after a change; it writes loop_NN.svg beside it.
The <title> of each is also the alt text in its notebook: a test compares them.
"""

import math
from pathlib import Path

STATIONS = ("train", "save", "serve", "measure", "watch", "learn", "choose")
WHERE = {
    "00": STATIONS,
    "01": ("save",),
    "02": ("save",),
    "03": ("serve",),
    "04": ("serve",),
    "05": ("measure",),
    "06": ("serve", "measure"),
    "07": ("watch",),
    "08": ("watch",),
    "09": ("learn",),
    "10": ("choose",),
    "11": STATIONS,
    "12": ("save", "serve"),
}
WIDTH, HEIGHT, BOX = 620, 250, (92, 40)
HALF = (BOX[0] / 2, BOX[1] / 2)


def place(i):
    """Return the centre of station i, clockwise on an ellipse from the left."""
    angle = math.pi + 2 * math.pi * i / len(STATIONS)
    return WIDTH / 2 + 250 * math.cos(angle), HEIGHT / 2 + 95 * math.sin(angle)


def edge(i, towards):
    """Return where the line from station i to a point leaves the box, and a bit on."""
    (x, y), (dx, dy) = place(i), towards
    dx, dy = dx - x, dy - y
    sides = [(half + 8) / abs(d) for half, d in zip(HALF, (dx, dy), strict=True) if d]
    return x + dx * min(sides), y + dy * min(sides)


def arrow(i):
    """Return a line from the box of station i to the box of the next."""
    j = (i + 1) % len(STATIONS)
    (x1, y1), (x2, y2) = edge(i, place(j)), edge(j, place(i))
    return (
        f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" '
        'stroke="#444" stroke-width="2" marker-end="url(#tip)"/>'
    )


def station(i, here):
    """Return the box and word of station i, filled where the reader is."""
    x, y = place(i)
    fill, ink = ("#0072B2", "#fff") if here else ("#fff", "#222")
    weight = "bold" if here else "normal"
    return (
        f'<rect x="{x - BOX[0] / 2:.0f}" y="{y - BOX[1] / 2:.0f}" width="{BOX[0]}" '
        f'height="{BOX[1]}" rx="8" fill="{fill}" stroke="#222" stroke-width="1.5"/>'
        f'<text x="{x:.0f}" y="{y + 6:.0f}" text-anchor="middle" font-size="17" '
        f'font-weight="{weight}" fill="{ink}">{STATIONS[i]}</text>'
    )


def title(here):
    """Return in words what the picture shows, and which stations it fills."""
    loop = f"The loop of a model at work: {', '.join(STATIONS)}, and back to train."
    if len(here) == len(STATIONS):
        return f"{loop} Every station is filled: this notebook walks the whole loop."
    return f"{loop} You are here, where it is filled: {' and '.join(here)}."


def draw(here):
    """Return the whole picture as SVG."""
    whole = len(here) == len(STATIONS)
    words = "the whole loop" if whole else f"you are here: {' and '.join(here)}"
    parts = [arrow(i) for i in range(len(STATIONS))]
    parts += [station(i, name in here) for i, name in enumerate(STATIONS)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="Helvetica, Arial, sans-serif">',
            f"<title>{title(here)}</title>",
            '<defs><marker id="tip" viewBox="0 0 10 10" refX="8" refY="5" '
            'markerWidth="6" markerHeight="6" orient="auto">'
            '<path d="M0 0L10 5L0 10z" fill="#444"/></marker></defs>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            *parts,
            f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT / 2 + 6:.0f}" text-anchor="middle" '
            f'font-size="16" fill="#222">{words}</text>',
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    for number, here in WHERE.items():
        path = Path(__file__).with_name(f"loop_{number}.svg")
        path.write_text(draw(here), encoding="utf-8", newline="\n")
