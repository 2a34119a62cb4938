package e2e

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"proviso.dev/test/harness"
)

// TestEveryPartOfAMachine states each part that a virtual machine has, in both languages, and finds each in the manifest: processors,
// memory, disks, network devices, the guest's operating system and what it is for.
//
// Shows: T-3.3.2-01
func TestEveryPartOfAMachine(t *testing.T) {
	l := newLab(t)
	client := serve(t, l, "PROVISO_PROOF=validated")
	parts := map[string]string{
		"processors":       `cores\s+= 3\b`,
		"memory":           `dedicated\s+= 6144\b`,
		"first disk":       `(?s)disk \{[^}]*size\s+= 48\b`,
		"further disk":     `(?s)disk \{[^}]*size\s+= 200\b`,
		"network":          `bridge\s+= "mainvnet"`,
		"operating system": `(?s)import_from\s+= "cephfs:import/[^"]*noble[^"]*"|operating_system \{\s+type\s+= "l26"`,
		"workload":         `(?i)tags\s+= \[[^\]]*database`,
	}
	for language, prompt := range map[string]string{
		"en": "create a database server named store-en from the Ubuntu 24.04 image with 3 vCPUs, 6 GB of RAM, a 48 GB disk and a second disk of 200 GB on the network mainvnet, tag database",
		"fr": "crée un serveur de base de données nommé store-fr depuis l'image Ubuntu 24.04 avec 3 vCPU, 6 Go de RAM, un disque de 48 Go et un second disque de 200 Go sur le réseau mainvnet, étiquette database",
	} {
		t.Run(language, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			id, err := client.Post(ctx, harness.Request{Prompt: prompt, Confirmed: true})
			if err != nil {
				t.Fatal(err)
			}
			run := wait(t, ctx, client, id)
			if run.GetState() != "delivered" {
				t.Fatalf("got %s: %v %v %v", run.GetState(), run.GetQuestions(), run.GetRefusal(), run.GetFailure())
			}
			if role := run.GetIntent().GetVirtualMachines()[0].GetRole(); role != "database" {
				t.Errorf("what it is for was not understood: %q", role)
			}
			main, err := os.ReadFile(filepath.Join(client.Unpack(t, ctx, id), "main.tf"))
			if err != nil {
				t.Fatal(err)
			}
			for part, pattern := range parts {
				if !regexp.MustCompile(pattern).Match(main) {
					t.Errorf("the manifest does not say the %s that was stated:\n%s", part, main)
				}
			}
		})
	}
}
