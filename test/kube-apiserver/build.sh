#!/bin/sh
# Builds kube-apiserver from the version that go.mod pins, for the tests that read a real one.
#
# The result is bin/kube-apiserver under the repository's root (or under $1). It needs Go and, once, a Go module proxy; running
# the result needs no network, but etcd. Nothing is done when the result is newer than what it is built from.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
bin=${1:-$here/../../bin}
case $bin in
/*) ;;
*) bin=$PWD/$bin ;;
esac

# The workspace would lift the libraries to versions that this release was not made with, and a caller's flags would change the result.
export GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=0
cd "$here"

version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
target=$bin/kube-apiserver$(go env GOEXE)

# newer FILE: is FILE there and newer than everything it is built from?
newer() {
	[ -x "$1" ] || return 1
	for source in go.mod go.sum build.sh; do
		[ -z "$(find "$source" -newer "$1")" ] || return 1
	done
}

if newer "$target"; then
	exit 0
fi
echo "building k8s.io/kubernetes/cmd/kube-apiserver $version"
mkdir -p "$bin"
# Without these variables the server says that it is v0.0.0, and its pod security refuses to start. Link beside the target and rename, so that an interrupted build
# leaves nothing that looks done.
stamps=k8s.io/component-base/version
minor=${version#v1.}
stamp="-X $stamps.gitVersion=$version -X $stamps.gitMajor=1 -X $stamps.gitMinor=${minor%%.*}"
go build -trimpath -ldflags "-s -w $stamp" -o "$target.partial" k8s.io/kubernetes/cmd/kube-apiserver
mv -f "$target.partial" "$target"
