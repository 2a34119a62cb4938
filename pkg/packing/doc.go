// Package packing puts all items of an instance into as few equal bins as it can, in several dimensions at once.
//
// It owns instances and their .vbp format, lower bounds, greedy packings, the search for better ones, and the check of a
// packing. It knows no cluster, no guest and no constraint between items: placement of guests, with its wishes and reasons, is
// the analyser's. It reads no clock: how long a search may take is told by a Budget.
package packing
