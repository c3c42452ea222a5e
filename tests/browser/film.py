"""Make README's moving picture, of what test_walk.py has seen.

    python3 start.py shell python tests/browser/film.py

It needs the pictures in build/screenshots, which .ci/run makes.
"""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "screenshots"
FILM = ROOT / "setup" / "pictures" / "first_ten_minutes.gif"
WIDTH, COLOURS = 800, 48
SECONDS = {"5_half": 0.8}  # others are looked at for longer
USUALLY_S = 2.5


def main() -> None:
    """Write the film, and one picture of it."""
    paths = sorted(PICTURES.glob("first_minutes_*.png"))
    first, *others = [shrunk(Image.open(path)) for path in paths]
    names = [path.stem.removeprefix("first_minutes_") for path in paths]
    times_ms = [round(1000 * SECONDS.get(name, USUALLY_S)) for name in names]
    FILM.parent.mkdir(exist_ok=True)
    first.save(
        FILM, save_all=True, append_images=others, duration=times_ms, loop=0,
        optimize=True,
    )  # fmt: skip
    others[names.index("6_answer") - 1].save(FILM.with_name("try_it.png"))
    print(f"{FILM.relative_to(ROOT)}: {FILM.stat().st_size / 1000:.0f} kB")


def shrunk(image: Image.Image) -> Image.Image:
    """Return an image in the size and with the few colours of the film."""
    height = round(image.height * WIDTH / image.width)
    image = image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    return image.quantize(COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
