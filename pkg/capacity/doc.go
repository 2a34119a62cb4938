// Package capacity says what one cluster has, how it is used, how that goes on, and what it can do.
//
// It owns the diagnosis of a snapshot and its history: figures of nodes and storages, features, hot spots, room when a node is lost,
// what is wasted, and what guests of one kind use. It does not read clusters, forecast (that is handed to it), place guests, or word
// findings. Everything is a pure function of its input; the moment is an argument. Equal inputs give equal answers.
//
// What counts as free is what package placement says: a node that is not online, or in maintenance, has nothing, a running guest is promised its
// whole configured memory, the host keeps a part for itself. What was not read is unknown, never nothing and never free.
package capacity
