"""Trained VGG weights: where they are looked for, how they are fetched, and what is checked.

``places`` knows the order: a file the user names, this program's ``cache``, torch hub's cache. What is in none of
them ``fetch`` brings: of the ``catalogue``'s files it takes only the tensors it needs, along a ``plan`` of byte
ranges, from a ``remote`` that may cut, stall or answer nonsense. ``tensors`` checks whatever comes, by any way.
"""
