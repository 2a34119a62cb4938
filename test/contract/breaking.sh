#!/bin/sh
# Compares the contract with the one on the main branch and fails when a change breaks publishers or stored messages.
# In a clone without origin/main, and in the first commit that has a contract, there is nothing to compare with.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/.build/bin:$PATH"

base=origin/main
git rev-parse --verify --quiet "$base" >/dev/null || base=$(git rev-list --max-parents=0 HEAD | tail -n 1)
if ! git cat-file -e "$base:proto" 2>/dev/null; then
	echo "breaking: $base holds no contract, nothing to compare with"
	exit 0
fi
against=$(mktemp -d)
trap 'rm -rf "$against"' EXIT
git archive "$base" proto buf.yaml | tar -x -C "$against"
mkdir -p "$against/.build"
cp -R .build/protovalidate "$against/.build/"
buf breaking --against "$against"
