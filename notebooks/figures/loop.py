"""Draw the loop of a model at work, once for each notebook, with "you are here".

Run `python notebooks/figures/loop.py` after a change; it writes loop_NN.svg beside it.
"""

import math
from pathlib import Path

STATIONS = ("train", "save", "serve", "measure", "watch", "learn", "choose")
WHERE = {
    "00": STATIONS,
    "01": ("save",),
    "03": ("serve",),
    "04": ("serve",),
    "05": ("measure",),
}
WIDTH, HEIGHT, BOX = 620, 250, (92, 40)


def place(i):
    """Return the centre of station i, clockwise on an ellipse from the left."""
    angle = math.pi + 2 * math.pi * i / len(STATIONS)
    return WIDTH / 2 + 250 * math.cos(angle), HEIGHT / 2 + 95 * math.sin(angle)


def arrow(i):
    """Return a line from station i towards the next, short of both boxes."""
    (x1, y1), (x2, y2) = place(i), place((i + 1) % len(STATIONS))
    length = math.hypot(x2 - x1, y2 - y1)
    ends = [(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share) for share in (0.36, 0.66)]
    (ax, ay), (bx, by) = ends if length > 1 else ((x1, y1), (x2, y2))
    return (
        f'<line x1="{ax:.0f}" y1="{ay:.0f}" x2="{bx:.0f}" y2="{by:.0f}" '
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


def draw(here):
    """Return the whole picture as SVG."""
    words = "the whole loop" if len(here) > 1 else f"you are here: {here[0]}"
    parts = [arrow(i) for i in range(len(STATIONS))]
    parts += [station(i, name in here) for i, name in enumerate(STATIONS)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="Helvetica, Arial, sans-serif">',
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
