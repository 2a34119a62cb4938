// Package outlook says how one figure of a cluster goes on: of a node, a guest or a storage.
//
// It owns which measurements a figure has, the level at which it counts as full, when it gets there, and the sentences that say so in
// English and French; those that hold of any series are of [proviso.dev/pkg/forecast/words]. It does not read clusters, does not
// forecast ([proviso.dev/pkg/forecast] does), and does not decide what follows from it. It is a pure function of a snapshot, a history and a question, so an answer and a query that ask the same
// are told the same.
package outlook
