// Package review checks a manifest in process: it parses the files, holds them against the pinned provider's schema,
// resolves every reference, compares with the cluster, applies the lint rules and reads the manifest back to compare it
// with the plan.
//
// It owns the stages parse, schema, references, state, policy and intent, and the findings they yield. It repairs
// nothing, runs nothing and reads no cluster: it is a pure function of the files, the snapshot and the plan. Files are
// parsed once, evaluated once, and the snapshot is indexed once for all its reviews.
package review
