"""`cdlint init`: what fits into a repository, as changes of files that somebody looks at before they are made."""
