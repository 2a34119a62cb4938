#!/bin/sh
# Builds OpenTofu and the Proxmox provider from the versions that go.mod pins.
#
# The result is bin/tofu and bin/plugins, an unpacked filesystem mirror, under the repository's root (or under $1). It
# needs Go and, once, a Go module proxy; running the result needs no network. Nothing is done when the result is newer
# than what it is built from.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
bin=${1:-$here/../../bin}
case $bin in
/*) ;;
*) bin=$PWD/$bin ;;
esac

# The workspace would force one version of hcl on OpenTofu's fork of it, and a caller's flags would change the result.
export GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=0
cd "$here"

tofu_module=github.com/opentofu/opentofu
provider_module=github.com/bpg/terraform-provider-proxmox
provider_version=$(go list -m -f '{{.Version}}' "$provider_module")
version=${provider_version#v}
exe=$(go env GOEXE)
plugin=$bin/plugins/registry.opentofu.org/bpg/proxmox/$version/$(go env GOOS)_$(go env GOARCH)/terraform-provider-proxmox_$provider_version$exe
tofu=$bin/tofu$exe

# newer FILE: is FILE there and newer than everything it is built from?
newer() {
	[ -x "$1" ] || return 1
	for source in go.mod go.sum build.sh; do
		[ -z "$(find "$source" -newer "$1")" ] || return 1
	done
}

# build FILE PACKAGE LDFLAGS: link beside the target and rename, so that an interrupted build leaves nothing that looks done.
build() {
	if newer "$1"; then
		return 0
	fi
	echo "building $2"
	mkdir -p "$(dirname "$1")"
	go build -trimpath -ldflags "-s -w $3" -o "$1.partial" "$2"
	mv -f "$1.partial" "$1"
}

# Without this variable OpenTofu calls itself a development version, and `required_version` in a manifest would be compared with that.
build "$tofu" "$tofu_module/cmd/tofu" "-X '$tofu_module/version.dev=no'"
build "$plugin" "$provider_module" ""
