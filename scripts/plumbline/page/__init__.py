"""The interactive page: the record of every station from years down to 15 s, in a browser and without a server.

`sources` reads records, `levels` makes coarser ones of them, `packing` packs numbers, `pieces` lays them beside the
page, `records` and `strips` say what they are and where they have gaps, and `document` puts the page together. What
runs in the browser lies in `browser/`, the library that draws in `vendor/`, and `assets` names both.
"""
