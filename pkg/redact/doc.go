// Package redact takes secrets out of what people and clusters write, before it is sent, stored, logged or shown.
//
// It owns the patterns of secrets in English and French text and in the formats that occur around clusters, the
// placeholders that stand for them, and [Secret], a string that does not print itself. It does not decide where to redact,
// keeps nothing beyond a [Redactor], and never stores what it took out anywhere but in that value's memory.
//
// A pattern that is too eager costs a word of a request; one that is too shy costs a secret. Where in doubt it takes the
// word. Public keys, certificates, digests and plain UUIDs are no secrets and stay.
package redact
