#!/usr/bin/env bash
# What the action does once armada-render is installed. Inputs are the variables REVIEW_*: they never
# become part of a command. The job fails when a check does; all of them run.
set -ufo pipefail
PATH=$RUNNER_TEMP/armada-render/bin:$PATH
out=$RUNNER_TEMP/armada-render-review
mkdir -p "$out"

base=$REVIEW_BASE
if [ -z "$base" ]; then
    if [ -n "${GITHUB_BASE_REF:-}" ]; then
        base=merge-base:origin/$GITHUB_BASE_REF
    else
        base=HEAD^
    fi
fi
options=()
[ -z "$REVIEW_CLUSTERS" ] || options=(--clusters "$REVIEW_CLUSTERS")
failed=0

# What is printed comes from the repository, whose lines must not be taken for commands of the runner.
fence=armada-render-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

run() { # run NAME COMMAND...: in a group of its own, and note when it fails
    local name=$1 code
    shift
    echo "::group::$name"
    echo "::stop-commands::$fence"
    "$@"
    code=$?
    echo "::$fence::"
    echo "::endgroup::"
    if [ "$code" -ne 0 ]; then
        echo "::error title=armada-render $name::exit code $code, see the log of this step"
        failed=1
    fi
    return "$code"
}

# shellcheck disable=SC2317 # it is called by run
diff_to_file() {
    armada-render diff --base "$base" "${options[@]}" -o markdown -- "$REVIEW_PATH" >"$out/diff.md"
}

# shellcheck disable=SC2317
lint_to_file() {
    armada-render -q lint "${options[@]}" -o sarif -- "$REVIEW_PATH" >"$out/lint.sarif" 2>/dev/null
    armada-render lint "${options[@]}" -- "$REVIEW_PATH"
}

for check in $REVIEW_CHECKS; do
    case $check in
    render) run render armada-render render --base "$base" "${options[@]}" -o table -- "$REVIEW_PATH" ;;
    lock) run lock armada-render lock --check "${options[@]}" -- "$REVIEW_PATH" ;;
    validate) run validate armada-render validate "${options[@]}" -- "$REVIEW_PATH" ;;
    lint)
        run lint lint_to_file
        echo "sarif=$out/lint.sarif" >>"$GITHUB_OUTPUT"
        ;;
    diff)
        run diff diff_to_file
        if [ -s "$out/diff.md" ]; then
            echo "markdown=$out/diff.md" >>"$GITHUB_OUTPUT"
            cat "$out/diff.md" >>"$GITHUB_STEP_SUMMARY"
        fi
        ;;
    *)
        echo "::error::checks knows render, lock, lint, validate and diff"
        exit 2
        ;;
    esac
done

if [ "$REVIEW_COMMENT" = true ] && [ -s "$out/diff.md" ] && [ -n "${GITHUB_BASE_REF:-}" ]; then
    key=$(printf %s "${REVIEW_KEY:-$REVIEW_PATH}" | tr -c 'A-Za-z0-9._/-' - | tr -s -)
    # The token of a pull request from a fork may not write: then the summary of the job has to do.
    armada-render comment "$out/diff.md" --on github --key "${key:0:100}" ||
        echo "::warning::the comment could not be written: the difference is in the summary of the job"
fi
exit "$failed"
