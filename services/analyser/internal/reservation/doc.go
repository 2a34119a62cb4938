// Package reservation promises VM ids and names to runs, so that plans made at the same moment, by any number of
// analysers, never share one.
//
// It owns the keys and records in the bucket of reservations, the choice of the next id, and the suffix of names that may
// get one. It does not decide when a promise ends: the bucket's age limit does, or whoever calls Release.
//
// A promise is one record an id and one a name, each made with Create, which the server grants to one caller only. The
// name's record holds the id too, so a step that is done again finds what it was given before and writes nothing.
package reservation
