"""The colours of the categories, in light and in dark, and an icon for each, drawn as lines in a square of 24."""

from __future__ import annotations

#: Category: (light, dark). The empty name is for those that CodePipeline does not have.
COLOURS = {
    "Source": ("#1d5fd1", "#7fb0ff"),
    "Build": ("#7a3fd1", "#bd9cff"),
    "Test": ("#0b7a75", "#55d0c4"),
    "Approval": ("#a85a00", "#ffbf66"),
    "Deploy": ("#1a7f3c", "#6fd48f"),
    "Invoke": ("#bb2468", "#ff94bf"),
    "Compute": ("#2f6078", "#8cc3dc"),
    "": ("#5b6472", "#a3adbb"),
}

#: Line icons: a branch, a hammer-like cube, a flask, a person's tick, a rocket-like arrow, a bolt, a chip.
ICONS = {
    "Source": "M6 4v11M18 9a9 9 0 0 1-9 9M6 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18 9a2.5 2.5 0 1 0 0-5 "
    "2.5 2.5 0 0 0 0 5z",
    "Build": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
    "Test": "M9 3h6M10 3v6.5L4.8 18a2 2 0 0 0 1.7 3h11a2 2 0 0 0 1.7-3L14 9.5V3M7.4 14.5h9.2",
    "Approval": "M10 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 20.5c0-3.6 3-6 7-6 1.2 0 2.3.2 3.3.6M14.5 18.5l2.3 2.3 "
    "4.4-4.6",
    "Deploy": "M12 15.5V4M7.5 8.5L12 4l4.5 4.5M4 14.5v4a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-4",
    "Invoke": "M13 2.8L4.5 13.5h7l-1 7.7L19.5 10h-7z",
    "Compute": "M4.5 5h15a1.5 1.5 0 0 1 1.5 1.5v11a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5v-11A1.5 1.5 0 0 1 "
    "4.5 5zM7 10l2.5 2L7 14.5M12 15h5",
    "": "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 12h.01",
}

STAR = "M0-5.2l1.5 3.3 3.6.4-2.7 2.4.8 3.6L0 2.7l-3.2 1.8.8-3.6-2.7-2.4 3.6-.4z"
CROSS = "M-2.6-2.6l5.2 5.2M2.6-2.6l-5.2 5.2"
BANG = "M0-4v4.4M0 3.4v.01"
