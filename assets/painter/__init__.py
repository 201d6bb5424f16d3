"""Paints the style gallery from numbers: shapes, flow fields and layered brush strokes.

    colour.py    OKLab and colour ramps
    flow.py      curves, masks and the direction and tone in which paint is combed along guide curves
    strokes.py   where strokes lie: along a flow, along a line, on rings
    canvas.py    what paint does: bristles, colour, height, light from the side, canvas grain
    handling.py  how an area is worked up in layers, how a contour is drawn
    scream.py, starry_night.py (with village.py)   one composition each
    __main__.py  python -m assets.painter [NAME ...] [--size N] [--out DIR]

Compositions are written in units of a thousandth of the long side, so a picture is the same at every size.
"""
