package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/knowledge"
)

// pagesFile writes an index file with two pages.
func pagesFile(t *testing.T) string {
	t.Helper()
	docs := t.TempDir()
	for name, content := range map[string]string{
		"resources/backup_job.md": "---\ntitle: proxmox_backup_job\n---\n\n# Resource: proxmox_backup_job\n\nManages a backup job.\n\n## Schema\n\n- `schedule` (String) When it runs.\n",
		"index.md":                "---\ntitle: Provider\n---\n\n# Proxmox Provider\n\n## Authentication\n\nBy API token.\n",
	} {
		path := filepath.Join(docs, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "documents.tar.gz")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := knowledge.WriteArchive(f, os.DirFS(docs)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// Scripts get one object with exactly these names, also when nothing answers, and never a failure for that.
func TestDocsSearchForScripts(t *testing.T) {
	index := pagesFile(t)
	tests := map[string]struct {
		reason   string
		args     []string
		env      map[string]string
		answered bool
		first    string
		most     int
	}{
		"Words":   {reason: "A question needs no quotes.", args: []string{"--index", index, "sauvegarde", "planifiée"}, answered: true, first: "resources/backup_job.md", most: 10},
		"Quoted":  {reason: "And may have them.", args: []string{"--index", index, "nightly backup of all machines"}, answered: true, first: "resources/backup_job.md", most: 10},
		"Limit":   {reason: "The limit holds.", args: []string{"--limit", "1", "--index", index, "nightly backup"}, answered: true, first: "resources/backup_job.md", most: 1},
		"Env":     {reason: "The index may come from the environment.", args: []string{"nightly backup"}, env: map[string]string{"PROVISO_DOCS_INDEX": index}, answered: true, first: "resources/backup_job.md", most: 10},
		"Nothing": {reason: "What is not there is not answered.", args: []string{"--index", index, "strawberry", "jam", "recipe"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := run(t, tt.env, nil, append([]string{"docs", "search", "--json"}, tt.args...)...)
			if c.code != 0 || c.stderr != "" {
				t.Fatalf("code %d, stderr %q", c.code, c.stderr)
			}
			var got map[string]json.RawMessage
			if err := json.Unmarshal([]byte(c.stdout), &got); err != nil {
				t.Fatalf("%v: %s", err, c.stdout)
			}
			if len(got) != 2 || string(got["answered"]) != map[bool]string{true: "true", false: "false"}[tt.answered] {
				t.Fatalf("%s got %s", tt.reason, c.stdout)
			}
			var results []map[string]any
			if err := json.Unmarshal(got["results"], &results); err != nil || results == nil {
				t.Fatalf("results are no list: %s", got["results"])
			}
			if len(results) > tt.most || (len(results) > 0) != tt.answered {
				t.Fatalf("%s got %d results", tt.reason, len(results))
			}
			if !tt.answered {
				return
			}
			var keys []string
			for k := range results[0] {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			if diff := cmp.Diff([]string{"score", "source", "title"}, keys); diff != "" {
				t.Errorf("names of a result (-want +got):\n%s", diff)
			}
			if results[0]["source"] != tt.first {
				t.Errorf("%s want %s, got %v", tt.reason, tt.first, results[0]["source"])
			}
		})
	}
}

// People get the source, the title and the beginning of the passage; an operator's document is searched with the others.
func TestDocsSearchForPeople(t *testing.T) {
	docs := t.TempDir()
	if err := os.WriteFile(filepath.Join(docs, "names.md"), []byte("# Names\n## Sites\nThe name begins with the \x1b[31mcode of the site.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := run(t, nil, nil, "docs", "search", "--index", pagesFile(t), "--docs", docs, "code of the site in a name")
	if c.code != 0 || !strings.HasPrefix(c.stdout, "operators/names.md#sites  Names: Sites\n  The name begins") {
		t.Errorf("code %d: %q", c.code, c.stdout)
	}
	if strings.Contains(c.stdout, "\x1b") {
		t.Errorf("a document's escape sequence reached the terminal: %q", c.stdout)
	}
	if c := run(t, map[string]string{"LANG": "fr_FR.UTF-8"}, nil, "docs", "search", "--index", pagesFile(t), "recette de confiture"); c.code != 0 || c.stdout != "La documentation ne répond pas à cette question.\n" {
		t.Errorf("code %d: %q", c.code, c.stdout)
	}
}

func TestDocsSearchRefuses(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("no archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"NoQuestion":   {args: []string{"docs", "search"}, code: exitUsage},
		"Limit":        {args: []string{"docs", "search", "--limit", "51", "disk"}, code: exitUsage, says: "1 to 50"},
		"MissingIndex": {args: []string{"docs", "search", "--index", filepath.Join(t.TempDir(), "gone"), "disk"}, code: exitFailed, says: "gone"},
		"BrokenIndex":  {args: []string{"docs", "search", "--index", broken, "disk"}, code: exitFailed},
		"MissingDocs":  {args: []string{"docs", "search", "--docs", filepath.Join(t.TempDir(), "gone"), "disk"}, code: exitFailed, says: "gone"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if c := run(t, nil, nil, tt.args...); c.code != tt.code || !strings.Contains(c.stderr, tt.says) || c.stdout != "" {
				t.Errorf("code %d, stdout %q, stderr %q", c.code, c.stdout, c.stderr)
			}
		})
	}
}
