package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	"proviso.dev/test/harness"
)

// TestGPU asks for a machine with a GPU, in both languages. Where a node has one to give by a resource mapping, the machine lies on that
// node, its manifest is proven, applies on the cluster and leaves nothing to change. Where no node has one, the run is refused with what
// is missing and what would fit.
//
// Shows: T-3.3.5-216, T-3.3.5-211
func TestGPU(t *testing.T) {
	prompts := map[string]string{
		"en": "create a VM named vision-en from template 100 with 2 cores, 2 GB and an NVIDIA GPU passed through",
		"fr": "crée une VM nommée vision-fr depuis le template 100 avec 2 cœurs, 2 Go et un GPU NVIDIA en passthrough",
	}
	missing := map[string]string{"en": "No resource mapping of a GPU exists on this cluster", "fr": "Aucun mappage de ressources pour un GPU n'existe sur ce cluster"}
	nearest := map[string]string{"en": "Without the device the request would fit now", "fr": "Sans le périphérique, la demande tiendrait maintenant"}
	for name, gpus := range map[string]int{"Absent": 0, "There": 2} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			seed, err := twin.Lab(twin.S2)
			if err != nil {
				t.Fatal(err)
			}
			if gpus > 0 {
				seed.Mappings = []pve.Mapping{{Name: "gpu-rtx", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{
					{Node: "pmox02", Path: "0000:01:00.0", ID: "10de:2204"}, {Node: "pmox02", Path: "0000:02:00.0", ID: "10de:2204"},
				}}}
			}
			l := newLabOf(t, seed, "")
			client := serve(t, l)
			for _, lang := range []string{"en", "fr"} {
				id, err := client.Post(ctx, harness.Request{Prompt: prompts[lang], Confirmed: true})
				if err != nil {
					t.Fatal(err)
				}
				run := wait(t, ctx, client, id)
				if gpus == 0 {
					message := run.GetRefusal().GetMessage()
					if run.GetState() != "refused" || run.GetRefusal().GetCode() != "device_unavailable" || !strings.Contains(message, missing[lang]) || !strings.Contains(message, nearest[lang]) {
						t.Errorf("%s: want what is missing and what would fit, got %s: %v %v", lang, run.GetState(), run.GetRefusal(), run.GetFailure())
					}
					continue
				}
				if run.GetState() != "delivered" || run.GetProof().GetStatus() != "proven" {
					t.Fatalf("%s: want delivered and proven, got %s: %v %v %v", lang, run.GetState(), run.GetFailure(), run.GetRefusal(), run.GetQuestions())
				}
				if node := run.GetPlacement()[0].GetNode(); node != "pmox02" {
					t.Errorf("%s: the machine lies on %s, the GPU in pmox02", lang, node)
				}
				tofu := harness.NewTofu(t, client.Unpack(t, ctx, id), l.url(), l.token(), l.ca())
				if err := tofu.Init(ctx); err != nil {
					t.Fatal(err)
				}
				if _, err := tofu.Apply(ctx); err != nil {
					t.Fatalf("%s: the manifest does not apply: %v", lang, err)
				}
				if empty, out, err := tofu.Empty(ctx); err != nil || !empty {
					t.Errorf("%s: the second plan is not empty (%v):\n%s", lang, err, out)
				}
			}
		})
	}
}
