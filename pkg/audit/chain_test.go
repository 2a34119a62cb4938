package audit_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/audit"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

var began = time.Date(2026, 11, 21, 8, 0, 0, 123456789, time.UTC)

// chain is asked, answered, confirmed, delivered.
func chain() (entries []*provisov1.AuditEntry, head *provisov1.AuditHead) {
	for i, act := range []string{"asked", "answered", "confirmed", "delivered"} {
		e := &provisov1.AuditEntry{
			RunId: "r1", At: timestamppb.New(began.Add(time.Duration(i) * time.Second)), Who: "alice", Door: "http", Act: act,
			Details: []*provisov1.AuditDetail{{Name: "text", Value: "un serveur"}},
		}
		head = audit.Seal(head, e)
		entries = append(entries, e)
	}
	return entries, head
}

func TestVerify(t *testing.T) {
	edit := func(i int, change func(e *provisov1.AuditEntry)) func([]*provisov1.AuditEntry) []*provisov1.AuditEntry {
		return func(c []*provisov1.AuditEntry) []*provisov1.AuditEntry { change(c[i]); return c }
	}
	tests := map[string]struct {
		reason string
		tamper func([]*provisov1.AuditEntry) []*provisov1.AuditEntry
		seq    int32 // where it breaks; 0: it is whole
	}{
		"Whole":    {"Nothing was touched.", nil, 0},
		"Who":      {"Somebody else is blamed.", edit(1, func(e *provisov1.AuditEntry) { e.Who = "bob" }), 2},
		"Door":     {"Another door.", edit(0, func(e *provisov1.AuditEntry) { e.Door = "cli" }), 1},
		"When":     {"A nanosecond later.", edit(2, func(e *provisov1.AuditEntry) { e.At.Nanos++ }), 3},
		"Act":      {"A refusal becomes a delivery.", edit(3, func(e *provisov1.AuditEntry) { e.Act = "refused" }), 4},
		"Detail":   {"Other words.", edit(0, func(e *provisov1.AuditEntry) { e.Details[0].Value = "deux serveurs" }), 1},
		"MovedEnd": {"Bytes move from a name to its value.", edit(0, func(e *provisov1.AuditEntry) { e.Details[0].Name, e.Details[0].Value = "tex", "tun serveur" }), 1},
		"Resealed": {
			"Who recomputes the hash of what was changed breaks the next entry.",
			edit(1, func(e *provisov1.AuditEntry) { e.Who = "bob"; e.Hash = audit.Hash(e) }), 3,
		},
		"TakenOut": {"One in the middle is gone.", func(c []*provisov1.AuditEntry) []*provisov1.AuditEntry { return slices.Delete(c, 1, 2) }, 2},
		"Twice":    {"One was published twice.", func(c []*provisov1.AuditEntry) []*provisov1.AuditEntry { return slices.Insert(c, 1, c[0]) }, 2},
		"Swapped": {"Order counts.", func(c []*provisov1.AuditEntry) []*provisov1.AuditEntry {
			c[1], c[2] = c[2], c[1]
			return c
		}, 2},
		"OtherRun": {"An entry of another run does not fit, even with a hash of its own.", edit(1, func(e *provisov1.AuditEntry) { e.RunId = "r2"; e.Hash = audit.Hash(e) }), 2},
		"CutOff":   {"The last entries are gone; only the run's record knows.", func(c []*provisov1.AuditEntry) []*provisov1.AuditEntry { return c[:2] }, 2},
		"AllGone":  {"Nothing is left.", func([]*provisov1.AuditEntry) []*provisov1.AuditEntry { return nil }, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			entries, head := chain()
			if tc.tamper != nil {
				entries = tc.tamper(entries)
			}
			err := audit.Verify(entries, head)
			var broken *audit.BrokenError
			switch {
			case tc.tamper == nil && err != nil:
				t.Errorf("%s Got %v", tc.reason, err)
			case tc.tamper != nil && (!errors.As(err, &broken) || broken.Seq != tc.seq):
				t.Errorf("%s Got %v, want it broken at %d", tc.reason, err, tc.seq)
			}
		})
	}
}

// The hash is over what the entry says, not over how it travels.
func TestHashSurvivesTheWire(t *testing.T) {
	entries, head := chain()
	for i, e := range entries {
		data, err := wire.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := wire.Decode[*provisov1.AuditEntry](data, wire.Strict)
		if err != nil {
			t.Fatal(err)
		}
		entries[i] = back
	}
	if err := audit.Verify(entries, head); err != nil {
		t.Error(err)
	}
	// Worked out by hand with sha256sum from the encoding that Hash documents.
	plain := &provisov1.AuditEntry{RunId: "r1", Seq: 1, At: timestamppb.New(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)), Act: "asked"}
	const want = "acea77d59a2ae891a8c05ee470984654baa14bb7a93e5fbe433acae2b427e669"
	if got := audit.Hash(proto.CloneOf(plain)); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}
