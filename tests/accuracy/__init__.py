"""Cases whose true revision distance is known by construction, told through many ways of git.

``truth`` counts what an edit keeps, loses and adds while it is made; nothing here compares two
texts. ``kinds`` makes the edits, ``ways`` brings each into a history, ``run`` prints how the
program's measurements agree.
"""
