"""cdlint: the linter, fixer and packager for AWS continuous delivery."""

__version__ = "0.1.0"
