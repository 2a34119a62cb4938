// Package cli is the command line: its grammar, its dialogue with a person, its JSON for scripts and its exit codes.
//
// It owns no part of a run. `ask` is a client of a gateway in every case: of the one that PROVISO_SERVER names, or of one
// that runs with all other units in this process and is reached without a port.
package cli
