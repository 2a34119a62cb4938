// Package audit is the chain of entries that says who did what about a run: how an entry follows from the one before it, and
// whether a chain is whole.
//
// It owns the encoding that is hashed and the check. It neither publishes nor stores, and does not decide what is worth an
// entry. The hashes show a change by whoever cannot also rewrite everything after it, the head in the run's record included;
// they are no signature.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// encoding names what is hashed, and goes into every hash: another encoding gives other hashes.
const encoding = "proviso.audit.v1"

// Seal makes entry the one that follows head: it sets its place, the hash before it and its own, and returns the new head.
// A nil head begins the chain.
func Seal(head *provisov1.AuditHead, entry *provisov1.AuditEntry) *provisov1.AuditHead {
	entry.Seq, entry.Previous = head.GetSeq()+1, head.GetHash()
	entry.Hash = Hash(entry)
	return &provisov1.AuditHead{Seq: entry.GetSeq(), Hash: entry.GetHash()}
}

// Hash is the SHA-256 of an entry in hexadecimal: of every field but the hash itself, in the order of the contract, each as its
// length in bytes, a colon and its bytes. Lengths keep fields apart, so that no two entries have one encoding.
func Hash(entry *provisov1.AuditEntry) string {
	h := sha256.New()
	field(h, encoding)
	field(h, entry.GetRunId())
	field(h, strconv.Itoa(int(entry.GetSeq())))
	field(h, entry.GetAt().AsTime().UTC().Format(time.RFC3339Nano))
	field(h, entry.GetWho())
	field(h, entry.GetDoor())
	field(h, entry.GetAct())
	field(h, strconv.Itoa(len(entry.GetDetails())))
	for _, d := range entry.GetDetails() {
		field(h, d.GetName())
		field(h, d.GetValue())
	}
	field(h, entry.GetPrevious())
	return hex.EncodeToString(h.Sum(nil))
}

func field(h hash.Hash, s string) { fmt.Fprintf(h, "%d:%s", len(s), s) }

// Verify checks the chain of one run, in order. With a head it also checks that the chain ends where the run's record says it
// does; without one, entries that are missing at its end cannot be noticed. The error is a *BrokenError.
func Verify(entries []*provisov1.AuditEntry, head *provisov1.AuditHead) error {
	previous := ""
	for i, e := range entries {
		seq := int32(i + 1)
		switch {
		case e.GetRunId() != entries[0].GetRunId():
			return &BrokenError{Seq: seq, What: "belongs to another run"}
		case e.GetSeq() != seq:
			return &BrokenError{Seq: seq, What: fmt.Sprintf("is number %d", e.GetSeq())}
		case e.GetPrevious() != previous:
			return &BrokenError{Seq: seq, What: "does not follow the entry before it"}
		case e.GetHash() != Hash(e):
			return &BrokenError{Seq: seq, What: "is not what was hashed"}
		}
		previous = e.GetHash()
	}
	if head != nil && (int(head.GetSeq()) != len(entries) || head.GetHash() != previous) {
		return &BrokenError{Seq: int32(len(entries)), What: fmt.Sprintf("is the last, and the run's record ends with number %d", head.GetSeq())}
	}
	return nil
}
