package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"proviso.dev/test/harness"
)

// bearer presents a token with every request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// TestSameAgainAfterRestart asks for the same again with two more, in the same session, after the process was killed and began
// anew on its data. What was delivered before is what the words refer to; for somebody else they refer to nothing, although they
// name the same session.
//
// Shows: T-3.3.5-102
func TestSameAgainAfterRestart(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	const alice, bob = "a11ce-a11ce-a11ce-a11ce-a11ce-a11ce", "b0b-b0b-b0b-b0b-b0b-b0b-b0b-b0b-b0b"
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("alice "+alice+"\nbob "+bob+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, data := newLab(t), t.TempDir()
	start := func() (*harness.Process, func(token string) *harness.Client) {
		address := fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))
		p := harness.Start(t, harness.Environ(append(l.environ(), "PROVISO_PROOF=validated")...), harness.Binary(t, "./services/proviso"),
			"serve", "--listen", address, "--data", data, "--token-file", tokens)
		harness.WaitReady(t, p, "http://"+address+"/readyz", 20*time.Second)
		return p, func(token string) *harness.Client {
			return &harness.Client{URL: "http://" + address, HTTP: &http.Client{Transport: bearer(token)}}
		}
	}
	for lang, words := range map[string]struct{ first, again string }{
		"en": {first: "create 2 VMs named shop from template 100 with 3 cores and 3 GB", again: "the same again with 2 more"},
		"fr": {first: "crée 2 VM nommées caisse depuis le template 100 avec 3 cœurs et 3 Go", again: "la même chose avec 2 de plus"},
	} {
		t.Run(lang, func(t *testing.T) {
			p, as := start()
			session := "dialogue-" + lang
			id, err := as(alice).Post(ctx, harness.Request{Prompt: words.first, Confirmed: true, SessionID: session})
			if err != nil {
				t.Fatal(err)
			}
			first := wait(t, ctx, as(alice), id)
			if first.GetState() != "delivered" {
				t.Fatalf("the first run is %s: %v %v", first.GetState(), first.GetFailure(), first.GetQuestions())
			}
			p.Kill()

			p, as = start()
			defer p.Kill()
			id, err = as(alice).Post(ctx, harness.Request{Prompt: words.again, Confirmed: true, SessionID: session})
			if err != nil {
				t.Fatal(err)
			}
			run := wait(t, ctx, as(alice), id)
			if run.GetState() != "delivered" {
				t.Fatalf("want delivered, got %s: %v %v", run.GetState(), run.GetRefusal(), run.GetQuestions())
			}
			vm := run.GetIntent().GetVirtualMachines()[0]
			if vm.GetCores() != 3 || vm.GetMemoryMib() != 3072 || vm.GetSource().GetTemplate().GetVmId() != 100 {
				t.Errorf("it is not the same: %v", vm)
			}
			var guests []string
			for _, d := range run.GetPlacement() {
				guests = append(guests, d.GetGuest())
			}
			name := map[string]string{"en": "shop", "fr": "caisse"}[lang]
			if want := []string{name + "-3", name + "-4"}; !slices.Equal(guests, want) {
				t.Errorf("want %v, got %v", want, guests)
			}

			id, err = as(bob).Post(ctx, harness.Request{Prompt: words.again, Language: lang, Confirmed: true, SessionID: session})
			if err != nil {
				t.Fatal(err)
			}
			other := wait(t, ctx, as(bob), id)
			if other.GetState() == "delivered" || len(other.GetIntent().GetVirtualMachines()) > 0 && other.GetIntent().GetVirtualMachines()[0].GetCores() == 3 {
				t.Errorf("somebody else is told what alice had: %s %v", other.GetState(), other.GetIntent())
			}
		})
	}
}
