"""How a person draws a digit on the page of a server."""

# A 3, as shares of the pad: two bows.
BOWS = (
    [(0.3, 0.22), (0.5, 0.14), (0.68, 0.24), (0.64, 0.4), (0.48, 0.47)],
    [(0.48, 0.47), (0.68, 0.56), (0.72, 0.74), (0.54, 0.86), (0.3, 0.8)],
)


def draw(window, lines=BOWS):
    pad = window.locator(".pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    for line in lines:
        places = [
            (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line
        ]
        window.mouse.move(*places[0])
        window.mouse.down()
        for place in places[1:]:
            window.mouse.move(*place, steps=4)
        window.mouse.up()
