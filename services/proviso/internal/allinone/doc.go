// Package allinone runs every unit of Proviso in one process, on a NATS server of its own.
//
// It owns composition: which units, in which order they are started and stopped, where they keep what must survive, and which
// cluster they read: the one that is configured, or a twin of the thesis's laboratory. It knows nothing of what a unit does.
package allinone
