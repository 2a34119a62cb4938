package gateway_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
	provisov1 "proviso.dev/proto/proviso/v1"
	gateway "proviso.dev/services/gateway/unit"
)

func file(path, content string) *provisov1.File {
	sum := sha256.Sum256([]byte(content))
	return &provisov1.File{Path: path, Content: content, Sha256: hex.EncodeToString(sum[:])}
}

// deliver stores a run with a manifest.
func (h *house) deliver(run string, files ...*provisov1.File) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ref, err := bus.PutMessage(ctx, h.art, &provisov1.Manifest{
		RunId: run, Platform: "proxmox", Dialect: "bpg", Files: files,
		Proof: &provisov1.Proof{Status: "validated"}, CreatedAt: timestamppb.New(now),
	})
	if err != nil {
		h.t.Fatalf("store manifest: %v", err)
	}
	h.store(&provisov1.Run{RunId: run, State: "delivered", Language: "fr", Manifest: ref})
}

// What was read for a run can be looked at, and says so when it is no longer kept.
func TestContext(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	payload := &provisov1.ContextPayload{RunId: "r-1", SchemaVersion: "1.1", Language: "fr", CreatedAt: timestamppb.New(now),
		Platform: &provisov1.Platform{Name: "proxmox"},
		Intent:   &provisov1.ProvisionIntent{IntentId: "i-1", Language: "fr", Target: &provisov1.Target{Platform: "proxmox"}, Pools: []*provisov1.Pool{{Name: "p"}}},
		Infrastructure: &provisov1.Infrastructure{TakenAt: timestamppb.New(now),
			Snapshot: &provisov1.Reference{Digest: bus.Digest([]byte("{}")), Size: 2, MediaType: "application/json"}}}
	ref, err := bus.PutMessage(ctx, h.art, payload)
	if err != nil {
		t.Fatal(err)
	}
	h.store(&provisov1.Run{RunId: "r-1", State: "building", Language: "fr", Context: ref})
	if got := h.call("GET", "/v1/runs/r-1/context", ""); got.status != 200 || !strings.Contains(string(got.body), `"schema_version":"1.1"`) {
		t.Errorf("got %d: %s", got.status, got.body)
	}
	gone := &provisov1.Reference{Digest: bus.Digest([]byte("other")), Size: 5, MediaType: ref.GetMediaType()}
	h.store(&provisov1.Run{RunId: "r-2", State: "delivered", Language: "en", Context: gone})
	if got := h.call("GET", "/v1/runs/r-2/context", ""); got.status != 410 || !strings.Contains(string(got.body), "context_gone") {
		t.Errorf("got %d: %s", got.status, got.body)
	}
}

// What was planned for a run, and the diagnosis of the cluster that it rests on, can be looked at.
func TestPlan(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	snapshot := &provisov1.Reference{Digest: bus.Digest([]byte("{}")), Size: 2, MediaType: "application/json"}
	analysis, err := bus.PutMessage(ctx, h.art, &provisov1.InfrastructureAnalysis{Snapshot: snapshot, TakenAt: timestamppb.New(now), Imbalance: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	plan := &provisov1.StrategicPlan{RunId: "r-1", Language: "fr", Dialect: "bpg", Snapshot: snapshot, SnapshotTakenAt: timestamppb.New(now), Goal: "un serveur web"}
	without, err := bus.PutMessage(ctx, h.art, plan)
	if err != nil {
		t.Fatal(err)
	}
	plan.Analysis = analysis
	with, err := bus.PutMessage(ctx, h.art, plan)
	if err != nil {
		t.Fatal(err)
	}
	h.store(&provisov1.Run{RunId: "r-1", State: "refused", Language: "fr", Plan: with})
	h.store(&provisov1.Run{RunId: "r-2", State: "building", Language: "fr", Plan: without})
	h.store(&provisov1.Run{RunId: "r-3", State: "collecting", Language: "fr"})
	tests := map[string]struct {
		reason, path string
		status       int
		want         string
	}{
		"Plan":       {reason: "A run that was refused after planning shows its plan too.", path: "r-1/plan", status: 200, want: `"goal":"un serveur web"`},
		"Analysis":   {reason: "The diagnosis is found through the plan.", path: "r-1/analysis", status: 200, want: `"imbalance":0.25`},
		"NoAnalysis": {reason: "A plan may rest on none.", path: "r-2/analysis", status: 404, want: "plan_absent"},
		"NoPlan":     {reason: "Nothing is planned yet.", path: "r-3/plan", status: 404, want: "plan_absent"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := h.call("GET", "/v1/runs/"+tt.path, ""); got.status != tt.status || !strings.Contains(string(got.body), tt.want) {
				t.Errorf("%s: got %d: %s", tt.reason, got.status, got.body)
			}
		})
	}
}

// Equal files give equal bytes, whatever the run and the order in which they were written.
func TestBundle(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	main, versions := file("main.tf", "# é\nresource \"a\" \"b\" {}\n"), file("versions.tf", "terraform {}\n")
	h.deliver("r-1", versions, main)
	h.deliver("r-2", main, versions)
	first, second := h.call("GET", "/v1/runs/r-1/bundle.zip", ""), h.call("GET", "/v1/runs/r-2/bundle.zip", "")
	if !bytes.Equal(first.body, second.body) || first.header.Get("ETag") != second.header.Get("ETag") {
		t.Error("equal files gave different bundles")
	}
	archive, err := zip.NewReader(bytes.NewReader(first.body), int64(len(first.body)))
	if err != nil {
		t.Fatalf("bundle is no archive: %v", err)
	}
	got := map[string]string{}
	var order []string
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = string(data)
		order = append(order, f.Name)
	}
	want := map[string]string{
		"main.tf": main.GetContent(), "versions.tf": versions.GetContent(),
		"SHA256SUMS": fmt.Sprintf("%s  main.tf\n%s  versions.tf\n", main.GetSha256(), versions.GetSha256()),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"SHA256SUMS", "main.tf", "versions.tf"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	again := h.call("GET", "/v1/runs/r-1/bundle.zip", "", "If-None-Match: "+first.header.Get("ETag"))
	if again.status != http.StatusNotModified {
		t.Errorf("with its tag: got %d, want 304", again.status)
	}
}

func TestManifest(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	h.deliver("r-1", file("main.tf", "x\n"))
	got := h.call("GET", "/v1/runs/r-1/manifest", "")
	if got.status != 200 || got.field("dialect") != "bpg" || !strings.Contains(string(got.body), `"content":"x\n"`) {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestManifestIsGone(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	h.store(&provisov1.Run{RunId: "r-1", State: "delivered", Language: "en", Manifest: &provisov1.Reference{
		Digest: "sha256-" + strings.Repeat("0", 64), Size: 1, MediaType: "application/json",
	}})
	if got := h.call("GET", "/v1/runs/r-1/manifest", ""); got.status != http.StatusGone || got.field("code") != "manifest_gone" {
		t.Errorf("got %d %s, want 410 manifest_gone", got.status, got.body)
	}
}
