// Package inquiry answers questions about a cluster from a snapshot of it and, where they are about what was or what will be, from a
// history.
//
// It owns what can be asked (Query), what an answer needs beyond the snapshot (Want), which figures an answer shows and where they come
// from, and how it reads in English and French. It does not understand language, does not read clusters, and runs nothing: a command in an
// answer is for a person. It is a pure function of its input; the moment is the snapshot's.
//
// It counts nothing itself. What a node has free, what its loss does, where guests would go and which moves help are asked of package
// placement; what is tight and what is wasted of package capacity; how a figure goes on of package outlook. So an answer and a plan cannot
// disagree. What neither snapshot nor history hold is said not to be known, with the command that tells.
package inquiry
