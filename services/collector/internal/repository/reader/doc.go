// Package reader reads a repository in a process of its own (ADR 0010): what strangers wrote meets libraries that can be made to
// loop or to take all memory, and a process can be ended from outside.
//
// It owns both sides: the parent that starts its own executable anew and judges how it ended, and the child with its bounds. It does
// not fetch (package repository does) and does not know what files mean: that is the function which the main package hands in.
package reader
