package e2e

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/twin"
	"proviso.dev/test/harness"
)

// TestDegradedCluster asks for a machine while something of the cluster cannot be read, in both languages. Either a manifest comes, which is
// then applied on the cluster as it really is, with nothing left to change; or the run ends with a reason in the requester's language
// and no manifest. What could not be read is named wherever a manifest rests on the reading.
//
// Shows: T-3.3.5-126, T-3.3.1-02
func TestDegradedCluster(t *testing.T) {
	onto := map[string]string{ // the node that is in trouble is asked for
		"en": "create a VM named degraded-en from template 100 on pmox02",
		"fr": "crée une VM nommée degraded-fr depuis le template 100 sur pmox02",
	}
	anywhere := map[string]string{
		"en": "create a VM named degraded-en from template 100 with 2 cores and 2 GB",
		"fr": "crée une VM nommée degraded-fr depuis le template 100 avec 2 cœurs et 2 Go",
	}
	tests := map[string]struct {
		reason  string
		seed    func(*twin.Seed)
		trouble func(*testing.T, *lab) (end func())
		prompts map[string]string
		unknown map[string]string // what the run says it does not know, by language
		never   string            // the node that no machine may be placed on
		ends    string            // state of a run without manifest; empty: delivered
		code    string            // of its refusal or failure
	}{
		"Offline": {
			reason:  "a node that is off is unknown, not empty",
			prompts: anywhere, unknown: map[string]string{"en": "network of pmox04: the node is offline", "fr": "réseau de pmox04 : le nœud est hors ligne"}, never: "pmox04",
		},
		"OfflineWanted": {
			reason:  "nothing is planned on a node that does not answer",
			trouble: func(t *testing.T, l *lab) func() { return l.off(t, "pmox02") },
			prompts: onto, ends: "clarifying",
		},
		"Denied": {
			reason: "a path that the token may not read leaves its part unknown",
			trouble: func(_ *testing.T, l *lab) func() {
				return l.cluster.Inject(twin.Fault{Path: "/nodes/pmox03/network", Status: http.StatusForbidden, Phrase: "Permission check failed (/nodes/pmox03, Sys.Audit)"})
			},
			prompts: anywhere, unknown: map[string]string{"en": "network of pmox03: the token may not read it", "fr": "réseau de pmox03 : le jeton ne peut pas le lire"}, never: "pmox03",
		},
		"DeniedAll": {
			reason: "without the list of guests there is no snapshot",
			trouble: func(_ *testing.T, l *lab) func() {
				return l.cluster.Inject(twin.Fault{Path: "/cluster/resources*", Status: http.StatusForbidden, Phrase: "Permission check failed"})
			},
			prompts: anywhere, ends: "failed", code: "pve_denied",
		},
		"SilentAgent": {
			reason: "agents that never answer are not waited for: nothing that they know is needed",
			trouble: func(_ *testing.T, l *lab) func() {
				for _, id := range []int{101, 121, 122, 124} {
					l.cluster.SetAgent(id, twin.AgentSilent)
				}
				return func() {}
			},
			prompts: anywhere,
		},
		"Slow": {
			reason: "a node that answers after 30 seconds holds up nothing but its own part",
			trouble: func(_ *testing.T, l *lab) func() {
				return l.cluster.Inject(twin.Fault{Node: "pmox03", Delay: 30 * time.Second})
			},
			prompts: anywhere, unknown: map[string]string{"en": "network of pmox03: no answer in time", "fr": "réseau de pmox03 : pas de réponse à temps"}, never: "pmox03",
		},
		"Proxy": {
			reason: "the proxy of the cluster cannot reach a node",
			trouble: func(_ *testing.T, l *lab) func() {
				return l.cluster.Inject(twin.Fault{Node: "pmox03", Status: 595, Phrase: "No route to host"})
			},
			prompts: anywhere, unknown: map[string]string{"en": "network of pmox03: the node does not answer", "fr": "réseau de pmox03 : le nœud ne répond pas"}, never: "pmox03",
		},
		"FractionalCPU": {
			reason: "a container with half a core",
			seed: func(s *twin.Seed) {
				s.Guests = append(s.Guests, twin.SeedGuest{VMID: 300, Name: "half", Kind: "lxc", Node: "pmox01", Running: true,
					Config: map[string]string{"hostname": "half", "cpulimit": "0.5", "cores": "1", "memory": "512", "rootfs": "pmoxpool01:vm-300-disk-0,size=4G"}})
			},
			prompts: anywhere,
		},
		"Retention": {
			reason: "the retention of a backup job, which is text when written, is an object when read",
			seed: func(s *twin.Seed) {
				s.BackupJobs = append(s.BackupJobs, map[string]string{"id": "backup-kept", "schedule": "daily", "storage": "cephfs", "mode": "snapshot", "all": "1", "prune-backups": "keep-daily=7,keep-last=3"})
			},
			prompts: anywhere,
		},
		"WeakToken": {
			reason: "a token that is shown short lists would make machines seem gone",
			trouble: func(_ *testing.T, l *lab) func() {
				weak := twin.Token{ID: readerID, Secret: readerSecret, Privileges: []string{"Sys.Audit"}}
				l.cluster.AddToken(weak)
				return func() {
					weak.Privileges = twin.AuditorPrivileges(8)
					l.cluster.AddToken(weak)
				}
			},
			prompts: anywhere, ends: "failed", code: "pve_incomplete_access",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			seed, err := twin.Lab(twin.S2)
			if err != nil {
				t.Fatal(err)
			}
			if tc.seed != nil {
				tc.seed(&seed)
			}
			l := newLabOf(t, seed, "")
			client := serve(t, l, "PROVISO_PVE_TIMEOUT=2s")
			for _, lang := range slices.Sorted(maps.Keys(tc.prompts)) {
				heal := func() {}
				if tc.trouble != nil {
					heal = tc.trouble(t, l)
				}
				id, err := client.Post(ctx, harness.Request{Prompt: tc.prompts[lang], Confirmed: true})
				if err != nil {
					t.Fatal(err)
				}
				run := wait(t, ctx, client, id)
				heal()
				if run.GetLanguage() != lang {
					t.Errorf("%s: want %s, got %s", tc.reason, lang, run.GetLanguage())
				}
				if tc.ends != "" {
					why := run.GetFailure()
					if why == nil {
						why = run.GetRefusal()
					}
					if run.GetState() != tc.ends || tc.code != "" && (why.GetCode() != tc.code || why.GetMessage() == "") {
						t.Errorf("%s: want %s with %q, got %s with %v %v", tc.reason, tc.ends, tc.code, run.GetState(), why, run.GetQuestions())
					}
					if _, err := client.Manifest(ctx, id); err == nil {
						t.Errorf("%s: there is a manifest", tc.reason)
					}
					continue
				}
				if run.GetState() != "delivered" || run.GetProof().GetStatus() != "proven" {
					t.Fatalf("%s: want delivered and proven, got %s: %v %v %v", tc.reason, run.GetState(), run.GetFailure(), run.GetRefusal(), run.GetQuestions())
				}
				known := strings.ReplaceAll(strings.Join(run.GetUnknown(), "\n"), "\u00a0", " ")
				if !strings.Contains(known, tc.unknown[lang]) {
					t.Errorf("%s: the run does not say %q:\n%s", tc.reason, tc.unknown[lang], known)
				}
				for _, p := range run.GetPlacement() {
					if p.GetNode() == tc.never {
						t.Errorf("%s: a machine is placed on %s", tc.reason, tc.never)
					}
				}
				tofu := harness.NewTofu(t, client.Unpack(t, ctx, id), l.url(), l.token(), l.ca())
				if err := tofu.Init(ctx); err != nil {
					t.Fatal(err)
				}
				if _, err := tofu.Apply(ctx); err != nil {
					t.Fatalf("%s: the manifest does not apply: %v", tc.reason, err)
				}
				if empty, out, err := tofu.Empty(ctx); err != nil || !empty {
					t.Errorf("%s: the second plan is not empty (%v):\n%s", tc.reason, err, out)
				}
			}
		})
	}
}

// off switches a node off until the returned function is called.
func (l *lab) off(t *testing.T, node string) func() {
	t.Helper()
	if err := l.cluster.SetOffline(node, true); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := l.cluster.SetOffline(node, false); err != nil {
			t.Error(err)
		}
	}
}
