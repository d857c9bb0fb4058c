#!/usr/bin/env bash
# Install armada-render, as it is in this action, into an environment of its own.
# REVIEW_ACTION is the folder of the action, REVIEW_EXTRAS a comma list of extras.
set -euo pipefail
case $REVIEW_EXTRAS in
*[!a-z,]*)
    echo "::error::extras are words and commas"
    exit 2
    ;;
esac
venv=$RUNNER_TEMP/armada-render
python -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint "$REVIEW_ACTION/constraints.txt" \
    "armada-render${REVIEW_EXTRAS:+[$REVIEW_EXTRAS]} @ file://$REVIEW_ACTION"
"$venv/bin/armada-render" --version
