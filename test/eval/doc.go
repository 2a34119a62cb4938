// Package eval measures how well Proviso understands people: cases written by hand, in English and French, run through the
// whole system, and scores that are defined in this folder's README.
//
// It owns the form of a case, the comparison of an expectation with what came of a run, and the figures. It does not start
// systems (see the folder system), and it knows nothing of how understanding works: an expectation is what the words say.
package eval
