package e2e

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"proviso.dev/pkg/appfacts"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/test/harness"
)

// truthOf splits a repository of test/repositories into its files and what a careful engineer finds in them.
func truthOf(t *testing.T, name string) (files []txtar.File, truth []string) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if f.Name != "TRUTH" {
			files = append(files, f)
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			fact, _, _ := strings.Cut(strings.TrimSpace(line), " @ ")
			if fact != "" && !strings.HasPrefix(fact, "problem ") && !strings.HasPrefix(fact, "#") {
				truth = append(truth, fact)
			}
		}
	}
	slices.Sort(truth)
	return files, slices.Compact(truth)
}

// TestRepositories asks for every repository of test/repositories to be deployed, in both languages by turns, from a Git server.
// The run ends in a context payload whose facts are those of the truth that was written by hand, and then says that no dialect
// writes it.
//
// Shows: T-3.3.5-125, T-3.3.5-131, T-3.3.5-132
func TestRepositories(t *testing.T) {
	names, err := filepath.Glob("../repositories/*.txtar")
	if err != nil || len(names) < 12 {
		t.Fatalf("want at least 12 repositories, got %d (%v)", len(names), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	server := harness.NewGitServer(t)
	l := newLab(t)
	l.mark()
	client := serve(t, l, "PROVISO_REPOSITORY_ALLOW="+server.Host(), "PROVISO_REPOSITORY_HTTP=true")
	prompts := []string{"Deploy URL on the cluster", "déploie URL sur le cluster", "install the repository URL on Kubernetes", "héberge l'application du dépôt URL dans une VM"}
	truths, reads, both := 0, 0, 0
	for i, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".txtar")
		t.Run(base, func(t *testing.T) {
			files, truth := truthOf(t, name)
			url := server.Add(t, base, files)
			id, err := client.Post(ctx, harness.Request{Prompt: strings.ReplaceAll(prompts[i%len(prompts)], "URL", url), Confirmed: true})
			if err != nil {
				t.Fatal(err)
			}
			run := wait(t, ctx, client, id)
			if run.GetState() != "refused" || run.GetRefusal().GetCode() != "workload_unsupported" {
				t.Fatalf("want what was read and that no dialect writes it, got %s: %v %v %v", run.GetState(), run.GetFailure(), run.GetRefusal(), run.GetQuestions())
			}
			payload, err := client.Context(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if len(payload.GetApplications()) != 1 {
				t.Fatalf("want one application, got %d; sources: %v", len(payload.GetApplications()), payload.GetSources())
			}
			app := payload.GetApplications()[0]
			if r := app.GetRepository(); r.GetUrl() != url || r.GetCommit() == "" || r.GetReadAt() == nil {
				t.Errorf("the reading does not say what was read: %v", r)
			}
			got := appfacts.Lines(app)
			found := 0
			for _, line := range truth {
				if _, ok := slices.BinarySearch(got, line); ok {
					found++
				}
			}
			truths, reads, both = truths+len(truth), reads+len(got), both+found
			if p, r := float64(found)/float64(max(len(got), 1)), float64(found)/float64(len(truth)); p < 0.95 || r < 0.95 {
				t.Errorf("precision %.3f, recall %.3f, want 0.95 of both", p, r)
			}
			for _, c := range app.GetComponents() {
				for _, e := range c.GetEnvironment() {
					if e.GetSecret() && e.GetValue() != "" {
						t.Errorf("the value of %s left the process that read it", e.GetName())
					}
				}
			}
		})
	}
	t.Logf("%d repositories: precision %.3f, recall %.3f of %d facts", len(names), float64(both)/float64(max(reads, 1)), float64(both)/float64(max(truths, 1)), truths)
	l.keepRequests()
	l.onlyGET(t)
}

// TestRepositoriesThatCannotBeRead ends each in one sentence in the requester's language; beside a machine they end nothing.
//
// Shows: T-3.3.5-126
func TestRepositoriesThatCannotBeRead(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server := harness.NewGitServer(t)
	url := server.Add(t, "shop", []txtar.File{{Name: "Dockerfile", Data: []byte("FROM nginx:1.27\nEXPOSE 80\n")}})
	l := newLab(t)
	allowed := serve(t, l, "PROVISO_REPOSITORY_ALLOW="+server.Host(), "PROVISO_REPOSITORY_HTTP=true")
	strict := serve(t, l)
	tests := map[string]struct {
		reason, prompt, code, says string
		client                     *harness.Client
	}{
		"Absent":    {"no such repository", "deploy " + server.URL + "/other.git", "repository_not_found", "There is no repository", allowed},
		"Absent_fr": {"the same in French", "déploie " + server.URL + "/other.git sur le cluster", "repository_not_found", "Il n'y a pas de dépôt", allowed},
		"Branch":    {"no such branch", "deploy " + url + " branch nowhere", "repository_reference_not_found", "no such branch", allowed},
		"Folder":    {"no such folder", "déploie " + url + " dossier nulle-part", "repository_subdirectory_not_found", "n'a pas ce dossier", allowed},
		"Loopback":  {"this machine is not asked unless the operator says so", "deploy https://127.0.0.1:1/shop.git", "repository_refused_address", "private or local network", strict},
		"Private":   {"nor are private networks", "déploie https://10.255.255.1/shop.git sur le cluster", "repository_refused_address", "réseau privé ou local", strict},
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		tc := tests[name]
		t.Run(name, func(t *testing.T) {
			id, err := tc.client.Post(ctx, harness.Request{Prompt: tc.prompt, Confirmed: true})
			if err != nil {
				t.Fatal(err)
			}
			run := wait(t, ctx, tc.client, id)
			if run.GetState() != "failed" || run.GetFailure().GetCode() != tc.code || !strings.Contains(strings.ReplaceAll(run.GetFailure().GetMessage(), "’", "'"), tc.says) {
				t.Errorf("%s: want failed with %s, got %s: %v %v", tc.reason, tc.code, run.GetState(), run.GetFailure(), run.GetRefusal())
			}
		})
	}
	t.Run("Beside", func(t *testing.T) {
		id, err := strict.Post(ctx, harness.Request{Prompt: "crée une VM nommée boutique depuis le modèle 100 avec 1 cœur, pour le dépôt https://127.0.0.1:1/shop.git", Confirmed: true})
		if err != nil {
			t.Fatal(err)
		}
		run := wait(t, ctx, strict, id)
		if run.GetState() != "delivered" || !slices.ContainsFunc(run.GetUnknown(), func(u string) bool { return strings.Contains(u, "dépôt") || strings.Contains(u, "réseau privé") }) {
			t.Errorf("want the machine, and that its repository was not read; got %s: %v %q", run.GetState(), run.GetFailure(), run.GetUnknown())
		}
		payload, err := strict.Context(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(payload.GetSources(), func(s *provisov1.InformationSource) bool {
			return s.GetName() == "repository" && s.GetOutcome() == "failed"
		}) {
			t.Errorf("the payload does not name the failed source: %v", payload.GetSources())
		}
	})
}

// TestFolderOfARepository reads one folder of a tag only; the paths in what comes back are those in the repository.
func TestFolderOfARepository(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server := harness.NewGitServer(t)
	url := server.Add(t, "mono", []txtar.File{
		{Name: "api/Dockerfile", Data: []byte("FROM python:3.12\nEXPOSE 8000\n")},
		{Name: "api/dump.sql", Data: []byte(strings.Repeat("insert into t values (1);\n", 1<<17))},
		{Name: "web/Dockerfile", Data: []byte("FROM nginx:1.27\nEXPOSE 80\n")},
	})
	server.Tag(t, "mono", "v1.2")
	l := newLab(t)
	client := serve(t, l, "PROVISO_REPOSITORY_ALLOW="+server.Host(), "PROVISO_REPOSITORY_HTTP=true")
	id, err := client.Post(ctx, harness.Request{Prompt: "déploie " + url + " (étiquette v1.2, dossier api) sur Kubernetes", Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	run := wait(t, ctx, client, id)
	payload, err := client.Context(ctx, id)
	if err != nil {
		t.Fatalf("%v: %v %v", err, run.GetFailure(), run.GetRefusal())
	}
	app := payload.GetApplications()[0]
	want := []string{"component api - @ api/Dockerfile:1", "image api base python:3.12 @ api/Dockerfile:1", "port api 8000/tcp @ api/Dockerfile:2"}
	if got := appfacts.LinesWithEvidence(app); !slices.Equal(got, want) {
		t.Errorf("want %q, got %q", want, got)
	}
	if r := app.GetRepository(); r.GetRef() != "v1.2" || r.GetSubdirectory() != "api" {
		t.Errorf("the reading does not say what was read: %v", r)
	}
	if !slices.ContainsFunc(app.GetProblems(), func(p *provisov1.ReadingProblem) bool {
		return p.GetFile() == "api/dump.sql" && p.GetCode() == "too_large"
	}) {
		t.Errorf("a file that is too large is not named by its path: %v", app.GetProblems())
	}
}
