// Package diagnosis words what package capacity found out about a cluster, in English and French.
//
// It owns which findings are worth a sentence, their order, and where each of their numbers stands in the analysis. It works out no
// figure of its own, and does not decide what follows from one.
package diagnosis
