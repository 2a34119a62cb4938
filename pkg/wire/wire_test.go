package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func item() *provisov1.WorkItem {
	return &provisov1.WorkItem{RunId: "r1", Step: "build", Attempt: 2, Deadline: &timestamppb.Timestamp{Seconds: 1_800_000_000}}
}

func TestRoundTrip(t *testing.T) {
	digest := "sha256-" + strings.Repeat("0", 64)
	want := &provisov1.BuildWork{
		Item:    item(),
		Plan:    &provisov1.Reference{Digest: digest, Size: 3, MediaType: "a, b:  \"c\""},
		Context: &provisov1.Reference{Digest: digest, Size: 0, MediaType: "x"},
	}
	data, err := wire.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.Decode[*provisov1.BuildWork](data, wire.Strict)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const text = `{"item":{"run_id":"r1","step":"build","attempt":2,"deadline":"2027-01-15T08:00:00Z"},` +
		`"plan":{"digest":"sha256-0000000000000000000000000000000000000000000000000000000000000000","size":3,"media_type":"a, b:  \"c\""},` +
		`"context":{"digest":"sha256-0000000000000000000000000000000000000000000000000000000000000000","size":0,"media_type":"x"}}`
	if diff := cmp.Diff(text, string(data)); diff != "" {
		t.Errorf("contract names, defaults present, no white space (-want +got):\n%s", diff)
	}
}

// Shows: T-3.3.5-104
func TestDecodeReportsEverythingAtOnce(t *testing.T) {
	_, err := wire.Decode[*provisov1.BuildWork]([]byte(`{"item":{"run_id":"","step":"","attempt":0},"plan":{"digest":"x","size":-1,"media_type":"m"}}`), wire.Strict)
	var invalid *wire.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want an InvalidError", err)
	}
	var got []string
	for _, v := range invalid.Violations {
		if v.Message == "" {
			t.Errorf("%s: no message", v.Path)
		}
		got = append(got, v.Path+" "+v.Rule)
	}
	want := []string{
		"item.run_id string.min_len", "item.step string.min_len", "item.attempt int32.gte",
		"plan.digest string.pattern", "plan.size int32.gte", "context required",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := map[string]struct {
		reason string
		data   string
		policy wire.Policy
		line   int // of the SyntaxError; 0: not compared
		words  string
	}{
		"UnknownField":    {"A stranger's misspelt field must not be dropped silently.", `{"run_id":"r","step":"s","attempt":1,"atempt":2}`, wire.Strict, 1, `unknown field "atempt"`},
		"DuplicateKey":    {"Two readers could read two messages.", `{"run_id":"r","run_id":"q","step":"s","attempt":1}`, wire.Strict, 1, "duplicate field"},
		"DuplicateNames":  {"The same field in both spellings is a duplicate too.", `{"run_id":"r","runId":"q","step":"s","attempt":1}`, wire.Strict, 1, "duplicate field"},
		"DuplicateInOwn":  {"Leniency towards our own services ends at unknown fields.", `{"run_id":"r","run_id":"q","step":"s","attempt":1}`, wire.OwnServices, 1, "duplicate field"},
		"WrongType":       {"", `{"run_id":1,"step":"s","attempt":1}`, wire.Strict, 1, "invalid value for string"},
		"Fraction":        {"Half an attempt is no attempt.", `{"run_id":"r","step":"s","attempt":1.5}`, wire.Strict, 1, "invalid value for int32"},
		"SecondLine":      {"The position helps whoever wrote the file.", "{\"run_id\":\"r\",\n\"oops\":1}", wire.Strict, 2, `unknown field "oops"`},
		"Empty":           {"", ``, wire.Strict, 0, ""},
		"Truncated":       {"", `{"run_id":"r"`, wire.Strict, 0, ""},
		"Trailing":        {"Two documents in one message are not a message.", `{"run_id":"r","step":"s","attempt":1}{}`, wire.Strict, 0, ""},
		"Array":           {"", `[]`, wire.Strict, 0, ""},
		"InvalidUTF8":     {"", "{\"run_id\":\"\xff\",\"step\":\"s\",\"attempt\":1}", wire.Strict, 0, ""},
		"TimestampNoZone": {"A moment without zone is no moment.", `{"run_id":"r","step":"s","attempt":1,"deadline":"2026-01-01 00:00"}`, wire.Strict, 1, "invalid"},
		"DeeplyNested":    {"A bomb of brackets must be an error, not a stack overflow.", strings.Repeat(`{"item":`, 30000), wire.Strict, 0, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := wire.Decode[*provisov1.WorkItem]([]byte(tc.data), tc.policy)
			var syntax *wire.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v, %v, want a SyntaxError; %s", got, err, tc.reason)
			}
			if tc.line != 0 && syntax.Line != tc.line {
				t.Errorf("got line %d, want %d", syntax.Line, tc.line)
			}
			if !strings.Contains(syntax.Reason, tc.words) {
				t.Errorf("got reason %q, want it to contain %q", syntax.Reason, tc.words)
			}
			if strings.ContainsAny(syntax.Reason, "\u00a0") || strings.HasPrefix(syntax.Reason, "proto") || strings.HasPrefix(syntax.Reason, "(") {
				t.Errorf("reason %q has the decoder's decorations", syntax.Reason)
			}
			if got != nil {
				t.Error("got a message beside the error")
			}
		})
	}
}

func TestOwnServicesDropsUnknownFields(t *testing.T) {
	got, err := wire.Decode[*provisov1.WorkItem]([]byte(`{"run_id":"r","step":"s","attempt":1,"since_v1_9":{"x":[1]}}`), wire.OwnServices)
	if err != nil {
		t.Fatalf("a newer replica's field must not stop an older one: %v", err)
	}
	if diff := cmp.Diff(&provisov1.WorkItem{RunId: "r", Step: "s", Attempt: 1}, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var invalid *wire.InvalidError
	if _, err := wire.Decode[*provisov1.WorkItem]([]byte(`{"run_id":"r","step":"s","attempt":0}`), wire.OwnServices); !errors.As(err, &invalid) {
		t.Errorf("got %v: our own services are checked too", err)
	}
}

func TestTooLarge(t *testing.T) {
	var large *wire.TooLargeError
	// Not JSON at all: the size is refused before anything is parsed.
	if _, err := wire.Decode[*provisov1.Turn](make([]byte, wire.MaxMessage+1), wire.Strict); !errors.As(err, &large) {
		t.Fatalf("got %v, want a TooLargeError", err)
	}
	if large.Size != wire.MaxMessage+1 || large.Limit != wire.MaxMessage || large.Type != "proviso.v1.Turn" {
		t.Errorf("got %+v", large)
	}
	var syntax *wire.SyntaxError
	if _, err := wire.DecodeLimit[*provisov1.Turn](make([]byte, wire.MaxMessage+1), wire.Strict, 1<<20); !errors.As(err, &syntax) {
		t.Errorf("under a larger limit: got %v, want a SyntaxError", err)
	}
}

func TestDecodeField(t *testing.T) {
	// The rest need not be readable: another major's plan, a field of the wrong type.
	got, err := wire.DecodeField[*provisov1.WorkItem]([]byte(`{"plan":7,"item":{"run_id":"r","step":"build","attempt":3},"x":[]}`), "item", wire.OwnServices)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&provisov1.WorkItem{RunId: "r", Step: "build", Attempt: 3}, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, data := range map[string]string{"Missing": `{}`, "Null": `{"item":null}`, "NotObject": `[1]`, "Broken": `{"item":{`, "Invalid": `{"item":{"run_id":""}}`} {
		if got, err := wire.DecodeField[*provisov1.WorkItem]([]byte(data), "item", wire.OwnServices); err == nil {
			t.Errorf("%s: got %v, want an error", name, got)
		}
	}
}

func TestWarm(t *testing.T) {
	if err := wire.Warm(); err != nil {
		t.Fatalf("a rule of the contract cannot be prepared: %v", err)
	}
}

// FuzzDecode: whatever decodes, encodes to what decodes to the same, and the bytes are what encoding/json calls compact.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"id":"vm1.name","kind":"value","text":"a \" b, \\ c","options":[{"value":"1","label":"x , y"}],"required":true}`,
		`{"id":"a","kind":"confirm","text":"t","schema":{"type":"object","properties":{"a b":{"x":[1, 2.5e3, null,true]}}}}`,
		`{}`, `{"id":"\u2028"}`, `{"expires_at":"2026-01-01T00:00:00.123456789Z","id":"a","kind":"value","text":"t"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := wire.Decode[*provisov1.Clarification](data, wire.OwnServices)
		if err != nil {
			return
		}
		encoded, err := wire.Encode(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := wire.Decode[*provisov1.Clarification](encoded, wire.Strict)
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", data, encoded, err)
		}
		if diff := cmp.Diff(first, second, protocmp.Transform()); diff != "" {
			t.Fatalf("%q (-first +second):\n%s", data, diff)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, encoded); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(compact.Bytes(), encoded) {
			t.Fatalf("not compact: %q", encoded)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	digest := "sha256-" + strings.Repeat("0", 64)
	data, err := wire.Encode(&provisov1.BuildWork{Item: item(), Plan: &provisov1.Reference{Digest: digest, Size: 3, MediaType: "x"}, Context: &provisov1.Reference{Digest: digest, MediaType: "x"}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.Decode[*provisov1.BuildWork](data, wire.OwnServices); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeItem(b *testing.B) {
	digest := "sha256-" + strings.Repeat("0", 64)
	data, err := wire.Encode(&provisov1.BuildWork{Item: item(), Plan: &provisov1.Reference{Digest: digest, Size: 3, MediaType: "x"}, Context: &provisov1.Reference{Digest: digest, MediaType: "x"}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := wire.DecodeField[*provisov1.WorkItem](data, "item", wire.OwnServices); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	m := &provisov1.StepFailed{RunId: "r", Step: "s", Attempt: 1, At: timestamppb.Now(), Reason: &provisov1.Refusal{Code: "c", Message: "m"}}
	for b.Loop() {
		if _, err := wire.Encode(m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWarm is what a process pays once.
func BenchmarkWarm(b *testing.B) {
	for b.Loop() {
		if err := wire.Warm(); err != nil {
			b.Fatal(err)
		}
	}
}
