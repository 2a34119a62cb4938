package knowledge_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/knowledge"
)

// page is a page of the provider as its generator writes it.
func page(title, body string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("---\nlayout: page\ntitle: " + title + "\ndescription: |-\n  Manages " + title + ".\n---\n\n" + body)}
}

// library holds a resource with its deprecated long name, one that has a long name only, a guide and a design note.
var library = fstest.MapFS{
	"resources/backup_job.md":                     page("proxmox_backup_job", "# Resource: proxmox_backup_job\n\nManages a backup job.\n\n## Schema\n\n### Required\n\n- `schedule` (String) Backup schedule in [calendar](https://example.org) event format.\n"),
	"resources/virtual_environment_backup_job.md": page("proxmox_virtual_environment_backup_job", "# Resource: proxmox_virtual_environment_backup_job\n\n~> **Deprecated:** Use [`proxmox_backup_job`](backup_job.md) instead. This resource will be removed in v1.0.\n\nManages a backup job.\n"),
	"resources/virtual_environment_vm.md":         page("proxmox_virtual_environment_vm", "# Resource: proxmox_virtual_environment_vm\n\n## Argument Reference\n\n- `disk` - (Optional) A disk.\n    - `size` - (Optional) The size. A disk can be enlarged and never shrunk.\n"),
	"data-sources/virtual_environment_vms.md":     page("proxmox_virtual_environment_vms", "# Data Source: proxmox_virtual_environment_vms\n\nRetrieves all VMs.\n"),
	"guides/cloud-image.md":                       page("Create a VM from a Cloud Image", "# Create a VM from a Cloud Image\n\n```terraform\n# a comment is no heading\n```\n"),
	"adr/001-framework.md":                        {Data: []byte("# A decision about backup jobs\n")},
}

func archive(t *testing.T, docs fstest.MapFS) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := knowledge.WriteArchive(&b, docs); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A deprecated page is left out in favour of the one that replaces it, a page that nothing replaces stays, and design notes of
// the provider are no documentation.
func TestPagesOncePerTwin(t *testing.T) {
	pages, err := knowledge.Pages(archive(t, library))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range pages {
		got = append(got, p.Source)
	}
	want := []string{"data-sources/virtual_environment_vms.md", "guides/cloud-image.md", "resources/backup_job.md", "resources/virtual_environment_vm.md"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

// A deprecated page whose short form is missing is better than none.
func TestPagesKeepALoneTwin(t *testing.T) {
	lone := fstest.MapFS{"resources/virtual_environment_backup_job.md": library["resources/virtual_environment_backup_job.md"]}
	pages, err := knowledge.Pages(archive(t, lone))
	if err != nil || len(pages) != 1 {
		t.Fatalf("got %v, %v", pages, err)
	}
}

func TestPagesAreCut(t *testing.T) {
	pages, err := knowledge.Pages(archive(t, library))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(pages, func(d knowledge.Document) bool { return d.Source == "resources/backup_job.md" })
	want := []knowledge.Passage{
		{Source: "resources/backup_job.md", Title: "Resource: proxmox_backup_job", Text: "Manages a backup job."},
		{Source: "resources/backup_job.md", Title: "Resource: proxmox_backup_job: Required", Text: "- `schedule` (String) Backup schedule in calendar event format."},
	}
	if diff := cmp.Diff(want, pages[i].Passages); diff != "" {
		t.Errorf("passages (-want +got):\n%s", diff)
	}
	i = slices.IndexFunc(pages, func(d knowledge.Document) bool { return d.Source == "guides/cloud-image.md" })
	if got := pages[i].Passages; len(got) != 1 || got[0].Title != "Create a VM from a Cloud Image" || !strings.Contains(got[0].Text, "no heading") {
		t.Errorf("a comment in an example is no heading: got %v", got)
	}
}

// Binaries are built reproducibly, so equal pages have to give equal bytes.
func TestArchiveIsReproducible(t *testing.T) {
	if !bytes.Equal(archive(t, library), archive(t, library)) {
		t.Error("two archives of the same pages differ")
	}
}

func TestPagesRefuseWhatIsNoArchive(t *testing.T) {
	whole := archive(t, library)
	for name, content := range map[string][]byte{"Text": []byte("no archive"), "Cut": whole[:len(whole)/2], "Empty": nil} {
		if pages, err := knowledge.Pages(content); err == nil {
			t.Errorf("%s: got %d pages", name, len(pages))
		}
	}
}

// A page answers under its own path whichever language asks, and the passage is the one that bears on the question.
func TestSearchFindsPages(t *testing.T) {
	file := filepath.Join(t.TempDir(), knowledge.Archive)
	if err := os.WriteFile(file, archive(t, library), 0o600); err != nil {
		t.Fatal(err)
	}
	ix, pages, err := knowledge.Open(knowledge.Sources{Index: file})
	if err != nil || !pages {
		t.Fatalf("pages %v, %v", pages, err)
	}
	tests := map[string]struct{ question, source, text string }{
		"English":    {question: "my VM needs a bigger disk", source: "resources/virtual_environment_vm.md", text: "enlarged"},
		"French":     {question: "agrandir le disque d'une machine virtuelle", source: "resources/virtual_environment_vm.md", text: "enlarged"},
		"Identifier": {question: "proxmox_backup_job schedule", source: "resources/backup_job.md", text: "calendar"},
		"LongName":   {question: "proxmox_virtual_environment_backup_job", source: "resources/backup_job.md"},
		"Reading":    {question: "lister toutes les VM existantes", source: "data-sources/virtual_environment_vms.md"},
		"Guide":      {question: "comment créer une VM à partir d'une image cloud", source: "guides/cloud-image.md"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			hits := ix.Search(tt.question, 3)
			if len(hits) == 0 || hits[0].Source != tt.source || !strings.Contains(hits[0].Text, tt.text) {
				t.Errorf("%q: want %s with %q, got %+v", tt.question, tt.source, tt.text, hits)
			}
		})
	}
}

// Without the provider's pages the names of its schema answer, under the paths that the pages have.
func TestSearchWithoutPages(t *testing.T) {
	if _, err := knowledge.Embedded(); !errors.Is(err, knowledge.ErrNotIndexed) {
		t.Skip("this test was built with the provider's documentation")
	}
	ix, pages, err := knowledge.Open(knowledge.Sources{Fallbacks: []string{filepath.Join(t.TempDir(), "gone")}})
	if err != nil || pages {
		t.Fatalf("pages %v, %v", pages, err)
	}
	if hits := ix.Search("sauvegarder toutes les VM chaque nuit", 3); len(hits) == 0 || hits[0].Source != "resources/backup_job.md" {
		t.Errorf("got %v", hits)
	}
}

// Other clouds, other tools and what Proxmox does without its provider are told from what the pages describe.
//
// Shows: T-3.3.5-123
func TestForeignQuestions(t *testing.T) {
	ix, _, err := knowledge.Open(knowledge.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	for _, question := range []string{
		"create an S3 bucket on AWS", "horizontal pod autoscaler thresholds", "restaurer une VM depuis une sauvegarde", "recette de la ratatouille",
	} {
		if hits := ix.Search(question, 3); len(hits) > 0 {
			t.Errorf("%q: want nothing, got %s", question, hits[0].Source)
		}
	}
}
