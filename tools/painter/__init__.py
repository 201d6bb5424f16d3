"""Paints the style gallery from numbers: shapes, flow fields and layered brush strokes; no photograph is read.

    colour.py    OKLab and colour ramps
    flow.py      curves, masks and the direction and tone in which paint is combed along guide curves
    strokes.py   where strokes lie: along a flow, along a line, on rings
    spacing.py   places that keep their distance, corners of small rectangles
    canvas.py    what paint does: bristles, dots, tiles, colour, height, light from the side, canvas grain
    cartoon.py   flat shapes, glows and veils: printed as they are, or telling strokes and dots their colour
    handling.py  how an area is worked up in layers, how a contour is drawn, strokes that follow a cartoon
    woodblock.py (foam, bands, the print), points.py (dots), ornament.py (gold, rosettes), tesserae.py (glass in rows)
    scream.py, starry_night.py (with village.py), great_wave.py, water_lilies.py, sunday_afternoon.py (with
    promenade.py), composition.py, wheat_field.py, the_kiss.py, shipwreck.py, mosaic.py (with empress.py),
    stained_glass.py, ink_wash.py    one composition each
    __main__.py  python -m tools.painter [NAME ...] [--size N] [--out DIR] [--sheet FILE]

A composition has WIDTH, HEIGHT, SEED, GROUND and paint(canvas, rng). It is written in units, about a thousand to the
long side, so a picture is the same at every size.
"""
