package understand

import "math"

// sizeUnits maps a unit to MiB. Decimal and binary names mean the same, as they do in Proxmox VE.
var sizeUnits = map[string]float64{
	"mb": 1, "mo": 1, "m": 1, "mib": 1, "mio": 1, "meg": 1, "megs": 1, "megabyte": 1, "megabytes": 1, "mega": 1, "megas": 1, "megaoctet": 1, "megaoctets": 1, "mbyte": 1,
	"gb": 1024, "go": 1024, "g": 1024, "gib": 1024, "gio": 1024, "gig": 1024, "gigs": 1024, "gigabyte": 1024, "gigabytes": 1024, "giga": 1024, "gigas": 1024, "gigaoctet": 1024, "gigaoctets": 1024, "gbyte": 1024,
	"tb": 1024 * 1024, "to": 1024 * 1024, "t": 1024 * 1024, "tib": 1024 * 1024, "tio": 1024 * 1024, "terabyte": 1024 * 1024, "terabytes": 1024 * 1024, "tera": 1024 * 1024, "teraoctet": 1024 * 1024, "teraoctets": 1024 * 1024,
}

// gluedUnits are the words that may be written on to a number: "8Go", "4c", "3x", "2nd".
var gluedUnits = func() map[string]bool {
	m := map[string]bool{}
	for u := range sizeUnits {
		m[u] = true
	}
	for _, u := range []string{"c", "vc", "core", "cores", "coeur", "coeurs", "cpu", "cpus", "vcpu", "vcpus", "vcore", "vcores", "proc",
		"thread", "threads", "socket", "sockets", "x", "vm", "vms", "node", "nodes"} {
		m[u] = true
	}
	return m
}()

// sizeMost bounds a size in MiB, so that every product stays exact: 1 EiB.
const sizeMost = 1 << 40

// mebibytes returns a size in whole MiB, rounded up; false when it is no size.
func mebibytes(n, unit float64) (int, bool) {
	v := math.Ceil(n * unit)
	if !(v > 0) || v > sizeMost {
		return 0, false
	}
	return int(v), true
}

// gibibytes returns whole GiB for MiB, rounded up: a disk is never smaller than asked for.
func gibibytes(mib int) int { return (mib + 1023) / 1024 }

// whole returns a number as an integer when it is one and small enough to be meant.
func whole(n float64) (int, bool) {
	if n != math.Trunc(n) || n < 0 || n > 1e9 {
		return 0, false
	}
	return int(n), true
}
