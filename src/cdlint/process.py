"""What is known about the process that cdlint runs in."""

#: True when the process is cdlint's own (the command was started, not imported as a library): then
#: other users of PyYAML need not be reckoned with, and it may be loaded by its cheaper way in.
OWN = False
