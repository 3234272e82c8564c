# Completion of cdlint for bash, loaded by bash-completion when it is first asked for.
eval "$(cdlint completion bash 2>/dev/null)"
