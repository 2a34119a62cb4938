// Package inquiry answers questions about a cluster from a snapshot of it.
//
// It owns what can be asked (Query), the figures of an answer, and how the answer reads in English and French. It does not
// understand language, does not read clusters, and runs nothing: a command in an answer is for a person. It is a pure function
// of its input.
//
// What a node has free follows the rule that placement follows: a guest that runs is promised its whole memory, used or not;
// the host keeps a part for itself; a node that is not online has nothing free, because nothing is known of it. What the
// snapshot does not hold is said not to be known, with the command that tells.
package inquiry
