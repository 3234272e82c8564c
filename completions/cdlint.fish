# Completion of cdlint for fish, loaded when it is first asked for.
cdlint completion fish 2>/dev/null | source
