package repository

import (
	"context"
	"io"
)

// Limits bound what one repository may cost. A field that is 0 takes the default beside it.
type Limits struct {
	AdvertisedBytes int64 // list of branches and tags as received; 32 MiB
	PackBytes       int64 // pack as received; 128 MiB
	Objects         int   // objects in the pack; 200,000
	InflatedBytes   int64 // all objects together, inflated; the same again for looking through the tree; 1 GiB
	ObjectBytes     int64 // any object that is looked into, and the base of a delta; 8 MiB
	FileBytes       int64 // a file; larger ones are left out; 1 MiB
	KeptBytes       int64 // all files together; 128 MiB
	Files           int   // files that are kept; 20,000
	Entries         int   // entries of trees that are looked at; 200,000
	TreeEntries     int   // entries of one tree; 20,000
	Depth           int   // folders within folders; 32
	Problems        int   // problems that are listed one by one; 96
}

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30

	pathBytes  = 1024     // longest path, as the contract has it
	nameBytes  = 255      // longest name of a file, as file systems have it
	deltaDepth = 128      // deltas on deltas; Git makes 50
	liveBytes  = 64 * mib // contents that deltas are being applied to
	pathsBytes = 32 * mib // paths of all entries that are looked at
)

func (l Limits) withDefaults() Limits {
	fill(&l.AdvertisedBytes, 32*mib)
	fill(&l.PackBytes, 128*mib)
	fill(&l.Objects, 200_000)
	fill(&l.InflatedBytes, gib)
	fill(&l.ObjectBytes, 8*mib)
	fill(&l.FileBytes, mib)
	fill(&l.KeptBytes, 128*mib)
	fill(&l.Files, 20_000)
	fill(&l.Entries, 200_000)
	fill(&l.TreeEntries, 20_000)
	fill(&l.Depth, 32)
	fill(&l.Problems, 96)
	return l
}

func fill[T int | int64](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
}

// capped reads until the context ends or the rest is used up.
type capped struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

// Read fails with [ErrTooLarge] when there is more than allowed.
func (c *capped) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		return int(c.left), ErrTooLarge
	}
	c.left -= int64(n)
	return n, err
}

// interruptible writes until the context ends: inflating a gigabyte takes seconds.
type interruptible struct {
	ctx context.Context
	w   io.Writer
}

func (i interruptible) Write(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.w.Write(p)
}
