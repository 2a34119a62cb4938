// Package wire turns bytes into the contract's messages and back. It is the only importer of protojson.
//
// Decoding is size limit, then protojson, then protovalidate, and reports every violation at once: the same list becomes a
// problem document over HTTP, headers on a dead letter, and repair text for a model.
//
// It does not know subjects, headers, or what any field means; the messages are generated from proto/proviso/v1. Its output
// is compact and follows field order, but it is still not canonical: a digest is taken over the bytes as stored or sent and
// never over a message that was encoded again.
package wire
